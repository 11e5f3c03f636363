/*
 * test_rename.c - a step of a machine under other names is the step of the machine under its own: along random walks through
 * every scenario and variant, with frames and tasks exchanged and counters moved in each state.
 *
 * That holds only if the tables of rename_fields.c name every field, and if no step goes by a number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "library.h"
#include "rename.h"
#include "rng.h"

#define WALKS 6u
#define STEPS 400u

static struct library library;
static struct scenario scenario;
static struct machine m, other, after;
static struct effects fx, other_fx;
static unsigned steps;

static void shuffle16(struct rng *r, uint16_t *a, unsigned from, unsigned to)
{
	for (unsigned i = to - 1; i > from; i--) {
		unsigned k = from + rng_below(r, i - from + 1);
		uint16_t was = a[i];

		a[i] = a[k];
		a[k] = was;
	}
}

static void shuffle8(struct rng *r, uint8_t *a, unsigned count)
{
	for (unsigned i = count - 1; i > 0; i--) {
		unsigned k = rng_below(r, i + 1);
		uint8_t was = a[i];

		a[i] = a[k];
		a[k] = was;
	}
}

/* Frames change places within their zones; 0 and the page of zeroes are no names. */
static void draw(struct rng *r, struct renaming *n)
{
	renaming_none(n);
	shuffle16(r, n->frame, 1, LOW_FRAMES);
	shuffle16(r, n->frame, LOW_FRAMES, ZERO_PFN);
	shuffle16(r, n->frame, MAX_TABLES, MAX_FRAMES);
	shuffle8(r, n->task, MAX_TASKS);
	/* Counters go up, as if more had happened before. */
	for (unsigned i = 0; i < MAX_MMS; i++)
		n->tlb_gen[i] = 0u - rng_below(r, 50);
	for (unsigned i = 1; i < MAX_FRAMES; i++)
		n->generation[i] = (uint16_t)(0u - rng_below(r, 50));
}

/* The machine `from` under other names. */
static void under(const struct renaming *n, const struct machine *from, struct machine *to)
{
	to->digest = 0;
	to->fx = NULL;
	to->names = from->names;
	memcpy(to->universe, from->universe, sizeof(to->universe));
	to->pages = from->pages;
	for (unsigned o = 0; o < OBJECTS; o++) {
		unsigned at = object_renamed(n, o);
		unsigned char *bytes = (unsigned char *)&to->world + objects[at].offset;

		object_rename(n, o, (const unsigned char *)&from->world + objects[o].offset, bytes);
		to->object_digest[at] = world_object_digest(at, bytes);
		to->digest += to->object_digest[at];
	}
}

static bool offered(const struct action *a, unsigned n, const struct action *what)
{
	for (unsigned i = 0; i < n; i++)
		if (action_same(&a[i], what))
			return true;
	return false;
}

static const unsigned char *bytes_of(const struct machine *of, unsigned object)
{
	return (const unsigned char *)&of->world + objects[object].offset;
}

/* The two are the same machine; if not, the first object in which they differ is said. */
static void assert_same(const struct action *taken)
{
	for (unsigned o = 0; o < OBJECTS; o++)
		if (memcmp(bytes_of(&after, o), bytes_of(&other, o), objects[o].size) != 0)
			fail_msg("%s, %s.%u: %s %u has another content", scenario.name, action_kind_name((enum action_kind)taken->kind),
				taken->agent, kind_names[objects[o].kind], objects[o].index);
	assert_true(after.digest == other.digest);
}

static void step(struct rng *r, const struct action *a, unsigned n, const struct action *taken)
{
	struct action b[MAX_ACTIONS], there;
	struct renaming names;

	draw(r, &names);
	under(&names, &m, &other);
	assert_int_equal(machine_actions(&other, b), n);
	for (unsigned i = 0; i < n; i++) {
		there = action_rename(&names, &a[i]);
		assert_true(offered(b, n, &there));
	}
	there = action_rename(&names, taken);
	machine_apply(&other, &there, &other_fx);
	machine_apply(&m, taken, &fx);
	under(&names, &m, &after);
	assert_int_equal(fx.rules, other_fx.rules);
	assert_same(taken);
	steps++;
}

static void test_steps(void **state)
{
	(void)state;
	library_walks(&library, &(struct library_walk){ &scenario, &m, &fx, WALKS, STEPS, step });
	assert_true(steps > 10000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_steps) };

	if (!library_list(&library, argc > 1 ? argv[1] : "scenarios")) {
		fprintf(stderr, "no scenarios\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
