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

/*
 * Visited states: open addressing over 64-bit fingerprints, 0 = empty.  A fingerprint's place is its
 * share of the table (high bits first), so the table grows in place, by a third, in two passes.
 */
struct visited {
	uint64_t *slot;
	uint64_t slots;		/* in use; VISITED_SLACK more stand behind them for probes that run over */
	uint64_t most;		/* that the block holds */
	uint64_t count;
};

#define VISITED_SLACK 1024u

/* Takes over a zeroed block. */
void visited_init(struct visited *v, void *block, size_t bytes);

enum visit { VISIT_NEW, VISIT_OLD, VISIT_FULL };

/* Adds a fingerprint. */
enum visit visited_add(struct visited *v, uint64_t fingerprint);

static inline uint64_t visited_place(const struct visited *v, uint64_t fingerprint)
{
	__extension__ unsigned __int128 share = fingerprint;

	share *= v->slots;
	return (uint64_t)(share >> 64);
}

static inline void visited_prefetch(const struct visited *v, uint64_t fingerprint)
{
	const uint64_t *at = &v->slot[visited_place(v, fingerprint)];

	/* A probe often runs into the next cache line. */
	__builtin_prefetch(at, 1);
	__builtin_prefetch(at + 8, 1);
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
