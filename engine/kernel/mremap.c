/*
 * mremap.c - changing the size or the place of a mapping: mm/mremap.c.
 *
 * Models: the order of the checks, before 6.17 and since; shrinking and growing in place; a move of one mapping, of several when
 * the size stays, of none of the pages (old length 0), with the old range left behind empty (MOVE_DONTUNMAP); entries
 * moved under both page-table locks, a whole page-table page moved by its PMD entry,
 * and the three ages of the flush: at the very end (dirty entries earlier, but after the new lock
 * dropped), or under both locks.  A moved page belongs to whoever holds the new lock.
 * Omits: the choice of need_rmap_locks for single entries (never taken), limits.
 */
#include "huge.h"
#include "kernel.h"

enum { MOVED_ANY = 1, MOVED_DIRTY = 2 };

ROUTINE(move_ptes, "mm/mremap.c")
{
	BEGIN(struct move_ptes_l)
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock of the old entries");
	if (l->new_table != l->table)
		LOCK(LOCK_PTL(l->new_table), LOCK_EXCLUSIVE, "take the page-table lock of the new entries, nested");
	CALL(flush_tlb_batched_pending, .mm = l->mm);
	for (l->at = 0; l->at < l->pages * PAGE_SIZE; l->at += PAGE_SIZE) {
		if (!table_read(r->m, l->table, va_index(l->from + l->at, LEVEL_PTE)))
			continue;
		STEP("get and clear the old entry");
		l->pte = entry_get_and_clear(r->m, l->mm, l->table, l->from + l->at);
		rule_outlaw(r->m, run_task(r), l->mm, l->from + l->at, l->from + l->at + PAGE_SIZE);
		l->flags |= l->pte & PTE_DIRTY ? MOVED_ANY | MOVED_DIRTY : MOVED_ANY;
		STEP("set the new entry: the same page, found at the new address from now on");
		entry_set(r->m, l->mm, l->new_table, l->to + l->at, l->pte);
	}
	if (l->flags && profile_is(r->m, SW_MREMAP_FLUSH, MREMAP_UNDER_PTL))
		CALL(flush_tlb_mm_range, .start = l->from, .end = l->from + l->pages * PAGE_SIZE, .mm = l->mm,
			.freed_tables = 1);
	if (l->new_table != l->table)
		UNLOCK(LOCK_PTL(l->new_table), "drop the lock of the new entries: the page may be freed through them");
	/* 4.9 to 4.18: what was dirty is flushed here, between the two unlocks; the rest waits. */
	l->left = l->flags != 0 && !profile_is(r->m, SW_MREMAP_FLUSH, MREMAP_UNDER_PTL);
	if ((l->flags & MOVED_DIRTY) && profile_is(r->m, SW_MREMAP_FLUSH, MREMAP_DIRTY_ONLY)) {
		CALL(flush_tlb_mm_range, .start = l->from, .end = l->from + l->pages * PAGE_SIZE, .mm = l->mm,
			.freed_tables = 1);
		l->left = 0;
	}
	UNLOCK(LOCK_PTL(l->table), "drop the lock of the old entries");
	END(l->left)
}

