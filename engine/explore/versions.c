/*
 * versions.c - numbering the contents of objects.
 */
#include <string.h>

#include "hash.h"
#include "versions.h"

#define SECOND_SEED 0x9e3779b97f4a7c15u

static const void *object_bytes(const struct machine *m, unsigned object)
{
	return (const unsigned char *)&m->world + objects[object].offset;
}

void object_digests(unsigned object, const void *bytes, uint64_t digest[2])
{
	digest[0] = world_object_digest(object, bytes);
	digest[1] = hash_words(bytes, objects[object].size / 8u, object ^ SECOND_SEED);
}

void versions_open(struct versions *v, const struct machine *start, struct arena memory, bool shared)
{
	uint32_t slots = 1024;

	v->start = start;
	v->arena = memory;
	v->shared = shared;
	v->columns = 0;
	v->used = 0;
	memset(v->column_of, NO_COLUMN, sizeof(v->column_of));
	while ((size_t)slots * 2 * sizeof(uint32_t) < memory.left / 16 && slots < 1u << 24)
		slots *= 2;
	v->slot = arena_take(&v->arena, slots * sizeof(uint32_t));
	v->mask = slots - 1;
	CHECK(v->slot);
	if (shared)
		CHECK(pthread_mutex_init(&v->lock, NULL) == 0);
}

void versions_close(struct versions *v)
{
	if (v->shared)
		pthread_mutex_destroy(&v->lock);
}

/* Appends a version to a column; VERSION_NONE when there is no room. */
static uint32_t append(struct versions *v, struct column *c, const struct machine *m)
{
	uint32_t n = c->versions;
	unsigned size = objects[c->object].size;
	struct version **block = &c->block[n / VERSION_BLOCK];
	void *bytes;

	if (n > UINT16_MAX || v->used * 2 > v->mask)
		return VERSION_NONE;
	if (!*block)
		*block = arena_take(&v->arena, VERSION_BLOCK * sizeof(struct version));
	bytes = arena_take(&v->arena, size);
	if (!*block || !bytes)
		return VERSION_NONE;
	memcpy(bytes, object_bytes(m, c->object), size);
	(*block)[n % VERSION_BLOCK].bytes = bytes;
	object_digests(c->object, bytes, (*block)[n % VERSION_BLOCK].digest);
	c->versions++;
	return n;
}

static uint32_t *slot_of(struct versions *v, unsigned column, uint64_t digest)
{
	uint32_t i = (uint32_t)(digest >> 32) & v->mask, at;

	for (; (at = v->slot[i]) != 0; i = (i + 1) & v->mask)
		if ((at - 1) >> 16 == column && version_at(v, column, (at - 1) & UINT16_MAX)->digest[0] == digest)
			break;
	return &v->slot[i];
}

static uint32_t add(struct versions *v, unsigned column, const struct machine *m)
{
	struct column *c = &v->column[column];
	uint64_t digest = m->object_digest[c->object];
	uint32_t *slot = slot_of(v, column, digest), n;

	if (*slot)
		return (*slot - 1) & UINT16_MAX;
	n = append(v, c, m);
	if (n != VERSION_NONE) {
		*slot = (column << 16 | n) + 1;
		v->used++;
	}
	return n;
}

static uint32_t column_new(struct versions *v, unsigned object)
{
	if (v->columns == MAX_COLUMNS)
		return VERSION_NONE;
	v->column[v->columns] = (struct column){ .object = (uint16_t)object };
	/* What the start contains is version 0. */
	if (add(v, v->columns, v->start) == VERSION_NONE)
		return VERSION_NONE;
	__atomic_store_n(&v->column_of[object], (uint8_t)v->columns, __ATOMIC_RELAXED);
	__atomic_store_n(&v->columns, v->columns + 1, __ATOMIC_RELAXED);
	return v->columns - 1;
}

uint32_t version_of(struct versions *v, const struct machine *m, unsigned object)
{
	uint32_t column, n = VERSION_NONE;

	if (v->shared)
		pthread_mutex_lock(&v->lock);
	column = v->column_of[object];
	if (column == NO_COLUMN)
		column = column_new(v, object);
	if (column != VERSION_NONE)
		n = add(v, column, m);
	if (v->shared)
		pthread_mutex_unlock(&v->lock);
	return n;
}
