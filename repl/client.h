/*
 * What the two user interfaces (screen.h with panes, lineui.h without) ask of the program. One
 * struct of functions; both call them from one thread and never one inside another, except that
 * draw() and busy() may be called at any time between two others.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>

#include "canvas.h"

enum line_source {
	LINE_TYPED,	/* Enter at the prompt, or a line of standard input */
	LINE_PASTED,	/* one of several lines pasted at once */
	LINE_KEY	/* the command that a key stands for */
};

struct completions;

struct client {
	void *self;	/* handed to every function */

	/* The prompt, one line of UTF-8; valid until the next call. */
	const char *(*prompt)(void *self);

	/* A line to carry out; may be empty (then the default shown in the prompt is meant). Long
	 * work only starts here and goes on in slice(). */
	void (*line)(void *self, const char *line, enum line_source source);

	/* End of input, ^D on an empty line: usually makes over() true. */
	void (*end)(void *self);

	/* Whether the session is over; asked after each of the others. */
	bool (*over)(void *self);

	/* Long work: whether there is some, do about `ms` milliseconds of it, stop it at the next
	 * good place and keep what there is. While busy, line() is not called but for keys that
	 * only change the view. May be NULL, all three. */
	bool (*busy)(void *self);
	void (*slice)(void *self, int ms);
	void (*interrupt)(void *self);

	/* Offer words that could stand in place of line[start..end), with completions_add(). */
	void (*complete)(void *self, const char *line, int start, int end, struct completions *out);

	/* The user interface has something to say: one sentence (history unreadable, line too
	 * long). */
	void (*say)(void *self, const char *sentence);

	/* --- with panes only --- */

	/* Draw everything above hint bar and prompt. */
	void (*draw)(void *self, struct canvas *body);

	/* Wheel (lines is not 0; negative is up) or click (lines is 0) at a cell of the body. */
	void (*mouse)(void *self, int row, int col, int lines);

	/* The syntax of the command that is being typed, for the hint bar; NULL when there is
	 * none. */
	const char *(*hint)(void *self, const char *line);
};

/* Offer a word. Words that do not begin with what is typed are left out, so offer all there are. */
void completions_add(struct completions *out, const char *word);

/* The word is to be continued: no blank after it ("seed="). */
void completions_add_open(struct completions *out, const char *word);

#endif
