/*
 * Eager steps: classes of steps that follow another one of themselves, so that a person sees the
 * steps that matter. One that would break a rule is never taken so.
 */
#ifndef EAGER_H
#define EAGER_H

#include "stepper.h"

struct eager_info {
	const char *name;
	const char *help;
};

extern const struct eager_info eager_table[EAGERS];

/* Takes the eager steps that follow the one just taken. */
enum halt eager_run(struct session *s);

#endif
