/*
 * truncate.c - ftruncate and the punching of holes: mm/truncate.c, mm/shmem.c, unmap_mapping_range.
 *
 * Models: no mmap_lock at all; the file's rmap lock for reading, a gather of its own for each mapping
 * that shows the pages, and only then the page cache's own reference.  It runs against munmap,
 * mremap and faults of any process.  A cut takes private copies with it, a hole does not; what is left of a page that is cut
 * in the middle becomes zero.  Omits: the folio lock (a page that was mapped again is unmapped
 * again before it goes).
 */
#include "kernel.h"

/* Is mapping `a` found before `b`: lower page of the file, then lower number? */
static bool found_before(struct machine *m, unsigned a, unsigned b)
{
	uint64_t x = read_vma(m, a)->pgoff, y = read_vma(m, b)->pgoff;

	return x != y ? x < y : a < b;
}

unsigned file_mapping_next(struct machine *m, unsigned file, uint64_t first, uint64_t last, unsigned after)
{
	unsigned best = NONE;

	for (unsigned i = 0; i < MAX_VMAS; i++) {
		const struct vma *v = read_vma(m, i);

		/* A detached mapping stays in the file's tree until its page tables are freed. */
		if (v->used && v->file == file && v->pgoff < last &&
		    v->pgoff + (v->end - v->start) / PAGE_SIZE > first && i != after &&
		    (after == NONE || found_before(m, after, i)) && (best == NONE || found_before(m, i, best)))
			best = i;
	}
	return best;
}

ROUTINE(unmap_mapping_range, "mm/memory.c")
{
	const struct vma *v;
	unsigned i;

	BEGIN(struct unmap_mapping_range_l)
	LOCK(LOCK_I_MMAP(l->file), LOCK_SHARED, "unmap_mapping_range: i_mmap_lock_read");
	l->vma = NONE;
	while ((i = file_mapping_next(r->m, l->file, l->first, l->last, l->vma)) != NONE) {
		l->vma = (uint8_t)i;
		STEP("tlb_gather_mmu for one mapping of the file");
		v = read_vma(r->m, l->vma);
		l->mm = v->mm;
		l->start = v->pgoff >= l->first ? v->start : v->start + (l->first - v->pgoff) * PAGE_SIZE;
		l->end = v->end - v->start > (l->last - v->pgoff) * PAGE_SIZE ?
			v->start + (l->last - v->pgoff) * PAGE_SIZE : v->end;
		gather_begin(r, l->mm, false);
		CALL(invalidate_range_start, .start = l->start, .end = l->end, .mm = l->mm);
		CALL(zap_page_range, .start = l->start, .end = l->end, .mm = l->mm, .vma = l->vma,
			.keep_cows = l->keep_cows);
		CALL(invalidate_range_end, .start = l->start, .end = l->end, .mm = l->mm);
		CALL(tlb_finish_mmu, .start = l->start, .end = l->end);
	}
	UNLOCK(LOCK_I_MMAP(l->file), "i_mmap_unlock_read");
	END(RES_OK)
}

/* What a page that is cut in the middle shows beyond the cut is zero from now on. */
static void tail_zero(struct machine *m, unsigned file, uint32_t size)
{
	unsigned index = size / PAGE_SIZE, page = index < FILE_PAGES ? read_file(m, file)->page[index] : NO_FRAME;

	if (size % PAGE_SIZE && page != NO_FRAME)
		page_zero_from(m, page, size % PAGE_SIZE);
}

ROUTINE(do_truncate, "mm/shmem.c")
{
	uint32_t old;

	BEGIN(struct do_truncate_l)
	STEP("the file's size goes down: new faults beyond it get SIGBUS");
	old = read_file(r->m, l->file)->size;
	l->shrinks = l->size < old;
	write_file(r->m, l->file)->size = l->size;
	l->page = (uint8_t)((l->size + PAGE_SIZE - 1) / PAGE_SIZE);
	if (old > l->size)
		tail_zero(r->m, l->file, l->size);
	else
		for (unsigned p = (unsigned)((old + PAGE_SIZE - 1) / PAGE_SIZE); p < l->page; p++)
			write_file(r->m, l->file)->hole |= 1ull << p;
	if (!l->shrinks)
		RETURN(RES_OK);
	l->first = l->page;
again:
	CALL(unmap_mapping_range, .file = l->file, .first = l->first, .last = UINT32_MAX);
	for (; l->page < FILE_PAGES; l->page++) {
		if (read_file(r->m, l->file)->page[l->page] == NO_FRAME) {
			write_file(r->m, l->file)->hole |= 1ull << l->page;
			continue;
		}
		STEP("take the page out of the page cache, drop the cache's reference");
		if (!file_page_drop(r->m, l->file, l->page))
			goto again;	/* a fault that began earlier mapped it meanwhile */
		lru_add_drain(r);
	}
	END(RES_OK)
}

/* MADV_REMOVE: fallocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE). */
ROUTINE(shmem_fallocate, "mm/shmem.c")
{
	BEGIN(struct shmem_fallocate_l)
again:
	CALL(unmap_mapping_range, .file = l->file, .first = l->first, .last = l->last, .keep_cows = 1);
	for (; l->page < l->last && l->page < FILE_PAGES; l->page++) {
		if (read_file(r->m, l->file)->page[l->page] == NO_FRAME) {
			write_file(r->m, l->file)->hole |= 1ull << l->page;
			continue;
		}
		STEP("take the page out of the page cache, drop the cache's reference");
		if (!file_page_drop(r->m, l->file, l->page))
			goto again;
		lru_add_drain(r);
	}
	END(RES_OK)
}
