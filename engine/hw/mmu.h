/*
 * mmu.h - translation caches and the page walker, the same for CPUs and for the IOMMU.
 *
 * A translation agent (an "mmu") owns one set of leaf entries and one paging-structure cache.  A
 * walker reads one level per step; other agents may act between any two levels, and the upper
 * levels may come from a cached entry made long ago.
 *
 * Models: fills, A bits set by the walker, evictions, page and full invalidation, walks that an
 * invalidation on the same agent restarts.  Omits: replacement policy (a full set drops its first
 * entry), global entries, instruction TLBs.
 */
#ifndef MMU_H
#define MMU_H

#include "world.h"

#define MMU_CPU(c)	((unsigned)(c))
#define MMU_DEV(d)	(MAX_CPUS + (unsigned)(d))
#define MMU_SUB(s)	(MAX_CPUS + MAX_DEVS + (unsigned)(s))

/* Walkers: the CPU's own instruction, its speculation, a device's request. */
#define WALKER_CPU(c)	((unsigned)(c))
#define WALKER_SPEC(c)	(MAX_CPUS + (unsigned)(c))
#define WALKER_DEV(d)	(2 * MAX_CPUS + (unsigned)(d))

#define ANY_PCID 0x100u

/* The entry for va, NULL on a miss. */
const struct leaf *tlb_lookup(struct machine *m, unsigned mmu, unsigned pcid, uint64_t va);
/* Puts an entry in; it replaces one for the same page. */
void tlb_insert(struct machine *m, unsigned mmu, struct leaf e);
/* Changes the entry for va, which must be there: sets its dirty flag. */
void tlb_set_dirty(struct machine *m, unsigned mmu, unsigned pcid, uint64_t va);
/* Drops entries of [start, end); true when there was one. */
bool tlb_drop(struct machine *m, unsigned mmu, unsigned pcid, uint64_t start, uint64_t end);

/* Drops paging-structure entries of the PCID that serve addresses in [start, end). */
void psc_drop(struct machine *m, unsigned mmu, unsigned pcid, uint64_t start, uint64_t end);

enum walk_result { WALK_MORE, WALK_FILLED, WALK_FAULT };

/* Begins a walk; the first read is a step of its own. */
void walk_start(struct machine *m, unsigned walker, unsigned mmu, unsigned root, unsigned pcid, unsigned mm,
	uint64_t va, bool write);
/* Reads one level.  FILLED: the leaf is in the cache.  FAULT: nothing usable; the walker is idle again. */
enum walk_result walk_step(struct machine *m, unsigned walker, unsigned mmu);
void walk_cancel(struct machine *m, unsigned walker);

#endif
