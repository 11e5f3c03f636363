/*
 * sleep.h - sleep sets: of two steps that commute here, only one order is taken.
 *
 * Once a step was taken in a state, it sleeps in the states behind the steps that are taken after it, as long as those commute
 * with it: what it leads to there is reached the other way round.  A kept state remembers which steps slept when it was
 * first come to; when it is come to again and one of them is awake, that one is taken then (Godefroid, Partial-Order
 * Methods, 1996, chapter 5, where states are stored).  So no state is left out, only transitions are.
 *
 * What sleeps is named by the part of the list of actions that offers it, and it offers nothing else.  Where whims are
 * possible, and where symmetries merge states, nothing sleeps.
 */
#ifndef SLEEP_H
#define SLEEP_H

#include "frontier.h"

struct reducer;

/* A kept state, by its fingerprint. */
struct sleeper {
	uint64_t key[2];
	uint64_t asleep;	/* parts */
	uint64_t done;		/* parts that were taken */
	uint32_t number;
	bool waits;		/* for its turn in a queue */
};

struct sleepers {
	struct sleeper *slot;	/* NULL = nothing sleeps in this search */
	uint32_t mask, used;
};

/* Takes over zeroed memory. */
void sleepers_open(struct sleepers *y, void *memory, size_t bytes);
void sleepers_clear(struct sleepers *y);
/* A state is kept: these sleep in it.  False when there is no room. */
bool sleeper_new(struct sleepers *y, const uint64_t key[2], uint32_t number, uint64_t asleep);
/* A kept state is come to again: the state, if it has to be looked at again, else NULL. */
struct sleeper *sleeper_again(struct sleepers *y, const uint64_t key[2], uint64_t asleep);
struct sleeper *sleeper_find(struct sleepers *y, const uint64_t key[2]);
/* Of these parts, those that still sleep behind a step that is taken in this state. */
uint64_t sleep_on(struct seeker *s, const struct row *row, uint64_t asleep, const struct offered *a);
/* May this step be put to sleep at all? */
bool sleep_may(struct seeker *s, const struct row *row, const struct offered *a);

#endif
