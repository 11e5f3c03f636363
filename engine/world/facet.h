/*
 * facet.h - groups of fields of an object that different steps use.
 *
 * A footprint names objects, and two steps that share an object are taken not to commute.  For a few objects that is too
 * coarse: a sender puts its csd on the queue of a CPU while that CPU goes on with what its own routine does.  So these
 * have facets, and footprints name those as well.  What a step changed is found by comparing bytes; what it looked at is
 * said by the door that it came through: read_cpu() looks at everything, read_cpu_part(m, i, CPU_QUEUE) at the queue
 * alone.  Fields without a row here belong to the facet REST.
 */
#ifndef FACET_H
#define FACET_H

#include <stdint.h>

#include "objects.h"

enum cpu_facet {
	CPU_REST = 1,		/* generations and slots: what flush functions and switches of this CPU use */
	CPU_TURN = 128,		/* a look at who runs there by him whose turn it is: nobody else moves meanwhile, see looks_note */
	CPU_RUN = 2 | CPU_TURN,	/* any other, and a change of it */
	CPU_IRQS = 4,		/* are interrupts off */
	CPU_CR3 = 8,		/* what accesses go through */
	CPU_LOADED = 16,	/* what senders look at */
	CPU_QUEUE = 32,		/* what senders write */
	CPU_SETUP = 64,		/* never written once it runs */
};

enum mm_facet {
	MM_REST = 1,
	MM_GEN = 2, MM_MASK = 4, MM_PENDING = 8,
	MM_STATE = 16,
	MM_RANGES = 32,
	MM_DONE = 64, MM_CHANGES = 128,		/* ghosts */
};

enum ctx_facet {
	CTX_REST = 1,
	CTX_ATOMIC = 2,		/* what the scheduler looks at */
};

/* The kinds that have facets, and how many objects. */
#define FACETED(F) F(cpu, MAX_CPUS) F(mm, MAX_MMS) F(ctx, MAX_CTX)

/* Field by field. */
#define FACETS(F) \
	F(cpu, current, CPU_RUN) F(cpu, leaving, CPU_RUN) F(cpu, in_irq, CPU_RUN) F(cpu, in_nmi, CPU_RUN) \
	F(cpu, irq_off, CPU_IRQS) \
	F(cpu, cr3, CPU_CR3) F(cpu, pcid, CPU_CR3) F(cpu, ctx_mm, CPU_CR3) \
	F(cpu, loaded_mm, CPU_LOADED) F(cpu, is_lazy, CPU_LOADED) F(cpu, buffer, CPU_LOADED) F(cpu, seen, CPU_LOADED) \
	F(cpu, pending, CPU_QUEUE) F(cpu, queued, CPU_QUEUE) F(cpu, queue, CPU_QUEUE) F(cpu, polling, CPU_QUEUE) \
	F(cpu, online, CPU_SETUP) \
	F(mm, tlb_gen, MM_GEN) F(mm, cpumask, MM_MASK) F(mm, flush_pending, MM_PENDING) \
	F(mm, state, MM_STATE) F(mm, users, MM_STATE) F(mm, count, MM_STATE) \
	F(mm, active_ranges, MM_RANGES) F(mm, done_gen, MM_DONE) F(mm, changes, MM_CHANGES) \
	F(ctx, atomic, CTX_ATOMIC)

#define FACETS_EACH	8u	/* bits per object, used or not */
#define FACETS_ALL	0xffu

/* The facets of an object of this kind (enum kind) that two contents differ in. */
uint8_t facets_differ(unsigned kind, const void *a, const void *b);

#endif
