/*
 * fault.c - page faults of anonymous and file pages, spurious ones, and copy-on-write.
 *
 * Models: arch/x86/mm/fault.c and mm/memory.c of 7.0: mmap_lock for reading, missing tables linked
 * one level at a time, "still the same?" under the page-table lock, fault-around of what the page cache has,
 * pages that one process has to itself (PageAnonExclusive), clear - flush - set in a copy.
 * Omits: per-VMA locks, swap, huge pages, the folio lock.  Files are memory: a writable shared mapping gets writable entries; those of a file on a
 * disk get the right to write with the first store, which makes the page dirty.
 */
#include "kernel.h"

#define FAULT_AROUND_PAGES 16u

ROUTINE(do_user_addr_fault, "arch/x86/mm/fault.c")
{
	unsigned flags;

	BEGIN(struct do_user_addr_fault_l)
	l->mm = (uint8_t)run_mm(r);
	LOCK(LOCK_MMAP(l->mm), LOCK_SHARED, "mmap_read_lock");
	STEP("find the mapping; does it allow the access?");
	l->vma = (uint8_t)vma_find(r->m, l->mm, l->va);
	if (l->vma == NONE) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_SIGSEGV);
	}
	/* Who may write or execute can read. */
	flags = read_vma(r->m, l->vma)->flags;
	if (!(flags & (l->write ? VMA_WRITE : VMA_ACCESS))) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_ACCERR);
	}
	CALL(handle_mm_fault, .va = va_page(l->va), .mm = l->mm, .vma = l->vma, .write = l->write);
	UNLOCK(LOCK_MMAP(l->mm), "mmap_read_unlock");
	END(r->a->result)
}

/* mmap_lock is held and the mapping allows the access. */
ROUTINE(handle_mm_fault, "mm/memory.c")
{
	const struct vma *v;
	unsigned table;
	uint64_t pte;

	BEGIN(struct handle_mm_fault_l)
	CALL(pte_alloc, .va = l->va, .mm = l->mm, .down_to = LEVEL_PTE);
	if (r->a->result != RES_OK)
		RETURN(RES_ENOMEM);
	STEP("handle_mm_fault: what does the entry say?");
	v = read_vma(r->m, l->vma);
	/* A huge page keeps its rights as long as it is mapped: spurious. */
	if (huge_inside(r->m, l->mm, l->va, l->va + 1)) {
		table = table_find(r->m, read_mm(r->m, l->mm)->pgd, l->va, LEVEL_PMD);
		if (!pte_present(table_read(r->m, table, va_index(l->va, LEVEL_PMD))))
			CALL(huge_pmd_wait, .table = (uint16_t)table);
		RETURN(RES_OK);
	}
	table = pte_table(r->m, l->mm, l->va);
	pte = table_read(r->m, table, va_index(l->va, LEVEL_PTE));
	if (!pte && v->file == NONE)
		CALL(do_anonymous_page, .va = l->va, .mm = l->mm, .vma = l->vma, .write = l->write,
			.table = (uint16_t)table);
	else if (!pte)
		CALL(do_fault, .va = l->va, .mm = l->mm, .vma = l->vma, .write = l->write,
			.table = (uint16_t)table);
	else if (pte & PTE_MIGRATION) {
		AWAIT(WAIT_FOLIO, pte_pfn(pte), FRAME_LOCKED, "migration_entry_wait: the page moves; wait until it is unlocked, then try again");
		RETURN(RES_OK);
	} else if (!pte_present(pte))
		CALL(do_numa_page, .va = l->va, .mm = l->mm, .vma = l->vma, .table = (uint16_t)table);
	else if (l->write && !(pte & PTE_WRITE))
		CALL(do_wp_page, .va = l->va, .mm = l->mm, .vma = l->vma, .table = (uint16_t)table);
	/* Anything else was a spurious fault: the entry is good and the access is tried again. */
	END(r->a->result)
}

/* A page that only this process has. */
static unsigned anon_page(struct run *r, unsigned mm, unsigned vma)
{
	unsigned pfn = anon_vma_prepare(r->m, vma) ? frame_alloc(r->m, FRAME_ANON, mm) : NO_FRAME;

	if (pfn != NO_FRAME)
		write_frame(r->m, pfn)->flags |= FRAME_EXCLUSIVE;
	return pfn;
}

