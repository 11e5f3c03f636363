/*
 * test_minimise.c - long ways to a broken rule made short, on every scenario.
 *
 * The ways are random, with ranks among the actors, because walks that draw every step alike hardly ever leave
 * one actor alone for the forty steps that some of these bugs need.  Where even these find nothing they are led:
 * most steps are those of a shortest way, and detours are drawn.  The measure is the shortest way of all, from
 * the search.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bounds.h"
#include "minimise.h"
#include "rng.h"
#include "searching.h"

#define WALKS		1000u	/* on their own until one breaks a rule */
#define LED		30000u	/* then those that are led, until one is at least so much longer than its leader: */
#define DETOUR		3u	/* steps */
#define SEEDS		3u
#define DISTANCE	2u	/* steps more than the shortest way there is, at most; most ways end there */

static struct library library;
static struct searching s;
static unsigned ways, shortest, unfound; /* that were made shorter, as short as can be, that no walk came to */
static struct action way[MAX_TRACE];
static uint32_t length;
static struct minimised least;

/* The thread, device or interrupt of the highest rank; no task is put on a CPU and no whim comes unless drawn. */
static struct action highest(const struct action *all, unsigned n, uint64_t ranks)
{
	struct action a = all[0];
	uint64_t most = 0;

	for (unsigned i = 0; i < n; i++) {
		struct rng rank = { ranks + action_lane(&all[i]) };
		uint64_t now = rng_next(&rank);

		if (action_is_progress(&all[i]) && now > most) {
			most = now;
			a = all[i];
		}
	}
	return a;
}

/* Whims of the hardware come last; as many come before them: */
static unsigned moves(const struct action *all, unsigned n)
{
	while (n > 1 && action_is_whim(&all[n - 1]))
		n--;
	return n;
}

/* The next step of the way that leads which is possible; without one, any. */
static struct action led(const struct explore_result *way_there, uint32_t *next, const struct action *all, unsigned n,
	struct rng *rng)
{
	while (*next < way_there->trace_length)
		if (!action_blocked(&s.m, &way_there->trace[(*next)++]))
			return way_there->trace[*next - 1];
	return all[rng_below(rng, n)];
}

/*
 * Draws one walk from the machine's state and puts the machine back: the rule it breaks, RULE_NONE for none.
 * The actors are ranked at random, and now and then a step is drawn from all and the ranks anew; or the steps
 * between those drawn are another way's.
 */
static unsigned walk(struct rng *rng, const struct explore_result *leader)
{
	uint32_t next = 0;
	static struct machine start;
	struct action all[MAX_ACTIONS];
	unsigned rule = RULE_NONE, often = 2 + rng_below(rng, 30);
	uint64_t ranks = rng_next(rng);

	memcpy(&start, &s.m, sizeof(start));
	for (length = 0; length < MAX_TRACE && !rule;) {
		unsigned n = machine_actions(&s.m, all);
		struct action a;

		if (machine_finished(&s.m) || machine_stuck(&s.m))
			break;
		a = leader ? led(leader, &next, all, n, rng) : highest(all, n, ranks);
		if (!rng_below(rng, often)) {
			ranks = rng_next(rng);
			a = all[rng_below(rng, rng_below(rng, 4) ? moves(all, n) : n)];
		}
		machine_apply(&s.m, &a, &s.fx);
		way[length++] = a;
		rule = s.fx.finding.rule;
	}
	memcpy(&s.m, &start, sizeof(start));
	return rule;
}

static void minimise(const struct minimise_end *end)
{
	void *memory = calloc(1, MINIMISE_BYTES);
	uint64_t digest = s.m.digest;
	struct minimiser *x;

	assert_non_null(memory);
	x = minimise_begin(&s.m, end, way, length, memory);
	while (!minimise_slice(x, 1000))
		;
	least = *minimise_result(x);
	minimise_end(x);
	assert_int_equal(s.m.digest, digest);
	free(memory);
}

/* The way that is left is possible, breaks the rule with its last step and none before, and costs what is said. */
static void way_holds(unsigned rule)
{
	static struct machine start;
	struct schedule cost = { 0 };

	memcpy(&start, &s.m, sizeof(start));
	for (uint32_t i = 0; i < least.cost.steps; i++) {
		assert_null(action_blocked(&s.m, &least.trace[i]));
		schedule_note(&cost, &s.m, &least.trace[i]);
		machine_apply(&s.m, &least.trace[i], &s.fx);
		assert_int_equal(s.fx.finding.rule, i + 1 == least.cost.steps ? rule : RULE_NONE);
	}
	assert_memory_equal(&cost.cost, &least.cost, sizeof(least.cost));
	memcpy(&s.m, &start, sizeof(start));
}

