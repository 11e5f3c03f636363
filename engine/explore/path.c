/*
 * path.c - taking steps on trial, and taking them back.
 */
#include <string.h>

#include "path.h"

static enum path_reached look(const struct path *p)
{
	uint32_t broken = rules_broken(p->fx.rules);
	unsigned rule = p->end->rule;

	if (rule == RULE_NONE && p->end->goal(p->m, p->end->goal_self))
		return PATH_END;
	if (rule == RULE_DEADLOCK && machine_stuck(p->m))
		return PATH_END;
	if ((broken & (1u << rule)) && (p->past || p->fx.finding.rule == rule))
		return PATH_END;
	return broken && !p->past ? PATH_OTHER : PATH_GOES_ON;
}

enum path_reached path_take(struct path *p, const struct action *a)
{
	const struct path_step *last = p->length ? &p->step[p->length - 1] : NULL;
	struct path_step *s = &p->step[p->length];
	uint32_t at = last ? last->undo_at + last->undo_len : 0;

	if (p->length == MAX_TRACE || at + UNDO_BYTES > p->undo_cap)
		return PATH_FULL;
	*s = (struct path_step){ .action = *a, .before = p->schedule, .undo_at = at };
	schedule_note(&p->schedule, p->m, a);
	machine_apply(p->m, a, &p->fx);
	s->undo_len = p->fx.undo_len;
	memcpy(p->undo + at, p->fx.undo, p->fx.undo_len);
	p->length++;
	p->applied++;
	return look(p);
}

void path_cut(struct path *p, uint32_t length)
{
	while (p->length > length) {
		const struct path_step *s = &p->step[--p->length];

		step_undo_bytes(p->m, p->undo + s->undo_at, s->undo_len);
		p->schedule = s->before;
	}
}
