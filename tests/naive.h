/*
 * naive.h - a search without tricks: what engine/explore is compared with.
 *
 * Breadth first over copies of the whole world, told apart by a 128-bit hash of all its bytes: no undo, no
 * incremental digest, no object versions, no reductions.  Slow, and simple enough to be believed.
 */
#ifndef NAIVE_H
#define NAIVE_H

#include "machine.h"

struct naive_options {
	uint64_t max_states; /* gives up beyond it; 0 = no bound */
	bool all;	     /* look behind a violation as well */
};

struct naive_result {
	bool complete;	/* every reachable state was seen */
	bool violation; /* a rule that is no lint was broken */
	uint64_t states, transitions;
	uint64_t finals;      /* states in which nothing is offered but whims of the hardware */
	uint32_t depth;	      /* of the first violation, else of the deepest state */
	uint32_t rules;	      /* every rule broken, lints too, a bit per enum rule_id */
	unsigned rule;	      /* of the first violation, 0 = none */
	struct action *trace; /* to the first violation; the caller frees it */
	uint32_t trace_length;
};

/* Searches from the machine's present state and leaves the machine there.  False: out of memory. */
bool naive_explore(struct machine *m, const struct naive_options *o, struct naive_result *out);

#endif
