/*
 * huge.c - 2 MiB pages: the page-table pages they hold in reserve, and the split of one: mm/huge_memory.c.
 *
 * Models: __split_huge_pmd_locked under the lock of the PMD table: pmdp_invalidate, which leaves an entry that is not
 * present and still says 2 MiB, so that faults wait for the lock; the flush; the reserve filled with small entries of the
 * same page; pmd_populate.  The page itself stays one: each small entry refers to it.
 * Omits: the split of the page (folio), migration entries, files; of the 512 small entries all but the first HUGE_PAGES.
 */
#include "huge.h"
#include "kernel.h"

void table_deposit(struct machine *m, unsigned pmd_table, unsigned table)
{
	struct table *t = write_table(m, pmd_table);

	CHECK(t->deposits < TABLE_DEPOSITS);
	t->deposit[t->deposits++] = (uint16_t)table;
}

bool deposit_fits(struct machine *m, unsigned pmd_table)
{
	return read_table(m, pmd_table)->deposits < TABLE_DEPOSITS;
}

unsigned table_withdraw(struct machine *m, unsigned pmd_table)
{
	struct table *t = write_table(m, pmd_table);
	unsigned table;

	if (!t->deposits)
		return NO_FRAME;
	table = t->deposit[--t->deposits];
	t->deposit[t->deposits] = 0;
	return table;
}

void deposit_move(struct machine *m, unsigned from, unsigned to)
{
	unsigned table = from == to ? NO_FRAME : table_withdraw(m, from);

	if (table != NO_FRAME)
		table_deposit(m, to, table);
}

/* The small entries for a 2 MiB entry, in a table that nobody finds yet. */
static void small_entries(struct machine *m, unsigned table, uint64_t pmd)
{
	unsigned pfn = pte_pfn(pmd);

	for (unsigned i = 0; i < HUGE_PAGES; i++) {
		bool fits = table_write(m, table, i, (pmd & ~PTE_HUGE) | PTE_PRESENT);

		CHECK(fits);
		if (i) {
			frame_get(m, pfn);
			page_mapped(m, pfn);
		}
	}
}

void pmd_write(struct machine *m, unsigned mm, unsigned pmd_table, uint64_t va, uint64_t pmd)
{
	bool fits = table_write(m, pmd_table, va_index(va, LEVEL_PMD), pmd);

	CHECK(fits);
	event_add(m, (struct event){
		.kind = EV_PTE, .a = (uint8_t)mm, .b = LEVEL_PMD, .c = (uint16_t)pmd_table, .va = va, .x = pmd,
	});
}

/* Names the page-table page in the PMD entry; the 2 MiB entry is what the small ones are made of. */
static void populate(struct run *r, struct split_huge_pmd_l *l)
{
	unsigned reserve = table_withdraw(r->m, l->table);

	CHECK(reserve != NO_FRAME);
	small_entries(r->m, reserve, l->pmd);
	pmd_write(r->m, l->mm, l->table, l->va, pte_make(reserve, TABLE_FLAGS));
}

/* Any address of the 2 MiB; it may have been split, or have gone, by the time its lock is held. */
ROUTINE(split_huge_pmd, "mm/huge_memory.c")
{
	BEGIN(struct split_huge_pmd_l)
	l->va &= ~(PMD_SIZE - 1);
	CALL(invalidate_range_start, .start = l->va, .end = l->va + PMD_SIZE, .mm = l->mm);
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the lock of the PMD table; is it a 2 MiB entry still?");
	l->pmd = table_read(r->m, l->table, va_index(l->va, LEVEL_PMD));
	if (pte_leaf(l->pmd, LEVEL_PMD) && profile_is(r->m, SW_PMD_SPLIT, SPLIT_INVALIDATE_FIRST)) {
		STEP("pmdp_invalidate: the entry is not present from here on, though it still says 2 MiB");
		/* The hardware may have set A or D since: the exchange takes what is there. */
		l->pmd = table_read(r->m, l->table, va_index(l->va, LEVEL_PMD));
		pmd_write(r->m, l->mm, l->table, l->va, l->pmd & ~PTE_PRESENT);
		rule_changed(r->m, l->mm, l->va, l->va + PMD_SIZE);
		CALL(flush_tlb_mm_range, .start = l->va, .end = l->va + PMD_SIZE, .mm = l->mm, .freed_tables = 1);
		STEP("pmd_populate: fill the page-table page in reserve, name it in the PMD entry");
		populate(r, l);
	} else if (pte_leaf(l->pmd, LEVEL_PMD)) {
		STEP("name the page-table page in the PMD entry, where the 2 MiB entry is");
		l->pmd = table_read(r->m, l->table, va_index(l->va, LEVEL_PMD));
		populate(r, l);
		rule_changed(r->m, l->mm, l->va, l->va + PMD_SIZE);
		CALL(flush_tlb_mm_range, .start = l->va, .end = l->va + PMD_SIZE, .mm = l->mm, .freed_tables = 1);
	}
	UNLOCK(LOCK_PTL(l->table), "drop the lock of the PMD table");
	CALL(invalidate_range_end, .start = l->va, .end = l->va + PMD_SIZE, .mm = l->mm);
	END(RES_OK)
}

/* A fault where the PMD entry says 2 MiB: once nobody works on it, the access is tried again. */
ROUTINE(huge_pmd_wait, "mm/huge_memory.c")
{
	BEGIN(struct huge_pmd_wait_l)
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "the 2 MiB entry is not present: wait for the lock of the PMD table");
	lock_drop(r, LOCK_PTL(l->table));
	END(RES_OK)
}
