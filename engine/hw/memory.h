/*
 * memory.h - page frames and the tables in them.
 *
 * Models: frames with an owner, a reference count, a map count and a generation that moves at every
 * free; 512-entry tables kept as sorted sparse slots.  What was freed last is given out first, so
 * a frame that was freed is soon somebody else's.
 * Tables come from the first MAX_TABLES frames, pages from elsewhere once LOW_FRAMES are taken.
 * Omits: NUMA; a page contains one number, or a few bytes that are not zero, and a 2 MiB page is one frame.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include "pte.h"
#include "world.h"

/* Takes a free frame with one reference, contents zero.  NO_FRAME when memory is full. */
unsigned frame_alloc(struct machine *m, enum frame_owner owner, unsigned owner_id);
void frame_get(struct machine *m, unsigned pfn);
/* Drops a reference; the last one frees the frame.  Returns true when it did. */
bool frame_put(struct machine *m, unsigned pfn);

/* Drops a reference of each of these, and forgets them. */
void frames_put(struct machine *m, uint16_t *page, unsigned n);

/* What the page contains at a byte. */
uint32_t page_read(struct machine *m, unsigned pfn, unsigned at);
/* False, and nothing changes, when PAGE_BYTES bytes differ from zero already. */
bool page_write(struct machine *m, unsigned pfn, unsigned at, uint32_t value);
void page_copy(struct machine *m, unsigned to, unsigned from);
/* The page is zero from byte `at` on. */
void page_zero_from(struct machine *m, unsigned pfn, unsigned at);

/* A page-table page for entries of `level`. */
unsigned table_alloc(struct machine *m, unsigned mm, unsigned level);
/* The entry at index 0..511; 0 where nothing was stored. */
uint64_t table_read(struct machine *m, unsigned table, unsigned index);
/* Stores an entry; 0 takes it out.  False when TABLE_SLOTS are in use. */
bool table_write(struct machine *m, unsigned table, unsigned index, uint64_t entry);
/* Would table_write find room for an entry at index? */
bool table_has_room(struct machine *m, unsigned table, unsigned index);
/* Index and value of the n-th non-empty slot; false past the end.  For views and loops over tables. */
bool table_slot(const struct machine *m, unsigned table, unsigned n, unsigned *index, uint64_t *entry);

/* Frame of the table page of `level` that maps va, NO_FRAME when a level above is empty. */
unsigned table_find(struct machine *m, unsigned pgd, uint64_t va, unsigned level);
/* The same as table_read, of a machine that is only looked at. */
uint64_t entry_now(const struct machine *m, unsigned table, unsigned index);
/* The present leaf entry of va, 0 when there is none; no access of a step. */
uint64_t walk_now(const struct machine *m, unsigned root, uint64_t va, unsigned *level);
/* The leaf entry of va as software reads it, 0 when there is none; *level is where the walk ended. */
uint64_t table_walk(struct machine *m, unsigned pgd, uint64_t va, unsigned *level);

#endif
