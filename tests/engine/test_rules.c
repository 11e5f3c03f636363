/*
 * test_rules.c - the rules that need no kernel, and their names.
 */
#include "bare.h"

#include <string.h>

#include "rules.h"

static void test_secondary_range(void **state)
{
	(void)state;
	rule_secondary_range(&m, 0, VA, VA + PAGE_SIZE, VA, VA + 2 * PAGE_SIZE);
	rule_secondary_range(&m, 0, VA, VA + PAGE_SIZE, 0, FLUSH_ALL);
	rule_secondary_range(&m, 0, 0, FLUSH_ALL, 0, FLUSH_ALL);
	assert_int_equal(fx.rules, 0);
	rule_secondary_range(&m, 0, 0, FLUSH_ALL, FLUSH_ALL, FLUSH_ALL);
	assert_int_equal(fx.finding.rule, RULE_SECONDARY_RANGE);
}

static void test_useless_flush(void **state)
{
	(void)state;
	rule_changed(&m, 0, VA, VA + PAGE_SIZE);
	rule_useless_flush(&m, 0, VA, VA + PAGE_SIZE);
	assert_int_equal(fx.rules, 0);
	rule_changed(&m, 0, VA, VA + 4 * PAGE_SIZE);
	rule_useless_flush(&m, 0, VA + PAGE_SIZE, VA + 2 * PAGE_SIZE);
	rule_useless_flush(&m, 0, VA, VA + PAGE_SIZE);
	rule_useless_flush(&m, 0, VA + 2 * PAGE_SIZE, FLUSH_ALL);
	assert_int_equal(fx.rules, 0);
	rule_useless_flush(&m, 0, 0, FLUSH_ALL);
	assert_int_equal(fx.rules, 1u << RULE_USELESS_FLUSH);
	/* A lint is no finding. */
	assert_int_equal(fx.finding.rule, RULE_NONE);
}

static void test_double_flush(void **state)
{
	(void)state;
	write_sub(&m, 0)->mm = 0;
	rule_changed(&m, 0, VA, VA + PAGE_SIZE);
	rule_double_flush(&m, 0, VA, VA + 2 * PAGE_SIZE);
	rule_double_flush(&m, 0, VA + 4 * PAGE_SIZE, VA + 5 * PAGE_SIZE);
	rule_changed(&m, 0, VA, VA + PAGE_SIZE);
	rule_double_flush(&m, 0, VA + 4 * PAGE_SIZE, VA + 5 * PAGE_SIZE);
	assert_int_equal(fx.rules, 0);
	rule_double_flush(&m, 0, VA + 4 * PAGE_SIZE, VA + 5 * PAGE_SIZE);
	assert_int_equal(fx.rules, 1u << RULE_DOUBLE_FLUSH);
}

static void test_lock_order(void **state)
{
	(void)state;
	rule_lock_order(&m, 0, LOCK_MMAP(0));
	write_ctx(&m, 0)->ranks = (uint8_t)(1u << lock_rank_held(0, LOCK_PTL(3)));
	rule_lock_order(&m, 0, LOCK_PTL(4));
	rule_lock_order(&m, 0, LOCK_QI);
	assert_int_equal(fx.rules, 0);
	assert_int_equal(lock_ranks_without(read_ctx(&m, 0)->ranks, LOCK_PTL(3)), 0);
	rule_lock_order(&m, 0, LOCK_I_MMAP(0));
	assert_int_equal(fx.finding.rule, RULE_LOCK_ORDER);
}

static void test_atomic_sleep(void **state)
{
	(void)state;
	rule_atomic_sleep(&m, 0, LOCK_MMAP(0));
	assert_int_equal(fx.rules, 0);
	write_ctx(&m, 0)->atomic = 1;
	rule_atomic_sleep(&m, 0, LOCK_MMAP(0));
	assert_int_equal(fx.finding.rule, RULE_ATOMIC_SLEEP);
}

static void test_rule_names(void **state)
{
	(void)state;
	for (unsigned r = 1; r < RULE_COUNT; r++) {
		const char *name = rule_table[r].name;

		assert_int_equal(rule_find((struct word){ name, strlen(name) }), r);
		assert_true(strlen(rule_table[r].claim) > 0 && strlen(rule_table[r].harm) > 0);
	}
	assert_int_equal(rule_find((struct word){ "clean", 5 }), RULE_NONE);
	assert_int_equal(rules_broken(1u << RULE_DOUBLE_FLUSH | 1u << RULE_STALE_LEAF),
			 1u << RULE_STALE_LEAF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BARE_TEST(test_secondary_range), BARE_TEST(test_useless_flush),
		BARE_TEST(test_double_flush),	 BARE_TEST(test_lock_order),
		BARE_TEST(test_atomic_sleep),	 BARE_TEST(test_rule_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
