/*
 * setup_lazy.c - lazy: a CPU that has been running a kernel thread on the tables of a process.
 */
#include "kernel.h"
#include "setup_words.h"

/* The CPU's first task, NONE when it has none yet. */
static unsigned first_task(struct machine *m, unsigned cpu)
{
	for (unsigned t = 0; t < MAX_TASKS; t++)
		if (read_task(m, t)->used && read_task(m, t)->cpu == cpu)
			return t;
	return NONE;
}

/* lazy cpuN MM */
enum status line_lazy(struct machine *m, const char **rest, struct complaint *c)
{
	struct word w = setup_take(rest, "");
	unsigned mm = 0, task;
	uint64_t cpu;
	enum status s;

	if (!setup_cpu(m, w, &cpu))
		return WRONG(w, "a CPU of this machine, as in `lazy cpu1 A`");
	task = first_task(m, (unsigned)cpu);
	if (task == NONE || read_task(m, task)->mm != init_mm(m))
		return setup_wrong(c, BAD_STATE, w, "a CPU whose first task is a kernel thread: its `task` line comes first");
	s = setup_mm(m, rest, &mm, c);
	if (s != OK)
		return s;
	if (mm == init_mm(m))
		return complain(c, BAD_VALUE, "lazy: a CPU that runs on the kernel's own tables is not lazy");
	write_cpu(m, (unsigned)cpu)->is_lazy = 1;
	write_cpu(m, (unsigned)cpu)->active_mm = (uint8_t)mm;
	return OK;
}

void lazy_finish(struct machine *m)
{
	if (init_mm(m) == NONE)
		return;
	for (unsigned mm = 0; mm < MAX_MMS; mm++)
		if (read_mm(m, mm)->state == MM_LIVE)
			write_mm(m, mm)->count = 1;
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++)
		if (read_cpu(m, cpu)->online && read_cpu(m, cpu)->active_mm != NONE)
			lazy_borrow(m, cpu, read_cpu(m, cpu)->active_mm);
}
