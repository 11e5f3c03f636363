/*
 * schedule.h - what a schedule costs the person who reads it, counted as its steps are taken.
 */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include "machine.h"

/* In the order of their weight: of two ways the one with the smaller first difference is better. */
struct schedule_cost {
	uint32_t steps;
	uint32_t preemptions;	/* switches away from an actor that could have gone on, whims of the hardware not counted */
	uint32_t switches;	/* another actor moves than before; whims are nobody's */
	uint32_t whims;		/* speculative walks and evictions */
};

struct schedule {
	struct schedule_cost cost;
	struct action last;	/* of a thread or a device, if `moved` */
	bool moved;
	uint8_t who;		/* the thread or device that took it */
	uint8_t before;		/* whose step came last, 1 + actor; 0 = nobody's */
};

/* Counts an action that is about to be taken. */
void schedule_note(struct schedule *s, const struct machine *m, const struct action *a);
bool schedule_better(const struct schedule_cost *a, const struct schedule_cost *b);
/* Does an action belong to the hardware alone: a speculative walk, an eviction? */
bool action_is_whim(const struct action *a);

#endif
