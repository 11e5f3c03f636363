/*
 * file.c - files of memory: the page cache, reading and writing without a mapping.
 *
 * Models: mm/shmem.c, mm/filemap.c: a page comes into the cache when it is first wanted; one that was cut off or punched
 * out reads as zeroes.  Files are memory, unless they are said to be on a disk.  Omits: the folio lock (reclaim and writeback
 * alone take it), swap, read-ahead; a transfer is one byte.
 */
#include "kernel.h"

unsigned file_pages(const struct file *f)
{
	return (unsigned)((f->size + PAGE_SIZE - 1) / PAGE_SIZE);
}

/* Read from the disk what was written there; before that, and where the file was cut, the page is as it began. */
static void page_from_disk(struct machine *m, unsigned page, unsigned file, unsigned index)
{
	unsigned b = block_find(m, file, index);

	write_frame(m, page)->flags |= FRAME_DISK;
	if (b == NONE)
		return;
	write_frame(m, page)->value = read_block(m, b)->value;
	if (read_block(m, b)->bytes.count)
		*write_content(m, page) = read_block(m, b)->bytes;
}

unsigned file_page_get(struct machine *m, unsigned file, unsigned index)
{
	unsigned page = read_file(m, file)->page[index];

	if (page != NO_FRAME)
		return page;
	page = frame_alloc(m, FRAME_FILE, file);
	if (page == NO_FRAME)
		return NO_FRAME;
	if (!(read_file(m, file)->hole & (1ull << index)))
		write_frame(m, page)->value = 100u * (file + 1u) + index;
	if (read_file(m, file)->used == FILE_DISK)
		page_from_disk(m, page, file, index);
	write_file(m, file)->page[index] = (uint16_t)page;
	return page;
}

bool file_page_drop(struct machine *m, unsigned file, unsigned index)
{
	unsigned page = read_file(m, file)->page[index];

	if (page != NO_FRAME && read_frame(m, page)->mapcount)
		return false;
	write_file(m, file)->hole |= 1ull << index;
	block_forget(m, file, index);
	if (page != NO_FRAME) {
		write_file(m, file)->page[index] = NO_FRAME;
		frame_put(m, page);
	}
	return true;
}

ROUTINE(vfs_read, "mm/filemap.c")
{
	const struct file *f;
	unsigned index, page;
	uint32_t value = 0;

	BEGIN(struct vfs_read_l)
	STEP("copy from the page cache; a hole has no page and reads as zero");
	f = read_file(r->m, l->file);
	if (l->at >= f->size)
		RETURN(RES_EOF);
	index = (unsigned)(l->at / PAGE_SIZE);
	page = f->hole & (1ull << index) ? f->page[index] : file_page_get(r->m, l->file, index);
	if (page != NO_FRAME)
		value = page_read(r->m, page, (unsigned)(l->at % PAGE_SIZE));
	write_task(r->m, run_task(r))->value = value;
	END(RES_OK)
}

ROUTINE(vfs_write, "mm/filemap.c")
{
	unsigned page;

	BEGIN(struct vfs_write_l)
	STEP("copy into the page cache; the file grows to what was written");
	if (l->at >= FILE_PAGES * PAGE_SIZE)
		RETURN(RES_EINVAL);
	for (unsigned p = file_pages(read_file(r->m, l->file)); p <= l->at / PAGE_SIZE; p++)
		write_file(r->m, l->file)->hole |= 1ull << p;
	page = file_page_get(r->m, l->file, (unsigned)(l->at / PAGE_SIZE));
	if (page == NO_FRAME || !page_write(r->m, page, (unsigned)(l->at % PAGE_SIZE), l->value))
		RETURN(RES_ENOMEM);
	write_frame(r->m, page)->flags |= FRAME_DIRTY;
	if (l->at >= read_file(r->m, l->file)->size)
		write_file(r->m, l->file)->size = (uint32_t)l->at + 1;
	END(RES_OK)
}
