/*
 * Ways made shorter, as a part of long work: what a random or depth-first search found, and the
 * present branch.
 */
#ifndef SHORTEN_H
#define SHORTEN_H

#include "runner.h"

/* Begins with the way that an ended search found from m's state to its rule or its goal; nothing
 * when it found none, or there is no memory. */
void shorten_begin(struct machine *m, const struct explore_options *o,
		   const struct explore_result *r);
/* Works for about ms milliseconds; true when nothing is left to do. */
bool shorten_slice(int ms);
/* Ends it: the result with the shorter way, or r itself when nothing was begun. *from is how many
 * steps there were, 0 then. */
const struct explore_result *shorten_end(const struct explore_result *r, uint32_t *from);

/* Starts `minimise` as the session's job: the way to the newest finding of the present branch. */
enum status minimise_start(struct session *s, struct complaint *c);

#endif
