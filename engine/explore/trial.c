/*
 * trial.c - taking steps on trial, and taking them back.
 */
#include <string.h>

#include "trial.h"

static enum trial_reached look(const struct trial *t)
{
	uint32_t broken = rules_broken(t->fx.rules);
	unsigned rule = t->end->rule;

	if (rule == RULE_NONE && t->end->goal(t->m, t->end->goal_self))
		return TRIAL_END;
	if (rule == RULE_DEADLOCK && machine_stuck(t->m))
		return TRIAL_END;
	if ((broken & (1u << rule)) && (t->past || t->fx.finding.rule == rule))
		return TRIAL_END;
	return broken && !t->past ? TRIAL_OTHER : TRIAL_GOES_ON;
}

enum trial_reached trial_take(struct trial *t, const struct action *a)
{
	const struct trial_step *last = t->length ? &t->step[t->length - 1] : NULL;
	struct trial_step *s = &t->step[t->length];
	uint32_t at = last ? last->undo_at + last->undo_len : 0;

	if (t->length == MAX_TRACE || at + UNDO_BYTES > t->undo_cap)
		return TRIAL_FULL;
	*s = (struct trial_step){ .action = *a, .before = t->schedule, .undo_at = at };
	schedule_note(&t->schedule, t->m, a);
	machine_apply(t->m, a, &t->fx);
	s->undo_len = t->fx.undo_len;
	memcpy(t->undo + at, t->fx.undo, t->fx.undo_len);
	t->length++;
	t->applied++;
	return look(t);
}

void trial_cut(struct trial *t, uint32_t length)
{
	while (t->length > length) {
		const struct trial_step *s = &t->step[--t->length];

		step_undo_bytes(t->m, t->undo + s->undo_at, s->undo_len);
		t->schedule = s->before;
	}
}
