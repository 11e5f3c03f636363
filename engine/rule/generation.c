/*
 * generation.c - gen-lie and kernel-warn: what a CPU's tlb_gen claims, and what the kernel itself would warn of.
 */
#include "memory.h"
#include "mmu.h"
#include "rules.h"

/* Has no flush of the range been asked for since the entry was taken out?  Then it may be cached still. */
static bool flush_to_come(struct machine *m, unsigned mm, uint64_t va)
{
	const struct unflushed *u = read_unflushed(m, mm);

	for (unsigned i = 0; i < u->count; i++)
		if (va >= u->start[i] && va < u->end[i])
			return true;
	return u->overflow;
}

void rule_gen_lie(struct machine *m, unsigned cpu)
{
	const struct cpu *c = read_cpu_part(m, cpu, CPU_REST | CPU_CR3);
	const struct tlb *tlb = read_tlb(m, MMU_CPU(cpu));

	/* An older generation claims nothing about what the newest flushes are for. */
	if (c->ctx_mm == NONE || read_mm_part(m, c->ctx_mm, MM_REST)->pgd == NO_FRAME || c->tlb_gen < read_mm_part(m, c->ctx_mm, MM_GEN)->tlb_gen)
		return;
	for (unsigned i = 0; i < tlb->count; i++) {
		const struct leaf *e = &tlb->leaf[i];

		if (e->pcid != c->pcid || e->mm != c->ctx_mm || leaf_granted(m, e) || flush_to_come(m, e->mm, e->va))
			continue;
		rule_broken(m, (struct finding){
			.rule = RULE_GEN_LIE, .mm = e->mm, .pfn = e->pfn, .va = e->va, .object = (uint16_t)cpu, .detail = c->tlb_gen,
		});
		return;
	}
}

void rule_kernel_warn(struct machine *m, unsigned cpu, unsigned mm, enum warning warning)
{
	rule_broken(m, (struct finding){
		.rule = RULE_KERNEL_WARN, .mm = (uint8_t)mm, .pfn = NO_FRAME, .object = (uint16_t)cpu, .detail = warning,
	});
}

const char *const warning_words[WARNINGS] = {
	[WARN_CTX] = "the slot in use is another address space's",
	[WARN_CPU_AHEAD] = "the CPU claims a newer tlb_gen than the address space has",
	[WARN_REQUEST_AHEAD] = "the flush asks for a newer tlb_gen than the address space has",
	[WARN_NOT_IN_MASK] = "the CPU has the address space loaded and is not in its mm_cpumask",
	[WARN_NOT_LAZY] = "an idle CPU that is not lazy has an address space loaded",
};