ROUTINE(do_anonymous_page, "mm/memory.c")
{
	BEGIN(struct do_anonymous_page_l)
	l->page = ZERO_PFN;
	if (l->write) {
		STEP("allocate a page of zeroes");
		l->page = (uint16_t)anon_page(r, l->mm, l->vma);
		if (l->page == NO_FRAME)
			RETURN(RES_ENOMEM);
	}
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock");
	STEP("still no entry? install it");
	if (!table_has_room(r->m, l->table, va_index(l->va, LEVEL_PTE))) {
		if (l->page != ZERO_PFN)
			frame_put(r->m, l->page);
		lock_drop(r, LOCK_PTL(l->table));
		RETURN(RES_ENOMEM);
	}
	if (table_read(r->m, l->table, va_index(l->va, LEVEL_PTE))) {
		if (l->page != ZERO_PFN)
			frame_put(r->m, l->page);
	} else {
		entry_set(r->m, l->mm, l->table, l->va,
			entry_make(read_vma(r->m, l->vma), l->page, l->write, l->write));
		page_mapped(r->m, l->page);
	}
	UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
	END(RES_OK)
}

/* do_fault_around: under the page-table lock, empty entries near va get what the page cache has. */
static void fault_around(struct machine *m, const struct do_fault_l *l)
{
	const struct vma *v = read_vma(m, l->vma);
	uint64_t window = FAULT_AROUND_PAGES * PAGE_SIZE, start = l->va & ~(window - 1), end = start + window;
	unsigned page, pfn;

	if (start < v->start)
		start = v->start;
	if (end > v->end)
		end = v->end;
	for (uint64_t va = start; va < end; va += PAGE_SIZE) {
		page = vma_file_page(v, va);
		pfn = page < file_pages(read_file(m, v->file)) ? read_file(m, v->file)->page[page] : NO_FRAME;
		if (pfn == NO_FRAME || table_read(m, l->table, va_index(va, LEVEL_PTE)) ||
		    !table_has_room(m, l->table, va_index(va, LEVEL_PTE)))
			continue;
		entry_set(m, l->mm, l->table, va, entry_make(v, pfn, vma_maps_writable(v),
			vma_maps_writable(v) && (read_frame(m, pfn)->flags & FRAME_DIRTY) &&
			profile_is(m, SW_FAULT_DIRTY, SW_YES)));
		frame_get(m, pfn);
		page_mapped(m, pfn);
	}
}

