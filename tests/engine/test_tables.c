/*
 * test_tables.c - page-table pages at the end of their lives: who holds up a grace period, and who is found holding one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rcu.h"
#include "kit_case.h"

/* A second CPU, for readers. */
static int open_two(void **state)
{
	open_kit(state);
	write_cpu(&k.m, 1)->online = 1;
	return 0;
}

static int close_kit(void **state)
{
	(void)state;
	step_end(&k.m);
	assert_int_equal(k.m.digest, world_digest(&k.m));
	return 0;
}

static bool is_free(unsigned pfn)
{
	return peek_frame(&k.m, pfn)->owner == FRAME_FREE;
}

static void test_nobody_inside(void **state)
{
	unsigned table = table_alloc(&k.m, 0, LEVEL_PTE);

	(void)state;
	call_rcu_table(&k.m, table);
	assert_true(is_free(table));
	assert_int_equal(peek_rcu(&k.m, 0)->count, 0);
}

/* Interrupts off, an interrupt, an NMI: each holds the table until it is over; a CPU that comes later does not. */
static void test_readers(void **state)
{
	unsigned first = table_alloc(&k.m, 0, LEVEL_PTE), second = table_alloc(&k.m, 0, LEVEL_PTE);

	(void)state;
	write_cpu(&k.m, 1)->irq_off = 1;
	call_rcu_table(&k.m, first);
	rcu_quiesce(&k.m);
	assert_false(is_free(first));
	write_cpu(&k.m, 0)->in_nmi = 1;
	call_rcu_table(&k.m, second);
	write_cpu(&k.m, 1)->irq_off = 0;
	rcu_quiesce(&k.m);
	assert_true(is_free(first));
	assert_false(is_free(second));
	/* Inside again: its earlier stay is over all the same. */
	write_cpu(&k.m, 1)->irq_off = 1;
	write_cpu(&k.m, 0)->in_nmi = 0;
	rcu_quiesce(&k.m);
	assert_true(is_free(second));
	assert_int_equal(peek_rcu(&k.m, 0)->count, 0);
}

static void test_preemption_off(void **state)
{
	unsigned table = table_alloc(&k.m, 0, LEVEL_PTE);

	(void)state;
	write_cpu(&k.m, 0)->current = 0;
	write_ctx(&k.m, 0)->atomic = 1;
	call_rcu_table(&k.m, table);
	rcu_quiesce(&k.m);
	assert_false(is_free(table));
	write_ctx(&k.m, 0)->atomic = 0;
	rcu_quiesce(&k.m);
	assert_true(is_free(table));
}

/* What is cached under a PCID that is not in CR3 cannot be walked, and what a device caches is no CPU's. */
static void test_who_holds(void **state)
{
	unsigned pcid;

	(void)state;
	for (unsigned mmu = 0; mmu <= MMU_DEV(0); mmu++)
		for (pcid = 0; pcid < 2; pcid++) {
			unsigned table = table_alloc(&k.m, 0, LEVEL_PTE);
			struct psc *p = write_psc(&k.m, mmu);

			p->entry[0] = (struct psc_entry){
				.va = HEAP & ~(PMD_SIZE - 1), .table = (uint16_t)table, .level = LEVEL_PTE, .pcid = (uint8_t)pcid,
				.generation = peek_frame(&k.m, table)->generation,
			};
			p->count = 1;
			k.fx.rules = 0;
			frame_put(&k.m, table);
			assert_int_equal(k.fx.rules, mmu < 2 && !pcid ? 1u << RULE_TABLE_FREED : 0);
			*p = (struct psc){ 0 };
		}
}

static void test_walker_holds(void **state)
{
	unsigned table = table_alloc(&k.m, 0, LEVEL_PTE);

	(void)state;
	*write_walker(&k.m, WALKER_SPEC(1)) = (struct walker){
		.va = HEAP, .active = 1, .table = (uint16_t)table, .level = LEVEL_PTE,
		.generation = peek_frame(&k.m, table)->generation,
	};
	frame_put(&k.m, table);
	assert_int_equal(k.fx.finding.rule, RULE_TABLE_FREED);
	assert_int_equal(k.fx.finding.object, 1);
	assert_true(k.fx.finding.va == HEAP);
}

/* ---- walks without a lock, collapse ---- */

#define BIG 0x7f0000200000ull

/* A mapping of 2 MiB with two small pages; the first one's frame. */
static unsigned big_mapping(void)
{
	unsigned pfn;

	kit_vma(&k, BIG, 512, VMA_READ | VMA_WRITE, NONE);
	pfn = kit_page(&k, BIG, 7);
	kit_page(&k, BIG + PAGE_SIZE, 7);
	write_cpu(&k.m, 1)->online = 0;
	return pfn;
}

static unsigned run(enum op_kind kind, uint64_t va)
{
	kit_start(&k, (struct op){ .kind = (uint8_t)kind, .va = va, .object = NONE });
	return kit_run(&k, NULL);
}

