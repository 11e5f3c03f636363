/*
 * Whole first, reduced when that is long, then the shortest way.
 */
#include "hunt.h"

#include <stdlib.h>
#include <string.h>

enum {
	LONG_WORK = 300000,    /* states that are no work worth avoiding */
	SHORTEST_WORK = 5000000 /* states that a shortest way is worth */
};

static const char *const words[] = { "whims", "ample", "fuse", "symmetry", "sleep", "counters" };

enum {
	WORDS = sizeof(words) / sizeof(words[0])
};

void reductions_text(struct text *t, unsigned reduce)
{
	const char *between = "";

	for (unsigned i = 0; i < WORDS; i++)
		if (reduce & 1u << i) {
			text_add(t, "%s%s", between, words[i]);
			between = ", ";
		}
}

bool reductions_read(struct word w, unsigned *reduce)
{
	if (word_is(w, "all")) {
		*reduce = REDUCE_ALL;
		return true;
	}
	while (w.len) {
		const char *comma = memchr(w.at, ',', w.len);
		struct word one = { w.at, comma ? (size_t)(comma - w.at) : w.len };
		unsigned i = 0;

		while (i < WORDS && !word_is(one, words[i]))
			i++;
		if (i == WORDS)
			return false;
		*reduce |= 1u << i;
		w.at += one.len + (comma != NULL);
		w.len -= one.len + (comma != NULL);
	}
	/* Steps in one go are those that can be taken alone. */
	if (*reduce & REDUCE_FUSE)
		*reduce |= REDUCE_AMPLE;
	return *reduce != 0;
}

const char *hunt_whole(const struct explore_options *o)
{
	if (o->order != ORDER_BREADTH)
		return "--order";
	if (o->goal)
		return "until";
	if (o->outcomes || o->ask)
		return "outcomes";
	if (o->max_states)
		return "--max-states";
	if (o->max_depth)
		return "--max-depth";
	return o->threads > 1 ? "--threads" : NULL;
}

static bool begin(struct hunt *h, enum hunt_phase phase, unsigned reduce, uint64_t most)
{
	struct explore_options o = h->options;

	o.reduce = reduce;
	if (most)
		o.max_states = most;
	if (!runner_begin(&h->search, h->m, &o))
		return false;
	h->phase = phase;
	h->reduced = phase == HUNT_SHORTEST ? h->reduced : reduce;
	h->result = h->search.result;
	return true;
}

bool hunt_begin(struct hunt *h, struct machine *m, const struct explore_options *o, bool may_reduce)
{
	memset(h, 0, sizeof(*h));
	h->m = m;
	h->options = *o;
	h->may_reduce = may_reduce && !hunt_whole(o);
	h->started = runner_clock();
	return begin(h, o->reduce ? HUNT_REDUCED : HUNT_PLAIN, o->reduce, 0);
}

/* The search that has ended gives way to another one; false when there is no memory for that: its answer, of which a copy
 * was kept, stands then. */
static bool again(struct hunt *h, enum hunt_phase phase, unsigned reduce, uint64_t most)
{
	runner_free(&h->search);
	if (begin(h, phase, reduce, most))
		return true;
	h->result = h->kept;
	return false;
}

/* Keeps the reduced answer; false when there is no memory to. */
static bool keep(struct hunt *h)
{
	if (!h->kept)
		h->kept = malloc(sizeof(*h->kept));
	if (!h->kept)
		return false;
	*h->kept = *h->search.result;
	return true;
}

/* A search has ended by itself. True when that is the answer. */
static bool ended(struct hunt *h)
{
	const struct explore_result *r = h->search.result;

	runner_end(&h->search);
	h->result = r;
	h->shortest = h->options.order == ORDER_BREADTH;
	if (h->phase == HUNT_REDUCED) {
		h->shortest = false;
		if (runner_verdict(r) == VERDICT_VIOLATION && !h->options.all && keep(h))
			return !again(h, HUNT_SHORTEST, 0, SHORTEST_WORK);
		/* What a whole search does not remember it finds out again; so where nobody asked for less, it goes on to the end. */
		if (h->may_reduce && !h->options.reduce && runner_verdict(r) == VERDICT_BOUND && strcmp(r->bound, "memory") == 0 && keep(h)) {
			h->may_reduce = false;
			return !again(h, HUNT_PLAIN, 0, 0);
		}
	} else if (h->phase == HUNT_SHORTEST && runner_verdict(r) != VERDICT_VIOLATION) {
		h->shortest = false;
		h->result = h->kept;
	}
	return true;
}

bool hunt_slice(struct hunt *h, int ms)
{
	bool over = runner_slice(&h->search, ms);

	h->seconds = runner_clock() - h->started;
	if (over)
		return ended(h);
	if (h->most_seconds > 0 && h->seconds >= h->most_seconds) {
		explore_bound(h->search.x, "time");
		hunt_stop(h);
		return true;
	}
	if (h->phase == HUNT_PLAIN && h->may_reduce && h->search.result->states > LONG_WORK && keep(h)) {
		runner_end(&h->search);
		*h->kept = *h->search.result;
		return !again(h, HUNT_REDUCED, REDUCE_STATES, 0);
	}
	return false;
}

void hunt_stop(struct hunt *h)
{
	runner_end(&h->search);
	h->result = h->phase == HUNT_SHORTEST ? h->kept : h->search.result;
	h->shortest = h->phase == HUNT_PLAIN && h->options.order == ORDER_BREADTH;
	h->seconds = runner_clock() - h->started;
}

void hunt_free(struct hunt *h)
{
	runner_free(&h->search);
	free(h->kept);
	h->kept = NULL;
}
