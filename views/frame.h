/*
 * What holds panes together: a title rule above each pane, a line between columns, boxes for what
 * floats above the rest. A pane has no box of its own: its title stands flush with its text and the
 * rule runs on to the right, so a pane costs one row and no column.
 */
#ifndef FRAME_H
#define FRAME_H

#include "canvas.h"

struct pane_head {
	const char *title;
	const char *note;	/* right end of the rule: a summary; may be NULL */
	bool focused;		/* heavy rule and "[*]" */
	bool shut;		/* only the title row is shown */
	int above, below;	/* rows that are scrolled out of sight */
};

/* Draw the title row of a pane in the first row of `place`. */
void head_draw(struct canvas *c, struct rect place, const struct pane_head *head);

/* The part of `place` that belongs to the pane's text: below the title, one blank on each side. */
struct rect pane_text(struct rect place);

/*
 * Show `content` (as tall as it likes) in `place` under its title. *offset is the first row
 * shown; it is clamped so that the last row stays at the bottom at most, and the title says how
 * many rows are out of sight above and below. The above/below of `head` are ignored. `content`
 * may be NULL for a pane that is shut.
 */
void pane_show(struct canvas *c, struct rect place, struct pane_head head,
	       const struct canvas *content, int *offset);

/* A rule in `row`; heavy when it belongs to the focused pane. */
void rule_across(struct canvas *c, int row, int col, int cols, bool heavy);

/* A line down a column; joins the rules it touches. Draw it after them. */
void rule_down(struct canvas *c, int row, int col, int rows);

/* Blank a rectangle and draw a box around it with a title; returns what is inside. */
struct canvas box_draw(struct canvas *c, struct rect r, const char *title);

#endif
