/*
 * Words that could come next, from the tables and from the machine as it stands.
 */
#ifndef COMPLETION_H
#define COMPLETION_H

#include "client.h"

/* For struct client; self is the session. */
void complete(void *self, const char *line, int start, int end, struct completions *out);
const char *complete_hint(void *self, const char *line);

#endif
