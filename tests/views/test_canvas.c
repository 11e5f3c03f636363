/* Canvas, pen, frame and painters, without a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <locale.h>

#include "frame.h"
#include "paint_html.h"
#include "paint_text.h"

typedef void (*painter)(FILE *, const struct canvas *);

static void assert_paints(const struct canvas *c, painter paint, const char *wanted)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	paint(out, c);
	fclose(out);
	assert_string_equal(text, wanted);
	free(text);
}

static void assert_golden(const struct canvas *c, const char *wanted)
{
	assert_paints(c, paint_golden, wanted);
}

static void test_text_is_clipped(void **state)
{
	struct canvas *c = canvas_new(2, 8);

	(void)state;
	assert_int_equal(canvas_put(c, 0, 0, STYLE_PLAIN, "12345678"), 8);
	assert_int_equal(canvas_put(c, 1, 2, STYLE_ACTOR, "1234567"), 8);
	canvas_put(c, 2, 0, STYLE_PLAIN, "below");
	canvas_put(c, -1, 0, STYLE_PLAIN, "above");
	canvas_put(c, 0, 9, STYLE_PLAIN, "beside");
	assert_golden(c, "|12345678\n|  12345…\n:..aaaaaa\n");
	canvas_clear(c);
	canvas_put(c, 0, -3, STYLE_PLAIN, "12345   ");
	canvas_put(c, 1, 0, STYLE_PLAIN, "12345678   ");
	assert_golden(c, "|45\n|12345678\n");
	canvas_free(c);
}

static void test_foreign_text_is_filtered(void **state)
{
	struct canvas *c = canvas_new(1, 40);

	(void)state;
	canvas_put(c, 0, 0, STYLE_PLAIN, "a\033[31m\tb\xff\xc0\x80\xed\xa0\x80\x7f");
	assert_golden(c, "|a?[31m b???????\n");
	canvas_clear(c);
	/* Right-to-left override and byte order mark vanish; a combining mark stays with its
	 * letter. */
	canvas_put(c, 0, 0, STYLE_PLAIN, "x\xe2\x80\xaey\xef\xbb\xbf" "e\xcc\x81z");
	assert_golden(c, "|xye\xcc\x81z\n");
	assert_int_equal(canvas_cell(c, 0, 2)->mark, 0x301);
	canvas_free(c);
}

static void test_malformed_text_never_reads_on(void **state)
{
	static const char *const cut[] = { "\xc3", "\xe6\xbc", "\xf0\x9f\x98", "\xf8", "\x80" };

	(void)state;
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		char *exact = malloc(strlen(cut[i]));
		struct glyph_read g;

		memcpy(exact, cut[i], strlen(cut[i]));
		g = glyph_read(exact, strlen(cut[i]));
		assert_int_equal(g.glyph, L'?');
		assert_int_equal(g.bytes, 1);
		free(exact);
	}
}

static void test_wide_glyphs_stay_whole(void **state)
{
	struct canvas *c = canvas_new(1, 6);
	struct canvas sub;

	(void)state;
	canvas_put(c, 0, 0, STYLE_PLAIN, "漢字漢");
	canvas_put(c, 0, 1, STYLE_PLAIN, "x");
	assert_golden(c, "| x字漢\n");
	canvas_put(c, 0, 4, STYLE_PLAIN, "y");
	assert_golden(c, "| x字y\n");
	canvas_clear(c);
	canvas_put(c, 0, 1, STYLE_PLAIN, "漢字漢");
	assert_golden(c, "| 漢字…\n");
	/* A window that ends between the halves blanks the one outside it too. */
	canvas_clear(c);
	canvas_put(c, 0, 0, STYLE_PLAIN, "漢字漢");
	sub = canvas_sub(c, (struct rect){ 0, 3, 1, 2 });
	canvas_put(&sub, 0, 0, STYLE_PLAIN, "ab");
	assert_golden(c, "|漢 ab\n");
	canvas_free(c);
}

static void test_windows_are_clipped(void **state)
{
	struct canvas *c = canvas_new(3, 6);
	struct canvas sub = canvas_sub(c, (struct rect){ -1, 4, 3, 9 });

	(void)state;
	assert_int_equal(sub.rows, 2);
	assert_int_equal(sub.cols, 2);
	canvas_fill(&sub, (struct rect){ -5, -5, 50, 50 }, STYLE_PLAIN, L'#');
	assert_golden(c, "|    ##\n|    ##\n|\n");
	sub = canvas_sub(c, (struct rect){ 7, 7, 1, 1 });
	assert_int_equal(sub.rows * sub.cols, 0);
	canvas_put(&sub, 0, 0, STYLE_PLAIN, "nowhere");
	canvas_free(c);
}

