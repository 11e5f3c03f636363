/*
 * race.c - columns of text.  Two passes over the same rows: one measures, one writes.
 */
#include "race.h"

#include <ctype.h>
#include <string.h>

#include "task.h"

enum {
	RACE_COLS = 75,
	GAP = 2,
	NARROWEST = 14
};

struct race {
	const struct timeline *t;
	uint32_t from, to;
	unsigned width[LANES]; /* widest text, 0 = no row */
	unsigned at[LANES];    /* column where the lane begins */
	unsigned room[LANES];  /* columns of the lane */
};

/* What is said about an act, and not the act itself: it follows the act's row. */
static bool is_remark(const struct event *e, const char *words)
{
	return e->kind == EV_FINDING || words[0] == '[';
}

static void step_rows(struct race *r, const struct timeline_step *step,
		      void (*row)(struct race *r, unsigned lane, const char *words, void *self),
		      void *self)
{
	const struct event *event = r->t->event + step->event_at;
	unsigned remark = 0; /* remarks before this one have been given */

	for (unsigned i = 0; i <= step->events; i++) {
		char words[120] = "";
		struct text t = text_over(words, sizeof(words));

		if (i < step->events) {
			event_brief(&t, &r->t->m->names, &event[i]);
			if (!*words || is_remark(&event[i], words))
				continue;
			row(r, event[i].lane, words, self);
		}
		for (; remark < i; remark++) {
			t = text_over(words, sizeof(words));
			event_brief(&t, &r->t->m->names, &event[remark]);
			if (*words && is_remark(&event[remark], words))
				row(r, event[remark].lane, words, self);
		}
	}
}

/* Calls back with each row, in order. */
static void rows_each(struct race *r,
		      void (*row)(struct race *r, unsigned lane, const char *words, void *self),
		      void *self)
{
	for (uint32_t d = r->from + 1; d <= r->to; d++)
		step_rows(r, timeline_step(r->t, d), row, self);
}

static void measure(struct race *r, unsigned lane, const char *words, void *self)
{
	size_t len = strlen(words);

	(void)self;
	if (len > r->width[lane])
		r->width[lane] = (unsigned)len;
}

/* Lanes as wide as their text where all fit; else the wide ones share what the narrow ones leave.
 */
static void columns_set(struct race *r)
{
	unsigned lanes = 0, left, share, at = 0, open;

	for (unsigned i = 0; i < LANES; i++)
		lanes += r->width[i] != 0;
	left = RACE_COLS - GAP * (lanes - 1);
	open = lanes;
	for (bool again = true; again && open;) {
		again = false;
		share = left / open;
		for (unsigned i = 0; i < LANES; i++)
			if (r->width[i] && !r->room[i] && r->width[i] <= share) {
				r->room[i] = r->width[i] > 8 ? r->width[i] : 8;
				left -= r->room[i] < left ? r->room[i] : left;
				open--;
				again = true;
			}
	}
	for (unsigned i = 0; i < LANES; i++) {
		if (!r->width[i])
			continue;
		if (!r->room[i])
			r->room[i] = left / open > NARROWEST ? left / open : NARROWEST;
		r->at[i] = at;
		at += r->room[i] + GAP;
	}
}

static void blanks(FILE *out, unsigned n)
{
	fprintf(out, "%*s", (int)n, "");
}

/* Text from column `at`, `room` wide; what is too long goes on in the next line, two columns
 * further in. */
static void wrap(FILE *out, unsigned at, unsigned room, const char *words)
{
	size_t indent = 0;

	while (*words) {
		size_t fits = room - indent, len = strlen(words);

		if (len > fits) {
			len = fits;
			/* A closing bracket stays with the word before it. */
			while (len > 0 && (words[len] != ' ' || words[len + 1] == ']'))
				len--;
			if (!len)
				len = fits;
		}
		blanks(out, at + (unsigned)indent);
		fprintf(out, "%.*s\n", (int)len, words);
		words += len;
		while (*words == ' ')
			words++;
		indent = 2;
	}
}

static void put(struct race *r, unsigned lane, const char *words, void *self)
{
	wrap(self, r->at[lane], r->room[lane], words);
}

static void head(const struct race *r, FILE *out, bool rule)
{
	unsigned at = 0;

	for (unsigned i = 0; i < LANES; i++) {
		char name[32];
		struct text t = text_over(name, sizeof(name));

		if (!r->width[i])
			continue;
		lane_text(&t, &r->t->m->names, i);
		for (char *c = name; *c; c++)
			*c = rule ? '-' : (char)toupper((unsigned char)*c);
		blanks(out, r->at[i] - at);
		at = r->at[i] + (unsigned)fprintf(out, "%s", name);
	}
	fprintf(out, "\n");
}

/* "mover on CPU0: mremap heap+0 1p to 0x7f0000201000; ..." of everybody who has a column. */
static void programs(const struct race *r, FILE *out)
{
	const struct machine *m = r->t->m;

	for (unsigned i = 0; i < MAX_TASKS + MAX_DEVS; i++) {
		const struct program *prog = peek_program(m, i);
		unsigned lane =
			i < MAX_TASKS ? LANE_CPU(peek_task(m, i)->cpu) : LANE_DEV(i - MAX_TASKS);
		char words[MAX_OPS * 60];
		struct text t = text_over(words, sizeof(words));

		if (!prog->count || !r->width[lane])
			continue;
		if (i < MAX_TASKS) {
			name_text(&t, &m->names, NAME_TASK, i);
			text_add(&t, " on ");
		}
		lane_text(&t, &m->names, lane);
		for (unsigned k = 0; k < prog->count; k++) {
			text_add(&t, k ? "; " : ": ");
			op_text(&t, &m->names, &prog->op[k]);
		}
		wrap(out, 0, RACE_COLS, words);
	}
	fprintf(out, "\n");
}

void race_write(FILE *out, const struct timeline *t, uint32_t from, uint32_t to)
{
	struct race r = { .t = t, .from = from, .to = to };
	bool any = false;

	if (r.to > timeline_depth(t))
		r.to = timeline_depth(t);
	rows_each(&r, measure, NULL);
	for (unsigned i = 0; i < LANES; i++)
		any |= r.width[i] != 0;
	if (!any)
		return;
	columns_set(&r);
	programs(&r, out);
	head(&r, out, false);
	head(&r, out, true);
	rows_each(&r, put, out);
}
