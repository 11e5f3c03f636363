/*
 * What the panes look like, as text that is read: screens and single panes at fixed places.
 *
 *	pane_golden SOURCE_ROOT [--update]
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
#include "inflight.h"
#include "paint_text.h"
#include "pane_fixture.h"
#include "race.h"

#define LATE_FLUSH  "tlb/mremap-late-flush"
#define LATE_IOMMU  "notifier/mremap-late-iommu"
#define LATE_SHADOW "notifier/kvm-missing-seq"

static const char *root;
static bool update;

static struct fixture *open_scenario(const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/scenarios/%s.scn", root, name);
	return fixture_open(path, strchr(name, '/') + 1);
}

static char *file_text(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t size = 0, n;
	char block[4096];
	FILE *out;

	if (!in)
		return NULL;
	out = open_memstream(&text, &size);
	while ((n = fread(block, 1, sizeof(block), in)) > 0)
		fwrite(block, 1, n, out);
	fclose(in);
	fclose(out);
	return text;
}

/* Says where two texts part: a whole screen in one line of output helps nobody. */
static void lines_compare(const char *name, const char *is, const char *wanted)
{
	for (unsigned line = 1; *is || *wanted; line++) {
		size_t a = strcspn(is, "\n"), b = strcspn(wanted, "\n");

		if (a != b || memcmp(is, wanted, a) != 0)
			fail_msg("%s:%u\n  is     %.*s\n  wanted %.*s", name, line, (int)a, is,
				 (int)b, wanted);
		is += a + (is[a] == '\n');
		wanted += b + (wanted[b] == '\n');
	}
}

static void golden(const char *name, const char *text)
{
	char path[4096];
	char *wanted;

	snprintf(path, sizeof(path), "%s/tests/golden/%s.txt", root, name);
	if (update) {
		FILE *out = fopen(path, "w");

		assert_non_null(out);
		fputs(text, out);
		fclose(out);
		return;
	}
	wanted = file_text(path);
	if (!wanted)
		fail_msg("%s is missing: run with --update", path);
	else
		lines_compare(name, text, wanted);
	free(wanted);
}

static const struct scene *last_step(struct fixture *f)
{
	uint32_t depth = timeline_depth(&f->t);

	return fixture_scene(f, depth ? depth - 1 : 0);
}

static void screen_golden(struct fixture *f, const char *set, const char *place)
{
	static const struct {
		int rows, cols;
	} sizes[] = { { 24, 80 }, { 50, 200 } };
	const struct board_set *row = board_sets;

	f->scene.message = "a sentence of the lesson, or the result of the last command";
	while (strcmp(row->name, set) != 0)
		row++;
	for (unsigned i = 0; i < 2; i++) {
		struct canvas *body = canvas_new(sizes[i].rows - 2, sizes[i].cols);
		char name[80], *text = NULL;
		struct board b;
		size_t size;
		FILE *out;

		board_show(&b, row);
		board_draw(&b, body, last_step(f));
		out = open_memstream(&text, &size);
		paint_golden(out, body);
		fclose(out);
		snprintf(name, sizeof(name), "screen-%s-%dx%d", place, sizes[i].cols,
			 sizes[i].rows);
		golden(name, text);
		free(text);
		canvas_free(body);
	}
}

static void pane_paint(FILE *out, struct fixture *f, const struct pane *pane, const char *place)
{
	static const int cols[] = { 38, 100 };

	for (unsigned i = 0; i < 2; i++) {
		struct canvas *c = board_single(pane, last_step(f), cols[i]);

		fprintf(out, "--- %s, step %u, %d columns\n", place, timeline_depth(&f->t),
			cols[i]);
		paint_golden(out, c);
		canvas_free(c);
	}
}

static void screens_of_the_late_flush(void **state)
{
	static const char *const places[] = { "moved", "freed", "used" };

	(void)state;
	for (unsigned to = LATE_MOVED; to <= LATE_USED; to++) {
		struct fixture *f = open_scenario(LATE_FLUSH);

		if (to == LATE_MOVED)
			screen_golden(f, "default", "start");
		fixture_late_flush(f, (enum late_flush)to);
		screen_golden(f, "default", places[to]);
		if (to == LATE_USED)
			screen_golden(f, "memory", "memory");
		fixture_close(f);
	}
}

