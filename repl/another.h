/*
 * Counterexamples beside the first one: the job behind `next-bad`.
 */
#ifndef ANOTHER_H
#define ANOTHER_H

#include "explore.h"
#include "session.h"

/* A search that began at the state `origin` has shown this trace to a broken rule. */
void another_seen(struct session *s, uint32_t origin, unsigned rule,
		  const struct explore_result *r);
/* Starts looking for one that was not shown, as the session's job. */
enum status another_start(struct session *s, struct complaint *c);

#endif
