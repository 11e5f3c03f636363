/*
 * Rules, title rows and boxes. Rule: a line cell is known by its glyph and style together, so text
 * that happens to hold a '-' is never taken for a rule and joined.
 */
#include "frame.h"

#include <stdio.h>
#include <string.h>

enum { NOTE_MIN_COLS = 6 };	/* a summary cut shorter than this says nothing */

enum { ARM_UP = 1, ARM_RIGHT = 2, ARM_DOWN = 4, ARM_LEFT = 8, ARMS = 16 };

/* Box drawing by arms; the heavy row has heavy horizontal arms. */
static const wchar_t light_join[ARMS] = {
	L' ',	0x2502, 0x2500, 0x2514, 0x2502, 0x2502, 0x250c, 0x251c,
	0x2500, 0x2518, 0x2500, 0x2534, 0x2510, 0x2524, 0x252c, 0x253c,
};
static const wchar_t heavy_join[ARMS] = {
	L' ',	0x2502, 0x2501, 0x2515, 0x2502, 0x2502, 0x250d, 0x251d,
	0x2501, 0x2519, 0x2501, 0x2537, 0x2511, 0x2525, 0x252f, 0x253f,
};

static wchar_t join_glyph(int arms, bool heavy)
{
	bool across = arms & (ARM_LEFT | ARM_RIGHT);
	bool down = arms & (ARM_UP | ARM_DOWN);

	/* The ASCII table has no joins of its own. */
	if (glyph(GLYPH_DOWN) == L'|')
		return across && down ? L'+' : glyph(down ? GLYPH_DOWN :
						     heavy ? GLYPH_HEAVY : GLYPH_ACROSS);
	return heavy ? heavy_join[arms] : light_join[arms];
}

static bool is_rule(const struct cell *cell, bool *heavy)
{
	if (!cell || (cell->style != STYLE_BORDER && cell->style != STYLE_FOCUS))
		return false;
	if (cell->glyph == glyph(GLYPH_HEAVY)) {
		*heavy = true;
		return true;
	}
	return cell->glyph == glyph(GLYPH_ACROSS);
}

void rule_across(struct canvas *c, int row, int col, int cols, bool heavy)
{
	canvas_fill(c, (struct rect){ row, col, 1, cols }, heavy ? STYLE_FOCUS : STYLE_BORDER,
		    glyph(heavy ? GLYPH_HEAVY : GLYPH_ACROSS));
}

void rule_down(struct canvas *c, int row, int col, int rows)
{
	bool heavy = false;

	for (int y = row; y < row + rows; y++) {
		int arms = y > row ? ARM_UP | ARM_DOWN : ARM_DOWN;

		heavy = false;
		if (is_rule(canvas_cell(c, y, col - 1), &heavy))
			arms |= ARM_LEFT;
		if (is_rule(canvas_cell(c, y, col + 1), &heavy))
			arms |= ARM_RIGHT;
		canvas_glyph(c, y, col, STYLE_BORDER, join_glyph(arms, heavy));
	}
	heavy = false;
	if (rows > 0 && is_rule(canvas_cell(c, row + rows, col), &heavy))
		canvas_glyph(c, row + rows, col, heavy ? STYLE_FOCUS : STYLE_BORDER,
			     join_glyph(ARM_UP | ARM_LEFT | ARM_RIGHT, heavy));
}

/* Append an arrow and how many rows are out of sight that way. */
static void hidden_write(char *text, size_t size, enum glyph arrow, int rows, const char *before)
{
	size_t used = strlen(text);
	char code[4];

	if (rows > 0)
		snprintf(text + used, size - used, "%s%.*s%d", before,
			 utf8_encode(glyph(arrow), code), code, rows);
}

