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

static struct explore_result explored(const struct ptlb *setting, const struct explore_options *o,
				      size_t bytes)
{
	void *memory = calloc(1, bytes);
	struct explore_result r;
	struct explorer *x;

	assert_non_null(memory);
	ptlb_init(&m, setting, &fx);
	x = explore_begin(&m, o, memory, bytes);
	while (explore_slice(x, 10000) == VERDICT_RUNNING)
		;
	explore_end(x);
	r = *explore_result(x);
	free(memory);
	return r;
}

static struct explore_result reduced(const struct ptlb *setting, bool all, unsigned reduce)
{
	return explored(setting,
			&(struct explore_options){
				.model = &ptlb_model, .all = all, .reduce = reduce },
			MEMORY);
}

static struct explore_result searched(const struct ptlb *setting, bool all)
{
	return reduced(setting, all, 0);
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

/* With every reduction, and with TLBs that say what they may hold: the same verdict, over fewer states. */
static void test_reductions(void **state)
{
	static const unsigned some[] = {
		REDUCE_WHIMS, REDUCE_AMPLE, REDUCE_AMPLE | REDUCE_FUSE, REDUCE_SYMMETRY, REDUCE_AMPLE | REDUCE_SLEEP, REDUCE_ALL,
	};
	struct ptlb p = { .cpus = 2, .pages = 2, .frames = 2, .ops = 1, .others = 1, .send_all = 1 };

	(void)state;
	for (unsigned bug = 0; bug <= 2; bug++) {
		struct explore_result plain, may;

		p.bug = (uint8_t)bug;
		p.may = 0;
		plain = searched(&p, true);
		for (p.may = 0; p.may <= 1; p.may++) {
			may = searched(&p, true);
			assert_int_equal(may.verdict, plain.verdict);
			assert_int_equal(may.rules, plain.rules);
			assert_true(!p.may || may.states < plain.states / 2);
			for (unsigned i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
				struct explore_result r = reduced(&p, true, some[i]);

				assert_int_equal(r.verdict, plain.verdict);
				assert_int_equal(r.rules, plain.rules);
				assert_true(r.states < may.states || (p.may && some[i] == REDUCE_WHIMS));
			}
		}
	}
}

/* Both CPUs may do the same, and both pages: so the symmetric states are a fourth, but for those that are their own
 * images. */
static void test_symmetry(void **state)
{
	const struct ptlb p = {
		.cpus = 2, .pages = 2, .frames = 2, .ops = 1, .others = 1, .send_all = 1, .may = 1
	};
	struct explore_result whole = searched(&p, true), r = reduced(&p, true, REDUCE_SYMMETRY);

	(void)state;
	assert_true(r.states * 4 >= whole.states);
	assert_true(r.states * 3 < whole.states);
}

/* Two threads answer what one does where there are many chunks, to the end or to where a bound is hit, and of memory as well. */
static void test_threads(void **state)
{
	static const struct {
		struct ptlb setting;
		uint64_t most;
		const char *bound;
	} row[] = {
		{ { .cpus = 2, .pages = 2, .frames = 2, .ops = 1, .others = 1 }, 0, NULL },
		{ { .cpus = 2, .pages = 2, .frames = 2, .ops = 1, .others = 1 }, 23456, "states" },
		{ { .cpus = 4, .pages = 2, .frames = 2, .ops = 1, .others = 1 }, 0, "memory" },
	};

	(void)state;
	for (unsigned i = 0; i < 2 * sizeof(row) / sizeof(row[0]); i++) {
		struct explore_options o = {
			.model = &ptlb_model, .all = true, .max_states = row[i / 2].most,
			.order = i % 2 ? ORDER_PREEMPTION : ORDER_BREADTH,
		};
		struct explore_result one = explored(&row[i / 2].setting, &o, EXPLORE_MIN), two;

		o.threads = 2;
		two = explored(&row[i / 2].setting, &o, EXPLORE_MIN);
		if (row[i / 2].bound) {
			assert_string_equal(one.bound, row[i / 2].bound);
			assert_string_equal(two.bound, row[i / 2].bound);
		}
		assert_int_equal(one.verdict, row[i / 2].bound ? VERDICT_BOUND : VERDICT_CLEAN);
		assert_int_equal(two.verdict, one.verdict);
		assert_int_equal(two.states, one.states);
		assert_int_equal(two.transitions, one.transitions);
		assert_int_equal(two.finals, one.finals);
		assert_int_equal(two.bytes, one.bytes);
		assert_int_equal(two.frontier_bytes, one.frontier_bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_counts_of_variations),
		cmocka_unit_test(test_mremap_bug),
		cmocka_unit_test(test_zap_bug),
		cmocka_unit_test(test_reductions),
		cmocka_unit_test(test_symmetry),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
