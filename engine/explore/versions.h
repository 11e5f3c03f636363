/*
 * versions.h - what objects have contained: each distinct content of an object once, by number.
 *
 * An object that some step has written has a column, and its contents are numbered in the order in
 * which they were first met; version 0 is that of the start.  So a state is a row of version numbers,
 * and most of the search never looks at bytes.  Threads share the versions: adding is done under a
 * lock, and what a row names was added before the row was handed over.
 */
#ifndef VERSIONS_H
#define VERSIONS_H

#include <pthread.h>

#include "store.h"
#include "world.h"

#define MAX_COLUMNS	255u
#define NO_COLUMN	MAX_COLUMNS
#define VERSION_BLOCK	256u	/* versions of a column are kept in blocks of this many */
#define VERSION_NONE	UINT32_MAX

/* A state: version numbers by column; that of an object without a column reads as 0. */
struct row {
	uint16_t version[MAX_COLUMNS + 1];
};

struct version {
	uint64_t digest[2];	/* the second one for fingerprints of 128 bits */
	const void *bytes;
};

struct column {
	uint16_t object;
	uint32_t versions;
	struct version *block[(UINT16_MAX + 1) / VERSION_BLOCK];
};

struct versions {
	const struct machine *start;
	struct arena arena;
	bool shared;			/* more than one thread adds */
	pthread_mutex_t lock;
	unsigned columns;
	uint8_t column_of[OBJECTS];
	struct column column[MAX_COLUMNS];
	uint32_t *slot;			/* hash table: column << 16 | version, plus 1 */
	uint32_t mask, used;
};

/* The two digests of an object's content. */
void object_digests(unsigned object, const void *bytes, uint64_t digest[2]);

/* Takes over zeroed memory.  The start must not change while the search lasts. */
void versions_open(struct versions *v, const struct machine *start, struct arena memory, bool shared);
void versions_close(struct versions *v);
/* The version that the object in the machine has, giving it a column if need be; VERSION_NONE = memory is used up. */
uint32_t version_of(struct versions *v, const struct machine *m, unsigned object);

static inline unsigned column_of(const struct versions *v, unsigned object)
{
	return __atomic_load_n(&v->column_of[object], __ATOMIC_RELAXED);
}

static inline const struct version *version_at(const struct versions *v, unsigned column, unsigned version)
{
	return &v->column[column].block[version / VERSION_BLOCK][version % VERSION_BLOCK];
}

#endif
