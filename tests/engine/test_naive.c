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

#include "explore.h"
#include "library.h"
#include "naive.h"

#define SMALL  40000u /* states */
#define MEMORY (128u << 20)

static struct library library;
static struct scenario scenario;
static struct machine m;
static struct effects fx;
static struct explore_result found;

static void build(unsigned variant, enum spec spec)
{
	struct complaint c;

	assert_int_equal(scenario_build(&scenario, variant, &m, &fx, &c), OK);
	step_begin(&m, &fx);
	write_profile(&m, 0)->spec = (uint8_t)spec;
	step_end(&m);
}

static void explore(bool all)
{
	const struct explore_options o = { .all = all };
	void *memory = calloc(1, MEMORY);
	uint64_t digest = m.digest;
	struct explorer *x;

	assert_non_null(memory);
	x = explore_begin(&m, &o, memory, MEMORY);
	while (explore_slice(x, 1000) == VERDICT_RUNNING)
		;
	explore_end(x);
	found = *explore_result(x);
	assert_int_equal(m.digest, digest);
	free(memory);
}

/* The trace must be possible and end in the rule. */
static void trace_holds(void)
{
	assert_int_equal(found.trace_length, found.depth);
	for (uint32_t i = 0; i < found.trace_length; i++) {
		assert_null(action_blocked(&m, &found.trace[i]));
		machine_apply(&m, &found.trace[i], &fx);
		assert_int_equal(rules_broken(fx.rules) != 0,
				 i + 1 == found.trace_length && found.rule != RULE_DEADLOCK);
	}
	assert_true(found.rule == RULE_DEADLOCK ? machine_stuck(&m) :
						  fx.finding.rule == found.rule);
}

static void compare(unsigned variant, enum spec spec)
{
	const struct naive_options first = { .max_states = SMALL },
				   all = { .max_states = SMALL, .all = true };
	struct naive_result n;

	build(variant, spec);
	assert_true(naive_explore(&m, &first, &n));
	if (!n.complete && !n.violation)
		return;
	explore(false);
	assert_int_equal(found.verdict, n.violation ? VERDICT_VIOLATION : VERDICT_CLEAN);
	assert_int_equal(found.depth, n.depth);
	if (!n.violation) {
		assert_int_equal(found.states, n.states);
		assert_int_equal(found.transitions, n.transitions);
		assert_int_equal(found.finals, n.finals);
		assert_int_equal(found.rules, n.rules);
		free(n.trace);
		return;
	}
	assert_int_equal(found.rule, n.rule);
	trace_holds();
	free(n.trace);

	build(variant, spec);
	assert_true(naive_explore(&m, &all, &n));
	free(n.trace);
	if (!n.complete)
		return;
	explore(true);
	assert_int_equal(found.verdict, VERDICT_VIOLATION);
	assert_int_equal(found.rules, n.rules);
	assert_int_equal(found.depth, n.depth);
	assert_int_equal(found.states, n.states);
	assert_int_equal(found.transitions, n.transitions);
}

static void test_naive(void **state)
{
	unsigned compared = 0;

	(void)state;
	for (unsigned i = 0; i < library.count; i++) {
		library_read(library.path[i], &scenario, &m, &fx);
		for (unsigned v = 0; v < scenario.variants; v++)
			for (unsigned spec = SPEC_OFF; spec <= SPEC_FILL; spec++, compared++)
				compare(v, (enum spec)spec);
	}
	assert_true(compared > 0);
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
