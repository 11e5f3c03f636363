/*
 * `explore outcomes` and `outcome N`: what the programs of a scenario can end in, by what their user
 * sees, and going to one of the ends.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "runner.h"

/* Starts the search from the present state as the session's job; breadth first, to its end. */
enum status outcomes_start(struct session *s, const struct explore_options *o, struct complaint *c);
/* Goes to the end of row n of the last answer. */
enum status outcome_goto(struct session *s, uint64_t n, struct complaint *c);

#endif
