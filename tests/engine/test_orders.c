/*
 * test_orders.c - every order of the search on every scenario: one answer, whatever the way to it.
 *
 * Breadth first on one thread is the measure (test_naive compares it with the search without tricks).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bounds.h"
#include "searching.h"

static struct library library;
static struct searching s;
static struct explore_result measure;

static void same_answer(void)
{
	assert_int_equal(s.found.verdict, measure.verdict);
	assert_int_equal(s.found.rules, measure.rules);
}

static void same_trace(void)
{
	assert_int_equal(s.found.rule, measure.rule);
	assert_int_equal(s.found.trace_length, measure.trace_length);
	assert_int_equal(s.found.preemptions, measure.preemptions);
	for (uint32_t i = 0; i < measure.trace_length; i++)
		assert_true(action_same(&s.found.trace[i], &measure.trace[i]));
}

/* The trace is possible, and its last step breaks the rule. */
static void trace_holds(void)
{
	struct machine *m = &s.m;

	for (uint32_t i = 0; i < s.found.trace_length; i++) {
		assert_null(action_blocked(m, &s.found.trace[i]));
		machine_apply(m, &s.found.trace[i], &s.fx);
	}
	assert_true(s.found.rule == RULE_DEADLOCK ? machine_stuck(m) : s.fx.finding.rule == s.found.rule);
}

/* Two threads answer what one does: every number and the trace, whether the first is enough or not. */
static void two_threads(unsigned variant, enum explore_order order, bool all)
{
	searching_build(&s, variant, SPEC_FILL);
	searching_explore(&s, &(struct explore_options){ .order = order, .all = all });
	measure = s.found;
	searching_explore(&s, &(struct explore_options){ .order = order, .all = all, .threads = 2 });
	same_answer();
	same_trace();
	assert_int_equal(s.found.states, measure.states);
	assert_int_equal(s.found.transitions, measure.transitions);
	assert_memory_equal(s.found.lines, measure.lines, sizeof(measure.lines));
	assert_int_equal(s.found.finals, measure.finals);
	assert_int_equal(s.found.depth, measure.depth);
}

static void orders(unsigned variant)
{
	searching_build(&s, variant, SPEC_OFF);
	if (!searching_within(&s, variant, &(struct explore_options){ .all = true }, MOST_ORDERS))
		return;
	measure = s.found;

	/* All orders that are complete see all states and all rules. */
	searching_explore(&s, &(struct explore_options){ .order = ORDER_DEPTH, .all = true });
	same_answer();
	assert_int_equal(s.found.states, measure.states);
	assert_int_equal(s.found.transitions, measure.transitions);
	assert_memory_equal(s.found.lines, measure.lines, sizeof(measure.lines));
	searching_explore(&s, &(struct explore_options){ .order = ORDER_PREEMPTION, .all = true });
	same_answer();

	/* Wide fingerprints tell the same states apart. */
	searching_explore(&s, &(struct explore_options){ .all = true, .wide = true });
	same_answer();
	assert_int_equal(s.found.states, measure.states);
	assert_true(s.found.bytes > measure.bytes);

	/* Walks are a part of the whole, the same for the same seed. */
	searching_explore(&s, &(struct explore_options){ .order = ORDER_RANDOM, .all = true, .seed = 7, .walks = 50 });
	assert_int_equal(s.found.rules & ~measure.rules, 0);
	assert_true(s.found.states <= measure.states);
	assert_true(s.found.verdict == VERDICT_BOUND);

	/* The first violation of each order is one, and fewest preemptions means no more than the shortest has. */
	searching_explore(&s, &(struct explore_options){ 0 });
	measure = s.found;
	for (unsigned order = ORDER_PREEMPTION; order <= ORDER_DEPTH; order++) {
		searching_build(&s, variant, SPEC_OFF);
		searching_explore(&s, &(struct explore_options){ .order = (enum explore_order)order });
		assert_int_equal(s.found.verdict, measure.verdict);
		if (measure.verdict != VERDICT_VIOLATION)
			continue;
		assert_true(s.found.trace_length >= measure.trace_length);
		if (order == ORDER_PREEMPTION)
			assert_true(s.found.preemptions <= measure.preemptions);
		trace_holds();
	}
}

static bool at_end(const struct machine *m, void *self)
{
	(void)self;
	return machine_finished(m);
}

/* A goal is reached by a way that leads there. */
static void goal(unsigned variant)
{
	searching_build(&s, variant, SPEC_OFF);
	if (!searching_within(&s, variant, &(struct explore_options){ .all = true, .goal = at_end }, MOST_ORDERS))
		return;
	assert_true(s.found.goal);
	assert_int_equal(s.found.rule, RULE_NONE);
	assert_false(machine_finished(&s.m));
	for (uint32_t i = 0; i < s.found.trace_length; i++)
		machine_apply(&s.m, &s.found.trace[i], &s.fx);
	assert_true(machine_finished(&s.m));
}

static void each(const char *what, void (*test)(unsigned variant), unsigned least)
{
	for (unsigned i = 0; i < library.count; i++) {
		library_read(library.path[i], &s.scenario, &s.m, &s.fx);
		for (unsigned v = 0; v < s.scenario.variants; v++)
			test(v);
	}
	library_tell(what, least);
}

static void threads_of(unsigned variant)
{
	searching_build(&s, variant, SPEC_FILL);
	if (!searching_within(&s, variant, &(struct explore_options){ .all = true }, MOST_THREADS))
		return;
	two_threads(variant, ORDER_BREADTH, false);
	two_threads(variant, ORDER_BREADTH, true);
	two_threads(variant, ORDER_PREEMPTION, false);
	two_threads(variant, ORDER_PREEMPTION, true);
}

static void test_orders(void **state)
{
	(void)state;
	each("orders", orders, 25);
}

static void test_threads(void **state)
{
	(void)state;
	each("threads", threads_of, 20);
}

static void test_goal(void **state)
{
	(void)state;
	each("goals", goal, 25);
}

/* Bounds are said, and what was found before them stands. */
static void test_bounds(void **state)
{
	(void)state;
	library_read(library.path[0], &s.scenario, &s.m, &s.fx);
	searching_build(&s, 0, SPEC_FULL);
	searching_explore(&s, &(struct explore_options){ .max_states = 20 });
	assert_int_equal(s.found.verdict, VERDICT_BOUND);
	assert_string_equal(s.found.bound, "states");
	assert_int_equal(s.found.states, 20);
	searching_explore(&s, &(struct explore_options){ .max_depth = 3 });
	assert_int_equal(s.found.verdict, VERDICT_BOUND);
	assert_string_equal(s.found.bound, "depth");
	assert_true(s.found.states > 3);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders), cmocka_unit_test(test_threads), cmocka_unit_test(test_goal),
		cmocka_unit_test(test_bounds),
	};

	if (!library_list(&library, argc > 1 ? argv[1] : "scenarios")) {
		fprintf(stderr, "no scenarios\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
