/*
 * Taking steps. The default is what Enter does: the kept future's step where there is one, so that
 * going back and on again repeats itself, else what the policy says.
 */
#ifndef STEPPER_H
#define STEPPER_H

#include "session.h"

enum halt {
	HALT_NONE,
	HALT_FINDING, /* a rule broke */
	HALT_STUCK,   /* deadlock */
	HALT_END,     /* nothing is left to do */
	HALT_STOP,    /* a break or watch */
	HALT_FULL,    /* the timeline's limit */
};

/* The action that the prompt shows: the kept future's, else what the policy says. False = none. */
bool stepper_default(const struct session *s, struct action *a);
/* An action that moves this actor; false when it cannot go on. */
bool stepper_of_lane(const struct session *s, unsigned lane, struct action *a);
/* Takes one possible action: tapes it, says its line, and what it broke or ran into. */
enum halt stepper_take(struct session *s, const struct action *a);
/* Takes defaults, n at most; says why it ended before. */
enum halt stepper_run(struct session *s, uint32_t n);
/* Why nothing is the default: "(end)", "deadlock: ..." */
void stepper_nothing(const struct session *s, struct text *t);
/* The words of a finding: who, which rule, where. */
void finding_text(const struct session *s, const struct finding *f, struct text *t);

#endif
