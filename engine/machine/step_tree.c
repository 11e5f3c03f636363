/*
 * step_tree.c - the timeline.
 */
#include <string.h>

#include "step_tree.h"

/* Room per step of a path, on average; a step that needs more takes from the others. */
#define UNDO_PER_STEP	1024u
#define EVENTS_PER_STEP	8u

size_t timeline_bytes(uint32_t nodes)
{
	return (size_t)nodes * (sizeof(struct timeline_node) + sizeof(struct timeline_step) + UNDO_PER_STEP +
		EVENTS_PER_STEP * sizeof(struct event)) + UNDO_BYTES + MAX_EVENTS * sizeof(struct event);
}

void timeline_init(struct timeline *t, struct machine *m, void *storage, uint32_t nodes)
{
	unsigned char *at = storage;

	memset(t, 0, sizeof(*t));
	t->m = m;
	t->node_cap = t->path_cap = nodes;
	t->undo_cap = nodes * UNDO_PER_STEP + UNDO_BYTES;
	t->event_cap = nodes * EVENTS_PER_STEP + MAX_EVENTS;
	t->node = (struct timeline_node *)(void *)at;
	at += nodes * sizeof(*t->node);
	t->event = (struct event *)(void *)at;
	at += t->event_cap * sizeof(*t->event);
	t->undo = at;
	at += t->undo_cap;
	t->path = (struct timeline_step *)(void *)at;
	t->nodes = 1;
	t->node[0] = (struct timeline_node){ .digest = m->digest };
	t->path[0] = (struct timeline_step){ 0 };
}

uint32_t timeline_depth(const struct timeline *t)
{
	return t->node[t->cursor].depth;
}

uint32_t timeline_last(const struct timeline *t)
{
	uint32_t n = t->cursor;

	while (t->node[n].next)
		n = t->node[n].next;
	return t->node[n].depth;
}

uint32_t timeline_at(const struct timeline *t, uint32_t depth)
{
	uint32_t n = t->cursor;

	while (t->node[n].depth > depth)
		n = t->node[n].parent;
	while (t->node[n].depth < depth) {
		n = t->node[n].next;
		if (!n)
			return 0;
	}
	return n;
}

const struct timeline_step *timeline_step(const struct timeline *t, uint32_t depth)
{
	CHECK(depth >= 1 && depth <= timeline_depth(t));
	return &t->path[depth];
}

/* Takes the action and pushes what it did onto the path. */
static bool advance(struct timeline *t, const struct action *a, uint32_t depth)
{
	const struct timeline_step *last = &t->path[depth - 1];
	struct timeline_step *s = &t->path[depth];

	s->undo_at = (last->undo_at + last->undo_len + 7u) & ~7u;
	s->event_at = last->event_at + last->events;
	if (s->undo_at + UNDO_BYTES > t->undo_cap || s->event_at + MAX_EVENTS > t->event_cap)
		return false;
	machine_apply(t->m, a, &t->fx);
	s->undo_len = t->fx.undo_len;
	s->events = t->fx.events;
	memcpy(t->undo + s->undo_at, t->fx.undo, s->undo_len);
	memcpy(t->event + s->event_at, t->fx.event, s->events * sizeof(struct event));
	return true;
}

static uint32_t child_by_action(const struct timeline *t, const struct action *a)
{
	uint32_t n = t->node[t->cursor].child;

	while (n && !action_same(&t->node[n].action, a))
		n = t->node[n].sibling;
	return n;
}

static bool enter(struct timeline *t, uint32_t node)
{
	uint32_t depth = timeline_depth(t) + 1;
	const struct action a = t->node[node].action;

	if (!advance(t, &a, depth))
		return false;
	t->path[depth].node = node;
	t->node[t->cursor].next = node;
	t->cursor = node;
	CHECK(t->m->digest == t->node[node].digest);
	return true;
}

bool timeline_do(struct timeline *t, const struct action *a)
{
	uint32_t node = child_by_action(t, a);
	uint32_t depth = timeline_depth(t) + 1;

	if (node)
		return enter(t, node);
	if (t->nodes == t->node_cap || depth == t->path_cap || !advance(t, a, depth))
		return false;
	node = t->nodes++;
	t->node[node] = (struct timeline_node){
		.digest = t->m->digest, .action = *a, .parent = t->cursor, .depth = depth,
		.sibling = t->node[t->cursor].child, .rules = t->fx.rules, .finding = t->fx.finding,
	};
	t->node[t->cursor].child = node;
	t->node[t->cursor].next = node;
	t->path[depth].node = node;
	t->cursor = node;
	return true;
}

uint32_t timeline_forward(struct timeline *t, uint32_t steps)
{
	uint32_t done = 0;

	while (done < steps && t->node[t->cursor].next && enter(t, t->node[t->cursor].next))
		done++;
	return done;
}

uint32_t timeline_back(struct timeline *t, uint32_t steps)
{
	uint32_t done = 0;

	for (; done < steps && t->cursor; done++) {
		const struct timeline_step *s = &t->path[timeline_depth(t)];

		step_undo_bytes(t->m, t->undo + s->undo_at, s->undo_len);
		t->cursor = t->node[t->cursor].parent;
		CHECK(t->m->digest == t->node[t->cursor].digest);
	}
	return done;
}

void timeline_goto(struct timeline *t, uint32_t node)
{
	uint32_t n;

	CHECK(node < t->nodes);
	/* Point the kept future of every ancestor at the target, then go back to where the lines meet. */
	for (n = node; n; n = t->node[n].parent)
		t->node[t->node[n].parent].next = n;
	for (;;) {
		uint32_t depth = timeline_depth(t);

		for (n = node; t->node[n].depth > depth; n = t->node[n].parent)
			;
		if (n == t->cursor)
			break;
		timeline_back(t, 1);
	}
	timeline_forward(t, t->node[node].depth - timeline_depth(t));
}

bool timeline_mark(struct timeline *t, const char *name)
{
	struct word w = { name, strlen(name) };
	unsigned i = 0;

	while (i < t->marks && !word_is(w, t->mark[i].name))
		i++;
	if (i == MAX_MARKS || !word_copy(w, t->mark[i].name, MAX_NAME))
		return false;
	t->mark[i].node = t->cursor;
	if (i == t->marks)
		t->marks++;
	return true;
}

uint32_t timeline_mark_find(const struct timeline *t, struct word name)
{
	for (unsigned i = 0; i < t->marks; i++)
		if (word_is(name, t->mark[i].name))
			return t->mark[i].node;
	return NO_NODE;
}
