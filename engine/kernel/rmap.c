/*
 * rmap.c - from a page to the entries that map it: mm/rmap.c.
 *
 * Models: the walk over the mappings of a file, or of a process for a private page, under the rmap lock; each entry found
 * through its page table, whose lock is taken only then and which may have moved meanwhile; an entry that goes is
 * flushed at once or left to a batch; entries made clean for a write to the disk, flushed before the lock drops.
 * A dirty entry makes the page dirty in the step that takes it out: the folio lock keeps apart who could tell.
 * Omits: swap entries, private pages that several processes share (they stay), migration, 2 MiB pages (they stay).
 */
#include "kernel.h"

unsigned rmap_lock(const struct rmap_page *of)
{
	return of->file == NONE ? LOCK_ANON_VMA(of->mm) : LOCK_I_MMAP(of->file);
}

/* The next mapping after `after` that may show the page. */
static unsigned rmap_next(struct machine *m, const struct rmap_page *of, unsigned after)
{
	if (of->file != NONE)
		return file_mapping_next(m, of->file, of->index, of->index + 1, after);
	for (unsigned i = after == NONE ? 0 : after + 1; i < MAX_VMAS; i++) {
		const struct vma *v = read_vma(m, i);

		if (v->used && v->mm == of->mm && v->file == NONE && (v->chain & of->chain) && v->pgoff <= of->index &&
		    v->pgoff + (v->end - v->start) / PAGE_SIZE > of->index)
			return i;
	}
	return NONE;
}

/* vma_address: where the mapping shows the page. */
static uint64_t rmap_address(const struct vma *v, const struct rmap_page *of)
{
	return v->start + (of->index - v->pgoff) * PAGE_SIZE;
}

/* The entry of va if it maps the page, else 0. */
static uint64_t entry_of_page(struct machine *m, unsigned table, uint64_t va, unsigned page)
{
	uint64_t pte = table_read(m, table, va_index(va, LEVEL_PTE));

	return pte_present(pte) && pte_pfn(pte) == page ? pte : 0;
}

/* The folio is locked and referenced. */
ROUTINE(try_to_unmap, "mm/rmap.c")
{
	unsigned vma;

	BEGIN(struct try_to_unmap_l)
	LOCK(rmap_lock(&l->of), LOCK_SHARED, "rmap_walk: the rmap lock keeps the mappings of the page where they are");
	l->vma = NONE;
	while (read_frame(r->m, l->of.page)->mapcount && (vma = rmap_next(r->m, &l->of, l->vma)) != NONE) {
		l->vma = (uint8_t)vma;
		CALL(try_to_unmap_one, .va = rmap_address(read_vma(r->m, l->vma), &l->of), .page = l->of.page,
			.mm = read_vma(r->m, l->vma)->mm, .vma = l->vma);
		if (r->a->result != RES_OK)
			break;
	}
	UNLOCK(rmap_lock(&l->of), "drop the rmap lock");
	END(RES_OK)
}

/* A page that may be freed lazily goes if nobody wrote it or holds it; else its entry comes back. */
static bool lazyfree_refused(struct run *r, const struct try_to_unmap_one_l *l)
{
	const struct frame *f = read_frame(r->m, l->page);

	if (f->owner != FRAME_ANON)
		return false;
	if (f->refcount == 1 + f->mapcount && !(f->flags & FRAME_DIRTY)) {
		rule_discarded(r->m, l->mm, l->page, l->va);
		return false;
	}
	write_frame(r->m, l->page)->flags &= (uint16_t)~(FRAME_LAZYFREE | FRAME_UNSAVED);
	entry_set(r->m, l->mm, l->table, l->va, l->pte);
	return true;
}

/* arch_tlbbatch_should_defer: another CPU would have to be interrupted.  Batches that hardware broadcasts are left out. */
static bool flush_deferred(struct run *r, unsigned mm)
{
	return profile_is(r->m, SW_RECLAIM_BATCH, SW_YES) && arch_is(r->m, ARCH_X86) &&
		(read_mm(r->m, mm)->cpumask & ~(1u << r->cpu));
}

