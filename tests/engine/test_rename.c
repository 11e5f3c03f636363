/*
 * test_rename.c - a step of a machine under other names is the step of the machine under its own: along random walks through
 * every scenario and variant, with frames, tasks and CPUs exchanged and counters moved in each state.
 *
 * That holds only if the tables of rename_fields.c name every field, and if no step goes by a number.  Some routines go by
 * the numbers of CPUs: their steps are the same where the order of those they go through is.
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
#include "routines.h"
#include "task.h"

#define WALKS 6u
#define SMALL_WALKS 8u
#define STEPS 400u

static struct library library, small; /* small ones that reach what those for people do not */
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
static void assert_same(const struct action *taken, unsigned routine)
{
	for (unsigned o = 0; o < OBJECTS; o++)
		if (memcmp(bytes_of(&after, o), bytes_of(&other, o), objects[o].size) != 0)
			fail_msg("%s, %s.%u (%s): %s %u has another content", scenario.name,
				action_kind_name((enum action_kind)taken->kind), taken->agent,
				routine < ROUTINE_COUNT ? routine_table[routine]->name : "", kind_names[objects[o].kind], objects[o].index);
	assert_true(after.digest == other.digest);
}

/* What is offered is what the other machine is offered. */
static void assert_offers(const struct renaming *names, const struct action *a, unsigned n)
{
	struct action b[MAX_ACTIONS];

	assert_int_equal(machine_actions(&other, b), n);
	for (unsigned i = 0; i < n; i++) {
		struct action there = action_rename(names, &a[i]);

		assert_true(offered(b, n, &there));
	}
}

/* Takes the step under other names. */
static void take_there(const struct renaming *names, const struct action *a, unsigned n, const struct action *taken)
{
	struct action there = action_rename(names, taken);

	under(names, &m, &other);
	assert_offers(names, a, n);
	machine_apply(&other, &there, &other_fx);
}

/* ---- CPUs ---- */

/* Whoever acts takes another number, and the others keep their order: a loop over all but the own CPU goes on as it did. */
static void draw_actor(struct rng *r, struct renaming *n, const struct action *taken)
{
	unsigned to = rng_below(r, MAX_CPUS), next = 0;

	if (taken->kind == ACT_DMA || taken->kind == ACT_TAKE || taken->agent >= MAX_CPUS) {
		shuffle8(r, n->cpu, MAX_CPUS);
		return;
	}
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (c != taken->agent)
			n->cpu[c] = (uint8_t)(next == to ? ++next : next), next++;
	n->cpu[taken->agent] = (uint8_t)to;
}

/* All go up, and what is not there comes below them: every loop goes on as it did. */
static void draw_shift(struct rng *r, struct renaming *n)
{
	unsigned online = 0, by;

	while (online < MAX_CPUS && peek_cpu(&m, online)->online)
		online++;
	by = rng_below(r, MAX_CPUS - online + 1);
	for (unsigned c = 0; c < MAX_CPUS; c++)
		n->cpu[c] = (uint8_t)(c < online ? c + by : c < online + by ? c - online : c);
}

/* The routine in which this action's context stands; ROUTINE_COUNT = none. */
static unsigned routine_of(const struct action *a)
{
	unsigned ctx = a->kind == ACT_STEP ? cpu_context(&m, a->agent) : NONE;

	return ctx == NONE || !ctx_top(&m, ctx) ? ROUTINE_COUNT : ctx_top(&m, ctx)->routine;
}

/* Routines that go from CPU to CPU by number, so that some steps tell CPUs apart. */
static const struct by_number {
	uint8_t routine;
	bool own;	/* the own CPU among them */
	const char *why;
} by_number[] = {
	{ R_smp_call_function_many_cond, false, "interrupts the targets in ascending order" },
	{ R_pmap_begin, false, "asks the targets in ascending order" },
	{ R_finish_asid_transition, true, "asks CPUs in ascending order" },
	{ R_latr_sweep, true, "sweeps the states of CPUs in ascending order" },
};

enum { BY_NUMBER = sizeof(by_number) / sizeof(by_number[0]) };

static unsigned told_apart[BY_NUMBER];

static unsigned by_number_of(unsigned routine)
{
	unsigned i = 0;

	while (i < BY_NUMBER && by_number[i].routine != routine)
		i++;
	return i;
}

static bool same_bytes(void)
{
	return after.digest == other.digest && fx.rules == other_fx.rules;
}

/* How CPUs change places. */
enum exchange { EX_NONE, EX_SHIFT, EX_ACTOR, EX_ANY, EXCHANGES };

/* The step under other names, which m has taken by now; it began in this routine. */
static void compare_there(const struct renaming *names, const struct action *taken, unsigned routine, enum exchange how)
{
	unsigned i = by_number_of(routine);

	/* Or it came there. */
	if (i == BY_NUMBER)
		i = by_number_of(routine_of(taken));
	under(names, &m, &after);
	if (!same_bytes() && i < BY_NUMBER && (how == EX_ANY || (how == EX_ACTOR && by_number[i].own))) {
		told_apart[i]++;
		return;
	}
	assert_int_equal(fx.rules, other_fx.rules);
	assert_same(taken, routine);
}

static void step(struct rng *r, const struct action *a, unsigned n, const struct action *taken)
{
	unsigned routine = routine_of(taken);
	enum exchange how = (enum exchange)(steps++ % EXCHANGES);
	struct renaming names;

	draw(r, &names);
	if (how == EX_SHIFT)
		draw_shift(r, &names);
	else if (how == EX_ACTOR)
		draw_actor(r, &names, taken);
	else if (how == EX_ANY)
		shuffle8(r, names.cpu, MAX_CPUS);
	take_there(&names, a, n, taken);
	machine_apply(&m, taken, &fx);
	compare_there(&names, taken, routine, how);
}

static void test_steps(void **state)
{
	(void)state;
	library_walks(&library, &(struct library_walk){ &scenario, &m, &fx, WALKS, STEPS, step });
	library_walks(&small, &(struct library_walk){ &scenario, &m, &fx, SMALL_WALKS, STEPS, step });
	assert_true(steps > 10000);
	for (unsigned i = 0; i < BY_NUMBER; i++)
		/* With the own CPU among them, few walks come to where it shows. */
		if (!told_apart[i] && !by_number[i].own)
			fail_msg("%s, which %s, tells no CPUs apart", routine_table[by_number[i].routine]->name, by_number[i].why);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_steps) };

	if (!library_list(&library, argc > 1 ? argv[1] : "scenarios") ||
	    !library_list(&small, argc > 2 ? argv[2] : "tests/regress")) {
		fprintf(stderr, "no scenarios\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