/* One random way to a broken rule. */
static void one(struct rng *rng, const struct explore_result *measure)
{
	static struct minimised before;
	struct minimise_end end = { 0 };
	unsigned rule = RULE_NONE;
	bool on_its_own;

	for (unsigned i = 0; !rule && i < WALKS; i++)
		rule = walk(rng, NULL);
	on_its_own = rule;
	for (unsigned i = 0; !on_its_own && (!rule || length < measure->trace_length + DETOUR) && i < LED; i++)
		rule = walk(rng, measure);
	/* Some need an order that no draw comes to. */
	if (rule == RULE_NONE) {
		unfound++;
		return;
	}
	end.rule = rule;
	minimise(&end);
	assert_int_equal(least.given.steps, length);
	assert_false(schedule_better(&least.given, &least.cost));
	way_holds(rule);
	assert_in_range(least.cost.steps, measure->rule_depth[rule], measure->rule_depth[rule] + DISTANCE);
	ways++;
	shortest += least.cost.steps == measure->rule_depth[rule];
	/* Again, it is the same; and what is least cannot be made less. */
	before = least;
	minimise(&end);
	assert_memory_equal(&least, &before, sizeof(least));
	memcpy(way, least.trace, sizeof(way));
	length = least.cost.steps;
	minimise(&end);
	assert_memory_equal(&least.cost, &before.cost, sizeof(least.cost));
}

/* Does it say of itself that it breaks a rule? */
static bool expects_break(unsigned v)
{
	uint32_t rules = 0;

	for (unsigned i = 0; i < s.scenario.expects; i++)
		if (s.scenario.expect[i].variant == v)
			rules |= 1u << s.scenario.expect[i].rule;
	return rules_broken(rules);
}

static void variant(unsigned v, enum spec spec)
{
	if (!expects_break(v))
		return;
	searching_build(&s, v, spec);
	if (!searching_within(&s, v, &(struct explore_options){ .all = true }, spec == SPEC_OFF ? MOST_MINIMISED : MOST_WHIMS))
		return;
	/* What breaks by speculation alone does not break without. */
	if (s.found.verdict == VERDICT_CLEAN && s.own != SPEC_OFF && spec == SPEC_OFF)
		return;
	assert_int_equal(s.found.verdict, VERDICT_VIOLATION);
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		one(&(struct rng){ seed }, &s.found);
}

static void each(const char *what, enum spec spec)
{
	ways = shortest = unfound = 0;
	for (unsigned i = 0; i < library.count; i++) {
		library_read(library.path[i], &s.scenario, &s.m, &s.fx);
		for (unsigned v = 0; v < s.scenario.variants; v++)
			variant(v, spec);
	}
	library_tell(what, spec == SPEC_OFF ? 20 : 3);
	assert_true(shortest * 10 > ways * 9 && unfound * 10 < ways);
}

static void test_threads(void **state)
{
	(void)state;
	each("ways of threads", SPEC_OFF);
}

/* With all whims of the hardware: those that do not matter are left out. */
static void test_whims(void **state)
{
	(void)state;
	each("ways with whims", SPEC_FULL);
}

static bool at_end(const struct machine *m, void *self)
{
	(void)self;
	return machine_finished(m);
}

/* A way to a goal; here the goal is that every program has run. */
static void test_goal(void **state)
{
	const struct minimise_end end = { .goal = at_end };

	(void)state;
	ways = shortest = 0;
	for (unsigned i = 0; i < library.count; i++) {
		struct rng rng = { 1 };

		library_read(library.path[i], &s.scenario, &s.m, &s.fx);
		searching_build(&s, s.scenario.variants - 1, SPEC_FILL);
		if (!searching_within(&s, s.scenario.variants - 1, &(struct explore_options){ .all = true, .goal = at_end },
			    MOST_MINIMISED))
			continue;
		/* Some break when speculation comes in, whatever the variant. */
		if (walk(&rng, NULL) != RULE_NONE)
			continue;
		minimise(&end);
		/* Fills that the walk did not draw may save steps, and so may another way altogether. */
		assert_true(least.cost.steps >= s.found.trace_length);
		ways++;
		shortest += least.cost.steps <= s.found.trace_length + 3;
		for (uint32_t k = 0; k < least.cost.steps; k++) {
			assert_false(machine_finished(&s.m));
			machine_apply(&s.m, &least.trace[k], &s.fx);
		}
		assert_true(machine_finished(&s.m));
	}
	library_tell("ways to a goal", 6);
	assert_true(shortest * 10 > ways * 8);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads), cmocka_unit_test(test_whims), cmocka_unit_test(test_goal),
	};

	if (!library_list(&library, argc > 1 ? argv[1] : "scenarios")) {
		fprintf(stderr, "no scenarios\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