static void test_a_tall_canvas_grows(void **state)
{
	struct canvas *c = canvas_new_tall(5);

	(void)state;
	assert_int_equal(c->rows, 0);
	canvas_printf(c, 999, 0, STYLE_PLAIN, "%d", 999);
	assert_int_equal(c->rows, 1000);
	assert_int_equal(canvas_used(c), 1000);
	canvas_put(c, CANVAS_MAX_ROWS, 0, STYLE_PLAIN, "clipped");
	assert_int_equal(c->rows, 1000);
	canvas_clear(c);
	assert_int_equal(c->rows, 0);
	canvas_put(c, 2, 0, STYLE_PLAIN, "x");
	assert_golden(c, "|\n|\n|x\n");
	canvas_free(c);
}

static void test_pen(void **state)
{
	struct canvas *c = canvas_new(3, 24);
	struct pen p = pen_at(c, 0, 1);

	(void)state;
	pen_word(&p, STYLE_ACTOR, "cpu%d", 1);
	pen_to(&p, 8);
	pen_value(&p, STYLE_CHANGED, 4, "%d", 12);
	pen_value(&p, STYLE_STALE, -4, "%d", 3);
	pen_value(&p, STYLE_PLAIN, 4, "abcde");
	pen_line(&p);
	pen_say(&p, "0123456789");
	pen_to(&p, 8);
	pen_field(&p, STYLE_PLAIN, -6, "%s", "right");
	pen_glyph(&p, STYLE_ARROW, GLYPH_POINTER);
	pen_line(&p);
	pen_field(&p, STYLE_PLAIN, 4, "gröößer");
	pen_say(&p, "|");
	assert_golden(c, "| cpu1   12*     3~abc…\n:.aaaa...ccc.....ss\n"
			 "| 0123456789  right►\n:..................>\n"
			 "| grö…|\n");
	canvas_free(c);
}

static void test_a_pane_scrolls_under_its_title(void **state)
{
	struct canvas *c = canvas_new(4, 30), *tall = canvas_new_tall(28);
	struct pane_head head = { .title = "log", .note = "7 events", .focused = true };
	int offset = 3;

	(void)state;
	for (int i = 0; i < 10; i++)
		canvas_printf(tall, i, 0, STYLE_PLAIN, "line %d", i);
	pane_show(c, (struct rect){ 0, 0, 4, 30 }, head, tall, &offset);
	assert_golden(c, "| log [*] ━━━ 7 events  ↑3 ↓4 ━\n:.FFFFFFF.FFFdddddddddddddddddF\n"
			 "| line 3\n| line 4\n| line 5\n");
	offset = 99;
	head.note = NULL;
	head.focused = false;
	canvas_clear(c);
	pane_show(c, (struct rect){ 0, 0, 4, 30 }, head, tall, &offset);
	assert_int_equal(offset, 7);
	assert_paints(c, paint_plain,
		      " log ──────────────────── ↑7 ─\n line 7\n line 8\n line 9\n");
	canvas_free(tall);
	canvas_free(c);
}

static void draw_frame(struct canvas *c)
{
	struct canvas inside;

	rule_across(c, 0, 0, 7, false);
	rule_across(c, 2, 0, 7, true);
	rule_across(c, 4, 0, 14, false);
	rule_down(c, 0, 7, 4);
	inside = box_draw(c, (struct rect){ 5, 2, 3, 10 }, "box");
	canvas_put(&inside, 0, 0, STYLE_PLAIN, "0123456789");
}

static void test_lines_join(void **state)
{
	struct canvas *c = canvas_new(8, 14);

	(void)state;
	draw_frame(c);
	assert_paints(c, paint_plain,
		      "───────┐\n       │\n━━━━━━━┥\n       │\n───────┴──────\n"
		      "  ┌ box ───┐\n  │0123456…│\n  └────────┘\n");
	glyphs_choose(false);
	canvas_clear(c);
	draw_frame(c);
	assert_paints(c, paint_plain,
		      "-------+\n       |\n=======+\n       |\n-------+------\n"
		      "  + box ---+\n  |0123456>|\n  +--------+\n");
	glyphs_choose(true);
	canvas_free(c);
}

