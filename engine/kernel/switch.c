/*
 * switch.c - switch_mm_irqs_off: a CPU changes its address space, or goes back to the one it was lazy in.
 *
 * Models: is_lazy cleared first; the way back to the same mm, with the barrier and the look at the generation; the SWITCHING
 * marker before the mask and the generation are looked at (6.15 on) and its older orders; the old mm's bit in mm_cpumask, left
 * (6.14 on) or taken out; the next mm's, with the barriers of three ages; choose_new_asid with two slots where the machine has
 * PCIDs, CR3 with or without a flush, the generation recorded in the slot; init_mm, which is in no mask.
 * Where the mm has a global ASID (asid.c), that instead of a slot: a CPU that runs the mm on a slot moves over, one that is on
 * it already has nothing to catch up with.
 * Omits: more slots; the mitigations (IBPB, L1D flush), LAM, CR4.PCE and the LDT.
 */
#include "asid.h"
#include "kernel.h"

/* choose_new_asid: the next mm's slot becomes the loaded one.  True when what is cached for it is too old. */
static bool slot_choose(struct cpu *c, unsigned mm, uint32_t tlb_gen, bool always)
{
	bool need_flush = true;

	if (c->pcid && c->ctx_mm == mm) {
		need_flush = c->tlb_gen < tlb_gen || always;
	} else if (c->pcid) {
		const struct cpu was = *c;

		c->pcid = was.pcid == 1 ? 2 : 1;
		c->other_mm = was.ctx_mm;
		c->other_gen = was.tlb_gen;
		c->tlb_gen = was.other_gen;
		need_flush = was.other_mm != mm || was.other_gen < tlb_gen || always;
	}
	c->ctx_mm = (uint8_t)mm;
	if (need_flush)
		c->tlb_gen = tlb_gen;
	return need_flush;
}

/* The same where there may be a global ASID: its entries are never too old. */
static bool next_asid(struct run *r, unsigned mm, unsigned global, uint32_t tlb_gen, bool always)
{
	if (global) {
		cpu_load_global_asid(r->m, r->cpu, mm, global, tlb_gen);
		return false;
	}
	if (arch_is(r->m, ARCH_X86_INVLPGB))
		cpu_unpark(r->m, r->cpu);
	return slot_choose(write_cpu_part(r->m, r->cpu, CPU_REST | CPU_CR3), mm, tlb_gen, always);
}

static void mark_switching(struct run *r)
{
	cpu_store_loaded_mm(r->m, r->cpu, MM_SWITCHING);
}

static bool marks(const struct machine *m, unsigned order)
{
	return profile_is(m, SW_SWITCH_ORDER, order) && !profile_is(m, SW_SWITCH_MARKER, MARKER_NONE);
}

static bool in_mask(struct run *r, unsigned mm)
{
	return read_mm_part(r->m, mm, MM_MASK)->cpumask & (1u << r->cpu);
}

/* A CPU that comes back from lazy mode: has it been spared flushes that it must make up for? */
static bool may_be_behind(const struct machine *m)
{
	return profile_is(m, SW_LAZY_MODE, LAZY_SKIP) || profile_is(m, SW_LAZY_MODE, LAZY_IGNORE);
}

static void switch_end(struct run *r, const struct switch_mm_irqs_off_l *l)
{
	if (!cpu_on_global_asid(r->m, r->cpu)) {
		rule_flush_lost(r->m, r->cpu);
		rule_asid_loaded(r->m, r->cpu);
	}
	if (l->irqs_off)
		return;		/* an interrupt handler's: the current task stays */
	write_cpu_part(r->m, r->cpu, CPU_RUN)->leaving = NONE;
	irq_enable(r);
}

static void warn_mask(struct run *r, unsigned mm)
{
	if (in_mask(r, mm))
		return;
	rule_kernel_warn(r->m, r->cpu, mm, WARN_NOT_IN_MASK);
	write_mm_part(r->m, mm, MM_MASK)->cpumask |= (uint8_t)(1u << r->cpu);
}

