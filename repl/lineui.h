/*
 * The line interface: for --plain, for terminals that cannot place a cursor, and for pipes. Same
 * client, no panes: what the client has to show it prints itself.
 */
#ifndef LINEUI_H
#define LINEUI_H

#include <stdio.h>

#include "client.h"

enum { LINEUI_LINE_MAX = 64 * 1024 };

/*
 * Run until client->over() or the end of input. A terminal gets readline with `history` (a file or
 * NULL); anything else is read line by line without a prompt. A line longer than LINEUI_LINE_MAX
 * bytes, or one with a NUL byte, is refused through client->say.
 */
void lineui_run(const struct client *client, const char *history);

/* Carry out the long work that a line has started, until it is done or ^C stops it. */
void lineui_finish(const struct client *client);

#endif