static void test_nothing_breaks_on_no_room(void **state)
{
	(void)state;
	for (int rows = 0; rows < 4; rows++)
		for (int cols = 0; cols < 6; cols++) {
			struct canvas *c = canvas_new(rows, cols), *tall = canvas_new_tall(cols);
			struct rect all = { 0, 0, rows, cols };
			int offset = 1;

			canvas_put(tall, 4, 0, STYLE_PLAIN, "漢字x");
			pane_show(c, all, (struct pane_head){ .title = "title", .note = "note",
							      .focused = true }, tall, &offset);
			box_draw(c, all, "box");
			rule_down(c, 0, 0, 9);
			canvas_free(tall);
			canvas_free(c);
		}
}

static void ansi_color(FILE *out, const struct canvas *c)
{
	paint_ansi(out, c, THEME_DARK, true);
}

static void ansi_plain(FILE *out, const struct canvas *c)
{
	paint_ansi(out, c, THEME_DARK, false);
}

static void test_painters(void **state)
{
	struct canvas *c = canvas_new(4, 12);
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	(void)state;
	canvas_put(c, 0, 0, STYLE_STALE, "a<b");
	canvas_put(c, 0, 3, STYLE_PLAIN, " & c");
	canvas_put(c, 2, 0, STYLE_STATUS, "s  ");
	assert_paints(c, paint_plain, "a<b & c\n\ns\n");
	assert_paints(c, ansi_color, "\033[0;1;35ma<b\033[0m & c\n\n\033[0;7ms  \033[0m\n");
	assert_paints(c, ansi_plain, "\033[0;1ma<b\033[0m & c\n\n\033[0;7ms  \033[0m\n");
	assert_paints(c, paint_html, "<pre class=\"canvas\">\n"
		      "<span class=\"stale\">a&lt;b</span> &amp; c\n"
		      "\n<span class=\"status\">s  </span>\n</pre>\n");
	out = open_memstream(&text, &size);
	paint_html_document(out, c, THEME_LIGHT, "</title>\033");
	fclose(out);
	assert_non_null(strstr(text, "<title>&lt;/title&gt;?</title>"));
	assert_non_null(strstr(text, "pre.canvas .stale { color: #8a3f9e; font-weight: bold; }"));
	assert_null(strstr(text, "http"));
	free(text);
	canvas_free(c);
}

static void test_styles(void **state)
{
	char letters[STYLES];
	enum theme theme = THEME_DARK;

	(void)state;
	for (int i = 0; i < STYLES; i++) {
		letters[i] = style_letter((enum style)i);
		assert_non_null(style_name((enum style)i));
		for (int k = 0; k < i; k++)
			assert_int_not_equal(letters[i], letters[k]);
		/* What has a mark differs from plain text in every theme, also without colour. */
		for (int t = 0; t < THEMES && style_mark((enum style)i) != ' '; t++)
			assert_int_not_equal(style_face((enum theme)t, (enum style)i).flags, 0);
		/* Blue is hard to read unless bold; mono has no colour at all. */
		for (int t = 0; t < THEMES; t++) {
			struct face face = style_face((enum theme)t, (enum style)i);

			if (face.color == COLOR_OF_BLUE)
				assert_true(face.flags & FACE_BOLD);
			if (t == THEME_MONO)
				assert_int_equal(face.color, COLOR_NONE);
		}
	}
	assert_true(theme_find("colorblind", &theme));
	assert_int_equal(theme, THEME_COLORBLIND);
	assert_false(theme_find("pink", &theme));
}

static void test_color_wish(void **state)
{
	(void)state;
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	assert_true(color_wanted(COLOR_AUTO, true));
	assert_false(color_wanted(COLOR_AUTO, false));
	setenv("NO_COLOR", "", 1);
	assert_true(color_wanted(COLOR_AUTO, true));
	setenv("NO_COLOR", "1", 1);
	assert_false(color_wanted(COLOR_AUTO, true));
	assert_true(color_wanted(COLOR_ALWAYS, true));
	assert_false(color_wanted(COLOR_NEVER, true));
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	assert_false(color_wanted(COLOR_AUTO, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_clipped),
		cmocka_unit_test(test_foreign_text_is_filtered),
		cmocka_unit_test(test_malformed_text_never_reads_on),
		cmocka_unit_test(test_wide_glyphs_stay_whole),
		cmocka_unit_test(test_windows_are_clipped),
		cmocka_unit_test(test_a_tall_canvas_grows),
		cmocka_unit_test(test_pen),
		cmocka_unit_test(test_a_pane_scrolls_under_its_title),
		cmocka_unit_test(test_lines_join),
		cmocka_unit_test(test_nothing_breaks_on_no_room),
		cmocka_unit_test(test_painters),
		cmocka_unit_test(test_styles),
		cmocka_unit_test(test_color_wish),
	};

	setlocale(LC_ALL, "C.UTF-8");
	glyphs_choose(true);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
