/*
 * translation.c - stale-leaf, stale-table, stale-use, multi-hit, flush-lost, wrong-mm: what may be reached through a cache.
 *
 * A cached entry remembers the generation of the frame it names, so "freed since" is a comparison.
 * A stale hit before anybody promised otherwise is legal.  An operation outlaws what is cached against the
 * entries it has just looked at, and its return condemns what outlives it; an entry that somebody else
 * made stale later is that other's to flush.
 */
#include "memory.h"
#include "rules.h"

/*
 * Does the process's table, now, grant what the cached entry grants?  Of an entry that is clean again a cached one that is
 * dirty grants too much to a store: the table would not learn of it.
 */
static bool granted(struct machine *m, const struct leaf *e, bool store)
{
	unsigned level;
	uint64_t pte;

	if (e->mm == NONE || read_mm_part(m, e->mm, MM_REST)->pgd == NO_FRAME)
		return false;
	pte = table_walk(m, read_mm_part(m, e->mm, MM_REST)->pgd, e->va, &level);
	if (!pte_present(pte))
		return false;
	if (pte_pfn(pte) != e->pfn || (store && (e->flags & LEAF_DIRTY) && !(pte & PTE_DIRTY)))
		return false;
	return !(e->flags & LEAF_WRITE) || (pte & PTE_WRITE);
}

bool leaf_granted(struct machine *m, const struct leaf *e)
{
	return granted(m, e, false);
}

void rule_access(struct machine *m, const struct leaf *e, uint64_t va, bool write)
{
	const struct frame *f = read_frame(m, e->pfn);
	struct finding found = {
		.mm = e->mm, .write = write, .pfn = e->pfn, .va = va, .detail = e->generation,
	};

	if (f->generation != e->generation) {
		found.rule = RULE_STALE_LEAF;
		rule_broken(m, found);
	} else if ((e->flags & LEAF_CONDEMNED) && !granted(m, e, write)) {
		found.rule = RULE_STALE_USE;
		rule_broken(m, found);
	}
}

void rule_multi_hit(struct machine *m, unsigned cpu, unsigned pcid, uint64_t va)
{
	const struct tlb *t = read_tlb(m, cpu);
	unsigned sizes = 0, level;

	for (unsigned i = 0; i < t->count; i++) {
		const struct leaf *e = &t->leaf[i];
		bool huge = e->flags & LEAF_HUGE;

		if (e->pcid == pcid && va >= e->va && va - e->va < (huge ? PMD_SIZE : PAGE_SIZE))
			sizes |= 1u << huge;
	}
	/* A walk may just have been there, where walks are no actions. */
	if (saturated(m) && walk_now(m, read_cpu(m, cpu)->cr3, va, &level))
		sizes |= 1u << (level == LEVEL_PMD);
	if (sizes == 3)
		rule_broken(m, (struct finding){
			.rule = RULE_MULTI_HIT, .mm = read_cpu(m, cpu)->ctx_mm, .pfn = NO_FRAME, .va = va,
		});
}

void rule_flush_lost(struct machine *m, unsigned cpu)
{
	const struct cpu *c = read_cpu_part(m, cpu, CPU_REST | CPU_LOADED | CPU_QUEUE);

	if (c->loaded_mm == init_mm(m))
		return;
	/* What is tagged alike on every CPU has no generation there. */
	if (arch_is(m, ARCH_ARM64) || (arch_is(m, ARCH_X86_INVLPGB) && read_parked(m, cpu)->pcid))
		return;
	if (c->tlb_gen < read_mm_part(m, c->loaded_mm, MM_DONE)->done_gen && !c->pending && !c->queued)
		rule_broken(m, (struct finding){
			.rule = RULE_FLUSH_LOST, .mm = c->loaded_mm, .pfn = NO_FRAME, .object = (uint16_t)cpu,
			.detail = c->tlb_gen,
		});
}

void rule_flush_done(struct machine *m, unsigned mm, uint32_t tlb_gen)
{
	if (tlb_gen > read_mm_part(m, mm, MM_DONE)->done_gen)
		write_mm_part(m, mm, MM_DONE)->done_gen = tlb_gen;
	/* Where stores wait in buffers, a CPU that seemed lazy or elsewhere may be back already. */
	for (unsigned cpu = 0; m->world.profile[0].store_buffer && cpu < MAX_CPUS; cpu++) {
		const struct cpu *c = read_cpu(m, cpu);

		if (c->loaded_mm == mm && !c->is_lazy && !c->irq_off && !c->in_irq && !c->in_nmi)
			rule_flush_lost(m, cpu);
	}
}

void rule_wrong_mm(struct machine *m, unsigned cpu, unsigned mm, uint64_t va)
{
	const struct cpu *c = read_cpu_part(m, cpu, CPU_CR3);

	if (c->cr3 != read_mm_part(m, mm, MM_REST)->pgd)
		rule_broken(m, (struct finding){
			.rule = RULE_WRONG_MM, .mm = (uint8_t)mm, .pfn = NO_FRAME, .object = c->ctx_mm, .va = va,
		});
}

bool rule_walk(struct machine *m, unsigned table, unsigned generation, unsigned mm, uint64_t va)
{
	const struct frame *f = read_frame(m, table);

	if (f->generation == generation && f->owner == FRAME_TABLE)
		return true;
	rule_broken(m, (struct finding){
		.rule = RULE_STALE_TABLE, .mm = (uint8_t)mm, .pfn = (uint16_t)table, .va = va,
		.detail = generation,
	});
	return false;
}

void rule_outlaw(struct machine *m, unsigned task, unsigned mm, uint64_t start, uint64_t end)
{
	const uint8_t bit = (uint8_t)(1u << task);

	for (unsigned u = 0; u < MAX_MMUS; u++) {
		const struct tlb *tlb = read_tlb(m, u);

		for (unsigned i = 0; i < tlb->count; i++) {
			const struct leaf *e = &tlb->leaf[i];

			if (e->mm == mm && e->va >= start && e->va < end && !(e->outlawed & bit) && !granted(m, e, true))
				write_tlb(m, u)->leaf[i].outlawed |= bit;
		}
	}
}

void rule_promise(struct machine *m, unsigned task, bool success)
{
	const uint8_t bit = (uint8_t)(1u << task);

	for (unsigned u = 0; u < MAX_MMUS; u++)
		for (unsigned i = 0; i < read_tlb(m, u)->count; i++) {
			struct leaf *e;

			if (!(read_tlb(m, u)->leaf[i].outlawed & bit))
				continue;
			e = &write_tlb(m, u)->leaf[i];
			e->outlawed &= (uint8_t)~bit;
			if (success && !granted(m, e, true))
				e->flags |= LEAF_CONDEMNED;
		}
}
