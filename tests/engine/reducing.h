/*
 * reducing.h - a search that looks at every state, and what a reduced one must have in common with it.
 */
#ifndef REDUCING_H
#define REDUCING_H

#include "searching.h"

/* Searches every state behind the machine's; false when they are more than `most`. */
bool reducing_whole(struct searching *s, uint64_t most, struct explore_result *whole);
/* The same with these reductions: NULL, or what differs. */
const char *reducing_differs(struct searching *s, unsigned reduce, const struct explore_result *whole);
/* Up to the first violation, with these reductions, and along its trace; NULL, or what is wrong.  The machine stays there. */
const char *reducing_first(struct searching *s, unsigned reduce);

#endif
