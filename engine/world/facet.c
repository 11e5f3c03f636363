/*
 * facet.c - which facet a byte belongs to.
 */
#include "world.h"

struct field {
	uint8_t kind, offset, size, facet;
};

static const struct field fields[] = {
#define FIELD(k, name, facet) { KIND_##k, offsetof(struct k, name), sizeof(((struct k *)0)->name), facet },
	FACETS(FIELD)
#undef FIELD
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static uint8_t facet_of(unsigned kind, unsigned byte)
{
	for (unsigned i = 0; i < FIELDS; i++)
		if (fields[i].kind == kind && byte >= fields[i].offset && byte < fields[i].offset + fields[i].size)
			return fields[i].facet;
	return 1;	/* REST */
}

uint8_t facets_differ(unsigned kind, const void *a, const void *b)
{
	const unsigned char *x = a, *y = b;
	unsigned size = objects[kind == KIND_cpu ? BASE_cpu : kind == KIND_mm ? BASE_mm : BASE_ctx].size;
	uint8_t facets = 0;

	for (unsigned i = 0; i < size; i++)
		if (x[i] != y[i])
			facets |= facet_of(kind, i);
	return facets;
}
