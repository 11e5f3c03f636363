/*
 * cpu.h - one logical CPU: control registers, invalidation instructions, accesses, interrupts.
 *
 * Models: MOV CR3 and INVLPG with what they must drop (section 1c of the SDM's table: INVLPG drops
 * every paging-structure entry of the PCID), locked D-bit updates that re-check the entry (its W bit: but for cpu.dirty_on_ro), interrupt
 * lines that wait while IF is clear, PCIDs (two of them), a store buffer for two words.  Omits: global entries.
 */
#ifndef CPU_H
#define CPU_H

#include "world.h"

enum access_result {
	ACCESS_DONE,	/* the access happened, *value holds what a load saw */
	ACCESS_MISS,	/* no entry: walk first */
	ACCESS_DIRTY,	/* a store through an entry with D=0: update the entry first */
	ACCESS_FULL,	/* the page differs from zero in too many bytes: see PAGE_BYTES */
	ACCESS_FAULT,	/* an entry without the right: the entry is dropped, #PF */
};

/* One try at va through the TLB; a store writes *value, a load fills it. */
enum access_result cpu_access(struct machine *m, unsigned cpu, uint64_t va, bool write, uint32_t *value);
/* The locked update of the leaf before a store: false when the entry no longer grants it (then #PF). */
bool cpu_set_dirty(struct machine *m, unsigned cpu, uint64_t va);
/* #PF: the entries that led to it, of both kinds, are dropped, so that a retry walks anew. */
void cpu_fault(struct machine *m, unsigned cpu, uint64_t va);
/* Starts the instruction's own walk. */
void cpu_walk_start(struct machine *m, unsigned cpu, uint64_t va, bool write);

/* MOV CR3: drops the entries of the PCID, every entry of this CPU with PCIDs off. */
void cpu_load_cr3(struct machine *m, unsigned cpu, unsigned pgd, unsigned mm);
/* The same with bit 63 set: drops none. */
void cpu_load_cr3_noflush(struct machine *m, unsigned cpu, unsigned pgd, unsigned mm);
void cpu_flush_all(struct machine *m, unsigned cpu);
/* With PCIDs: the slot that is not loaded is nobody's, and is flushed when it is loaded.  Its generation says nothing then. */
void cpu_forget_slot(struct machine *m, unsigned cpu);
void cpu_invlpg(struct machine *m, unsigned cpu, uint64_t va);

/* Can a page of va be fetched speculatively now: tables loaded, no entry yet, the walker idle? */
bool cpu_can_fill(const struct machine *m, unsigned cpu, uint64_t va);
void cpu_fill_start(struct machine *m, unsigned cpu, uint64_t va);
/* One level of the speculative walk; a fault is dropped silently. */
void cpu_fill_step(struct machine *m, unsigned cpu);
/* The same walk to its end, within one step; only the leaf entry is kept. */
void cpu_fill_whole(struct machine *m, unsigned cpu, uint64_t va);

/* One access as a whole, within one step: through the entry if there is one, else a walk to its end, of which
 * nothing is kept: that would be a fill.  DONE, or FAULT after what led to it was dropped. */
enum access_result cpu_access_whole(struct machine *m, unsigned cpu, uint64_t va, bool write, uint32_t *value);

/* ---- buffer.c ---- */

/* Stores that other CPUs see once they drain; without `store-buffer=on`, at once. */
void cpu_store_loaded_mm(struct machine *m, unsigned cpu, unsigned mm);
void cpu_store_lazy(struct machine *m, unsigned cpu, bool lazy);
/* A full barrier: what the CPU has stored is seen by all. */
void cpu_drain(struct machine *m, unsigned cpu);
/* The same words as one CPU sees those of another, or its own. */
unsigned cpu_seen_loaded_mm(struct machine *m, unsigned by, unsigned cpu);
bool cpu_seen_lazy(struct machine *m, unsigned by, unsigned cpu);

/* Interrupt entry: the instruction that was being executed starts again afterwards. */
void cpu_irq_enter(struct machine *m, unsigned cpu);
void cpu_irq_exit(struct machine *m, unsigned cpu);
/* NMI entry and exit: RFLAGS.IF is no matter, and comes back as it was. */
void cpu_nmi_enter(struct machine *m, unsigned cpu);
void cpu_nmi_exit(struct machine *m, unsigned cpu);

#endif
