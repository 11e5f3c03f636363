/*
 * why_path.h - looking for events on the path to a finding, and saying them; private to this folder.
 */
#ifndef WHY_PATH_H
#define WHY_PATH_H

#include "why.h"

/* An event of the path and the step it belongs to. */
struct seen {
	const struct event *e;
	uint32_t depth;
};

/* The last event in (from, to] that the test accepts; e = NULL when there is none. */
struct seen last_event(const struct timeline *t, uint32_t from, uint32_t to,
	bool (*test)(const struct event *e, const struct event *like), const struct event *like);
/* The first such event. */
struct seen first_event(const struct timeline *t, uint32_t from, uint32_t to,
	bool (*test)(const struct event *e, const struct event *like), const struct event *like);
/* One more line: the event's sentence, and what is to be said after it. */
void say_event(const struct timeline *t, struct why *w, struct seen s, const char *after);

/* What became of a page that was declared clean and then stored to. */
void why_saved(const struct timeline *t, struct why *w, uint32_t now, const struct finding *f);

#endif
