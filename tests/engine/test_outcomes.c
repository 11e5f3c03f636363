/*
 * test_outcomes.c - what a search says of final states, against a walk through all states without any trick.
 *
 * The walk takes every action of every state, with undo, and remembers each state twice at most: as reached
 * behind a broken rule, and otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "bounds.h"
#include "searching.h"

#define SLOTS	(1u << 16)	/* states, twice */
#define MOST	(SLOTS / 2)
#define OUTCOMES 64u
#define BYTES	((size_t)32 << 20)
#define UNDO	((size_t)8 << 20)
#define ENOUGH	3u		/* scenarios with whims */

static struct library library;
static struct searching s;
static struct outcomes found;

/* ---- without tricks ---- */

static uint64_t seen[SLOTS];
static unsigned count;
static struct {
	uint64_t seen, finals;
	bool whole, broken;
} sight[OUTCOMES];
static unsigned sights;
static uint32_t yes, no;	/* what the questions below were answered in final states */
static unsigned char undo[UNDO];

static bool is_new(uint64_t key)
{
	uint64_t i = key * 0x9e3779b97f4a7c15u >> 48;

	for (; seen[i]; i = (i + 1) % SLOTS)
		if (seen[i] == key)
			return false;
	assert_true(++count < MOST);
	seen[i] = key;
	return true;
}

static bool knows(uint64_t key)
{
	uint64_t i = key * 0x9e3779b97f4a7c15u >> 48;

	for (; seen[i]; i = (i + 1) % SLOTS)
		if (seen[i] == key)
			return true;
	return false;
}

/* The same state, but reached behind a broken rule. */
static uint64_t key_of(uint64_t digest, bool broken)
{
	return broken ? ~digest * 3 : digest;
}

/* 32 questions, each about anything that a user sees. */
static uint32_t ask(const struct machine *m, void *self)
{
	assert_ptr_equal(self, &found);
	return (uint32_t)outcome_seen(m);
}

static void final(bool broken)
{
	uint64_t digest = s.m.digest, looks = outcome_seen(&s.m);
	unsigned i = 0;

	yes |= (uint32_t)looks;
	no |= ~(uint32_t)looks;
	broken |= !machine_finished(&s.m);
	while (i < sights && sight[i].seen != looks)
		i++;
	assert_true(i < OUTCOMES);
	if (i == sights) {
		memset(&sight[i], 0, sizeof(sight[i]));
		sight[sights++].seen = looks;
	}
	sight[i].finals += !knows(key_of(digest, true)) || !knows(key_of(digest, false));
	sight[i].whole |= !broken;
	sight[i].broken |= broken;
}

/* Everything from this state on; the state is new. */
static void descend(bool broken, size_t at)
{
	struct action a[MAX_ACTIONS];
	unsigned n = machine_actions(&s.m, a);
	bool somebody = false;

	for (unsigned i = 0; i < n; i++) {
		bool breaks;
		size_t len;

		somebody |= action_is_progress(&a[i]) || a[i].kind == ACT_SWITCH;
		machine_apply(&s.m, &a[i], &s.fx);
		breaks = broken || rules_broken(s.fx.rules);
		len = s.fx.undo_len;
		assert_true(at + len <= UNDO);
		memcpy(undo + at, s.fx.undo, len);
		if (is_new(key_of(s.m.digest, breaks)))
			descend(breaks, at + len);
		step_undo_bytes(&s.m, undo + at, (uint32_t)len);
	}
	if (!somebody)
		final(broken);
}

/* ---- the search ---- */

static void *memory, *finals;
static struct explorer *x;

static void search(unsigned threads)
{
	memory = searching_memory();
	finals = calloc(1, BYTES);
	assert_non_null(finals);
	outcomes_init(&found, finals, BYTES);
	x = explore_begin(&s.m, &(struct explore_options){
		.all = true, .outcomes = &found, .threads = threads, .ask = ask, .ask_self = &found,
	}, memory, SEARCHING_MEMORY);
	while (explore_slice(x, 1000) == VERDICT_RUNNING)
		;
	explore_end(x);
	assert_false(found.full);
	assert_int_equal(explore_result(x)->yes, yes);
	assert_int_equal(explore_result(x)->no, no);
}

