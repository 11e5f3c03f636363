/*
 * engine.c - steps, steps with their undo, and the search over the library, every variant complete.
 */
#include <stdio.h>
#include <string.h>

#include "explore.h"
#include "library.h"
#include "measure.h"
#include "rng.h"

enum {
	WALK_STEPS =
		4096, /* of one random schedule, over as many ends of the programs as it takes */
	ROUNDS = 100, /* times that it is gone through in one run */
	PAIRS = 8,    /* steps taken and undone at each place of it */
	RUNS = 7,
	SEARCHES = 5,
};

#define SEARCH_MEMORY ((size_t)2 << 30)
#define SEARCH_STATES 20000000u /* a scenario that needs more is counted as far as it got */

static struct built start, now;

/* A random schedule from the start; where nothing can happen any more it begins again. */
static void schedule(struct action *out, bool *again)
{
	struct rng r = { 1 };
	struct action a[MAX_ACTIONS];

	now = start;
	for (unsigned i = 0; i < WALK_STEPS; i++) {
		unsigned n = machine_actions(&now.m, a);

		again[i] = n == 0;
		if (again[i]) {
			now.m = start.m;
			n = machine_actions(&now.m, a);
		}
		out[i] = a[rng_below(&r, n)];
		machine_apply(&now.m, &out[i], &now.fx);
	}
}

static double steps_run(const struct action *a, const bool *again, unsigned pairs)
{
	double begin = seconds_now();

	for (unsigned round = 0; round < ROUNDS; round++) {
		now.m = start.m;
		for (unsigned i = 0; i < WALK_STEPS; i++) {
			if (again[i])
				now.m = start.m;
			for (unsigned p = 0; p < pairs; p++) {
				machine_apply(&now.m, &a[i], &now.fx);
				step_undo(&now.m, &now.fx);
			}
			machine_apply(&now.m, &a[i], &now.fx);
		}
	}
	return seconds_now() - begin;
}

static void steps(void)
{
	static struct action a[WALK_STEPS];
	static bool again[WALK_STEPS];
	double plain[RUNS], quiet[RUNS], paired[RUNS], second;
	const double count = (double)WALK_STEPS * ROUNDS;

	if (!built_open(&start, "mremap-late-flush", 1))
		return;
	schedule(a, again);
	for (unsigned i = 0; i < RUNS; i++) {
		start.m.quiet = false;
		plain[i] = steps_run(a, again, 0);
		start.m.quiet = true;
		quiet[i] = steps_run(a, again, 0);
		paired[i] = steps_run(a, again, PAIRS);
	}
	second = median(quiet, RUNS);
	figure("engine", "steps", count / median(plain, RUNS), "/s",
	       "with events, as when stepping; mremap-late-flush, a random schedule");
	figure("engine", "steps, no events", count / second, "/s", "as when searching");
	figure("engine", "step + undo", count * PAIRS / (median(paired, RUNS) - second), "/s",
	       "the same; aim 10 M/s");
}

/* ---- the search ---- */

struct sum {
	double seconds;
	uint64_t states, transitions, bytes;
	void *memory;
};

/* One complete search; the result stays in sum->memory until the next one. */
static const struct explore_result *search_run(struct sum *sum, double *took)
{
	struct explore_options o = { .max_states = SEARCH_STATES, .all = true };
	double begin = seconds_now();
	struct explorer *x;

	sum->memory = memory_map(SEARCH_MEMORY);
	x = explore_begin(&start.m, &o, sum->memory, SEARCH_MEMORY);
	while (explore_slice(x, 100000) == VERDICT_RUNNING)
		;
	*took = seconds_now() - begin;
	explore_end(x);
	return explore_result(x);
}

static void search(struct sum *sum, const char *name, const struct scenario *s, unsigned variant)
{
	const struct explore_result *r;
	double took[SEARCHES], second;
	char what[64];

	for (unsigned i = 1; i < SEARCHES; i++) {
		search_run(sum, &took[i]);
		memory_drop(sum->memory, SEARCH_MEMORY);
	}
	r = search_run(sum, &took[0]);
	second = median(took, SEARCHES);
	snprintf(what, sizeof(what), "%s/%s", name, s->variant[variant].name);
	figure("engine", what, (double)r->states / second, "states/s",
	       "%9llu states %9llu transitions %7.3f s %6.1f bytes/state %s",
	       (unsigned long long)r->states, (unsigned long long)r->transitions, second,
	       (double)r->bytes / (double)r->states, verdict_name(r->verdict));
	sum->seconds += second;
	sum->states += r->states;
	sum->transitions += r->transitions;
	sum->bytes += r->bytes;
	memory_drop(sum->memory, SEARCH_MEMORY);
}

static bool each(const char *path, const char *name, void *self)
{
	for (unsigned v = 0; v == 0 || v < start.s.variants; v++)
		if (built_open(&start, path, v))
			search(self, name, &start.s, v);
	return true;
}

void bench_engine(void)
{
	struct sum sum = { 0 };

	steps();
	library_each(NULL, each, &sum);
	if (!sum.states)
		return;
	figure("engine", "explored states", (double)sum.states / sum.seconds, "/s",
	       "the whole library");
	figure("engine", "explored transitions", (double)sum.transitions / sum.seconds, "/s",
	       "the whole library");
	figure("engine", "visited state", (double)sum.bytes / (double)sum.states, "bytes",
	       "visited set and log, the frontier apart");
}
