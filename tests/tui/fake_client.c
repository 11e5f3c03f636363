/*
 * A program around the screen without a machine behind it: four panes, a few commands, and work
 * that can be interrupted. The terminal tests drive it; what they look for is what it writes in
 * its log.
 *
 *	fake_client [--plain] [--ascii] [--history FILE] [--theme NAME]
 */
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "layout.h"
#include "lineui.h"
#include "screen.h"

enum { CPUS, TABLES, IOMMU, LOG, PANES };

static const char *const titles[PANES] = { "cpus and TLBs", "page tables", "iommu", "log" };

static const struct pane_wish wishes[PANES] = {
	[CPUS] = { SIDE_LEFT, 6, 38, 1, 3 },
	[TABLES] = { SIDE_LEFT, 4, 38, 1, 2 },
	[IOMMU] = { SIDE_RIGHT, 4, 34, 1, 1 },
	[LOG] = { SIDE_BELOW, 3, 40, 1, 4 },
};

static struct {
	bool plain, over;
	int focus, step, lines;
	enum zoom zoom;
	int offset[PANES];
	long work;
	struct layout layout;
	char log[2048][160];
	char prompt[64];
} fake;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	char *line = fake.log[fake.lines++ % 2048];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(fake.log[0]), format, args);
	va_end(args);
	if (fake.plain)
		puts(line);
	fake.offset[LOG] = CANVAS_MAX_ROWS;
}

static const char *fake_prompt(void *self)
{
	(void)self;
	snprintf(fake.prompt, sizeof(fake.prompt), "[%d/40] > ", fake.step);
	return fake.prompt;
}

static void scroll(const char *how)
{
	int page = fake.layout.pane[fake.focus].place.rows - 2;
	int far = strstr(how, "page") ? page : 1;
	int by = strstr(how, "up") ? -far : far;

	fake.offset[fake.focus] += by;
	if (fake.offset[fake.focus] < 0)
		fake.offset[fake.focus] = 0;
}

static void fake_line(void *self, const char *line, enum line_source source)
{
	static const char *const from[] = { "typed", "pasted", "key" };
	int digit;

	(void)self;
	if (!strcmp(line, "quit")) {
		fake.over = true;
	} else if (!strcmp(line, "step")) {
		fake.step++;
		say("step %d", fake.step);
	} else if (!strcmp(line, "zoom")) {
		fake.zoom = (fake.zoom + 1) % ZOOMS;
	} else if (!strcmp(line, "focus next")) {
		fake.focus = (fake.focus + 1) % PANES;
	} else if (!strcmp(line, "focus prev")) {
		fake.focus = (fake.focus + PANES - 1) % PANES;
	} else if (sscanf(line, "focus %d", &digit) == 1 && digit >= 1 && digit <= PANES) {
		fake.focus = digit - 1;
	} else if (!strncmp(line, "scroll ", 7)) {
		scroll(line + 7);
	} else if (!strcmp(line, "work")) {
		fake.work = 1;
		say("working");
	} else if (!strcmp(line, "abort")) {
		abort();
	} else {
		say("%s: <%s>", from[source], line);
	}
}

static void fake_end(void *self)
{
	(void)self;
	fake.over = true;
}

static bool fake_over(void *self)
{
	(void)self;
	return fake.over;
}

static bool fake_busy(void *self)
{
	(void)self;
	return fake.work > 0;
}

static void fake_slice(void *self, int ms)
{
	(void)self;
	fake.work += ms;
}

static void fake_interrupt(void *self)
{
	(void)self;
	fake.work = 0;
	say("interrupted");
}

static void fake_say(void *self, const char *sentence)
{
	(void)self;
	say("%s", sentence);
}

static void fake_complete(void *self, const char *line, int start, int end, struct completions *out)
{
	static const char *const commands[] = { "step", "status", "stale", "run", "zoom", "quit" };
	char word[32];

	(void)self;
	(void)end;
	for (size_t i = 0; !start && i < sizeof(commands) / sizeof(commands[0]); i++)
		completions_add(out, commands[i]);
	for (int i = 0; start && i < 64; i++) {
		snprintf(word, sizeof(word), "0x7f000000%04x", i << 4);
		completions_add(out, word);
	}
	if (start && !strncmp(line, "set ", 4))
		completions_add_open(out, "seed=");
}

static const char *fake_hint(void *self, const char *line)
{
	(void)self;
	return strncmp(line, "step ", 5) ? NULL : "step [N] [ACTOR]   take N steps";
}

static void draw_cpus(struct canvas *c)
{
	struct pen p = pen_at(c, 0, 0);

	for (int cpu = 0; cpu < 4; cpu++) {
		pen_word(&p, STYLE_ACTOR, "cpu%d", cpu);
		pen_to(&p, 6);
		pen_say(&p, "mm A  asid ");
		pen_value(&p, cpu == 1 ? STYLE_CHANGED : STYLE_PLAIN, 3, "%d", cpu + 1);
		pen_say(&p, "gen ");
		pen_value(&p, cpu == 2 ? STYLE_CHANGED : STYLE_PLAIN, 4, "%d", 7 + cpu);
		pen_word(&p, STYLE_WAIT, "%s", cpu == 3 ? "waits for 2 acks" : "");
		pen_line(&p);
		for (int i = 0; i < 2; i++) {
			enum style style = !i ? STYLE_FRAME : cpu == 1 ? STYLE_STALE :
					   cpu == 2 ? STYLE_BAD : STYLE_FRAME;

			pen_to(&p, 2);
			pen_word(&p, STYLE_ADDRESS, "0x7f000000%d000", i + 1);
			pen_say(&p, " ");
			pen_glyph(&p, STYLE_DIM, GLYPH_RIGHT_ARROW);
			pen_say(&p, " ");
			pen_value(&p, style, 6, "pfn %d", 40 + i);
			pen_word(&p, STYLE_DIM, " rw d a");
			pen_line(&p);
		}
	}
}