/* A whole 2 MiB range, a table or a huge page, moves by one PMD entry.  Rmap locks first since 97113eb39fa7. */
ROUTINE(move_normal_pmd, "mm/mremap.c")
{
	BEGIN(struct move_normal_pmd_l)
	if (profile_is(r->m, SW_MREMAP_RMAP, RMAP_LOCKED))
		LOCK(l->rmap, LOCK_EXCLUSIVE, "take the rmap lock: nobody walks the mapping meanwhile");
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the lock of the old PMD table");
	if (l->new_table != l->table)
		LOCK(LOCK_PTL(l->new_table), LOCK_EXCLUSIVE, "take the lock of the new PMD table, nested");
	STEP("still a table behind the old entry? then clear the entry");
	l->pmd = table_read(r->m, l->table, va_index(l->from, LEVEL_PMD));
	if (l->pmd) {
		table_write(r->m, l->table, va_index(l->from, LEVEL_PMD), 0);
		rule_changed(r->m, l->mm, l->from, l->from + PMD_SIZE);
		rule_outlaw(r->m, run_task(r), l->mm, l->from, l->from + PMD_SIZE);
		event_add(r->m, (struct event){
			.kind = EV_PTE, .a = l->mm, .b = LEVEL_PMD, .c = l->table, .va = l->from, .x = 0,
		});
		STEP("set the new entry: the same table, found at the new address from now on");
		table_write(r->m, l->new_table, va_index(l->to, LEVEL_PMD), l->pmd);
		if (pte_leaf(l->pmd, LEVEL_PMD))
			deposit_move(r->m, l->table, l->new_table);
		event_add(r->m, (struct event){
			.kind = EV_PTE, .a = l->mm, .b = LEVEL_PMD, .c = l->new_table, .va = l->to, .x = l->pmd,
		});
		if (profile_is(r->m, SW_MREMAP_FLUSH, MREMAP_UNDER_PTL))
			CALL(flush_tlb_mm_range, .start = l->from, .end = l->from + PMD_SIZE, .mm = l->mm,
				.freed_tables = 1, .stride_shift = PAGE_SHIFT);
	}
	if (l->new_table != l->table)
		UNLOCK(LOCK_PTL(l->new_table), "drop the lock of the new PMD table");
	UNLOCK(LOCK_PTL(l->table), "drop the lock of the old PMD table");
	if (profile_is(r->m, SW_MREMAP_RMAP, RMAP_LOCKED))
		UNLOCK(l->rmap, "drop the rmap lock");
	END(!profile_is(r->m, SW_MREMAP_FLUSH, MREMAP_UNDER_PTL))
}

/* Could the 2 MiB at `at` move as a whole: aligned, long enough, something there? */
static bool may_move_pmd(struct run *r, const struct move_vma_l *l)
{
	uint64_t from = l->from + l->at, to = l->to + l->at;
	unsigned pmd = table_find(r->m, read_mm_part(r->m, l->mm, MM_REST)->pgd, from, LEVEL_PMD);

	if ((from | to) & (PMD_SIZE - 1) || l->len - l->at < PMD_SIZE || pmd == NO_FRAME)
		return false;
	return pte_present(table_read(r->m, pmd, va_index(from, LEVEL_PMD)));
}

/* With the new PMD table there: is its entry free? */
static bool new_pmd_free(struct run *r, const struct move_vma_l *l)
{
	uint64_t to = l->to + l->at;
	unsigned pmd = table_find(r->m, read_mm_part(r->m, l->mm, MM_REST)->pgd, to, LEVEL_PMD);

	return pmd != NO_FRAME && !table_read(r->m, pmd, va_index(to, LEVEL_PMD)) &&
		table_has_room(r->m, pmd, va_index(to, LEVEL_PMD));
}

/* Would the entries that move to another table, all of them, fit into any one table at the new place? */
static bool entries_fit(struct run *r, const struct move_vma_l *l)
{
	unsigned moving = 0, there = 0;

	for (uint64_t at = 0; at < l->len; at += PAGE_SIZE) {
		unsigned from = pte_table(r->m, l->mm, l->from + at), to = pte_table(r->m, l->mm, l->to + at);

		if (from == to)
			continue;
		if (from != NO_FRAME && table_read(r->m, from, va_index(l->from + at, LEVEL_PTE)))
			moving++;
		if (to != NO_FRAME && read_table(r->m, to)->count > there)
			there = read_table(r->m, to)->count;
	}
	return moving + there <= TABLE_SLOTS;
}

/* Bytes from `at` on that one pair of page-table pages holds. */
static uint64_t bytes_together(const struct move_vma_l *l)
{
	uint64_t from = l->from + l->at, to = l->to + l->at;
	uint64_t room = PMD_SIZE - ((from & (PMD_SIZE - 1)) > (to & (PMD_SIZE - 1)) ?
		from & (PMD_SIZE - 1) : to & (PMD_SIZE - 1));
	uint64_t left = l->len - l->at;

	return left < room ? left : room;
}

