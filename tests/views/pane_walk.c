/*
 * Panes at every step of seeded walks: they only look, say the same of the same state, and fit.
 *
 *	pane_walk SOURCE_ROOT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>

#include "board.h"
#include "paint_text.h"
#include "pane_fixture.h"
#include "race.h"

static const char *const scenarios[] = {
	"tlb/mremap-late-flush",
	"notifier/mremap-late-iommu",
	"notifier/kvm-missing-seq",
	"tlb/fork-no-flush",
};

enum {
	SCENARIOS = sizeof(scenarios) / sizeof(scenarios[0])
};

static const char *root;

static struct fixture *open_scenario(unsigned i)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/scenarios/%s.scn", root, scenarios[i]);
	return fixture_open(path, strchr(scenarios[i], '/') + 1);
}

static const struct scene *last_step(struct fixture *f)
{
	uint32_t depth = timeline_depth(&f->t);

	return fixture_scene(f, depth ? depth - 1 : 0);
}

/* All panes in one text; freed by the caller. */
static char *panes_text(struct fixture *f, int cols)
{
	const struct scene *s = last_step(f);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (unsigned i = 0; i < PANES; i++) {
		struct canvas *c = board_single(pane_table[i], s, cols);

		assert_non_null(c);
		paint_golden(out, c);
		canvas_free(c);
	}
	fclose(out);
	return text;
}

static void panes_only_look(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SCENARIOS; i++) {
		struct fixture *f = open_scenario(i);

		for (unsigned d = 0; d < 60; d++) {
			uint64_t digest = f->m.digest;

			free(panes_text(f, d & 1 ? 38 : 100));
			assert_true(f->m.digest == digest && world_digest(&f->m) == digest);
			fixture_random(f, d + 1, 1);
		}
		fixture_close(f);
	}
}

/* A pane keeps nothing: back at a step it says what it said there. */
static void same_state_same_words(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SCENARIOS; i++) {
		struct fixture *f = open_scenario(i);
		char *before, *after;
		uint32_t node;

		fixture_random(f, 7, 25);
		/* Without the kept future, that the timeline shows. */
		fixture_random(f, 8, 1);
		timeline_back(&f->t, 1);
		node = f->t.cursor;
		before = panes_text(f, 60);
		timeline_back(&f->t, 10);
		free(panes_text(f, 60));
		timeline_goto(&f->t, node);
		timeline_forward(&f->t, 1);
		timeline_back(&f->t, 1);
		after = panes_text(f, 60);
		assert_string_equal(after, before);
		free(before);
		free(after);
		fixture_close(f);
	}
}

static void every_size_has_a_screen(void **state)
{
	static const int rows[] = { 0, 1, 4, 9, 12, 22, 41, 48, 58 },
			 cols[] = { 0, 1, 29, 40, 80, 132, 200 };
	struct fixture *f = open_scenario(1);

	(void)state;
	fixture_random(f, 3, 20);
	for (const struct board_set *set = board_sets; set->name; set++) {
		struct board b;

		board_show(&b, set);
		assert_true(b.panes > 1);
		for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
			for (unsigned k = 0; k < sizeof(cols) / sizeof(cols[0]); k++) {
				struct canvas *body = canvas_new(rows[r], cols[k]);

				b.zoom = (enum zoom)((r + k) % ZOOMS);
				board_focus(&b, r & 1 ? 1 : -1);
				board_scroll(&b, b.focus, k & 1 ? 7 : -3);
				board_draw(&b, body, last_step(f));
				canvas_free(body);
			}
	}
	fixture_close(f);
}

static void the_focus_is_on_the_screen(void **state)
{
	struct fixture *f = open_scenario(0);
	struct canvas *body = canvas_new(22, 80);
	struct board b;

	(void)state;
	board_show(&b, &board_sets[0]);
	for (int i = 0; i < b.panes; i++) {
		char *text = NULL, wanted[80];
		size_t size;
		FILE *out = open_memstream(&text, &size);

		canvas_clear(body);
		board_draw(&b, body, last_step(f));
		paint_plain(out, body);
		fclose(out);
		snprintf(wanted, sizeof(wanted), "%s [*]", b.pane[b.focus]->title);
		assert_non_null(strstr(text, wanted));
		free(text);
		board_focus(&b, 1);
	}
	assert_int_equal(b.focus, 0);
	canvas_free(body);
	fixture_close(f);
}

/* The words of what matters stand on a small screen, and nothing was scrolled for it. */
static void what_matters_is_on_the_screen(void **state)
{
	static const struct {
		int rows, cols;
	} sizes[] = { { 22, 80 }, { 26, 90 }, { 28, 100 }, { 32, 120 }, { 48, 200 } };
	struct fixture *f = open_scenario(0);

	(void)state;
	fixture_late_flush(f, LATE_USED);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct canvas *body = canvas_new(sizes[i].rows, sizes[i].cols);
		char *text = NULL;
		struct board b;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		board_show(&b, &board_sets[0]);
		board_draw(&b, body, last_step(f));
		paint_plain(out, body);
		fclose(out);
		assert_non_null(strstr(text, " 5~ g0 WDAU"));
		assert_non_null(strstr(text, "must hold: "));
		assert_non_null(strstr(text, "PTE      1"));
		free(text);
		canvas_free(body);
	}
	fixture_close(f);
}

