/*
 * Canvas to text. Rule: cells are printed as they are, because the cell filter has been there.
 */
#include "paint_text.h"

static void cell_write(FILE *out, const struct cell *cell)
{
	char text[4];

	if (!cell->glyph)
		return;
	fwrite(text, 1, (size_t)utf8_encode(cell->glyph, text), out);
	if (cell->mark)
		fwrite(text, 1, (size_t)utf8_encode(cell->mark, text), out);
}

/* Whether a blank in this face can be told from an empty cell. */
static bool face_shows_on_blank(struct face face)
{
	return face.flags & (FACE_REVERSE | FACE_UNDERLINE);
}

/* Columns up to the last one that a reader could tell from nothing. */
static int row_end(const struct canvas *c, int row, const enum theme *theme)
{
	int end = c->cols;

	while (end > 0) {
		const struct cell *cell = canvas_cell(c, row, end - 1);

		if (cell->glyph != L' ' ||
		    (theme && face_shows_on_blank(style_face(*theme, (enum style)cell->style))))
			break;
		end--;
	}
	return end;
}

void paint_plain(FILE *out, const struct canvas *c)
{
	int blank_lines = 0;

	for (int row = 0; row < c->rows; row++) {
		int end = row_end(c, row, NULL);

		if (!end) {
			blank_lines++;
			continue;
		}
		for (; blank_lines; blank_lines--)
			fputc('\n', out);
		for (int col = 0; col < end; col++)
			cell_write(out, canvas_cell(c, row, col));
		fputc('\n', out);
	}
}

static void face_write(FILE *out, struct face face, bool color)
{
	static const struct {
		unsigned char flag;
		int code;
	} sgr[] = {
		{ FACE_BOLD, 1 }, { FACE_DIM, 2 }, { FACE_UNDERLINE, 4 }, { FACE_REVERSE, 7 },
	};

	fputs("\033[0", out);
	for (size_t i = 0; i < sizeof(sgr) / sizeof(sgr[0]); i++)
		if (face.flags & sgr[i].flag)
			fprintf(out, ";%d", sgr[i].code);
	if (color && face.color != COLOR_NONE)
		fprintf(out, ";3%d", face.color);
	fputc('m', out);
}

void paint_ansi(FILE *out, const struct canvas *c, enum theme theme, bool color)
{
	int rows = canvas_used(c);

	for (int row = 0; row < rows; row++) {
		int end = row_end(c, row, &theme);
		unsigned char style = STYLE_PLAIN;

		for (int col = 0; col < end; col++) {
			const struct cell *cell = canvas_cell(c, row, col);

			if (cell->style != style)
				face_write(out, style_face(theme, (enum style)cell->style), color);
			style = cell->style;
			cell_write(out, cell);
		}
		fputs(style == STYLE_PLAIN ? "\n" : "\033[0m\n", out);
	}
}

void paint_golden(FILE *out, const struct canvas *c)
{
	for (int row = 0; row < c->rows; row++) {
		int end = row_end(c, row, NULL), styled = 0;

		fputc('|', out);
		for (int col = 0; col < end; col++)
			cell_write(out, canvas_cell(c, row, col));
		fputc('\n', out);
		for (int col = 0; col < c->cols; col++)
			if (canvas_cell(c, row, col)->style != STYLE_PLAIN)
				styled = col + 1;
		if (!styled)
			continue;
		fputc(':', out);
		for (int col = 0; col < styled; col++)
			fputc(style_letter((enum style)canvas_cell(c, row, col)->style), out);
		fputc('\n', out);
	}
}
