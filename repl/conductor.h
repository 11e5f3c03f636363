/*
 * Lines into commands: cut, found, run, recorded, shown, in this order. The one place that knows
 * all of it; both user interfaces, -c, standard input, `source` and the narration hand their lines
 * here.
 */
#ifndef CONDUCTOR_H
#define CONDUCTOR_H

#include "client.h"
#include "session.h"

/*
 * A line of one or more commands, joined by ';'; '#' begins a comment. A set-up line of
 * operations is one command, ';' and all. The first command that is refused ends the line. Long
 * work goes on in conductor_slice(), and then the rest of the line.
 */
void conductor_line(struct session *s, const char *line);

/* Commands of a file come next; `file` names it in complaints. Takes over `text`, from malloc. */
enum status conductor_source(struct session *s, char *text, const char *file, struct complaint *c);

/* One command that a command stands for (a beat of the narration, the default of Enter): it runs
 * next. */
void conductor_insert(struct session *s, const char *line);

bool conductor_busy(const struct session *s);
void conductor_slice(struct session *s, int ms);
void conductor_interrupt(struct session *s);
/* Does all long work there is, until ^C; for callers without a screen. */
void conductor_finish(struct session *s);

/* 0 fine, 1 our failure, 2 bad input, 3 a finding, 4 a bound. */
int conductor_status(const struct session *s);
void conductor_close(struct session *s);

/* The functions that the user interfaces call. */
struct client conductor_client(struct session *s);

#endif
