/*
 * Breaks and watches. Rule: whether a stop is hit depends on the last step and the states on both
 * sides of it alone, so going back hits the same stops as going on.
 */
#include "stops.h"

#include <string.h>

#include "commands.h"
#include "displays.h"
#include "named.h"
#include "pte.h"
#include "routines.h"
#include "stepper.h"

static enum status lock_read(const struct session *s, struct word w, unsigned *object,
			     struct complaint *c)
{
	unsigned lock;

	if (!lock_named(s->m, w, &lock))
		return complain(
			c, BAD_NAME,
			"'%.*s' is no lock: write it as `info locks` does, with _ for the blanks, "
			"such as mmap_lock_of_A or ptl(pfn_7)",
			(int)w.len, w.at);
	*object = BASE_lock + lock;
	return OK;
}

static enum status pte_read(const struct session *s, const char *rest, struct stop *out,
			    struct complaint *c)
{
	struct word mm = { "", 0 }, va = { "", 0 };

	word_next(&rest, "", &mm);
	word_next(&rest, "", &va);
	if (arg_end(rest, c) != OK)
		return c->status;
	out->kind = STOP_PTE;
	out->which = name_find(&s->m->names, NAME_MM, mm);
	if (out->which == NONE)
		return complain(c, BAD_NAME, "'%.*s' is no mm: `watch pte MM ADDRESS`", (int)mm.len,
				mm.at);
	if (!address_read(&s->m->names, va, &out->va) || out->va >= 1ull << 47)
		return complain(
			c, BAD_VALUE,
			"'%.*s' should be an address, such as 0x7f0000001000 or REGION+PAGE",
			(int)va.len, va.at);
	return OK;
}

/* A name of the kind, or a number. */
static bool index_read(const struct session *s, unsigned kind, struct word w, unsigned *index)
{
	static const struct {
		unsigned kind;
		enum name_kind name;
	} named[] = {
		{ KIND_mm, NAME_MM },	{ KIND_task, NAME_TASK }, { KIND_file, NAME_FILE },
		{ KIND_sub, NAME_SUB }, { KIND_dev, NAME_DEV },
	};
	struct complaint c;
	uint64_t number;
	unsigned lane;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (named[i].kind == kind &&
		    (*index = name_find(&s->m->names, named[i].name, w)) != NONE)
			return true;
	/* The caches of CPUs and devices are numbered as their lanes are. */
	if ((kind == KIND_tlb || kind == KIND_psc || kind == KIND_cpu) &&
	    actor_read(s, w, &lane, &c) == OK &&
	    lane < (kind == KIND_cpu ? MAX_CPUS : LANE_IOMMU)) {
		*index = lane;
		return true;
	}
	if (!word_number(w, &number) || number > OBJECTS)
		return false;
	*index = (unsigned)number;
	return true;
}

/* Cuts "WHAT if CONDITION" in two; a condition must be an expression. */
static enum status text_read(const struct session *s, const char *rest, struct stop *out,
			     struct complaint *c)
{
	const char *at = rest, *end = rest + strlen(rest);
	struct expr e;
	struct word w;

	while (word_next(&at, "", &w))
		if (word_is(w, "if") && w.at > rest) {
			end = w.at;
			at += strspn(at, " \t");
			if (strlen(at) >= sizeof(out->condition))
				return complain(c, BAD_LIMIT,
						"a condition has at most %u bytes: EXPR_TEXT is %u",
						EXPR_TEXT - 1, EXPR_TEXT);
			strcpy(out->condition, at);
			if (expr_read(s->m, at, &e, c) != OK)
				return c->status;
			break;
		}
	while (end > rest && strchr(" \t", end[-1]))
		end--;
	if ((size_t)(end - rest) >= sizeof(out->text))
		return complain(c, BAD_LIMIT,
				"a break or watch has at most %u bytes: EXPR_TEXT is %u",
				EXPR_TEXT - 1, EXPR_TEXT);
	memcpy(out->text, rest, (size_t)(end - rest));
	return OK;
}