/* copy_vma: the mapping at its new place, not linked yet.  What has no pages of its own may be numbered anew. */
static struct vma vma_copied(const struct vma *old, const struct move_vma_l *l)
{
	struct vma v = *old;

	v.pgoff += (l->from - old->start) / PAGE_SIZE;
	if (v.file == NONE && !v.anon_vma)
		v.pgoff = l->to / PAGE_SIZE;
	v.start = l->to;
	v.end = l->to + l->new_len;
	return v;
}

/* mmap_lock is held for writing.  The new place is free. */
ROUTINE(move_vma, "mm/mremap.c")
{
	unsigned table, new_table;
	struct vma *w;

	BEGIN(struct move_vma_l)
	if (!entries_fit(r, l))
		RETURN(RES_ENOMEM);
	/* Tables at the new place come first, so that no move stops half-way for want of memory. */
	for (l->at = 0; l->at < l->len; l->at += bytes_together(l)) {
		if (may_move_pmd(r, l))
			CALL(pte_alloc, .va = l->to + l->at, .mm = l->mm, .down_to = LEVEL_PMD);
		else if (pte_table(r->m, l->mm, l->from + l->at) != NO_FRAME)
			CALL(pte_alloc, .va = l->to + l->at, .mm = l->mm, .down_to = LEVEL_PTE);
		else
			continue;
		if (r->a->result != RES_OK)
			RETURN(RES_ENOMEM);
	}
	l->old = (uint8_t)vma_find(r->m, l->mm, l->from);
	CALL(vma_new, .vma = vma_copied(read_vma(r->m, l->old), l), .from = l->old);
	if (r->a->result != RES_OK)
		RETURN(RES_ENOMEM);
	l->old = (uint8_t)vma_find(r->m, l->mm, l->from);	/* the two may be one now */
	CALL(invalidate_range_start, .start = l->from, .end = l->from + l->len, .mm = l->mm);
	for (l->at = 0; l->at < l->len;) {
		if (may_move_pmd(r, l) && new_pmd_free(r, l)) {
			CALL(move_normal_pmd, .from = l->from + l->at, .to = l->to + l->at,
				.table = (uint16_t)table_find(r->m, read_mm_part(r->m, l->mm, MM_REST)->pgd, l->from + l->at, LEVEL_PMD),
				.new_table = (uint16_t)table_find(r->m, read_mm_part(r->m, l->mm, MM_REST)->pgd, l->to + l->at, LEVEL_PMD),
				.mm = l->mm, .rmap = (uint8_t)vma_rmap_lock(read_vma(r->m, l->old)));
			l->need_flush |= r->a->result;
			l->at += PMD_SIZE;
			continue;
		}
		if (pte_table(r->m, l->mm, l->from + l->at) != NO_FRAME) {
			table = pte_table(r->m, l->mm, l->from + l->at);
			new_table = pte_table(r->m, l->mm, l->to + l->at);
			CHECK(new_table != NO_FRAME);
			CALL(move_ptes, .from = l->from + l->at, .to = l->to + l->at, .table = (uint16_t)table,
				.new_table = (uint16_t)new_table, .mm = l->mm,
				.pages = (uint16_t)(bytes_together(l) / PAGE_SIZE));
			l->need_flush |= r->a->result;
		}
		l->at += bytes_together(l);
	}
	if (l->need_flush)
		CALL(flush_tlb_mm_range, .start = l->from, .end = l->from + l->len, .mm = l->mm, .freed_tables = 1);
	CALL(invalidate_range_end, .start = l->from, .end = l->from + l->len, .mm = l->mm);
	if (l->dontunmap) {
		STEP("the old range stays, empty: no longer locked, and without pages of its own if all of it moved");
		w = write_vma(r->m, l->old);
		w->flags &= ~(uint32_t)VMA_LOCKED;
		if (w->start == l->from && w->end == l->from + l->len) {
			w->anon_vma = 0;
			w->chain = 0;
		}
	} else if (l->len) {
		CALL(do_vmi_munmap, .start = l->from, .end = l->from + l->len, .mm = l->mm);
	}
	END(RES_OK)
}

