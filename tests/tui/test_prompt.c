/* The prompt row, the hint bar and the completion popup, without a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <locale.h>

#include "keys.h"
#include "paint_text.h"
#include "popup.h"
#include "prompt.h"

static void assert_shows(const struct canvas *c, const char *wanted)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	paint_plain(out, c);
	fclose(out);
	assert_string_equal(text, wanted);
	free(text);
}

static int draw(struct canvas *c, struct prompt_view *view, const char *prompt, const char *line,
		size_t point)
{
	canvas_clear(c);
	return prompt_draw(c, view, prompt, line, strlen(line), point);
}

static void test_columns(void **state)
{
	struct canvas *c = canvas_new(1, 40);
	struct prompt_view view = { 0 };

	(void)state;
	assert_int_equal(draw(c, &view, "\001\033\002ignored\n> ", "gr\xc3\xb6\xc3\x9f" "e", 4), 5);
	assert_shows(c, "> größe\n");
	assert_int_equal(draw(c, &view, "> ", "\xe6\xbc\xa2 e\xcc\x81x", 7), 6);
	assert_shows(c, "> 漢 e\xcc\x81x\n");
	assert_int_equal(draw(c, &view, "> ", "a\033b\xff" "c\td", 5), 8);
	assert_shows(c, "> a^[b?c  d\n");
	canvas_free(c);
}

static void test_scrolls_only_when_it_must(void **state)
{
	static const char line[] = "abcdefghijklmnopqrstuvwxyz";
	struct canvas *c = canvas_new(1, 20);
	struct prompt_view view = { 0 };

	(void)state;
	assert_int_equal(draw(c, &view, "$ ", line, 26), 19);
	assert_shows(c, "$ <klmnopqrstuvwxyz\n");
	/* The text stands still while the cursor moves inside it. */
	assert_int_equal(draw(c, &view, "$ ", line, 20), 13);
	assert_shows(c, "$ <klmnopqrstuvwxyz\n");
	assert_int_equal(draw(c, &view, "$ ", line, 5), 6);
	assert_shows(c, "$ <cdefghijklmnopqr>\n");
	assert_int_equal(draw(c, &view, "$ ", line, 0), 2);
	assert_shows(c, "$ abcdefghijklmnopq>\n");
	canvas_free(c);
}

static void test_any_width(void **state)
{
	static char big[5000];
	struct prompt_view view = { 0 };

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	for (int cols = 0; cols < 12; cols++) {
		struct canvas *c = canvas_new(1, cols);

		for (size_t point = 0; point < sizeof(big); point += 499) {
			int cursor = draw(c, &view, "[1/2] > ", big, point);

			assert_in_range(cursor, 0, cols ? cols - 1 : 0);
		}
		draw(c, &view, "", "漢字漢字漢字", 9);
		canvas_free(c);
	}
}

static void test_hints_and_clicks_agree(void **state)
{
	(void)state;
	for (int cols = 0; cols < 100; cols++) {
		struct canvas *c = canvas_new(1, cols);

		hints_draw(c);
		for (int col = 0; col < cols; col++) {
			const struct key_row *row = hints_find(cols, col);
			bool on_name = canvas_cell(c, 0, col)->style == STYLE_KEY;

			if (on_name)
				assert_non_null(row);
			if (canvas_cell(c, 0, col)->glyph != L' ')
				assert_non_null(row);
		}
		canvas_free(c);
	}
	assert_string_equal(hints_find(80, 11)->line, "step");
}

static void test_no_key_twice(void **state)
{
	(void)state;
	for (int i = 0; i < key_count; i++) {
		if (key_table[i].key != TERM_KEYS)
			assert_ptr_equal(key_find(key_table[i].key), &key_table[i]);
		if (key_table[i].alt)
			assert_ptr_equal(key_find_alt(key_table[i].alt), &key_table[i]);
	}
	assert_null(key_find_alt('b'));
	assert_null(key_find_alt(0));
}

static void test_popup_pages(void **state)
{
	char *words[] = { "aa", "ab", "ac", "ad", "ae" };
	struct canvas *c = canvas_new(10, 9);
	struct popup p = { 0 };

	(void)state;
	popup_open(&p, words, 5);
	popup_draw(&p, c, 4);
	assert_shows(c, "\n\n\n\n\n┌ +2 m… ┐\n│ aa    │\n│ ab    │\n│ ac    │\n└───────┘\n");
	popup_open(&p, words, 5);
	canvas_clear(c);
	popup_draw(&p, c, 4);
	assert_shows(c, "\n\n\n\n\n┌ +2 m… ┐\n│ ad    │\n│ ae    │\n│       │\n└───────┘\n");
	popup_close(&p);
	assert_false(popup_is_open(&p));
	canvas_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_scrolls_only_when_it_must),
		cmocka_unit_test(test_any_width),
		cmocka_unit_test(test_hints_and_clicks_agree),
		cmocka_unit_test(test_no_key_twice),
		cmocka_unit_test(test_popup_pages),
	};

	setlocale(LC_ALL, "C.UTF-8");
	glyphs_choose(true);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