static void search_free(void)
{
	munmap(memory, SEARCHING_MEMORY);
	free(finals);
}

static void same_rows(void)
{
	uint64_t all = 0;

	assert_int_equal(found.count, sights);
	for (unsigned i = 0; i < found.count; i++) {
		unsigned k = 0;

		while (k < sights && sight[k].seen != found.sight[i].seen)
			k++;
		assert_true(k < sights);
		assert_int_equal(found.sight[i].finals, sight[k].finals);
		assert_int_equal(found.sight[i].whole, sight[k].whole);
		assert_int_equal(found.sight[i].broken, sight[k].broken);
		all += sight[k].finals;
	}
	assert_int_equal(found.finals.count, all);
}

/* The ways lead where they should, shortest first, and one that breaks no rule is there only if one may be. */
static void ways_hold(void)
{
	uint32_t last = 0;

	for (unsigned i = 0; i < found.count; i++) {
		const struct explore_result *r = explore_result(x);
		static struct machine start;
		struct action a[MAX_ACTIONS];
		bool broken = false;
		unsigned n;

		explore_trace_state(x, found.sight[i].state);
		assert_true(r->trace_length >= last);
		last = r->trace_length;
		memcpy(&start, &s.m, sizeof(start));
		for (uint32_t k = 0; k < r->trace_length; k++) {
			assert_null(action_blocked(&s.m, &r->trace[k]));
			machine_apply(&s.m, &r->trace[k], &s.fx);
			broken |= rules_broken(s.fx.rules) != 0;
		}
		n = machine_actions(&s.m, a);
		for (unsigned k = 0; k < n; k++)
			assert_false(machine_model.moves(&a[k]));
		broken |= !machine_finished(&s.m);
		assert_int_equal(outcome_seen(&s.m), found.sight[i].seen);
		assert_true(broken ? found.sight[i].broken : found.sight[i].whole);
		memcpy(&s.m, &start, sizeof(start));
	}
}

/* False when it is too large. */
static bool one(unsigned variant, enum spec spec)
{
	static struct sight first[OUTCOMES];
	unsigned rows;

	searching_build(&s, variant, spec);
	if (!searching_within(&s, variant, &(struct explore_options){ .all = true }, MOST_OUTCOMES))
		return false;
	memset(seen, 0, sizeof(seen));
	count = sights = 0;
	yes = no = 0;
	is_new(key_of(s.m.digest, false));
	descend(false, 0);

	search(1);
	same_rows();
	ways_hold();
	rows = found.count;
	memcpy(first, found.sight, rows * sizeof(first[0]));
	search_free();

	/* Two threads say the same, row by row. */
	search(2);
	assert_int_equal(found.count, rows);
	assert_memory_equal(found.sight, first, rows * sizeof(first[0]));
	search_free();
	return true;
}

static void test_outcomes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < library.count; i++) {
		library_read(library.path[i], &s.scenario, &s.m, &s.fx);
		for (unsigned v = 0; v < s.scenario.variants; v++)
			one(v, SPEC_OFF);
	}
	library_tell("outcomes", 20);
}

/* Whims of the hardware do not make an end. */
static void test_whims(void **state)
{
	unsigned done = 0;

	(void)state;
	for (unsigned i = 0; i < library.count && done < ENOUGH; i++) {
		library_read(library.path[i], &s.scenario, &s.m, &s.fx);
		done += one(0, SPEC_FULL);
	}
	assert_int_equal(done, ENOUGH);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_outcomes), cmocka_unit_test(test_whims) };

	if (!library_list(&library, argc > 1 ? argv[1] : "scenarios")) {
		fprintf(stderr, "no scenarios\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
