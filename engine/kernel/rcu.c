/*
 * rcu.c - RCU-sched, as far as page tables need it: kernel/rcu/tree.c.
 *
 * Models: call_rcu; readers are the CPUs with interrupts or preemption off, whoever called; a grace period that ends, and
 * its callback with it, in the step in which the last of these CPUs is outside.  A real one takes longer; an earlier end is
 * the worst case, for nobody comes to hold a table after it was unhooked and flushed.
 * Omits: ticks, the softirq that runs callbacks, synchronize_rcu.
 */
#include "memory.h"
#include "rcu.h"
#include "task.h"

static bool cpu_inside(struct machine *m, unsigned cpu)
{
	return read_cpu_part(m, cpu, CPU_SETUP)->online && !cpu_preemptible(m, cpu);
}

void call_rcu_table(struct machine *m, unsigned table)
{
	unsigned readers = 0;
	struct rcu *rcu;

	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (cpu_inside(m, c))
			readers |= 1u << c;
	event_add(m, (struct event){ .kind = EV_RCU, .a = (uint8_t)readers, .c = (uint16_t)table });
	if (!readers) {
		frame_put(m, table);
		return;
	}
	rcu = write_rcu(m, 0);
	CHECK(rcu->count < MAX_TABLES);
	rcu->table[rcu->count] = (uint16_t)table;
	rcu->readers[rcu->count] = (uint8_t)readers;
	rcu->count++;
}

/* The grace period of the i-th table is over. */
static void callback_run(struct machine *m, unsigned i)
{
	struct rcu *rcu = write_rcu(m, 0);
	unsigned table = rcu->table[i];

	rcu->count--;
	for (; i < rcu->count; i++) {
		rcu->table[i] = rcu->table[i + 1];
		rcu->readers[i] = rcu->readers[i + 1];
	}
	rcu->table[i] = 0;
	rcu->readers[i] = 0;
	frame_put(m, table);
}

void rcu_quiesce(struct machine *m)
{
	for (unsigned i = 0; i < read_rcu(m, 0)->count;) {
		unsigned readers = read_rcu(m, 0)->readers[i], left = readers;

		for (unsigned c = 0; c < MAX_CPUS; c++)
			if ((readers & (1u << c)) && !cpu_inside(m, c))
				left &= ~(1u << c);
		if (left != readers)
			write_rcu(m, 0)->readers[i] = (uint8_t)left;
		if (left)
			i++;
		else
			callback_run(m, i);
	}
}
