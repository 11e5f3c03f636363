/*
 * pin.c - pages that a device may write for as long as it likes: mm/gup.c with FOLL_WRITE | FOLL_LONGTERM, io_uring/rsrc.c.
 *
 * Models: each page faulted in writable, so that copy-on-write is broken first; the device's stores go to the pinned frame,
 * whatever the address maps by then; what fails gives back what it pinned.  One pin per mm.
 * Omits: the lockless walk, migration out of places where pins may not last, accounting.
 */
#include "kernel.h"

void pin_drop(struct machine *m, unsigned mm)
{
	const struct pin *p = read_pin(m, mm);

	if (!p->pages && !p->used)
		return;
	for (unsigned i = 0; i < p->pages; i++) {
		write_frame(m, p->page[i])->pins--;
		frame_put(m, p->page[i]);
	}
	*write_pin(m, mm) = (struct pin){ 0 };
}

ROUTINE(pin_user_pages, "mm/gup.c")
{
	unsigned v, pfn, result, level;

	BEGIN(struct pin_user_pages_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_SHARED, "mmap_read_lock");
	STEP("is there a pin already, and anything to pin?");
	/* With its first pin a process sets up the ring that it asks through: populated memory. */
	if (!read_mm_part(r->m, l->mm, MM_REST)->has_pinned)
		lru_add_drain(r);
	write_mm_part(r->m, l->mm, MM_REST)->has_pinned = 1;
	if (read_pin(r->m, l->mm)->used || !l->len) {
		result = read_pin(r->m, l->mm)->used ? RES_EBUSY : RES_EFAULT;
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(result);
	}
	for (l->at = va_page(l->start); l->at < l->start + l->len; l->at += PAGE_SIZE) {
		v = vma_find(r->m, l->mm, l->at);
		l->result = v == NONE || (read_vma(r->m, v)->flags & (VMA_WRITE | VMA_PFNMAP)) != VMA_WRITE ||
			read_pin(r->m, l->mm)->pages == PIN_PAGES ? RES_EFAULT : RES_OK;
		if (l->result == RES_OK)
			CALL(faultin_range, .at = l->at, .end = l->at + PAGE_SIZE, .mm = l->mm, .write = 1);
		if (r->a->result != RES_OK)
			l->result = RES_EFAULT;
		if (l->result != RES_OK)
			break;
		STEP("take a reference on the page that stays");
		pfn = pte_pfn(table_walk(r->m, read_mm(r->m, l->mm)->pgd, l->at, &level));
		frame_get(r->m, pfn);
		write_frame(r->m, pfn)->pins++;
		write_pin(r->m, l->mm)->page[write_pin(r->m, l->mm)->pages++] = (uint16_t)pfn;
	}
	UNLOCK(LOCK_MMAP(l->mm), "mmap_read_unlock");
	if (l->result != RES_OK) {
		pin_drop(r->m, l->mm);
	} else {
		write_pin(r->m, l->mm)->used = 1;
		write_pin(r->m, l->mm)->start = l->start;
		write_pin(r->m, l->mm)->end = l->start + l->len;
	}
	END(l->result)
}

ROUTINE(unpin_user_pages, "mm/gup.c")
{
	bool pinned;

	BEGIN(struct unpin_user_pages_l)
	STEP("drop the references of the pinned pages");
	pinned = read_pin(r->m, l->mm)->used;
	pin_drop(r->m, l->mm);
	END(pinned ? RES_OK : RES_ENXIO)
}

ROUTINE(pin_store, "io_uring/rw.c")
{
	const struct pin *p;

	BEGIN(struct pin_store_l)
	STEP("the device stores through the pin: whatever the address maps now");
	p = read_pin(r->m, l->mm);
	if (!p->used || l->va < p->start || l->va >= p->end)
		RETURN(RES_ENXIO);
	if (!page_write(r->m, p->page[(l->va - va_page(p->start)) / PAGE_SIZE], (unsigned)(l->va % PAGE_SIZE), l->value))
		RETURN(RES_ENOMEM);
	END(RES_OK)
}
