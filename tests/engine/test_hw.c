/*
 * test_hw.c - floor 2: frames and tables, translation caches, the walker, invalidations, interrupts.
 */
#include "bare.h"

#include <string.h>

#include "cpu.h"
#include "memory.h"
#include "mmu.h"
#include "rules.h"

static void fill(uint64_t va)
{
	cpu_walk_start(&m, 0, va, false);
	while (walk_step(&m, WALKER_CPU(0), MMU_CPU(0)) == WALK_MORE)
		;
}

static void test_frames(void **state)
{
	unsigned a = frame_alloc(&m, FRAME_ANON, 0), b;

	(void)state;
	write_frame(&m, a)->value = 5;
	frame_get(&m, a);
	assert_false(frame_put(&m, a));
	assert_int_equal(read_frame(&m, a)->generation, 0);
	assert_true(frame_put(&m, a));
	assert_int_equal(read_frame(&m, a)->owner, FRAME_FREE);
	assert_int_equal(read_frame(&m, a)->generation, 1);
	/* The contents stay until somebody takes the frame, and the lowest free frame is taken first. */
	assert_int_equal(read_frame(&m, a)->value, 5);
	b = frame_alloc(&m, FRAME_FILE, 1);
	assert_int_equal(b, a);
	assert_int_equal(read_frame(&m, b)->value, 0);
	assert_int_equal(read_frame(&m, b)->generation, 1);
	while (frame_alloc(&m, FRAME_ANON, 0) != NO_FRAME)
		;
	for (unsigned pfn = 1; pfn < MAX_FRAMES; pfn++)
		assert_int_not_equal(read_frame(&m, pfn)->owner, FRAME_FREE);
}

/* Slots stay sorted and unused room stays zero, whatever the order of stores. */
static void test_tables(void **state)
{
	static const unsigned order[] = { 300, 5, 511, 0, 17 };
	struct table first;
	unsigned t = table_alloc(&m, 0, LEVEL_PTE), index = 0, last = 0;
	uint64_t entry;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_true(table_write(&m, t, order[i], pte_make(order[i] % 30 + 1, LEAF_BITS)));
	first = *read_table(&m, t);
	for (unsigned n = 0; table_slot(&m, t, n, &index, &entry); n++) {
		assert_true(!n || index > last);
		last = index;
		assert_int_equal(pte_pfn(entry), index % 30 + 1);
	}
	for (unsigned i = 0; i < 5; i++)
		assert_true(table_write(&m, t, order[i], 0));
	assert_int_equal(read_table(&m, t)->count, 0);
	assert_true(table_write(&m, t, 9, 0));
	for (unsigned i = 5; i-- > 0;)
		assert_true(table_write(&m, t, order[i], pte_make(order[i] % 30 + 1, LEAF_BITS)));
	assert_memory_equal(&first, read_table(&m, t), sizeof(first));
	assert_int_equal(table_read(&m, t, 17), pte_make(18, LEAF_BITS));
	assert_int_equal(table_read(&m, t, 18), 0);
	/* NX sits above the slot's number and survives. */
	table_write(&m, t, 17, pte_make(3, LEAF_BITS | PTE_NX));
	assert_int_equal(table_read(&m, t, 17), pte_make(3, LEAF_BITS | PTE_NX));
	for (unsigned i = 0; i < TABLE_SLOTS - 5; i++)
		assert_true(table_write(&m, t, 100 + i, pte_make(1, LEAF_BITS)));
	assert_false(table_write(&m, t, 200, pte_make(1, LEAF_BITS)));
	assert_true(table_write(&m, t, 100, pte_make(2, LEAF_BITS)));
}

static void test_software_walk(void **state)
{
	unsigned pfn = map_page(VA, PTE_WRITE), level;

	(void)state;
	assert_int_equal(table_find(&m, table[LEVEL_PGD], VA, LEVEL_PTE), table[LEVEL_PTE]);
	assert_int_equal(table_find(&m, table[LEVEL_PGD], VA, LEVEL_PMD), table[LEVEL_PMD]);
	assert_int_equal(table_find(&m, table[LEVEL_PGD], VA + (1ull << 39), LEVEL_PTE), NO_FRAME);
	assert_int_equal(pte_pfn(table_walk(&m, table[LEVEL_PGD], VA, &level)), pfn);
	assert_int_equal(level, LEVEL_PTE);
	assert_int_equal(table_walk(&m, table[LEVEL_PGD], VA + PAGE_SIZE, &level), 0);
	assert_int_equal(table_walk(&m, table[LEVEL_PGD], VA + (1ull << 39), &level), 0);
	assert_int_equal(level, LEVEL_PGD);
}

