/*
 * retract.c - a page table that has become empty is taken away by a range flush: mm/khugepaged.c.
 *
 * Models: what follows once the small pages of a file are unmapped to make room for a huge one: under both page-table locks the
 * PMD entry is cleared and flushed as pmdp_collapse_flush does, through flush_tlb_range, whose freed_tables argument is a
 * switch; then the table is freed by RCU.
 * Omits: the huge page itself; faults that wait for the table's lock meanwhile and would have to look again: mmap_lock is
 * held instead of i_mmap.
 */
#include "kernel.h"
#include "rcu.h"

static bool table_empty(struct machine *m, unsigned table)
{
	unsigned index;
	uint64_t entry;

	for (unsigned n = 0; table_slot(m, table, n, &index, &entry); n++)
		if (pte_present(entry))
			return false;
	return true;
}

ROUTINE(retract_page_tables, "mm/khugepaged.c")
{
	unsigned vma;

	BEGIN(struct retract_page_tables_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_SHARED, "mmap_read_lock");
	STEP("find the mapping and the PMD entry");
	vma = vma_find(r->m, l->mm, l->va);
	l->pmd = (uint16_t)table_find(r->m, read_mm_part(r->m, l->mm, MM_REST)->pgd, l->va, LEVEL_PMD);
	l->table = (uint16_t)pte_table(r->m, l->mm, l->va);
	if (vma == NONE || l->table == NO_FRAME) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_EINVAL);
	}
	LOCK(LOCK_PTL(l->pmd), LOCK_EXCLUSIVE, "take the lock of the PMD table");
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "and of the page table");
	STEP("pmdp_collapse_flush: is the page table empty? then clear the PMD entry");
	if (!table_empty(r->m, l->table)) {
		lock_drop(r, LOCK_PTL(l->table));
		lock_drop(r, LOCK_PTL(l->pmd));
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_EINVAL);
	}
	table_write(r->m, l->pmd, va_index(l->va, LEVEL_PMD), 0);
	rule_changed(r->m, l->mm, l->va & ~(PMD_SIZE - 1), (l->va & ~(PMD_SIZE - 1)) + PMD_SIZE);
	CALL(flush_tlb_mm_range, .start = l->va & ~(PMD_SIZE - 1), .end = (l->va & ~(PMD_SIZE - 1)) + PMD_SIZE, .mm = l->mm,
		.freed_tables = profile_is(r->m, SW_FLUSH_FREED, SW_YES));
	UNLOCK(LOCK_PTL(l->table), "drop the page table's lock");
	UNLOCK(LOCK_PTL(l->pmd), "drop the PMD table's lock");
	STEP("pte_free_defer: call_rcu for the page table");
	call_rcu_table(r->m, l->table);
	UNLOCK(LOCK_MMAP(l->mm), "mmap_read_unlock");
	END(RES_OK)
}