static void screen_of_a_device(void **state)
{
	struct fixture *f = open_scenario(LATE_IOMMU);

	(void)state;
	fixture_random(f, 3, 14);
	screen_golden(f, "default", "iommu");
	fixture_close(f);
}

/* Every pane, narrow and wide: a call to another CPU under way, the finding, a device, a shadow. */
static void panes_one_by_one(void **state)
{
	static const struct {
		const char *scenario, *place;
		unsigned seed, steps;
	} at[] = {
		{ LATE_FLUSH, "a call in flight", 3, 18 },
		{ LATE_FLUSH, "the finding", 0, 0 },
		{ LATE_IOMMU, "a device", 3, 14 },
		{ LATE_SHADOW, "a shadow", 3, 16 },
		{ LATE_SHADOW, "a wait", 2, 8 },
	};

	(void)state;
	for (unsigned p = 0; p < PANES; p++) {
		char name[80], *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
			struct fixture *f = open_scenario(at[i].scenario);

			if (at[i].steps)
				fixture_random(f, at[i].seed, at[i].steps);
			else
				fixture_late_flush(f, LATE_USED);
			/* The whole tree in the first place, one address in the others. */
			f->scene.va = i ? f->scene.va : 0;
			if (!pane_table[p]->applies || pane_table[p]->applies(last_step(f)))
				pane_paint(out, f, pane_table[p], at[i].place);
			fixture_close(f);
		}
		fclose(out);
		snprintf(name, sizeof(name), "pane-%s", pane_table[p]->name);
		golden(name, text);
		free(text);
	}
}

/* ---- flushes in flight ---- */

/* How far cpu1 has come with the flush that there is; AHEAD where there is none. */
static enum inflight_stage stage_on_cpu1(const struct fixture *f)
{
	struct inflight flush[MAX_INFLIGHT];

	return inflight_list(&f->m, flush) ? (enum inflight_stage)flush[0].stage[1] : INFLIGHT_AHEAD;
}

static bool begun(const struct fixture *f)
{
	struct inflight flush[MAX_INFLIGHT];

	return inflight_list(&f->m, flush) > 0;
}

static bool skipped(const struct fixture *f)
{
	return stage_on_cpu1(f) == INFLIGHT_SKIPPED;
}

static bool locked(const struct fixture *f)
{
	return stage_on_cpu1(f) == INFLIGHT_LOCKED;
}

static bool queued(const struct fixture *f)
{
	return stage_on_cpu1(f) == INFLIGHT_QUEUED;
}

static bool sent(const struct fixture *f)
{
	return stage_on_cpu1(f) == INFLIGHT_SENT;
}

static bool taken(const struct fixture *f)
{
	return stage_on_cpu1(f) == INFLIGHT_TAKEN;
}

static bool unlocked(const struct fixture *f)
{
	return stage_on_cpu1(f) == INFLIGHT_UNLOCKED;
}

/* The sender has returned from its flush and freed the page. */
static bool freed(const struct fixture *f)
{
	struct inflight flush[MAX_INFLIGHT];
	unsigned free = 0;

	for (uint32_t i = 0; i < timeline_step(&f->t, timeline_depth(&f->t))->events; i++)
		free += f->t.event[timeline_step(&f->t, timeline_depth(&f->t))->event_at + i].kind == EV_FREE;
	return inflight_list(&f->m, flush) && flush[0].left && free;
}

static bool in_nmi(const struct fixture *f)
{
	return peek_cpu(&f->m, 1)->in_nmi;
}

/* It has read the generation of the mm that it goes to. */
static bool switching(const struct fixture *f)
{
	return peek_cpu(&f->m, 1)->loaded_mm == MM_SWITCHING || peek_cpu(&f->m, 1)->irq_off;
}

static bool batched(const struct fixture *f)
{
	return peek_batched(&f->m, 0)->pending;
}

static bool asked(const struct fixture *f)
{
	return peek_invals(&f->m, 1)->count;
}

