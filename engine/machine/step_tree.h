/*
 * step_tree.h - the timeline: the steps that were taken, as a tree: go on, go back, jump, branch, mark.
 *
 * Going back keeps the future; choosing otherwise there starts a branch and keeps the old one.  A node
 * is a state: node 0 is the start.  Old bytes and events are kept for the path from the start to the
 * cursor.  Memory is the caller's.
 */
#ifndef STEP_TREE_H
#define STEP_TREE_H

#include "machine.h"

struct timeline_node {
	uint64_t digest;	/* of the state */
	struct action action;	/* that led here; none for node 0 */
	uint32_t parent;
	uint32_t next;		/* the kept future: child taken last, 0 = none */
	uint32_t sibling;	/* next child of the same parent, 0 = none */
	uint32_t child;		/* first child, 0 = none */
	uint32_t depth;		/* steps from the start */
	uint32_t rules;		/* broken by the action */
	struct finding finding;
};

/* One step of the path from the start to the cursor. */
struct timeline_step {
	uint32_t node;
	uint32_t undo_at, undo_len;	/* in timeline.undo */
	uint32_t event_at, events;	/* in timeline.event */
};

struct timeline_mark {
	char name[MAX_NAME];
	uint32_t node;
};

struct timeline {
	struct machine *m;
	struct timeline_node *node;	/* storage of the caller from here on */
	struct timeline_step *path;	/* path[d] led to depth d; path[0] is unused */
	unsigned char *undo;
	struct event *event;
	uint32_t nodes, node_cap, path_cap;
	uint32_t undo_cap, event_cap;
	uint32_t cursor;		/* node of the present state */
	struct timeline_mark mark[MAX_MARKS];
	unsigned marks;
	struct effects fx;		/* of the last step forward */
};

/* Bytes of storage for this many nodes (a path of that length at most). */
size_t timeline_bytes(uint32_t nodes);
/* Starts at the machine's present state, with storage of timeline_bytes(nodes). */
void timeline_init(struct timeline *t, struct machine *m, void *storage, uint32_t nodes);

/* Takes an action that is possible now.  False when the timeline is full. */
bool timeline_do(struct timeline *t, const struct action *a);
/* Moves along the kept future or back; return how many steps were moved. */
uint32_t timeline_forward(struct timeline *t, uint32_t steps);
uint32_t timeline_back(struct timeline *t, uint32_t steps);
/* Goes to any node, over the common ancestor. */
void timeline_goto(struct timeline *t, uint32_t node);

/* Depth of the cursor, and of the end of its kept future. */
uint32_t timeline_depth(const struct timeline *t);
uint32_t timeline_last(const struct timeline *t);
/* Node at a depth of the line through the cursor: its past and its kept future.  0 = no such step. */
uint32_t timeline_at(const struct timeline *t, uint32_t depth);
/* The step that led to a depth of the path (1..depth of the cursor). */
const struct timeline_step *timeline_step(const struct timeline *t, uint32_t depth);

/* Names the present state; an old mark of that name moves.  False when MAX_MARKS are in use. */
bool timeline_mark(struct timeline *t, const char *name);
/* Node of a mark; NO_NODE when there is none. */
#define NO_NODE UINT32_MAX
uint32_t timeline_mark_find(const struct timeline *t, struct word name);

#endif
