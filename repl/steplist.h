/*
 * The handlers of `list`, `find`, `rfind` and `seq`, as a command's (see commands.h).
 */
#ifndef STEPLIST_H
#define STEPLIST_H

#include "session.h"

/* [N]: the steps around the cursor, with the displays in a column. */
enum status cmd_list(struct session *s, const char *rest, struct complaint *c);
/* [TEXT]: goes to the next or the last step before with TEXT in its line; without, the last TEXT.
 */
enum status cmd_find(struct session *s, const char *rest, struct complaint *c);
enum status cmd_rfind(struct session *s, const char *rest, struct complaint *c);
/* [FROM TO]: the swim lanes, or the race diagram of some steps. */
enum status cmd_seq(struct session *s, const char *rest, struct complaint *c);

#endif
