/*
 * exchange.c - who can take whose place: CPUs, and tasks that do the same.
 */
#include <string.h>

#include "rename.h"

void order_nth(unsigned n, unsigned count, uint8_t *to)
{
	uint8_t left[MAX_TASKS];

	for (unsigned i = 0; i < count; i++)
		left[i] = (uint8_t)i;
	for (unsigned i = 0; i < count; i++) {
		unsigned pick = n % (count - i);

		n /= count - i;
		to[i] = left[pick];
		memmove(&left[pick], &left[pick + 1], count - i - pick - 1u);
	}
}

unsigned order_count(unsigned count)
{
	return count < 2 ? 1 : count * order_count(count - 1);
}

/* The tasks on a CPU, in order; returns how many. */
static unsigned tasks_on(const struct machine *m, unsigned cpu, uint8_t task[MAX_TASKS])
{
	unsigned n = 0;

	for (unsigned t = 0; t < MAX_TASKS; t++)
		if (peek_task(m, t)->used && peek_task(m, t)->cpu == cpu)
			task[n++] = (uint8_t)t;
	return n;
}

static bool same_work(const struct machine *m, unsigned a, unsigned b)
{
	const struct program *p = peek_program(m, a), *q = peek_program(m, b);

	return peek_task(m, a)->mm == peek_task(m, b)->mm && p->count == q->count && memcmp(p->op, q->op, p->count * sizeof(p->op[0])) == 0;
}

/* The tasks of one CPU take the places of those of another, in the order `*n` says; what is left of it goes on. */
static bool tasks_exchange(struct renaming *r, const struct machine *m, unsigned cpu, unsigned *n)
{
	uint8_t from[MAX_TASKS], to[MAX_TASKS], order[MAX_TASKS];
	unsigned count = tasks_on(m, cpu, from);

	if (tasks_on(m, r->cpu[cpu], to) != count)
		return false;
	order_nth(*n % order_count(count), count, order);
	*n /= order_count(count);
	for (unsigned i = 0; i < count; i++) {
		if (!same_work(m, from[i], to[order[i]]))
			return false;
		r->task[from[i]] = to[order[i]];
	}
	return true;
}

bool renaming_nth(struct renaming *r, const struct machine *start, unsigned n)
{
	renaming_none(r);
	order_nth(n % order_count(MAX_CPUS), MAX_CPUS, r->cpu);
	n /= order_count(MAX_CPUS);
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if ((r->cpu[c] != c && (!peek_cpu(start, c)->online || !peek_cpu(start, r->cpu[c])->online)) ||
		    !tasks_exchange(r, start, c, &n))
			return false;
	return n == 0;
}

void renaming_then(const struct renaming *first, const struct renaming *second, struct renaming *out)
{
	renaming_none(out);
	for (unsigned i = 0; i < MAX_CPUS; i++)
		out->cpu[i] = second->cpu[first->cpu[i]];
	for (unsigned i = 0; i < MAX_TASKS; i++)
		out->task[i] = second->task[first->task[i]];
}

bool renaming_same(const struct renaming *a, const struct renaming *b)
{
	return memcmp(a->cpu, b->cpu, sizeof(a->cpu)) == 0 && memcmp(a->task, b->task, sizeof(a->task)) == 0;
}
