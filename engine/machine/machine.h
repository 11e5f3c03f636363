/*
 * machine.h - actions: everything that can happen next, and the one way to make it happen.
 *
 * machine_apply() is the only way the world moves once it runs.  Same world + same action = same
 * world and same events, on every machine, for ever.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "rules.h"
#include "status.h"
#include "world.h"

enum action_kind {
	ACT_STEP,	/* a CPU's context takes its next step */
	ACT_IPI,	/* a CPU takes a pending interrupt */
	ACT_NMI,	/* a CPU takes an NMI */
	ACT_SWITCH,	/* the scheduler puts another task on a CPU */
	ACT_DMA,	/* a device goes on with its access */
	ACT_TAKE,	/* the IOMMU takes the next descriptor */
	ACT_DRAIN,	/* what a CPU has stored reaches the others */
	ACT_INVAL,	/* a CPU does what a broadcast invalidation asks for */
	ACT_WALK,	/* a speculative walk reads one more level */
	ACT_FILL,	/* a CPU starts a speculative walk */
	ACT_EVICT,	/* a CPU or a device drops an entry of its own accord */
	ACTION_KINDS
};

struct action {
	uint64_t va;	/* FILL, EVICT; INVAL: inval_key() */
	uint8_t kind;	/* enum action_kind */
	uint8_t agent;	/* cpu, device; EVICT: translation agent */
	uint8_t task;	/* SWITCH; INVAL: the CPU that asked */
	uint8_t unused[5];
};

/* The actions possible now, in a fixed order: threads first, whims of the hardware last. */
unsigned machine_actions(const struct machine *m, struct action out[MAX_ACTIONS]);
/* The list falls into parts, one for each kind and agent, each decided by few objects: all parts in order are the list. */
#define MACHINE_PARTS (7 * MAX_CPUS + MAX_TASKS + MAX_DEVS + 1 + MAX_CPUS + MAX_DEVS)
/* Which kind a part offers, and the number of him who could take it (of the task for ACT_SWITCH). */
unsigned machine_part(unsigned part, enum action_kind *kind);
unsigned machine_offer(const struct machine *m, unsigned part, struct action out[MAX_ACTIONS]);
/* NULL when the action is possible now, else why not, in a few words. */
const char *action_blocked(const struct machine *m, const struct action *a);
/* The leaf entry that a walk of va by this CPU would find now, 0 when it would find none. */
uint64_t machine_entry(const struct machine *m, unsigned cpu, uint64_t va);
/* Takes an action that is possible: fills effects, moves the world, brings the digest up to date. */
void machine_apply(struct machine *m, const struct action *a, struct effects *fx);

/* Does an action of its kind move a thread or a device, or what they wait for (and not a whim or the scheduler)? */
bool action_is_progress(const struct action *a);
/* Is the CPU the task's own, or one that it may be moved to? */
bool task_may_run_on(const struct machine *m, unsigned task, unsigned cpu);
/* Whose lane it belongs to. */
unsigned action_lane(const struct action *a);
bool action_same(const struct action *a, const struct action *b);

/* Every program has run to its end, and no interrupt or NMI is left. */
bool machine_finished(const struct machine *m);
/* Somebody has work left and nobody can go on: the deadlock rule. */
bool machine_stuck(const struct machine *m);

/* ---- label.c ---- */

/* "step", "ipi", "switch": the last part of a label. */
const char *action_kind_name(enum action_kind kind);
/* "cpu0.step", "cpu1.ipi", "cpu0.switch killer", "nic.dma", "iommu.take", "cpu1.drain", "cpu1.fill 0x7f0000001000",
 * "cpu1.inval cpu0 3 0x7f0000001000". */
void label_text(struct text *t, const struct names *n, const struct action *a);
/* Reads a label; the sentence says which word was wrong. */
enum status label_read(const struct machine *m, const char *label, struct action *a, struct complaint *c);
/* "heap+0 1p under PCID 3, last level": a broadcast invalidation. */
void inval_text(struct text *t, const struct machine *m, const struct inval *op);
/* What the action would do, in words: the next step's line, the operation, the entry. */
void action_text(struct text *t, const struct machine *m, const struct action *a);

#endif
