/*
 * naming.h - states that differ only in the names of frames, or in how far counters have moved.
 *
 * Two threads that fault get their frames in the order in which they come, and how often a table was flushed on the way to
 * a state stays written in tlb_gen; nothing that happens afterwards depends on it (see rename.h).  So each state is looked up under
 * names of its own: frames in the order in which the state mentions them, counters as differences to the lowest one that
 * is left.  Nothing is renamed but what is looked up: the search goes on with the state as it came.
 *
 * Frames that nobody has touched keep their names, and so does whatever an object mentions that has never changed.
 */
#ifndef NAMING_H
#define NAMING_H

#include "mention.h"
#include "rename.h"

#define MAX_IMAGES	25u	/* symmetries of a search, identity among them */
#define MAX_NAMINGS	4096u	/* different ones in a search */
#define BESIDE		3u	/* objects that go by a frame's number, itself left aside */
#define MAX_MOVING	64u	/* frames that may get other names */

struct explorer;

/* The number of the naming that goes with all that was mentioned. */
struct recent_naming {
	uint64_t word;
	uint32_t number;
};

#define RECENT_NAMINGS	4096u

/* By how much a naming changes what a version adds to the digest of a state. */
struct renamed {
	uint64_t key;
	uint64_t digest[2];
};

struct naming {
	struct explorer *x;
	bool frames, counters;	/* what gets other names */
	bool full;		/* memory is used up: everything keeps its name */
	struct arena arena, empty;	/* of namings: what is left, and all of it */
	/* More may be renamed than before, so what was looked up goes by other names now. */
	bool widened;
	uint64_t scope;
	/* As of so many columns: */
	unsigned columns;
	uint16_t moving[MAX_MOVING];		/* frames that may get other names, in order */
	unsigned movings;
	uint8_t place[MAX_FRAMES];		/* of each among them, + 1 */
	/* By image: columns in the order of their objects there, but for those that go by a moving frame. */
	uint8_t roots[MAX_IMAGES][MAX_COLUMNS];
	unsigned root_count;
	uint8_t concerned[MAX_COLUMNS];		/* columns that mention any, or go by a moving frame */
	unsigned concerns;
	struct recent_naming recent[RECENT_NAMINGS];
	uint8_t frame_column[MAX_MOVING], table_column[MAX_MOVING];
	uint64_t blank[MAX_MOVING][BESIDE][2];	/* digests of what goes by its number, as of a frame that nobody uses */
	uint32_t lowest[MAX_MMS];		/* counter of each mm in objects that have not changed */
	struct mentioned mentioned;
	struct renaming *known[MAX_NAMINGS];	/* by number; 0 is none */
	uint64_t key[MAX_NAMINGS];
	unsigned namings;
	uint16_t slot[MAX_NAMINGS * 2];		/* by key: number */
	struct renamed *renamed;
	uint64_t renamed_cap, renamed_used;
};

static inline bool naming_on(const struct naming *n)
{
	return n->frames || n->counters;
}

void naming_open(struct naming *n, struct explorer *x, struct arena memory);
/* The fingerprint of an image of a state (0 = the state itself) under names of its own; of the state itself, its digest is
 * given for when it has those already. */
void naming_key(struct naming *n, unsigned image, const struct row *row, const uint64_t digest[2], uint64_t key[2]);

#endif