static void draw_tables(struct canvas *c)
{
	static const char *const level[] = { "pgd", "pud", "pmd", "pte" };
	struct pen p = pen_at(c, 0, 0);

	pen_word(&p, STYLE_HEAD, "level  slot   frame");
	pen_line(&p);
	for (int i = 0; i < 4; i++) {
		pen_to(&p, 2 * i);
		pen_say(&p, "%s", level[i]);
		pen_to(&p, 12);
		pen_field(&p, STYLE_PLAIN, -4, "%d", i ? 511 - i : 254);
		pen_to(&p, 18);
		pen_word(&p, STYLE_FRAME, "pfn %d", 16 + i);
		pen_line(&p);
	}
	pen_say(&p, "a foreign name: größe, 漢字, \033[31mred");
}

static void draw_iommu(struct canvas *c)
{
	struct pen p = pen_at(c, 0, 0);

	pen_word(&p, STYLE_ACTOR, "dev0");
	pen_say(&p, "  pasid 5  ");
	pen_word(&p, STYLE_GOOD, "idle");
	pen_line(&p);
	pen_word(&p, STYLE_LOCK, "ptl of pte 19 held by cpu1");
	pen_line(&p);
	pen_glyph(&p, STYLE_ARROW, GLYPH_POINTER);
	pen_say(&p, " invalidate 0x7f0000001000 1p");
	pen_line(&p);
	pen_word(&p, STYLE_BAD, "stale-leaf!");
	pen_say(&p, " used by dev0");
}

static void draw_log(struct canvas *c)
{
	int first = fake.lines > 2048 ? fake.lines - 2048 : 0;

	for (int i = first; i < fake.lines; i++)
		canvas_put(c, i - first, 0, STYLE_PLAIN, fake.log[i % 2048]);
}

static void (*const draws[PANES])(struct canvas *) = {
	draw_cpus, draw_tables, draw_iommu, draw_log
};

static void fake_draw(void *self, struct canvas *body)
{
	struct pen p = pen_at(body, 0, 1);

	(void)self;
	layout_compute(&fake.layout, body->rows, body->cols, wishes, PANES, fake.focus, fake.zoom);
	canvas_fill(body, fake.layout.status, STYLE_STATUS, L' ');
	if (fake.layout.class != LAYOUT_TINY) {
		pen_word(&p, STYLE_STATUS, "mremap-late-flush  buggy   step %d   REC", fake.step);
		pen_to(&p, p.col + 3);
		pen_word(&p, STYLE_ALARM, " stale-leaf! ");
	}
	for (int i = 0; i < PANES; i++) {
		const struct pane_place *pane = &fake.layout.pane[i];
		struct canvas *tall = canvas_new_tall(pane_text(pane->place).cols);

		if (pane->state != PANE_ABSENT && tall) {
			draws[i](tall);
			pane_show(body, pane->place,
				  (struct pane_head){
					  .title = titles[i],
					  .note = i == CPUS ? "4 online" : NULL,
					  .focused = i == fake.focus,
					  .shut = pane->state == PANE_SHUT,
				  }, tall, &fake.offset[i]);
		}
		canvas_free(tall);
	}
	layout_draw(&fake.layout, body);
}

static void fake_mouse(void *self, int row, int col, int lines)
{
	int pane = layout_find(&fake.layout, row, col);

	(void)self;
	if (pane < 0)
		return;
	if (lines)
		fake.offset[pane] += lines;
	else
		fake.focus = pane;
}

int main(int argc, char **argv)
{
	static const struct client client = {
		.prompt = fake_prompt, .line = fake_line, .end = fake_end, .over = fake_over,
		.busy = fake_busy, .slice = fake_slice, .interrupt = fake_interrupt,
		.complete = fake_complete, .say = fake_say, .draw = fake_draw, .mouse = fake_mouse,
		.hint = fake_hint,
	};
	struct screen_options options = { .mouse = true, .hints = true };
	bool ascii = false;

	setlocale(LC_ALL, "");
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--plain"))
			fake.plain = true;
		else if (!strcmp(argv[i], "--ascii"))
			ascii = true;
		else if (i + 1 < argc && !strcmp(argv[i], "--history"))
			options.history = argv[++i];
		else if (i + 1 < argc && !strcmp(argv[i], "--theme") &&
			 theme_find(argv[i + 1], &options.theme))
			i++;
		else
			return 2;
	}
	glyphs_choose(glyphs_possible() && !ascii);
	if (fake.plain || screen_run(&client, &options)) {
		fake.plain = true;
		lineui_run(&client, options.history);
	}
	printf("%d steps\n", fake.step);
	return 0;
}
