/*
 * Styles by meaning. A pane says what a word is (an actor, an address, a value that changed); the
 * theme says how that looks. Rule of use: no meaning may rest on colour alone, so the styles that
 * warn also own a mark character that is drawn next to the value in every theme.
 */
#ifndef STYLE_H
#define STYLE_H

#include <stdbool.h>

enum style {
	STYLE_PLAIN,
	STYLE_DIM,	/* of little weight now: empty slots, units, separators */
	STYLE_STRONG,	/* of more weight, without a meaning of its own */
	STYLE_TITLE,	/* name of a pane */
	STYLE_FOCUS,	/* title and rule of the pane that has the focus */
	STYLE_BORDER,	/* rules and boxes */
	STYLE_HEAD,	/* column headings */
	STYLE_ACTOR,	/* cpu0, dev0, a task */
	STYLE_ADDRESS,	/* virtual addresses and ranges */
	STYLE_FRAME,	/* pfns and table frames */
	STYLE_CHANGED,	/* differs from the previous stop; mark '*' */
	STYLE_STALE,	/* a cached translation that lies; mark '~' */
	STYLE_BAD,	/* a finding, a violated rule; mark '!' */
	STYLE_GOOD,	/* holds, clean, done */
	STYLE_LOCK,	/* a lock that is held */
	STYLE_WAIT,	/* somebody waits */
	STYLE_KEY,	/* a key the user may press */
	STYLE_LABEL,	/* what that key does */
	STYLE_ARROW,	/* the step that runs next */
	STYLE_PROMPT,	/* the prompt's own words */
	STYLE_STATUS,	/* the status line */
	STYLE_ALARM,	/* the word in the status line that must be seen */
	STYLE_CHOSEN,	/* the row or item under the selection */
	STYLES
};

enum theme { THEME_DARK, THEME_LIGHT, THEME_MONO, THEME_COLORBLIND, THEMES };

enum color_wish { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER, COLOR_WISHES };

/* The eight basic colours in their terminal order; the background is always the terminal's own. */
enum color {
	COLOR_NONE = -1,
	COLOR_OF_BLACK, COLOR_OF_RED, COLOR_OF_GREEN, COLOR_OF_YELLOW,
	COLOR_OF_BLUE, COLOR_OF_MAGENTA, COLOR_OF_CYAN, COLOR_OF_WHITE
};

enum {
	FACE_BOLD = 1, FACE_DIM = 2, FACE_REVERSE = 4, FACE_UNDERLINE = 8
};

struct face {
	signed char color;	/* enum color */
	unsigned char flags;	/* FACE_* */
};

/* How `style` looks in `theme`. Never fails; both arguments must be in range. */
struct face style_face(enum theme theme, enum style style);

/* The style's name in lower case ("changed"): HTML class and documentation. */
const char *style_name(enum style style);

/* One letter for the attribute rows of golden tests; '.' is plain. */
char style_letter(enum style style);

/* The mark that carries the meaning without colour, or ' ' when the style has none. */
char style_mark(enum style style);

/* What the mark means, in a few words for the help overlay; NULL when the style has no mark. */
const char *style_meaning(enum style style);

/* Find by name; false (and *out untouched) when there is no such theme or wish. */
bool theme_find(const char *name, enum theme *out);
bool color_wish_find(const char *name, enum color_wish *out);

/* Their names, for "set", completion and error sentences. */
const char *theme_name(enum theme theme);
const char *color_wish_name(enum color_wish wish);

/*
 * Whether to use colour. "auto" asks for a terminal that is not dumb and for NO_COLOR being unset
 * or empty; "always" is an explicit wish and beats NO_COLOR.
 */
bool color_wanted(enum color_wish wish, bool is_terminal);

#endif
