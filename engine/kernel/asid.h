/*
 * asid.h - global ASIDs of x86 (arch/x86/mm/tlb.c): one tag for an address space on every CPU, kept fresh by INVLPGB.
 *
 * Plain functions, no steps: they run inside the step that calls them.
 */
#ifndef ASID_H
#define ASID_H

#include "world.h"

/* mm_global_asid: 0 = it has none. */
unsigned mm_global_asid(struct machine *m, unsigned mm);
/* May CPUs still run it on ASIDs of their own? */
bool mm_in_asid_transition(struct machine *m, unsigned mm);
/* Does the CPU run on a global ASID? */
bool cpu_on_global_asid(struct machine *m, unsigned cpu);
/* mm_needs_global_asid: is what the CPU has loaded tagged with something else than the mm's global ASID? */
bool cpu_needs_global_asid(const struct machine *m, unsigned cpu);
/* choose_new_asid for a global ASID: the slot that is loaded is parked.  Entries under it are always fresh. */
void cpu_load_global_asid(struct machine *m, unsigned cpu, unsigned mm, unsigned asid, uint32_t tlb_gen);
/* The CPU goes on with slots of its own: the one that was parked is the loaded one again. */
void cpu_unpark(struct machine *m, unsigned cpu);
/* A bit of asids.used and asids.freed. */
#define ASID_BIT(asid)	(1u << ((asid) - DYN_ASIDS))

#endif
