/*
 * hash.h - the digest of an object: xxHash's XXH3, seeded with the object's number.
 *
 * A state's digest is the sum of its objects' digests, so a step recomputes only what it wrote.  The
 * sum needs strong mixing per object, which XXH3 gives; zeroed objects hash like any other.
 */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <xxhash.h>
#pragma GCC diagnostic pop

static inline uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed)
{
	return XXH3_64bits_withSeed(bytes, len, seed * 0x9e3779b97f4a7c15u);
}

#endif
