/*
 * A search from the question to the answer. A small machine is searched whole. Where that becomes long
 * work, it begins again and looks at fewer states (see engine/explore/reduce.h); and when something breaks
 * there, a search without reductions looks for the shortest way to it, as long as that is no long work.
 */
#ifndef HUNT_H
#define HUNT_H

#include "runner.h"

enum hunt_phase { HUNT_PLAIN, HUNT_REDUCED, HUNT_SHORTEST };

struct hunt {
	struct runner search;
	struct machine *m;
	struct explore_options options;
	double most_seconds; /* 0 = no bound */
	bool may_reduce; /* nobody said how: it reduces when it has to */
	enum hunt_phase phase;
	unsigned reduced; /* enum reduction: by which the answer was found; 0 = every state was looked at */
	bool shortest;	  /* no way is shorter than the answer's */
	struct explore_result *kept; /* of the reduced search, while the shortest way is looked for */
	const struct explore_result *result;
	double started, seconds;
};

/* Begins at the state of m, which is not touched. `may_reduce`: options.reduce is 0 because nobody asked. False
 * when there is no memory for a search. */
bool hunt_begin(struct hunt *h, struct machine *m, const struct explore_options *o, bool may_reduce);
/* Works for about ms milliseconds; true when it is over, and the result is whole. */
bool hunt_slice(struct hunt *h, int ms);
/* Ends it before its time: what was found stands. */
void hunt_stop(struct hunt *h);
void hunt_free(struct hunt *h);

/* Can a search with these options be reduced? NULL, or the word of the option that forbids it. */
const char *hunt_whole(const struct explore_options *o);
/* "whims, ample". */
void reductions_text(struct text *t, unsigned reduce);
/* Reads a list like "whims,ample", or "all". */
bool reductions_read(struct word w, unsigned *reduce);

#endif
