/*
 * One schedule under two variants: what is said of it. align.c does the following.
 */
#include "twin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "align.h"
#include "commands.h"
#include "info.h"
#include "stepper.h"

enum {
	WIDE = 120, /* columns from which the two stand side by side */
	AROUND = 2  /* like steps shown before and after those that are not */
};

struct twin {
	struct session *s;
	unsigned variant; /* the other one */
	struct alignment a;
	const char *name[2];
	bool all;
	bool deadlock; /* nobody can go on at its end */
};

/* ---- which variant ---- */

static unsigned counterpart(const struct scenario *sc, unsigned variant)
{
	const char *name = sc->variant[variant].name;
	unsigned v = NONE;

	if (!strcmp(name, "buggy"))
		v = scenario_variant_find(sc, (struct word){ "fixed", 5 });
	else if (!strcmp(name, "fixed"))
		v = scenario_variant_find(sc, (struct word){ "buggy", 5 });
	return v != NONE ? v : variant == 0;
}

static enum status twin_read(struct twin *t, const char *rest, struct complaint *c)
{
	const struct scenario *sc = t->s->sc;
	struct word w;

	t->variant = NONE;
	while (arg_next(&rest, &w)) {
		if (word_is(w, "all")) {
			t->all = true;
			continue;
		}
		if (t->variant != NONE)
			return complain(c, BAD_SYNTAX, "'%.*s' is one word too many",
					(int)(w.len < 60 ? w.len : 60), w.at);
		t->variant = scenario_variant_find(sc, w);
		if (t->variant == NONE)
			return complain(c, BAD_NAME, "'%.*s' is no variant of %s: `variant` lists them",
					(int)(w.len < 60 ? w.len : 60), w.at, sc->name);
	}
	if (sc->variants < 2)
		return complain(c, BAD_STATE, "%s has one variant only: there is no twin to it",
				sc->name);
	if (t->variant == NONE)
		t->variant = counterpart(sc, t->s->variant);
	if (t->variant == t->s->variant)
		return complain(c, BAD_VALUE, "%s is the variant that is loaded: name another one",
				sc->variant[t->variant].name);
	if (!t->s->t.cursor)
		return complain(c, BAD_STATE, "there is no step up to here that a twin could follow");
	return OK;
}

/* ---- rows ---- */

/* The same line, and it breaks the same or nothing. */
static bool is_alike(const struct align_row *row)
{
	return row->kind == ALIGN_BOTH && row->rule[0] == row->rule[1];
}

static char sign(const struct align_row *row)
{
	if (row->kind == ALIGN_HERE)
		return '<';
	if (row->kind == ALIGN_THERE)
		return '>';
	return is_alike(row) ? ' ' : '|';
}

static void side_text(const struct align_row *row, unsigned side, struct text *t)
{
	if (!row->step[side])
		return;
	text_add(t, "%4u  %-10s  %s", row->step[side], row->label[side], row->words[side]);
	if (row->rule[side])
		text_add(t, "  !! %s", rule_table[row->rule[side]].name);
}

static void row_wide(struct canvas *c, int at, const struct align_row *row)
{
	int half = (c->cols - 5) / 2;

	for (unsigned side = 0; side < 2; side++) {
		char buf[240];
		struct text t = text_over(buf, sizeof(buf));

		side_text(row, side, &t);
		canvas_put_within(c, at, side ? half + 5 : 0, half,
				  row->rule[side] ? STYLE_BAD : STYLE_PLAIN, buf);
	}
	canvas_printf(c, at, half + 2, STYLE_PLAIN, "%c", sign(row));
}

/* On the screen a row is one line, cut where the box ends. */
static void line_narrow(struct session *s, const struct align_row *row, unsigned side)
{
	bool cut = s->out.sink != NULL;
	const char *why = side ? "" : row->why;
	char buf[240];
	struct text t = text_over(buf, sizeof(buf));
	struct canvas *c;

	text_add(&t, "%c ", is_alike(row) ? ' ' : "<>"[side]);
	side_text(row, side, &t);
	if (*why && !cut)
		text_add(&t, "  (%s)", why);
	c = cut ? canvas_new(1, info_width(s)) : NULL;
	if (!c) {
		out_line(&s->out, "%s", buf);
		return;
	}
	canvas_put(c, 0, 0, STYLE_PLAIN, buf);
	out_canvas(&s->out, "twin", c);
	canvas_free(c);
}