static const struct leg {
	const char *prefer;
	bool (*done)(const struct fixture *f);
	const char *place;
} early[] = {
	{ "cpu0.step", begun, "a flush begins" }, { "cpu0.step", locked, "csd locked" }, { "cpu0.step", queued, "queued" },
	{ "cpu0.step", sent, "IPI sent" }, { "cpu1.ipi", taken, "IPI taken" }, { "cpu1.step", unlocked, "unlocked" },
	{ "cpu0.step", freed, "freed" }, { "cpu1.nmi", in_nmi, "an NMI" },
}, batch[] = {
	{ "cpu0.step", batched, "a batch" },
}, broadcast[] = {
	{ "cpu0.step", asked, "a broadcast" },
}, skips[] = {
	{ "cpu1.switch victim;cpu1.step", switching, "a switch" }, { "cpu0.step", skipped, "skipped" },
};

/* A flush on its way: what the panes of CPUs and of flushes say of it. */
static void flight_paint(FILE *out, struct fixture *f, const struct leg *legs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fixture_run(f, legs[i].prefer, legs[i].done);
		assert_true(legs[i].done(f));
		pane_paint(out, f, pane_find((struct word){ "flush", 5 }), legs[i].place);
		pane_paint(out, f, pane_find((struct word){ "cpus", 4 }), legs[i].place);
	}
	fclose(out);
	fixture_close(f);
}

#define FLIGHT(f, legs) flight_paint(open_memstream(&text, &size), (f), (legs), sizeof(legs) / sizeof((legs)[0]))

static void flushes_in_flight(void **state)
{
	char *text = NULL;
	size_t size;

	(void)state;
	/* Acknowledged first, done later; an NMI in between. */
	FLIGHT(open_scenario("shootdown/nmi-recycled-frame"), early);
	golden("flight-early", text);
	free(text);
	/* A CPU that is switching is skipped. */
	FLIGHT(open_scenario("shootdown/switch-window"), skips);
	golden("flight-skipped", text);
	free(text);
	/* A page that is out of the tables, and is flushed later, with others. */
	FLIGHT(open_scenario("shootdown/reclaim-bool-race"), batch);
	golden("flight-batch", text);
	free(text);
	/* No interrupt: the hardware tells the other CPU. */
	FLIGHT(open_scenario("shootdown/arm64-munmap"), broadcast);
	golden("flight-broadcast", text);
	free(text);
}

/* Acknowledged, not flushed, and the page is free: the pane of flushes is open for it. */
static void screen_of_an_early_ack(void **state)
{
	struct fixture *f = open_scenario("shootdown/nmi-recycled-frame");

	(void)state;
	for (unsigned i = 0; i < 7; i++)
		fixture_run(f, early[i].prefer, early[i].done);
	screen_golden(f, "default", "early");
	fixture_close(f);
}

static void race_of_the_late_flush(void **state)
{
	struct fixture *f = open_scenario(LATE_FLUSH);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	fixture_late_flush(f, LATE_USED);
	race_write(out, &f->t, 0, timeline_depth(&f->t));
	fprintf(out, "--- the last ten steps\n");
	race_write(out, &f->t, timeline_depth(&f->t) - 10, UINT32_MAX);
	fclose(out);
	golden("race-late-flush", text);
	free(text);
	fixture_close(f);
}

static void race_of_a_device(void **state)
{
	struct fixture *f = open_scenario(LATE_IOMMU);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	fixture_random(f, 3, 60);
	race_write(out, &f->t, 0, timeline_depth(&f->t));
	fclose(out);
	golden("race-iommu", text);
	free(text);
	fixture_close(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens_of_the_late_flush),
		cmocka_unit_test(screen_of_a_device),
		cmocka_unit_test(panes_one_by_one),
		cmocka_unit_test(flushes_in_flight),
		cmocka_unit_test(screen_of_an_early_ack),
		cmocka_unit_test(race_of_the_late_flush),
		cmocka_unit_test(race_of_a_device),
	};

	if (argc < 2)
		return 2;
	root = argv[1];
	update = argc > 2 && strcmp(argv[2], "--update") == 0;
	setlocale(LC_ALL, "C.UTF-8");
	glyphs_choose(true);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
