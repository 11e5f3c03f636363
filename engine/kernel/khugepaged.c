/*
 * khugepaged.c - small pages become a 2 MiB page: collapse_huge_page, mm/khugepaged.c, for khugepaged or MADV_COLLAPSE.
 *
 * Models: the PMD entry taken out and flushed under its lock; the interrupt for walkers without a lock (2ba99c5e0881);
 * pages that anybody else refers to end the attempt, and the page-table page is put back; the copy, the old entries and pages
 * gone, the page-table page deposited for a later split, the PMD entry set.
 * Omits: the scan before it, the look under mmap_lock for reading, swapped and shared pages, files.  A 2 MiB page is one frame
 * with one content: that of the first page.
 */
#include "huge.h"
#include "kernel.h"

static bool small_page(const struct frame *f)
{
	return f->owner == FRAME_ANON && (f->flags & FRAME_EXCLUSIVE);
}

/* The first entry of the table from index `i` on, PTRS when there is none. */
#define PTRS 512u

static unsigned entry_from(struct machine *m, unsigned table, unsigned i)
{
	while (i < PTRS && !table_read(m, table, i))
		i++;
	return i;
}

/* __collapse_huge_page_isolate: is each page anonymous and referred to by its entry alone? */
static bool isolate(struct machine *m, unsigned table)
{
	for (unsigned i = 0; (i = entry_from(m, table, i)) < PTRS; i++) {
		uint64_t pte = table_read(m, table, i);
		const struct frame *f = read_frame(m, pte_pfn(pte));

		if (pte_pfn(pte) == ZERO_PFN)
			continue;
		/* A split could not give this one its place back. */
		if (i >= HUGE_PAGES)
			return false;
		if (!pte_present(pte) || !small_page(f) || f->refcount != 1)
			return false;
	}
	for (unsigned i = 0; (i = entry_from(m, table, i)) < PTRS; i++)
		if (pte_pfn(table_read(m, table, i)) != ZERO_PFN)
			write_frame(m, pte_pfn(table_read(m, table, i)))->flags |= FRAME_COUNTED;
	return true;
}

static void copy_first(struct machine *m, unsigned table, unsigned to)
{
	unsigned i = entry_from(m, table, 0);

	if (i < PTRS)
		page_copy(m, to, pte_pfn(table_read(m, table, i)));
}

/* __collapse_huge_page_copy_succeeded: entries that nobody can reach any more, and their pages. */
static void drop_old(struct machine *m, unsigned table)
{
	for (unsigned i = 0; (i = entry_from(m, table, i)) < PTRS; i++) {
		unsigned pfn = pte_pfn(table_read(m, table, i));

		table_write(m, table, i, 0);
		if (pfn == ZERO_PFN)
			continue;
		page_unmapped(m, pfn);
		frame_put(m, pfn);
	}
}

/* The page-table page that could be collapsed: all of its 2 MiB in one anonymous mapping. */
static unsigned collapsible(struct run *r, const struct collapse_huge_page_l *l)
{
	unsigned v = vma_find(r->m, l->mm, l->va), pgd = read_mm_part(r->m, l->mm, MM_REST)->pgd;

	if (v == NONE || read_vma(r->m, v)->file != NONE || !read_vma(r->m, v)->anon_vma ||
	    read_vma(r->m, v)->start > l->va || read_vma(r->m, v)->end < l->va + PMD_SIZE)
		return NO_FRAME;
	if (pte_table(r->m, l->mm, l->va) == NO_FRAME || !deposit_fits(r->m, table_find(r->m, pgd, l->va, LEVEL_PMD)))
		return NO_FRAME;
	return pte_table(r->m, l->mm, l->va);
}

