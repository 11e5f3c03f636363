/*
 * The one key table. Bindings, the hint bar and the help overlay all come from it, so they cannot
 * differ. Rule: a key never does what no command can do, and every F-key has an alias that exists
 * on small keyboards.
 */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>

#include "canvas.h"
#include "paint_curses.h"

enum key_deed {
	DEED_LINE,	/* hand `line` to the client */
	DEED_HELP,	/* open the help overlay */
	DEED_MOUSE,	/* switch the mouse */
	DEED_EDITOR	/* the line editor's own: listed here for help only */
};

struct key_row {
	enum input_key key;	/* TERM_KEYS: none */
	char alt;		/* with Alt; 0: none */
	enum key_deed deed;
	bool view;		/* changes the view only, so it works during long work as well */
	const char *line;
	const char *name;	/* "F5" */
	const char *alias;	/* "Alt-j", or "" */
	const char *label;	/* for the hint bar; NULL: not there */
	const char *help;
};

extern const struct key_row key_table[];
extern const int key_count;

/* The row for a key or for Alt with a byte; NULL when it is not bound. */
const struct key_row *key_find(enum input_key key);
const struct key_row *key_find_alt(char byte);

/* Draw the hint bar into a canvas of one row: as many hints as fit completely. */
void hints_draw(struct canvas *row);

/* The row whose hint stands at a column, or NULL. */
const struct key_row *hints_find(int cols, int col);

#endif
