/*
 * Canvas to HTML. Rule: every character goes through glyph_write(), which escapes.
 */
#include "paint_html.h"

struct palette {
	const char *ground, *ink;
	const char *color[8];
};

static const struct palette on_dark = {
	"#14161a", "#d6d8dc",
	{ "#5c6370", "#e5645f", "#7fbf7b", "#d9b45b", "#6ea8e0", "#c58ad6", "#5fbcc4", "#ffffff" },
};

static const struct palette on_light = {
	"#ffffff", "#202328",
	{ "#000000", "#b3261e", "#1f7a34", "#8a6100", "#1d5fb4", "#8a3f9e", "#0f7480", "#60666e" },
};

static const struct palette *theme_palette(enum theme theme)
{
	return theme == THEME_LIGHT ? &on_light : &on_dark;
}

void paint_html_style(FILE *out, enum theme theme)
{
	const struct palette *p = theme_palette(theme);

	fprintf(out, "pre.canvas { background: %s; color: %s; padding: 1em; line-height: 1.25;\n"
		"  font-family: \"DejaVu Sans Mono\", Menlo, Consolas, monospace; }\n",
		p->ground, p->ink);
	for (int style = STYLE_PLAIN + 1; style < STYLES; style++) {
		struct face face = style_face(theme, (enum style)style);
		const char *ink = face.color == COLOR_NONE ? p->ink : p->color[(int)face.color];

		fprintf(out, "pre.canvas .%s {", style_name((enum style)style));
		if (face.flags & FACE_REVERSE)
			fprintf(out, " color: %s; background: %s;", p->ground, ink);
		else if (face.color != COLOR_NONE)
			fprintf(out, " color: %s;", ink);
		fprintf(out, "%s%s%s }\n", face.flags & FACE_BOLD ? " font-weight: bold;" : "",
			face.flags & FACE_DIM ? " opacity: 0.6;" : "",
			face.flags & FACE_UNDERLINE ? " text-decoration: underline;" : "");
	}
}

static void glyph_write(FILE *out, wchar_t code)
{
	char text[4];

	if (code == L'<')
		fputs("&lt;", out);
	else if (code == L'>')
		fputs("&gt;", out);
	else if (code == L'&')
		fputs("&amp;", out);
	else if (code == L'"')
		fputs("&quot;", out);
	else
		fwrite(text, 1, (size_t)utf8_encode(code, text), out);
}

static void row_write(FILE *out, const struct canvas *c, int row)
{
	unsigned char style = STYLE_PLAIN;
	int end = c->cols;

	while (end > 0 && canvas_cell(c, row, end - 1)->glyph == L' ' &&
	       canvas_cell(c, row, end - 1)->style == STYLE_PLAIN)
		end--;
	for (int col = 0; col < end; col++) {
		const struct cell *cell = canvas_cell(c, row, col);

		if (!cell->glyph)
			continue;
		if (cell->style != style && style != STYLE_PLAIN)
			fputs("</span>", out);
		if (cell->style != style && cell->style != STYLE_PLAIN)
			fprintf(out, "<span class=\"%s\">", style_name((enum style)cell->style));
		style = cell->style;
		glyph_write(out, cell->glyph);
		if (cell->mark)
			glyph_write(out, cell->mark);
	}
	fputs(style == STYLE_PLAIN ? "\n" : "</span>\n", out);
}

void paint_html(FILE *out, const struct canvas *c)
{
	int rows = canvas_used(c);

	fputs("<pre class=\"canvas\">\n", out);
	for (int row = 0; row < rows; row++)
		row_write(out, c, row);
	fputs("</pre>\n", out);
}

void paint_html_document(FILE *out, const struct canvas *c, enum theme theme, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n", out);
	fputs("<title>", out);
	while (*title) {
		struct glyph_read g = glyph_read(title, 4);

		if (g.glyph)
			glyph_write(out, g.glyph);
		title += g.bytes;
	}
	fprintf(out, "</title>\n<style>\nbody { margin: 0; background: %s; }\n",
		theme_palette(theme)->ground);
	paint_html_style(out, theme);
	fputs("</style>\n</head>\n<body>\n", out);
	paint_html(out, c);
	fputs("</body>\n</html>\n", out);
}
