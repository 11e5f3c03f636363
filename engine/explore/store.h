/*
 * store.h - what the search remembers: fingerprints of visited states, and versions of objects.
 *
 * Memory is cut from one block that the caller gave; nothing is ever freed.
 */
#ifndef STORE_H
#define STORE_H

#include "world.h"

/* A block that is cut from its front. */
struct arena {
	unsigned char *at;
	size_t left;
};

/* `bytes` of zeroed memory, aligned to 64, NULL when the arena is used up. */
void *arena_take(struct arena *a, size_t bytes);

/* ---- visited: open addressing over 64-bit fingerprints, 0 = empty ---- */

struct visited {
	struct arena arena;
	uint64_t *slot;
	uint64_t mask;		/* slots - 1 */
	uint64_t count;
};

bool visited_init(struct visited *v, struct arena arena);

enum visit { VISIT_NEW, VISIT_OLD, VISIT_FULL };

/* Adds a fingerprint. */
enum visit visited_add(struct visited *v, uint64_t fingerprint);
static inline void visited_prefetch(const struct visited *v, uint64_t fingerprint)
{
	__builtin_prefetch(&v->slot[fingerprint & v->mask], 1);
}

/* ---- versions: each distinct content of an object once ---- */

struct version {
	uint64_t digest;
	uint32_t bytes;		/* offset in versions.bytes */
	uint32_t object;
};

struct versions {
	struct version *version;	/* by id, from 1 */
	uint32_t count, cap;
	unsigned char *bytes;
	uint32_t used, bytes_cap;
	uint32_t *slot;			/* hash table of ids */
	uint32_t mask;
};

bool versions_init(struct versions *v, struct arena *a, size_t bytes);
/* Id of this content, 0 when memory is used up. */
uint32_t version_of(struct versions *v, unsigned object, uint64_t digest, const void *bytes, uint32_t size);

#endif
