/*
 * test_step_tree.c - floor 4: back and forward, branches, marks, a full timeline.
 */
#include "all_kinds.h"

#include <stdio.h>
#include <stdlib.h>

#include "rng.h"
#include "step_tree.h"

#define NODES 400u

static struct timeline tl;
static void *storage;

static int open_timeline(void **state)
{
	(void)state;
	build_good(0);
	storage = malloc(timeline_bytes(NODES));
	assert_non_null(storage);
	timeline_init(&tl, &m, storage, NODES);
	return 0;
}

static int close_timeline(void **state)
{
	(void)state;
	free(storage);
	return 0;
}

static void take(const char *label)
{
	struct complaint c;
	struct action a;

	assert_int_equal(label_read(&m, label, &a, &c), OK);
	assert_null(action_blocked(&m, &a));
	assert_true(timeline_do(&tl, &a));
}

static void test_timeline(void **state)
{
	uint64_t start = m.digest, third, fifth;

	(void)state;
	assert_int_equal(timeline_back(&tl, 5), 0);
	assert_int_equal(timeline_forward(&tl, 5), 0);
	for (unsigned i = 0; i < 3; i++)
		take("cpu0.step");
	third = m.digest;
	take("cpu1.step");
	take("cpu1.step");
	fifth = m.digest;
	assert_int_equal(timeline_depth(&tl), 5);
	assert_int_equal(timeline_back(&tl, 2), 2);
	assert_int_equal(m.digest, third);
	assert_int_equal(timeline_last(&tl), 5);
	assert_int_equal(timeline_back(&tl, 99), 3);
	assert_int_equal(m.digest, start);
	assert_int_equal(m.digest, world_digest(&m));
	assert_int_equal(timeline_forward(&tl, 99), 5);
	assert_int_equal(m.digest, fifth);
	assert_true(timeline_step(&tl, 5)->events > 0);
}

/* Going back and choosing otherwise starts a branch; the old future stays and can be gone to. */
static void test_branches(void **state)
{
	uint32_t old, fork, other, nodes;
	uint64_t digest;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		take("cpu0.step");
	old = tl.cursor;
	digest = m.digest;
	timeline_back(&tl, 2);
	fork = tl.cursor;
	take("cpu1.step");
	take("cpu1.step");
	take("cpu1.step");
	other = tl.cursor;
	assert_int_equal(timeline_depth(&tl), 5);
	timeline_goto(&tl, old);
	assert_int_equal(m.digest, digest);
	assert_int_equal(timeline_depth(&tl), 4);
	timeline_goto(&tl, other);
	assert_int_equal(tl.cursor, other);
	assert_int_equal(timeline_at(&tl, 2), fork);
	timeline_goto(&tl, fork);
	assert_int_equal(timeline_last(&tl), 5);
	/* The same choice again is the same node. */
	nodes = tl.nodes;
	take("cpu0.step");
	take("cpu0.step");
	assert_int_equal(tl.cursor, old);
	assert_int_equal(tl.nodes, nodes);
	assert_int_equal(m.digest, digest);
	assert_int_equal(timeline_at(&tl, 99), 0);
	timeline_goto(&tl, 0);
	assert_int_equal(timeline_depth(&tl), 0);
}

static void test_marks(void **state)
{
	(void)state;
	assert_true(timeline_mark(&tl, "start"));
	take("cpu0.step");
	assert_true(timeline_mark(&tl, "one"));
	assert_int_equal(timeline_mark_find(&tl, (struct word){ "start", 5 }), 0);
	assert_int_equal(timeline_mark_find(&tl, (struct word){ "one", 3 }), tl.cursor);
	assert_int_equal(timeline_mark_find(&tl, (struct word){ "two", 3 }), NO_NODE);
	timeline_back(&tl, 1);
	assert_true(timeline_mark(&tl, "one"));
	assert_int_equal(timeline_mark_find(&tl, (struct word){ "one", 3 }), 0);
	assert_int_equal(tl.marks, 2);
	for (unsigned i = 2; i < MAX_MARKS; i++) {
		char name[MAX_NAME];

		snprintf(name, sizeof(name), "m%u", i);
		assert_true(timeline_mark(&tl, name));
	}
	assert_false(timeline_mark(&tl, "more"));
}

/* A full timeline refuses the next step and stays where it is. */
static void test_timeline_full(void **state)
{
	struct rng r = { 5 };
	struct action a[MAX_ACTIONS];
	unsigned n = 0;
	uint64_t digest;

	(void)state;
	for (unsigned i = 0; i < 20 * NODES; i++) {
		n = machine_actions(&m, a);
		if (!n)
			timeline_back(&tl, 1 + rng_below(&r, 50));
		else if (!timeline_do(&tl, &a[rng_below(&r, n)]))
			break;
	}
	assert_int_equal(tl.nodes, NODES);
	digest = m.digest;
	for (unsigned i = 0; i < NODES; i++)
		timeline_goto(&tl, i * 37 % NODES);
	assert_int_equal(m.digest, tl.node[tl.cursor].digest);
	timeline_goto(&tl, 0);
	assert_int_equal(m.digest, world_digest(&m));
	assert_true(digest != m.digest);
}

#define TIMELINE(name) cmocka_unit_test_setup_teardown(name, open_timeline, close_timeline)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TIMELINE(test_timeline),
		TIMELINE(test_branches),
		TIMELINE(test_marks),
		TIMELINE(test_timeline_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
