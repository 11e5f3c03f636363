/*
 * board.h - the panes on the screen: which, where, which one has the focus, how far each is
 * scrolled, how many rows each has used.
 *
 * Owns the part of the screen above hint bar and prompt: status line, panes, and the rows for a
 * message.  Drawing does not change what is shown, but for the scroll offsets, which are clamped,
 * and the rows that panes have used: a pane keeps its height while a scenario is stepped.
 */
#ifndef BOARD_H
#define BOARD_H

#include "pane.h"

struct board {
	const struct pane *pane[LAYOUT_PANES];
	int panes;
	int focus;
	enum zoom zoom;
	int offset[LAYOUT_PANES]; /* first row shown */
	bool held[LAYOUT_PANES];  /* a person scrolled it: it no longer follows what is new */
	int used[LAYOUT_PANES];	  /* most rows of text since the scenario was loaded */
	/* What `used` is about; another scenario, variant or width starts anew. */
	char scenario[sizeof(((struct scenario *)0)->name)];
	unsigned variant;
	int cols;
	struct layout layout;	  /* of the last drawing; for clicks */
};

/* A named choice of panes. */
struct board_set {
	const char *name;
	const char *help;
	const char *panes; /* names, by blanks */
};

/* The table of sets, ended by a row without a name; the first is the default. */
extern const struct board_set board_sets[];

/* Shows the panes of a set; focus on the first, nothing scrolled or zoomed. */
void board_show(struct board *b, const struct board_set *set);
/* Adds or removes one pane; false when there is nothing to do, or LAYOUT_PANES are shown. */
bool board_add(struct board *b, const struct pane *pane);
bool board_remove(struct board *b, const struct pane *pane);
/* Scrolls a pane by rows, negative is up; the log follows again once its end is in sight. */
void board_scroll(struct board *b, int pane, int rows);
/* Moves the focus by `by` panes among those on the screen. */
void board_focus(struct board *b, int by);

/* Status line, panes, message.  Any size of body. */
void board_draw(struct board *b, struct canvas *body, const struct scene *s);

/* One pane on a canvas of its own, with its title, `cols` wide: for `show NAME`.  NULL when memory
 * is out; freed with canvas_free. */
struct canvas *board_single(const struct pane *pane, const struct scene *s, int cols);

#endif
