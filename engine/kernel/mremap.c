/*
 * mremap.c - moving a mapping: mm/mremap.c.
 *
 * Models: entries moved under both page-table locks, a whole page-table page moved by its PMD entry,
 * and the three ages of the flush: at the very end (dirty entries earlier, but after the new lock
 * dropped), or under both locks.  A moved page belongs to whoever holds the new lock.
 * Omits: growing, shrinking, MREMAP_FIXED over a mapping that is there (EFAULT), the choice of need_rmap_locks
 * (never taken), flush_tlb_batched_pending, and the do_munmap of the old range at the end: it would find no
 * entry, but it frees the old range's empty tables, which stay here until the next munmap.
 */
#include "kernel.h"

enum { MOVED_ANY = 1, MOVED_DIRTY = 2 };

ROUTINE(move_ptes, "mm/mremap.c")
{
	BEGIN(struct move_ptes_l)
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock of the old entries");
	if (l->new_table != l->table)
		LOCK(LOCK_PTL(l->new_table), LOCK_EXCLUSIVE, "take the page-table lock of the new entries, nested");
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

/* A whole 2 MiB range, a table or a huge page, moves by one PMD entry.  Rmap locks first: 97113eb39fa7. */
ROUTINE(move_normal_pmd, "mm/mremap.c")
{
	BEGIN(struct move_normal_pmd_l)
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
	UNLOCK(l->rmap, "drop the rmap lock");
	END(!profile_is(r->m, SW_MREMAP_FLUSH, MREMAP_UNDER_PTL))
}

/* Could the 2 MiB at `at` move as a whole: aligned, long enough, something there? */
static bool may_move_pmd(struct run *r, const struct do_mremap_l *l)
{
	uint64_t from = l->from + l->at, to = l->to + l->at;
	unsigned pmd = table_find(r->m, read_mm(r->m, l->mm)->pgd, from, LEVEL_PMD);

	if ((from | to) & (PMD_SIZE - 1) || l->pages * PAGE_SIZE - l->at < PMD_SIZE || pmd == NO_FRAME)
		return false;
	return pte_present(table_read(r->m, pmd, va_index(from, LEVEL_PMD)));
}

/* With the new PMD table there: is its entry free? */
static bool new_pmd_free(struct run *r, const struct do_mremap_l *l)
{
	uint64_t to = l->to + l->at;
	unsigned pmd = table_find(r->m, read_mm(r->m, l->mm)->pgd, to, LEVEL_PMD);

	return pmd != NO_FRAME && !table_read(r->m, pmd, va_index(to, LEVEL_PMD)) &&
		table_has_room(r->m, pmd, va_index(to, LEVEL_PMD));
}

/* Would the entries that move, all of them, fit into any one table at the new place? */
static bool entries_fit(struct run *r, const struct do_mremap_l *l)
{
	unsigned moving = 0, there = 0;

	for (uint64_t at = 0; at < l->pages * PAGE_SIZE; at += PAGE_SIZE) {
		unsigned from = pte_table(r->m, l->mm, l->from + at), to = pte_table(r->m, l->mm, l->to + at);

		if (from != NO_FRAME && table_read(r->m, from, va_index(l->from + at, LEVEL_PTE)))
			moving++;
		if (to != NO_FRAME && read_table(r->m, to)->count > there)
			there = read_table(r->m, to)->count;
	}
	return moving + there <= TABLE_SLOTS;
}

/* Pages from `at` on that one pair of page-table pages holds. */
static unsigned pages_together(const struct do_mremap_l *l)
{
	uint64_t from = l->from + l->at, to = l->to + l->at;
	uint64_t room = PMD_SIZE - ((from & (PMD_SIZE - 1)) > (to & (PMD_SIZE - 1)) ?
		from & (PMD_SIZE - 1) : to & (PMD_SIZE - 1));
	uint64_t left = l->pages * PAGE_SIZE - l->at;

	return (unsigned)((left < room ? left : room) / PAGE_SIZE);
}

ROUTINE(do_mremap, "mm/mremap.c")
{
	struct vma v;
	unsigned table, new_table, vma;

	BEGIN(struct do_mremap_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_EXCLUSIVE, "mmap_write_lock");
	STEP("check the old mapping and the new place");
	vma = vma_find(r->m, l->mm, l->from);
	if (vma == NONE || read_vma(r->m, vma)->end < l->from + l->pages * PAGE_SIZE ||
	    vma_first(r->m, l->mm, l->to, l->to + l->pages * PAGE_SIZE) != NONE ||
	    huge_cut(r->m, l->mm, l->from, l->from + l->pages * PAGE_SIZE) ||
	    (huge_inside(r->m, l->mm, l->from, l->from + l->pages * PAGE_SIZE) && (l->to & (PMD_SIZE - 1)))) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_EFAULT);
	}
	if (!entries_fit(r, l)) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_ENOMEM);
	}
	CALL(split_vma, .at = l->from, .mm = l->mm);
	if (r->a->result == RES_OK)
		CALL(split_vma, .at = l->from + l->pages * PAGE_SIZE, .mm = l->mm);
	/* Tables at the new place come first, so that no move stops half-way for want of memory. */
	for (l->at = 0; r->a->result == RES_OK && l->at < l->pages * PAGE_SIZE; l->at += pages_together(l) * PAGE_SIZE) {
		if (may_move_pmd(r, l))
			CALL(pte_alloc, .va = l->to + l->at, .mm = l->mm, .down_to = LEVEL_PMD);
		else if (pte_table(r->m, l->mm, l->from + l->at) != NO_FRAME)
			CALL(pte_alloc, .va = l->to + l->at, .mm = l->mm, .down_to = LEVEL_PTE);
	}
	l->vma = (uint8_t)vma_find(r->m, l->mm, l->from);
	if (r->a->result == RES_OK) {
		v = *read_vma(r->m, l->vma);
		v.start = l->to;
		v.end = l->to + l->pages * PAGE_SIZE;
		CALL(vma_link, .vma = v);
	}
	if (r->a->result != RES_OK) {
		UNLOCK(LOCK_MMAP(l->mm), "no room for another mapping: mmap_write_unlock");
		RETURN(RES_ENOMEM);
	}
	CALL(invalidate_range_start, .start = l->from, .end = l->from + l->pages * PAGE_SIZE, .mm = l->mm);
	for (l->at = 0; l->at < l->pages * PAGE_SIZE;) {
		if (may_move_pmd(r, l) && new_pmd_free(r, l)) {
			CALL(move_normal_pmd, .from = l->from + l->at, .to = l->to + l->at,
				.table = (uint16_t)table_find(r->m, read_mm(r->m, l->mm)->pgd, l->from + l->at, LEVEL_PMD),
				.new_table = (uint16_t)table_find(r->m, read_mm(r->m, l->mm)->pgd, l->to + l->at, LEVEL_PMD),
				.mm = l->mm, .rmap = (uint8_t)vma_rmap_lock(read_vma(r->m, l->vma)));
			l->need_flush |= r->a->result;
			l->at += PMD_SIZE;
			continue;
		}
		if (pte_table(r->m, l->mm, l->from + l->at) != NO_FRAME) {
			table = pte_table(r->m, l->mm, l->from + l->at);
			new_table = pte_table(r->m, l->mm, l->to + l->at);
			CHECK(new_table != NO_FRAME);
			CALL(move_ptes, .from = l->from + l->at, .to = l->to + l->at, .table = (uint16_t)table,
				.new_table = (uint16_t)new_table, .mm = l->mm, .pages = (uint16_t)pages_together(l));
			l->need_flush |= r->a->result;
		}
		l->at += pages_together(l) * PAGE_SIZE;
	}
	if (l->need_flush)
		CALL(flush_tlb_mm_range, .start = l->from, .end = l->from + l->pages * PAGE_SIZE, .mm = l->mm,
			.freed_tables = 1);
	CALL(invalidate_range_end, .start = l->from, .end = l->from + l->pages * PAGE_SIZE, .mm = l->mm);
	CALL(vma_unlink, .vma = l->vma);
	UNLOCK(LOCK_MMAP(l->mm), "mmap_write_unlock");
	END(RES_OK)
}