/* KIND and a name or number: an object of the machine. */
static bool object_read(const struct session *s, struct word kind, struct word what,
			unsigned *object)
{
	unsigned first = 0, index = 0;

	while (first < OBJECTS && !word_is(kind, kind_names[objects[first].kind]))
		first++;
	if (first == OBJECTS)
		return false;
	if (!what.len && (objects[first].kind == KIND_iommu || objects[first].kind == KIND_srcu))
		what = (struct word){ "0", 1 };
	if (!index_read(s, objects[first].kind, what, &index))
		return false;
	*object = first + index;
	return *object < OBJECTS && objects[*object].kind == objects[first].kind;
}

enum status stop_read_watch(struct session *s, const char *rest, struct stop *out,
			    struct complaint *c)
{
	struct word w = { "", 0 }, what = { "", 0 };
	struct complaint no;
	struct expr e;
	const char *at;

	if (text_read(s, rest, out, c) != OK)
		return c->status;
	at = out->text;
	word_next(&at, "", &w);
	if (word_is(w, "pte"))
		return pte_read(s, at, out, c);
	word_next(&at, "", &what);
	out->kind = STOP_OBJECT;
	if (word_is(w, "lock") && what.len)
		return lock_read(s, what, &out->which, c) == OK ? arg_end(at, c) : c->status;
	if (object_read(s, w, what, &out->which))
		return arg_end(at, c);
	out->kind = STOP_VALUE;
	if (expr_read(s->m, out->text, &e, &no) == OK) {
		if (out->access == STOP_CHANGE)
			return OK;
		return complain(c, BAD_VALUE,
				"'%.60s' is an expression: only objects are read, such as `rwatch "
				"tlb cpu1`; `watch` stops when its value changes",
				out->text);
	}
	/* What is written like an expression was meant as one. */
	if (strpbrk(out->text, "().=<>"))
		return complain(c, no.status, "%s", no.text);
	return complain(
		c, BAD_NAME,
		"'%.*s %.*s' cannot be watched: `watch pte MM ADDRESS`, `watch tlb cpu1`, `watch "
		"frame 7`, `watch lock NAME`, or an expression",
		(int)(w.len < 40 ? w.len : 40), w.at, (int)(what.len < 40 ? what.len : 40),
		what.at);
}

static enum status place_read(struct session *s, struct word w, struct stop *out,
			      struct complaint *c)
{
	struct complaint no;

	for (unsigned e = 0; e < EVENT_KINDS; e++)
		if (word_is(w, event_name((enum event_kind)e))) {
			out->kind = STOP_EVENT;
			out->which = e;
			return OK;
		}
	for (unsigned r = 0; r < ROUTINE_COUNT; r++)
		if (word_is(w, routine_table[r]->name)) {
			out->kind = STOP_ROUTINE;
			out->which = r;
			return OK;
		}
	out->kind = STOP_ACTOR;
	if (actor_read(s, w, &out->which, &no) == OK)
		return OK;
	return complain(
		c, BAD_NAME,
		"'%.*s' is no event, no routine and no actor: `break free`, `break move_ptes` and "
		"`break cpu1` are examples, Tab lists all",
		(int)(w.len < 60 ? w.len : 60), w.at);
}

enum status stop_read_break(struct session *s, const char *rest, struct stop *out,
			    struct complaint *c)
{
	struct word w = { "", 0 };
	const char *at;

	if (text_read(s, rest, out, c) != OK)
		return c->status;
	at = out->text;
	word_next(&at, "", &w);
	return place_read(s, w, out, c) == OK ? arg_end(at, c) : c->status;
}

/* What the value of an expression is, as one number. */
static uint64_t value_now(const struct session *s, const char *text)
{
	const struct expr_place place = place_of(s);
	struct complaint no;
	struct value v;
	struct expr e;

	if (expr_read(s->m, text, &e, &no) != OK)
		return 0;
	v = expr_value(&e, &place);
	return v.none ? UINT64_MAX : (uint64_t)v.n;
}

