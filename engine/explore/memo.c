/*
 * memo.c - laying paths.
 */
#include <string.h>

#include "memo.h"

void memo_open(struct memo *t, const struct versions *v, struct arena *a, size_t bytes)
{
	/* Children are the most numerous, since they grow by copying. */
	size_t share = bytes / 8 - 64;

	memset(t, 0, sizeof(*t));
	t->versions = v;
	t->node_cap = (uint32_t)(share / sizeof(*t->node) < PATH_END ? share / sizeof(*t->node) : PATH_END - 1);
	t->node = arena_take(a, t->node_cap * sizeof(*t->node));
	t->child_cap = (uint32_t)(3 * share / sizeof(*t->child) < UINT32_MAX ? 3 * share / sizeof(*t->child) : UINT32_MAX);
	t->child = arena_take(a, t->child_cap * sizeof(*t->child));
	t->answer_cap = (uint32_t)(4 * share / 8 < PATH_END ? 4 * share / 8 : PATH_END - 1);
	t->answer = arena_take(a, (size_t)t->answer_cap * 8);
	CHECK(t->node && t->child && t->answer);
	t->nodes = 1;	/* 0 is nowhere */
	t->answers = 1;
}

void *memo_room(struct memo *t, size_t bytes)
{
	uint32_t units = (uint32_t)((bytes + 7) / 8), at = t->answers;

	if (t->full || units > t->answer_cap - t->answers) {
		t->full = true;
		return NULL;
	}
	t->answers += units;
	return t->answer + (size_t)at * 8;
}

/* Makes room for a child of this version. */
static bool node_widen(struct memo *t, struct path_node *n, unsigned version)
{
	uint32_t wide = n->children ? n->children : 2;

	while (wide <= version)
		wide *= 2;
	if (wide > UINT16_MAX)
		wide = UINT16_MAX;
	if (version >= wide || wide > t->child_cap - t->children)
		return false;
	memcpy(&t->child[t->children], &t->child[n->child], n->children * sizeof(*t->child));
	memset(&t->child[t->children + n->children], 0, (wide - n->children) * sizeof(*t->child));
	n->child = t->children;
	n->children = (uint16_t)wide;
	t->children += wide;
	return true;
}

/* Set-up alone writes these, and there are many looks at them. */
static bool constant(unsigned object)
{
	return objects[object].kind == KIND_profile || objects[object].kind == KIND_program;
}

void memo_keep(struct memo *t, path_t *root, const struct row *row, const struct effects *fx, const void *answer)
{
	path_t *at = root;

	for (uint32_t i = 0; i < fx->looks && !t->full; i++) {
		unsigned object = fx->look[i], version = row->version[column_of(t->versions, object)];
		struct path_node *n;

		if (constant(object))
			continue;
		if (!*at) {
			if (t->nodes == t->node_cap) {
				t->full = true;
				return;
			}
			t->node[t->nodes] = (struct path_node){ .object = (uint16_t)object };
			*at = t->nodes++;
		}
		CHECK(!(*at & PATH_END) && t->node[*at].object == object);
		n = &t->node[*at];
		if (version >= n->children && !node_widen(t, n, version))
			t->full = true;
		else
			at = &t->child[n->child + version];
	}
	if (!t->full)
		*at = PATH_END | (uint32_t)(((const unsigned char *)answer - t->answer) / 8);
}
