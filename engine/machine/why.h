/*
 * why.h - a finding explained from the timeline, as a causal chain.
 *
 * Who filled the entry and when, which store made it stale, which flush should have killed it and where
 * that flush is now, who freed the frame and who has it.
 */
#ifndef WHY_H
#define WHY_H

#include "step_tree.h"

#define WHY_LINES 16

struct why_line {
	uint32_t depth;		/* step of the timeline, 0 = before the first */
	uint32_t lane;		/* LANES = nobody in particular */
	char text[240];
};

struct why {
	struct why_line line[WHY_LINES];	/* in the order of steps */
	unsigned lines;
};

/* Explains the last finding on the path to the cursor (that of the cursor's own step first).
 * False when no step of the path broke a rule. */
bool why_finding(const struct timeline *t, struct why *w);
/* Explains why an actor cannot go on: what it waits for and who would end the wait. */
bool why_blocked(const struct machine *m, struct why *w);

/* A finding about what a CPU has loaded and claims, in words; private to this folder. */
void why_cpu(struct text *t, const struct machine *m, const struct finding *f);
/* A line more, of the step and the lane: its text is to be written. */
struct text why_say(struct why *w, uint32_t depth, uint32_t lane);

/* ---- why_broadcast.c, for why.c and why_cpu.c ---- */

/* Broadcast invalidations of va, of the steps in (from, to], that did not help the CPU or are pending there. */
void why_broadcast(const struct timeline *t, struct why *w, uint32_t from, uint32_t to, unsigned cpu, uint64_t va);
/* asid-straggler, asid-reused. */
void why_asid(struct text *t, const struct machine *m, const struct finding *f);
/* For what a context waits, of the waits that have to do with broadcasts. */
void broadcast_wait_text(struct text *t, const struct machine *m, unsigned ctx);

#endif
