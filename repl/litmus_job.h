/*
 * Litmus tests: each is decided by a complete search of its machine, see engine/machine/litmus.h.
 *
 * An outcome that no end of the threads shows is forbidden; one that some end shows is allowed; one
 * that every end shows is required.
 */
#ifndef LITMUS_JOB_H
#define LITMUS_JOB_H

#include "session.h"

/* Starts it as the session's job. words: FILE or -, then names of tests (none = all), --ipi, --max-states N. */
enum status litmus_start(struct session *s, const char *words, struct complaint *c);

/* One test as a scenario, at its start; variant "" = at-once. */
enum status litmus_load(struct session *s, const char *path, const char *name, const char *variant, struct complaint *c);

#endif
