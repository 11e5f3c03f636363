/*
 * The protocol of ptlb.c reaches as many states, by as many transitions, as spin/ptlb.pml: for
 * settings of two CPUs the numbers that SPIN reported (./dev bench explore compares them anew).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "ptlb.h"
#include "rules.h"

#define MEMORY (EXPLORE_MIN + ((size_t)64 << 20))

static struct machine m;
static struct effects fx;

static struct explore_result searched(const struct ptlb *setting, bool all)
{
	struct explore_options o = { .model = &ptlb_model, .all = all };
	void *memory = calloc(1, MEMORY);
	struct explore_result r;
	struct explorer *x;

	assert_non_null(memory);
	ptlb_init(&m, setting, &fx);
	x = explore_begin(&m, &o, memory, MEMORY);
	while (explore_slice(x, 10000) == VERDICT_RUNNING)
		;
	explore_end(x);
	r = *explore_result(x);
	free(memory);
	return r;
}

static void test_counts(void **state)
{
	static const struct {
		struct ptlb setting;
		uint64_t states, transitions;
	} row[] = {
		{ { .cpus = 2, .pages = 1, .frames = 1, .ops = 1, .others = 1 }, 3034, 7622 },
		{ { .cpus = 2, .pages = 2, .frames = 2, .ops = 1, .others = 1 }, 54478, 167804 },
		{ { .cpus = 2, .pages = 2, .frames = 2, .ops = 1, .others = 1, .bug = 1 },
		  55438,
		  170780 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct explore_result r = searched(&row[i].setting, false);

		assert_int_equal(r.verdict, VERDICT_CLEAN);
		assert_int_equal(r.states, row[i].states);
		assert_int_equal(r.transitions, row[i].transitions);
	}
}

static void test_counts_of_variations(void **state)
{
	static const struct {
		struct ptlb setting;
		uint64_t states, transitions;
	} row[] = {
		{ { .cpus = 2, .pages = 2, .frames = 1, .ops = 1, .mapped = 1, .send_all = 1 },
		  4395,
		  12314 },
		{ { .cpus = 2, .pages = 1, .frames = 1, .ops = 2, .others = 1, .mapped = 1 },
		  16902,
		  44014 },
		{ { .cpus = 2, .pages = 3, .frames = 1, .ops = 1 }, 13948, 36348 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct explore_result r = searched(&row[i].setting, false);

		assert_int_equal(r.verdict, VERDICT_CLEAN);
		assert_int_equal(r.states, row[i].states);
		assert_int_equal(r.transitions, row[i].transitions);
	}
}

/* The whole graph with the bug in it: what SPIN reaches with -c0, and its shortest trail. */
static void bug_is_found(const struct ptlb *setting, uint64_t states, uint64_t transitions,
			 uint32_t depth)
{
	struct explore_result r = searched(setting, true);

	assert_int_equal(r.verdict, VERDICT_VIOLATION);
	assert_int_equal(r.rules, 1u << RULE_STALE_LEAF);
	assert_int_equal(r.rule_depth[RULE_STALE_LEAF], depth);
	assert_int_equal(r.states, states);
	assert_int_equal(r.transitions, transitions);

	r = searched(setting, false);
	assert_int_equal(r.verdict, VERDICT_VIOLATION);
	assert_int_equal(r.rule, RULE_STALE_LEAF);
	assert_int_equal(r.trace_length, depth);
}

static void test_mremap_bug(void **state)
{
	static const struct ptlb setting = {
		.cpus = 2, .pages = 2, .frames = 1, .ops = 2, .mapped = 1, .bug = 1
	};

	(void)state;
	bug_is_found(&setting, 81748, 229802, 20);
}

static void test_zap_bug(void **state)
{
	static const struct ptlb setting = {
		.cpus = 2, .pages = 2, .frames = 2, .ops = 1, .others = 1, .bug = 2
	};

	(void)state;
	bug_is_found(&setting, 56826, 176280, 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_counts_of_variations),
		cmocka_unit_test(test_mremap_bug),
		cmocka_unit_test(test_zap_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
