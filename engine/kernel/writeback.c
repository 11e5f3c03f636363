/*
 * writeback.c - dirty pages go to the disk: mm/page-writeback.c.
 *
 * Models: the dirty pages of a file one after the other, each under its folio lock; entries made clean before the page is
 * declared clean; the disk reads the page later, at a moment of its own, and the page counts as under writeback until then.
 * What the disk has is kept in blocks: it is read again when the page has left the page cache.
 * Omits: truncation taking the folio lock and waiting for writeback (what it cuts off is not written), several pages in one
 * request, tags, errors but a full disk, which leaves the page dirty.
 */
#include "kernel.h"

unsigned block_find(struct machine *m, unsigned file, unsigned index)
{
	for (unsigned b = 0; b < MAX_BLOCKS; b++)
		if (read_block(m, b)->used && read_block(m, b)->file == file && read_block(m, b)->index == index)
			return b;
	return NONE;
}

void block_forget(struct machine *m, unsigned file, unsigned index)
{
	unsigned b = read_file(m, file)->used == FILE_DISK ? block_find(m, file, index) : NONE;

	if (b != NONE)
		*write_block(m, b) = (struct block){ 0 };
}

/* The block for a page of a file, a new one if there is none yet; NONE when the disk is full. */
static unsigned block_make(struct machine *m, unsigned file, unsigned index)
{
	unsigned b = block_find(m, file, index);

	for (unsigned i = 0; i < MAX_BLOCKS && b == NONE; i++)
		if (!read_block(m, i)->used) {
			*write_block(m, i) = (struct block){ .used = 1, .file = (uint8_t)file, .index = (uint8_t)index };
			b = i;
		}
	return b;
}

/* The page as it is now becomes what the disk has; false when the disk is full. */
static bool disk_reads(struct machine *m, const struct rmap_page *of)
{
	unsigned b = block_make(m, of->file, (unsigned)of->index);

	if (b == NONE)
		return false;
	write_block(m, b)->value = read_frame(m, of->page)->value;
	write_block(m, b)->bytes = *read_content(m, of->page);
	if (read_file(m, of->file)->hole & (1ull << of->index))
		write_file(m, of->file)->hole &= ~(1ull << of->index);
	event_add(m, (struct event){ .kind = EV_DISK, .c = of->page, .x = read_frame(m, of->page)->value });
	return true;
}

/* Is the page still the file's? */
static bool page_in_file(struct machine *m, const struct rmap_page *of)
{
	return read_file(m, of->file)->page[of->index] == of->page;
}

/* The folio is locked.  OK: it was dirty and is now on its way to the disk; EAGAIN: it was clean. */
ROUTINE(folio_clear_dirty_for_io, "mm/page-writeback.c")
{
	BEGIN(struct folio_clear_dirty_for_io_l)
	STEP("is the page mapped at all? its map count says so");
	if (read_frame(r->m, l->of.page)->mapcount) {
		CALL(folio_mkclean, .of = l->of);
		if (r->a->result == RES_OK)
			write_frame(r->m, l->of.page)->flags |= FRAME_DIRTY;
	}
	STEP("test and clear PG_dirty: the page is declared clean, the disk is to read it");
	if (!(read_frame(r->m, l->of.page)->flags & FRAME_DIRTY))
		RETURN(RES_EAGAIN);
	write_frame(r->m, l->of.page)->flags &= (uint16_t)~FRAME_DIRTY;
	write_frame(r->m, l->of.page)->flags |= FRAME_WRITEBACK;
	event_add(r->m, (struct event){ .kind = EV_CLEAN, .c = l->of.page });
	END(RES_OK)
}

ROUTINE(writepage, "the disk")
{
	struct frame *f;

	BEGIN(struct writepage_l)
	STEP("the disk reads the page; the interrupt that says so ends the writeback");
	f = write_frame(r->m, l->of.page);
	f->flags &= (uint16_t)~(FRAME_WRITEBACK | FRAME_UNSAVED);
	if (page_in_file(r->m, &l->of) && !disk_reads(r->m, &l->of))
		f->flags |= FRAME_DIRTY;
	END(RES_OK)
}

/* The first dirty page of the file from of->index to last, with a reference; false when there is none. */
static bool dirty_next(struct machine *m, struct rmap_page *of, unsigned last)
{
	for (; of->index <= last && of->index < FILE_PAGES; of->index++) {
		of->page = read_file(m, of->file)->page[of->index];
		if (of->page != NO_FRAME && (read_frame(m, of->page)->flags & FRAME_DIRTY)) {
			frame_get(m, of->page);
			return true;
		}
	}
	return false;
}

ROUTINE(write_cache_pages, "mm/page-writeback.c")
{
	BEGIN(struct write_cache_pages_l)
	if (read_file(r->m, l->of.file)->used != FILE_DISK) {
		STEP("a file in memory has no disk to go to");
		RETURN(RES_EINVAL);
	}
	for (;; l->of.index++) {
		STEP("find the next dirty page of the file, take a reference");
		if (!dirty_next(r->m, &l->of, l->last))
			RETURN(RES_OK);
		AWAIT(WAIT_FOLIO, l->of.page, FRAME_LOCKED, "folio_lock; still a dirty page of this file?");
		if (page_in_file(r->m, &l->of) && (read_frame(r->m, l->of.page)->flags & FRAME_DIRTY)) {
			write_frame(r->m, l->of.page)->flags |= FRAME_LOCKED;
			if (read_frame(r->m, l->of.page)->flags & FRAME_WRITEBACK)
				AWAIT(WAIT_FOLIO, l->of.page, FRAME_WRITEBACK, "wait for the write that is under way");
			CALL(folio_clear_dirty_for_io, .of = l->of);
			if (r->a->result == RES_OK) {
				STEP("folio_unlock: the request is with the disk");
				folio_unlock(r->m, l->of.page);
				CALL(writepage, .of = l->of);
			} else {
				folio_unlock(r->m, l->of.page);
			}
		}
		frame_put(r->m, l->of.page);
	}
	END(RES_OK)
}
