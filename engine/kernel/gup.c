/*
 * gup.c - get_user_pages_fast for one page: the walk without a lock, mm/gup.c.
 *
 * Models: interrupts off, one entry per step from the top, a reference on the page that the last one names, then the
 * second look: at the page-table entry, and at the PMD entry above it since 70cbc3cc78a9; interrupts on; the caller uses the
 * page by the kernel's own mapping and puts it.  2 MiB pages are taken by their PMD entry.
 * Omits: the slow path under mmap_lock, which goes on where this gives up (EAGAIN here: FOLL_FAST_ONLY); FOLL_PIN, more pages.
 */
#include "kernel.h"

/* pte_special: nobody counts who uses the page of zeroes, or a driver's memory. */
static bool entry_special(struct machine *m, unsigned pfn)
{
	const struct frame *f = read_frame(m, pfn);

	return pfn == ZERO_PFN || (f->owner == FRAME_FILE && read_file(m, f->owner_id)->used == FILE_DRIVER);
}

/* try_grab_folio: a page without references is on its way to the allocator. */
static bool try_grab(struct machine *m, unsigned pfn)
{
	if (read_frame(m, pfn)->owner == FRAME_FREE || !read_frame(m, pfn)->refcount)
		return false;
	frame_get(m, pfn);
	return true;
}

static void gup_ends(struct run *r)
{
	rule_gup_ends(r->m, r->cpu);
	irq_enable(r);
}

ROUTINE(gup_fast, "mm/gup.c")
{
	unsigned above;

	BEGIN(struct gup_fast_l)
	STEP("interrupts off: whoever waits for this CPU's answer waits; read the entry in the PGD");
	irq_disable(r);
	l->table = read_mm_part(r->m, l->mm, MM_REST)->pgd;
	l->level = LEVEL_PGD;
	rule_gup_begins(r->m, r->cpu, l->mm, l->va);
	rule_gup_stands(r->m, r->cpu, l->table);
	for (;;) {
		rule_gup_reads(r->m, r->cpu);
		l->entry = table_read(r->m, l->table, va_index(l->va, l->level));
		if (!pte_present(l->entry) || (l->level == LEVEL_PTE && entry_special(r->m, pte_pfn(l->entry)))) {
			gup_ends(r);
			RETURN(RES_EAGAIN);
		}
		if (pte_leaf(l->entry, l->level))
			break;
		l->above = l->entry;
		l->parent = l->table;
		l->table = (uint16_t)pte_pfn(l->entry);
		l->level--;
		rule_gup_stands(r->m, r->cpu, l->table);
		STEP("read the entry of the next level, in the table that the entry above named");
	}
	STEP("try_grab_folio: take a reference on the page, unless it has none left");
	if (!try_grab(r->m, pte_pfn(l->entry))) {
		gup_ends(r);
		RETURN(RES_EAGAIN);
	}
	if (l->level == LEVEL_PTE && profile_is(r->m, SW_GUP_RECHECK, RECHECK_PMD_AND_PTE)) {
		STEP("look again: does the PMD entry still name this page-table page?");
		above = l->level + 1u;
		l->changed = table_read(r->m, l->parent, va_index(l->va, above)) != l->above;
	}
	if (!l->changed) {
		STEP("look again: is the entry still the same?  then the page is taken");
		rule_gup_reads(r->m, r->cpu);
		l->changed = table_read(r->m, l->table, va_index(l->va, l->level)) != l->entry;
	}
	if (l->changed) {
		STEP("it is not: put the page, interrupts on, the slow path would go on");
		frame_put(r->m, pte_pfn(l->entry));
		gup_ends(r);
		RETURN(RES_EAGAIN);
	}
	rule_gup_took(r->m, r->cpu, pte_pfn(l->entry));
	STEP("interrupts on");
	gup_ends(r);
	STEP("the caller reads the page by the kernel's own mapping and puts it");
	write_task(r->m, run_task(r))->value = page_read(r->m, pte_pfn(l->entry), (unsigned)(l->va % PAGE_SIZE));
	frame_put(r->m, pte_pfn(l->entry));
	END(RES_OK)
}
