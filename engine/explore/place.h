/*
 * place.h - where actors stand, and what they may touch from there on: what the partial-order reduction rests on.
 *
 * An actor's place is its private state: its stack and its program counter.  Each place remembers the footprints
 * of the steps that were ever taken from it and the places they led to.  The future of a place is the union of the
 * footprints behind it, up to where its actor must wait for a lock that somebody else holds.
 *
 * All of this is learnt from the steps that the search takes, so a future may turn out to be larger than it was when
 * something was decided by it.  futures_hold says so, and then the search is done again, knowing more.  When it holds,
 * no step that would contradict a decision can exist: the first one on any path is taken by the reduced search too, in
 * an equivalent order, and would have been learnt.
 */
#ifndef PLACE_H
#define PLACE_H

#include "frontier.h"

#define MAX_PLACES	16384u
#define MAX_EDGES	65536u
#define MAX_FUTURES	16384u
#define MAX_KICKS	256u

struct place {
	uint64_t key;		/* of the private state */
	struct masks masks;	/* of the steps taken from here, and of what offered them */
	uint32_t edge;		/* the first, 0 = none */
	uint32_t seen;		/* stamp of the walk that was here last */
	uint16_t lock;		/* object that the actor waits for, NO_LOCK */
	uint8_t actor;
	bool exclusive;		/* ... for its exclusive side */
	bool rest;		/* nothing runs: others have to set it going */
};

#define NO_LOCK UINT16_MAX

struct edge {
	uint32_t to, next;	/* places; edges from 1 */
};

/* Locks that somebody holds, a bit per lock. */
struct held {
	uint64_t exclusive, shared;
};

struct future {
	uint32_t place;		/* + 1; 0 = the slot is free */
	struct held held;	/* by him who waits for nobody */
	struct masks masks;
};

/* Somebody else put an actor in a place. */
struct kick {
	uint32_t place;
	uint8_t by;
};

struct places {
	struct explorer *x;
	unsigned actors;
	uint64_t parts[MAX_ACTORS];		/* of the list of actions, that are one actor's alone */
	path_t root[MAX_ACTORS];		/* of the question where an actor stands */
	struct masks private[MAX_ACTORS];	/* what that question looks at */
	uint64_t enable[MAX_ACTORS][FOOTPRINT_WORDS];	/* what decides whether the actor at rest is offered anything */
	struct place place[MAX_PLACES];
	uint32_t places;
	uint32_t slot[MAX_PLACES * 2];		/* by key: place + 1 */
	struct edge edge[MAX_EDGES];
	uint32_t edges;
	struct kick kick[MAX_KICKS];
	uint32_t kicks, kicks_used;
	uint64_t enable_used[MAX_ACTORS][FOOTPRINT_WORDS];	/* as the decisions of this round knew it */
	struct future future[MAX_FUTURES];
	uint32_t futures, stamp;
	uint32_t stack[MAX_PLACES];
	bool full;				/* decides nothing any more */
};

void places_open(struct places *p, struct explorer *x);
/* Where the actor stands in this state. */
uint32_t place_now(struct places *p, struct seeker *s, const struct row *row, unsigned actor);
/* A step was taken from `from` to `to` (rows). */
void places_learn(struct places *p, struct seeker *s, const struct row *from, const struct row *to,
	const struct offered *a, struct outcome *o);
/* An action whose step commutes with everything that others may do first, NULL when there is none.  The search begins at
 * this part. */
const struct offered *place_ample(struct places *p, struct seeker *s, const struct row *row, unsigned part);
/* Is every future that was used still what it was? */
bool futures_hold(struct places *p);
/* Forgets the futures: a new round begins. */
void futures_clear(struct places *p);

static inline bool masks_conflict(const struct masks *a, const struct masks *b)
{
	uint64_t both = 0;

	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		both |= (a->writes[w] & b->seen[w]) | (a->seen[w] & b->writes[w]);
	return both != 0;
}

static inline void masks_add(struct masks *to, const struct masks *more)
{
	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++) {
		to->seen[w] |= more->seen[w];
		to->writes[w] |= more->writes[w];
	}
}

#endif
