/*
 * fault.c - page faults of anonymous and file pages, spurious ones, and copy-on-write.
 *
 * Models: arch/x86/mm/fault.c and mm/memory.c of 7.0: mmap_lock for reading, missing tables linked
 * one level at a time, "still the same?" under the page-table lock, clear - flush - set in a copy.
 * Omits: per-VMA locks, swap, huge pages, the folio lock.
 */
#include "kernel.h"

ROUTINE(do_user_addr_fault, "arch/x86/mm/fault.c")
{
	const struct vma *v;
	unsigned table;
	uint64_t pte;

	BEGIN(struct do_user_addr_fault_l)
	l->mm = (uint8_t)run_mm(r);
	LOCK(LOCK_MMAP(l->mm), LOCK_SHARED, "mmap_read_lock");
	STEP("find the mapping; does it allow the access?");
	l->vma = (uint8_t)vma_find(r->m, l->mm, l->va);
	if (l->vma == NONE || !(read_vma(r->m, l->vma)->flags & (l->write ? VMA_WRITE : VMA_READ))) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_SIGSEGV);
	}
	CALL(pte_alloc, .va = l->va, .mm = l->mm, .down_to = LEVEL_PTE);
	if (r->a->result != RES_OK) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_ENOMEM);
	}
	STEP("handle_mm_fault: what does the entry say?");
	v = read_vma(r->m, l->vma);
	if (huge_inside(r->m, l->mm, l->va, l->va + 1)) {
		/* A huge page keeps its rights as long as it is mapped: spurious. */
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_OK);
	}
	table = pte_table(r->m, l->mm, l->va);
	pte = table_read(r->m, table, va_index(l->va, LEVEL_PTE));
	if (!pte_present(pte) && v->file == NONE)
		CALL(do_anonymous_page, .va = l->va, .mm = l->mm, .vma = l->vma, .write = l->write,
			.table = (uint16_t)table);
	else if (!pte_present(pte))
		CALL(do_fault, .va = l->va, .mm = l->mm, .vma = l->vma, .write = l->write,
			.table = (uint16_t)table);
	else if (l->write && !(pte & PTE_WRITE))
		CALL(do_wp_page, .va = l->va, .mm = l->mm, .vma = l->vma, .table = (uint16_t)table);
	/* Anything else was a spurious fault: the entry is good and the access is tried again. */
	UNLOCK(LOCK_MMAP(l->mm), "mmap_read_unlock");
	END(r->a->result)
}

ROUTINE(do_anonymous_page, "mm/memory.c")
{
	BEGIN(struct do_anonymous_page_l)
	l->page = ZERO_PFN;
	if (l->write) {
		STEP("allocate a page of zeroes");
		l->page = (uint16_t)frame_alloc(r->m, FRAME_ANON, l->mm);
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

/* A page of a file: the page cache gives it, a private store takes a copy. */
ROUTINE(do_fault, "mm/memory.c")
{
	const struct vma *v;
	unsigned index, page;
	bool shared, map_write;

	BEGIN(struct do_fault_l)
	l->copy = NO_FRAME;
	STEP("find or read the page in the page cache, take a reference");
	v = read_vma(r->m, l->vma);
	index = vma_file_page(v, l->va);
	if (index >= read_file(r->m, v->file)->size)
		RETURN(RES_SIGBUS);
	page = read_file(r->m, v->file)->page[index];
	if (page == NO_FRAME) {
		page = frame_alloc(r->m, FRAME_FILE, v->file);
		if (page == NO_FRAME)
			RETURN(RES_ENOMEM);
		write_frame(r->m, page)->value = 100u * (v->file + 1u) + index;
		write_file(r->m, v->file)->page[index] = (uint16_t)page;
	}
	frame_get(r->m, page);
	l->page = (uint16_t)page;
	if (l->write && vma_is_cow(v)) {
		STEP("a private store: allocate a page and copy the file's");
		page = frame_alloc(r->m, FRAME_ANON, l->mm);
		if (page == NO_FRAME) {
			frame_put(r->m, l->page);
			RETURN(RES_ENOMEM);
		}
		write_frame(r->m, page)->value = read_frame(r->m, l->page)->value;
		l->copy = (uint16_t)page;
	}
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock");
	STEP("still no entry, and the page still in the file? install it");
	v = read_vma(r->m, l->vma);
	index = vma_file_page(v, l->va);
	shared = !vma_is_cow(v);
	map_write = l->copy != NO_FRAME || (shared && l->write);
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
		entry_set(r->m, l->mm, l->table, l->va, entry_make(v, page, map_write, map_write));
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
	    (f->owner == FRAME_ANON && f->mapcount == 1 && f->refcount == 1)) {
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

ROUTINE(wp_page_copy, "mm/memory.c")
{
	unsigned page;

	BEGIN(struct wp_page_copy_l)
	STEP("allocate a page and copy the old one");
	page = frame_alloc(r->m, FRAME_ANON, l->mm);
	if (page == NO_FRAME) {
		frame_put(r->m, l->old);
		RETURN(RES_ENOMEM);
	}
	write_frame(r->m, page)->value = read_frame(r->m, l->old)->value;
	l->page = (uint16_t)page;
	CALL(invalidate_range_start, .start = va_page(l->va), .end = va_page(l->va) + PAGE_SIZE, .mm = l->mm);
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock");
	STEP("still the same entry? then take it out (ptep_clear_flush)");
	/* Accessed and dirty may have moved under the copy; a different page means that we lost a race. */
	if (pte_pfn(table_read(r->m, l->table, va_index(l->va, LEVEL_PTE))) != l->old) {
		frame_put(r->m, l->page);
		l->page = NO_FRAME;
	} else {
		entry_get_and_clear(r->m, l->mm, l->table, l->va);
		rule_outlaw(r->m, run_task(r), l->mm, va_page(l->va), va_page(l->va) + PAGE_SIZE);
		CALL(flush_tlb_mm_range, .start = va_page(l->va), .end = va_page(l->va) + PAGE_SIZE, .mm = l->mm);
		STEP("install the new page, writable");
		entry_set(r->m, l->mm, l->table, l->va, entry_make(read_vma(r->m, l->vma), l->page, true, true));
		page_mapped(r->m, l->page);
		STEP("drop the old page's mapping: no CPU reaches it through this entry any more");
		page_unmapped(r->m, l->old);
		if (l->old != ZERO_PFN)
			frame_put(r->m, l->old);
	}
	UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
	CALL(invalidate_range_end, .start = va_page(l->va), .end = va_page(l->va) + PAGE_SIZE, .mm = l->mm);
	STEP("put the reference on the old page");
	frame_put(r->m, l->old);
	rule_promise(r->m, run_task(r), true);
	END(RES_OK)
}
