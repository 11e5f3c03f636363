/*
 * `verify` of a table: every cell is decided by searching, and compared with what is argued of it.
 */
#ifndef VERDICTS_H
#define VERDICTS_H

#include "session.h"

/* Starts it as the session's job. */
enum status verdicts_start(struct session *s, const char *path, struct complaint *c);

#endif
