/*
 * What searches never reached: the handler of `cover`, as a command's (see commands.h), and what it
 * is told.
 */
#ifndef COVER_H
#define COVER_H

#include "explore.h"
#include "session.h"

/* A search of the session's machine has ended; `all`: it went on behind broken rules. */
void cover_search(const struct session *s, const struct explore_result *r, bool all);
/* These are the steps that searches elsewhere took together. */
void cover_merged(const uint64_t lines[ROUTINE_COUNT]);

enum status cmd_cover(struct session *s, const char *rest, struct complaint *c);

#endif
