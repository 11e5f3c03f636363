/*
 * mach.c - the TLB shootdown of Mach: D. Black, R. Rashid, D. Golub, C. Hill, "Translation Lookaside Buffer Consistency: A
 * Software Approach", 1989.  It parks every CPU that uses an address space while its tables change.
 *
 * Models: the initiator, interrupts off: it leaves the set of active CPUs before it takes the lock, so that two
 * initiators do not wait for each other; queues the range, sets action-needed flags, interrupts, waits until all have
 * parked; changes the tables, unlocks, serves its own queue.  The responder: parks, spins while the tables are locked,
 * invalidates, takes part again.  Which changes: those of munmap, madvise and mprotect; others flush as Linux does.
 * Omits: the queue's length (a second request means everything), CPUs that are idle, kernel tables, priorities.
 */
#include "kernel.h"

bool mach_protocol(const struct machine *m)
{
	return profile_is(m, SW_PROTOCOL, PROTOCOL_MACH);
}

void cpu_flush_range(struct machine *m, unsigned cpu, uint64_t start, uint64_t end)
{
	if (end == FLUSH_ALL || (end - start) / PAGE_SIZE > FLUSH_CEILING)
		cpu_flush_all(m, cpu);
	else
		for (uint64_t va = start; va < end; va += PAGE_SIZE)
			cpu_invlpg(m, cpu, va);
}

/* Everything that was asked for is dropped, and the CPU takes part again. */
static void serve_and_rejoin(struct run *r)
{
	struct mach *k = write_mach(r->m, r->cpu);
	const struct cpu *c = read_cpu(r->m, r->cpu);

	if (k->action && (k->mm == c->ctx_mm || k->mm == NONE))
		cpu_flush_range(r->m, r->cpu, k->start, k->end);
	if (k->action && (k->mm == c->other_mm || k->mm == NONE))
		cpu_forget_slot(r->m, r->cpu);
	*k = (struct mach){ 0 };
}

static void ask(struct run *r, unsigned target, const struct pmap_begin_l *l)
{
	struct mach *k = write_mach(r->m, target);

	*k = (struct mach){
		.start = k->action ? 0 : l->start, .end = k->action ? FLUSH_ALL : l->end,
		.mm = k->action && k->mm != l->mm ? NONE : l->mm, .action = 1, .inactive = k->inactive,
	};
}

ROUTINE(pmap_begin, "Mach")
{
	BEGIN(struct pmap_begin_l)
	/* CPU 0 has not been asked, either. */
	l->target = NONE;
	STEP("Mach: interrupts off, and this CPU leaves the set of active ones");
	irq_disable(r);
	write_mach(r->m, r->cpu)->inactive = 1;
	AWAIT(WAIT_PMAP, l->mm, 0, "Mach: lock the tables of this address space");
	write_pmap(r->m, l->mm)->owner = (uint8_t)(r->cpu + 1);
	l->targets = read_mm(r->m, l->mm)->cpumask & (uint8_t)~(1u << r->cpu);
	for (l->target = 0; l->target < MAX_CPUS; l->target++)
		if (l->targets & (1u << l->target)) {
			STEP("Mach: queue the range for a CPU that uses these tables, set its action-needed flag");
			ask(r, l->target, l);
		}
	if (l->targets) {
		STEP("Mach: one interrupt for all of them");
		for (unsigned c = 0; c < MAX_CPUS; c++)
			if (l->targets & (1u << c))
				write_cpu(r->m, c)->pending |= PENDING_IPI;
		event_add(r->m, (struct event){ .kind = EV_IPI_SEND, .a = l->targets });
		AWAIT(WAIT_PARKED, 0, l->targets, "Mach: wait until each of them has parked; from here on nobody uses these tables");
	}
	END(RES_OK)
}

ROUTINE(pmap_end, "Mach")
{
	BEGIN(struct pmap_end_l)
	STEP("Mach: the tables are changed; drop this CPU's own entries");
	rule_useless_flush(r->m, l->mm, l->start, l->end);
	event_add(r->m, (struct event){ .kind = EV_FLUSH, .a = l->mm, .va = l->start, .x = l->end });
	if (read_cpu(r->m, r->cpu)->loaded_mm == l->mm)
		cpu_flush_range(r->m, r->cpu, l->start, l->end);
	STEP("Mach: unlock the tables: those who have parked may go on");
	write_pmap(r->m, l->mm)->owner = 0;
	AWAIT(WAIT_PMAP, read_cpu(r->m, r->cpu)->loaded_mm, r->cpu + 1,
		"Mach: unless somebody else has locked them: serve the own queue, be active again, interrupts on");
	serve_and_rejoin(r);
	irq_enable(r);
	END(RES_OK)
}

/* A CPU is about to load an address space: it has parked while the tables are locked, and is known to use them then. */
ROUTINE(pmap_activate, "Mach")
{
	BEGIN(struct pmap_activate_l)
	write_mach(r->m, r->cpu)->inactive = 1;
	AWAIT(WAIT_PMAP, l->mm, r->cpu + 1, "Mach: unless the next tables are locked: use them, and be active again");
	serve_and_rejoin(r);
	write_mm(r->m, l->mm)->cpumask |= (uint8_t)(1u << r->cpu);
	END(RES_OK)
}

/* The interrupt of a CPU that is asked to invalidate. */
ROUTINE(pmap_respond, "Mach")
{
	BEGIN(struct pmap_respond_l)
	STEP("Mach: this CPU parks: it leaves the set of active ones");
	write_mach(r->m, r->cpu)->inactive = 1;
	AWAIT(WAIT_PMAP, read_cpu(r->m, r->cpu)->loaded_mm, r->cpu + 1,
		"Mach: spin while the tables in use are locked; then drop what was asked, and be active again");
	serve_and_rejoin(r);
	event_add(r->m, (struct event){ .kind = EV_IPI_ACK, .a = (uint8_t)r->cpu });
	cpu_irq_exit(r->m, r->cpu);
	END(RES_OK)
}