uint64_t stop_value(const struct session *s, const struct stop *stop)
{
	unsigned table;
	uint64_t entry;

	switch (stop->kind) {
	case STOP_OBJECT:
		return s->m->object_digest[stop->which];
	case STOP_PTE:
		entry = entry_at(s->m, stop->which, stop->va, &table);
		/* Who reads or writes an entry opens the table page that it is in. */
		return stop->access == STOP_CHANGE ? entry : table;
	case STOP_VALUE:
		return value_now(s, stop->text);
	case STOP_EVENT:
	case STOP_ROUTINE:
	case STOP_ACTOR:
		break;
	}
	return 0;
}

static bool reported(const struct session *s, unsigned event)
{
	const struct timeline_step *step = timeline_step(&s->t, timeline_depth(&s->t));

	for (unsigned i = 0; i < step->events; i++)
		if (s->t.event[step->event_at + i].kind == event)
			return true;
	return false;
}

/* The routine's first line comes next on some stack that has just moved. */
static bool about_to_enter(const struct session *s, unsigned routine)
{
	unsigned lane = action_lane(&s->t.node[s->t.cursor].action);
	const char *words;
	bool call;

	for (unsigned ctx = 0; ctx < MAX_CTX; ctx++) {
		const struct act *top = ctx_top(s->m, ctx);

		if (!top || top->routine != routine || peek_ctx(s->m, ctx)->cpu != lane)
			continue;
		for (unsigned pc = 1; pc <= top->pc; pc++)
			if (routine_line(routine, pc, &words, &call) && !call)
				return pc == top->pc;
	}
	return false;
}

/* Is the object in the last step's footprint? */
static bool touched(const struct session *s, unsigned object, enum stop_access access)
{
	const struct effects *fx = &s->t.fx;
	uint64_t seen = fx->reads[object / 64];

	if (access == STOP_ACCESS)
		seen |= fx->writes[object / 64];
	return seen >> object % 64 & 1;
}

static bool is_there(const struct session *s, const struct stop *stop, uint64_t before)
{
	const struct timeline_node *node = &s->t.node[s->t.cursor];
	struct action next;

	switch (stop->kind) {
	case STOP_EVENT:
		return reported(s, stop->which);
	case STOP_ROUTINE:
		return about_to_enter(s, stop->which);
	case STOP_ACTOR:
		return action_lane(&node->action) != stop->which && stepper_default(s, &next) &&
		       action_lane(&next) == stop->which;
	case STOP_OBJECT:
		if (stop->access != STOP_CHANGE)
			return touched(s, stop->which, stop->access);
		return stop_value(s, stop) != before;
	case STOP_PTE:
		if (stop->access != STOP_CHANGE)
			return before < MAX_TABLES &&
			       touched(s, BASE_table + (unsigned)before, stop->access);
		return stop_value(s, stop) != before;
	case STOP_VALUE:
		return stop_value(s, stop) != before;
	}
	return false;
}

bool stop_hit(const struct session *s, const struct stop *stop, uint64_t before)
{
	uint64_t wish;

	if (stop->off || !is_there(s, stop, before))
		return false;
	if (!stop->condition[0])
		return true;
	wish = value_now(s, stop->condition);
	return wish && wish != UINT64_MAX;
}

void stop_text(const struct session *s, const struct stop *stop, struct text *t)
{
	static const char *const watches[] = { "watch", "rwatch", "awatch" };
	bool watch = stop->kind >= STOP_OBJECT;

	text_add(t, "%s %u: %s",
		 watch	    ? watches[stop->access] :
		 stop->once ? "tbreak" :
			      "break",
		 stop->number, stop->text);
	if (stop->condition[0])
		text_add(t, " if %s", stop->condition);
	if (stop->off)
		text_add(t, " (disabled)");
	if (stop->kind == STOP_VALUE) {
		text_add(t, " is now ");
		print_value(s, stop->text, t);
	}
	if (stop->kind == STOP_PTE && stop->access == STOP_CHANGE) {
		text_add(t, " is now ");
		pte_text(t, stop_value(s, stop), LEVEL_PTE);
	}
}