/* A pane that had its rows keeps them when it needs less, where there is room. */
static void heights_stay(void **state)
{
	struct fixture *f = open_scenario(0);
	struct canvas *body = canvas_new(60, 200);
	struct board b;
	int was = 0;

	(void)state;
	board_show(&b, &board_sets[0]);
	for (unsigned d = 0; d < 40; d++) {
		board_draw(&b, body, last_step(f));
		assert_true(b.used[0] >= was);
		assert_true(b.layout.pane[0].place.rows >= 1 + b.used[0]);
		was = b.used[0];
		fixture_random(f, d + 1, 1);
	}
	canvas_free(body);
	fixture_close(f);
}

static void panes_come_and_go(void **state)
{
	const struct pane *tlb = pane_find((struct word){ "tlb", 3 });
	struct board b;
	int n;

	(void)state;
	board_show(&b, &board_sets[0]);
	n = b.panes;
	assert_true(board_add(&b, tlb));
	assert_false(board_add(&b, tlb));
	assert_int_equal(b.panes, n + 1);
	b.focus = n;
	assert_true(board_remove(&b, tlb));
	assert_int_equal(b.focus, n - 1);
	assert_false(board_remove(&b, tlb));
	assert_int_equal(b.panes, n);
}

static void panes_by_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PANES; i++) {
		const struct pane *p = pane_table[i];

		assert_ptr_equal(pane_find((struct word){ p->name, strlen(p->name) }), p);
		assert_true(p->title && p->help && p->draw && p->wide.min_cols);
	}
	assert_string_equal(pane_find((struct word){ "pagetab", 7 })->name, "pagetable");
	assert_null(pane_find((struct word){ "l", 1 })); /* lanes, log */
	assert_null(pane_find((struct word){ "", 0 }));
	assert_null(pane_find((struct word){ "tlbs", 4 }));
}

static void change_is_since_a_stop(void **state)
{
	struct fixture *f = open_scenario(0);
	uint32_t depth;

	(void)state;
	change_find(&f->change, &f->t, 0);
	for (unsigned o = 0; o < OBJECTS; o++)
		assert_null(f->change.old[o]);
	/* The locks of the first steps are taken and dropped again: not changed since the start. */
	fixture_late_flush(f, LATE_MOVED);
	depth = timeline_depth(&f->t);
	change_find(&f->change, &f->t, 0);
	for (unsigned i = 0; i < MAX_TABLES; i++)
		assert_null(f->change.old[BASE_lock + LOCK_PTL(i)]);
	assert_int_equal(was_lock(&f->scene, LOCK_MMAP(0))->owner, NONE);
	assert_int_equal(peek_lock(&f->m, LOCK_MMAP(0))->owner, 0);
	/* The last step dropped one lock. */
	change_find(&f->change, &f->t, depth - 1);
	assert_int_equal(was_lock(&f->scene, LOCK_MMAP(0))->owner, 0);
	change_find(&f->change, &f->t, depth + 5);
	for (unsigned o = 0; o < OBJECTS; o++)
		assert_null(f->change.old[o]);
	f->scene.change = NULL;
	assert_ptr_equal(was_lock(&f->scene, 0), peek_lock(&f->m, 0));
	fixture_close(f);
}

static void race_survives_a_mail(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SCENARIOS; i++)
		for (unsigned seed = 1; seed < 6; seed++) {
			struct fixture *f = open_scenario(i);
			char *text = NULL;
			size_t size;
			FILE *out = open_memstream(&text, &size);
			unsigned col = 0;

			race_write(out, &f->t, 0, 0);
			fflush(out);
			assert_int_equal(size, 0);
			fixture_random(f, seed, 120);
			race_write(out, &f->t, 0, UINT32_MAX);
			fclose(out);
			for (const char *c = text; *c; c++) {
				assert_true(*c == '\n' || (*c >= ' ' && *c <= '~'));
				col = *c == '\n' ? 0 : col + 1;
				assert_true(col <= 75);
			}
			free(text);
			fixture_close(f);
		}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(panes_only_look),
		cmocka_unit_test(same_state_same_words),
		cmocka_unit_test(every_size_has_a_screen),
		cmocka_unit_test(the_focus_is_on_the_screen),
		cmocka_unit_test(what_matters_is_on_the_screen),
		cmocka_unit_test(heights_stay),
		cmocka_unit_test(panes_come_and_go),
		cmocka_unit_test(panes_by_name),
		cmocka_unit_test(change_is_since_a_stop),
		cmocka_unit_test(race_survives_a_mail),
	};

	if (argc < 2)
		return 2;
	root = argv[1];
	setlocale(LC_ALL, "C.UTF-8");
	glyphs_choose(true);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
