/*
 * task.h - programs: the operations a task or a device can be given, and how a task runs them.
 */
#ifndef TASK_H
#define TASK_H

#include "world.h"

/* How an operation is written: its word, and the shape of its arguments. */
struct op_info {
	const char *word;
	/* v address, c CPU, p length, x place in a file, n number, = value, t size and destination, r rights, f file, m mm,
	 * s subscriber, o type and options of mmap, a advice, y flags of msync;
	 * raw: R register, V value or register, A address, * address or *, F frame, P rw, ro or none */
	const char *shape;
	const char *example;
	bool device;		/* an operation of devices */
};

extern const struct op_info op_table[OP_KINDS];
extern const char *const advice_names[ADVICES];

/* "munmap heap+0 1p": the operation as it is typed. */
void op_text(struct text *t, const struct names *n, const struct op *op);
/* Reads one operation, up to ';' or the end of the line; *rest moves behind it. */
bool op_read(const struct names *n, const char **rest, bool device, struct op *op, char *why, size_t why_size);

/* "rw", "ro" or "none", as the rights of a raw entry. */
bool raw_prot_read(struct word w, uint8_t *prot);
/* What a register holds: a number, or FRAME:RIGHTS of an entry. */
void register_text(struct text *t, const struct names *n, uint64_t value);
/* The registers that are not 0: "r1=2 r5=p:rw". */
void registers_text(struct text *t, const struct names *n, const struct regs *regs);
/* "r0", "r1" ...: a register of a thread. */
bool register_read(struct word w, uint8_t *reg);

/* The first operation of a fresh task begins. */
void task_begin(struct machine *m, unsigned task);
/* One step of whatever runs on the CPU: its interrupt context if that is active, else its task. */
void cpu_step(struct machine *m, unsigned cpu);
/* The context that cpu_step would run, NONE when the CPU is idle. */
unsigned cpu_context(const struct machine *m, unsigned cpu);
/* May tasks run in this address space? */
bool mm_runs(const struct machine *m, unsigned mm);
/* May another task be put on the CPU now? */
bool cpu_preemptible(const struct machine *m, unsigned cpu);
/* Is the task one that the scheduler could choose: not done, not current, able to go on? */
bool task_runnable(const struct machine *m, unsigned task);
/* May the scheduler put it on this CPU now: its own, or one that it may be moved to, from whatever it does that can be preempted? */
bool task_can_run_on(const struct machine *m, unsigned task, unsigned cpu);
/* The scheduler puts a task on a CPU. */
void task_switch(struct machine *m, unsigned task, unsigned cpu);
/* Interrupt entry for a pending IPI. */
void ipi_deliver(struct machine *m, unsigned cpu);
/* The task that the kernel's `current` names: while the next one's mm is loaded, the one before.  NONE when idle. */
unsigned cpu_current(const struct machine *m, unsigned cpu);
/* Has the CPU an NMI to come, and user memory that its handler could look at? */
bool nmi_can_come(const struct machine *m, unsigned cpu);
/* NMI entry: whatever the CPU does, interrupts on or off, unless it is in an NMI. */
void nmi_deliver(struct machine *m, unsigned cpu);

#endif