static void test_gup(void **state)
{
	(void)state;
	big_mapping();
	assert_int_equal(run(OP_GUP, BIG), RES_OK);
	assert_int_equal(peek_task(&k.m, 0)->value, 7);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_GUP, .va = BIG + 2 * PAGE_SIZE }), RES_EAGAIN);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_GUP, .va = HEAP - PAGE_SIZE + (1ull << 40) }), RES_EAGAIN);
	assert_int_equal(peek_cpu(&k.m, 0)->irq_off, 0);
}

/* The zero page has no references to count. */
static void test_gup_zero_page(void **state)
{
	(void)state;
	big_mapping();
	assert_int_equal(run(OP_LOAD, BIG + 2 * PAGE_SIZE), RES_OK);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_GUP, .va = BIG + 2 * PAGE_SIZE }), RES_EAGAIN);
}

static void test_collapse(void **state)
{
	unsigned small = big_mapping(), table = pte_table(&k.m, 0, BIG), pmds;
	uint64_t pmd;

	(void)state;
	assert_int_equal(run(OP_COLLAPSE, BIG + 5 * PAGE_SIZE), RES_OK);
	pmd = kit_pte(&k, 0, BIG);
	assert_true(pte_leaf(pmd, LEVEL_PMD));
	assert_int_equal(peek_frame(&k.m, pte_pfn(pmd))->value, 7);
	assert_true(is_free(small));
	pmds = table_find(&k.m, peek_mm(&k.m, 0)->pgd, BIG, LEVEL_PMD);
	assert_int_equal(peek_table(&k.m, pmds)->deposits, 1);
	assert_int_equal(peek_table(&k.m, pmds)->deposit[0], table);
	assert_int_equal(peek_table(&k.m, table)->count, 0);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_GUP, .va = BIG + PAGE_SIZE }), RES_OK);
	/* The whole goes, and the reserve with it. */
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_MUNMAP, .va = BIG, .len = PMD_SIZE }), RES_OK);
	assert_true(is_free(table));
}

/* Somebody else refers to a page: nothing has happened. */
static void test_collapse_gives_up(void **state)
{
	unsigned small = big_mapping(), table = pte_table(&k.m, 0, BIG);

	(void)state;
	frame_get(&k.m, small);
	assert_int_equal(run(OP_COLLAPSE, BIG), RES_EAGAIN);
	assert_int_equal(pte_table(&k.m, 0, BIG), table);
	assert_int_equal(pte_pfn(kit_pte(&k, 0, BIG)), small);
	assert_false(peek_frame(&k.m, small)->flags & FRAME_COUNTED);
	step_begin(&k.m, &k.fx);
	frame_put(&k.m, small);
	step_end(&k.m);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_COLLAPSE, .va = HEAP + (1ull << 40) }), RES_EINVAL);
}

/* A 2 MiB page as collapse makes one; its frame. */
static unsigned big_page(void)
{
	big_mapping();
	assert_int_equal(run(OP_COLLAPSE, BIG), RES_OK);
	return pte_pfn(kit_pte(&k, 0, BIG));
}

static struct op part(enum op_kind kind, unsigned page, unsigned pages)
{
	return (struct op){
		.kind = (uint8_t)kind, .va = BIG + page * PAGE_SIZE, .len = (uint32_t)(pages * PAGE_SIZE), .flags = ADV_DONTNEED,
		.object = NONE,
	};
}

/* A part goes: the rest stays where it is, by small entries, and so does the page until the last of them goes. */
static void test_split_by_madvise(void **state)
{
	unsigned pfn = big_page(), pmds = pmd_table(&k.m, 0, BIG);

	(void)state;
	assert_int_equal(kit_again(&k, part(OP_MADVISE, 1, 1)), RES_OK);
	assert_int_equal(peek_table(&k.m, pmds)->deposits, 0);
	assert_int_equal(kit_pte(&k, 0, BIG + PAGE_SIZE), 0);
	assert_int_equal(pte_pfn(kit_pte(&k, 0, BIG + 2 * PAGE_SIZE)), pfn);
	assert_int_equal(peek_frame(&k.m, pfn)->refcount, HUGE_PAGES - 1);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_LOAD, .va = BIG, .object = NONE }), RES_OK);
	assert_int_equal(peek_task(&k.m, 0)->value, 7);
	assert_int_equal(kit_again(&k, part(OP_MADVISE, 0, 512)), RES_OK);
	assert_true(is_free(pfn));
}

