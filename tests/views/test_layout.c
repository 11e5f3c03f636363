/* Layouts at the sizes that matter, and the rules that hold at every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <locale.h>

#include "frame.h"
#include "layout.h"
#include "paint_text.h"

static const struct pane_wish wishes[] = {
	{ SIDE_LEFT, 6, 38, 2, 9 },	/* cpus */
	{ SIDE_LEFT, 5, 38, 1, 6 },	/* tables */
	{ SIDE_LEFT, 2, 38, 0, 4 },	/* gather */
	{ SIDE_RIGHT, 4, 34, 1, 7 },	/* code */
	{ SIDE_RIGHT, 3, 34, 1, 5 },	/* iommu */
	{ SIDE_BELOW, 3, 50, 1, 8 },	/* log */
	{ SIDE_BELOW, 3, 50, 1, 1 },	/* lanes */
};

static const char *const names[] = { "cpus", "tables", "gather", "code", "iommu", "log", "lanes" };

enum { COUNT = sizeof(wishes) / sizeof(wishes[0]) };

static struct layout lay_out(int rows, int cols, int focus, enum zoom zoom)
{
	struct layout l;

	layout_compute(&l, rows, cols, wishes, COUNT, focus, zoom);
	return l;
}

static void assert_looks(int rows, int cols, int focus, enum zoom zoom, const char *wanted)
{
	struct layout l = lay_out(rows, cols, focus, zoom);
	struct canvas *c = canvas_new(rows, cols);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; i < COUNT; i++)
		if (l.pane[i].state != PANE_ABSENT)
			head_draw(c, l.pane[i].place,
				  &(struct pane_head){ .title = names[i], .focused = i == focus });
	layout_draw(&l, c);
	paint_plain(out, c);
	fclose(out);
	assert_string_equal(text, wanted);
	free(text);
	canvas_free(c);
}

static void test_classes(void **state)
{
	(void)state;
	/* Bodies of screens with a hint bar and a prompt, but for the smallest. */
	assert_int_equal(layout_classify(48, 200), LAYOUT_WIDE);
	assert_int_equal(layout_classify(41, 132), LAYOUT_WIDE);
	assert_int_equal(layout_classify(22, 80), LAYOUT_NORMAL);
	assert_int_equal(layout_classify(22, 79), LAYOUT_NARROW);
	assert_int_equal(layout_classify(14, 80), LAYOUT_NARROW);
	assert_int_equal(layout_classify(10, 40), LAYOUT_SHORT);
	assert_int_equal(layout_classify(10, 29), LAYOUT_TINY);
	assert_int_equal(layout_classify(0, 1), LAYOUT_TINY);
}

static void test_normal(void **state)
{
	(void)state;
	assert_looks(22, 80, 0, ZOOM_NORMAL,
		"\n"
		" cpus [*] ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┑ code ────────────────────────────────\n"
		"                                         │\n"
		"                                         │\n"
		"                                         │\n"
		"                                         │\n"
		"                                         │\n"
		"                                         │\n"
		" tables ─────────────────────────────────┤\n"
		"                                         │ iommu ───────────────────────────────\n"
		"                                         │\n"
		"                                         │\n"
		"                                         │\n"
		"                                         │\n"
		" gather ─────────────────────────────────┤\n"
		"                                         │\n"
		"                                         │\n"
		" log ────────────────────────────────────┴──────────────────────────────────────\n"
		"\n"
		"\n"
		"\n"
		" lanes ─────────────────────────────────────────────────────────────────────────\n");
}

/* Rows go to who uses them, what is essential first; a pane that needs less leaves the rest. */
static void test_rows_go_where_they_are_used(void **state)
{
	static const struct pane_wish asks[] = {
		{ SIDE_LEFT, 6, 38, 1, 90 },
		{ SIDE_LEFT, 5, 38, 1, 82 },
		{ SIDE_LEFT, 4, 38, 1, 60 },
		{ SIDE_RIGHT, 4, 38, 1, 158 },
		{ SIDE_BELOW, 3, 38, 1, 88 },
	};
	struct pane_rows used[] = { { 8, 8 }, { 5, 7 }, { 9, 9 }, { 40, 40 }, { 99, 99 } };
	struct layout l;

	(void)state;
	layout_fit(&l, 21, 80, asks, used, 5, 0, ZOOM_NORMAL);
	assert_int_equal(l.pane[0].place.rows, 1 + 8);
	assert_int_equal(l.pane[1].place.rows, 1 + 5);
	assert_int_equal(l.pane[2].state, PANE_SHUT);
	assert_int_equal(l.pane[3].place.rows, 16);
	assert_int_equal(l.pane[4].place.rows, 1 + 3);
	/* What was used once is kept while there is room for all. */
	used[0].now = 3;
	used[3] = (struct pane_rows){ 2, 2 };
	layout_fit(&l, 40, 80, asks, used, 5, 0, ZOOM_NORMAL);
	assert_true(l.pane[0].place.rows >= 1 + 8 && l.pane[1].place.rows >= 1 + 7);
	assert_true(l.pane[2].place.rows >= 1 + 9);
	/* A pane that has never used its minimum opens with less. */
	used[1] = (struct pane_rows){ 1, 1 };
	layout_fit(&l, 21, 80, asks, used, 5, 0, ZOOM_NORMAL);
	assert_int_equal(l.pane[1].place.rows, 1 + 1);
	assert_int_equal(l.pane[2].state, PANE_OPEN);
}