void head_draw(struct canvas *c, struct rect place, const struct pane_head *head)
{
	struct canvas row = canvas_sub(c, (struct rect){ place.row, place.col, 1, place.cols });
	const char *note = head->note ? head->note : "";
	char right[256];
	char hidden[48] = "";
	int at, width, room;

	if (!row.cols)
		return;
	rule_across(&row, 0, 0, row.cols, head->focused);
	canvas_glyph(&row, 0, 0, STYLE_PLAIN, L' ');
	at = canvas_put(&row, 0, 1, head->focused ? STYLE_FOCUS :
			head->shut ? STYLE_PLAIN : STYLE_TITLE, head->title);
	if (head->focused)
		at = canvas_put(&row, 0, at, STYLE_FOCUS, " [*]");
	canvas_glyph(&row, 0, at, STYLE_PLAIN, L' ');

	hidden_write(hidden, sizeof(hidden), GLYPH_UP_ARROW, head->above, "");
	hidden_write(hidden, sizeof(hidden), GLYPH_DOWN_ARROW, head->below, *hidden ? " " : "");
	room = row.cols - at - 3;
	snprintf(right, sizeof(right), " %s%s%s ", note, *note && *hidden ? "  " : "", hidden);
	/* Where room is short, what is out of sight matters more than the summary, which may be
	 * cut. */
	if (text_width(right) > room && *hidden)
		snprintf(right, sizeof(right), " %s ", hidden);
	width = text_width(right);
	if (width > room)
		width = *hidden || room < NOTE_MIN_COLS ? 0 : room;
	if (width > 2)
		canvas_put_within(&row, 0, row.cols - 1 - width, width, STYLE_DIM, right);
}

struct rect pane_text(struct rect place)
{
	return (struct rect){ place.row + 1, place.col + 1, place.rows - 1, place.cols - 2 };
}

void pane_show(struct canvas *c, struct rect place, struct pane_head head,
	       const struct canvas *content, int *offset)
{
	struct canvas text = canvas_sub(c, pane_text(place));
	int used = content ? canvas_used(content) : 0;

	if (*offset > used - text.rows)
		*offset = used - text.rows;
	if (*offset < 0)
		*offset = 0;
	head.above = text.rows ? *offset : 0;
	head.below = text.rows && used > *offset + text.rows ? used - *offset - text.rows : 0;
	head_draw(c, place, &head);
	if (content)
		canvas_blit(&text, content, *offset, 0);
}

struct canvas box_draw(struct canvas *c, struct rect r, const char *title)
{
	struct canvas box = canvas_sub(c, r);
	int bottom = box.rows - 1, right = box.cols - 1;

	canvas_fill(&box, (struct rect){ 0, 0, box.rows, box.cols }, STYLE_PLAIN, L' ');
	for (int x = 1; x < right; x++) {
		canvas_glyph(&box, 0, x, STYLE_BORDER, glyph(GLYPH_ACROSS));
		canvas_glyph(&box, bottom, x, STYLE_BORDER, glyph(GLYPH_ACROSS));
	}
	for (int y = 1; y < bottom; y++) {
		canvas_glyph(&box, y, 0, STYLE_BORDER, glyph(GLYPH_DOWN));
		canvas_glyph(&box, y, right, STYLE_BORDER, glyph(GLYPH_DOWN));
	}
	canvas_glyph(&box, 0, 0, STYLE_BORDER, join_glyph(ARM_RIGHT | ARM_DOWN, false));
	canvas_glyph(&box, 0, right, STYLE_BORDER, join_glyph(ARM_LEFT | ARM_DOWN, false));
	canvas_glyph(&box, bottom, 0, STYLE_BORDER, join_glyph(ARM_RIGHT | ARM_UP, false));
	canvas_glyph(&box, bottom, right, STYLE_BORDER, join_glyph(ARM_LEFT | ARM_UP, false));
	if (title && *title && right > 4) {
		int end = canvas_put_within(&box, 0, 2, right - 3, STYLE_TITLE, title);

		canvas_glyph(&box, 0, 1, STYLE_PLAIN, L' ');
		canvas_glyph(&box, 0, end, STYLE_PLAIN, L' ');
	}
	return canvas_sub(&box, (struct rect){ 1, 1, bottom - 1, right - 1 });
}
