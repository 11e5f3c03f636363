/*
 * The handlers of `walk` and `diff`, as a command's (see commands.h).
 */
#ifndef COMPARE_H
#define COMPARE_H

#include "session.h"

/* ACTOR ADDRESS: the translation from the actor's caches and from its tables. */
enum status cmd_walk(struct session *s, const char *rest, struct complaint *c);
/* [A [B]]: the objects that differ between two steps. */
enum status cmd_diff(struct session *s, const char *rest, struct complaint *c);

#endif
