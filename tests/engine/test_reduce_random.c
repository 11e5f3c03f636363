/*
 * test_reduce_random.c - small machines drawn at random, with kernels that may be wrong: what each reduction finds is
 * what the search of every state finds.  Then the same with machines in which most threads do the same.
 *
 * usage: test_reduce_random [FIRST COUNT STATES]: other machines than the suite's, by number, and larger ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random_machine.h"
#include "reducing.h"

static const unsigned some[] = {
	REDUCE_WHIMS, REDUCE_AMPLE, REDUCE_AMPLE | REDUCE_FUSE, REDUCE_COUNTERS, REDUCE_SYMMETRY, REDUCE_SYMMETRY | REDUCE_COUNTERS,
	REDUCE_SLEEP, REDUCE_STATES, REDUCE_ALL,
};

enum { SOME = sizeof(some) / sizeof(some[0]) };

static const struct maker_size close_by = { .least = 2, .tasks = 3, .operations = 2, .close = true };
static const struct maker_size alike = { .least = 2, .tasks = 4, .operations = 2, .alike = true };
static unsigned long first = 1, count = 40, most_states = 20000;
static struct maker maker;
static struct searching s;
static unsigned compared, broken;
static uint32_t rules; /* that some machine broke */

static void build(unsigned seed)
{
	struct complaint c;

	if (scenario_build(&s.scenario, 0, &s.m, &s.fx, &c) != OK)
		fail_msg("machine %u, line %u: %s\n%s", seed, c.line, c.text, maker.text);
}

static bool same(unsigned seed, unsigned reduce, const char *differs)
{
	if (differs)
		print_error("machine %u, reductions %u: %s\n%s", seed, reduce, differs, maker.text);
	return !differs;
}

/* False when a reduction finds something else. */
static bool compare(unsigned seed)
{
	struct explore_result whole;
	bool good = true;

	build(seed);
	if (!reducing_whole(&s, most_states, &whole))
		return true;
	for (unsigned i = 0; i < SOME; i++) {
		good = same(seed, some[i], reducing_differs(&s, some[i], &whole)) && good;
		if (whole.verdict != VERDICT_VIOLATION)
			continue;
		good = same(seed, some[i], reducing_first(&s, some[i])) && good;
		build(seed);
	}
	compared++;
	broken += whole.verdict == VERDICT_VIOLATION;
	rules |= whole.rules;
	return good;
}

static void compare_all(const struct maker_size *size)
{
	unsigned differ = 0;
	struct complaint c;

	compared = broken = rules = 0;
	for (unsigned long seed = first; seed < first + count; seed++) {
		maker_make(&maker, size, (unsigned)seed);
		if (scenario_read(&s.scenario, "random", maker.text, &s.m, &s.fx, &c) != OK)
			fail_msg("machine %lu, line %u: %s\n%s", seed, c.line, c.text, maker.text);
		differ += !compare((unsigned)seed);
	}
	print_message("%u machines compared, %u of them broken; rules %x\n", compared, broken, rules);
	assert_int_equal(differ, 0);
	/* Machines that are too large would have shown nothing. */
	assert_true(compared * 3 > count);
}

static void test_random_machines(void **state)
{
	(void)state;
	compare_all(&close_by);
	/* Nor would those that are never wrong. */
	assert_true(broken > 0);
}

static void test_alike(void **state)
{
	(void)state;
	compare_all(&alike);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_machines), cmocka_unit_test(test_alike) };

	if (argc == 4) {
		first = strtoul(argv[1], NULL, 10);
		count = strtoul(argv[2], NULL, 10);
		most_states = strtoul(argv[3], NULL, 10);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
