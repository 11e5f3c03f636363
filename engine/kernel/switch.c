/*
 * switch.c - switch_mm_irqs_off: a CPU changes its address space.
 *
 * Models: the SWITCHING marker before the mask and the generation are looked at (6.15 on) and its older orders, the bit
 * in mm_cpumask, choose_new_asid with two slots where the machine has PCIDs, CR3 with or without a flush, the generation
 * recorded in the slot.  The mask keeps the old mm's bit: the next flush that reaches this CPU for it takes the bit out.
 * Omits: more slots, lazy TLB, kernel threads.
 */
#include "kernel.h"

/* choose_new_asid: the next mm's slot becomes the loaded one.  True when what is cached for it is too old. */
static bool slot_choose(struct cpu *c, unsigned mm, uint32_t tlb_gen)
{
	bool need_flush = true;

	if (c->pcid) {
		const struct cpu was = *c;

		c->pcid = was.pcid == 1 ? 2 : 1;
		c->other_mm = was.ctx_mm;
		c->other_gen = was.tlb_gen;
		c->tlb_gen = was.other_gen;
		need_flush = was.other_mm != mm || was.other_gen < tlb_gen;
	}
	c->ctx_mm = (uint8_t)mm;
	if (need_flush)
		c->tlb_gen = tlb_gen;
	return need_flush;
}

static void mark_switching(struct run *r)
{
	write_cpu(r->m, r->cpu)->loaded_mm = MM_SWITCHING;
}

static bool marks(const struct machine *m, unsigned order)
{
	return profile_is(m, SW_SWITCH_ORDER, order) && !profile_is(m, SW_SWITCH_MARKER, MARKER_NONE);
}

ROUTINE(switch_mm_irqs_off, "arch/x86/mm/tlb.c")
{
	unsigned pgd;

	BEGIN(struct switch_mm_irqs_off_l)
	irq_disable(r);
	if (marks(r->m, MARKER_BEFORE_GEN)) {
		STEP("loaded_mm = LOADED_MM_SWITCHING");
		mark_switching(r);
	}
	STEP("set this CPU in the next mm's mm_cpumask: a full barrier");
	write_mm(r->m, l->mm)->cpumask |= (uint8_t)(1u << r->cpu);
	STEP("read the next mm's tlb_gen");
	l->tlb_gen = read_mm(r->m, l->mm)->tlb_gen;
	if (marks(r->m, MARKER_AFTER_GEN)) {
		STEP("loaded_mm = LOADED_MM_SWITCHING, after the generation was read");
		mark_switching(r);
	}
	STEP("record the generation, load CR3: with a flush, unless a PCID's entries are known to be as new");
	pgd = read_mm(r->m, l->mm)->pgd;
	saturate_leave(r->m, r->cpu);
	if (slot_choose(write_cpu(r->m, r->cpu), l->mm, l->tlb_gen))
		cpu_load_cr3(r->m, r->cpu, pgd, l->mm);
	else
		cpu_load_cr3_noflush(r->m, r->cpu, pgd, l->mm);
	STEP("loaded_mm = next; the next task is current");
	write_cpu(r->m, r->cpu)->loaded_mm = l->mm;
	write_cpu(r->m, r->cpu)->leaving = NONE;
	rule_flush_lost(r->m, r->cpu);
	irq_enable(r);
	END(RES_OK)
}
