/*
 * broadcast.c - broadcast invalidations: issued, pending at each CPU, done.
 */
#include <string.h>

#include "broadcast.h"
#include "mmu.h"

bool inval_room(const struct machine *m)
{
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (peek_invals(m, c)->count == INVALS)
			return false;
	return true;
}

/* Sets are sorted, so that equal states are equal bytes. */
static void invals_add(struct machine *m, unsigned cpu, const struct inval *op)
{
	struct invals *s = write_invals(m, cpu);
	unsigned i = s->count;

	CHECK(s->count < INVALS);
	for (; i > 0 && memcmp(&s->op[i - 1], op, sizeof(*op)) > 0; i--)
		s->op[i] = s->op[i - 1];
	s->op[i] = *op;
	s->count++;
}

static void invals_remove(struct machine *m, unsigned cpu, unsigned i)
{
	struct invals *s = write_invals(m, cpu);

	s->count--;
	memmove(&s->op[i], &s->op[i + 1], (s->count - i) * sizeof(s->op[0]));
	s->op[s->count] = (struct inval){ 0 };
}

void inval_issue(struct machine *m, struct inval op)
{
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (read_cpu_part(m, c, CPU_SETUP)->online)
			invals_add(m, c, &op);
	event_add(m, (struct event){ .kind = EV_INVAL_SEND, .a = op.pcid, .va = op.start, .x = op.end });
}

bool inval_done(const struct machine *m, unsigned from)
{
	for (unsigned c = 0; c < MAX_CPUS; c++)
		for (unsigned i = 0; i < peek_invals(m, c)->count; i++)
			if (peek_invals(m, c)->op[i].from == from && !peek_invals(m, c)->op[i].acked)
				return false;
	return true;
}

bool inval_possible(const struct machine *m, unsigned cpu, unsigned i)
{
	const struct invals *s = peek_invals(m, cpu);

	if (i >= s->count)
		return false;
	/* What it has acknowledged it must have done before it acknowledges the next. */
	for (unsigned k = 0; k < s->count; k++)
		if (s->op[k].acked)
			return s->op[i].acked;
	return true;
}

uint64_t inval_key(const struct inval *op)
{
	return op->start | op->pcid;
}

unsigned inval_find(const struct machine *m, unsigned cpu, unsigned from, uint64_t key)
{
	const struct invals *s = peek_invals(m, cpu);

	for (unsigned i = 0; i < s->count; i++)
		if (s->op[i].from == from && inval_key(&s->op[i]) == key && inval_possible(m, cpu, i))
			return i;
	return INVALS;
}

/* A walk that began under the tag starts over. */
static void walk_restart(struct machine *m, unsigned walker, unsigned pcid)
{
	if (pcid == ANY_PCID || read_walker(m, walker)->pcid == pcid)
		walk_cancel(m, walker);
}

void inval_take(struct machine *m, unsigned cpu, unsigned i)
{
	const struct inval op = read_invals(m, cpu)->op[i];
	unsigned pcid = op.pcid == EVERY_PCID ? ANY_PCID : op.pcid;

	invals_remove(m, cpu, i);
	if (profile_is(m, SW_TLBI_ACK, ACK_EARLY) && !op.acked) {
		struct inval later = op;

		later.acked = 1;
		invals_add(m, cpu, &later);
		event_add(m, (struct event){
			.kind = EV_INVAL_ACK, .a = op.pcid, .b = op.from, .va = op.start, .x = op.end,
		});
		return;
	}
	tlb_drop(m, MMU_CPU(cpu), pcid, op.start, op.end);
	if (!op.final_only) {
		psc_drop(m, MMU_CPU(cpu), pcid, op.start, op.end);
		walk_restart(m, WALKER_CPU(cpu), pcid);
		walk_restart(m, WALKER_SPEC(cpu), pcid);
	}
	event_add(m, (struct event){ .kind = EV_INVAL, .a = op.pcid, .b = op.from, .va = op.start, .x = op.end });
}
