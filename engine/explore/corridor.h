/*
 * corridor.h - every interleaving of a way's own steps; private to this folder.
 *
 * From one of the way's states on, the same actions are taken in every order, none of them more often than
 * the way does; only the scheduler may put each task on its CPU once more.  Depth first with undo; what cannot become better than the best is not gone on from, nor
 * is a state that was seen with the same steps used and no more preemptions.  When the table of what was seen
 * is full the search gives up.
 */
#ifndef CORRIDOR_H
#define CORRIDOR_H

#include "trial.h"

#define CORRIDOR_CLASSES 64u

struct corridor {
	/* The actions, each with how often it may be and has been taken. */
	struct action action[CORRIDOR_CLASSES];
	uint16_t limit[CORRIDOR_CLASSES], used[CORRIDOR_CLASSES];
	unsigned actions;
	uint32_t base;		/* the state that it begins at */
	uint8_t *tried, *chosen;	/* by depth: actions tried, and the one that led there */
	uint64_t *seen;		/* what was seen, its preemptions in the low bits; 0 = free */
	uint32_t count;
	bool full;
};

/* Bytes of `tried`, of `chosen`, and words of `seen`. */
#define CORRIDOR_DEPTH (MAX_TRACE + 1u)
#define CORRIDOR_SEEN (1u << 19)

/* Begins where the trial stands; the rest of the way is given. */
void corridor_open(struct corridor *c, const struct trial *t, const struct action *rest, uint32_t length);
enum corridor_step {
	CORRIDOR_GOES_ON,
	CORRIDOR_BETTER,	/* the trial leads to the end and costs less than `best` */
	CORRIDOR_DONE,
};
/* Takes one more step.  After CORRIDOR_BETTER the caller looks at the trial before he calls again. */
enum corridor_step corridor_step(struct corridor *c, struct trial *t, const struct schedule_cost *best);

#endif