/* Either border of the range may cut one. */
static void test_split_by_munmap(void **state)
{
	unsigned pfn = big_page();

	(void)state;
	assert_int_equal(kit_again(&k, part(OP_MUNMAP, 2, 510)), RES_OK);
	assert_int_equal(pte_pfn(kit_pte(&k, 0, BIG)), pfn);
	assert_int_equal(kit_pte(&k, 0, BIG + 2 * PAGE_SIZE), 0);
	assert_int_equal(peek_frame(&k.m, pfn)->refcount, 2);
	assert_int_equal(kit_again(&k, part(OP_MUNMAP, 0, 1)), RES_OK);
	assert_int_equal(peek_frame(&k.m, pfn)->refcount, 1);
	assert_int_equal(kit_again(&k, part(OP_MUNMAP, 1, 1)), RES_OK);
	assert_true(is_free(pfn));
}

/* Small entries that were split off are collapsed no more: the page has references beside each entry's. */
static void test_split_then_collapse(void **state)
{
	(void)state;
	big_page();
	assert_int_equal(kit_again(&k, part(OP_MADVISE, 1, 1)), RES_OK);
	assert_int_equal(kit_again(&k, part(OP_COLLAPSE, 0, 1)), RES_EAGAIN);
	assert_int_equal(kit_again(&k, part(OP_MUNMAP, 0, 512)), RES_OK);
}

/* Entries of both sizes for one address are two entries, found and dropped as such. */
static void test_both_sizes(void **state)
{
	const struct leaf small = { .va = BIG, .pfn = 50, .flags = LEAF_USER }, other = { .va = BIG, .pfn = 52, .flags = LEAF_USER };
	const struct leaf huge = { .va = BIG, .pfn = 51, .flags = LEAF_USER | LEAF_HUGE };
	struct tlb first;

	(void)state;
	write_profile(&k.m, 0)->multi_hit = 1;
	tlb_insert(&k.m, 1, huge);
	rule_multi_hit(&k.m, 1, 0, BIG);
	tlb_insert(&k.m, 1, small);
	assert_int_equal(peek_tlb(&k.m, 1)->count, 2);
	first = *peek_tlb(&k.m, 1);
	assert_int_equal(k.fx.rules, 0);
	rule_multi_hit(&k.m, 1, 0, BIG + PAGE_SIZE);
	rule_multi_hit(&k.m, 1, 1, BIG);
	assert_int_equal(k.fx.rules, 0);
	rule_multi_hit(&k.m, 1, 0, BIG + 8);
	assert_int_equal(k.fx.rules, 1u << RULE_MULTI_HIT);
	k.fx.rules = 0;
	tlb_insert(&k.m, 1, other);
	assert_int_equal(peek_tlb(&k.m, 1)->count, 2);
	tlb_drop(&k.m, 1, ANY_PCID, 0, FLUSH_ALL);
	tlb_insert(&k.m, 1, small);
	tlb_insert(&k.m, 1, huge);
	assert_memory_equal(&first, peek_tlb(&k.m, 1), sizeof(first));
}

/* What the address maps in the middle of a walk counts as well as what it maps at either end. */
static void test_wrong_ref(void **state)
{
	unsigned first = big_mapping(), second = frame_alloc(&k.m, FRAME_ANON, 0), other = frame_alloc(&k.m, FRAME_ANON, 0);
	unsigned table = pte_table(&k.m, 0, BIG);
	uint64_t pte = kit_pte(&k, 0, BIG);

	(void)state;
	rule_gup_begins(&k.m, 1, 0, BIG);
	entry_set(&k.m, 0, table, BIG, pte_make(second, pte & ~PTE_PFN_MASK));
	entry_set(&k.m, 0, table, BIG, 0);
	rule_gup_took(&k.m, 1, first);
	rule_gup_took(&k.m, 1, second);
	assert_int_equal(k.fx.rules, 0);
	rule_gup_took(&k.m, 1, other);
	assert_int_equal(k.fx.finding.rule, RULE_WRONG_REF);
	k.fx.rules = 0;
	write_frame(&k.m, first)->flags |= FRAME_COUNTED;
	rule_gup_took(&k.m, 1, first);
	assert_int_equal(k.fx.rules, 1u << RULE_WRONG_REF);
	rule_gup_ends(&k.m, 1);
	k.fx.rules = 0;
}

#define WHOLE_TEST(name) cmocka_unit_test_setup_teardown(name, open_two, adds_up)
#define TABLES_TEST(name) cmocka_unit_test_setup_teardown(name, open_two, close_kit)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TABLES_TEST(test_nobody_inside), TABLES_TEST(test_readers), TABLES_TEST(test_preemption_off),
		TABLES_TEST(test_who_holds), TABLES_TEST(test_walker_holds), TABLES_TEST(test_wrong_ref),
		WHOLE_TEST(test_gup), WHOLE_TEST(test_gup_zero_page), WHOLE_TEST(test_collapse),
		WHOLE_TEST(test_collapse_gives_up), WHOLE_TEST(test_split_by_madvise), WHOLE_TEST(test_split_by_munmap),
		WHOLE_TEST(test_split_then_collapse), TABLES_TEST(test_both_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
