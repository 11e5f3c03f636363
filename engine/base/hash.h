/*
 * hash.h - the digest of an object: 128-bit multiply folding over its words, seeded with its number.
 *
 * A state's digest is the sum of its objects' digests, so a step recomputes only what it wrote.  The
 * sum needs strong mixing per object; objects are whole 8-byte words, which lets this inline to a
 * few multiplications where a general hash would branch on lengths.
 */
#ifndef HASH_H
#define HASH_H

#include <stdint.h>

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = a;

	product *= b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Digest of n words. */
static inline uint64_t hash_words(const uint64_t *word, unsigned n, uint64_t seed)
{
	uint64_t h = hash_fold(seed ^ 0x2d358dccaa6c78a5u, 0x8bb84b93962eacc9u);
	unsigned i = 0;

	for (; i + 2 <= n; i += 2)
		h = hash_fold(word[i] ^ 0x4b33a62ed433d4a3u ^ h, word[i + 1] ^ 0x4d5a2da51de1aa47u) + h;
	if (i < n)
		h = hash_fold(word[i] ^ 0x4b33a62ed433d4a3u ^ h, 0xa0761d6478bd642fu) + h;
	return hash_fold(h ^ 0xe7037ed1a0b428dbu, (uint64_t)n ^ 0x8ebc6af09c88c6e3u);
}

#endif
