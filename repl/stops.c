/*
 * Breaks and watches. Rule: whether a stop is hit depends on the last step and the states on both
 * sides of it alone, so going back hits the same stops as going on.
 */
#include "stops.h"

#include <string.h>

#include "memory.h"
#include "pte.h"
#include "routines.h"
#include "stepper.h"

static enum status lock_read(const struct session *s, struct word w, unsigned *object,
			     struct complaint *c)
{
	char buf[64];
	struct word want;

	/* Spelled as the panes spell it, with '_' for the blanks: mmap_lock_of_A, ptl(pfn_7). */
	for (unsigned lock = 0; lock < MAX_LOCKS; lock++) {
		struct text t = text_over(buf, sizeof(buf));

		lock_text(&t, &s->m->names, lock);
		for (char *p = buf; *p; p++)
			if (*p == ' ')
				*p = '_';
		want = (struct word){ buf, strlen(buf) };
		if (w.len == want.len && !memcmp(w.at, buf, w.len)) {
			*object = BASE_lock + lock;
			return OK;
		}
	}
	return complain(
		c, BAD_NAME,
		"'%.*s' is no lock: write it as `show locks` does, with _ for the blanks, such as "
		"mmap_lock_of_A or ptl(pfn_7)",
		(int)w.len, w.at);
}

static enum status pte_read(const struct session *s, const char *rest, struct stop *out,
			    struct complaint *c)
{
	struct word mm = { "", 0 }, va = { "", 0 };

	word_next(&rest, "", &mm);
	word_next(&rest, "", &va);
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

enum status stop_read_watch(struct session *s, const char *rest, struct stop *out,
			    struct complaint *c)
{
	struct word w = { "", 0 }, what = { "", 0 };
	unsigned index = 0;

	word_next(&rest, "", &w);
	if (word_is(w, "pte"))
		return pte_read(s, rest, out, c);
	word_next(&rest, "", &what);
	out->kind = STOP_OBJECT;
	if (word_is(w, "lock"))
		return lock_read(s, what, &out->which, c);
	for (unsigned object = 0; object < OBJECTS; object++) {
		if (!word_is(w, kind_names[objects[object].kind]))
			continue;
		if (!what.len &&
		    (objects[object].kind == KIND_iommu || objects[object].kind == KIND_srcu))
			what = (struct word){ "0", 1 };
		if (!index_read(s, objects[object].kind, what, &index))
			break;
		out->which = object + index;
		if (out->which < OBJECTS && objects[out->which].kind == objects[object].kind)
			return OK;
		break;
	}
	return complain(
		c, BAD_NAME,
		"'%.*s %.*s' cannot be watched: `watch pte MM ADDRESS`, `watch tlb cpu1`, `watch "
		"frame 7`, "
		"`watch lock NAME`, or another object by name or number",
		(int)w.len, w.at, (int)what.len, what.at);
}

enum status stop_read_break(struct session *s, const char *rest, struct stop *out,
			    struct complaint *c)
{
	struct word w = { "", 0 };
	struct complaint no;

	word_next(&rest, "", &w);
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
		(int)w.len, w.at);
}

static uint64_t leaf_entry(const struct machine *m, unsigned mm, uint64_t va)
{
	unsigned table = peek_mm(m, mm)->pgd, index;
	uint64_t entry;

	for (unsigned level = LEVEL_PGD; table < MAX_FRAMES && level >= LEVEL_PTE; level--) {
		uint64_t found = 0;

		for (unsigned n = 0; table_slot(m, table, n, &index, &entry); n++)
			if (index == va_index(va, level))
				found = entry;
		if (!found || pte_leaf(found, level))
			return found;
		table = pte_pfn(found);
	}
	return 0;
}

uint64_t stop_value(const struct session *s, const struct stop *stop)
{
	if (stop->kind == STOP_OBJECT)
		return s->m->object_digest[stop->which];
	if (stop->kind == STOP_PTE)
		return leaf_entry(s->m, stop->which, stop->va);
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

bool stop_hit(const struct session *s, const struct stop *stop, uint64_t before)
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
	case STOP_PTE:
		return stop_value(s, stop) != before;
	}
	return false;
}

void stop_text(const struct session *s, const struct stop *stop, struct text *t)
{
	text_add(t, "%s %u: %s",
		 stop->kind == STOP_OBJECT || stop->kind == STOP_PTE ? "watch" : "break",
		 stop->number, stop->text);
	if (stop->kind == STOP_PTE) {
		text_add(t, " is now ");
		pte_text(t, stop_value(s, stop), LEVEL_PTE);
	}
}
