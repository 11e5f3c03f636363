/*
 * memo.h - questions about a state that were answered before.
 *
 * A step and an offer of actions are functions of the objects that they look at, and which object is looked at
 * next depends on those before it alone.  So what came out of one is kept at the end of a path: from the question
 * through the version of each object it looked at, in order.  A question that was asked in this situation
 * before, in whatever state, is answered by following the path: no world is touched.
 *
 * Memory is cut from one block; when that is used up nothing more is remembered, and answers stay right.
 */
#ifndef MEMO_H
#define MEMO_H

#include "versions.h"

struct path_node {
	uint32_t child;		/* first of its children in memo.child, by version */
	uint16_t children;
	uint16_t object;	/* that is looked at here */
};

/* Where a path leads: 0 = nowhere yet, a node, or with PATH_END an answer. */
typedef uint32_t path_t;
#define PATH_END 0x80000000u

struct memo {
	const struct versions *versions;
	struct path_node *node;
	path_t *child;
	unsigned char *answer;	/* in units of 8 bytes */
	uint32_t nodes, node_cap, children, child_cap, answers, answer_cap;
	bool full;
};

void memo_open(struct memo *t, const struct versions *v, struct arena *a, size_t bytes);

/* Room for an answer, whose address lasts; NULL when the memory is used up. */
void *memo_room(struct memo *t, size_t bytes);
/* Keeps an answer that was given in this state after these looks, in order. */
void memo_keep(struct memo *t, path_t *root, const struct row *row, const struct effects *fx, const void *answer);

/* The answer in this state, NULL when it has to be found out. */
static inline const void *memo_find(const struct memo *t, path_t at, const struct row *row)
{
	while (at && !(at & PATH_END)) {
		const struct path_node *n = &t->node[at];
		unsigned version = row->version[column_of(t->versions, n->object)];

		at = version < n->children ? t->child[n->child + version] : 0;
	}
	return at ? t->answer + (size_t)(at & ~PATH_END) * 8 : NULL;
}

#endif
