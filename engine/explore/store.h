/*
 * store.h - the search's memory, cut from one block that the caller gave and never freed, and the
 * fingerprints of visited states in it.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A block that is cut from its front. */
struct arena {
	unsigned char *at;
	size_t left;
};

/* `bytes` of zeroed memory, aligned to 64, NULL when the arena is used up. */
void *arena_take(struct arena *a, size_t bytes);

/*
 * Visited states: open addressing over fingerprints of 64 bits, or of 128; 0 = empty.  The highest bits choose a
 * segment, the rest a share of it, rounded down to a cache line, so a probe looks at one line.  A segment doubles in
 * place when it is nearly full; segments begin with different sizes, so that never all of them have just doubled.
 */
#define SEGMENT_BITS	4u
#define SEGMENTS	(1u << SEGMENT_BITS)
#define SEGMENT_SLACK	32u	/* slots behind a segment, for probes that run over */
#define LINE_WORDS	8u
#define LATELY		32768u	/* fingerprints that were asked for lately, near at hand; of 64 bits alone */

struct segment {
	uint64_t *slot;
	uint64_t slots;		/* in use, the slack not counted */
	uint64_t count;
};

struct visited {
	struct segment segment[SEGMENTS];
	unsigned words;		/* of a fingerprint: 1 or 2 */
	uint64_t most;		/* slots that a segment has room for */
	uint64_t count;
	uint64_t lately[LATELY];	/* by the lowest bits; all of these have been added */
};

/* Takes over a zeroed block. */
void visited_init(struct visited *v, unsigned words, void *block, size_t bytes);
/* Empties it. */
void visited_clear(struct visited *v);

enum visit { VISIT_NEW, VISIT_OLD, VISIT_FULL };

/* Adds a fingerprint; `more` counts where it has two words. */
enum visit visited_add(struct visited *v, uint64_t fingerprint, uint64_t more);
/* Bytes in use. */
uint64_t visited_bytes(const struct visited *v);

/* The first word of the line where a fingerprint's place is. */
static inline uint64_t *visited_line(const struct visited *v, uint64_t fingerprint)
{
	const struct segment *g = &v->segment[fingerprint >> (64 - SEGMENT_BITS)];
	__extension__ unsigned __int128 share = fingerprint << SEGMENT_BITS;

	share *= g->slots * v->words;
	return g->slot + ((uint64_t)(share >> 64) & ~(uint64_t)(LINE_WORDS - 1));
}

static inline void visited_prefetch(const struct visited *v, uint64_t fingerprint)
{
	__builtin_prefetch(visited_line(v, fingerprint), 1);
}

#endif
