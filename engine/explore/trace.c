/*
 * trace.c - measures of a schedule and of a search.
 */
#include "explore.h"
#include "schedule.h"
#include "task.h"

bool action_is_whim(const struct action *a)
{
	return !action_is_progress(a) && a->kind != ACT_SWITCH;
}

/* The threads of a machine: what a person means by "he was interrupted". */
static uint8_t actor(const struct machine *m, const struct action *a)
{
	if (a->kind == ACT_STEP)
		return (uint8_t)cpu_context(m, a->agent);
	return (uint8_t)(MAX_CTX + action_lane(a));
}

static bool can_go_on(const struct schedule *s, const struct machine *m)
{
	return s->moved && !action_blocked(m, &s->last) && actor(m, &s->last) == s->who;
}

void schedule_note(struct schedule *s, const struct machine *m, const struct action *a)
{
	s->cost.steps++;
	if (action_is_whim(a)) {
		s->cost.whims++;
		return;
	}
	if (s->before && s->before != 1 + actor(m, a))
		s->cost.switches++;
	s->before = (uint8_t)(1 + actor(m, a));
	if (a->kind == ACT_STEP || a->kind == ACT_DMA) {
		if (actor(m, a) != s->who && can_go_on(s, m))
			s->cost.preemptions++;
		s->last = *a;
		s->moved = true;
		s->who = actor(m, a);
	} else if (a->kind == ACT_SWITCH && s->last.kind == ACT_STEP && s->last.agent == a->agent &&
		   can_go_on(s, m)) {
		s->cost.preemptions++;
		s->moved = false;
	}
}

bool schedule_better(const struct schedule_cost *a, const struct schedule_cost *b)
{
	if (a->steps != b->steps)
		return a->steps < b->steps;
	if (a->preemptions != b->preemptions)
		return a->preemptions < b->preemptions;
	if (a->switches != b->switches)
		return a->switches < b->switches;
	return a->whims < b->whims;
}

uint32_t trace_preemptions(struct machine *m, const struct action *trace, uint32_t length, struct effects *fx)
{
	struct schedule s = { 0 };

	for (uint32_t i = 0; i < length; i++) {
		schedule_note(&s, m, &trace[i]);
		machine_apply(m, &trace[i], fx);
	}
	return s.cost.preemptions;
}

_Static_assert(ACTION_BITS <= 64, "the actions of a machine must fit a word");

/* How many actors each kind has, and so how many bits. */
static const uint8_t actors[ACTION_KINDS] = {
	[ACT_STEP] = MAX_CPUS, [ACT_IPI] = MAX_CPUS, [ACT_NMI] = MAX_CPUS, [ACT_SWITCH] = MAX_TASKS, [ACT_DMA] = MAX_DEVS,
	[ACT_TAKE] = 1, [ACT_DRAIN] = MAX_CPUS, [ACT_INVAL] = MAX_CPUS,
	[ACT_WALK] = MAX_CPUS, [ACT_FILL] = MAX_CPUS, [ACT_EVICT] = MAX_MMUS,
};

unsigned explore_action_bit(const struct action *a)
{
	unsigned first = 0;

	CHECK(a->kind < ACTION_KINDS);
	for (unsigned k = 0; k < a->kind; k++)
		first += actors[k];
	return first + (a->kind == ACT_SWITCH ? a->task : a->kind == ACT_TAKE ? 0u : a->agent);
}

uint32_t explore_kinds(uint64_t taken)
{
	uint32_t kinds = 0;

	for (unsigned k = 0; k < ACTION_KINDS; taken >>= actors[k++])
		kinds |= (uint32_t)((taken & ((1ull << actors[k]) - 1)) != 0) << k;
	return kinds;
}

uint64_t missed_odds(uint64_t states)
{
	__extension__ unsigned __int128 pairs = states;

	pairs *= states;

	return (uint64_t)(pairs / 2 * 1000000000000ull >> 64);
}
