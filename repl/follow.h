/*
 * Following a schedule: the actions of a trace, a file or a recorded session become the default,
 * one after the other, as long as the path to the cursor is theirs. Where the machine cannot or
 * does not do what the schedule says, it is said and the run stops.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "session.h"

/* off | LABEL LABEL ... | FILE | SESSION | nothing: says what is followed. */
enum status follow_read(struct session *s, const char *rest, struct complaint *c);
void follow_end(struct session *s);

/* Is the schedule about this state, and what does it want next?  That may be impossible. */
bool follow_next(const struct session *s, struct action *a);
/* Why the schedule cannot go on here, if that is so. */
bool follow_stuck(const struct session *s, struct text *t);
/* Before an action is taken: true when it is the schedule's and does something else than when it
 * was recorded, which is said once. */
bool follow_differs(struct session *s, const struct action *a, const char *words);
/* After an action was taken where the schedule wanted `wish`: says when it was left or has ended;
 * true when it has ended. */
bool follow_taken(struct session *s, const struct action *wish, const struct action *a);

#endif
