/*
 * why_path.c - looking for events on the path to a finding, and saying them.
 */
#include "why_path.h"

struct seen last_event(const struct timeline *t, uint32_t from, uint32_t to,
	bool (*test)(const struct event *e, const struct event *like), const struct event *like)
{
	for (uint32_t d = to; d > from; d--) {
		const struct timeline_step *s = timeline_step(t, d);

		for (uint32_t i = s->events; i-- > 0;)
			if (test(&t->event[s->event_at + i], like))
				return (struct seen){ &t->event[s->event_at + i], d };
	}
	return (struct seen){ NULL, 0 };
}

struct seen first_event(const struct timeline *t, uint32_t from, uint32_t to,
	bool (*test)(const struct event *e, const struct event *like), const struct event *like)
{
	for (uint32_t d = from + 1; d <= to; d++) {
		const struct timeline_step *s = timeline_step(t, d);

		for (uint32_t i = 0; i < s->events; i++)
			if (test(&t->event[s->event_at + i], like))
				return (struct seen){ &t->event[s->event_at + i], d };
	}
	return (struct seen){ NULL, 0 };
}

void say_event(const struct timeline *t, struct why *w, struct seen s, const char *after)
{
	struct text text = why_say(w, s.depth, s.e->lane);

	event_text(&text, &t->m->names, s.e);
	text_add(&text, "%s", after);
}
