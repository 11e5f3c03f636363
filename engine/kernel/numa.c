/*
 * numa.c - NUMA balancing: entries are made to fault now and then, and the page moves to whoever uses it.
 *
 * Models: task_numa_work under mmap_lock for reading, with a gather of its own for each mapping; the hinting fault of today,
 * which leaves the entry as it is until the page has moved; the move: page lock, rmap lock, a migration entry in the place of
 * the entry, copy, the new entry, the last reference on the old page; who faults meanwhile waits for the page lock.  An entry
 * that nobody can use, PROT_NONE, needs no flush, unless somebody made it so and has not flushed yet: pte_accessible asks
 * tlb_flush_pending.
 * Omits: nodes and the choice of pages: every page of the range is made to fault, every fault finds its page misplaced, and a page
 * moves if one process maps it and nobody else holds it; file pages, huge pages, batches (one page, one flush), other
 * reasons to move a page.
 */
#include "kernel.h"

ROUTINE(task_numa_work, "kernel/sched/fair.c")
{
	unsigned v;

	BEGIN(struct task_numa_work_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_SHARED, "mmap_read_lock");
	while (l->at < l->end && (v = vma_first(r->m, l->mm, l->at, l->end)) != NONE) {
		if (read_vma(r->m, v)->start > l->at)
			l->at = read_vma(r->m, v)->start;
		l->stop = read_vma(r->m, v)->end < l->end ? read_vma(r->m, v)->end : l->end;
		if ((read_vma(r->m, v)->flags & VMA_ACCESS) && !(read_vma(r->m, v)->flags & VMA_PFNMAP)) {
			STEP("change_prot_numa: tlb_flush_pending goes up before any entry changes");
			gather_begin_protect(r, l->mm);
			CALL(change_protection, .start = l->at, .end = l->stop, .mm = l->mm, .numa = 1);
			CALL(tlb_finish_mmu, .start = l->at, .end = l->stop);
		}
		l->at = l->stop;
	}
	UNLOCK(LOCK_MMAP(l->mm), "mmap_read_unlock");
	END(RES_OK)
}

/* The entry is what NUMA balancing left there. */
static bool is_hint(uint64_t pte)
{
	return pte && !pte_present(pte) && !(pte & PTE_MIGRATION);
}

/* numa_rebuild_single_mapping: the page stays, the entry is as the mapping has it. */
static void map_again(struct run *r, const struct do_numa_page_l *l)
{
	uint64_t pte = table_read(r->m, l->table, va_index(l->va, LEVEL_PTE));

	if (is_hint(pte))
		entry_set(r->m, l->mm, l->table, l->va, entry_protected(r->m, read_vma(r->m, l->vma), pte));
}

/* migrate_misplaced_folio_prepare: a page of one process, held by its mapping alone. */
static bool may_move(const struct frame *f)
{
	return f->owner == FRAME_ANON && f->mapcount == 1 && f->refcount == 1;
}

/* A fault on an entry that the mapping would allow. */
ROUTINE(do_numa_page, "mm/memory.c")
{
	uint64_t pte;

	BEGIN(struct do_numa_page_l)
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "a hinting fault: take the page-table lock");
	STEP("still the same entry? isolate the page, to move it near its user; the entry stays as it is");
	pte = table_read(r->m, l->table, va_index(l->va, LEVEL_PTE));
	if (!is_hint(pte) || !may_move(read_frame(r->m, pte_pfn(pte)))) {
		map_again(r, l);
		lock_drop(r, LOCK_PTL(l->table));
		RETURN(RES_OK);
	}
	l->page = (uint16_t)pte_pfn(pte);
	frame_get(r->m, l->page);
	UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
	CALL(migrate_misplaced_folio, .va = l->va, .table = l->table, .old = l->page, .mm = l->mm, .vma = l->vma);
	if (r->a->result == RES_OK)
		RETURN(RES_OK);
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "the page could not move: map it again, under the page-table lock");
	map_again(r, l);
	lock_drop(r, LOCK_PTL(l->table));
	END(RES_OK)
}

/* May a CPU still have cached an entry like this?  PROT_NONE: only while somebody has changed entries and not flushed yet. */
static bool pte_accessible(struct machine *m, unsigned mm, uint64_t pte)
{
	return pte_present(pte) || read_mm(m, mm)->flush_pending;
}

