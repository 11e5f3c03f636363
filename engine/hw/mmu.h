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
/* Puts an entry in; it replaces one for the same page of the same size. */
void tlb_insert(struct machine *m, unsigned mmu, struct leaf e);
/* Puts an entry beside those for the same page, as the youngest; false when the oldest of all had to make room. */
bool tlb_add(struct machine *m, unsigned mmu, struct leaf e);
/* The oldest entry that serves va has been used: it was the only one. */
void tlb_settle(struct machine *m, unsigned mmu, unsigned pcid, uint64_t va);
/* Changes the entry for va, which must be there: sets its dirty flag. */
void tlb_set_dirty(struct machine *m, unsigned mmu, unsigned pcid, uint64_t va);
/* Drops entries of [start, end); true when there was one. */
bool tlb_drop(struct machine *m, unsigned mmu, unsigned pcid, uint64_t start, uint64_t end);

/* The part of va that selects a table of this level. */
uint64_t va_prefix(uint64_t va, unsigned level);
/* Position of the paging-structure entry that a walk of va begins at, NONE when it begins at the root. */
unsigned psc_deepest(const struct machine *m, unsigned mmu, unsigned pcid, uint64_t va);
/* Puts one in, in place of another for the same prefix; or beside it, see tlb_add. */
void psc_insert(struct machine *m, unsigned mmu, struct psc_entry e);
bool psc_add(struct machine *m, unsigned mmu, struct psc_entry e);
/* The one at this position has been used: there was no other for its prefix. */
void psc_settle(struct machine *m, unsigned mmu, unsigned position);
/* Drops paging-structure entries of the PCID that serve addresses in [start, end). */
void psc_drop(struct machine *m, unsigned mmu, unsigned pcid, uint64_t start, uint64_t end);

/* Is there anything that an access to va would find or begin at? */
bool cache_serves(const struct machine *m, unsigned mmu, unsigned pcid, uint64_t va);
/* Drops what it would find first: the oldest leaf entry, when there is none the deepest paging-structure entry. */
void cache_evict(struct machine *m, unsigned mmu, unsigned pcid, uint64_t va);

enum walk_result { WALK_MORE, WALK_FILLED, WALK_FAULT };

/* Begins a walk; the first read is a step of its own. */
void walk_start(struct machine *m, unsigned walker, unsigned mmu, unsigned root, unsigned pcid, unsigned mm,
	uint64_t va, bool write);
/* Reads one level.  FILLED: the leaf is in the cache.  FAULT: nothing usable; the walker is idle again. */
enum walk_result walk_step(struct machine *m, unsigned walker, unsigned mmu);
void walk_cancel(struct machine *m, unsigned walker);

/* ---- of a walk: for walk.c and saturate.c ---- */

/* A walk that is about to read the root, or the table that a paging-structure entry names. */
struct walker walk_from_root(struct machine *m, unsigned root, unsigned pcid, unsigned mm, uint64_t va);
void walk_from_cached(struct walker *w, const struct psc_entry *e);
/* Does the entry that a walk has read let it go on? */
bool walk_usable(const struct walker *w, uint64_t entry);
/* Goes on to the table that the entry names: what the paging-structure cache may keep of that. */
struct psc_entry walk_down(struct machine *m, struct walker *w, uint64_t entry);
/* What the TLB may keep of the entry that ends a walk; the event that it did. */
struct leaf walk_leaf(struct machine *m, const struct walker *w, uint64_t entry);
void walk_filled(struct machine *m, const struct walker *w, unsigned mmu, const struct leaf *e);

/* ---- saturate.c ---- */

/* The entry is about to change: whoever can read it may have done so. */
void saturate_entry(struct machine *m, unsigned table, unsigned index, uint64_t entry);
/* Would a speculative walk of va set the A bit of its entry?  It does. */
bool saturate_can_access(const struct machine *m, unsigned cpu, uint64_t va);
void saturate_access(struct machine *m, unsigned cpu, uint64_t va);
/* The CPU is about to load other tables; it keeps what it has cached, or may have. */
void saturate_leave(struct machine *m, unsigned cpu);
/* It has loaded them: what is cached of tables that are no more may be walked now. */
void saturate_arrive(struct machine *m, unsigned cpu);
/* A table page has been freed: whoever has it cached may walk it now. */
void saturate_freed(struct machine *m, unsigned table);

#endif
