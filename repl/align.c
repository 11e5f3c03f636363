/*
 * Two machines side by side.
 */
#include "align.h"

#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "routine.h"
#include "runner.h"
#include "task.h"

enum {
	REACH_STATES = 5000, /* looked at for the way to a line or to an action */
	REACH_STEPS = 48
};

/* Where a context stands. */
struct place {
	unsigned ctx, routine, pc; /* ctx = NONE: nothing runs */
};

struct work {
	struct session *s;
	struct machine *m; /* the other one */
	struct alignment *out;
	struct place *place;   /* of each step of the path that is a thread's, before it */
	struct action *action; /* of the path */
	uint32_t steps;
	bool memory;
};

static struct place place_of(const struct machine *m, unsigned ctx)
{
	const struct act *top = ctx == NONE ? NULL : ctx_top(m, ctx);

	return top ? (struct place){ ctx, top->routine, top->pc } : (struct place){ .ctx = NONE };
}

static struct place place_of_step(const struct machine *m, const struct action *a)
{
	return place_of(m, a->kind == ACT_STEP ? cpu_context(m, a->agent) : NONE);
}

static bool same_place(struct place a, struct place b)
{
	return a.ctx == b.ctx && a.routine == b.routine && a.pc == b.pc;
}

/* ---- rows ---- */

static struct align_row *add(struct work *w, enum align_kind kind)
{
	struct alignment *a = w->out;
	struct align_row *grown;

	if (a->rows == a->cap) {
		grown = realloc(a->row, (2 * a->cap + 64) * sizeof(*grown));
		if (!grown) {
			w->memory = false;
			return NULL;
		}
		a->row = grown;
		a->cap = 2 * a->cap + 64;
	}
	a->row[a->rows] = (struct align_row){ .kind = kind, .why = "" };
	return &a->row[a->rows++];
}

static void describe(struct align_row *row, unsigned side, const struct machine *m,
		     const struct action *a, uint32_t step)
{
	struct text lt = text_over(row->label[side], sizeof(row->label[side])),
		    wt = text_over(row->words[side], sizeof(row->words[side]));

	label_text(&lt, &m->names, a);
	action_text(&wt, m, a);
	row->step[side] = step;
}

/* The path goes on by one step, which is `row`'s. */
static void take_here(struct work *w, struct align_row *row, uint32_t i)
{
	if (row)
		describe(row, 0, w->s->m, &w->action[i], i + 1);
	timeline_forward(&w->s->t, 1);
	if (row)
		row->rule[0] = w->s->t.node[w->s->t.cursor].finding.rule;
	w->out->steps[0] = i + 1;
}

static void take_there(struct work *w, struct align_row *row, const struct action *a)
{
	if (row)
		describe(row, 1, w->m, a, w->out->steps[1] + 1);
	machine_apply(w->m, a, &w->s->fx);
	if (row)
		row->rule[1] = w->s->fx.finding.rule;
	w->out->steps[1]++;
}

/* ---- what differs ---- */

/* Room for one more, NULL when only its number counts. */
static struct align_object *note(struct work *w)
{
	unsigned n = w->out->objects++;

	if (n >= ALIGN_OBJECTS)
		return NULL;
	memset(&w->out->object[n], 0, sizeof(w->out->object[n]));
	return &w->out->object[n];
}

static void note_object(struct work *w, unsigned object)
{
	struct align_object *o = note(w);
	struct text nt, ht, tt;

	if (!o)
		return;
	nt = text_over(o->name, sizeof(o->name));
	ht = text_over(o->words[0], sizeof(o->words[0]));
	tt = text_over(o->words[1], sizeof(o->words[1]));
	object_name(w->s->m, object, &nt);
	object_words(w->s->m, object, &ht);
	object_words(w->m, object, &tt);
}

/* Two stacks that are not the same: the next line of each says it best. */
static void note_stack(struct work *w, unsigned ctx)
{
	struct align_object *o = note(w);
	struct text t;

	if (!o)
		return;
	t = text_over(o->name, sizeof(o->name));
	text_add(&t, "next line of ");
	if (ctx < MAX_TASKS)
		name_text(&t, &w->s->m->names, NAME_TASK, ctx);
	else
		text_add(&t, "the interrupt on cpu%u", ctx - MAX_TASKS);
	for (unsigned side = 0; side < 2; side++) {
		const struct machine *m = side ? w->m : w->s->m;
		unsigned depth = peek_ctx(m, ctx)->depth;

		t = text_over(o->words[side], sizeof(o->words[side]));
		if (depth)
			object_words(m, BASE_act + ctx * MAX_DEPTH + depth - 1, &t);
		else
			text_add(&t, "none");
	}
}

static bool differs(const struct work *w, unsigned object)
{
	return w->s->m->object_digest[object] != w->m->object_digest[object];
}

static bool stack_differs(const struct work *w, unsigned ctx)
{
	bool any = differs(w, BASE_ctx + ctx);

	for (unsigned i = 0; i < MAX_DEPTH; i++)
		any |= differs(w, BASE_act + ctx * MAX_DEPTH + i);
	return any;
}

/* Are there contents that are not the same?  The variants' own switches are no news. */
static bool look(struct work *w)
{
	w->out->objects = 0;
	for (unsigned ctx = 0; ctx < MAX_CTX; ctx++)
		if (stack_differs(w, ctx))
			note_stack(w, ctx);
	for (unsigned o = 0; o < OBJECTS; o++)
		if (objects[o].kind != KIND_profile && objects[o].kind != KIND_ctx &&
		    objects[o].kind != KIND_act && differs(w, o))
			note_object(w, o);
	return w->out->objects;
}