static void row_narrow(struct session *s, const struct align_row *row)
{
	for (unsigned side = 0; side < 2; side++)
		/* One line is enough for what is the same. */
		if (row->step[side] && !(side && is_alike(row)))
			line_narrow(s, row, side);
}

static void row_json(struct session *s, const struct align_row *row)
{
	static const char *const kinds[] = { "both", "other", "here", "there" };
	json_t *o = json_pack("{s:s, s:s}", "kind", kinds[row->kind], "why", row->why);

	for (unsigned side = 0; side < 2; side++)
		if (row->step[side])
			json_object_set_new(
				o, side ? "there" : "here",
				json_pack("{s:I, s:s, s:s, s:s}", "step", (json_int_t)row->step[side],
					  "label", row->label[side], "text", row->words[side], "rule",
					  row->rule[side] ? rule_table[row->rule[side]].name : ""));
	out_object(&s->out, "twin-step", o);
}

static bool is_news(const struct twin *t, uint32_t i)
{
	const struct align_row *row = &t->a.row[i];

	return t->all || !is_alike(row) || i == t->a.differ;
}

static bool is_shown(const struct twin *t, uint32_t i)
{
	uint32_t from = i > AROUND ? i - AROUND : 0;

	for (uint32_t k = from; k <= i + AROUND && k < t->a.rows; k++)
		if (is_news(t, k))
			return true;
	return false;
}

static void say_alike(struct session *s, uint32_t steps)
{
	if (steps)
		out_line(&s->out, "  ... %u step%s alike", steps, steps == 1 ? "" : "s");
}

/* Rows from..to in two columns. */
static void say_columns(struct twin *t, uint32_t from, uint32_t to, bool head)
{
	struct canvas *c = canvas_new((int)(to - from) + head, info_width(t->s));
	int half;

	if (!c)
		return;
	half = (c->cols - 5) / 2;
	if (head) {
		canvas_printf(c, 0, 0, STYLE_LABEL, "step  %s", t->name[0]);
		canvas_printf(c, 0, half + 5, STYLE_LABEL, "step  %s", t->name[1]);
	}
	for (uint32_t i = from; i < to; i++)
		row_wide(c, (int)(i - from) + head, &t->a.row[i]);
	out_canvas(&t->s->out, "twin", c);
	canvas_free(c);
}

static void say_rows(struct twin *t)
{
	struct session *s = t->s;
	bool wide = info_width(s) >= WIDE, head = true;
	uint32_t alike = 0;

	for (uint32_t i = 0; i < t->a.rows; i++) {
		uint32_t end = i;

		if (s->out.json) {
			row_json(s, &t->a.row[i]);
			continue;
		}
		if (!is_shown(t, i)) {
			alike++;
			continue;
		}
		say_alike(s, alike);
		alike = 0;
		while (end < t->a.rows && is_shown(t, end))
			end++;
		if (wide)
			say_columns(t, i, end, head);
		for (; !wide && i < end; i++)
			row_narrow(s, &t->a.row[i]);
		head = false;
		i = end - 1;
	}
	say_alike(s, alike);
}

/* ---- the first difference, the ends ---- */

static void say_objects(struct twin *t)
{
	const struct alignment *a = &t->a;
	unsigned named = a->objects < ALIGN_OBJECTS ? a->objects : ALIGN_OBJECTS;

	for (unsigned i = 0; i < named; i++) {
		const struct align_object *o = &a->object[i];

		if (!strcmp(o->words[0], o->words[1])) {
			out_line(&t->s->out, "  %-24s has other contents, but the same words: %s", o->name,
				 *o->words[0] ? o->words[0] : "none");
			continue;
		}
		for (unsigned side = 0; side < 2; side++)
			out_line(&t->s->out, "  %-24s %-8s %s", side ? "" : o->name, t->name[side],
				 o->words[side]);
	}
	if (a->objects > named)
		out_line(&t->s->out, "  and %u more", a->objects - named);
}