/* A page of a file: the page cache gives it, a private store takes a copy. */
ROUTINE(do_fault, "mm/memory.c")
{
	const struct vma *v;
	unsigned index, page;
	bool map_write;

	BEGIN(struct do_fault_l)
	l->copy = NO_FRAME;
	if (read_vma(r->m, l->vma)->flags & VMA_PFNMAP) {
		CALL(vmf_insert_pfn, .va = l->va, .table = l->table, .mm = l->mm, .vma = l->vma);
		RETURN(r->a->result);
	}
	if (!l->write) {
		LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "a load: map what the page cache has around it, under the "
			"page-table lock");
		fault_around(r->m, l);
		lock_drop(r, LOCK_PTL(l->table));
		if (table_read(r->m, l->table, va_index(l->va, LEVEL_PTE)))
			RETURN(RES_OK);
	}
	STEP("find or read the page in the page cache, take a reference");
	v = read_vma(r->m, l->vma);
	index = vma_file_page(v, l->va);
	/* do_cow_fault prepares before it looks whether there is a page. */
	if (l->write && vma_is_cow(v) && !anon_vma_prepare(r->m, l->vma))
		RETURN(RES_ENOMEM);
	if (index >= file_pages(read_file(r->m, v->file)))
		RETURN(RES_SIGBUS);
	page = file_page_get(r->m, v->file, index);
	if (page == NO_FRAME)
		RETURN(RES_ENOMEM);
	frame_get(r->m, page);
	l->page = (uint16_t)page;
	if (l->write && !vma_is_cow(v) && (read_frame(r->m, page)->flags & FRAME_DISK)) {
		AWAIT(WAIT_FOLIO, l->page, FRAME_LOCKED, "a store to a shared page of a disk: folio_lock; the page is dirty from now on");
		write_frame(r->m, l->page)->flags |= FRAME_LOCKED | FRAME_DIRTY;
		l->locked = 1;
		v = read_vma(r->m, l->vma);
	}
	if (l->write && vma_is_cow(v)) {
		STEP("a private store: allocate a page and copy the file's");
		page = anon_page(r, l->mm, l->vma);
		if (page == NO_FRAME) {
			frame_put(r->m, l->page);
			RETURN(RES_ENOMEM);
		}
		page_copy(r->m, page, l->page);
		l->copy = (uint16_t)page;
	}
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock");
	STEP("still no entry, and the page still in the file? install it");
	v = read_vma(r->m, l->vma);
	index = vma_file_page(v, l->va);
	map_write = l->copy != NO_FRAME || l->write || vma_maps_writable(v);
	if (l->locked)
		folio_unlock(r->m, l->page);
	if (!table_has_room(r->m, l->table, va_index(l->va, LEVEL_PTE))) {
		if (l->copy != NO_FRAME)
			frame_put(r->m, l->copy);
		frame_put(r->m, l->page);
		lock_drop(r, LOCK_PTL(l->table));
		RETURN(RES_ENOMEM);
	}
	if (table_read(r->m, l->table, va_index(l->va, LEVEL_PTE)) ||
	    read_file(r->m, v->file)->page[index] != l->page) {
		if (l->copy != NO_FRAME)
			frame_put(r->m, l->copy);
		frame_put(r->m, l->page);
	} else {
		page = l->copy != NO_FRAME ? l->copy : l->page;
		if (l->write && l->copy == NO_FRAME)
			write_frame(r->m, page)->flags |= FRAME_DIRTY;
		entry_set(r->m, l->mm, l->table, l->va, entry_make(v, page, map_write, l->write));
		page_mapped(r->m, page);
		if (l->copy != NO_FRAME)
			frame_put(r->m, l->page);
	}
	UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
	END(RES_OK)
}

/* A store to a read-only entry of a writable mapping. */
ROUTINE(do_wp_page, "mm/memory.c")
{
	uint64_t pte;
	const struct frame *f;
	unsigned pfn;

	BEGIN(struct do_wp_page_l)
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock");
	STEP("is the page ours alone (or shared on purpose)? then the entry becomes writable");
	pte = table_read(r->m, l->table, va_index(l->va, LEVEL_PTE));
	pfn = pte_pfn(pte);
	if (!pte_present(pte) || (pte & PTE_WRITE)) {
		lock_drop(r, LOCK_PTL(l->table));
		RETURN(RES_OK);
	}
	f = read_frame(r->m, pfn);
	if (!vma_is_cow(read_vma(r->m, l->vma)) ||
	    (f->owner == FRAME_ANON && ((f->flags & FRAME_EXCLUSIVE) || f->refcount == 1))) {
		if (f->owner == FRAME_ANON && !(f->flags & FRAME_EXCLUSIVE)) {
			write_frame(r->m, pfn)->flags |= FRAME_EXCLUSIVE;
			rule_reused(r->m, l->mm, pfn);
		}
		if (f->flags & FRAME_DISK) {
			frame_get(r->m, pfn);
			lock_drop(r, LOCK_PTL(l->table));
			CALL(wp_page_shared, .va = l->va, .table = l->table, .page = (uint16_t)pfn, .mm = l->mm, .vma = l->vma);
			RETURN(RES_OK);
		}
		entry_set(r->m, l->mm, l->table, l->va, pte | PTE_WRITE | PTE_DIRTY);
		lock_drop(r, LOCK_PTL(l->table));
		RETURN(RES_OK);
	}
	frame_get(r->m, pfn);
	lock_drop(r, LOCK_PTL(l->table));
	CALL(wp_page_copy, .va = l->va, .old = (uint16_t)pfn, .table = l->table,
		.mm = l->mm, .vma = l->vma);
	END(r->a->result)
}

