/*
 * pane.h - one row per pane: what it is called, the room it wants, and how it draws itself.
 *
 * A pane is a function of the scene.  To add one: a file pane_NAME.c that ends with its record, and
 * a row in panes.c.  A pane draws from (0, 0) on a canvas of any width from 30 columns up that
 * grows downwards; rows keep their place from step to step wherever that costs only an empty row and
 * the canvas is at least ROOMY_COLS wide; on a smaller one it leaves out what is idle.
 */
#ifndef PANE_H
#define PANE_H

#include "canvas.h"
#include "layout.h"
#include "scene.h"

struct pane {
	const char *name;	/* as in `show NAME` */
	const char *title;
	const char *help;	/* one line */
	/* On a wide screen, and on any other; small.min_cols = 0: there only while it has the focus. */
	struct pane_wish wide, small;
	int heads;		/* rows at the top that stay in sight when it is scrolled */
	/* Has this machine such things at all?  NULL = always. */
	bool (*applies)(const struct scene *s);
	/* Does it say something now that must not be missed?  It is open then.  NULL = never. */
	bool (*urgent)(const struct scene *s);
	/* A summary for the title; NULL = none. */
	void (*note)(struct text *t, const struct scene *s);
	/* Returns the row that should be in sight, -1 when any will do. */
	int (*draw)(struct canvas *c, const struct scene *s);
};

#define PANES 14

enum { ROOMY_COLS = 76 };

extern const struct pane *const pane_table[PANES];

/* By name or a prefix that fits one name only; NULL when there is none or more than one. */
const struct pane *pane_find(struct word name);

#endif
