/*
 * Glyph tables and the cell filter. Rule: every glyph in the tables has width 1 and is in the fonts
 * that terminals ship with; foreign text reaches a cell through glyph_read() and no other way.
 */
#include "canvas.h"

#include <langinfo.h>
#include <string.h>

static const wchar_t unicode_glyphs[GLYPHS] = {
	[GLYPH_ELLIPSIS] = 0x2026,
	[GLYPH_ACROSS] = 0x2500, [GLYPH_HEAVY] = 0x2501, [GLYPH_DOWN] = 0x2502,
	[GLYPH_LEFT_ARROW] = 0x2190, [GLYPH_RIGHT_ARROW] = 0x2192,
	[GLYPH_UP_ARROW] = 0x2191, [GLYPH_DOWN_ARROW] = 0x2193,
	[GLYPH_POINTER] = 0x25ba, [GLYPH_DOT] = 0x00b7, [GLYPH_BULLET] = 0x2022,
	[GLYPH_BLOCK] = 0x2588, [GLYPH_SHADE] = 0x2591, [GLYPH_TIMES] = 0x00d7,
};

static const wchar_t ascii_glyphs[GLYPHS] = {
	[GLYPH_ELLIPSIS] = L'>',
	[GLYPH_ACROSS] = L'-', [GLYPH_HEAVY] = L'=', [GLYPH_DOWN] = L'|',
	[GLYPH_LEFT_ARROW] = L'<', [GLYPH_RIGHT_ARROW] = L'>',
	[GLYPH_UP_ARROW] = L'^', [GLYPH_DOWN_ARROW] = L'v',
	[GLYPH_POINTER] = L'>', [GLYPH_DOT] = L'.', [GLYPH_BULLET] = L'o',
	[GLYPH_BLOCK] = L'#', [GLYPH_SHADE] = L':', [GLYPH_TIMES] = L'x',
};

static const wchar_t *chosen = ascii_glyphs;

void glyphs_choose(bool utf8)
{
	chosen = utf8 ? unicode_glyphs : ascii_glyphs;
}

bool glyphs_possible(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

wchar_t glyph(enum glyph which)
{
	return chosen[which];
}

/* Length of a well-formed UTF-8 character and its code, or 0: overlong forms, surrogates and codes
 * above U+10FFFF are malformed. */
static int utf8_decode(const unsigned char *s, size_t size, wchar_t *code)
{
	static const struct {
		unsigned char mask, lead;
		wchar_t least;
	} form[] = {
		{ 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 },
	};

	for (int extra = 1; extra <= 3; extra++) {
		wchar_t c = s[0] & (0xff ^ form[extra - 1].mask);

		if ((s[0] & form[extra - 1].mask) != form[extra - 1].lead)
			continue;
		for (int i = 1; i <= extra; i++) {
			if ((size_t)i >= size || (s[i] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (s[i] & 0x3f);
		}
		if (c < form[extra - 1].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return 0;
		*code = c;
		return extra + 1;
	}
	return 0;
}

/* Zero-width characters that steer layout or direction instead of marking a letter. */
static bool is_invisible(wchar_t c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
	       c == 0x061c || c >= 0xe0000;
}

struct glyph_read glyph_read(const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	struct glyph_read g = { .glyph = L'?', .width = 1, .bytes = 1 };
	wchar_t code;
	int width;

	if (s[0] < 0x20 || s[0] == 0x7f) {
		g.control = true;
		if (s[0] == '\t')
			g.glyph = L' ';
		return g;
	}
	if (s[0] < 0x80) {
		g.glyph = s[0];
		return g;
	}
	g.bytes = utf8_decode(s, size, &code);
	if (!g.bytes) {
		g.bytes = 1;
		return g;
	}
	width = wcwidth(code);
	if (is_invisible(code)) {
		g.glyph = 0;
		g.width = 0;
	} else if (width >= 0) {
		g.glyph = code;
		g.width = width;
	}
	return g;
}

int text_width(const char *text)
{
	int width = 0;

	while (*text) {
		struct glyph_read g = glyph_read(text, 4);

		width += g.width;
		text += g.bytes;
	}
	return width;
}

int utf8_encode(wchar_t code, char out[4])
{
	unsigned int c = (unsigned int)code;

	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}
