/*
 * test_naive.c - engine/explore against the search without tricks, on every scenario that is small enough.
 *
 * Where nothing breaks, both must have seen the same number of states and taken the same number of steps; where
 * something breaks, the shortest way there must be as long, and a search that goes on must find the same rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bounds.h"
#include "naive.h"
#include "searching.h"

static struct library library;
static struct searching s;

static void compare(unsigned variant, enum spec spec)
{
	const struct naive_options first = { .max_states = MOST_NAIVE },
				   all = { .max_states = MOST_NAIVE, .all = true };
	struct naive_result n;

	searching_build(&s, variant, spec);
	assert_true(naive_explore(&s.m, &first, &n));
	if (!n.complete && !n.violation) {
		library_left_out(&s.scenario, variant, "too many states");
		free(n.trace);
		return;
	}
	library_kept();
	searching_explore(&s, &(struct explore_options){ 0 });
	assert_int_equal(s.found.verdict, n.violation ? VERDICT_VIOLATION : VERDICT_CLEAN);
	assert_int_equal(s.found.depth, n.depth);
	if (!n.violation) {
		assert_int_equal(s.found.states, n.states);
		assert_int_equal(s.found.transitions, n.transitions);
		assert_int_equal(s.found.finals, n.finals);
		assert_int_equal(s.found.rules, n.rules);
		free(n.trace);
		return;
	}
	assert_int_equal(s.found.rule, n.rule);
	assert_int_equal(s.found.trace_length, s.found.depth);
	assert_null(searching_follow(&s));
	free(n.trace);

	searching_build(&s, variant, spec);
	assert_true(naive_explore(&s.m, &all, &n));
	free(n.trace);
	if (!n.complete)
		return;
	searching_explore(&s, &(struct explore_options){ .all = true });
	assert_int_equal(s.found.verdict, VERDICT_VIOLATION);
	assert_int_equal(s.found.rules, n.rules);
	assert_int_equal(s.found.depth, n.depth);
	assert_int_equal(s.found.states, n.states);
	assert_int_equal(s.found.transitions, n.transitions);
}

static void test_naive(void **state)
{
	(void)state;
	for (unsigned i = 0; i < library.count; i++) {
		library_read(library.path[i], &s.scenario, &s.m, &s.fx);
		for (unsigned v = 0; v < s.scenario.variants; v++)
			for (unsigned spec = SPEC_OFF; spec <= SPEC_FILL; spec++)
				compare(v, (enum spec)spec);
	}
	library_tell("naive", 20);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_naive) };

	if (!library_list(&library, argc > 1 ? argv[1] : "scenarios")) {
		fprintf(stderr, "no scenarios\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
