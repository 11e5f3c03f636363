/*
 * cached.h - what translation agents hold, as rows: leaf entries, paging-structure entries, walks.
 *
 * The same rows for CPUs, IOTLBs and shadow tables.  Marks: '~' the tables or the frame say
 * something else by now; 'x' in the first column: the operation that had to get rid of the entry
 * has returned.
 */
#ifndef CACHED_H
#define CACHED_H

#include "say.h"

/* The entry at index of a table page, 0 where there is none. */
uint64_t table_look(const struct table *t, unsigned index);

/* One level of a walk as software reads it. */
struct walk_level {
	unsigned table; /* NO_FRAME = the walk did not get here */
	unsigned index;
	uint64_t entry;
};

/* Walks va from pgd; at[level] for the levels 4..1.  Returns the level where it ended: that of the
 * leaf, or of the entry that is missing.  `before`: as it was at the previous stop. */
unsigned walk_look(const struct scene *s, bool before, unsigned pgd, uint64_t va,
		   struct walk_level at[LEVEL_PGD + 1]);

enum leaf_state {
	LEAF_TRUE,     /* what the tables say */
	LEAF_RIGHTS,   /* the tables grant less by now */
	LEAF_MOVED,    /* the tables name another frame */
	LEAF_UNMAPPED, /* the tables have no entry any more */
	LEAF_FREED,    /* the frame was freed since */
};

enum leaf_state leaf_state(const struct scene *s, const struct leaf *e);
/* How many entries of this agent are stale. */
unsigned leaves_stale(const struct scene *s, unsigned mmu);

/* Is there an entry that names this frame, as a page or as a table? */
bool mmu_caches(const struct scene *s, unsigned mmu, unsigned pfn);

/* "TLB  pfn gen flags": the head over leaves_draw. */
void leaves_head(struct pen *p, const char *what);
/* The leaf entries of an agent, one a row, at least `rows` rows; entries that left it since the
 * previous stop are shown as gone. */
void leaves_draw(struct pen *p, const struct scene *s, unsigned mmu, unsigned rows);
/* Rows that keep the entries of this machine's programs in their place. */
unsigned leaves_rows(const struct scene *s);

/* Is there anything to show: held now, or at the previous stop? */
bool leaves_any(const struct scene *s, unsigned mmu);
bool psc_any(const struct scene *s, unsigned mmu);
bool walker_any(const struct scene *s, unsigned walker);

/* The paging-structure entries in one line (or more where they do not fit): table level and pfn. */
void psc_draw(struct pen *p, const struct scene *s, unsigned mmu);
/* A walk in flight, one row; "walk -" when there is none. */
void walker_draw(struct pen *p, const struct scene *s, unsigned walker, const char *what);

#endif