/* One place where the page is mapped: a migration entry instead. */
ROUTINE(try_to_migrate_one, "mm/rmap.c")
{
	BEGIN(struct try_to_migrate_one_l)
	CALL(invalidate_range_start, .start = l->va, .end = l->va + PAGE_SIZE, .mm = l->mm);
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock");
	STEP("does the entry still map the page? ptep_clear_flush: take it out");
	l->pte = table_read(r->m, l->table, va_index(l->va, LEVEL_PTE));
	if (l->pte && pte_pfn(l->pte) == l->page && !(l->pte & PTE_MIGRATION)) {
		entry_get_and_clear(r->m, l->mm, l->table, l->va);
		if (pte_accessible(r->m, l->mm, l->pte))
			CALL(flush_tlb_mm_range, .start = l->va, .end = l->va + PAGE_SIZE, .mm = l->mm);
		STEP("a migration entry in its place; the page loses its mapping");
		entry_set(r->m, l->mm, l->table, l->va, pte_make(l->page, PTE_MIGRATION | (l->pte & PTE_DIRTY)));
		page_unmapped(r->m, l->page);
		frame_put(r->m, l->page);
	}
	UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
	CALL(invalidate_range_end, .start = l->va, .end = l->va + PAGE_SIZE, .mm = l->mm);
	END(RES_OK)
}

/* The entry of the page that is there now in the place of the migration entry, unless that has gone meanwhile. */
ROUTINE(remove_migration_pte, "mm/migrate.c")
{
	uint64_t pte;

	BEGIN(struct remove_migration_pte_l)
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock");
	STEP("the entry of the page instead of the migration entry, if that is still there");
	pte = table_read(r->m, l->table, va_index(l->va, LEVEL_PTE));
	if ((pte & PTE_MIGRATION) && pte_pfn(pte) == l->old) {
		frame_get(r->m, l->page);
		page_mapped(r->m, l->page);
		entry_set(r->m, l->mm, l->table, l->va, entry_make(read_vma(r->m, l->vma), l->page,
			(read_vma(r->m, l->vma)->flags & VMA_WRITE) && (read_frame(r->m, l->page)->flags & FRAME_EXCLUSIVE),
			pte & PTE_DIRTY));
		rule_goes_on(r->m, l->mm, l->va, l->page);
	}
	UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
	END(RES_OK)
}

/* migrate_folio: contents and flags; nobody maps the old page any more. */
static void folio_copy(struct run *r, const struct migrate_misplaced_folio_l *l)
{
	page_copy(r->m, l->page, l->old);
	write_frame(r->m, l->page)->flags |= read_frame(r->m, l->old)->flags & (FRAME_EXCLUSIVE | FRAME_DIRTY | FRAME_LAZYFREE);
	write_frame(r->m, l->old)->flags &= (uint16_t)~FRAME_EXCLUSIVE;
	rule_copied(r->m, l->mm, l->va);
}

/* The caller holds a reference on the old page, which goes. */
ROUTINE(migrate_misplaced_folio, "mm/migrate.c")
{
	BEGIN(struct migrate_misplaced_folio_l)
	STEP("migrate_pages: folio_trylock, a new page; who finds the migration entry will wait for the lock");
	l->page = read_frame(r->m, l->old)->flags & FRAME_LOCKED ? NO_FRAME : (uint16_t)frame_alloc(r->m, FRAME_ANON, l->mm);
	if (l->page == NO_FRAME) {
		frame_put(r->m, l->old);
		RETURN(RES_EAGAIN);
	}
	write_frame(r->m, l->old)->flags |= FRAME_LOCKED;
	LOCK(vma_rmap_lock(read_vma(r->m, l->vma)), LOCK_SHARED, "try_to_migrate: the rmap lock, to find who maps the page");
	CALL(try_to_migrate_one, .va = l->va, .table = l->table, .page = l->old, .mm = l->mm, .vma = l->vma);
	STEP("drop the rmap lock; does nobody else hold the page? copy it");
	lock_drop(r, vma_rmap_lock(read_vma(r->m, l->vma)));
	if (read_frame(r->m, l->old)->refcount == 1) {
		folio_copy(r, l);
	} else {
		frame_put(r->m, l->page);
		l->page = l->old;
	}
	LOCK(vma_rmap_lock(read_vma(r->m, l->vma)), LOCK_SHARED, "remove_migration_ptes: the rmap lock again");
	CALL(remove_migration_pte, .va = l->va, .table = l->table, .old = l->old, .page = l->page, .mm = l->mm, .vma = l->vma);
	STEP("drop the rmap lock, unlock the page and put the old one: it is free, and soon somebody else's");
	lock_drop(r, vma_rmap_lock(read_vma(r->m, l->vma)));
	folio_unlock(r->m, l->old);
	frame_put(r->m, l->old);
	if (l->page == l->old)
		RETURN(RES_EAGAIN);
	frame_put(r->m, l->page);
	END(RES_OK)
}
