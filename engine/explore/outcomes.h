/*
 * outcomes.h - the final states of a search, told apart by what a user can observe.
 *
 * A user sees the result of each task's last operation and what its last load read, its registers, the same of each
 * device, and what stands in the files and in frames with names.  A search that is given `outcomes` (breadth first only) goes on behind broken rules
 * and keeps a state that was reached behind one apart from the same state reached otherwise; so it is known
 * whether every way to an outcome, or some, or none breaks a rule.
 */
#ifndef OUTCOMES_H
#define OUTCOMES_H

#include "machine.h"
#include "store.h"

/* Final states that look alike to a user. */
struct sight {
	uint64_t seen;		/* digest of what is observed */
	uint64_t finals;	/* final states that look so */
	uint32_t state;		/* the first that was found: a shortest way leads there, see explore_trace_state */
	bool whole;		/* there is a way there that breaks no rule */
	bool broken;		/* there is one that breaks one */
};

struct outcomes {
	struct sight *sight;	/* in the order in which they were found */
	uint32_t count, cap;
	struct visited finals;
	bool full;		/* there were more of them or of final states than there is memory for */
};

#define MAX_OUTCOMES 4096u

/* Takes over a zeroed block of at least 1 MiB. */
void outcomes_init(struct outcomes *o, void *memory, size_t bytes);
/* Digest of what a user observes in this state. */
uint64_t outcome_seen(const struct machine *m);

/* A final state, as the search comes upon it. */
struct ending {
	uint64_t seen, digest;
	uint32_t state;		/* its number in the search */
	bool broken;		/* reached behind a broken rule, or a deadlock itself */
};

void outcomes_note(struct outcomes *o, const struct ending *ending, unsigned endings);

#endif
