/*
 * The pen: line-by-line writing for panes. Rule: it only moves and calls canvas_put_within(), so it
 * clips exactly like everything else.
 */
#include "canvas.h"

#include <stdarg.h>
#include <stdio.h>

#define PEN_TEXT 1024

struct pen pen_at(struct canvas *on, int row, int left)
{
	return (struct pen){ .on = on, .row = row, .col = left, .left = left,
			     .style = STYLE_PLAIN };
}

void pen_say(struct pen *p, const char *format, ...)
{
	char text[PEN_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	p->col = canvas_put(p->on, p->row, p->col, p->style, text);
}

void pen_word(struct pen *p, enum style style, const char *format, ...)
{
	char text[PEN_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	p->col = canvas_put(p->on, p->row, p->col, style, text);
}

void pen_glyph(struct pen *p, enum style style, enum glyph which)
{
	canvas_glyph(p->on, p->row, p->col, style, glyph(which));
	p->col++;
}

static void field_put(struct pen *p, enum style style, int width, const char *text)
{
	int cells = width < 0 ? -width : width;
	int taken = text_width(text);
	int at = width < 0 && taken < cells ? p->col + cells - taken : p->col;

	canvas_put_within(p->on, p->row, at, p->col + cells - at, style, text);
	p->col += cells;
}

void pen_field(struct pen *p, enum style style, int width, const char *format, ...)
{
	char text[PEN_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	field_put(p, style, width, text);
}

void pen_value(struct pen *p, enum style style, int width, const char *format, ...)
{
	char text[PEN_TEXT];
	va_list args;
	int mark_at;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* Left-aligned, the mark follows the value itself; right-aligned, both end together. */
	mark_at = text_width(text);
	if (width < 0 || mark_at > width)
		mark_at = width < 0 ? -width : width;
	mark_at += p->col;
	field_put(p, style, width, text);
	if (style_mark(style) != ' ')
		canvas_glyph(p->on, p->row, mark_at, style, (wchar_t)style_mark(style));
	p->col++;
}

void pen_to(struct pen *p, int col)
{
	p->col = p->col >= col && p->col > p->left ? p->col + 1 : col;
}

void pen_line(struct pen *p)
{
	p->row++;
	p->col = p->left;
}
