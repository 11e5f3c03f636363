/*
 * Cells, clipping and growth. Rule: every write goes through cell_set(), which keeps the halves of
 * wide glyphs together, so a canvas is well-formed at any time.
 */
#include "canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct cell blank = { .glyph = L' ', .mark = 0, .style = STYLE_PLAIN };

static int clamp(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

static void cells_blank(struct cell *cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cells[i] = blank;
}

static struct canvas *canvas_alloc(int rows, int cols, int room, bool tall)
{
	struct canvas *c = malloc(sizeof(*c));
	size_t count = (size_t)room * (size_t)cols;
	struct cell *cells = malloc((count ? count : 1) * sizeof(*cells));

	if (!c || !cells) {
		free(c);
		free(cells);
		return NULL;
	}
	cells_blank(cells, count);
	*c = (struct canvas){ .cells = cells, .rows = rows, .cols = cols, .stride = cols,
			      .room = room, .tall = tall };
	return c;
}

struct canvas *canvas_new(int rows, int cols)
{
	rows = clamp(rows, 0, CANVAS_MAX_ROWS);
	return canvas_alloc(rows, clamp(cols, 0, CANVAS_MAX_COLS), rows, false);
}

struct canvas *canvas_new_tall(int cols)
{
	return canvas_alloc(0, clamp(cols, 0, CANVAS_MAX_COLS), 32, true);
}

void canvas_free(struct canvas *c)
{
	if (!c)
		return;
	free(c->cells);
	free(c);
}

void canvas_clear(struct canvas *c)
{
	for (int row = 0; row < c->rows; row++)
		cells_blank(c->cells + (size_t)row * (size_t)c->stride, (size_t)c->cols);
	if (c->tall)
		c->rows = 0;
}

struct canvas canvas_sub(const struct canvas *c, struct rect r)
{
	int row = clamp(r.row, 0, c->rows), col = clamp(r.col, 0, c->cols);
	int rows = clamp(r.rows - (row - r.row), 0, c->rows - row);
	int cols = clamp(r.cols - (col - r.col), 0, c->cols - col);
	/* An empty window still points into the storage. */
	size_t at = rows && cols ? (size_t)row * (size_t)c->stride + (size_t)col : 0;

	return (struct canvas){ .cells = c->cells + at, .rows = rows, .cols = cols,
				.stride = c->stride,
				.beyond = c->cols + c->beyond - col - cols };
}

static bool inside(const struct canvas *c, int row, int col)
{
	return row >= 0 && col >= 0 && row < c->rows && col < c->cols;
}

static struct cell *cell_at(const struct canvas *c, int row, int col)
{
	return c->cells + (size_t)row * (size_t)c->stride + (size_t)col;
}

const struct cell *canvas_cell(const struct canvas *c, int row, int col)
{
	return inside(c, row, col) ? cell_at(c, row, col) : NULL;
}

int canvas_used(const struct canvas *c)
{
	for (int row = c->rows; row > 0; row--)
		for (int col = 0; col < c->cols; col++) {
			const struct cell *cell = cell_at(c, row - 1, col);

			if (cell->glyph != blank.glyph || cell->style != blank.style)
				return row;
		}
	return 0;
}

int canvas_last(const struct canvas *c, enum style style)
{
	for (int row = c->rows; row > 0; row--)
		for (int col = 0; col < c->cols; col++)
			if (cell_at(c, row - 1, col)->style == style)
				return row - 1;
	return -1;
}

/* Make sure that a tall canvas has `row`; false when the row cannot be had. */
static bool canvas_grow(struct canvas *c, int row)
{
	if (row < c->rows || !c->tall)
		return row < c->rows;
	if (row >= CANVAS_MAX_ROWS)
		return false;
	if (row >= c->room) {
		int room = clamp(row * 2 + 1, 32, CANVAS_MAX_ROWS);
		size_t old = (size_t)c->room * (size_t)c->cols;
		size_t new = (size_t)room * (size_t)c->cols;
		struct cell *cells = realloc(c->cells, (new ? new : 1) * sizeof(*cells));

		if (!cells)
			return false;
		cells_blank(cells + old, new - old);
		c->cells = cells;
		c->room = room;
	}
	c->rows = row + 1;
	return true;
}

/* The only writer of cells. `width` is 1 or 2 and fits; (row, col) is inside. */
static void cell_set(struct canvas *c, int row, int col, struct cell value, int width)
{
	struct cell *at = cell_at(c, row, col);

	/* Half of a wide glyph that loses its other half goes blank, even beyond this window. */
	if (!at->glyph)
		at[-1] = (struct cell){ .glyph = L' ', .style = at[-1].style };
	for (int i = 0; i < width; i++)
		if (col + i + 1 < c->cols + c->beyond && at[i].glyph && !at[i + 1].glyph)
			at[i + 1].glyph = L' ';
	*at = value;
	if (width == 2) {
		at[1] = value;
		at[1].glyph = 0;
		at[1].mark = 0;
	}
}

void canvas_glyph(struct canvas *c, int row, int col, enum style style, wchar_t what)
{
	struct cell value = { .glyph = what, .style = (unsigned char)style };

	if (row >= 0 && canvas_grow(c, row) && inside(c, row, col))
		cell_set(c, row, col, value, 1);
}

void canvas_fill(struct canvas *c, struct rect r, enum style style, wchar_t what)
{
	for (int row = r.row; row < r.row + r.rows; row++)
		for (int col = r.col; col < r.col + r.cols; col++)
			canvas_glyph(c, row, col, style, what);
}

void canvas_restyle(struct canvas *c, struct rect r, enum style style)
{
	for (int row = r.row; row < r.row + r.rows; row++)
		for (int col = r.col; col < r.col + r.cols; col++)
			if (inside(c, row, col))
				cell_at(c, row, col)->style = (unsigned char)style;
}

static bool rest_is_blank(const char *text)
{
	while (*text == ' ')
		text++;
	return !*text;
}

int canvas_put_within(struct canvas *c, int row, int col, int width, enum style style,
		      const char *text)
{
	int end = clamp(col + clamp(width, 0, CANVAS_MAX_COLS), 0, c->cols);
	struct cell value = { .glyph = 0, .style = (unsigned char)style };
	int start = col, last = -1;

	if (row < 0 || !canvas_grow(c, row))
		return col;
	while (*text) {
		struct glyph_read g = glyph_read(text, 4);

		if (!g.width) {
			if (g.glyph && last >= 0)
				cell_at(c, row, last)->mark = g.glyph;
			text += g.bytes;
			continue;
		}
		if (col + g.width > end) {
			if (end > start && end > 0 && !rest_is_blank(text))
				canvas_glyph(c, row, end - 1, style, glyph(GLYPH_ELLIPSIS));
			return end > col ? end : col;
		}
		value.glyph = g.glyph;
		if (col >= 0) {
			cell_set(c, row, col, value, g.width);
			last = col;
		}
		col += g.width;
		text += g.bytes;
	}
	return col;
}

int canvas_put(struct canvas *c, int row, int col, enum style style, const char *text)
{
	return canvas_put_within(c, row, col, c->cols - col, style, text);
}

int canvas_printf(struct canvas *c, int row, int col, enum style style, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return canvas_put(c, row, col, style, text);
}

void canvas_blit(struct canvas *to, const struct canvas *from, int row, int col)
{
	for (int y = 0; y < to->rows; y++)
		for (int x = 0; x < to->cols; x++) {
			const struct cell *cell = canvas_cell(from, row + y, col + x);
			const struct cell *next = canvas_cell(from, row + y, col + x + 1);
			bool wide = cell && cell->glyph && next && !next->glyph;
			struct cell value = cell ? *cell : blank;

			if (!value.glyph)	/* its left half lies outside */
				value.glyph = L' ';
			if (wide && x + 1 == to->cols) {
				value.glyph = L' ';
				wide = false;
			}
			cell_set(to, y, x, value, wide ? 2 : 1);
			x += wide;
		}
}