static void say_first(struct twin *t)
{
	const struct alignment *a = &t->a;
	const struct align_row *row = &a->row[a->differ];
	struct session *s = t->s;
	unsigned side = a->differ < a->rows && !row->step[0];

	if (a->before) {
		out_line(&s->out, "they differ before the first step:");
		say_objects(t);
	}
	if (a->differ == a->rows) {
		out_line(&s->out, "no step differs: on this way the switch makes no difference");
		return;
	}
	out_line(&s->out, "the first difference is %sstep %u of %s, %s: %s",
		 row->kind == ALIGN_BOTH ? "after " : "", row->step[side], t->name[side],
		 row->label[side], row->words[side]);
	if (row->kind == ALIGN_BOTH)
		say_objects(t);
	else if (row->kind == ALIGN_OTHER)
		out_line(&s->out, "  %s does something else: %s", t->name[1], row->words[1]);
	else
		out_line(&s->out, "  %s has no such step here%s%s", t->name[!side], *row->why ? ": " : "",
			 row->why);
}

/* The first rule that a side breaks and where; RULE_NONE when it breaks none. */
static unsigned broken(const struct twin *t, unsigned side, uint32_t *step)
{
	*step = t->a.steps[side];
	for (uint32_t i = 0; i < t->a.rows; i++)
		if (t->a.row[i].rule[side]) {
			*step = t->a.row[i].step[side];
			return t->a.row[i].rule[side];
		}
	if (side ? t->deadlock : session_finding(t->s) == RULE_DEADLOCK)
		return RULE_DEADLOCK;
	return RULE_NONE;
}

static void say_end(struct twin *t, unsigned side)
{
	const struct scenario *sc = t->s->sc;
	const char *switches = sc->variant[side ? t->variant : t->s->variant].switches;
	uint32_t step;
	unsigned rule = broken(t, side, &step);

	if (rule)
		out_line(&t->s->out, "%-8s (%s) breaks %s at step %u of %u", t->name[side], switches,
			 rule_table[rule].name, step, t->a.steps[side]);
	else
		out_line(&t->s->out, "%-8s (%s) breaks no rule in %u steps", t->name[side], switches,
			 t->a.steps[side]);
}

static void say_json(struct twin *t)
{
	const struct alignment *a = &t->a;
	unsigned named = a->objects < ALIGN_OBJECTS ? a->objects : ALIGN_OBJECTS;
	json_t *o = json_object(), *list = json_array();

	for (unsigned side = 0; side < 2; side++) {
		uint32_t step;
		unsigned rule = broken(t, side, &step);
		unsigned v = side ? t->variant : t->s->variant;

		json_object_set_new(o, side ? "there" : "here",
				    json_pack("{s:s, s:s, s:I, s:s?, s:I}", "variant", t->name[side],
					      "switches", t->s->sc->variant[v].switches, "steps",
					      (json_int_t)a->steps[side], "rule",
					      rule ? rule_table[rule].name : NULL, "rule_step",
					      (json_int_t)(rule ? step : 0)));
	}
	for (unsigned i = 0; i < named; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "object", a->object[i].name,
						      "here", a->object[i].words[0], "there",
						      a->object[i].words[1]));
	json_object_set_new(o, "first", a->differ == a->rows ? json_null() : json_integer(a->differ));
	json_object_set_new(o, "objects", list);
	out_object(&t->s->out, "twin", o);
}

static void say(struct twin *t)
{
	if (t->s->out.json) {
		say_rows(t);
		say_json(t);
		return;
	}
	say_end(t, 0);
	say_end(t, 1);
	say_first(t);
	say_rows(t);
}

enum status cmd_twin(struct session *s, const char *rest, struct complaint *c)
{
	struct twin t = { .s = s };
	enum status status = twin_read(&t, rest, c);

	if (status == OK)
		status = scenario_build(s->sc, t.variant, s->probe, &s->fx, c);
	if (status != OK)
		return status;
	t.name[0] = s->sc->variant[s->variant].name;
	t.name[1] = s->sc->variant[t.variant].name;
	if (align(s, s->probe, &t.a)) {
		t.deadlock = machine_stuck(s->probe);
		say(&t);
	} else {
		status = complain(c, BAD_LIMIT, "there is no memory for two paths");
	}
	align_free(&t.a);
	return status;
}
