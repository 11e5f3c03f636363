/*
 * populate.c - pages brought in before they are touched: mm_populate, mlock, munlock: mm/gup.c, mm/mlock.c.
 *
 * Models: a write fault where a private mapping is writable, a read fault elsewhere; flags first, up to the first hole, and
 * only then pages; the CPU's batch of pages that left a locked mapping: its references keep the page from looking unshared
 * to copy-on-write until something drains it.  Omits: the count of locked pages and its limit, the unevictable list, other
 * batches, file pages in this one.
 */
#include "kernel.h"

void lru_add_drain(struct run *r)
{
	if (!read_lru_batch(r->m, r->cpu)->count)
		return;
	for (unsigned i = 0; i < read_lru_batch(r->m, r->cpu)->count; i++)
		frame_put(r->m, read_lru_batch(r->m, r->cpu)->page[i]);
	*write_lru_batch(r->m, r->cpu) = (struct lru_batch){ 0 };
}

void lru_batch_add(struct run *r, unsigned pfn)
{
	struct lru_batch *b = write_lru_batch(r->m, r->cpu);

	frame_get(r->m, pfn);
	b->page[b->count++] = (uint16_t)pfn;
	if (b->count == LRU_BATCH)
		lru_add_drain(r);
}

void page_leaves(struct run *r, unsigned vma, unsigned pfn)
{
	page_unmapped(r->m, pfn);
	if ((read_vma(r->m, vma)->flags & VMA_LOCKED) && read_frame(r->m, pfn)->owner == FRAME_ANON)
		lru_batch_add(r, pfn);
}

/* Does the entry of va serve an access of this kind? */
bool entry_serves(struct machine *m, unsigned mm, uint64_t va, bool write)
{
	unsigned table = pte_table(m, mm, va);
	uint64_t pte = table == NO_FRAME ? 0 : table_read(m, table, va_index(va, LEVEL_PTE));

	if (huge_inside(m, mm, va, va + 1))
		return true;
	return pte && !(pte & PTE_MIGRATION) && (!write || (pte & PTE_WRITE));
}

/* mmap_lock is held.  Every page of the range, which lies in one mapping, is faulted in. */
ROUTINE(faultin_range, "mm/gup.c")
{
	BEGIN(struct faultin_range_l)
	for (; l->at < l->end; l->at += PAGE_SIZE)
		while (!entry_serves(r->m, l->mm, l->at, l->write)) {
			CALL(handle_mm_fault, .va = l->at, .mm = l->mm, .vma = (uint8_t)vma_find(r->m, l->mm, l->at),
				.write = l->write);
			if (r->a->result != RES_OK)
				RETURN(r->a->result);
		}
	END(RES_OK)
}

ROUTINE(mm_populate, "mm/gup.c")
{
	unsigned v, flags;

	BEGIN(struct mm_populate_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_SHARED, "mmap_read_lock: the range is faulted in");
	for (l->at = l->start; l->at < l->end; l->at = l->stop) {
		v = vma_first(r->m, l->mm, l->at, l->end);
		if (v == NONE)
			break;
		if (read_vma(r->m, v)->start > l->at)
			l->at = read_vma(r->m, v)->start;
		l->stop = read_vma(r->m, v)->end < l->end ? read_vma(r->m, v)->end : l->end;
		flags = read_vma(r->m, v)->flags;
		l->result = flags & VMA_ACCESS ? RES_OK : RES_EFAULT;
		if (l->result == RES_OK) {
			CALL(faultin_range, .at = l->at, .end = l->stop, .mm = l->mm,
				.write = (flags & (VMA_WRITE | VMA_SHARED)) == VMA_WRITE);
			l->result = r->a->result;
			lru_add_drain(r);
		}
		if (l->result != RES_OK && !l->ignore)
			break;
	}
	UNLOCK(LOCK_MMAP(l->mm), "mmap_read_unlock");
	END(l->ignore ? RES_OK : l->result)
}

/* mlock, and munlock without `lock`. */
ROUTINE(do_mlock, "mm/mlock.c")
{
	unsigned v;
	uint32_t flags;

	BEGIN(struct do_mlock_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_EXCLUSIVE, "mmap_write_lock");
	STEP("the range grows to whole pages; is its start mapped?");
	l->end = (l->start + l->len + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	l->start = va_page(l->start);
	if (l->start < l->end && vma_find(r->m, l->mm, l->start) == NONE)
		l->result = RES_ENOMEM;
	for (l->at = l->start; l->at < l->end && l->result == RES_OK; l->at = l->stop) {
		v = vma_find(r->m, l->mm, l->at);
		if (v == NONE) {
			l->result = RES_ENOMEM;
			break;
		}
		l->stop = read_vma(r->m, v)->end < l->end ? read_vma(r->m, v)->end : l->end;
		flags = read_vma(r->m, v)->flags & ~(uint32_t)VMA_LOCKED;
		if (l->lock)
			flags |= VMA_LOCKED;
		if (flags == read_vma(r->m, v)->flags)
			continue;
		CALL(vma_modify, .start = l->at, .end = l->stop, .vma = (uint8_t)v, .flags = flags);
		l->result = r->a->result;
		lru_add_drain(r);
	}
	UNLOCK(LOCK_MMAP(l->mm), "mmap_write_unlock");
	if (l->result != RES_OK || !l->lock)
		RETURN(l->result);
	CALL(mm_populate, .start = l->start, .end = l->end, .mm = l->mm);
	/* EFAULT is said as ENOMEM here, and want of memory as EAGAIN. */
	END(r->a->result == RES_OK ? RES_OK : r->a->result == RES_ENOMEM ? RES_EAGAIN : RES_ENOMEM)
}
