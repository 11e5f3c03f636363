/*
 * Breaks and watches: where a run stops by itself.
 */
#ifndef STOPS_H
#define STOPS_H

#include "session.h"

/* Reads what `break` is given, and what `watch` and its sisters are given (out->access says which);
 * an `if` and what follows is out->condition. The sentence lists what would be right. */
enum status stop_read_break(struct session *s, const char *rest, struct stop *out,
			    struct complaint *c);
enum status stop_read_watch(struct session *s, const char *rest, struct stop *out,
			    struct complaint *c);

/* What stop_hit() must know of the state before the step. */
uint64_t stop_value(const struct session *s, const struct stop *stop);

/* Does the step that led to the cursor hit this stop?  before = its stop_value() one step earlier.
 * Watches of reads ask session.t.fx, so that step must have been the last one forward. */
bool stop_hit(const struct session *s, const struct stop *stop, uint64_t before);

/* "break 1: event free" and what it saw. */
void stop_text(const struct session *s, const struct stop *stop, struct text *t);

#endif
