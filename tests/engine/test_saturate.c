/*
 * test_saturate.c - caches that hold all that may be in them find what walks and evictions at any instant find: the same
 * verdict and the same rules, on every scenario and on machines drawn at random, with kernels that may be wrong.
 *
 * usage: test_saturate FOLDER [FIRST COUNT STATES]: other machines than the suite's, by number, and larger ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random_machine.h"
#include "searching.h"

/* In turn: machines that can be searched whole, and machines in which more goes wrong. */
static const struct maker_size sizes[] = {
	{ .least = 2, .tasks = 2, .operations = 1, .close = true },
	{ .least = 2, .tasks = 3, .operations = 2, .close = true },
};
static unsigned long first = 1, count = 40, most_states = 3000, most_random = 15000;
static struct library library;
static struct maker maker;
static struct searching s;
static unsigned compared, broken;

/* A cache that is too small is no matter of what is compared. */
static uint32_t rules_of(struct explore_options o, unsigned variant, enum spec spec)
{
	searching_build(&s, variant, spec);
	o.all = true;
	searching_explore(&s, &o);
	return s.found.rules & ~(1u << RULE_CACHE_FULL);
}

/*
 * What walks and evictions as actions of their own find, in a search that may be cut short and in random runs, full caches
 * find too; and nothing else, when that search is complete.  NULL when it is so.
 */
static const char *differs(unsigned variant, uint64_t most)
{
	const uint32_t run = rules_of((struct explore_options){ .order = ORDER_RANDOM, .walks = 40, .seed = 1 }, variant, SPEC_FULL);
	const uint32_t walks = rules_of((struct explore_options){ .reduce = REDUCE_STATES, .max_states = most }, variant,
		SPEC_FULL);
	const bool complete = s.found.verdict != VERDICT_BOUND && !s.found.bound;
	const uint32_t full = rules_of((struct explore_options){ .max_states = 6 * most }, variant, SPEC_SATURATE);

	if (s.found.bound || (s.found.rules & (1u << RULE_CACHE_FULL)))
		return NULL;
	compared += complete;
	broken += rules_broken(run | walks) != 0;
	if ((run | walks) & ~full)
		return "full caches find less";
	return complete && full & ~walks ? "full caches find more" : NULL;
}

/* Has everything been compared enough, and has something been wrong?  Else nothing was shown. */
static void enough(unsigned of)
{
	print_message("%u of %u searched whole, %u broken\n", compared, of, broken);
	assert_true(compared > 1 && broken > 1);
}

static void test_library(void **state)
{
	unsigned all = 0, wrong = 0;

	(void)state;
	compared = broken = 0;
	for (unsigned i = 0; i < library.count; i++) {
		library_read(library.path[i], &s.scenario, &s.m, &s.fx);
		for (unsigned v = 0; v < s.scenario.variants; v++, all++) {
			const char *what = differs(v, most_states);

			if (what)
				print_error("%s %s: %s: %x\n", library.path[i], s.scenario.variant[v].name, what, s.found.rules);
			wrong += what != NULL;
		}
	}
	enough(all);
	assert_int_equal(wrong, 0);
}

static void test_random_machines(void **state)
{
	unsigned wrong = 0;
	struct complaint c;

	(void)state;
	compared = broken = 0;
	for (unsigned long seed = first; seed < first + count; seed++) {
		const char *what;

		maker_make(&maker, &sizes[seed % 2], (unsigned)seed);
		if (scenario_read(&s.scenario, "random", maker.text, &s.m, &s.fx, &c) != OK)
			fail_msg("machine %lu, line %u: %s\n%s", seed, c.line, c.text, maker.text);
		what = differs(0, most_random);
		if (what)
			print_error("machine %lu: %s: %x\n%s", seed, what, s.found.rules, maker.text);
		wrong += what != NULL;
	}
	enough((unsigned)count);
	assert_int_equal(wrong, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_library),
		cmocka_unit_test(test_random_machines),
	};

	if (!library_list(&library, argc > 1 ? argv[1] : "scenarios")) {
		fprintf(stderr, "no scenarios\n");
		return 1;
	}
	if (argc == 5) {
		first = strtoul(argv[2], NULL, 10);
		count = strtoul(argv[3], NULL, 10);
		most_random = strtoul(argv[4], NULL, 10);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
