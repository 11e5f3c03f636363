/*
 * why_dirty.c - a lost store explained: when the page was declared clean, and what the disk has read of it.
 */
#include "why_path.h"

static bool is_clean(const struct event *e, const struct event *like)
{
	return e->kind == EV_CLEAN && e->c == like->c;
}

static bool is_disk(const struct event *e, const struct event *like)
{
	return e->kind == EV_DISK && e->c == like->c;
}

void why_saved(const struct timeline *t, struct why *w, uint32_t now, const struct finding *f)
{
	const struct event like = { .c = f->pfn };
	struct seen clean = last_event(t, 0, now, is_clean, &like), disk = last_event(t, 0, now, is_disk, &like);

	if (clean.e)
		say_event(t, w, clean, "");
	if (disk.e)
		say_event(t, w, disk, ": the last that it gets");
}
