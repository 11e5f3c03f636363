/*
 * The prompt under the panes: readline as an edit buffer. It reads from a queue of bytes, draws
 * into a canvas row and never touches the terminal.
 */
#ifndef LINEEDIT_H
#define LINEEDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "canvas.h"
#include "client.h"

struct lineedit_hooks {
	/* Enter was pressed; NULL means ^D on an empty line. The line is the editor's. */
	void (*entered)(const char *line);
	/* Several words fit, all of which begin with what now stands before the cursor: show
	 * them. */
	void (*matches)(const char *prefix, char **words, int count);
	/* The editor is in the middle of a key sequence: draw, wait for input, feed it. False
	 * when the terminal is gone. */
	bool (*wait)(void);
};

/* Start; `history` as for editor_open(). The terminal is open and will stay so. False when memory
 * or the null device cannot be had. */
bool lineedit_open(const struct client *client, const struct lineedit_hooks *hooks,
		   const char *history, int cols);
void lineedit_close(void);

/* Whether the queue takes more; input is left in the terminal while it does not. */
bool lineedit_has_room(void);
void lineedit_feed(const char *bytes, size_t size);

/* Whether bytes wait in the queue; let the editor have the next ones. */
bool lineedit_pending(void);
void lineedit_next(void);

/* Throw away the line, a search, and what is queued. */
void lineedit_clear(void);

/* Insert text as if typed, without any of it being a command of the editor. */
void lineedit_insert(const char *text);

/* Another prompt; waits while a search shows its own. */
void lineedit_prompt(const char *prompt);

void lineedit_width(int cols);

/* What the meaning of ESC depends on. */
bool lineedit_searching(void);
bool lineedit_is_vi(void);

/* The line so far. */
const char *lineedit_line(void);

/* Draw the row; returns the cursor's column. */
int lineedit_draw(struct canvas *row);

#endif
