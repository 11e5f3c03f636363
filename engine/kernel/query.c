/*
 * query.c - msync and mincore: what they refuse and what they see: mm/msync.c, mm/mincore.c.
 *
 * Models: the walk over the mappings with its errors; a page counts as resident when it has an entry, or when the page
 * cache has it; MS_SYNC writes the pages of files on a disk, one mapping after the other, without mmap_lock.
 * Omits: swap.
 */
#include "kernel.h"

static unsigned sync_range(struct machine *m, unsigned mm, uint64_t at, uint64_t end, unsigned flags)
{
	unsigned hole = RES_OK, v;

	while (at < end) {
		v = vma_first(m, mm, at, end);
		if (v == NONE || (read_vma(m, v)->start > at && flags == SYNC_ASYNC))
			return RES_ENOMEM;
		if (read_vma(m, v)->start > at)
			hole = RES_ENOMEM;
		if ((flags & SYNC_INVALIDATE) && (read_vma(m, v)->flags & VMA_LOCKED))
			return RES_EBUSY;
		at = read_vma(m, v)->end;
	}
	return hole;
}

/* The next mapping from l->at on whose file a disk keeps, NONE at the end. */
static unsigned synced_next(struct machine *m, const struct do_msync_l *l)
{
	for (uint64_t at = l->at; at < l->end;) {
		unsigned v = vma_first(m, l->mm, at, l->end);

		if (v == NONE || (read_vma(m, v)->flags & VMA_NOTIFY))
			return v;
		at = read_vma(m, v)->end;
	}
	return NONE;
}

/* The page of the file that `at` shows, or the mapping's first. */
static uint64_t synced_page(const struct vma *v, uint64_t at)
{
	return v->pgoff + (at > v->start ? (at - v->start) / PAGE_SIZE : 0);
}

ROUTINE(do_msync, "mm/msync.c")
{
	unsigned result, vma;
	uint64_t first, last;
	const struct vma *v;

	BEGIN(struct do_msync_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_SHARED, "mmap_read_lock");
	STEP("walk the mappings of the range");
	if ((l->flags & SYNC_BAD) || l->start % PAGE_SIZE || (l->flags & (SYNC_ASYNC | SYNC_SYNC)) == (SYNC_ASYNC | SYNC_SYNC))
		result = RES_EINVAL;
	else
		result = sync_range(r->m, l->mm, l->start, l->start + ((l->len + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1)), l->flags);
	lock_drop(r, LOCK_MMAP(l->mm));
	l->result = (uint8_t)result;
	l->at = l->start;
	l->end = (l->flags & SYNC_SYNC) && (result == RES_OK || result == RES_ENOMEM) ?
		l->start + ((l->len + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1)) : l->start;
	while ((vma = synced_next(r->m, l)) != NONE) {
		v = read_vma(r->m, vma);
		first = synced_page(v, l->at);
		l->at = v->end < l->end ? v->end : l->end;
		last = synced_page(v, l->at) - 1;
		CALL(write_cache_pages, .of = { .index = first, .file = v->file, .mm = l->mm },
			.last = (uint8_t)(last < FILE_PAGES ? last : FILE_PAGES - 1));
		LOCK(LOCK_MMAP(l->mm), LOCK_SHARED, "mmap_read_lock again, for the next mapping");
		lock_drop(r, LOCK_MMAP(l->mm));
	}
	END(l->result)
}

static bool resident(struct machine *m, const struct vma *v, uint64_t va)
{
	unsigned page;

	if (entry_serves(m, v->mm, va, false))
		return true;
	if (v->file == NONE)
		return false;
	page = vma_file_page(v, va);
	return page < FILE_PAGES && read_file(m, v->file)->page[page] != NO_FRAME;
}

/* The answer, a bit per page, is the task's value. */
ROUTINE(do_mincore, "mm/mincore.c")
{
	unsigned v, result = RES_OK;
	uint32_t pages = 0;

	BEGIN(struct do_mincore_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_SHARED, "mmap_read_lock");
	STEP("look at the entries, and at the page cache where there are none");
	if (l->start % PAGE_SIZE)
		result = RES_EINVAL;
	for (uint64_t at = l->start; at < l->start + l->len && result == RES_OK; at += PAGE_SIZE) {
		v = vma_find(r->m, l->mm, at);
		if (v == NONE)
			result = RES_ENOMEM;
		else if (resident(r->m, read_vma(r->m, v), at))
			pages |= 1u << (at - l->start) / PAGE_SIZE % 32;
	}
	write_task(r->m, run_task(r))->value = pages;
	lock_drop(r, LOCK_MMAP(l->mm));
	END(result)
}
