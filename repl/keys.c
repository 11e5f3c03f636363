/*
 * The table and what is generated from it. Aliases avoid what readline binds to Alt: b f d u l c
 * t y r n p . _ < > and the digits' neighbours; Alt-1..9 cost its numeric argument, and the help
 * says so.
 */
#include "keys.h"

#define FOCUS(digit) \
	{ TERM_KEYS, '0' + (digit), DEED_LINE, true, "focus " #digit, NULL, "", NULL, NULL }

const struct key_row key_table[] = {
	{ TERM_F1, 'h', DEED_HELP, true, NULL, "F1", "Alt-h", "Help", "this list" },
	{ TERM_F3, 's', DEED_LINE, false, "find", "F3", "Alt-s", NULL,
	  "the next step with the text of the last /TEXT" },
	{ TERM_F5, 'j', DEED_LINE, false, "step", "F5", "Alt-j", "Step", "take the default step" },
	{ TERM_F7, 'k', DEED_LINE, false, "back", "F7", "Alt-k", "Back", "go one step back" },
	{ TERM_F8, 'g', DEED_LINE, false, "continue", "F8", "Alt-g", "Run",
	  "run until something stops it" },
	{ TERM_F6, 'o', DEED_LINE, true, "focus next", "F6", "Alt-o", "Focus",
	  "focus the next pane" },
	{ TERM_BACKTAB, 0, DEED_LINE, true, "focus prev", "Shift-Tab", "", NULL,
	  "focus the previous pane" },
	{ TERM_KEYS, 0, DEED_EDITOR, true, NULL, "Alt-1..9", "", NULL,
	  "focus a pane (readline's digit arguments are not to be had)" },
	{ TERM_F2, 'z', DEED_LINE, true, "zoom", "F2", "Alt-z", "Zoom",
	  "zoom the focused pane: normal, half, full" },
	{ TERM_PAGE_UP, 0, DEED_LINE, true, "scroll pageup", "PgUp", "", NULL,
	  "scroll the pane up" },
	{ TERM_PAGE_DOWN, 0, DEED_LINE, true, "scroll pagedown", "PgDn", "", NULL,
	  "scroll the pane down" },
	{ TERM_ALT_UP, 0, DEED_LINE, true, "scroll up", "Alt-Up", "", NULL, "scroll by a line" },
	{ TERM_ALT_DOWN, 0, DEED_LINE, true, "scroll down", "Alt-Down", "", NULL,
	  "scroll by a line" },
	{ TERM_F9, 'm', DEED_MOUSE, true, NULL, "F9", "Alt-m", "Mouse",
	  "mouse on or off; off lets the terminal select text" },
	{ TERM_F10, 'q', DEED_LINE, false, "quit", "F10", "Alt-q", "Quit", "end the session" },
	{ TERM_KEYS, 0, DEED_EDITOR, true, NULL, "Tab", "", NULL,
	  "complete; again: more of the list" },
	{ TERM_KEYS, 0, DEED_EDITOR, true, NULL, "^R", "", NULL, "search the history" },
	{ TERM_KEYS, 0, DEED_EDITOR, true, NULL, "^C", "", NULL,
	  "stop long work and keep its results; else clear the line" },
	{ TERM_KEYS, 0, DEED_EDITOR, true, NULL, "^D", "", NULL,
	  "on an empty line: end the session" },
	{ TERM_KEYS, 0, DEED_EDITOR, true, NULL, "^L", "", NULL, "paint the screen anew" },
	{ TERM_KEYS, 0, DEED_EDITOR, true, NULL, "^Z", "", NULL, "stop; fg continues" },
	{ TERM_KEYS, 0, DEED_EDITOR, true, NULL, "Esc", "", NULL, "close what is open" },
	FOCUS(1), FOCUS(2), FOCUS(3), FOCUS(4), FOCUS(5), FOCUS(6), FOCUS(7), FOCUS(8), FOCUS(9),
};

const int key_count = sizeof(key_table) / sizeof(key_table[0]);

const struct key_row *key_find(enum input_key key)
{
	for (int i = 0; i < key_count; i++)
		if (key_table[i].key == key && key != TERM_KEYS)
			return &key_table[i];
	return NULL;
}

const struct key_row *key_find_alt(char byte)
{
	for (int i = 0; i < key_count; i++)
		if (byte && key_table[i].alt == byte)
			return &key_table[i];
	return NULL;
}

static int hint_width(const struct key_row *row)
{
	return text_width(row->name) + 1 + text_width(row->label);
}

enum { HINT_GAP = 3, HINT_LEFT = 1 };

void hints_draw(struct canvas *row)
{
	struct pen p = pen_at(row, 0, HINT_LEFT);

	for (int i = 0; i < key_count; i++) {
		if (!key_table[i].label)
			continue;
		if (p.col + hint_width(&key_table[i]) > row->cols)
			return;
		pen_word(&p, STYLE_KEY, "%s", key_table[i].name);
		pen_word(&p, STYLE_LABEL, " %s", key_table[i].label);
		p.col += HINT_GAP;
	}
}

const struct key_row *hints_find(int cols, int col)
{
	int at = HINT_LEFT;

	for (int i = 0; i < key_count; i++) {
		int width;

		if (!key_table[i].label)
			continue;
		width = hint_width(&key_table[i]);
		if (at + width > cols)
			return NULL;
		if (col >= at && col < at + width)
			return &key_table[i];
		at += width + HINT_GAP;
	}
	return NULL;
}