ROUTINE(collapse_huge_page, "mm/khugepaged.c")
{
	unsigned page;

	BEGIN(struct collapse_huge_page_l)
	STEP("allocate a 2 MiB page");
	l->va &= ~(PMD_SIZE - 1);
	page = frame_alloc(r->m, FRAME_ANON, l->mm);
	if (page == NO_FRAME)
		RETURN(RES_ENOMEM);
	l->page = (uint16_t)page;
	LOCK(LOCK_MMAP(l->mm), LOCK_EXCLUSIVE, "mmap_write_lock; is there a page-table page to collapse, all of it one mapping?");
	l->table = (uint16_t)collapsible(r, l);
	if (l->table == NO_FRAME) {
		frame_put(r->m, l->page);
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_EINVAL);
	}
	l->vma = (uint8_t)vma_find(r->m, l->mm, l->va);
	l->parent = (uint16_t)table_find(r->m, read_mm_part(r->m, l->mm, MM_REST)->pgd, l->va, LEVEL_PMD);
	LOCK(vma_rmap_lock(read_vma(r->m, l->vma)), LOCK_EXCLUSIVE, "anon_vma_lock_write: nobody finds the pages meanwhile");
	CALL(invalidate_range_start, .start = l->va, .end = l->va + PMD_SIZE, .mm = l->mm);
	LOCK(LOCK_PTL(l->parent), LOCK_EXCLUSIVE, "take the lock of the PMD table");
	STEP("pmdp_collapse_flush: take the PMD entry out, and flush");
	l->pmd = table_read(r->m, l->parent, va_index(l->va, LEVEL_PMD));
	pmd_write(r->m, l->mm, l->parent, l->va, 0);
	rule_changed(r->m, l->mm, l->va, l->va + PMD_SIZE);
	rule_outlaw(r->m, run_task(r), l->mm, l->va, l->va + PMD_SIZE);
	CALL(flush_tlb_mm_range, .start = l->va, .end = l->va + PMD_SIZE, .mm = l->mm, .freed_tables = 1);
	UNLOCK(LOCK_PTL(l->parent), "drop the lock of the PMD table");
	CALL(invalidate_range_end, .start = l->va, .end = l->va + PMD_SIZE, .mm = l->mm);
	if (profile_is(r->m, SW_COLLAPSE_SYNC, SW_YES))
		CALL(tlb_remove_table_sync_one, .unused = 0);
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "isolate: is each page referred to by its entry alone?");
	l->alone = isolate(r->m, l->table);
	UNLOCK(LOCK_PTL(l->table), "drop the lock of the page-table page that nobody finds");
	if (!l->alone) {
		LOCK(LOCK_PTL(l->parent), LOCK_EXCLUSIVE, "somebody refers to a page: put the page-table page back, give up");
		pmd_write(r->m, l->mm, l->parent, l->va, l->pmd);
		lock_drop(r, LOCK_PTL(l->parent));
		lock_drop(r, vma_rmap_lock(read_vma(r->m, l->vma)));
		frame_put(r->m, l->page);
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_EAGAIN);
	}
	UNLOCK(vma_rmap_lock(read_vma(r->m, l->vma)), "anon_vma_unlock_write");
	STEP("copy the pages into the 2 MiB page");
	copy_first(r->m, l->table, l->page);
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "clear the old entries and drop the old pages");
	drop_old(r->m, l->table);
	lock_drop(r, LOCK_PTL(l->table));
	LOCK(LOCK_PTL(l->parent), LOCK_EXCLUSIVE, "take the lock of the PMD table again");
	STEP("deposit the page-table page for a later split, set the PMD entry: the 2 MiB page is mapped");
	table_deposit(r->m, l->parent, l->table);
	write_frame(r->m, l->page)->flags |= FRAME_EXCLUSIVE;
	pmd_write(r->m, l->mm, l->parent, l->va, entry_make(read_vma(r->m, l->vma), l->page, read_vma(r->m, l->vma)->flags & VMA_WRITE, true) | PTE_HUGE);
	page_mapped(r->m, l->page);
	UNLOCK(LOCK_PTL(l->parent), "drop it: faults find the 2 MiB page");
	UNLOCK(LOCK_MMAP(l->mm), "mmap_write_unlock");
	END(RES_OK)
}
