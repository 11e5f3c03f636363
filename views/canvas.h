/*
 * A grid of styled cells: what every pane draws on and every painter reads. A canvas is also a
 * window into a bigger one (canvas_sub), so a pane always draws from (0, 0) and cannot leave its
 * place: whatever falls outside is clipped, never an error.
 *
 * Text is UTF-8 and may come from anywhere. It passes the cell filter: control characters,
 * malformed UTF-8 and characters the locale cannot show become '?', a tab becomes a blank,
 * invisible formatting characters vanish, combining marks join the cell before them, wide glyphs
 * own two cells. A painter can therefore print cells as they are.
 */
#ifndef CANVAS_H
#define CANVAS_H

#include <stdbool.h>
#include <wchar.h>

#include "style.h"

struct cell {
	wchar_t glyph;		/* 0: right half of the wide glyph to the left */
	wchar_t mark;		/* one combining mark, or 0 */
	unsigned char style;	/* enum style */
};

struct rect {
	int row, col, rows, cols;
};

struct canvas {
	struct cell *cells;	/* the cell at (0, 0) */
	int rows, cols;
	int stride;		/* cells from one row to the next */
	int beyond;		/* cells of the row to the right of this window */
	int room;		/* rows allocated; 0 for a window into another canvas */
	bool tall;		/* grows downwards while it is drawn on */
};

enum {
	CANVAS_MAX_ROWS = 20000,	/* a tall canvas stops growing here and clips */
	CANVAS_MAX_COLS = 2000
};

/*
 * A blank canvas. Sizes are clamped to 0..CANVAS_MAX_*. canvas_new_tall starts without rows and
 * gets as many as are drawn on. NULL only when memory is out; free with canvas_free (NULL is
 * fine).
 */
struct canvas *canvas_new(int rows, int cols);
struct canvas *canvas_new_tall(int cols);
void canvas_free(struct canvas *c);

/* Blank everything; a tall canvas has no rows again but keeps its memory. */
void canvas_clear(struct canvas *c);

/* The part of `c` inside `r`, clipped. Valid as long as `c`; must not be a part of a tall canvas
 * that is still growing. Never freed by itself. */
struct canvas canvas_sub(const struct canvas *c, struct rect r);

/* The cell at a place, or NULL outside. */
const struct cell *canvas_cell(const struct canvas *c, int row, int col);

/* Rows up to the last one that holds something other than plain blanks. */
int canvas_used(const struct canvas *c);

/* The last row that holds a cell of this style, -1 when there is none. */
int canvas_last(const struct canvas *c, enum style style);

/* Put one glyph of width 1 (from glyph() below or ASCII). */
void canvas_glyph(struct canvas *c, int row, int col, enum style style, wchar_t glyph);

/* `cols` cells of the same glyph. */
void canvas_fill(struct canvas *c, struct rect r, enum style style, wchar_t glyph);

/*
 * Put text; return the column after it. Text that does not fit before the right edge (or into
 * `width` cells) is cut and its last cell becomes the ellipsis. A width of 0 draws nothing.
 */
int canvas_put(struct canvas *c, int row, int col, enum style style, const char *text);
int canvas_put_within(struct canvas *c, int row, int col, int width, enum style style,
		      const char *text);
int canvas_printf(struct canvas *c, int row, int col, enum style style, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Give `cols` cells another style and keep what they say. */
void canvas_restyle(struct canvas *c, struct rect r, enum style style);

/* Copy `from`, starting at its cell (row, col), over all of `to`; what `from` lacks is blank. */
void canvas_blit(struct canvas *to, const struct canvas *from, int row, int col);

/* --- glyphs ------------------------------------------------------------------------------- */

enum glyph {
	GLYPH_ELLIPSIS,		/* … text was cut */
	GLYPH_ACROSS,		/* ─ */
	GLYPH_HEAVY,		/* ━ rule of the focused pane */
	GLYPH_DOWN,		/* │ */
	GLYPH_LEFT_ARROW, GLYPH_RIGHT_ARROW, GLYPH_UP_ARROW, GLYPH_DOWN_ARROW,
	GLYPH_POINTER,		/* ► the step that runs next */
	GLYPH_DOT,		/* · empty slot */
	GLYPH_BULLET,		/* • an event on a lane */
	GLYPH_BLOCK,		/* █ */
	GLYPH_SHADE,		/* ░ */
	GLYPH_TIMES,		/* × */
	GLYPHS
};

/* Choose the glyph table once, before anything is drawn: `utf8` false gives plain ASCII. */
void glyphs_choose(bool utf8);

/* True when the locale set by setlocale() encodes in UTF-8. */
bool glyphs_possible(void);

/* The chosen glyph. */
wchar_t glyph(enum glyph which);

/* --- the cell filter ------------------------------------------------------------------------ */

struct glyph_read {
	wchar_t glyph;		/* '?' for what cannot be shown */
	int width;		/* 0, 1 or 2; 0 with glyph 0: draw nothing */
	int bytes;		/* how much of the text this was, at least 1 */
	bool control;		/* the text had this control character (see prompt.c) */
};

/* Read one character of `text`, of which `size` > 0 bytes are there. Never reads beyond. */
struct glyph_read glyph_read(const char *text, size_t size);

/* Encode one character as UTF-8; returns the number of bytes written to `out`, 1..4. */
int utf8_encode(wchar_t code, char out[4]);

/* Columns the text would take. */
int text_width(const char *text);

/* --- the pen --------------------------------------------------------------------------------- */

/*
 * A cursor for panes that write line after line. pen_* calls draw at (row, col) in the current
 * style and move on; at the right edge text is cut with the ellipsis. Example:
 *
 *	struct pen p = pen_at(c, 0, 0);
 *	pen_word(&p, STYLE_ACTOR, "cpu%d", cpu);
 *	pen_to(&p, 8);
 *	pen_value(&p, STYLE_CHANGED, 6, "%d", asid);
 *	pen_line(&p);
 */
struct pen {
	struct canvas *on;
	int row, col;
	int left;		/* column that pen_line() returns to */
	enum style style;	/* for pen_say() */
};

struct pen pen_at(struct canvas *on, int row, int left);

/* Write in the pen's style, or in `style` for these words only. */
void pen_say(struct pen *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pen_word(struct pen *p, enum style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One glyph. */
void pen_glyph(struct pen *p, enum style style, enum glyph which);

/* Exactly `width` cells: left-aligned, or right-aligned when width is negative; cut if needed. */
void pen_field(struct pen *p, enum style style, int width, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A field of `width` cells and one more for the style's mark ('*', '~', '!' or blank), which keeps
 * its column whether or not there is something to mark. Negative width: right-aligned. */
void pen_value(struct pen *p, enum style style, int width, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Move to a column of the canvas; at least one blank away from what was written before it. */
void pen_to(struct pen *p, int col);

/* Go to the start of the next line. */
void pen_line(struct pen *p);

#endif
