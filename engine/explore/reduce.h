/*
 * reduce.h - breadth first over fewer states, with the same verdict and the same rules.
 *
 * Five reductions, each a switch (enum reduction): whims as late as possible (whim.h); where a step commutes with
 * all that others may do first, that step alone (place.h); steps taken like this in one go, without keeping the
 * states between; states that differ by a symmetry of the model counted once (symmetry.h); and of two steps that commute
 * one order (sleep.h).
 *
 * A state that is kept is always expanded in full, so no step is put off for ever.  What leads to a state is a run of
 * actions; its number among its parent's runs and its length are enough to find it again.
 */
#ifndef REDUCE_H
#define REDUCE_H

#include "naming.h"
#include "sleep.h"
#include "symmetry.h"
#include "whim.h"

#define MOST_FUSED 400u		/* steps in one go */
#define RUN_ALONE (NO_ACTION - 1u)	/* the number of a run that was all that need be looked at */

struct witness;

/* A state in the middle of a run. */
struct standing {
	uint64_t digest[2];
	struct row row;
	struct stands stands;
	struct images images;
	uint64_t asleep;	/* parts, see sleep.h */
};

struct reducer {
	struct explorer *x;
	struct places places;
	struct whims whims;
	struct symmetry symmetry;
	struct naming naming;
	struct sleepers sleepers;
	const struct entry *next;	/* the entry to look at */
	uint64_t check;			/* futures are checked when there are so many states */
	/* By state: how many were first reached from it; of the run that led to it, the number among its parent's, and the steps. */
	uint16_t *children, *run, *length;
	struct standing standing[MAX_ACTORS + 2];	/* the state that is expanded, then whims by agent */
	const struct whim_tree *tree[MAX_ACTORS];	/* of it, by agent; NULL = no whims */
	uint64_t useful[MAX_ACTORS][(WHIM_NODES + 63) / 64];	/* nodes that cannot wait until after the step */
	struct action path[MAX_TRACE];
	uint32_t steps;			/* of the run in progress, in path */
	uint32_t runs;			/* of the state that is expanded, so far; */
	bool alone;			/* there is but one: RUN_ALONE */
	/* Looking for a run again: */
	bool replaying, replayed;
	uint32_t want_run, want_steps;
};

void reducer_open(struct reducer *r, struct explorer *x, struct arena *a, size_t log_bytes);
void reducer_start(struct reducer *r);
/* Everything that can be done in standing[0], state `number` (leap.c). */
void reducer_expand(struct reducer *r, uint32_t number);
void standing_key(struct reducer *r, struct standing *st, uint64_t key[2]);
void standing_take(struct standing *st, const struct outcome *o);
/* One state more. */
void search_reduced_step(struct explorer *x);
/* The trace to a witness, given the states on the way there, last first. */
void reducer_trace(struct reducer *r, const struct witness *w, const uint32_t *way, uint32_t length);

#endif
