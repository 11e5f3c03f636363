/*
 * store.c - the visited set and the object versions.
 */
#include <string.h>

#include "store.h"

void *arena_take(struct arena *a, size_t bytes)
{
	unsigned char *p = a->at;

	bytes = (bytes + 63) & ~(size_t)63;
	if (bytes > a->left)
		return NULL;
	a->at += bytes;
	a->left -= bytes;
	return p;
}

#define FIRST_SLOTS 256u

void visited_init(struct visited *v, void *block, size_t bytes)
{
	*v = (struct visited){ .slot = block, .slots = FIRST_SLOTS, .most = bytes / sizeof(uint64_t) };
	CHECK(v->most > FIRST_SLOTS + VISITED_SLACK);
}

/* Puts a fingerprint that is not there at its place or behind it. */
static void place(struct visited *v, uint64_t fingerprint)
{
	uint64_t i = visited_place(v, fingerprint);

	while (v->slot[i])
		i++;
	v->slot[i] = fingerprint;
}

/*
 * A third more slots.  First everything moves to the end of the new table, then, from low to high,
 * to its new place, which lies before the place it is read from.
 */
static bool grow(struct visited *v)
{
	uint64_t old_end = v->slots + VISITED_SLACK;
	uint64_t slots = v->slots + v->slots / 3 + 64;
	uint64_t end = slots + VISITED_SLACK, to = end;

	if (end > v->most)
		return false;
	for (uint64_t i = old_end; i-- > 0;)
		if (v->slot[i]) {
			uint64_t fingerprint = v->slot[i];

			v->slot[i] = 0;
			v->slot[--to] = fingerprint;
		}
	v->slots = slots;
	for (; to < end; to++) {
		uint64_t fingerprint = v->slot[to];

		v->slot[to] = 0;
		place(v, fingerprint);
	}
	return true;
}

enum visit visited_add(struct visited *v, uint64_t fingerprint)
{
	uint64_t i;

	fingerprint += fingerprint == 0;
	for (i = visited_place(v, fingerprint); v->slot[i]; i++)
		if (v->slot[i] == fingerprint)
			return VISIT_OLD;
	/* Above 0.8 probes get long; the slack takes what runs over the end. */
	if ((v->count + 1) * 5 > v->slots * 4 || i >= v->slots + VISITED_SLACK - 8) {
		if (!grow(v))
			return VISIT_FULL;
		place(v, fingerprint);
	} else {
		v->slot[i] = fingerprint;
	}
	v->count++;
	return VISIT_NEW;
}

bool versions_init(struct versions *v, struct arena *a, size_t bytes)
{
	uint32_t slots = 1024;

	/* A quarter for the table of ids and the records, the rest for the contents. */
	while ((uint64_t)slots * 2 * (sizeof(uint32_t) + sizeof(struct version) / 2) < bytes / 4 && slots < 1u << 28)
		slots *= 2;
	v->cap = slots / 2;
	v->mask = slots - 1;
	v->slot = arena_take(a, slots * sizeof(uint32_t));
	v->version = arena_take(a, v->cap * sizeof(struct version));
	v->bytes_cap = bytes / 2 < UINT32_MAX ? (uint32_t)(bytes / 2) : UINT32_MAX;
	v->bytes = arena_take(a, v->bytes_cap);
	v->count = 1;
	return v->slot && v->version && v->bytes;
}

uint32_t version_of(struct versions *v, unsigned object, uint64_t digest, const void *bytes, uint32_t size)
{
	uint32_t i = (uint32_t)(digest >> 32) & v->mask;
	uint32_t id;

	for (; (id = v->slot[i]) != 0; i = (i + 1) & v->mask)
		if (v->version[id].digest == digest && v->version[id].object == object)
			return id;
	if (v->count == v->cap || v->used + size > v->bytes_cap)
		return 0;
	id = v->count++;
	v->version[id] = (struct version){ digest, v->used, object };
	memcpy(v->bytes + v->used, bytes, size);
	v->used += (size + 7u) & ~7u;
	v->slot[i] = id;
	return id;
}
