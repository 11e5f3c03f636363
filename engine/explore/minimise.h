/*
 * minimise.h - a shorter way to the same end: for the ways that random walks and depth first find.
 *
 * Better means: fewer steps, then fewer preemptions, then fewer switches from one actor to another, then fewer
 * whims of the hardware.  Parts of the way are left out or moved and the rest is taken again, where an action
 * that has become impossible drops out; what still breaks the rule is kept.  Then a bounded search tries every
 * interleaving of the steps that are left.  The result is never worse than what was given, breaks the same rule
 * with its last step, and is the same on every machine.  It runs in slices, in the caller's memory.
 */
#ifndef MINIMISE_H
#define MINIMISE_H

#include "explore.h"
#include "schedule.h"

/* Where the way must lead. */
struct minimise_end {
	unsigned rule;		/* enum rule_id: its last step breaks this rule; RULE_DEADLOCK: nobody can go on there */
	/* RULE_NONE: this is true there. */
	bool (*goal)(const struct machine *m, void *self);
	void *goal_self;
};

struct minimised {
	struct schedule_cost given, cost;	/* of the way that was given, and of the one that is left */
	struct action trace[MAX_TRACE];		/* cost.steps long */
	/* No order of the given way's last steps, as far as they are left, is better: the search for one came to its end. */
	bool complete;
	uint64_t applied;	/* steps taken on trial */
};

#define MINIMISE_BYTES ((size_t)16 << 20)

struct minimiser;

/*
 * Begins at the machine's present state, from which the way is possible and leads to `end`; what follows
 * behind its first arrival there is dropped.  The machine belongs to the minimiser until minimise_end, which
 * puts it back.  `memory` is MINIMISE_BYTES long, zeroed.
 */
struct minimiser *minimise_begin(struct machine *m, const struct minimise_end *end, const struct action *trace,
	uint32_t length, void *memory);
/* Takes about `steps` more steps on trial; true when nothing is left to try. */
bool minimise_slice(struct minimiser *x, uint64_t steps);
/* The best way so far. */
const struct minimised *minimise_result(const struct minimiser *x);
void minimise_end(struct minimiser *x);

#endif
