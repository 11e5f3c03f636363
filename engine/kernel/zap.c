/*
 * zap.c - taking entries out: mm/memory.c's zap family.
 *
 * Models: one entry per step under the page-table lock, the forced flush under the lock for dirty
 * file pages and for a full batch, the free only afterwards.  Omits: swap entries, need_resched.
 */
#include "huge.h"
#include "kernel.h"

/* The next entry that is not empty in [va, end), end when there is none. */
static uint64_t entry_next(struct machine *m, const struct zap_pte_range_l *l)
{
	uint64_t va, pte;

	for (va = l->va; va < l->end; va += PAGE_SIZE) {
		pte = table_read(m, l->table, va_index(va, LEVEL_PTE));
		/* A hole in a file takes the file's pages, not the copies. */
		if (pte && !(l->keep_cows && read_frame(m, pte_pfn(pte))->owner == FRAME_ANON))
			break;
	}
	return va;
}

/* Takes one entry out; true when the gather wants a flush before it goes on. */
static bool zap_entry(struct run *r, struct zap_pte_range_l *l)
{
	uint64_t pte = entry_get_and_clear(r->m, l->mm, l->table, l->va);
	unsigned pfn = pte_pfn(pte);
	bool flush = false, delay = false;

	gather_range(r, l->va, l->va + PAGE_SIZE, LEVEL_PTE);
	/* vm_normal_page: no page that anybody counts. */
	if (pfn == ZERO_PFN || (pte & PTE_MIGRATION) || (read_vma(r->m, l->vma)->flags & VMA_PFNMAP))
		return false;
	if (read_frame(r->m, pfn)->owner == FRAME_FILE && (pte & PTE_DIRTY)) {
		write_frame(r->m, pfn)->flags |= FRAME_DIRTY;
		if (profile_is(r->m, SW_ZAP_DIRTY, SW_YES)) {
			flush = true;
			/* Who asks whether a page is mapped is writeback: of files in memory nobody does. */
			delay = (read_frame(r->m, pfn)->flags & FRAME_DISK) && profile_is(r->m, SW_GATHER_RMAP, RMAP_AFTER_FLUSH);
		}
	}
	if (!delay)
		page_leaves(r, l->vma, pfn);
	if (gather_page(r, pfn)) {
		l->full = 1;
		flush = true;
	}
	if (delay)
		gather_delay_rmap(r);
	return flush;
}

ROUTINE(zap_pte_range, "mm/memory.c")
{
	BEGIN(struct zap_pte_range_l)
	do {
		l->force = l->full = 0;
		l->start = l->va;
		/* Taken even for an empty range: who changed it and holds the lock may not have flushed yet. */
		LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock");
		CALL(flush_tlb_batched_pending, .mm = l->mm);
		if (mach_protocol(r->m))
			CALL(pmap_begin, .start = l->va, .end = l->end, .mm = l->mm);
		while ((l->va = entry_next(r->m, l)) < l->end && !l->full) {
			STEP("get and clear one entry; its page joins the gather");
			l->force |= zap_entry(r, l);
			l->va += PAGE_SIZE;
		}
		rule_outlaw(r->m, run_task(r), l->mm, l->start, l->va);
		if (mach_protocol(r->m))
			CALL(pmap_end, .start = l->start, .end = l->end, .mm = l->mm);
		if (l->force) {
			CALL(tlb_flush_mmu_tlbonly, .start = 0);
			gather_flush_rmaps(r, l->vma);
		}
		UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
		if (l->force)
			CALL(tlb_flush_mmu, .unused = 0);
	} while (l->va < l->end);
	END(RES_OK)
}

ROUTINE(zap_huge_pmd, "mm/huge_memory.c")
{
	uint64_t pmd;
	unsigned table;

	BEGIN(struct zap_huge_pmd_l)
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the lock of the PMD table");
	if (mach_protocol(r->m))
		CALL(pmap_begin, .start = l->va, .end = l->va + PMD_SIZE, .mm = l->mm);
	STEP("get and clear the huge entry; its page joins the gather");
	pmd = table_read(r->m, l->table, va_index(l->va, LEVEL_PMD));
	if (pmd && !pte_leaf(pmd, LEVEL_PMD)) {
		/* Somebody has split it. */
		lock_drop(r, LOCK_PTL(l->table));
		RETURN(RES_EAGAIN);
	}
	if (pmd) {
		table_write(r->m, l->table, va_index(l->va, LEVEL_PMD), 0);
		rule_changed(r->m, l->mm, l->va, l->va + PMD_SIZE);
		event_add(r->m, (struct event){
			.kind = EV_PTE, .a = l->mm, .b = LEVEL_PMD, .c = l->table, .va = l->va, .x = 0,
		});
		gather_range(r, l->va, l->va + PMD_SIZE, LEVEL_PMD);
		page_unmapped(r->m, pte_pfn(pmd));
		gather_page(r, pte_pfn(pmd));
		/* zap_deposited_table: nobody has walked the reserve since it was unhooked. */
		table = table_withdraw(r->m, l->table);
		if (table != NO_FRAME)
			frame_put(r->m, table);
	}
	if (mach_protocol(r->m))
		CALL(pmap_end, .start = l->va, .end = l->va + PMD_SIZE, .mm = l->mm);
	UNLOCK(LOCK_PTL(l->table), "drop the lock of the PMD table");
	CALL(tlb_flush_mmu, .unused = 0);
	END(RES_OK)
}

/* unmap_page_range: one page-table page after the other; a 2 MiB page of which a part goes is split. */
ROUTINE(zap_page_range, "mm/memory.c")
{
	unsigned table;
	uint64_t stop;

	BEGIN(struct zap_page_range_l)
	for (l->at = l->start; l->at < l->end; l->at = (l->at & ~(PMD_SIZE - 1)) + PMD_SIZE) {
		if (huge_inside(r->m, l->mm, l->at, l->at + 1)) {
			table = table_find(r->m, read_mm(r->m, l->mm)->pgd, l->at, LEVEL_PMD);
			if (l->at & (PMD_SIZE - 1) || l->end - l->at < PMD_SIZE) {
				CALL(split_huge_pmd, .va = l->at, .mm = l->mm, .table = (uint16_t)table);
			} else {
				CALL(zap_huge_pmd, .va = l->at, .mm = l->mm, .table = (uint16_t)table);
				if (r->a->result == RES_OK)
					continue;
			}
		}
		table = pte_table(r->m, l->mm, l->at);
		if (table == NO_FRAME)
			continue;
		stop = (l->at & ~(PMD_SIZE - 1)) + PMD_SIZE;
		CALL(zap_pte_range, .va = l->at, .end = stop < l->end ? stop : l->end, .table = (uint16_t)table,
			.mm = l->mm, .vma = l->vma, .keep_cows = l->keep_cows);
	}
	END(RES_OK)
}
