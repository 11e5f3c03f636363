/*
 * Objects by the names that people type, and what is found at an address: shared by stops and
 * expressions. Everything here looks at a const machine and notes nothing in a footprint.
 */
#ifndef NAMED_H
#define NAMED_H

#include "world.h"

/* A lock as the panes spell it, with '_' for the blanks: mmap_lock_of_A, ptl(pfn_7). */
bool lock_named(const struct machine *m, struct word w, unsigned *lock);
/* A translation agent: cpu1, a device (its IOTLB), a subscriber (its own table, or its device's
 * IOTLB where it shares the process's tables). */
bool agent_named(const struct machine *m, struct word w, unsigned *mmu);
/* cpu1, or 1. */
bool cpu_named(const struct machine *m, struct word w, unsigned *cpu);

/* The first entry of the agent that translates va, NULL when there is none. */
const struct leaf *leaf_at(const struct machine *m, unsigned mmu, uint64_t va);
/* Have the tables or the frame changed since the entry was made? */
bool leaf_is_stale(const struct machine *m, const struct leaf *leaf);
/* The leaf entry of va, 0 when there is none. *table gets the table page where the walk ended,
 * NO_FRAME when the mm has no tables. */
uint64_t entry_at(const struct machine *m, unsigned mm, uint64_t va, unsigned *table);

#endif
