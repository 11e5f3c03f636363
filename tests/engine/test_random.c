/*
 * test_random.c - the newest kernel, with programs made at random: no rule may ever fire.
 *
 * A rule that fires in a correct kernel is worth less than no rule.  Each machine is walked at random to its end;
 * nothing but lints may break, nobody may be stuck, and everything must add up (see balance).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "random_machine.h"
#include "scenario.h"
#include "world_of.h"

#define MACHINES 600u
#define WALKS	 6u
#define STEPS	 4000u

static struct machine m;
static struct effects fx;
static struct scenario s;
static struct maker maker;
static const struct maker_size size = { .least = 1, .tasks = 4, .operations = 3 };

static void walk(unsigned seed, unsigned n)
{
	struct action a[MAX_ACTIONS];
	unsigned count, last = MAX_CPUS, steps = 0;
	const char *bad;
	char wrong[160];

	while (steps++ < STEPS && !machine_finished(&m) && (count = machine_actions(&m, a)) > 0) {
		const struct action *next = &a[rng_below(&maker.r, count)];

		/* Who runs goes on, most of the time; whims stay rare enough for walks to end. */
		for (unsigned i = 0; i < count && rng_below(&maker.r, 3); i++)
			if (a[i].kind == ACT_STEP && a[i].agent == last)
				next = &a[i];
		if (next->kind == ACT_FILL || next->kind == ACT_EVICT)
			next = &a[rng_below(&maker.r, count)];
		if (next->kind == ACT_STEP)
			last = next->agent;
		machine_apply(&m, next, &fx);
		if (rules_broken(fx.rules))
			fail_msg("machine %u, walk %u: %s\n%s", seed, n,
				 rule_table[fx.finding.rule].name, maker.text);
	}
	if (!machine_finished(&m))
		fail_msg("machine %u, walk %u: %s\n%s", seed, n,
			 machine_stuck(&m) ? "stuck" : "no end", maker.text);
	bad = balance(&m, wrong, sizeof(wrong));
	if (bad)
		fail_msg("machine %u, walk %u: %s\n%s", seed, n, bad, maker.text);
}

static void test_random(void **state)
{
	struct complaint c;

	(void)state;
	for (unsigned seed = 1; seed <= MACHINES; seed++) {
		maker_make(&maker, &size, seed);
		if (scenario_read(&s, "random", maker.text, &m, &fx, &c) != OK)
			fail_msg("machine %u, line %u: %s\n%s", seed, c.line, c.text, maker.text);
		for (unsigned n = 0; n < WALKS; n++) {
			assert_int_equal(scenario_build(&s, 0, &m, &fx, &c), OK);
			walk(seed, n);
		}
	}
}

/* A failed CHECK names the machine that did it. */
static void on_check(const char *file, int line, const char *cond)
{
	fprintf(stderr, "%s:%d: %s\n%s", file, line, cond, maker.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };

	check_handler_set(on_check);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