/* ---- ways to a line, and to an action ---- */

struct wish {
	struct place place; /* ctx = NONE: any */
	struct action action;
};

static bool granted(const struct machine *m, void *self)
{
	const struct wish *wish = self;

	return !action_blocked(m, &wish->action) &&
	       (wish->place.ctx == NONE ||
		same_place(place_of_step(m, &wish->action), wish->place));
}

/* A shortest way to where the wish is granted: how many steps, 0 when none is near. */
static uint32_t reach(struct work *w, struct wish *wish, struct action way[REACH_STEPS])
{
	const struct explore_options o = { .all = true,
					   .goal = granted,
					   .goal_self = wish,
					   .max_states = REACH_STATES };
	struct runner r;
	uint32_t n = 0;

	if (!runner_begin(&r, w->m, &o)) {
		w->memory = false;
		return 0;
	}
	while (!runner_slice(&r, 1000))
		;
	runner_end(&r);
	if (r.result->goal && r.result->trace_length <= REACH_STEPS) {
		n = r.result->trace_length;
		memcpy(way, r.result->trace, n * sizeof(*way));
	}
	runner_free(&r);
	return n;
}

static void go(struct work *w, const struct action *way, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		take_there(w, add(w, ALIGN_THERE), &way[i]);
}

/* ---- one step of the path ---- */

static void both(struct work *w, uint32_t i, enum align_kind kind)
{
	struct align_row *row = add(w, kind);

	take_there(w, row, &w->action[i]);
	take_here(w, row, i);
}

static void here_alone(struct work *w, uint32_t i, const char *why)
{
	struct align_row *row = add(w, ALIGN_HERE);

	if (row)
		row->why = why;
	take_here(w, row, i);
}

/* Steps of the same context that the path takes before it comes to this place; 0 = it does not. */
static uint32_t lines_less(const struct work *w, uint32_t i, struct place there)
{
	uint32_t n = 0;

	for (uint32_t k = i; k < w->steps; k++) {
		if (w->place[k].ctx != w->place[i].ctx)
			continue;
		if (same_place(w->place[k], there))
			return n;
		n++;
	}
	return 0;
}

static void follow_step(struct work *w, uint32_t i)
{
	const struct action *a = &w->action[i];
	struct wish wish = { .place = w->place[i], .action = *a };
	struct action way[REACH_STEPS];
	unsigned ctx = w->place[i].ctx;
	uint32_t less, more;

	if (granted(w->m, &wish)) {
		both(w, i, ALIGN_BOTH);
		return;
	}
	if (ctx >= MAX_TASKS && cpu_context(w->m, a->agent) != ctx) {
		here_alone(w, i, "no interrupt is handled there");
		return;
	}
	less = lines_less(w, i, place_of(w->m, ctx));
	more = reach(w, &wish, way);
	if (more && (!less || more <= less)) {
		go(w, way, more);
		both(w, i, ALIGN_BOTH);
	} else if (less) {
		here_alone(w, i, "");
	} else if (!action_blocked(w->m, a)) {
		both(w, i, ALIGN_OTHER);
	} else {
		here_alone(w, i, action_blocked(w->m, a));
	}
}

static void follow_other(struct work *w, uint32_t i)
{
	const struct action *a = &w->action[i];
	struct wish wish = { .place = { .ctx = NONE }, .action = *a };
	const char *why = action_blocked(w->m, a);
	struct action way[REACH_STEPS];
	uint32_t more;

	/* An interrupt, a descriptor, a walk that is not there follows from what was left out. */
	if (why && a->kind == ACT_SWITCH && peek_cpu(w->m, a->agent)->current != a->task) {
		more = reach(w, &wish, way);
		go(w, way, more);
		why = action_blocked(w->m, a);
	}
	if (why)
		here_alone(w, i, why);
	else
		both(w, i, ALIGN_BOTH);
}

/* ---- the whole ---- */

static void path_read(struct work *w, uint32_t cursor)
{
	struct session *s = w->s;

	for (uint32_t n = cursor; n; n = s->t.node[n].parent)
		w->action[s->t.node[n].depth - 1] = s->t.node[n].action;
	timeline_goto(&s->t, 0);
	for (uint32_t i = 0; i < w->steps; i++) {
		w->place[i] = place_of_step(s->m, &w->action[i]);
		timeline_forward(&s->t, 1);
	}
	timeline_goto(&s->t, 0);
}

static void path_follow(struct work *w)
{
	struct alignment *a = w->out;
	bool parted = false;

	a->before = look(w);
	for (uint32_t i = 0; i < w->steps && w->memory; i++) {
		uint32_t rows = a->rows;

		if (w->action[i].kind == ACT_STEP)
			follow_step(w, i);
		else
			follow_other(w, i);
		if (parted || !w->memory)
			continue;
		parted = a->row[rows].kind != ALIGN_BOTH || (!a->before && look(w));
		a->differ = parted ? rows : a->rows;
	}
}

bool align(struct session *s, struct machine *m, struct alignment *a)
{
	uint32_t here = s->t.cursor;
	struct work w = { .s = s, .m = m, .out = a, .steps = timeline_depth(&s->t), .memory = true };

	memset(a, 0, sizeof(*a));
	w.place = calloc(w.steps + 1, sizeof(*w.place));
	w.action = calloc(w.steps + 1, sizeof(*w.action));
	w.memory = w.place && w.action;
	if (w.memory) {
		path_read(&w, here);
		path_follow(&w);
		timeline_goto(&s->t, here);
	}
	free(w.place);
	free(w.action);
	return w.memory;
}

void align_free(struct alignment *a)
{
	free(a->row);
	a->row = NULL;
}
