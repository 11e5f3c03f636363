/*
 * truncate.c - ftruncate: mm/truncate.c and unmap_mapping_range.
 *
 * Models: no mmap_lock at all; the file's rmap lock for reading, a gather of its own for each mapping
 * that shows the cut pages, and only then the page cache's own reference.  It runs against munmap,
 * mremap and faults of any process.  Omits: the folio lock (a page that was mapped again is unmapped
 * again before it goes).
 */
#include "kernel.h"

/* The next mapping after `after` that shows a page at or beyond `pages` of the file and has an entry there. */
static unsigned mapping_next(struct machine *m, unsigned file, unsigned pages, unsigned after)
{
	for (unsigned i = after == NONE ? 0 : after + 1; i < MAX_VMAS; i++) {
		const struct vma *v = read_vma(m, i);

		/* A detached mapping stays in the file's tree until its page tables are freed. */
		if (v->used && v->file == file && v->pgoff + (v->end - v->start) / PAGE_SIZE > pages)
			return i;
	}
	return NONE;
}

static uint64_t cut_start(const struct vma *v, unsigned pages)
{
	return v->pgoff >= pages ? v->start : v->start + (pages - v->pgoff) * PAGE_SIZE;
}

ROUTINE(do_truncate, "mm/truncate.c")
{
	struct file *f;
	unsigned v, pfn;

	BEGIN(struct do_truncate_l)
	STEP("the file's size goes down: new faults beyond it get SIGBUS");
	write_file(r->m, l->file)->size = l->pages;
again:
	LOCK(LOCK_I_MMAP(l->file), LOCK_SHARED, "unmap_mapping_range: i_mmap_lock_read");
	l->vma = NONE;
	while ((v = mapping_next(r->m, l->file, l->pages, l->vma)) != NONE) {
		l->vma = (uint8_t)v;
		STEP("tlb_gather_mmu for one mapping of the file");
		l->mm = read_vma(r->m, l->vma)->mm;
		l->start = cut_start(read_vma(r->m, l->vma), l->pages);
		l->end = read_vma(r->m, l->vma)->end;
		gather_begin(r, l->mm, false);
		CALL(invalidate_range_start, .start = l->start, .end = l->end, .mm = l->mm);
		CALL(zap_page_range, .start = l->start, .end = l->end, .mm = l->mm, .vma = l->vma);
		CALL(invalidate_range_end, .start = l->start, .end = l->end, .mm = l->mm);
		CALL(tlb_finish_mmu, .start = l->start, .end = l->end);
	}
	UNLOCK(LOCK_I_MMAP(l->file), "i_mmap_unlock_read");
	for (l->page = l->pages; l->page < FILE_PAGES; l->page++) {
		if (read_file(r->m, l->file)->page[l->page] == NO_FRAME)
			continue;
		STEP("take the page out of the page cache, drop the cache's reference");
		f = write_file(r->m, l->file);
		pfn = f->page[l->page];
		if (pfn == NO_FRAME)
			continue;	/* another truncate was here first */
		if (read_frame(r->m, pfn)->mapcount)
			goto again;	/* a fault that began earlier mapped it meanwhile */
		f->page[l->page] = NO_FRAME;
		frame_put(r->m, pfn);
	}
	END(RES_OK)
}
