/*
 * Prompt drawing. Rule: columns are counted by the same cell filter that draws them.
 */
#include "prompt.h"

#include <string.h>

/* Draw a byte range from column `col` of a row wide enough, or only count when `c` is NULL. */
static int run(struct canvas *c, int col, enum style style, const char *text, size_t size)
{
	size_t at = 0;

	while (at < size) {
		struct glyph_read g = glyph_read(text + at, size - at);
		unsigned char byte = (unsigned char)text[at];
		char shown[8] = "";

		if (byte == '\t') {
			col = (col / 8 + 1) * 8;
		} else if (byte == '\001' || byte == '\002') {
			if (style != STYLE_PROMPT)
				col += 2;
		} else if (g.control) {
			shown[0] = '^';
			shown[1] = (char)(byte ^ 0x40);
			if (c)
				canvas_put(c, 0, col, style, shown);
			col += 2;
		} else if (g.width) {
			memcpy(shown, text + at, (size_t)g.bytes);
			/* A mark is drawn together with the glyph it belongs to. */
			while (c && at + (size_t)g.bytes < size) {
				struct glyph_read next = glyph_read(text + at + g.bytes,
								    size - at - (size_t)g.bytes);
				size_t used = strlen(shown);

				if (next.width || used + (size_t)next.bytes >= sizeof(shown))
					break;
				memcpy(shown + used, text + at + g.bytes, (size_t)next.bytes);
				at += (size_t)next.bytes;
			}
			if (c)
				canvas_put(c, 0, col, style, shown);
			col += g.width;
		}
		at += (size_t)g.bytes;
	}
	return col;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* Keep the cursor within four cells of either edge where the text goes on beyond it. */
static int scroll(int offset, int cursor, int total, int width)
{
	int margin = least(4, (width - 1) / 2);

	if (total <= width)
		return 0;
	if (cursor < offset + margin)
		offset = cursor - margin;
	if (cursor > offset + width - 1 - margin)
		offset = cursor - width + 1 + margin;
	offset = least(offset, total - width);
	return offset < 0 ? 0 : offset;
}

int prompt_draw(struct canvas *row, struct prompt_view *view, const char *prompt, const char *line,
		size_t size, size_t point)
{
	const char *last = strrchr(prompt, '\n');
	int start, cursor, total, pinned = 0;
	struct canvas *whole;
	struct canvas rest;

	if (row->cols < 1 || row->rows < 1)
		return 0;
	if (last)
		prompt = last + 1;
	if (point > size)
		point = size;
	start = run(NULL, 0, STYLE_PROMPT, prompt, strlen(prompt));
	/* A prompt that leaves half of the row stays where it is, and only the line scrolls. */
	if (start <= row->cols / 2) {
		run(row, 0, STYLE_PROMPT, prompt, strlen(prompt));
		pinned = start;
		prompt = "";
		start = 0;
	}
	rest = canvas_sub(row, (struct rect){ 0, pinned, 1, row->cols - pinned });
	row = &rest;
	cursor = run(NULL, start, STYLE_PLAIN, line, point);
	total = run(NULL, cursor, STYLE_PLAIN, line + point, size - point) + 1;
	view->offset = scroll(view->offset, cursor, total, row->cols);

	/* Of a line longer than a canvas may be wide, the part up to its end is what matters. */
	whole = canvas_new(1, least(total, CANVAS_MAX_COLS));
	if (whole) {
		int skip = least(view->offset, total - whole->cols);

		run(whole, -skip, STYLE_PROMPT, prompt, strlen(prompt));
		run(whole, start - skip, STYLE_PLAIN, line, size);
		canvas_blit(row, whole, 0, view->offset - skip);
		canvas_free(whole);
	}
	if (view->offset > 0)
		canvas_glyph(row, 0, 0, STYLE_DIM, L'<');
	if (view->offset + row->cols < total)
		canvas_glyph(row, 0, row->cols - 1, STYLE_DIM, L'>');
	cursor -= view->offset;
	return pinned + (cursor < 0 ? 0 : least(cursor, row->cols - 1));
}
