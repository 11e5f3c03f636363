/*
 * test_shards.c - what a shard guarantees, on every scenario: walks that are shared out without a rest, and
 * depth-first searches that are whole each and dig in different places.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bounds.h"
#include "searching.h"

#define SHARDS 3u

static struct library library;
static struct searching s;

static void shard(struct explore_options o, unsigned i)
{
	o.shard = i;
	o.shards = SHARDS;
	searching_explore(&s, &o);
}

/* What two results have in common: everything but how much memory they took. */
static void same_result(const struct explore_result *a, const struct explore_result *b)
{
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->rule, b->rule);
	assert_int_equal(a->rules, b->rules);
	assert_int_equal(a->states, b->states);
	assert_int_equal(a->transitions, b->transitions);
	assert_int_equal(a->finals, b->finals);
	assert_int_equal(a->depth, b->depth);
	assert_int_equal(a->taken, b->taken);
	assert_memory_equal(a->lines, b->lines, sizeof(a->lines));
	assert_int_equal(a->trace_length, b->trace_length);
	assert_memory_equal(a->trace, b->trace, a->trace_length * sizeof(a->trace[0]));
}

/* The walks of the shards are those of the whole, each once: what they did adds up to the same. */
static void walks(unsigned variant)
{
	/* 50 is no multiple of 3. */
	const struct explore_options o = { .order = ORDER_RANDOM, .all = true, .seed = 7, .walks = 50 };
	struct explore_result whole, sum = { 0 };

	(void)variant;
	searching_explore(&s, &o);
	whole = s.found;
	for (unsigned i = 1; i <= SHARDS; i++) {
		shard(o, i);
		assert_true(s.found.states <= whole.states);
		sum.states += s.found.states;
		sum.transitions += s.found.transitions;
		sum.finals += s.found.finals;
		sum.rules |= s.found.rules;
		sum.taken |= s.found.taken;
		for (unsigned r = 0; r < ROUTINE_COUNT; r++)
			sum.lines[r] |= s.found.lines[r];
	}
	assert_int_equal(sum.transitions, whole.transitions);
	assert_int_equal(sum.finals, whole.finals);
	assert_int_equal(sum.rules, whole.rules);
	assert_int_equal(sum.taken, whole.taken);
	assert_memory_equal(sum.lines, whole.lines, sizeof(whole.lines));
	assert_true(sum.states >= whole.states);
}

/* Each depth-first shard that is not stopped sees all there is. */
static void whole_depth(unsigned variant)
{
	const struct explore_options o = { .order = ORDER_DEPTH, .all = true, .seed = 7 };
	struct explore_result plain;

	if (!searching_within(&s, variant, &o, MOST_SHARED))
		return;
	plain = s.found;
	for (unsigned i = 1; i <= SHARDS; i++) {
		shard(o, i);
		assert_null(s.found.bound);
		assert_int_equal(s.found.verdict, plain.verdict);
		assert_int_equal(s.found.rules, plain.rules);
		assert_int_equal(s.found.states, plain.states);
		assert_int_equal(s.found.transitions, plain.transitions);
		assert_int_equal(s.found.finals, plain.finals);
		assert_int_equal(s.found.taken, plain.taken);
		assert_memory_equal(s.found.lines, plain.lines, sizeof(plain.lines));
	}
}

static void same_again(enum explore_order order)
{
	const struct explore_options o = { .order = order, .seed = 3, .walks = 40, .max_states = 500, .max_depth = 90 };
	struct explore_result first;

	for (unsigned i = 1; i <= SHARDS; i++) {
		shard(o, i);
		first = s.found;
		shard(o, i);
		same_result(&s.found, &first);
	}
}

/* The deepest run of a bounded depth-first search, as a measure of where it dug; the seed matters, too. */
static unsigned places;

static void dig(unsigned variant)
{
	struct explore_options o = { .order = ORDER_DEPTH, .max_states = 60 };
	uint64_t seen[2 * SHARDS];
	unsigned n = 0;

	(void)variant;
	for (o.seed = 1; o.seed <= 2; o.seed++)
		for (unsigned i = 1; i <= SHARDS; i++) {
			uint64_t here;
			bool old = false;

			shard(o, i);
			here = s.found.transitions << 32 | (uint64_t)s.found.depth << 16 | s.found.finals;
			for (unsigned k = 0; k < n; k++)
				old |= seen[k] == here;
			if (!old)
				seen[n++] = here;
		}
	places = places < n ? n : places;
}

static void each(void (*test)(unsigned variant))
{
	for (unsigned i = 0; i < library.count; i++) {
		library_read(library.path[i], &s.scenario, &s.m, &s.fx);
		for (unsigned v = 0; v < s.scenario.variants; v++) {
			searching_build(&s, v, SPEC_OFF);
			test(v);
		}
	}
}

static void again(unsigned variant)
{
	(void)variant;
	same_again(ORDER_DEPTH);
	same_again(ORDER_RANDOM);
}

static void test_walks(void **state)
{
	(void)state;
	each(walks);
}

static void test_whole_depth(void **state)
{
	(void)state;
	each(whole_depth);
	library_tell("whole shards", 20);
}

static void test_again(void **state)
{
	(void)state;
	each(again);
}

static void test_dig(void **state)
{
	(void)state;
	each(dig);
	assert_int_equal(places, 2 * SHARDS);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks), cmocka_unit_test(test_whole_depth), cmocka_unit_test(test_again),
		cmocka_unit_test(test_dig),
	};

	if (!library_list(&library, argc > 1 ? argv[1] : "scenarios")) {
		fprintf(stderr, "no scenarios\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