/* The same entries in any order give the same bytes; dropped ones leave nothing behind. */
static void test_tlb_canonical(void **state)
{
	static const struct leaf e[] = {
		{ .va = VA + 0x3000, .pfn = 3 },
		{ .va = VA, .pfn = 1, .pcid = 1 },
		{ .va = VA, .pfn = 4 },
	};
	struct tlb first;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		tlb_insert(&m, 0, e[i]);
	first = *read_tlb(&m, 0);
	assert_int_equal(first.leaf[0].pfn, 4);
	assert_int_equal(first.leaf[1].pfn, 3);
	assert_int_equal(first.leaf[2].pfn, 1);
	assert_true(tlb_drop(&m, 0, ANY_PCID, 0, FLUSH_ALL));
	assert_memory_equal(read_tlb(&m, 0), &(struct tlb){ .count = 0 }, sizeof(struct tlb));
	assert_false(tlb_drop(&m, 0, ANY_PCID, 0, FLUSH_ALL));
	for (unsigned i = 3; i-- > 0;)
		tlb_insert(&m, 0, e[i]);
	assert_memory_equal(&first, read_tlb(&m, 0), sizeof(first));
}

static void test_tlb_lookup(void **state)
{
	const struct leaf *e;

	(void)state;
	tlb_insert(&m, 0, (struct leaf){ .va = VA, .pfn = 4 });
	tlb_insert(&m, 0, (struct leaf){ .va = 0x7f0000200000, .pfn = 6, .flags = LEAF_HUGE });
	assert_non_null(tlb_lookup(&m, 0, 0, VA + 0xfff));
	assert_null(tlb_lookup(&m, 0, 0, VA + 0x1000));
	assert_null(tlb_lookup(&m, 0, 1, VA));
	e = tlb_lookup(&m, 0, 0, 0x7f00003ff000);
	assert_true(e && e->pfn == 6);
	/* An entry for the same page is replaced, not added. */
	tlb_insert(&m, 0, (struct leaf){ .va = VA, .pfn = 9 });
	assert_int_equal(read_tlb(&m, 0)->count, 2);
	assert_int_equal(tlb_lookup(&m, 0, 0, VA)->pfn, 9);
	/* A page of the huge entry takes the whole entry with it. */
	assert_true(tlb_drop(&m, 0, 0, 0x7f0000234000, 0x7f0000235000));
	assert_null(tlb_lookup(&m, 0, 0, 0x7f0000200000));
	assert_non_null(tlb_lookup(&m, 0, 0, VA));
}

static void test_tlb_full(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TLB_ENTRIES + 3; i++)
		tlb_insert(&m, 0, (struct leaf){ .va = VA + i * PAGE_SIZE, .pfn = 1 });
	assert_int_equal(read_tlb(&m, 0)->count, TLB_ENTRIES);
	assert_non_null(tlb_lookup(&m, 0, 0, VA + (TLB_ENTRIES + 2) * PAGE_SIZE));
}

