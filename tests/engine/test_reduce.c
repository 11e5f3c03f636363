/*
 * test_reduce.c - every scenario with each reduction on and off: the same verdict, the same rules, lints too.
 *
 * The measure is the search that looks at every state (test_naive compares that with one without tricks).  A trace of
 * a reduced search need not be the shortest, but it must be possible and end in the rule.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "searching.h"

#define SMALL 30000u /* states */

static const unsigned some[] = {
	REDUCE_WHIMS, REDUCE_AMPLE, REDUCE_AMPLE | REDUCE_FUSE, REDUCE_WHIMS | REDUCE_AMPLE, REDUCE_SYMMETRY, REDUCE_ALL,
};

enum { SOME = sizeof(some) / sizeof(some[0]) };

static struct library library;
static struct searching s;
static uint64_t whole, reduced; /* states, of all searches together */

/* The trace is possible and ends in the rule; before that nothing breaks. */
static void trace_holds(void)
{
	for (uint32_t i = 0; i < s.found.trace_length; i++) {
		assert_null(action_blocked(&s.m, &s.found.trace[i]));
		machine_apply(&s.m, &s.found.trace[i], &s.fx);
		assert_int_equal(rules_broken(s.fx.rules) != 0,
				 i + 1 == s.found.trace_length && s.found.rule != RULE_DEADLOCK);
	}
	assert_true(s.found.rule == RULE_DEADLOCK ? machine_stuck(&s.m) : s.fx.finding.rule == s.found.rule);
}

static void first_violation(unsigned variant, enum spec spec, unsigned reduce)
{
	searching_build(&s, variant, spec);
	searching_explore(&s, &(struct explore_options){ .reduce = reduce });
	assert_int_equal(s.found.verdict, VERDICT_VIOLATION);
	trace_holds();
}

static void compare(unsigned variant, enum spec spec)
{
	struct explore_result plain;

	searching_build(&s, variant, spec);
	searching_explore(&s, &(struct explore_options){ .all = true, .max_states = SMALL });
	if (s.found.verdict == VERDICT_BOUND)
		return;
	plain = s.found;
	for (unsigned i = 0; i < SOME; i++) {
		searching_explore(&s, &(struct explore_options){ .all = true, .reduce = some[i] });
		assert_int_equal(s.found.verdict, plain.verdict);
		assert_int_equal(s.found.rules, plain.rules);
		assert_true(s.found.states <= plain.states);
		assert_memory_equal(s.found.lines, plain.lines, sizeof(plain.lines));
		assert_int_equal(s.found.taken & ~plain.taken, 0);
	}
	whole += plain.states;
	reduced += s.found.states;
	for (unsigned i = 0; i < SOME && plain.verdict == VERDICT_VIOLATION; i++)
		first_violation(variant, spec, some[i]);
}

static void test_reductions(void **state)
{
	(void)state;
	for (unsigned i = 0; i < library.count; i++) {
		library_read(library.path[i], &s.scenario, &s.m, &s.fx);
		for (unsigned v = 0; v < s.scenario.variants; v++)
			for (unsigned spec = SPEC_OFF; spec <= SPEC_FULL; spec++)
				compare(v, (enum spec)spec);
	}
	/* If they reduced nothing, this test would have shown nothing. */
	assert_true(reduced * 3 < whole * 2);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_reductions) };

	if (!library_list(&library, argc > 1 ? argv[1] : "scenarios")) {
		fprintf(stderr, "no scenarios\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
