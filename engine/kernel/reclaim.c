/*
 * reclaim.c - pages are taken away from those who use them: mm/vmscan.c.
 *
 * Models: shrink_folio_list over the pages of a range: trylock, every mapping taken out, a dirty page of a file written to
 * the disk by the reclaimer itself, the page out of the page cache if nobody else holds it; frames go back to the allocator
 * only after the flush of the batch.  A private page goes if MADV_FREE gave it up and nobody wrote it since.
 * Omits: which pages are old (the operation names them), swap (other private pages and files in memory stay), waiting for
 * memory; the newest kernels leave dirty pages of files to the flusher threads.
 */
#include "kernel.h"

/* The page at l->at, isolated: locked, with a reference of the reclaimer's.  False when it cannot go. */
static bool page_isolate(struct run *r, struct shrink_folio_list_l *l)
{
	unsigned vma = vma_find(r->m, l->mm, l->at), table = pte_table(r->m, l->mm, l->at), page;
	const struct frame *f;
	const struct vma *v;
	uint64_t pte;

	if (vma == NONE || table == NO_FRAME)
		return false;
	v = read_vma(r->m, vma);
	pte = table_read(r->m, table, va_index(l->at, LEVEL_PTE));
	page = pte_pfn(pte);
	if (!pte_present(pte) || page == ZERO_PFN)
		return false;
	f = read_frame(r->m, page);
	if (!(f->flags & (f->owner == FRAME_ANON ? FRAME_LAZYFREE : FRAME_DISK)) || (f->flags & (FRAME_LOCKED | FRAME_WRITEBACK)))
		return false;
	l->of = (struct rmap_page){
		.index = v->pgoff + (l->at - v->start) / PAGE_SIZE, .chain = v->chain, .page = (uint16_t)page, .mm = l->mm,
		.file = f->owner == FRAME_FILE ? v->file : NONE,
	};
	write_frame(r->m, page)->flags |= FRAME_LOCKED;
	frame_get(r->m, page);
	return true;
}

/* __remove_mapping: the page leaves the page cache if only that and the reclaimer hold it. */
static bool page_removed(struct run *r, const struct shrink_folio_list_l *l)
{
	const struct frame *f = read_frame(r->m, l->of.page);
	unsigned held = 1 + (l->of.file != NONE);

	if (f->refcount != held || (f->flags & (FRAME_DIRTY | FRAME_WRITEBACK)))
		return false;
	if (l->of.file == NONE)
		return true;
	if (read_file(r->m, l->of.file)->page[l->of.index] != l->of.page)
		return false;
	rule_discarded(r->m, l->mm, l->of.page, l->at);
	write_file(r->m, l->of.file)->page[l->of.index] = NO_FRAME;
	frame_put(r->m, l->of.page);
	return true;
}

/* The page is nobody's, but no frame of the allocator's yet. */
static void page_keep_for_free(struct run *r, unsigned page)
{
	struct ubc *u = write_ubc(r->m, run_task(r));

	CHECK(u->pages < RECLAIM_PAGES);
	u->page[u->pages++] = (uint16_t)page;
}

ROUTINE(free_unref_folios, "mm/page_alloc.c")
{
	struct ubc *u;

	BEGIN(struct free_unref_folios_l)
	if (!read_ubc(r->m, run_task(r))->pages)
		RETURN(RES_OK);
	STEP("the frames go back to the allocator");
	u = write_ubc(r->m, run_task(r));
	frames_put(r->m, u->page, u->pages);
	u->pages = 0;
	END(RES_OK)
}

ROUTINE(shrink_folio_list, "mm/vmscan.c")
{
	BEGIN(struct shrink_folio_list_l)
	for (; l->len; l->at += PAGE_SIZE, l->len = l->len > PAGE_SIZE ? l->len - (uint32_t)PAGE_SIZE : 0) {
		STEP("isolate the next page and lock it: its mappings are to go");
		lru_add_drain(r);
		if (!page_isolate(r, l))
			continue;
		CALL(try_to_unmap, .of = l->of);
		if (!read_frame(r->m, l->of.page)->mapcount && (read_frame(r->m, l->of.page)->flags & FRAME_DIRTY)) {
			if (profile_is(r->m, SW_RECLAIM_DIRTY, SW_YES))
				CALL(try_to_unmap_flush, .dirty_only = 1);
			CALL(folio_clear_dirty_for_io, .of = l->of);
			if (r->a->result == RES_OK)
				CALL(writepage, .of = l->of);
		}
		STEP("unlock the page; unmapped, clean and nobody else's, it leaves the page cache, to be freed");
		folio_unlock(r->m, l->of.page);
		if (read_frame(r->m, l->of.page)->mapcount || !page_removed(r, l))
			frame_put(r->m, l->of.page);
		else
			page_keep_for_free(r, l->of.page);
		if (read_ubc(r->m, run_task(r))->pages == RECLAIM_PAGES) {
			CALL(try_to_unmap_flush, .dirty_only = 0);
			CALL(free_unref_folios, .unused = 0);
		}
	}
	CALL(try_to_unmap_flush, .dirty_only = 0);
	CALL(free_unref_folios, .unused = 0);
	END(RES_OK)
}
