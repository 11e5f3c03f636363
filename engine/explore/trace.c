/*
 * trace.c - measures of a schedule and of a search.
 */
#include "explore.h"
#include "task.h"

/* The threads of a machine: what a person means by "he was interrupted". */
static unsigned actor(const struct machine *m, const struct action *a)
{
	if (a->kind == ACT_STEP)
		return cpu_context(m, a->agent);
	return MAX_CTX + action_lane(a);
}

static bool can_go_on(const struct machine *m, const struct action *last, unsigned who)
{
	return !action_blocked(m, last) && actor(m, last) == who;
}

uint32_t trace_preemptions(struct machine *m, const struct action *trace, uint32_t length, struct effects *fx)
{
	const struct action *last = NULL;
	unsigned who = 0;
	uint32_t count = 0;

	for (uint32_t i = 0; i < length; i++) {
		const struct action *a = &trace[i];

		if (a->kind == ACT_STEP || a->kind == ACT_DMA) {
			unsigned now = actor(m, a);

			if (last && now != who && can_go_on(m, last, who))
				count++;
			last = a;
			who = now;
		} else if (a->kind == ACT_SWITCH && last && last->kind == ACT_STEP && last->agent == a->agent &&
			   can_go_on(m, last, who)) {
			count++;
			last = NULL;
		}
		machine_apply(m, a, fx);
	}
	return count;
}

uint64_t missed_odds(uint64_t states)
{
	__extension__ unsigned __int128 pairs = states;

	pairs *= states;

	return (uint64_t)(pairs / 2 * 1000000000000ull >> 64);
}