static void test_walk(void **state)
{
	unsigned pfn = map_page(VA, PTE_WRITE);
	const struct leaf *e;

	(void)state;
	cpu_walk_start(&m, 0, VA + 8, true);
	for (unsigned level = LEVEL_PGD; level > LEVEL_PTE; level--) {
		assert_int_equal(read_walker(&m, WALKER_CPU(0))->level, level);
		assert_int_equal(read_walker(&m, WALKER_CPU(0))->table, table[level]);
		assert_int_equal(walk_step(&m, WALKER_CPU(0), MMU_CPU(0)), WALK_MORE);
		assert_true(table_read(&m, table[level], va_index(VA, level)) & PTE_ACCESSED);
	}
	assert_int_equal(read_psc(&m, 0)->count, 3);
	assert_int_equal(walk_step(&m, WALKER_CPU(0), MMU_CPU(0)), WALK_FILLED);
	assert_false(read_walker(&m, WALKER_CPU(0))->active);
	e = tlb_lookup(&m, 0, 0, VA);
	assert_int_equal(e->pfn, pfn);
	assert_int_equal(e->flags, LEAF_WRITE | LEAF_USER);
	assert_int_equal(e->generation, read_frame(&m, pfn)->generation);
	assert_true(table_read(&m, table[LEVEL_PTE], va_index(VA, LEVEL_PTE)) & PTE_ACCESSED);
	/* The next walk starts at the last table: it is cached. */
	map_page(VA + PAGE_SIZE, 0);
	cpu_walk_start(&m, 0, VA + PAGE_SIZE, false);
	assert_int_equal(read_walker(&m, WALKER_CPU(0))->level, LEVEL_PTE);
	assert_int_equal(walk_step(&m, WALKER_CPU(0), MMU_CPU(0)), WALK_FILLED);
	assert_false(tlb_lookup(&m, 0, 0, VA + PAGE_SIZE)->flags & LEAF_WRITE);
}

static void test_walk_faults(void **state)
{
	(void)state;
	map_page(VA, 0);
	cpu_walk_start(&m, 0, VA, true);
	while (read_walker(&m, WALKER_CPU(0))->level > LEVEL_PTE)
		assert_int_equal(walk_step(&m, WALKER_CPU(0), MMU_CPU(0)), WALK_MORE);
	assert_int_equal(walk_step(&m, WALKER_CPU(0), MMU_CPU(0)), WALK_FAULT);
	assert_false(read_walker(&m, WALKER_CPU(0))->active);
	assert_null(tlb_lookup(&m, 0, 0, VA));
	cpu_walk_start(&m, 0, VA + PAGE_SIZE, false);
	assert_int_equal(walk_step(&m, WALKER_CPU(0), MMU_CPU(0)), WALK_FAULT);
	cpu_walk_start(&m, 0, 0x1000, false);
	assert_int_equal(walk_step(&m, WALKER_CPU(0), MMU_CPU(0)), WALK_FAULT);
	assert_int_equal(fx.rules, 0);
}

/* A table that is freed while it is cached, and read afterwards: a rule each; the walk stops. */
static void test_stale_table(void **state)
{
	(void)state;
	map_page(VA, 0);
	fill(VA);
	tlb_drop(&m, 0, ANY_PCID, 0, FLUSH_ALL);
	table_write(&m, table[LEVEL_PMD], va_index(VA, LEVEL_PMD), 0);
	frame_put(&m, table[LEVEL_PTE]);
	assert_int_equal(fx.finding.rule, RULE_TABLE_FREED);
	assert_int_equal(fx.finding.object, 0);
	cpu_walk_start(&m, 0, VA, false);
	assert_int_equal(walk_step(&m, WALKER_CPU(0), MMU_CPU(0)), WALK_FAULT);
	assert_true(fx.rules & 1u << RULE_STALE_TABLE);
	assert_int_equal(fx.finding.pfn, table[LEVEL_PTE]);
}

static void test_invlpg(void **state)
{
	(void)state;
	map_page(VA, 0);
	map_page(VA + PAGE_SIZE, 0);
	fill(VA);
	fill(VA + PAGE_SIZE);
	cpu_fill_start(&m, 0, VA + 2 * PAGE_SIZE);
	assert_int_equal(read_psc(&m, 0)->count, 3);
	cpu_invlpg(&m, 0, VA + 12);
	assert_null(tlb_lookup(&m, 0, 0, VA));
	assert_non_null(tlb_lookup(&m, 0, 0, VA + PAGE_SIZE));
	/* Every paging-structure entry goes, not only those of the address, and walks start over. */
	assert_int_equal(read_psc(&m, 0)->count, 0);
	assert_false(read_walker(&m, WALKER_SPEC(0))->active);
	cpu_flush_all(&m, 0);
	assert_int_equal(read_tlb(&m, 0)->count, 0);
}