/* Can the old range be moved or grown as it is asked for?  (check_prep_vma, vma_to_resize) */
static unsigned old_range_refusal(struct run *r, unsigned mm, uint64_t from, uint64_t old_len, uint64_t new_len)
{
	unsigned v = vma_find(r->m, mm, from);

	if (v == NONE)
		return RES_EFAULT;
	/* Length 0 means another mapping of the same memory: only shared memory can have that. */
	if (!old_len && !(read_vma(r->m, v)->flags & VMA_SHARED))
		return RES_EINVAL;
	if (old_len > new_len)
		old_len = new_len;
	return old_len > read_vma(r->m, v)->end - from ? RES_EFAULT : RES_OK;
}

/* get_unmapped_area: the hint where it is free, else the highest gap. */
static uint64_t unmapped_area(struct machine *m, unsigned mm, uint64_t hint, uint64_t len)
{
	uint64_t end = MMAP_BASE;
	unsigned v;

	if (hint && vma_first(m, mm, hint, hint + len) == NONE)
		return hint;
	while ((v = vma_first(m, mm, end - len, end)) != NONE)
		end = read_vma(m, v)->start;
	return end - len;
}

/* mremap_to, and the move of what cannot grow in place: to a place that is given, or to one that is free. */
ROUTINE(mremap_to, "mm/mremap.c")
{
	unsigned refusal;

	BEGIN(struct mremap_to_l)
	refusal = old_range_refusal(r, l->mm, l->from, l->old_len, l->new_len);
	if (refusal != RES_OK && profile_is(r->m, SW_MREMAP_CHECKS, CHECKS_FIRST))
		RETURN(refusal);
	if ((l->flags & MOVE_FIXED) && vma_first(r->m, l->mm, l->to, l->to + l->new_len) != NONE) {
		CALL(do_vmi_munmap, .start = l->to, .end = l->to + l->new_len, .mm = l->mm);
		if (r->a->result != RES_OK)
			RETURN(r->a->result);
	}
	if (l->old_len > l->new_len) {
		CALL(do_vmi_munmap, .start = l->from + l->new_len, .end = l->from + l->old_len, .mm = l->mm);
		if (r->a->result != RES_OK)
			RETURN(r->a->result);
		l->old_len = l->new_len;
	}
	refusal = old_range_refusal(r, l->mm, l->from, l->old_len, l->new_len);
	if (refusal != RES_OK)
		RETURN(refusal);
	if (!(l->flags & MOVE_FIXED))
		l->to = unmapped_area(r->m, l->mm, l->flags & MOVE_DONTUNMAP ? l->to : 0, l->new_len);
	CALL(move_vma, .from = l->from, .to = l->to, .len = l->old_len, .new_len = l->new_len, .mm = l->mm,
		.dontunmap = (l->flags & MOVE_DONTUNMAP) != 0);
	END(r->a->result)
}

/* Up to its end, with room behind it: the mapping grows where it is. */
static bool grows_in_place(struct run *r, const struct do_mremap_l *l, unsigned vma)
{
	const struct vma *v = read_vma(r->m, vma);

	return l->old_len == v->end - l->from &&
		vma_first(r->m, l->mm, v->end, v->end + (l->new_len - l->old_len)) == NONE;
}

static unsigned mremap_refusal(struct run *r, const struct do_mremap_l *l)
{
	bool placed = l->flags & (MOVE_FIXED | MOVE_DONTUNMAP);

	if ((l->flags & MOVE_BAD) || l->from % PAGE_SIZE || !l->new_len)
		return RES_EINVAL;
	if (placed && !(l->flags & MOVE_MAYMOVE))
		return RES_EINVAL;
	if ((l->flags & MOVE_DONTUNMAP) && l->old_len != l->new_len)
		return RES_EINVAL;
	/* Until 6.17 what is mapped there was looked at before the new place. */
	if (profile_is(r->m, SW_MREMAP_CHECKS, CHECKS_LATE) && vma_find(r->m, l->mm, l->from) == NONE)
		return RES_EFAULT;
	if (placed && (l->to % PAGE_SIZE || (l->from + l->old_len > l->to && l->to + l->new_len > l->from)))
		return RES_EINVAL;
	if (huge_cut(r->m, l->mm, l->from, l->from + l->old_len) ||
	    (huge_inside(r->m, l->mm, l->from, l->from + l->old_len) && (l->to & (PMD_SIZE - 1))))
		return RES_EFAULT;
	return RES_OK;
}

