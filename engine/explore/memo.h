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

/*
 * Where a path leads: 0 = nowhere yet, with PATH_END an answer, else a node.  A node is a run of words:
 * how many children it has and the column of the object that is looked at, the object, its children by version.
 */
typedef uint32_t path_t;
#define PATH_END 0x80000000u
#define NODE_HEAD 2u

struct memo {
	const struct versions *versions;
	unsigned columns;	/* that the nodes know of, see memo_columns */
	path_t *word;		/* the nodes */
	uint32_t *node;		/* where each begins */
	unsigned char *answer;	/* in units of 8 bytes */
	uint32_t words, word_cap, nodes, node_cap, answers, answer_cap;
	bool full;
};

static inline unsigned node_column(path_t head)
{
	return head & 0xff;
}

static inline unsigned node_children(path_t head)
{
	return head >> 8;
}

void memo_open(struct memo *t, const struct versions *v, struct arena *a, size_t bytes);

/* Is more than a share of its memory used up, one part in so many? */
bool memo_crowded(const struct memo *t, unsigned parts);

/* Room for an answer, whose address lasts; NULL when the memory is used up. */
void *memo_room(struct memo *t, size_t bytes);
/* Keeps an answer that was given in this state after these looks, in order. */
void memo_keep(struct memo *t, path_t *root, const struct row *row, const struct effects *fx, const void *answer);

/* A number that tells an answer apart. */
static inline uint64_t memo_number(const struct memo *t, const void *answer)
{
	return (uint64_t)((const unsigned char *)answer - t->answer);
}

/* The answer at so many units of 8 bytes. */
static inline const void *memo_answer(const struct memo *t, uint64_t units)
{
	return t->answer + units * 8;
}

/* To be called before a question in a state whose objects may have more columns than at the last call. */
void memo_columns_renew(struct memo *t, unsigned columns);

static inline void memo_columns(struct memo *t)
{
	unsigned columns = __atomic_load_n(&t->versions->columns, __ATOMIC_RELAXED);

	if (columns != t->columns)
		memo_columns_renew(t, columns);
}

/* The answer in this state, NULL when it has to be found out. */
static inline void *memo_find(const struct memo *t, path_t at, const struct row *row)
{
	while (at && !(at & PATH_END)) {
		const path_t *n = &t->word[at];
		unsigned version = row->version[node_column(n[0])];

		at = version < node_children(n[0]) ? n[NODE_HEAD + version] : 0;
	}
	return at ? t->answer + (size_t)(at & ~PATH_END) * 8 : NULL;
}

#endif
