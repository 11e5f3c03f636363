/*
 * test_symmetry.c - who can take whose place: machines in which steps do not tell CPUs, tasks and frames apart, and some in
 * which they do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "searching.h"

#define HEAD "title t\nsource s\nmachine cpus=3\nmm A\nvma A heap 0x7f0000001000 4p rw anon private\n"

static struct searching s;
static uint64_t whole; /* states of the machine */

static void build(const char *text)
{
	struct complaint c;

	if (scenario_read(&s.scenario, "symmetry", text, &s.m, &s.fx, &c) != OK)
		fail_msg("line %u: %s", c.line, c.text);
	assert_int_equal(scenario_build(&s.scenario, 0, &s.m, &s.fx, &c), OK);
	searching_explore(&s, &(struct explore_options){ .all = true });
	whole = s.found.states;
}

/* The states that are left, with the same verdict and rules. */
static uint64_t left(unsigned reduce, bool wide)
{
	const struct explore_result was = s.found;

	searching_explore(&s, &(struct explore_options){ .all = true, .reduce = reduce, .wide = wide });
	assert_int_equal(s.found.verdict, was.verdict);
	assert_int_equal(s.found.rules, was.rules);
	return s.found.states;
}

/* Three threads that do the same on three CPUs: whoever is first, it is the same machine. */
static void test_cpus(void **state)
{
	uint64_t symmetry, both;

	(void)state;
	build(HEAD "task a on cpu0 in A: store heap+0 = 1\ntask b on cpu1 in A: store heap+0 = 1\n"
		   "task c on cpu2 in A: store heap+0 = 1\n");
	symmetry = left(REDUCE_SYMMETRY, false);
	assert_int_equal(s.found.exchanges, 5);
	assert_int_equal(s.found.symmetries, 5);
	assert_true(symmetry * 8 < whole);
	both = left(REDUCE_SYMMETRY | REDUCE_COUNTERS, false);
	/* A frame that was taken and given back is as good as new. */
	assert_true(both * 4 < symmetry * 3);
	assert_true(left(REDUCE_STATES, false) < both);
	/* By itself, too. */
	assert_true(left(REDUCE_COUNTERS, false) * 6 < whole * 5);
	/* The second words of fingerprints agree with the first. */
	assert_int_equal(left(REDUCE_SYMMETRY | REDUCE_COUNTERS, true), both);
}

/* Two that do the same on one CPU, behind one that does not. */
static void test_tasks(void **state)
{
	(void)state;
	build(HEAD "task a on cpu0 in A: load heap+1\ntask b on cpu0 in A: store heap+0 = 1\n"
		   "task c on cpu0 in A: store heap+0 = 1\n");
	assert_true(left(REDUCE_SYMMETRY, false) * 3 < whole * 2);
	/* The two CPUs on which nothing runs are alike, too. */
	assert_int_equal(s.found.exchanges, 3);
	assert_int_equal(s.found.symmetries, 3);
}

/* Two threads that do not do the same, but get frames in the order in which they come. */
static void test_frames(void **state)
{
	(void)state;
	build(HEAD "touch A heap+3\ntask a on cpu0 in A: store heap+0 = 1\ntask b on cpu1 in A: store heap+1 = 2\n");
	assert_true(left(REDUCE_SYMMETRY, false) * 5 < whole * 4);
	assert_int_equal(s.found.exchanges, 0);
}

/* An interrupt goes to the lower CPU first, so the two that are sent to are told apart, until both have been. */
static void test_readers(void **state)
{
	(void)state;
	build(HEAD "touch A heap+0 = 7\ntask a on cpu0 in A: munmap heap+0 1p\ntask b on cpu1 in A: load heap+0\n"
		   "task c on cpu2 in A: load heap+0\n");
	assert_true(left(REDUCE_SYMMETRY, false) * 3 < whole * 2);
	assert_int_equal(s.found.exchanges, 1);
	assert_int_equal(s.found.symmetries, 0);
	assert_int_equal(s.found.late_symmetries, 1);
}

/* Two that send to each other, and to a third: each is the lower one of two for once. */
static void test_senders(void **state)
{
	(void)state;
	build(HEAD "touch A heap+0 = 7\ntask a on cpu0 in A: madvise heap+0 1p dontneed\n"
		   "task b on cpu1 in A: madvise heap+0 1p dontneed\n");
	assert_true(left(REDUCE_SYMMETRY, false) * 3 < whole * 2);
	assert_int_equal(s.found.symmetries, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpus), cmocka_unit_test(test_tasks), cmocka_unit_test(test_frames),
		cmocka_unit_test(test_readers), cmocka_unit_test(test_senders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
