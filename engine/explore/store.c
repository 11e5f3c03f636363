/*
 * store.c - the arena and the visited set.
 */
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

#define FIRST_SLOTS 256u

void visited_init(struct visited *v, unsigned words, void *block, size_t bytes)
{
	*v = (struct visited){ .slot = block, .words = words, .slots = FIRST_SLOTS, .most = bytes / (words * sizeof(uint64_t)) };
	CHECK(v->most > FIRST_SLOTS + VISITED_SLACK);
}

uint64_t visited_bytes(const struct visited *v)
{
	return (v->slots + VISITED_SLACK) * v->words * sizeof(uint64_t);
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
 * A third more slots.  First everything moves to the end of the new table, then, from low to high,
 * to its new place, which lies before the place it is read from.
 */
__attribute__((noinline)) static bool grow(struct visited *v)
{
	uint64_t old_end = v->slots + VISITED_SLACK;
	uint64_t slots = (v->slots + v->slots / 3 + 64) & ~(uint64_t)(LINE_WORDS - 1);
	uint64_t *end = v->slot + (slots + VISITED_SLACK) * v->words, *to = end;

	if (slots + VISITED_SLACK > v->most)
		return false;
	for (uint64_t i = old_end; i-- > 0;) {
		uint64_t *from = v->slot + i * v->words, fingerprint = from[0], more = v->words == 2 ? from[1] : 0;

		if (!fingerprint)
			continue;
		put(v, from, 0, 0);
		to -= v->words;
		put(v, to, fingerprint, more);
	}
	v->slots = slots;
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
	const uint64_t *line;
	uint64_t *slot;

	fingerprint += fingerprint == 0;
	line = visited_line(v, fingerprint);
	if (v->words == 1 ? is_there(line, fingerprint) : are_there(line, fingerprint, more))
		return VISIT_OLD;
	slot = free_slot(v, fingerprint);
	/* Above 0.8 probes get long; the slack takes what runs over the end. */
	if ((v->count + 1) * 5 > v->slots * 4 || slot >= v->slot + (v->slots + VISITED_SLACK - 2 * LINE_WORDS) * v->words) {
		if (!grow(v))
			return VISIT_FULL;
		slot = free_slot(v, fingerprint);
	}
	put(v, slot, fingerprint, more);
	v->count++;
	return VISIT_NEW;
}
