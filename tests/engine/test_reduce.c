/*
 * test_reduce.c - every scenario with each reduction on and off: the same verdict, the same rules, lints too.
 *
 * The measure is the search that looks at every state (test_naive compares that with one without tricks).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "bounds.h"
#include "reducing.h"

static const unsigned some[] = {
	REDUCE_WHIMS, REDUCE_AMPLE, REDUCE_AMPLE | REDUCE_FUSE, REDUCE_WHIMS | REDUCE_AMPLE, REDUCE_SYMMETRY, REDUCE_COUNTERS,
	REDUCE_SYMMETRY | REDUCE_COUNTERS, REDUCE_SLEEP, REDUCE_AMPLE | REDUCE_SLEEP,
	REDUCE_STATES, REDUCE_ALL,
};

enum { SOME = sizeof(some) / sizeof(some[0]) };

static struct library library;
static struct searching s;
static uint64_t whole, reduced; /* states, of all searches together */
static uint64_t steps, awake;	/* and transitions, with what sleeps and without */

static void compare(unsigned variant, enum spec spec)
{
	struct explore_result plain;

	searching_build(&s, variant, spec);
	if (!searching_within(&s, variant, &(struct explore_options){ .all = true }, MOST_REDUCED))
		return;
	plain = s.found;
	for (unsigned i = 0; i < SOME; i++) {
		assert_null(reducing_differs(&s, some[i], &plain));
		if (some[i] == REDUCE_SLEEP) {
			steps += plain.transitions;
			awake += s.found.transitions;
		}
	}
	whole += plain.states;
	reduced += s.found.states;
	for (unsigned i = 0; i < SOME && plain.verdict == VERDICT_VIOLATION; i++) {
		searching_build(&s, variant, spec);
		assert_null(reducing_first(&s, some[i]));
	}
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
	library_tell("reductions", 30);
	/* If they reduced nothing, this test would have shown nothing. */
	assert_true(reduced * 2 < whole);
	assert_true(awake * 10 < steps * 9);
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
