/*
 * The handler of `cover`, as a command's (see commands.h).
 */
#ifndef COVER_H
#define COVER_H

#include "session.h"

/* What the last search never reached: steps of routines, and kinds of actions. */
enum status cmd_cover(struct session *s, const char *rest, struct complaint *c);

#endif
