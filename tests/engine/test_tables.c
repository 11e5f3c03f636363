/*
 * test_tables.c - page-table pages at the end of their lives: who holds up a grace period, and who is found holding one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rcu.h"
#include "world_of.h"

static struct kit k;

static int open_kit(void **state)
{
	(void)state;
	kit_open(&k);
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

#define TABLES_TEST(name) cmocka_unit_test_setup_teardown(name, open_kit, close_kit)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TABLES_TEST(test_nobody_inside), TABLES_TEST(test_readers), TABLES_TEST(test_preemption_off),
		TABLES_TEST(test_who_holds), TABLES_TEST(test_walker_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
