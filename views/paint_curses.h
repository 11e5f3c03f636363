/*
 * The terminal: a canvas in, key strokes out. The only file behind this header that knows curses.
 * Rule of use: between terminal_open() and terminal_close() nobody else writes to the terminal.
 * There is one terminal; nothing here is for use by several threads.
 */
#ifndef PAINT_CURSES_H
#define PAINT_CURSES_H

#include <stdbool.h>
#include <stddef.h>

#include "canvas.h"

struct terminal_options {
	enum color_wish color;
	enum theme theme;
	bool mouse;
	bool test;	/* accept the sync sequence, see terminal_sync() */
};

enum input_kind {
	INPUT_NONE,	/* nothing to read now */
	INPUT_TEXT,	/* one complete character or control byte: bytes, size */
	INPUT_ALT,	/* Alt and a byte: bytes[0] */
	INPUT_ESCAPE,	/* the ESC key alone */
	INPUT_KEY,	/* a named key: key */
	INPUT_WHEEL,	/* row, col, lines: negative is up */
	INPUT_CLICK,	/* row, col */
	INPUT_PASTE,	/* paste: NUL-terminated, perhaps of several lines, not yours */
	INPUT_RESIZE,	/* ask terminal_size() */
	INPUT_SYNC	/* a sync sequence; nothing to do but paint and terminal_sync() */
};

enum input_key {
	TERM_UP, TERM_DOWN, TERM_LEFT, TERM_RIGHT, TERM_HOME, TERM_END, TERM_INSERT, TERM_DELETE,
	TERM_BACKSPACE, TERM_ENTER, TERM_WORD_LEFT, TERM_WORD_RIGHT,
	TERM_PAGE_UP, TERM_PAGE_DOWN, TERM_ALT_UP, TERM_ALT_DOWN, TERM_BACKTAB,
	TERM_F1, TERM_F2, TERM_F3, TERM_F4, TERM_F5, TERM_F6, TERM_F7, TERM_F8, TERM_F9, TERM_F10,
	TERM_F11, TERM_F12,
	TERM_KEYS	/* no key */
};

struct input {
	enum input_kind kind;
	enum input_key key;
	char bytes[8];
	int size;
	int row, col, lines;
	const char *paste;	/* valid until the next terminal_read() */
	bool cut;		/* the paste was longer than 64 KiB and is cut */
};

/* Whether standard input and output are a terminal that can place its cursor. Writes nothing. */
bool terminal_usable(void);

/*
 * Take the terminal over. NULL, or a sentence why it cannot be had (then nothing has changed).
 * setlocale() and glyphs_choose() come before. Installs handlers for the signals that kill, so that
 * the terminal is given back in any case.
 */
const char *terminal_open(const struct terminal_options *options);

/* Give it back; without effect when it is not open. */
void terminal_close(void);

void terminal_size(int *rows, int *cols);

/* The next input without waiting. Wait with poll() on descriptor 0; EINTR there means "read". */
struct input terminal_read(void);

/* Forget a paste that has begun and not ended (after ^C). */
void terminal_paste_drop(void);

/* Show the canvas; the cursor at (row, col). Only differences are sent. */
void terminal_paint(const struct canvas *c, int row, int col);

/* The next paint sends every cell. */
void terminal_repaint(void);

/*
 * In test mode: answer each sync sequence (ESC [ 9999 ~) read so far by setting the window title to
 * "sync N". Call it after a paint, when all that was read before is processed.
 */
void terminal_sync(void);

/* Switch the mouse; returns whether it is on now (a terminal may have none). */
bool terminal_mouse(bool on);

void terminal_colors(enum theme theme, enum color_wish wish);

/* Stop the process as ^Z does, with the terminal given back meanwhile. Returns when continued. */
void terminal_stop(void);

#endif