static void test_short_and_narrow(void **state)
{
	(void)state;
	assert_looks(10, 40, 3, ZOOM_NORMAL, "\n code [*] ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\n");
	assert_looks(14, 40, 1, ZOOM_NORMAL,
		"\n"
		" cpus ──────────────────────────────────\n"
		" tables [*] ━━━━━━━━━━━━━━━━━━━━━━━━━━━━\n"
		"\n\n\n\n\n\n"
		" gather ────────────────────────────────\n"
		" code ──────────────────────────────────\n"
		" iommu ─────────────────────────────────\n"
		" log ───────────────────────────────────\n"
		" lanes ─────────────────────────────────\n");
}

static void test_tiny_says_so(void **state)
{
	(void)state;
	assert_looks(3, 20, 0, ZOOM_NORMAL, "needs 30x6\n");
	assert_looks(1, 1, 0, ZOOM_NORMAL, "…\n");
	assert_looks(0, 0, 0, ZOOM_NORMAL, "");
}

static void test_wide_is_side_by_side(void **state)
{
	struct layout l = lay_out(48, 200, 0, ZOOM_NORMAL);

	(void)state;
	assert_int_equal(l.pane[5].place.row, l.pane[6].place.row);
	assert_int_equal(l.pane[6].place.col, l.pane[5].place.col + l.pane[5].place.cols + 1);
	assert_int_equal(l.pane[6].place.col + l.pane[6].place.cols, 200);
	assert_int_equal(l.pane[2].place.rows, 3);	/* weight 0 stays at its minimum */
	assert_int_equal(layout_find(&l, l.pane[4].place.row + 1, 150), 4);
	assert_int_equal(layout_find(&l, 0, 0), -1);
}

static void test_zoom(void **state)
{
	struct layout l = lay_out(48, 200, 4, ZOOM_FULL);

	(void)state;
	assert_int_equal(l.pane[4].place.rows, 47);
	assert_int_equal(l.pane[4].place.cols, 200);
	assert_int_equal(l.pane[0].state, PANE_ABSENT);
	l = lay_out(48, 200, 4, ZOOM_HALF);
	assert_int_equal(l.pane[4].place.row, 1);
	assert_int_equal(l.pane[4].place.rows, 24);
	assert_int_equal(l.pane[4].place.cols, 200);
	assert_int_not_equal(l.pane[0].state, PANE_ABSENT);
}

/* Panes stand inside the body, below the status line, and do not overlap; the focus is open. */
static void assert_sound(const struct layout *l, int rows, int cols, int focus)
{
	struct canvas *c = canvas_new(rows, cols);

	for (int i = 0; i < COUNT; i++) {
		struct rect r = l->pane[i].place;

		if (l->pane[i].state == PANE_ABSENT) {
			assert_int_equal(r.rows, 0);
			continue;
		}
		assert_in_range(r.row, 1, rows - 1);
		assert_in_range(r.col, 0, cols - 1);
		assert_in_range(r.rows, 1, rows - r.row);
		assert_in_range(r.cols, 1, cols - r.col);
		assert_true(l->pane[i].state == PANE_OPEN || r.rows >= 1);
		for (int y = r.row; y < r.row + r.rows; y++)
			for (int x = r.col; x < r.col + r.cols; x++) {
				assert_int_equal(canvas_cell(c, y, x)->glyph, L' ');
				canvas_glyph(c, y, x, STYLE_PLAIN, L'#');
			}
	}
	if (l->class != LAYOUT_TINY)
		assert_int_equal(l->pane[focus].state, PANE_OPEN);
	canvas_free(c);
}

static void test_sound_at_every_size(void **state)
{
	(void)state;
	for (int rows = 0; rows <= 52; rows++)
		for (int cols = 1; cols <= 201; cols += 1 + cols / 7)
			for (int focus = 0; focus < COUNT; focus += 2)
				for (enum zoom zoom = 0; zoom < ZOOMS; zoom++) {
					struct layout l;

					layout_compute(&l, rows, cols, wishes, COUNT, focus, zoom);
					assert_sound(&l, rows, cols, focus);
				}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_normal),
		cmocka_unit_test(test_rows_go_where_they_are_used),
		cmocka_unit_test(test_short_and_narrow),
		cmocka_unit_test(test_tiny_says_so),
		cmocka_unit_test(test_wide_is_side_by_side),
		cmocka_unit_test(test_zoom),
		cmocka_unit_test(test_sound_at_every_size),
	};

	setlocale(LC_ALL, "C.UTF-8");
	glyphs_choose(true);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
