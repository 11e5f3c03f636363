/*
 * The table of styles and their faces. Rule: basic colours on the terminal's own background only,
 * blue text always bold, black never bold, and every theme readable when the colours are gone.
 */
#include "style.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define B FACE_BOLD
#define D FACE_DIM
#define R FACE_REVERSE
#define U FACE_UNDERLINE

struct style_row {
	const char *name;
	char letter;
	char mark;
	const char *meaning;
	struct face face[THEMES];	/* dark, light, mono, colorblind */
};

#define NO COLOR_NONE
#define RED COLOR_OF_RED
#define GRN COLOR_OF_GREEN
#define YEL COLOR_OF_YELLOW
#define BLU COLOR_OF_BLUE
#define MAG COLOR_OF_MAGENTA
#define CYN COLOR_OF_CYAN

static const struct style_row rows[STYLES] = {
	[STYLE_PLAIN] = { "plain", '.', ' ', NULL, { { NO, 0 }, { NO, 0 }, { NO, 0 }, { NO, 0 } } },
	[STYLE_DIM] = { "dim", 'd', ' ', NULL, { { NO, D }, { NO, D }, { NO, D }, { NO, D } } },
	[STYLE_STRONG] = { "strong", 'b', ' ', NULL,
		{ { NO, B }, { NO, B }, { NO, B }, { NO, B } } },
	[STYLE_TITLE] = { "title", 'T', ' ', NULL, { { NO, B }, { NO, B }, { NO, B }, { NO, B } } },
	[STYLE_FOCUS] = { "focus", 'F', ' ', NULL,
		{ { CYN, B }, { BLU, B }, { NO, B }, { BLU, B } } },
	[STYLE_BORDER] = { "border", '-', ' ', NULL,
		{ { NO, D }, { NO, D }, { NO, 0 }, { NO, D } } },
	[STYLE_HEAD] = { "head", 'h', ' ', NULL, { { NO, D }, { NO, D }, { NO, U }, { NO, D } } },
	[STYLE_ACTOR] = { "actor", 'a', ' ', NULL,
		{ { GRN, B }, { GRN, B }, { NO, B }, { BLU, B } } },
	[STYLE_ADDRESS] = { "address", '@', ' ', NULL,
			    { { CYN, 0 }, { BLU, B }, { NO, 0 }, { CYN, 0 } } },
	[STYLE_FRAME] = { "frame", 'p', ' ', NULL,
		{ { MAG, 0 }, { MAG, 0 }, { NO, 0 }, { NO, 0 } } },
	[STYLE_CHANGED] = { "changed", 'c', '*', "changed since the previous stop",
			    { { YEL, B }, { RED, B }, { NO, B }, { YEL, B } } },
	[STYLE_STALE] = { "stale", 's', '~', "stale: the tables say something else by now",
			  { { MAG, B }, { MAG, B }, { NO, B | U }, { CYN, B | U } } },
	[STYLE_BAD] = { "bad", 'X', '!', "a rule is broken here",
			{ { RED, B | R }, { RED, B | R }, { NO, B | R }, { YEL, B | R } } },
	[STYLE_GOOD] = { "good", 'g', ' ', NULL,
		{ { GRN, 0 }, { GRN, 0 }, { NO, 0 }, { BLU, B } } },
	[STYLE_LOCK] = { "lock", 'L', ' ', NULL,
		{ { YEL, 0 }, { RED, 0 }, { NO, B }, { YEL, 0 } } },
	[STYLE_WAIT] = { "wait", 'w', ' ', NULL, { { YEL, D }, { MAG, 0 }, { NO, D }, { NO, D } } },
	[STYLE_KEY] = { "key", 'k', ' ', NULL, { { NO, B }, { NO, B }, { NO, B }, { NO, B } } },
	[STYLE_LABEL] = { "label", 'l', ' ', NULL, { { NO, D }, { NO, D }, { NO, 0 }, { NO, D } } },
	[STYLE_ARROW] = { "arrow", '>', ' ', NULL,
		{ { YEL, B }, { RED, B }, { NO, B }, { YEL, B } } },
	[STYLE_PROMPT] = { "prompt", '$', ' ', NULL,
		{ { NO, B }, { NO, B }, { NO, B }, { NO, B } } },
	[STYLE_STATUS] = { "status", 'S', ' ', NULL,
		{ { NO, R }, { NO, R }, { NO, R }, { NO, R } } },
	[STYLE_ALARM] = { "alarm", 'A', ' ', NULL,
			  { { RED, B | R }, { RED, B | R }, { NO, B | R | U }, { YEL, B | R } } },
	[STYLE_CHOSEN] = { "chosen", 'C', ' ', NULL,
		{ { CYN, R }, { BLU, R | B }, { NO, R }, { NO, R } } },
};

static const char *const theme_names[THEMES] = {
	[THEME_DARK] = "dark", [THEME_LIGHT] = "light",
	[THEME_MONO] = "mono", [THEME_COLORBLIND] = "colorblind",
};

static const char *const wish_names[COLOR_WISHES] = {
	[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never",
};

struct face style_face(enum theme theme, enum style style)
{
	return rows[style].face[theme];
}

const char *style_name(enum style style)
{
	return rows[style].name;
}

char style_letter(enum style style)
{
	return rows[style].letter;
}

char style_mark(enum style style)
{
	return rows[style].mark;
}

const char *style_meaning(enum style style)
{
	return rows[style].meaning;
}

static int name_find(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

bool theme_find(const char *name, enum theme *out)
{
	int i = name_find(theme_names, THEMES, name);

	if (i < 0)
		return false;
	*out = (enum theme)i;
	return true;
}

bool color_wish_find(const char *name, enum color_wish *out)
{
	int i = name_find(wish_names, COLOR_WISHES, name);

	if (i < 0)
		return false;
	*out = (enum color_wish)i;
	return true;
}

const char *theme_name(enum theme theme)
{
	return theme_names[theme];
}

const char *color_wish_name(enum color_wish wish)
{
	return wish_names[wish];
}

bool color_wanted(enum color_wish wish, bool is_terminal)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (wish != COLOR_AUTO)
		return wish == COLOR_ALWAYS;
	if (no_color && *no_color)
		return false;
	return is_terminal && term && strcmp(term, "dumb");
}