ROUTINE(switch_mm_irqs_off, "arch/x86/mm/tlb.c")
{
	unsigned pgd;
	bool flush;

	BEGIN(struct switch_mm_irqs_off_l)
	if (!l->irqs_off)
		irq_disable(r);
	l->prev = read_cpu_part(r->m, r->cpu, CPU_LOADED)->loaded_mm;
	if (read_cpu_part(r->m, r->cpu, CPU_LOADED)->is_lazy) {
		STEP("is_lazy = false");
		cpu_store_lazy(r->m, r->cpu, false);
	}
	if (l->prev == l->mm && cpu_needs_global_asid(r->m, r->cpu)) {
		STEP("the mm is loaded already, but has a global ASID by now: read its tlb_gen");
		l->tlb_gen = read_mm(r->m, l->mm)->tlb_gen;
	} else if (l->prev == l->mm) {
		if (cpu_on_global_asid(r->m, r->cpu)) {
			switch_end(r, l);
			RETURN(RES_OK);
		}
		if (l->mm == init_mm(r->m) || !may_be_behind(r->m)) {
			switch_end(r, l);
			RETURN(RES_OK);
		}
		warn_mask(r, l->mm);
		if (profile_is(r->m, SW_LAZY_BARRIER, SW_YES)) {
			STEP("full barrier: a sender sees that this CPU is not lazy, or this CPU sees the sender's generation");
			cpu_drain(r->m, r->cpu);
		}
		STEP("read the mm's tlb_gen: did a flush pass this CPU by while it was lazy?");
		l->tlb_gen = read_mm_part(r->m, l->mm, MM_GEN)->tlb_gen;
		if (l->tlb_gen == read_cpu_part(r->m, r->cpu, CPU_REST)->tlb_gen) {
			switch_end(r, l);
			RETURN(RES_OK);
		}
	} else {
		if (marks(r->m, MARKER_BEFORE_GEN)) {
			STEP("loaded_mm = LOADED_MM_SWITCHING");
			mark_switching(r);
		}
		if (profile_is(r->m, SW_CPUMASK_LEAVE, MASK_CLEARED) && l->prev != NONE && l->prev != init_mm(r->m)) {
			STEP("take this CPU out of the old mm's mm_cpumask: a full barrier, no more flushes for it");
			cpu_drain(r->m, r->cpu);
			write_mm_part(r->m, l->prev, MM_MASK)->cpumask &= (uint8_t)~(1u << r->cpu);
		}
		if (mach_protocol(r->m))
			CALL(pmap_activate, .mm = l->mm);
		if (profile_is(r->m, SW_PROTOCOL, PROTOCOL_LATR))
			CALL(latr_sweep, .unused = 0);
		if (l->mm == init_mm(r->m)) {
			if (profile_is(r->m, SW_SWITCH_BARRIER, BARRIER_ALWAYS)) {
				STEP("a full barrier: init_mm has no mm_cpumask");
				cpu_drain(r->m, r->cpu);
			}
		} else if (profile_is(r->m, SW_SWITCH_BARRIER, BARRIER_CONDITIONAL) && in_mask(r, l->mm)) {
			STEP("this CPU is in the next mm's mm_cpumask already: no store, and no barrier");
		} else {
			STEP("set this CPU in the next mm's mm_cpumask: a full barrier");
			cpu_drain(r->m, r->cpu);
			write_mm_part(r->m, l->mm, MM_MASK)->cpumask |= (uint8_t)(1u << r->cpu);
		}
		STEP("read the next mm's tlb_gen");
		l->tlb_gen = read_mm_part(r->m, l->mm, MM_GEN)->tlb_gen;
		if (marks(r->m, MARKER_AFTER_GEN)) {
			STEP("loaded_mm = LOADED_MM_SWITCHING, after the generation was read");
			mark_switching(r);
		}
	}
	if (arch_is(r->m, ARCH_X86_INVLPGB)) {
		STEP("choose_new_asid: the mm's global ASID if it has one, else a slot of this CPU");
		l->global = (uint8_t)mm_global_asid(r->m, l->mm);
	}
	STEP("record the generation, load CR3: with a flush, unless a PCID's entries are known to be as new");
	pgd = read_mm_part(r->m, l->mm, MM_REST)->pgd;
	saturate_leave(r->m, r->cpu);
	flush = l->prev == l->mm && !l->global ? true :
		next_asid(r, l->mm, l->global, l->tlb_gen, profile_is(r->m, SW_LAZY_MODE, LAZY_OLD));
	if (flush)
		cpu_load_cr3(r->m, r->cpu, pgd, l->mm);
	else
		cpu_load_cr3_noflush(r->m, r->cpu, pgd, l->mm);
	if (flush)
		write_cpu_part(r->m, r->cpu, CPU_REST)->tlb_gen = l->tlb_gen;
	if (!l->global)
		rule_gen_lie(r->m, r->cpu);
	STEP("loaded_mm = next; the next task is current");
	cpu_store_loaded_mm(r->m, r->cpu, l->mm);
	switch_end(r, l);
	END(RES_OK)
}
