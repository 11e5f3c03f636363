/*
 * searching.h - one scenario, one machine, one search after the other: what the tests of the search share.
 */
#ifndef SEARCHING_H
#define SEARCHING_H

#include "explore.h"
#include "library.h"

#define SEARCHING_MEMORY (320u << 20)

struct searching {
	struct scenario scenario;
	struct machine m;
	struct effects fx;
	struct explore_result found;
	enum spec own; /* what the scenario says, and searching_build has changed */
};

/* Builds a variant's machine with these whims of the hardware. */
void searching_build(struct searching *s, unsigned variant, enum spec spec);
/* SEARCHING_MEMORY bytes of zeroes, to be given back by munmap. */
void *searching_memory(void);
/* Searches from the machine's present state, to which it comes back; found is the answer. */
void searching_explore(struct searching *s, const struct explore_options *o);
/* The same with a bound of states; false, and the test says that the variant is left out, when it is hit. */
bool searching_within(struct searching *s, unsigned variant, const struct explore_options *o, uint64_t most);
/* Follows the trace of `found`: NULL when all of it is possible, nothing breaks before its end, and its rule there. */
const char *searching_follow(struct searching *s);

#endif
