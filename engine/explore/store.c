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

#define FIRST_SLOTS 4096u

bool visited_init(struct visited *v, struct arena arena)
{
	v->arena = arena;
	v->slot = arena_take(&v->arena, FIRST_SLOTS * sizeof(uint64_t));
	v->mask = FIRST_SLOTS - 1;
	v->count = 0;
	return v->slot != NULL;
}

/* Puts a fingerprint that is not there into a table that has room. */
static void place(uint64_t *slot, uint64_t mask, uint64_t fingerprint)
{
	uint64_t i = fingerprint & mask;

	while (slot[i])
		i = (i + 1) & mask;
	slot[i] = fingerprint;
}

/* Twice the slots; the old table stays behind unused, at most as large as the new one. */
static bool grow(struct visited *v)
{
	uint64_t slots = (v->mask + 1) * 2;
	uint64_t *slot = arena_take(&v->arena, slots * sizeof(uint64_t));

	if (!slot)
		return false;
	for (uint64_t i = 0; i <= v->mask; i++)
		if (v->slot[i])
			place(slot, slots - 1, v->slot[i]);
	v->slot = slot;
	v->mask = slots - 1;
	return true;
}

enum visit visited_add(struct visited *v, uint64_t fingerprint)
{
	uint64_t i;

	fingerprint += fingerprint == 0;
	for (i = fingerprint & v->mask; v->slot[i]; i = (i + 1) & v->mask)
		if (v->slot[i] == fingerprint)
			return VISIT_OLD;
	/* Full at 0.8: above that, probes get long. */
	if ((v->count + 1) * 5 > (v->mask + 1) * 4) {
		if (!grow(v))
			return VISIT_FULL;
		place(v->slot, v->mask, fingerprint);
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
