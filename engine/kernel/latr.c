/*
 * latr.c - coherence by lazy states, after LATR (Kumar et al., ASPLOS 2018, on Linux 4.10): no interrupt, no wait.
 *
 * Models: who frees pages writes a state into its CPU's buffer in the place of an interrupt: the range and the CPUs that
 * may have it cached; each of them sweeps all buffers at its next tick and before it loads another address space, and
 * drops what it finds; pages are freed when nobody is left.  With a full buffer, freed tables, and wherever a right is taken
 * away or a page moves, the flush is Linux's; latr.sync=none leaves these to the states, too.
 * Omits: addresses that are not given out again meanwhile, NUMA balancing; the paper frees two ticks later, here the pages go
 * with the last sweep, the earliest moment there can be.
 */
#include "kernel.h"

static int state_free(const struct latr *s)
{
	for (int i = 0; i < LATR_STATES; i++)
		if (!s->used[i])
			return i;
	return -1;
}

/* A state's last CPU has swept it, and its pages are known. */
static void retire(struct machine *m, unsigned cpu, unsigned i)
{
	struct latr *s = write_latr(m, cpu);

	if (s->cpus[i] || s->task[i])
		return;
	frames_put(m, s->page[i], s->pages[i]);
	s->start[i] = s->end[i] = 0;
	s->used[i] = s->mm[i] = s->pages[i] = 0;
}

bool latr_defers(struct run *r, unsigned targets, bool freed_tables, bool frees)
{
	return profile_is(r->m, SW_PROTOCOL, PROTOCOL_LATR) && (targets & ~(1u << r->cpu)) &&
		((frees && !freed_tables) || profile_is(r->m, SW_LATR_SYNC, LATR_SYNC_NONE)) && state_free(read_latr(r->m, r->cpu)) >= 0;
}

void latr_note(struct run *r, const struct latr_range *range, unsigned targets, bool frees)
{
	struct latr *s = write_latr(r->m, r->cpu);
	int i = state_free(s);

	CHECK(i >= 0);
	s->used[i] = 1;
	s->start[i] = range->start;
	s->end[i] = range->end;
	s->mm[i] = range->mm;
	s->cpus[i] = (uint8_t)(targets & ~(1u << r->cpu));
	s->task[i] = frees ? (uint8_t)(run_task(r) + 1) : 0;
	event_add(r->m, (struct event){ .kind = EV_LATR, .a = s->cpus[i], .va = range->start, .x = range->end });
	/* Ticks come of their own accord: from here on one matters. */
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (s->cpus[i] & (1u << c))
			write_cpu(r->m, c)->pending |= PENDING_TICK;
}

bool latr_takes_pages(struct run *r)
{
	struct gather *g;
	struct latr *s;
	unsigned i = 0;

	if (!profile_is(r->m, SW_PROTOCOL, PROTOCOL_LATR))
		return false;
	while (i < LATR_STATES && read_latr(r->m, r->cpu)->task[i] != run_task(r) + 1)
		i++;
	if (i == LATR_STATES)
		return false;
	g = write_gather(r->m, run_task(r));
	s = write_latr(r->m, r->cpu);
	CHECK(g->pages <= LATR_PAGES);
	for (unsigned p = 0; p < g->pages; p++) {
		s->page[i][p] = g->page[p];
		g->page[p] = 0;
	}
	s->pages[i] = g->pages;
	g->pages = 0;
	s->task[i] = 0;
	retire(r->m, r->cpu, i);
	return true;
}

/* The first state of any CPU that this one has not swept; false when there is none. */
static bool unswept(struct run *r, unsigned *cpu, unsigned *i)
{
	for (*cpu = 0; *cpu < MAX_CPUS; ++*cpu)
		for (*i = 0; *i < LATR_STATES; ++*i)
			if (read_latr(r->m, *cpu)->cpus[*i] & (1u << r->cpu))
				return true;
	return false;
}

ROUTINE(latr_sweep, "LATR")
{
	unsigned cpu, i;
	struct latr *s;

	BEGIN(struct latr_sweep_l)
	while (profile_is(r->m, SW_PROTOCOL, PROTOCOL_LATR) && unswept(r, &cpu, &i)) {
		STEP("sweep: drop what a state of some CPU names, and leave its set of CPUs; the last one frees its pages");
		if (!unswept(r, &cpu, &i))
			break;
		s = write_latr(r->m, cpu);
		if (read_cpu(r->m, r->cpu)->ctx_mm == s->mm[i])
			cpu_flush_range(r->m, r->cpu, s->start[i], s->end[i]);
		else if (read_cpu(r->m, r->cpu)->other_mm == s->mm[i])
			cpu_forget_slot(r->m, r->cpu);
		s->cpus[i] &= (uint8_t)~(1u << r->cpu);
		retire(r->m, cpu, i);
	}
	END(RES_OK)
}

/* The timer's interrupt, as far as this file needs it. */
ROUTINE(scheduler_tick, "kernel/sched/core.c")
{
	BEGIN(struct scheduler_tick_l)
	STEP("the timer's tick");
	CALL(latr_sweep, .unused = 0);
	cpu_irq_exit(r->m, r->cpu);
	END(RES_OK)
}
