/*
 * Breaks and watches: where a run stops by itself.
 */
#ifndef STOPS_H
#define STOPS_H

#include "session.h"

/* Reads what `break` and `watch` are given; the sentence lists what would be right. */
enum status stop_read_break(struct session *s, const char *rest, struct stop *out,
			    struct complaint *c);
enum status stop_read_watch(struct session *s, const char *rest, struct stop *out,
			    struct complaint *c);

/* A number that moves when what the stop looks at changes; 0 for stops that look at nothing. */
uint64_t stop_value(const struct session *s, const struct stop *stop);

/* Does the step that led to the cursor hit this stop?  before = its stop_value() one step earlier.
 */
bool stop_hit(const struct session *s, const struct stop *stop, uint64_t before);

/* "break 1: event free" and what it saw. */
void stop_text(const struct session *s, const struct stop *stop, struct text *t);

#endif
