/*
 * test_facets.c - what footprints say of facets is true, along random walks through every scenario and variant.
 *
 * A step must do the same when a facet that it did not look at holds anything else.  That it changed no facet but those
 * that its doors led to is checked when every step ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "library.h"
#include "machine.h"
#include "rng.h"

#define WALKS 30u
#define STEPS 400u

static struct library library;
static struct scenario scenario;
static struct machine m;
static struct effects fx, again;
static unsigned disturbed;

/* An object's bytes. */
static unsigned char *bytes_of(unsigned object)
{
	return (unsigned char *)&m.world + objects[object].offset;
}

/* Puts an object's bytes in the machine, between steps. */
static void put(unsigned object, const void *bytes)
{
	memcpy(bytes_of(object), bytes, objects[object].size);
	m.digest -= m.object_digest[object];
	m.object_digest[object] = world_object_digest(object, bytes);
	m.digest += m.object_digest[object];
}

/* Garbage into the bytes of an object that belong to none of these facets. */
static void disturb(struct rng *r, unsigned object, unsigned facets)
{
	unsigned char now[OBJECT_MOST], garbage[OBJECT_MOST];
	unsigned size = objects[object].size;

	memcpy(now, bytes_of(object), size);
	memcpy(garbage, now, size);
	for (unsigned i = 0; i < size; i++) {
		garbage[i] = (unsigned char)rng_next(r);
		if (facets_differ(objects[object].kind, now, garbage) & facets)
			garbage[i] = now[i];
	}
	disturbed += memcmp(now, garbage, size) != 0;
	put(object, garbage);
}

/* The step again, from where it began, with garbage in what it did not look at of an object: it does the same. */
static void again_with(struct rng *r, const struct action *a, unsigned object, unsigned facets)
{
	uint64_t others = m.digest - m.object_digest[object];
	unsigned char before[OBJECT_MOST], after[OBJECT_MOST];

	memcpy(after, bytes_of(object), objects[object].size);
	step_undo(&m, &fx);
	memcpy(before, bytes_of(object), objects[object].size);
	disturb(r, object, facets);
	machine_apply(&m, a, &again);
	assert_true(m.digest - m.object_digest[object] == others);
	assert_false(facets_differ(objects[object].kind, bytes_of(object), after) & facets);
	assert_int_equal(fx.rules, again.rules);
	assert_memory_equal(fx.writes, again.writes, sizeof(fx.writes));
	step_undo(&m, &again);
	put(object, before);
	machine_apply(&m, a, &fx);
}

static void step(struct rng *r, const struct action *all, unsigned n, const struct action *a)
{
	(void)all;
	(void)n;
	machine_apply(&m, a, &fx);
	for (unsigned o = 0; o < OBJECTS; o++) {
		unsigned at = facet_at((enum kind)objects[o].kind, objects[o].index), facets;

		if (!at)
			continue;
		/* Facets that a write door led to are among those it looked at. */
		facets = fx.seen[at / 64] >> at % 64 & FACETS_ALL;
		assert_int_equal(fx.writes[at / 64] >> at % 64 & FACETS_ALL & ~facets, 0);
		if (objects[o].kind == KIND_cpu && (facets & CPU_TURN))
			facets |= CPU_RUN | CPU_IRQS;
		/* What it never looked at is no question of facets. */
		if (facets && facets != FACETS_ALL)
			again_with(r, a, o, facets);
	}
}

static void test_facets(void **state)
{
	(void)state;
	library_walks(&library, &(struct library_walk){ &scenario, &m, &fx, WALKS, STEPS, step });
	assert_true(disturbed > 1000);
}

/* A write through a door to one facet that changes another one is found out when the step ends. */
static void test_fields(void **state)
{
	struct cpu a = { 0 }, b = { 0 };

	(void)state;
	world_init(&m);
	b.queue[1] = 1;
	assert_int_equal(facets_differ(KIND_cpu, &a, &b), CPU_QUEUE);
	b.tlb_gen = 7;
	assert_int_equal(facets_differ(KIND_cpu, &a, &b), CPU_QUEUE | CPU_REST);
	step_begin(&m, &fx);
	write_cpu_part(&m, 1, CPU_QUEUE | CPU_RUN)->pending = PENDING_IPI;
	peek_mm_part(&m, 2, MM_GEN);
	read_ctx(&m, 0);
	step_end(&m);
	/* Of what might have been written, what was. */
	assert_int_equal(fx.writes[(FACET_cpu + 8) / 64] >> (FACET_cpu + 8) % 64 & FACETS_ALL, CPU_QUEUE);
	assert_int_equal(fx.seen[(FACET_cpu + 8) / 64] >> (FACET_cpu + 8) % 64 & FACETS_ALL, CPU_QUEUE | CPU_RUN);
	assert_int_equal(fx.seen[(FACET_mm + 16) / 64] >> (FACET_mm + 16) % 64 & FACETS_ALL, MM_GEN);
	assert_int_equal(fx.seen[FACET_ctx / 64] >> FACET_ctx % 64 & FACETS_ALL, FACETS_ALL);
	step_undo(&m, &fx);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_facets), cmocka_unit_test(test_fields) };

	if (!library_list(&library, argc > 1 ? argv[1] : "scenarios")) {
		fprintf(stderr, "no scenarios\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
