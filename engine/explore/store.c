/*
 * store.c - the arena and the visited set.
 */
#include <string.h>

#include "check.h"
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

/* Slots that segments begin with: a geometric row, each whole lines. */
static const uint16_t first_slots[SEGMENTS] = {
	256, 264, 280, 288, 304, 320, 328, 344, 360, 376, 392, 416, 432, 448, 472, 488,
};

void visited_init(struct visited *v, unsigned words, void *block, size_t bytes)
{
	uint64_t share = bytes / (SEGMENTS * words * sizeof(uint64_t)) & ~(uint64_t)(LINE_WORDS - 1);

	CHECK(share > first_slots[SEGMENTS - 1] + SEGMENT_SLACK);
	*v = (struct visited){ .words = words, .most = share - SEGMENT_SLACK };
	for (unsigned i = 0; i < SEGMENTS; i++)
		v->segment[i] = (struct segment){ .slot = (uint64_t *)block + i * share * words, .slots = first_slots[i] };
}

static uint64_t *segment_end(const struct visited *v, const struct segment *g)
{
	return g->slot + (g->slots + SEGMENT_SLACK) * v->words;
}

void visited_clear(struct visited *v)
{
	for (unsigned i = 0; i < SEGMENTS; i++) {
		struct segment *g = &v->segment[i];

		memset(g->slot, 0, (size_t)(segment_end(v, g) - g->slot) * sizeof(uint64_t));
		g->slots = first_slots[i];
		g->count = 0;
	}
	v->count = 0;
	memset(v->lately, 0, sizeof(v->lately));
}

uint64_t visited_bytes(const struct visited *v)
{
	uint64_t words = 0;

	for (unsigned i = 0; i < SEGMENTS; i++)
		words += (uint64_t)(segment_end(v, &v->segment[i]) - v->segment[i].slot);
	return words * sizeof(uint64_t);
}

/* The first free slot of a fingerprint's line or behind it. */
static uint64_t *free_slot(const struct visited *v, uint64_t fingerprint)
{
	uint64_t *s = visited_line(v, fingerprint);

	while (*s)
		s += v->words;
	return s;
}

static void put(const struct visited *v, uint64_t *slot, uint64_t fingerprint, uint64_t more)
{
	slot[0] = fingerprint;
	if (v->words == 2)
		slot[1] = more;
}

/*
 * Twice the slots.  First everything moves to the end of the new segment, then, from low to high, to its new
 * place, which lies before the place it is read from.
 */
__attribute__((noinline)) static bool grow(struct visited *v, struct segment *g)
{
	uint64_t *from = segment_end(v, g), *to, *end;

	if (g->slots * 2 > v->most)
		return false;
	g->slots *= 2;
	to = end = segment_end(v, g);
	while (from > g->slot) {
		uint64_t fingerprint, more;

		from -= v->words;
		fingerprint = from[0];
		more = v->words == 2 ? from[1] : 0;
		if (!fingerprint)
			continue;
		put(v, from, 0, 0);
		to -= v->words;
		put(v, to, fingerprint, more);
	}
	for (; to < end; to += v->words) {
		uint64_t fingerprint = to[0], more = v->words == 2 ? to[1] : 0;

		put(v, to, 0, 0);
		put(v, free_slot(v, fingerprint), fingerprint, more);
	}
	return true;
}

/* Is the fingerprint in its line, or in one behind that it ran over to?  All of a line is compared, for a loop
 * that ends early ends where nobody could foresee it. */
static inline __attribute__((always_inline)) bool is_there(const uint64_t *line, uint64_t fingerprint)
{
	bool there = false;

	for (;; line += LINE_WORDS) {
		for (unsigned i = 0; i < LINE_WORDS; i++)
			there |= line[i] == fingerprint;
		if (there || !line[LINE_WORDS - 1])
			return there;
	}
}

/* The same for fingerprints of two words. */
static bool are_there(const uint64_t *line, uint64_t fingerprint, uint64_t more)
{
	for (; line[0]; line += 2)
		if (line[0] == fingerprint && line[1] == more)
			return true;
	return false;
}

enum visit visited_add(struct visited *v, uint64_t fingerprint, uint64_t more)
{
	struct segment *g;
	const uint64_t *line;
	uint64_t *slot, *lately;

	fingerprint += fingerprint == 0;
	lately = &v->lately[fingerprint % LATELY];
	if (v->words == 1 && *lately == fingerprint)
		return VISIT_OLD;
	line = visited_line(v, fingerprint);
	if (v->words == 1 ? is_there(line, fingerprint) : are_there(line, fingerprint, more)) {
		*lately = fingerprint;
		return VISIT_OLD;
	}
	g = &v->segment[fingerprint >> (64 - SEGMENT_BITS)];
	slot = free_slot(v, fingerprint);
	/* Above 0.85 probes get long; and behind the last line there must be an empty slot for a probe to end at. */
	if ((g->count + 1) * 20 > g->slots * 17 || slot >= segment_end(v, g) - 2 * LINE_WORDS) {
		if (!grow(v, g))
			return VISIT_FULL;
		slot = free_slot(v, fingerprint);
	}
	*lately = fingerprint;
	put(v, slot, fingerprint, more);
	g->count++;
	v->count++;
	return VISIT_NEW;
}
