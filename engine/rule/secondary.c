/*
 * secondary.c - what subscribers of the mmu_notifier are promised, and what they promise.
 */
#include "memory.h"
#include "mmu.h"
#include "rules.h"

void rule_secondary_range(struct machine *m, unsigned sub, uint64_t cpu_start, uint64_t cpu_end,
	uint64_t start, uint64_t end)
{
	if (start <= cpu_start && end >= cpu_end)
		return;
	rule_broken(m, (struct finding){
		.rule = RULE_SECONDARY_RANGE, .mm = read_sub(m, sub)->mm, .object = (uint16_t)sub,
		.pfn = NO_FRAME, .va = cpu_start, .detail = start,
	});
}

void rule_secondary_fault(struct machine *m, unsigned sub, uint64_t va, unsigned pfn, unsigned generation)
{
	const struct sub *s = read_sub(m, sub);
	const struct mm *mm = read_mm_part(m, s->mm, MM_REST);
	unsigned level;
	uint64_t pte = mm->pgd == NO_FRAME ? 0 : table_walk(m, mm->pgd, va, &level);
	bool inside = s->in_progress && va >= s->start && va < s->end;

	if (!inside && pte_present(pte) && pte_pfn(pte) == pfn &&
	    read_frame(m, pfn)->generation == generation)
		return;
	rule_broken(m, (struct finding){
		.rule = RULE_SECONDARY_FAULT, .mm = s->mm, .object = (uint16_t)sub, .pfn = (uint16_t)pfn, .va = va,
		.detail = generation,
	});
}

void rule_notifier_complete(struct machine *m, unsigned sub, uint64_t start, uint64_t end)
{
	const struct tlb *spt = read_tlb(m, MMU_SUB(sub));

	for (unsigned i = 0; i < spt->count; i++) {
		const struct leaf *e = &spt->leaf[i];

		if (e->va < start || e->va >= end)
			continue;
		rule_broken(m, (struct finding){
			.rule = RULE_NOTIFIER_COMPLETE, .mm = e->mm, .object = (uint16_t)sub, .pfn = e->pfn, .va = e->va,
		});
		return;
	}
}

void rule_completion(struct machine *m, unsigned ctx)
{
	const struct iommu *io = read_iommu(m, 0);

	for (unsigned i = 0; i < io->queued; i++) {
		const struct qi_entry *q = &io->queue[i];

		if (q->kind == QI_WAIT || q->ctx != ctx)
			continue;
		rule_broken(m, (struct finding){
			.rule = RULE_COMPLETION, .mm = io->pasid[q->pasid].mm, .pfn = NO_FRAME, .object = q->pasid,
			.va = q->start, .detail = q->end,
		});
		return;
	}
}

void rule_release_first(struct machine *m, unsigned pasid, uint64_t va)
{
	unsigned mm = read_iommu(m, 0)->pasid[pasid].mm;

	for (unsigned s = 0; s < MAX_SUBS; s++)
		if (read_sub(m, s)->kind == SUB_SVA && read_sub(m, s)->mm == mm && read_sub(m, s)->released)
			rule_broken(m, (struct finding){
				.rule = RULE_RELEASE_FIRST, .mm = (uint8_t)mm, .pfn = NO_FRAME,
				.object = (uint16_t)s, .va = va,
			});
}
