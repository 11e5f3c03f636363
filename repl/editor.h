/*
 * What both user interfaces share of readline: completion through the client, the history file.
 * Readline's state is global, so is this.
 */
#ifndef EDITOR_H
#define EDITOR_H

#include "client.h"

/*
 * Name the client that completes and load the history; call it before readline is used. `history`
 * may be NULL: the history then lives as long as the session. A history that cannot be read or
 * written is said once through client->say and the session goes on.
 */
void editor_open(const struct client *client, const char *history);

/* Remember a line, in the file at once. Blank lines and repetitions of the last are left out. */
void editor_remember(const char *line);

void editor_close(void);

#endif
