/*
 * memo.c - laying paths.
 */
#include <string.h>

#include "memo.h"

static uint32_t cap(size_t bytes, size_t size)
{
	return bytes / size < PATH_END ? (uint32_t)(bytes / size) : PATH_END - 1;
}

void memo_open(struct memo *t, const struct versions *v, struct arena *a, size_t bytes)
{
	size_t share = bytes / 8 - 64;

	memset(t, 0, sizeof(*t));
	t->versions = v;
	t->node_cap = cap(share, sizeof(*t->node));
	t->node = arena_take(a, t->node_cap * sizeof(*t->node));
	/* Nodes grow by being copied. */
	t->word_cap = cap(3 * share, sizeof(*t->word));
	t->word = arena_take(a, t->word_cap * sizeof(*t->word));
	t->answer_cap = cap(4 * share, 8);
	t->answer = arena_take(a, (size_t)t->answer_cap * 8);
	CHECK(t->node && t->word && t->answer);
	t->words = t->answers = 1;	/* 0 is nowhere */
}

bool memo_crowded(const struct memo *t, unsigned parts)
{
	return t->full || t->words > t->word_cap / parts || t->answers > t->answer_cap / parts || t->nodes > t->node_cap / parts;
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

/* Makes a node, or makes one wider, so that it has a child of this version.  False when there is no room. */
static bool node_widen(struct memo *t, path_t *at, unsigned object, unsigned version)
{
	uint32_t had = *at ? node_children(t->word[*at]) : 0, wide = had ? had : 2;
	path_t *n = &t->word[t->words];

	while (wide <= version)
		wide *= 2;
	if (NODE_HEAD + wide > t->word_cap - t->words || t->nodes == t->node_cap)
		return false;
	n[0] = wide << 8 | column_of(t->versions, object);
	n[1] = object;
	memcpy(&n[NODE_HEAD], &t->word[*at + NODE_HEAD], had * sizeof(*n));
	memset(&n[NODE_HEAD + had], 0, (wide - had) * sizeof(*n));
	*at = t->node[t->nodes++] = t->words;
	t->words += NODE_HEAD + wide;
	return true;
}

/* Set-up alone writes these, and there are many looks at them. */
static bool constant(unsigned object)
{
	return objects[object].kind == KIND_profile || objects[object].kind == KIND_program;
}

void memo_columns_renew(struct memo *t, unsigned columns)
{
	t->columns = columns;
	for (uint32_t i = 0; i < t->nodes; i++) {
		path_t *n = &t->word[t->node[i]];

		n[0] = node_children(n[0]) << 8 | column_of(t->versions, n[1]);
	}
}

void memo_keep(struct memo *t, path_t *root, const struct row *row, const struct effects *fx, const void *answer)
{
	path_t *at = root;

	for (uint32_t i = 0; i < fx->looks && !t->full; i++) {
		unsigned object = fx->look[i], version = row->version[column_of(t->versions, object)];

		if (constant(object))
			continue;
		CHECK(!(*at & PATH_END) && (!*at || t->word[*at + 1] == object));
		if (!*at || version >= node_children(t->word[*at]))
			t->full = !node_widen(t, at, object, version);
		if (!t->full)
			at = &t->word[*at + NODE_HEAD + version];
	}
	if (!t->full)
		*at = PATH_END | (uint32_t)(((const unsigned char *)answer - t->answer) / 8);
}
