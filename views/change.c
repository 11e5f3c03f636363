/*
 * change.c - old bytes of the objects that differ from the previous stop.
 */
#include "change.h"

#include <string.h>

/* The first old bytes seen are the oldest: steps are given in their order. */
static void keep_oldest(void *self, unsigned object, const void *old)
{
	struct change *c = self;

	if (!c->old[object])
		c->old[object] = old;
}

void change_find(struct change *c, const struct timeline *t, uint32_t since)
{
	const unsigned char *world = (const unsigned char *)&t->m->world;

	memset(c, 0, sizeof(*c));
	for (uint32_t d = since + 1; d <= timeline_depth(t); d++) {
		const struct timeline_step *step = timeline_step(t, d);

		undo_each(t->undo + step->undo_at, step->undo_len, keep_oldest, c);
	}
	/* An object that was written and holds what it held has not changed. */
	for (unsigned o = 0; o < OBJECTS; o++)
		if (c->old[o] && memcmp(c->old[o], world + objects[o].offset, objects[o].size) == 0)
			c->old[o] = NULL;
}