/* A shared page of a file on a disk, referenced: dirty, under its lock, before an entry grants the store. */
ROUTINE(wp_page_shared, "mm/memory.c")
{
	uint64_t pte;

	BEGIN(struct wp_page_shared_l)
	AWAIT(WAIT_FOLIO, l->page, FRAME_LOCKED, "page_mkwrite: folio_lock; the page is dirty from here on");
	write_frame(r->m, l->page)->flags |= FRAME_LOCKED | FRAME_DIRTY;
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock again");
	STEP("still the same entry? then it becomes writable and dirty");
	pte = table_read(r->m, l->table, va_index(l->va, LEVEL_PTE));
	if (pte_present(pte) && pte_pfn(pte) == l->page && !(pte & PTE_WRITE))
		entry_set(r->m, l->mm, l->table, l->va, pte | PTE_WRITE | PTE_DIRTY);
	UNLOCK(LOCK_PTL(l->table), "drop the page-table lock, then the folio lock and the reference");
	folio_unlock(r->m, l->page);
	frame_put(r->m, l->page);
	END(RES_OK)
}

/* The old page is let go: its mapping, the reference that came with that, and on request the fault's own. */
static void old_page_leaves(struct run *r, struct wp_page_copy_l *l, bool fault_too)
{
	if (l->old == ZERO_PFN)
		return;
	page_leaves(r, l->vma, l->old);
	frame_put(r->m, l->old);
	if (fault_too) {
		frame_put(r->m, l->old);
		l->old = NO_FRAME;
	}
}

static void new_page_set(struct run *r, const struct wp_page_copy_l *l)
{
	entry_set(r->m, l->mm, l->table, l->va, entry_make(read_vma(r->m, l->vma), l->page, true, true));
	page_mapped(r->m, l->page);
	rule_goes_on(r->m, l->mm, l->va, l->page);
}

ROUTINE(wp_page_copy, "mm/memory.c")
{
	unsigned page;

	BEGIN(struct wp_page_copy_l)
	STEP("allocate a page and copy the old one");
	page = anon_page(r, l->mm, l->vma);
	if (page == NO_FRAME) {
		frame_put(r->m, l->old);
		RETURN(RES_ENOMEM);
	}
	page_copy(r->m, page, l->old);
	l->page = (uint16_t)page;
	CALL(invalidate_range_start, .start = va_page(l->va), .end = va_page(l->va) + PAGE_SIZE, .mm = l->mm);
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock");
	STEP("still the same entry? then take it out (ptep_clear_flush), or put the new page in its place at once");
	/* Accessed and dirty may have moved under the copy; a different page means that we lost a race. */
	if (pte_pfn(table_read(r->m, l->table, va_index(l->va, LEVEL_PTE))) != l->old) {
		frame_put(r->m, l->page);
		l->page = NO_FRAME;
	} else {
		entry_get_and_clear(r->m, l->mm, l->table, l->va);
		if (profile_is(r->m, SW_COW_ORDER, COW_SET_THEN_FLUSH))
			new_page_set(r, l);
		rule_outlaw(r->m, run_task(r), l->mm, va_page(l->va), va_page(l->va) + PAGE_SIZE);
		if (profile_is(r->m, SW_COW_ORDER, COW_DROP_BEFORE_FLUSH)) {
			STEP("drop the old page's mapping and references, though CPUs may still reach it through this entry");
			old_page_leaves(r, l, true);
		}
		CALL(flush_tlb_mm_range, .start = va_page(l->va), .end = va_page(l->va) + PAGE_SIZE, .mm = l->mm);
		if (!profile_is(r->m, SW_COW_ORDER, COW_SET_THEN_FLUSH)) {
			STEP("install the new page, writable");
			new_page_set(r, l);
		}
		if (!profile_is(r->m, SW_COW_ORDER, COW_DROP_BEFORE_FLUSH)) {
			STEP("drop the old page's mapping: no CPU reaches it through this entry any more");
			old_page_leaves(r, l, false);
		}
	}
	UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
	CALL(invalidate_range_end, .start = va_page(l->va), .end = va_page(l->va) + PAGE_SIZE, .mm = l->mm);
	STEP("put the reference on the old page");
	if (l->old != NO_FRAME)
		frame_put(r->m, l->old);
	rule_promise(r->m, run_task(r), true);
	END(RES_OK)
}
