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
 * Visited states: open addressing over fingerprints of 64 bits, or of 128; 0 = empty.  A fingerprint's place is
 * its share of the table (high bits first), rounded down to a cache line, so a probe looks at one line, and the
 * table grows in place, by a third, in two passes.
 */
struct visited {
	uint64_t *slot;
	unsigned words;		/* of a fingerprint: 1 or 2 */
	uint64_t slots;		/* in use; VISITED_SLACK more stand behind them for probes that run over */
	uint64_t most;		/* that the block holds */
	uint64_t count;
};

#define VISITED_SLACK 1024u
#define LINE_WORDS 8u

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
	__extension__ unsigned __int128 share = fingerprint;

	share *= v->slots * v->words;
	return v->slot + ((uint64_t)(share >> 64) & ~(uint64_t)(LINE_WORDS - 1));
}

static inline void visited_prefetch(const struct visited *v, uint64_t fingerprint)
{
	__builtin_prefetch(visited_line(v, fingerprint), 1);
}

#endif
