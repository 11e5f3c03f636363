/*
 * place.h - where actors stand, and what they may touch from there on: what the partial-order reduction rests on.
 *
 * An actor's place is its private state: its stack and its program counter.  Each place remembers the footprints
 * of the steps that were ever taken from it and the places they led to.  The future of a place is the union of the
 * footprints behind it, up to where its actor must wait for a lock that somebody else holds.
 *
 * All of this is learnt from the steps that the search takes, so a future may turn out to be larger than it was when
 * something was decided by it.  futures_hold says whether a decision was wrong for that, and then the search is done
 * again, knowing more.  When it holds, no step that would contradict a decision can exist: the first one on any path is taken by the reduced search too, in
 * an equivalent order, and would have been learnt.
 */
#ifndef PLACE_H
#define PLACE_H

#include "frontier.h"

#define MAX_PLACES	16384u
#define MAX_EDGES	65536u
#define MAX_FUTURES	16384u
#define MAX_DECISIONS	65536u
#define MAX_PAIRS	(1u << 18)

struct place {
	uint64_t key;		/* of the private state */
	struct masks masks;	/* of the steps taken from here, and of what offered them */
	uint32_t edge;		/* the first, 0 = none */
	uint32_t seen;		/* stamp of the walk that was here last */
	uint16_t lock;		/* object that the actor waits for, NO_LOCK */
	bool exclusive;		/* ... for its exclusive side */
	/* For symmetry (ahead.c): a step from here tells apart who else is alike; one from here or from what lies ahead does; it
	 * was taken for granted that none does. */
	bool tells, ahead, relied;
};

#define NO_LOCK UINT16_MAX

/* To where a step from a place led its actor, or put another one. */
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

/* Where everybody stands, and the sum of their mixed places. */
struct stands {
	uint32_t place[MAX_ACTORS];
	uint64_t sum;
};

struct places {
	struct explorer *x;
	unsigned actors;
	path_t root[MAX_ACTORS];		/* of the question where an actor stands */
	uint64_t private[MAX_ACTORS][FOOTPRINT_WORDS];	/* what that question looks at */
	uint32_t grown;				/* how often that became more */
	struct place place[MAX_PLACES];
	uint32_t places;
	uint32_t slot[MAX_PLACES * 2];		/* by key: place + 1 */
	struct edge edge[MAX_EDGES];
	uint32_t edges;
	uint64_t learnt, checked;		/* how often something new was learnt, by now and at the last check */
	struct future future[MAX_FUTURES];
	uint32_t futures, stamp;
	uint64_t pair[MAX_PAIRS];		/* a step and a future that were found not to conflict, + 1 */
	uint32_t pairs;
	uint64_t decision[MAX_DECISIONS];	/* by what it depends on; the lowest bit is the answer */
	uint8_t lock_column[MAX_LOCKS];		/* columns of locks, as far as `columns` */
	unsigned locks, columns;
	uint32_t stack[MAX_PLACES];
	uint64_t ways, walked;			/* how often a place, an edge or a teller was new, by now and when `ahead` was found out */
	bool trusted;				/* something was taken for granted */
	bool deceived;				/* something was that is not so */
	bool full;				/* decides nothing any more */
	bool lost;				/* what was learnt could not be kept */
	uint8_t whimsical[MAX_PARTS];		/* by part: whose whims it offers, + 1; 0 = offers others' actions */
};

void places_open(struct places *p, struct explorer *x);
/* Where everybody stands in this state. */
void places_now(struct places *p, struct seeker *s, const struct row *row, struct stands *out);
/* A step was taken from one state, where these stood, to another: brings `stands` up to date. */
void places_learn(struct places *p, struct seeker *s, const struct row *to, const struct offered *a, struct outcome *o,
	struct stands *stands);
/* What decides whether there are whims, be there any or not: a step that ends the chance for one does not commute with it. */
void places_asked(struct places *p, struct seeker *s, const struct row *row, const struct stands *stands);
/* What an agent's whims may touch, beyond single steps. */
void places_note(struct places *p, uint32_t place, const struct masks *masks);
/* An action whose step commutes with everything that others may do first, NULL when there is none.  The search begins at
 * this part. */
const struct offered *place_ample(struct places *p, struct seeker *s, const struct row *row, const struct stands *stands,
	unsigned part);
/* Brings futures up to date.  Does every step that was taken alone still commute with all of them? */
bool futures_hold(struct places *p, const struct memo *t);
/* Forgets the futures: a new round begins. */
void futures_clear(struct places *p);

/* ---- ahead.c: for symmetry ---- */

/* A step from this place tells apart what else is alike. */
void place_tells(struct places *p, uint32_t place);
/* Where everybody stands now, can a step that tells apart still come?  If not, that is taken for granted from here on. */
bool nobody_tells(struct places *p, const struct stands *stands);
/* Was something taken for granted that is not so? */
bool places_deceived(struct places *p);

static inline bool masks_conflict(const struct masks *a, const struct masks *b)
{
	uint64_t both = 0;

	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		both |= ((a->writes[w] & b->seen[w]) | (a->seen[w] & b->writes[w])) & ~footprint_faceted[w];
	return both != 0;
}

#endif
