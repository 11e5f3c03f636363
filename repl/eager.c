/*
 * Which steps are eager. Rule: a step's class is what it reports, so it is tried and taken back
 * first.
 */
#include "eager.h"

enum {
	MOST_IN_A_ROW = 1000
};

const struct eager_info eager_table[EAGERS] = {
	[EAGER_WALKS] = { "walks", "the walker reads another level" },
	[EAGER_LOCKS] = { "locks", "the actor takes a lock" },
	[EAGER_UNLOCKS] = { "unlocks", "the actor drops a lock" },
	[EAGER_RETURNS] = { "returns", "the operation returns" },
	[EAGER_SINGLE] = { "single", "nothing else is possible, whoever it is" },
};

/* The classes of what the action would do, a bit each; 0 when it would break a rule. */
static unsigned classes(struct session *s, const struct action *a)
{
	static const struct {
		uint8_t event;
		uint8_t eager;
	} table[] = {
		{ EV_WALK, EAGER_WALKS },     { EV_WALK_PSC, EAGER_WALKS },
		{ EV_LOCK, EAGER_LOCKS },     { EV_UNLOCK, EAGER_UNLOCKS },
		{ EV_RETURN, EAGER_RETURNS },
	};
	struct action all[MAX_ACTIONS];
	unsigned mask = machine_actions(s->m, all) == 1 ? 1u << EAGER_SINGLE : 0;

	machine_apply(s->m, a, &s->fx);
	for (unsigned i = 0; i < s->fx.events; i++)
		for (size_t k = 0; k < sizeof(table) / sizeof(table[0]); k++)
			if (s->fx.event[i].kind == table[k].event)
				mask |= 1u << table[k].eager;
	if (s->fx.finding.rule)
		mask = 0;
	step_undo(s->m, &s->fx);
	return mask;
}

enum halt eager_run(struct session *s)
{
	struct action a;

	for (unsigned i = 0; s->set.eager && i < MOST_IN_A_ROW; i++) {
		unsigned lane = action_lane(&s->t.node[s->t.cursor].action), mask;
		enum halt halt;

		if (!stepper_default(s, &a))
			break;
		mask = classes(s, &a) & s->set.eager;
		/* Another actor's step is a choice, but for the one there is no choice about. */
		if (action_lane(&a) != lane)
			mask &= 1u << EAGER_SINGLE;
		if (!mask)
			break;
		halt = stepper_take(s, &a);
		if (halt != HALT_NONE)
			return halt;
	}
	return HALT_NONE;
}
