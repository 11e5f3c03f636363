/*
 * change.h - what differs from the previous stop, worked out once for all panes.
 *
 * The timeline keeps the old bytes of every step.  A pane asks was_X(s, i) for an object as it was
 * at the previous stop and peek_X(s->m, i) for what it is now; where nothing is known to have
 * changed, both are the same object.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include "scene.h"

struct change {
	const void *old[OBJECTS]; /* old bytes, in the timeline; NULL = as it was */
};

/*
 * Collects what the steps after depth `since` changed, up to the cursor: with the depth before the
 * cursor's, that is the last step; with a depth at or behind it, nothing.  Valid until the timeline
 * moves.
 */
void change_find(struct change *c, const struct timeline *t, uint32_t since);

static inline const void *change_old(const struct scene *s, unsigned object)
{
	return s->change ? s->change->old[object] : NULL;
}

#define WAS_DOOR(k, n)                                                           \
	static inline const struct k *was_##k(const struct scene *s, unsigned i) \
	{                                                                        \
		const struct k *now = peek_##k(s->m, i);                         \
		const void *old = change_old(s, BASE_##k + i);                   \
		return old ? (const struct k *)old : now;                        \
	}
KINDS(WAS_DOOR)
#undef WAS_DOOR

#endif
