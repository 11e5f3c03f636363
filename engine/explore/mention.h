/*
 * mention.h - which frames and counters the contents of objects mention: what naming.h gives other names to.
 */
#ifndef MENTION_H
#define MENTION_H

#include "versions.h"

/* A frame's name or a counter in a version of an object, see enum name_type. */
struct mention {
	uint8_t type;		/* NAME_OF_FRAME, COUNT_OF_MM, COUNT_OF_FRAME */
	uint8_t unused;
	uint16_t with;		/* the frame; the mm or the frame of a counter */
	uint32_t value;		/* of a counter */
};

struct mentions {
	uint64_t all;		/* of them in one word, the column too */
	uint32_t count;
	uint32_t unused;
	struct mention mention[];
};

/* Those of one content, as they come. */
struct listing {
	struct mention mention[256];
	unsigned count;
	uint64_t sets[(MAX_FRAMES + 63) / 64];	/* frames in sets, whose order is that of their numbers: no names are given by it */
};

/* Those of every version, by column and block; made when they are asked for. */
struct mentioned {
	const struct versions *versions;
	struct arena arena;
	struct mentions **block[MAX_COLUMNS][(UINT16_MAX + 1) / VERSION_BLOCK];
};

void mentions_list(struct listing *l, unsigned object, const void *bytes);
/* What a version mentions; NULL when memory is used up. */
const struct mentions *mentions_of(struct mentioned *n, unsigned column, unsigned version);

#endif