static void test_access(void **state)
{
	unsigned pfn = map_page(VA, PTE_WRITE);
	uint32_t value = 0;

	(void)state;
	write_frame(&m, pfn)->value = 7;
	assert_int_equal(cpu_access(&m, 0, VA, false, &value), ACCESS_MISS);
	fill(VA);
	assert_int_equal(cpu_access(&m, 0, VA, false, &value), ACCESS_DONE);
	assert_int_equal(value, 7);
	value = 9;
	assert_int_equal(cpu_access(&m, 0, VA, true, &value), ACCESS_DIRTY);
	assert_int_equal(read_frame(&m, pfn)->value, 7);
	assert_true(cpu_set_dirty(&m, 0, VA));
	assert_true(table_read(&m, table[LEVEL_PTE], va_index(VA, LEVEL_PTE)) & PTE_DIRTY);
	assert_int_equal(cpu_access(&m, 0, VA, true, &value), ACCESS_DONE);
	assert_int_equal(read_frame(&m, pfn)->value, 9);
	assert_int_equal(fx.rules, 0);
}

/* The D bit is set by a locked update that looks at the entry again. */
static void test_dirty_recheck(void **state)
{
	unsigned pfn = map_page(VA, PTE_WRITE);
	uint32_t value = 1;

	(void)state;
	fill(VA);
	table_write(&m, table[LEVEL_PTE], va_index(VA, LEVEL_PTE), pte_make(pfn, LEAF_BITS));
	assert_int_equal(cpu_access(&m, 0, VA, true, &value), ACCESS_DIRTY);
	assert_false(cpu_set_dirty(&m, 0, VA));
	assert_null(tlb_lookup(&m, 0, 0, VA));
	assert_false(table_read(&m, table[LEVEL_PTE], va_index(VA, LEVEL_PTE)) & PTE_DIRTY);
	/* Without an entry there is nothing to fault on: look it up again. */
	assert_true(cpu_set_dirty(&m, 0, VA));
	fill(VA);
	assert_int_equal(cpu_access(&m, 0, VA, true, &value), ACCESS_FAULT);
	assert_null(tlb_lookup(&m, 0, 0, VA));
}

static void test_stale_leaf(void **state)
{
	unsigned pfn = map_page(VA, PTE_WRITE);
	uint32_t value = 0;

	(void)state;
	fill(VA);
	table_write(&m, table[LEVEL_PTE], va_index(VA, LEVEL_PTE), 0);
	/* Unhooked but not freed: legal, nobody promised anything. */
	assert_int_equal(cpu_access(&m, 0, VA, false, &value), ACCESS_DONE);
	assert_int_equal(fx.rules, 0);
	frame_put(&m, pfn);
	assert_int_equal(cpu_access(&m, 0, VA, false, &value), ACCESS_DONE);
	assert_int_equal(fx.finding.rule, RULE_STALE_LEAF);
	assert_int_equal(fx.finding.va, VA);
}

/* An operation outlaws what it sees; its success condemns what is left of that, and nothing else. */
static void test_promise(void **state)
{
	unsigned pfn = map_page(VA, PTE_WRITE);
	uint32_t value = 0;

	(void)state;
	fill(VA);
	rule_outlaw(&m, 0, 0, VA, VA + PAGE_SIZE);
	table_write(&m, table[LEVEL_PTE], va_index(VA, LEVEL_PTE), 0);
	rule_promise(&m, 0, true);
	cpu_access(&m, 0, VA, false, &value);
	assert_int_equal(fx.rules, 0);

	rule_outlaw(&m, 1, 0, VA, VA + PAGE_SIZE);
	rule_promise(&m, 0, true);
	rule_promise(&m, 1, false);
	cpu_access(&m, 0, VA, false, &value);
	assert_int_equal(fx.rules, 0);

	rule_outlaw(&m, 1, 0, VA, VA + PAGE_SIZE);
	rule_promise(&m, 1, true);
	/* The same right given back makes the entry good again. */
	table_write(&m, table[LEVEL_PTE], va_index(VA, LEVEL_PTE),
		    pte_make(pfn, LEAF_BITS | PTE_WRITE));
	cpu_access(&m, 0, VA, false, &value);
	assert_int_equal(fx.rules, 0);
	table_write(&m, table[LEVEL_PTE], va_index(VA, LEVEL_PTE), pte_make(pfn, LEAF_BITS));
	cpu_access(&m, 0, VA, false, &value);
	assert_int_equal(fx.finding.rule, RULE_STALE_USE);
}