ROUTINE(try_to_unmap_one, "mm/rmap.c")
{
	BEGIN(struct try_to_unmap_one_l)
	CALL(invalidate_range_start, .start = l->va, .end = l->va + PAGE_SIZE, .mm = l->mm);
	l->table = (uint16_t)pte_table(r->m, l->mm, l->va);
	if (l->table != NO_FRAME) {
		LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "page_vma_mapped_walk: take the lock of the page-table page that was found");
		l->pte = entry_of_page(r->m, l->table, l->va, l->page);
		if (l->pte && (read_vma(r->m, l->vma)->flags & VMA_LOCKED)) {
			l->result = RES_EBUSY;	/* a locked mapping keeps its page */
		} else if (l->pte) {
			if (profile_is(r->m, SW_PTE_CLEAR, CLEAR_LOAD_STORE)) {
				STEP("read the entry; what the hardware does to it from here on is lost");
				l->pte = table_read(r->m, l->table, va_index(l->va, LEVEL_PTE));
				STEP("store 0 over the entry");
				entry_get_and_clear(r->m, l->mm, l->table, l->va);
			} else {
				STEP("get and clear the entry: one locked exchange, so that no dirty bit is missed");
				l->pte = entry_get_and_clear(r->m, l->mm, l->table, l->va);
			}
			if (l->pte & PTE_DIRTY)
				write_frame(r->m, l->page)->flags |= FRAME_DIRTY;
			if (flush_deferred(r, l->mm))
				CALL(set_tlb_ubc_flush_pending, .mm = l->mm, .writable = (l->pte & PTE_DIRTY) != 0);
			else
				CALL(flush_tlb_mm_range, .start = l->va, .end = l->va + PAGE_SIZE, .mm = l->mm);
			STEP("the page loses mapping and reference; one that was written after all gets its entry back");
			if (lazyfree_refused(r, l)) {
				l->result = RES_EBUSY;
			} else {
				page_leaves(r, l->vma, l->page);
				frame_put(r->m, l->page);
			}
		}
		UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
	}
	CALL(invalidate_range_end, .start = l->va, .end = l->va + PAGE_SIZE, .mm = l->mm);
	END(l->result)
}

/* The folio is locked.  OK: an entry was dirty or writable; EAGAIN: none. */
ROUTINE(folio_mkclean, "mm/rmap.c")
{
	unsigned vma;

	BEGIN(struct folio_mkclean_l)
	LOCK(rmap_lock(&l->of), LOCK_SHARED, "rmap_walk: i_mmap_lock_read");
	l->vma = NONE;
	while ((vma = rmap_next(r->m, &l->of, l->vma)) != NONE) {
		l->vma = (uint8_t)vma;
		/* What is private has no share in the file's page that could be dirty. */
		if (!(read_vma(r->m, l->vma)->flags & VMA_SHARED))
			continue;
		CALL(page_mkclean_one, .va = rmap_address(read_vma(r->m, l->vma), &l->of), .page = l->of.page,
			.mm = read_vma(r->m, l->vma)->mm);
		l->cleaned |= r->a->result == RES_OK;
	}
	UNLOCK(rmap_lock(&l->of), "i_mmap_unlock_read");
	END(l->cleaned ? RES_OK : RES_EAGAIN)
}

ROUTINE(page_mkclean_one, "mm/rmap.c")
{
	BEGIN(struct page_mkclean_one_l)
	CALL(invalidate_range_start, .start = l->va, .end = l->va + PAGE_SIZE, .mm = l->mm);
	l->table = (uint16_t)pte_table(r->m, l->mm, l->va);
	if (l->table != NO_FRAME) {
		/* PVMW_SYNC: for an empty entry too, for who emptied it may hold the lock still. */
		LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "page_vma_mapped_walk: take the lock of the page-table page that was found");
		if (entry_of_page(r->m, l->table, l->va, l->page) & (PTE_DIRTY | PTE_WRITE)) {
			STEP("get and clear the entry");
			l->pte = entry_get_and_clear(r->m, l->mm, l->table, l->va);
			if (profile_is(r->m, SW_MKCLEAN_FLUSH, SW_YES))
				CALL(flush_tlb_mm_range, .start = l->va, .end = l->va + PAGE_SIZE, .mm = l->mm);
			STEP("set it again, clean and without the right to write: the next store faults");
			entry_set(r->m, l->mm, l->table, l->va, l->pte & ~(PTE_DIRTY | PTE_WRITE));
			l->cleaned = 1;
		}
		UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
	}
	CALL(invalidate_range_end, .start = l->va, .end = l->va + PAGE_SIZE, .mm = l->mm);
	END(l->cleaned ? RES_OK : RES_EAGAIN)
}
