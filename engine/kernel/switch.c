/*
 * switch.c - switch_mm_irqs_off: a CPU changes its address space.
 *
 * Models: the SWITCHING marker before the mask and the generation are looked at (6.15 on), the bit
 * in mm_cpumask, the generation recorded with CR3.  The mask keeps the old mm's bit: the next
 * flush that reaches this CPU for it takes the bit out.  Omits: PCIDs, lazy TLB, kernel threads.
 */
#include "kernel.h"

ROUTINE(switch_mm_irqs_off, "arch/x86/mm/tlb.c")
{
	struct cpu *c;

	BEGIN(struct switch_mm_irqs_off_l)
	irq_disable(r);
	STEP("loaded_mm = LOADED_MM_SWITCHING");
	write_cpu(r->m, r->cpu)->loaded_mm = MM_SWITCHING;
	STEP("set this CPU in the next mm's mm_cpumask: a full barrier");
	write_mm(r->m, l->mm)->cpumask |= (uint8_t)(1u << r->cpu);
	STEP("read the next mm's tlb_gen");
	l->tlb_gen = read_mm(r->m, l->mm)->tlb_gen;
	STEP("record the generation, load CR3");
	c = write_cpu(r->m, r->cpu);
	c->ctx_mm = l->mm;
	c->tlb_gen = l->tlb_gen;
	cpu_load_cr3(r->m, r->cpu, read_mm(r->m, l->mm)->pgd, l->mm);
	STEP("loaded_mm = next");
	write_cpu(r->m, r->cpu)->loaded_mm = l->mm;
	irq_enable(r);
	END(RES_OK)
}
