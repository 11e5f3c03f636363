/*
 * One run after the other, every variant with the same seeds. Time is the number of steps that anybody takes: a CPU
 * waits, or holds an entry that its tables no longer grant, for so many of them.
 */
#include "cost.h"

#include <string.h>

#include "memory.h"
#include "mmu.h"
#include "pte.h"
#include "rng.h"
#include "routine.h"
#include "runner.h"
#include "task.h"

enum {
	LONGEST = 20000, /* steps of one run */
	SLICE = 20	 /* runs between two looks at the clock */
};

/* Sums over runs. */
struct cost {
	uint64_t runs, broken;
	uint64_t sent, taken, ticks, handler, waits, stale, steps;
};

static struct {
	struct scenario sc;
	struct machine start;
	struct cost sum;
	unsigned variant;
	uint64_t walks;
	uint64_t seed;
} work;

static bool waits_for_others(const struct machine *m, unsigned cpu)
{
	unsigned ctx = cpu_context(m, cpu);
	const struct act *top = ctx == NONE ? NULL : ctx_top(m, ctx);

	return top && (top->wait == WAIT_CSD || top->wait == WAIT_PARKED || top->wait == WAIT_PMAP) && !ctx_ready(m, ctx);
}

/* Does the CPU hold an entry of the loaded address space that its tables do not grant any more? */
static bool holds_stale(struct machine *m, unsigned cpu)
{
	const struct tlb *t = peek_tlb(m, MMU_CPU(cpu));

	for (unsigned i = 0; i < t->count; i++) {
		const struct leaf *e = &t->leaf[i];
		unsigned level;
		uint64_t pte;

		if (e->pcid != peek_cpu(m, cpu)->pcid || e->mm >= MAX_MMS || peek_mm(m, e->mm)->pgd == NO_FRAME)
			continue;
		pte = table_walk(m, peek_mm(m, e->mm)->pgd, e->va, &level);
		if (!pte_present(pte) || pte_pfn(pte) != e->pfn || ((e->flags & LEAF_WRITE) && !(pte & PTE_WRITE)))
			return true;
	}
	return false;
}

static void look(struct machine *m, struct cost *c)
{
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (!peek_cpu(m, cpu)->online)
			continue;
		c->waits += waits_for_others(m, cpu);
		c->stale += holds_stale(m, cpu);
	}
}

static void count(const struct machine *m, const struct action *a, struct cost *c)
{
	c->steps++;
	if (a->kind == ACT_IPI && !(peek_cpu(m, a->agent)->pending & PENDING_IPI))
		c->ticks++;
	else if (a->kind == ACT_IPI)
		c->taken++;
	else if (a->kind == ACT_STEP && peek_cpu(m, a->agent)->in_irq)
		c->handler++;
}

/* One run to its end, by a schedule of this seed; whims of the hardware stay away. */
static void run(struct session *s, uint64_t seed)
{
	struct rng r = { seed };
	struct action action[MAX_ACTIONS];
	bool broken = false;

	memcpy(s->probe, &work.start, sizeof(*s->probe));
	for (unsigned steps = 0; steps < LONGEST && !machine_finished(s->probe); steps++) {
		unsigned n = machine_actions(s->probe, action), moves = 0;

		for (unsigned i = 0; i < n; i++)
			if (action_is_progress(&action[i]) || action[i].kind == ACT_SWITCH)
				action[moves++] = action[i];
		if (!moves)
			break;
		n = (unsigned)rng_below(&r, moves);
		count(s->probe, &action[n], &work.sum);
		machine_apply(s->probe, &action[n], &s->fx);
		for (unsigned i = 0; i < s->fx.events; i++)
			if (s->fx.event[i].kind == EV_IPI_SEND)
				work.sum.sent += (uint64_t)__builtin_popcount(s->fx.event[i].a);
		broken |= rules_broken(s->fx.rules) != 0;
		look(s->probe, &work.sum);
	}
	work.sum.runs++;
	work.sum.broken += broken;
}

static double mean(uint64_t sum)
{
	return (double)sum / (double)work.sum.runs;
}

static void say_row(struct session *s)
{
	const struct cost *c = &work.sum;
	const char *variant = work.sc.variant[work.variant].name;

	if (s->out.json)
		out_object(&s->out, "cost",
			   json_pack("{s:s, s:s, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I}", "scenario", work.sc.name, "variant",
				     variant, "runs", (json_int_t)c->runs, "sent", mean(c->sent), "taken", mean(c->taken),
				     "ticks", mean(c->ticks), "handler", mean(c->handler), "waits", mean(c->waits), "stale",
				     mean(c->stale), "steps", mean(c->steps), "broken", (json_int_t)c->broken));
	else
		out_line(&s->out, "%-11s %6.2f %6.2f %6.2f %8.1f %8.1f %8.1f %8.1f %7llu", variant, mean(c->sent), mean(c->taken),
			 mean(c->ticks), mean(c->handler), mean(c->waits), mean(c->stale), mean(c->steps),
			 (unsigned long long)c->broken);
	s->failure |= !out_flush(&s->out);
}

/* The machine of the next variant in work.start; false when there is none. */
static bool begin(struct session *s)
{
	struct complaint c;

	if (work.variant == work.sc.variants || scenario_build(&work.sc, work.variant, &work.start, &s->fx, &c) != OK)
		return false;
	memset(&work.sum, 0, sizeof(work.sum));
	return true;
}

static void stop(struct session *s)
{
	s->bound = true;
	out_line(&s->out, "interrupted after %u variants", work.variant);
	s->job = (struct job){ 0 };
}

static bool slice(struct session *s, int ms)
{
	(void)ms;
	for (unsigned i = 0; i < SLICE && work.sum.runs < work.walks; i++)
		run(s, work.seed + work.sum.runs);
	if (work.sum.runs < work.walks)
		return false;
	say_row(s);
	work.variant++;
	if (begin(s))
		return false;
	s->job = (struct job){ 0 };
	return true;
}

static const char *progress(struct session *s)
{
	static char buf[80];

	(void)s;
	snprintf(buf, sizeof(buf), "variant %u of %u: %llu runs", work.variant + 1, work.sc.variants,
		 (unsigned long long)work.sum.runs);
	return buf;
}

enum status cost_start(struct session *s, uint64_t walks, struct complaint *c)
{
	if (session_need(s, c) != OK)
		return c->status;
	memset(&work, 0, sizeof(work));
	work.sc = *s->sc;
	work.walks = walks;
	work.seed = s->set.seed;
	if (!begin(s))
		return complain(c, BAD_STATE, "there is no variant to run");
	if (!s->out.json)
		out_line(&s->out, "%-11s %6s %6s %6s %8s %8s %8s %8s %7s", "variant", "sent", "taken", "ticks", "handler", "waits",
			 "stale", "steps", "broken");
	s->job = (struct job){ .slice = slice, .stop = stop, .progress = progress };
	return OK;
}
