/*
 * Where panes stand. A pure function of the size, the panes' wishes, the rows they use, the focus
 * and the zoom: it never looks at what the panes say. Who calls it keeps the largest number of rows
 * that a pane has used, so panes keep their place from step to step wherever there is room.
 *
 * Sizes are those of the body: the screen without its hint bar and prompt. Row 0 of the body is
 * the status line in every class but "tiny", where it says how big the screen should be.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "canvas.h"

enum { LAYOUT_PANES = 16 };

enum layout_side { SIDE_LEFT, SIDE_RIGHT, SIDE_BELOW };

struct pane_wish {
	enum layout_side side;
	int min_rows;		/* rows of text, without the title row */
	int min_cols;
	int weight;		/* share of the rows that are left over; 0: stays at its minimum */
	int priority;		/* the lowest is shut first where room is short */
};

/* From this priority on a pane is open before any other gets more than its title. */
enum { PRIORITY_ESSENTIAL = 80 };

/* Rows of text a pane has a use for. */
struct pane_rows {
	int now;
	int most;		/* ever, at least `now` */
};

enum layout_class {
	LAYOUT_WIDE,		/* two columns, the panes below side by side */
	LAYOUT_NORMAL,		/* two columns, the panes below one under another */
	LAYOUT_NARROW,		/* one column: the focused pane open, of the others the title */
	LAYOUT_SHORT,		/* the focused pane only */
	LAYOUT_TINY		/* no pane */
};

enum zoom { ZOOM_NORMAL, ZOOM_HALF, ZOOM_FULL, ZOOMS };

enum pane_state { PANE_ABSENT, PANE_SHUT, PANE_OPEN };

struct pane_place {
	enum pane_state state;
	struct rect place;	/* title row included; empty when absent */
	int cols;		/* its width in columns, also while it is absent; else 0 */
};

struct layout {
	enum layout_class class;
	struct rect status;	/* the status line */
	struct pane_place pane[LAYOUT_PANES];
	int panes;
	struct rect line;	/* between the two columns; no rows when there is none */
	struct rect line_below;	/* between the panes below when there are two side by side */
};

/* The class of a body of this size. */
enum layout_class layout_classify(int rows, int cols);

/*
 * Place `count` panes (more than LAYOUT_PANES are ignored) in their order. `focus` is an index into
 * them; the focused pane is never shut. Any size is fine, also 0x0.
 */
void layout_compute(struct layout *out, int rows, int cols, const struct pane_wish *wish, int count,
		    int focus, enum zoom zoom);
/* The same for panes whose text is known: nobody gets rows that another one could fill. */
void layout_fit(struct layout *out, int rows, int cols, const struct pane_wish *wish,
		const struct pane_rows *used, int count, int focus, enum zoom zoom);

/* Draw the lines between columns; after the title rows. In "tiny": the size that is needed, in
 * row 0. */
void layout_draw(const struct layout *layout, struct canvas *body);

/* The pane at a cell of the body, or -1. */
int layout_find(const struct layout *layout, int row, int col);

#endif
