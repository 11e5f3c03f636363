/*
 * test_walks.c - random walks through every scenario and variant.
 *
 * At every step undo and redo must give the old digests back; the whole walk, taken again from the start, must
 * end in the same state; and where all programs ended and no rule broke, everything must add up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "library.h"
#include "rng.h"
#include "world_of.h"

#define WALKS 200u
#define STEPS 2000u

static struct library library;
static struct scenario scenario;
static struct machine m;
static struct effects fx, again;
static struct action taken[STEPS];

static void build(unsigned variant)
{
	struct complaint c;

	assert_int_equal(scenario_build(&scenario, variant, &m, &fx, &c), OK);
}

/* One action, undone and taken again on the way. */
static void step(const struct action *a)
{
	uint64_t before = m.digest, after;

	machine_apply(&m, a, &fx);
	after = m.digest;
	step_undo(&m, &fx);
	assert_int_equal(m.digest, before);
	machine_apply(&m, a, &again);
	assert_int_equal(m.digest, after);
	assert_int_equal(fx.rules, again.rules);
	assert_int_equal(fx.events, again.events);
	assert_memory_equal(fx.event, again.event, fx.events * sizeof(fx.event[0]));
}

/* Walks to the end; a thread that got the CPU often keeps it, or no walk would come far. */
static unsigned walk(struct rng *r, uint32_t *rules)
{
	struct action a[MAX_ACTIONS];
	unsigned n, steps = 0;

	*rules = 0;
	while (steps < STEPS && (n = machine_actions(&m, a)) > 0) {
		const struct action *next = &a[rng_below(r, n)];

		for (unsigned i = 0; steps && i < n && rng_below(r, 4); i++)
			if (action_is_progress(&a[i]) && action_same(&a[i], &taken[steps - 1]))
				next = &a[i];
		taken[steps++] = *next;
		step(next);
		*rules |= fx.rules;
		if (!machine_finished(&m))
			continue;
		/* What is left are devices, the queue and whims: they end as well, or go on for ever. */
		if (!rng_below(r, 8))
			break;
	}
	return steps;
}

/* Does the variant say of itself that it hangs? */
static bool may_hang(unsigned variant)
{
	for (unsigned i = 0; i < scenario.expects; i++)
		if (scenario.expect[i].variant == variant && scenario.expect[i].rule == RULE_DEADLOCK)
			return true;
	return false;
}

static void walks(unsigned variant)
{
	char wrong[160];
	const char *bad;

	for (unsigned seed = 1; seed <= WALKS; seed++) {
		struct rng r = { seed };
		uint64_t digest;
		unsigned steps;
		uint32_t rules;

		build(variant);
		steps = walk(&r, &rules);
		digest = m.digest;
		assert_int_equal(digest, world_digest(&m));
		if (steps >= STEPS)
			fail_msg("%s %s, walk %u does not end", scenario.name, scenario.variant[variant].name, seed);
		if (machine_stuck(&m)) {
			if (!may_hang(variant) && !rules_broken(rules))
				fail_msg("%s %s, walk %u hangs", scenario.name, scenario.variant[variant].name, seed);
		} else if (!rules_broken(rules)) {
			assert_true(machine_finished(&m));
			bad = balance(&m, wrong, sizeof(wrong));
			if (bad)
				fail_msg("%s %s, walk %u: %s", scenario.name,
					 scenario.variant[variant].name, seed, bad);
		}
		build(variant);
		for (unsigned i = 0; i < steps; i++) {
			assert_null(action_blocked(&m, &taken[i]));
			machine_apply(&m, &taken[i], &fx);
		}
		assert_int_equal(m.digest, digest);
	}
}

static void test_walks(void **state)
{
	(void)state;
	for (unsigned i = 0; i < library.count; i++) {
		library_read(library.path[i], &scenario, &m, &fx);
		for (unsigned v = 0; v < scenario.variants; v++)
			walks(v);
	}
}

/* The steps of a narrated scenario are possible, in their order, in its first variant, and break no rule. */
static void test_beats(void **state)
{
	(void)state;
	for (unsigned i = 0; i < library.count; i++) {
		library_read(library.path[i], &scenario, &m, &fx);
		build(0);
		for (unsigned b = 0; b < scenario.beats; b++) {
			const struct scenario_beat *beat = &scenario.beat[b];
			char label[MAX_LABEL];
			struct complaint c;
			struct action a;

			assert_true(beat->say || beat->len < sizeof(label));
			if (beat->say)
				continue;
			snprintf(label, sizeof(label), "%.*s", beat->len, scenario.text + beat->at);
			if (label_read(&m, label, &a, &c) != OK)
				fail_msg("%s:%u: %s", scenario.name, beat->line, c.text);
			if (action_blocked(&m, &a))
				fail_msg("%s:%u: %s: %s", scenario.name, beat->line, label,
					 action_blocked(&m, &a));
			machine_apply(&m, &a, &fx);
			if (rules_broken(fx.rules))
				fail_msg("%s:%u: %s broke a rule", scenario.name, beat->line,
					 label);
		}
		assert_true(!scenario.beats || machine_finished(&m));
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_walks),
					    cmocka_unit_test(test_beats) };

	if (!library_list(&library, argc > 1 ? argv[1] : "scenarios")) {
		fprintf(stderr, "no scenarios\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
