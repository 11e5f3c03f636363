/*
 * fork.c - dup_mmap: a child gets the mappings and, where pages are private, read-only entries.
 *
 * Models: dup_mmap and copy_page_range: parent entries lose the write right one by one, one
 * flush at the end, the child runs only afterwards.  Omits: pinned pages, write_protect_seq,
 * 2 MiB pages (EINVAL).
 */
#include "kernel.h"

ROUTINE(copy_pte_range, "mm/memory.c")
{
	uint64_t pte;

	BEGIN(struct copy_pte_range_l)
	LOCK(LOCK_PTL(l->child_table), LOCK_EXCLUSIVE, "take the child's page-table lock");
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the parent's page-table lock, nested");
	for (; l->va < l->end; l->va += PAGE_SIZE) {
		if (!table_read(r->m, l->table, va_index(l->va, LEVEL_PTE)))
			continue;
		STEP("take write access from the parent's entry, give the child a copy of it");
		pte = table_read(r->m, l->table, va_index(l->va, LEVEL_PTE));
		if (pte & PTE_WRITE) {
			pte &= ~PTE_WRITE;
			entry_set(r->m, l->mm, l->table, l->va, pte);
			rule_changed(r->m, l->mm, l->va, l->va + PAGE_SIZE);
			rule_outlaw(r->m, run_task(r), l->mm, l->va, l->va + PAGE_SIZE);
		}
		entry_set(r->m, l->child, l->child_table, l->va, pte & ~PTE_DIRTY);
		page_mapped(r->m, pte_pfn(pte));
		if (pte_pfn(pte) != ZERO_PFN)
			frame_get(r->m, pte_pfn(pte));
	}
	UNLOCK(LOCK_PTL(l->table), "drop the parent's page-table lock");
	UNLOCK(LOCK_PTL(l->child_table), "drop the child's page-table lock");
	END(RES_OK)
}

/* The parent's mapping with the lowest start at or above `at`, NONE at the end. */
static unsigned vma_from(struct machine *m, unsigned mm, uint64_t at)
{
	return vma_first(m, mm, at, 1ull << 47);
}

static bool mm_has_huge(struct machine *m, unsigned mm)
{
	for (unsigned v = vma_from(m, mm, 0); v != NONE; v = vma_from(m, mm, read_vma(m, v)->end))
		if (huge_inside(m, mm, read_vma(m, v)->start, read_vma(m, v)->end))
			return true;
	return false;
}

ROUTINE(dup_mmap, "mm/mmap.c")
{
	struct vma v;
	unsigned vma, table, child_table, pgd;
	uint64_t at, end;

	BEGIN(struct dup_mmap_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_EXCLUSIVE, "mmap_write_lock of the parent");
	STEP("the child gets a page-table root");
	if (read_mm(r->m, l->child)->state != MM_UNBORN || mm_has_huge(r->m, l->mm)) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_EINVAL);
	}
	pgd = table_alloc(r->m, l->child, LEVEL_PGD);
	if (pgd == NO_FRAME) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_ENOMEM);
	}
	write_mm(r->m, l->child)->pgd = (uint16_t)pgd;
	l->at = 0;
	while ((vma = vma_from(r->m, l->mm, l->at)) != NONE) {
		l->vma = (uint8_t)vma;
		v = *read_vma(r->m, vma);
		v.mm = l->child;
		CALL(vma_link, .vma = v);
		l->failed = r->a->result != RES_OK;
		if (l->failed)
			break;
		l->at = read_vma(r->m, l->vma)->start;
		if (vma_is_cow(read_vma(r->m, l->vma))) {
			CALL(invalidate_range_start, .start = read_vma(r->m, l->vma)->start,
				.end = read_vma(r->m, l->vma)->end, .mm = l->mm);
			for (; l->at < read_vma(r->m, l->vma)->end; l->at = (l->at & ~(PMD_SIZE - 1)) + PMD_SIZE) {
				at = l->at;
				end = read_vma(r->m, l->vma)->end;
				table = pte_table(r->m, l->mm, at);
				if (table == NO_FRAME)
					continue;
				child_table = table_make(r->m, l->child, at, LEVEL_PTE);
				l->failed = child_table == NO_FRAME;
				if (l->failed)
					break;
				if (end > (at & ~(PMD_SIZE - 1)) + PMD_SIZE)
					end = (at & ~(PMD_SIZE - 1)) + PMD_SIZE;
				CALL(copy_pte_range, .va = at, .end = end, .table = (uint16_t)table,
					.child_table = (uint16_t)child_table, .mm = l->mm, .child = l->child);
			}
			CALL(invalidate_range_end, .start = read_vma(r->m, l->vma)->start,
				.end = read_vma(r->m, l->vma)->end, .mm = l->mm);
		}
		if (l->failed)
			break;
		l->at = read_vma(r->m, l->vma)->end;
	}
	if (profile_is(r->m, SW_FORK_FLUSH, SW_YES))
		CALL(flush_tlb_mm_range, .start = 0, .end = FLUSH_ALL, .mm = l->mm, .freed_tables = 1);
	UNLOCK(LOCK_MMAP(l->mm), "mmap_write_unlock of the parent; the child may run, unless memory ran out");
	if (l->failed) {
		/* What was copied so far goes as at an exit; the copy itself is the only user. */
		write_mm(r->m, l->child)->users = 1;
		CALL(exit_mmap, .mm = l->child);
		RETURN(RES_ENOMEM);
	}
	write_mm(r->m, l->child)->state = MM_LIVE;
	END(RES_OK)
}
