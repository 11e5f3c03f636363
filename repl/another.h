/*
 * Counterexamples beside the first one: the job behind `next-bad`.
 */
#ifndef ANOTHER_H
#define ANOTHER_H

#include "explore.h"
#include "session.h"

/* A search began at the state `origin`: that is where another counterexample is looked for. */
void another_from(struct session *s, uint32_t origin);
/* It has shown this trace to a broken rule. */
void another_seen(struct session *s, uint32_t origin, unsigned rule,
		  const struct explore_result *r);
/* Starts looking for one that was not shown, as the session's job: from where the last search began, or
 * from this state. */
enum status another_start(struct session *s, bool here, struct complaint *c);

#endif
