/*
 * protect.c - mprotect: mm/mprotect.c.
 *
 * Models: the window between the weakened entry and the flush, which is legal because the flush is
 * published in tlb_flush_pending.  Omits: NUMA hinting, soft-dirty, userfaultfd,
 * 2 MiB pages (EINVAL).
 */
#include "kernel.h"

/* What the entry becomes; the right to write is only ever given back by a fault. */
static uint64_t entry_protected(uint64_t pte, unsigned prot)
{
	if (!(prot & VMA_WRITE))
		pte &= ~PTE_WRITE;
	if (!(prot & (VMA_READ | VMA_WRITE | VMA_EXEC)))
		return pte & ~(PTE_PRESENT | PTE_USER);
	return pte | PTE_PRESENT | PTE_USER;
}

ROUTINE(change_pte_range, "mm/mprotect.c")
{
	uint64_t old, pte;

	BEGIN(struct change_pte_range_l)
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock");
	for (l->va = l->start; l->va < l->end; l->va += PAGE_SIZE) {
		if (!table_read(r->m, l->table, va_index(l->va, LEVEL_PTE)))
			continue;
		STEP("read, clear and set one entry with its new rights");
		old = table_read(r->m, l->table, va_index(l->va, LEVEL_PTE));
		pte = entry_protected(old, l->prot);
		if (pte != old)
			entry_set(r->m, l->mm, l->table, l->va, pte);
		/* From not present to present nothing can be cached that says otherwise. */
		if (pte != old && pte_present(old)) {
			rule_changed(r->m, l->mm, l->va, l->va + PAGE_SIZE);
			gather_range(r, l->va, l->va + PAGE_SIZE, LEVEL_PTE);
		}
	}
	rule_outlaw(r->m, run_task(r), l->mm, l->start, l->end);
	UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
	END(RES_OK)
}

ROUTINE(change_protection, "mm/mprotect.c")
{
	unsigned v, table;
	uint64_t stop;

	BEGIN(struct change_protection_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_EXCLUSIVE, "mmap_write_lock");
	CALL(split_vma, .at = l->start, .mm = l->mm);
	if (r->a->result == RES_OK)
		CALL(split_vma, .at = l->end, .mm = l->mm);
	STEP("give the mappings their new rights");
	if (huge_inside(r->m, l->mm, l->start, l->end)) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_EINVAL);
	}
	if (r->a->result != RES_OK || vma_first(r->m, l->mm, l->start, l->end) == NONE) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_ENOMEM);
	}
	for (l->at = l->start; (v = vma_first(r->m, l->mm, l->at, l->end)) != NONE;) {
		struct vma *w = write_vma(r->m, v);

		w->flags = (uint8_t)((w->flags & VMA_SHARED) | l->prot);
		l->at = w->end;
	}
	STEP("tlb_gather_mmu: tlb_flush_pending goes up before any entry changes");
	gather_begin(r, l->mm, false);
	CALL(invalidate_range_start, .start = l->start, .end = l->end, .mm = l->mm);
	for (l->at = l->start; l->at < l->end; l->at = (l->at & ~(PMD_SIZE - 1)) + PMD_SIZE) {
		table = pte_table(r->m, l->mm, l->at);
		if (table == NO_FRAME)
			continue;
		stop = (l->at & ~(PMD_SIZE - 1)) + PMD_SIZE;
		CALL(change_pte_range, .start = l->at, .end = stop < l->end ? stop : l->end, .table = (uint16_t)table,
			.mm = l->mm, .prot = l->prot);
	}
	CALL(invalidate_range_end, .start = l->start, .end = l->end, .mm = l->mm);
	CALL(tlb_finish_mmu, .start = l->start, .end = l->end);
	UNLOCK(LOCK_MMAP(l->mm), "mmap_write_unlock");
	END(RES_OK)
}
