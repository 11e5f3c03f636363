/*
 * buffer.c - a store buffer, one store deep, for the two words that senders of flushes read: loaded_mm and is_lazy.
 *
 * Models: a CPU sees its own store at once, the others when it drains: at any time later, at the latest before the next
 * of these stores, a full barrier, a locked operation, a serialising instruction, an interrupt.  So a load may overtake it.
 * Omits: every other word: with locked operations between them no order of theirs matters here.
 */
#include "cpu.h"

void cpu_drain(struct machine *m, unsigned cpu)
{
	if (!m->world.profile[0].store_buffer || !read_cpu_part(m, cpu, CPU_LOADED)->buffer)
		return;
	event_add(m, (struct event){ .kind = EV_DRAIN, .a = read_cpu_part(m, cpu, CPU_LOADED)->buffer });
	write_cpu_part(m, cpu, CPU_LOADED)->buffer = BUFFER_EMPTY;
	write_cpu_part(m, cpu, CPU_LOADED)->seen = 0;
}

static void store(struct machine *m, unsigned cpu, enum store_buffer word, uint8_t *place, unsigned value)
{
	cpu_drain(m, cpu);
	if (m->world.profile[0].store_buffer && *place != value) {
		write_cpu_part(m, cpu, CPU_LOADED)->buffer = (uint8_t)word;
		write_cpu_part(m, cpu, CPU_LOADED)->seen = *place;
	}
	*place = (uint8_t)value;
}

void cpu_store_loaded_mm(struct machine *m, unsigned cpu, unsigned mm)
{
	store(m, cpu, BUFFER_LOADED_MM, &write_cpu_part(m, cpu, CPU_LOADED)->loaded_mm, mm);
}

void cpu_store_lazy(struct machine *m, unsigned cpu, bool lazy)
{
	store(m, cpu, BUFFER_LAZY, &write_cpu_part(m, cpu, CPU_LOADED)->is_lazy, lazy);
}

unsigned cpu_seen_loaded_mm(struct machine *m, unsigned by, unsigned cpu)
{
	const struct cpu *c = read_cpu_part(m, cpu, CPU_LOADED);

	return by != cpu && c->buffer == BUFFER_LOADED_MM ? c->seen : c->loaded_mm;
}

bool cpu_seen_lazy(struct machine *m, unsigned by, unsigned cpu)
{
	const struct cpu *c = read_cpu_part(m, cpu, CPU_LOADED);

	return by != cpu && c->buffer == BUFFER_LAZY ? c->seen : c->is_lazy;
}
