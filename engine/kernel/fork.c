/*
 * fork.c - dup_mmap: a child gets the mappings and, where pages are private, read-only entries.
 *
 * Models: dup_mmap and copy_page_range: parent entries lose the write right one by one, one
 * flush at the end, the child runs only afterwards; mappings that never had a page of their own are left to faults,
 * a page that a device may write is copied for the child.  Omits: write_protect_seq, 2 MiB pages (EINVAL).
 */
#include "kernel.h"

/* copy_present_page: a device may write the page at any time, so the parent keeps it and the child gets a copy. */
static bool page_copied(struct run *r, const struct copy_pte_range_l *l, uint64_t pte)
{
	unsigned pfn = pte_pfn(pte), page;
	const struct frame *f = read_frame(r->m, pfn);

	if (f->owner != FRAME_ANON || !(f->flags & FRAME_EXCLUSIVE) || !f->pins || !read_mm_part(r->m, l->mm, MM_REST)->has_pinned)
		return false;
	page = frame_alloc(r->m, FRAME_ANON, l->child);
	if (page == NO_FRAME)
		return true;	/* the child faults for it: what a fork that fails would cost is left out */
	write_frame(r->m, page)->flags |= FRAME_EXCLUSIVE;
	page_copy(r->m, page, pfn);
	entry_set(r->m, l->child, l->child_table, l->va, pte_make(page, (pte & ~PTE_PFN_MASK) | PTE_DIRTY));
	page_mapped(r->m, page);
	return true;
}

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
		if (page_copied(r, l, pte))
			continue;
		if (read_frame(r->m, pte_pfn(pte))->flags & FRAME_EXCLUSIVE)
			write_frame(r->m, pte_pfn(pte))->flags &= (uint16_t)~FRAME_EXCLUSIVE;
		if (pte & PTE_WRITE) {
			pte &= ~PTE_WRITE;
			entry_set(r->m, l->mm, l->table, l->va, pte);
			rule_changed(r->m, l->mm, l->va, l->va + PAGE_SIZE);
			rule_outlaw(r->m, run_task(r), l->mm, l->va, l->va + PAGE_SIZE);
		}
		entry_set(r->m, l->child, l->child_table, l->va, pte & ~PTE_ACCESSED);
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

/* Not born yet, or dead and loaded nowhere. */
static bool child_free(struct machine *m, unsigned child)
{
	if (read_mm_part(m, child, MM_STATE)->state == MM_UNBORN)
		return true;
	if (read_mm_part(m, child, MM_STATE)->state != MM_DEAD)
		return false;
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (read_cpu_part(m, c, CPU_LOADED)->loaded_mm == child)
			return false;
	return true;
}

/* The tasks that run in an mm once it is born. */
static uint8_t tasks_of(struct machine *m, unsigned mm)
{
	unsigned n = 0;

	for (unsigned t = 0; t < MAX_TASKS; t++)
		n += read_task(m, t)->used && read_task(m, t)->mm == mm;
	return (uint8_t)n;
}

ROUTINE(dup_mmap, "mm/mmap.c")
{
	struct vma v, old;
	unsigned vma, table, child_table, pgd;
	uint64_t at, end;

	BEGIN(struct dup_mmap_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_EXCLUSIVE, "mmap_write_lock of the parent");
	STEP("the child gets a page-table root");
	if (!child_free(r->m, l->child) || mm_has_huge(r->m, l->mm)) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_EINVAL);
	}
	pgd = table_alloc(r->m, l->child, LEVEL_PGD);
	if (pgd == NO_FRAME) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_ENOMEM);
	}
	if (read_mm_part(r->m, l->child, MM_REST)->pgd != NO_FRAME)
		frame_put(r->m, read_mm_part(r->m, l->child, MM_REST)->pgd);	/* __mmdrop of who had the number before */
	write_mm_part(r->m, l->child, MM_REST)->pgd = (uint16_t)pgd;
	l->at = 0;
	while ((vma = vma_from(r->m, l->mm, l->at)) != NONE) {
		l->vma = (uint8_t)vma;
		l->at = read_vma(r->m, vma)->end;
		if (read_vma(r->m, vma)->flags & VMA_DONTCOPY)
			continue;
		old = v = *read_vma(r->m, vma);
		v.mm = l->child;
		v.flags &= ~(uint32_t)VMA_LOCKED;
		if (v.flags & VMA_WIPEONFORK) {
			v.anon_vma = 0;
			v.chain = 0;
		} else if (!anon_vma_fork(r->m, &v, &old)) {
			l->failed = 1;
			break;
		}
		CALL(vma_link, .vma = v);
		l->failed = r->a->result != RES_OK;
		if (l->failed)
			break;
		l->at = read_vma(r->m, l->vma)->start;
		/* Without an anon_vma there is nothing that a fault could not bring again. */
		if (read_vma(r->m, l->vma)->anon_vma && !(read_vma(r->m, l->vma)->flags & VMA_WIPEONFORK)) {
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
	lru_add_drain(r);	/* the parent's first stores after it, to pages that are not on the LRU yet */
	UNLOCK(LOCK_MMAP(l->mm), "mmap_write_unlock of the parent; the child may run, unless memory ran out");
	if (init_mm(r->m) != NONE)
		write_mm_part(r->m, l->child, MM_STATE)->count = 1;
	if (l->failed) {
		/* What was copied so far goes as at an exit; the copy itself is the only user. */
		write_mm_part(r->m, l->child, MM_STATE)->users = 1;
		CALL(exit_mmap, .mm = l->child);
		RETURN(RES_ENOMEM);
	}
	write_mm_part(r->m, l->child, MM_REST)->has_pinned = 0;
	write_mm_part(r->m, l->child, MM_STATE)->users = tasks_of(r->m, l->child);
	write_mm_part(r->m, l->child, MM_STATE)->state = MM_LIVE;
	END(RES_OK)
}