static void test_interrupts(void **state)
{
	(void)state;
	map_page(VA, 0);
	cpu_walk_start(&m, 0, VA, false);
	cpu_irq_enter(&m, 0);
	assert_true(read_cpu(&m, 0)->irq_off && read_cpu(&m, 0)->in_irq);
	assert_false(read_walker(&m, WALKER_CPU(0))->active);
	cpu_irq_exit(&m, 0);
	assert_false(read_cpu(&m, 0)->irq_off || read_cpu(&m, 0)->in_irq);
}

/* An NMI comes inside an interrupt, and leaves the interrupt flag alone. */
static void test_nmi(void **state)
{
	(void)state;
	map_page(VA, 0);
	cpu_irq_enter(&m, 0);
	cpu_walk_start(&m, 0, VA, false);
	cpu_nmi_enter(&m, 0);
	assert_true(read_cpu(&m, 0)->irq_off && read_cpu(&m, 0)->in_irq && read_cpu(&m, 0)->in_nmi);
	assert_false(read_walker(&m, WALKER_CPU(0))->active);
	cpu_nmi_exit(&m, 0);
	assert_true(read_cpu(&m, 0)->irq_off && read_cpu(&m, 0)->in_irq && !read_cpu(&m, 0)->in_nmi);
}

/* With PCIDs an access finds its own entries only, and a flush leaves those of the other PCID alone. */
static void test_pcids(void **state)
{
	uint32_t value;

	(void)state;
	write_cpu(&m, 0)->pcid = 1;
	tlb_insert(&m, 0, (struct leaf){ .va = VA, .pfn = 4, .pcid = 1, .flags = LEAF_USER });
	tlb_insert(&m, 0, (struct leaf){ .va = VA + 0x1000, .pfn = 4, .pcid = 2, .flags = LEAF_USER });
	assert_int_equal(cpu_access(&m, 0, VA, false, &value), ACCESS_DONE);
	assert_int_equal(cpu_access(&m, 0, VA + 0x1000, false, &value), ACCESS_MISS);
	cpu_load_cr3_noflush(&m, 0, table[LEVEL_PGD], 0);
	assert_int_equal(read_tlb(&m, 0)->count, 2);
	cpu_load_cr3(&m, 0, table[LEVEL_PGD], 0);
	assert_null(tlb_lookup(&m, 0, 1, VA));
	assert_non_null(tlb_lookup(&m, 0, 2, VA + 0x1000));
	write_cpu(&m, 0)->pcid = 0;
	cpu_flush_all(&m, 0);
	assert_int_equal(read_tlb(&m, 0)->count, 0);
}

static void test_fill(void **state)
{
	(void)state;
	map_page(VA, PTE_WRITE);
	assert_true(cpu_can_fill(&m, 0, VA));
	cpu_fill_start(&m, 0, VA);
	assert_false(cpu_can_fill(&m, 0, VA));
	while (read_walker(&m, WALKER_SPEC(0))->active)
		cpu_fill_step(&m, 0);
	assert_non_null(tlb_lookup(&m, 0, 0, VA));
	assert_false(cpu_can_fill(&m, 0, VA));
	assert_true(cpu_can_fill(&m, 0, VA + PAGE_SIZE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BARE_TEST(test_frames),	       BARE_TEST(test_tables),
		BARE_TEST(test_software_walk), BARE_TEST(test_tlb_canonical),
		BARE_TEST(test_tlb_lookup),    BARE_TEST(test_tlb_full),
		BARE_TEST(test_walk),	       BARE_TEST(test_walk_faults),
		BARE_TEST(test_stale_table),   BARE_TEST(test_invlpg),
		BARE_TEST(test_access),	       BARE_TEST(test_dirty_recheck),
		BARE_TEST(test_stale_leaf),    BARE_TEST(test_promise),
		BARE_TEST(test_interrupts),    BARE_TEST(test_fill),
		BARE_TEST(test_nmi),	       BARE_TEST(test_pcids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