ROUTINE(do_mremap, "mm/mremap.c")
{
	const struct vma *v;
	unsigned vma;
	uint64_t end;

	BEGIN(struct do_mremap_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_EXCLUSIVE, "mmap_write_lock");
	STEP("check the old mapping and the new place");
	l->old_len = (uint32_t)((l->old_len + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));
	l->new_len = (uint32_t)((l->new_len + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));
	l->result = (uint8_t)mremap_refusal(r, l);
	vma = vma_find(r->m, l->mm, l->from);
	if (l->result == RES_OK && vma == NONE)
		l->result = RES_EFAULT;
	if (l->result != RES_OK) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(l->result);
	}
	if ((l->flags & MOVE_FIXED) && l->old_len == l->new_len && profile_is(r->m, SW_MREMAP_MULTI, SW_YES)) {
		for (l->at = l->from; l->at < l->from + l->old_len; l->at = l->stop) {
			end = l->from + l->old_len;
			vma = vma_first(r->m, l->mm, l->at, end);
			if (vma == NONE)
				break;
			v = read_vma(r->m, vma);
			if (v->start > l->at)
				l->at = v->start;
			l->stop = v->end < end ? v->end : end;
			CALL(mremap_to, .from = l->at, .to = l->to + (l->at - l->from), .old_len = (uint32_t)(l->stop - l->at),
				.new_len = (uint32_t)(l->stop - l->at), .flags = l->flags, .mm = l->mm);
			l->result = r->a->result;
			if (l->result != RES_OK)
				break;
		}
	} else if (l->flags & (MOVE_FIXED | MOVE_DONTUNMAP)) {
		l->populate = l->new_len > l->old_len && (read_vma(r->m, vma)->flags & VMA_LOCKED);
		CALL(mremap_to, .from = l->from, .to = l->to, .old_len = l->old_len, .new_len = l->new_len,
			.flags = l->flags, .mm = l->mm);
		l->result = r->a->result;
	} else if (l->old_len > l->new_len) {
		CALL(do_vmi_munmap, .start = l->from + l->new_len, .end = l->from + l->old_len, .mm = l->mm);
		l->result = r->a->result;
	} else if (l->old_len < l->new_len) {
		l->result = (uint8_t)old_range_refusal(r, l->mm, l->from, l->old_len, l->new_len);
		v = read_vma(r->m, vma);
		l->populate = l->result == RES_OK && (v->flags & VMA_LOCKED) != 0;
		if (l->result == RES_OK && grows_in_place(r, l, vma)) {
			CALL(vma_new, .from = NONE, .vma = {
				.start = v->end, .end = v->end + (l->new_len - l->old_len), .mm = l->mm, .flags = v->flags,
				.file = v->file, .pgoff = v->pgoff + (v->end - v->start) / PAGE_SIZE, .anon_vma = v->anon_vma,
				.chain = v->chain,
			});
			l->result = r->a->result;
			l->to = l->from;
		} else if (l->result == RES_OK && (l->flags & MOVE_MAYMOVE)) {
			l->to = unmapped_area(r->m, l->mm, 0, l->new_len);
			CALL(move_vma, .from = l->from, .to = l->to, .len = l->old_len, .new_len = l->new_len, .mm = l->mm);
			l->result = r->a->result;
		} else if (l->result == RES_OK) {
			l->result = RES_ENOMEM;
		}
	}
	UNLOCK(LOCK_MMAP(l->mm), "mmap_write_unlock");
	if (l->result == RES_OK && l->populate)
		CALL(mm_populate, .start = l->to + l->old_len, .end = l->to + l->new_len, .mm = l->mm, .ignore = 1);
	END(l->result)
}
