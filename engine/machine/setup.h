/*
 * setup.h - building a machine, line by line: the set-up commands of the one language.
 *
 * A scenario file and a person at the prompt use the same lines.  A line is read and applied through
 * the world's door, so it can be undone and it counts in the digest.  When a line is refused, nothing has changed.
 */
#ifndef SETUP_H
#define SETUP_H

#include "machine.h"

struct setup_info {
	const char *word;
	const char *syntax;
	const char *help;
	enum status (*apply)(struct machine *m, const char **rest, struct complaint *c);
};

/* The table of set-up lines, ended by a row without a word. */
extern const struct setup_info setup_table[];

/* The row of a word, NULL when it is no set-up line. */
const struct setup_info *setup_find(struct word w);
/* Applies one line, its first word included.  fx gets what it changed. */
enum status setup_apply(struct machine *m, const char *line, struct effects *fx, struct complaint *c);
/* Sets switches: "NAME=VALUE NAME=VALUE ...". */
enum status setup_switches(struct machine *m, const char *words, struct effects *fx, struct complaint *c);
/* "off", "explicit" ...: what a machine's spec= may be. */
bool spec_named(struct word w, enum spec *spec);
/* Ends set-up: the first task of each CPU runs, its tables are loaded, first operations begin. */
void setup_finish(struct machine *m, struct effects *fx);

#endif
