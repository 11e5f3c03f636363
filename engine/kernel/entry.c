/*
 * entry.c - page-table entries one at a time, and the counts of the frames behind them.
 */
#include "kernel.h"

void entry_set(struct machine *m, unsigned mm, unsigned table, uint64_t va, uint64_t pte)
{
	bool fits = table_write(m, table, va_index(va, LEVEL_PTE), pte);

	CHECK(fits);
	event_add(m, (struct event){
		.kind = EV_PTE, .a = (uint8_t)mm, .b = LEVEL_PTE, .c = (uint16_t)table, .va = va_page(va), .x = pte,
	});
}

uint64_t entry_get_and_clear(struct machine *m, unsigned mm, unsigned table, uint64_t va)
{
	uint64_t old = table_read(m, table, va_index(va, LEVEL_PTE));

	entry_set(m, mm, table, va, 0);
	rule_changed(m, mm, va_page(va), va_page(va) + PAGE_SIZE);
	return old;
}

uint64_t entry_make(const struct vma *v, unsigned pfn, bool write, bool dirty)
{
	uint64_t flags = PTE_PRESENT | PTE_USER | PTE_ACCESSED;

	if (write)
		flags |= PTE_WRITE;
	if (dirty)
		flags |= PTE_DIRTY;
	if (!(v->flags & VMA_EXEC))
		flags |= PTE_NX;
	return pte_make(pfn, flags);
}

void page_mapped(struct machine *m, unsigned pfn)
{
	if (pfn != ZERO_PFN)
		write_frame(m, pfn)->mapcount++;
}

void page_unmapped(struct machine *m, unsigned pfn)
{
	if (pfn == ZERO_PFN)
		return;
	CHECK(read_frame(m, pfn)->mapcount > 0);
	write_frame(m, pfn)->mapcount--;
}

unsigned pte_table(struct machine *m, unsigned mm, uint64_t va)
{
	return table_find(m, read_mm_part(m, mm, MM_REST)->pgd, va, LEVEL_PTE);
}

unsigned pmd_table(struct machine *m, unsigned mm, uint64_t va)
{
	return table_find(m, read_mm(m, mm)->pgd, va, LEVEL_PMD);
}

unsigned table_make(struct machine *m, unsigned mm, uint64_t va, unsigned down_to)
{
	unsigned table = read_mm_part(m, mm, MM_REST)->pgd;

	for (unsigned level = LEVEL_PGD; level > down_to; level--) {
		unsigned index = va_index(va, level);
		uint64_t e = table_read(m, table, index);

		if (!pte_present(e)) {
			unsigned page = table_alloc(m, mm, level - 1);

			if (page == NO_FRAME)
				return NO_FRAME;
			e = pte_make(page, TABLE_FLAGS);
			if (!table_write(m, table, index, e)) {
				frame_put(m, page);
				return NO_FRAME;
			}
		}
		if (pte_leaf(e, level))
			return NO_FRAME;
		table = pte_pfn(e);
	}
	return table;
}

static bool huge_at(struct machine *m, unsigned mm, uint64_t va)
{
	unsigned table = table_find(m, read_mm_part(m, mm, MM_REST)->pgd, va, LEVEL_PMD);
	uint64_t pmd = table == NO_FRAME ? 0 : table_read(m, table, va_index(va, LEVEL_PMD));

	/* One that is being split is not present, and says what it is all the same. */
	return pte_leaf(pmd, LEVEL_PMD);
}

bool huge_inside(struct machine *m, unsigned mm, uint64_t start, uint64_t end)
{
	for (uint64_t va = start & ~(PMD_SIZE - 1); va < end; va += PMD_SIZE)
		if (huge_at(m, mm, va))
			return true;
	return false;
}

bool huge_cut(struct machine *m, unsigned mm, uint64_t start, uint64_t end)
{
	return ((start & (PMD_SIZE - 1)) && huge_at(m, mm, start)) || ((end & (PMD_SIZE - 1)) && huge_at(m, mm, end));
}

/* __pte_alloc and its sisters: a missing table is linked under page_table_lock. */
ROUTINE(pte_alloc, "mm/memory.c")
{
	unsigned table, page;

	BEGIN(struct pte_alloc_l)
	for (l->level = LEVEL_PGD; l->level > l->down_to; l->level--) {
		table = table_find(r->m, read_mm_part(r->m, l->mm, MM_REST)->pgd, l->va, l->level);
		if (table == NO_FRAME)
			RETURN(RES_ENOMEM);
		if (table_read(r->m, table, va_index(l->va, l->level)))
			continue;
		LOCK(LOCK_PAGE_TABLE(l->mm), LOCK_EXCLUSIVE, "page_table_lock: link a new table, unless another fault did");
		table = table_find(r->m, read_mm_part(r->m, l->mm, MM_REST)->pgd, l->va, l->level);
		CHECK(table != NO_FRAME);
		if (!table_read(r->m, table, va_index(l->va, l->level))) {
			page = table_alloc(r->m, l->mm, l->level - 1u);
			if (page == NO_FRAME || !table_write(r->m, table, va_index(l->va, l->level),
					pte_make(page, TABLE_FLAGS))) {
				lock_drop(r, LOCK_PAGE_TABLE(l->mm));
				RETURN(RES_ENOMEM);
			}
		}
		UNLOCK(LOCK_PAGE_TABLE(l->mm), "page_table_lock dropped");
	}
	END(RES_OK)
}
