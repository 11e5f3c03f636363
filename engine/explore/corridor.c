/*
 * corridor.c - the bounded search behind minimise.c.
 */
#include <string.h>

#include "corridor.h"
#include "hash.h"

#define PREEMPTION_BITS 6u
#define MOST_PREEMPTIONS ((1u << PREEMPTION_BITS) - 1)

/* Once more of this action; what there is no room for is not taken, and the search is not of every order then. */
static void allow(struct corridor *c, const struct action *a)
{
	unsigned k = 0;

	while (k < c->actions && !action_same(&c->action[k], a))
		k++;
	if (k == CORRIDOR_CLASSES) {
		c->full = true;
		return;
	}
	if (k == c->actions)
		c->action[c->actions++] = *a;
	c->limit[k]++;
}

static bool steps(const struct corridor *c, unsigned cpu)
{
	for (unsigned k = 0; k < c->actions; k++)
		if (c->action[k].kind == ACT_STEP && c->action[k].agent == cpu)
			return true;
	return false;
}

void corridor_open(struct corridor *c, const struct trial *t, const struct action *rest, uint32_t length)
{
	memset(c->seen, 0, CORRIDOR_SEEN * sizeof(*c->seen));
	memset(c->used, 0, sizeof(c->used));
	memset(c->limit, 0, sizeof(c->limit));
	c->actions = c->count = 0;
	c->full = false;
	c->base = t->length;
	for (uint32_t i = 0; i < length; i++)
		allow(c, &rest[i]);
	/* Another order of tasks may need a switch that the way does without. */
	for (unsigned i = 0; i < MAX_TASKS; i++) {
		const struct task *task = peek_task(t->m, i);

		if (task->used && steps(c, task->cpu))
			allow(c, &(struct action){ .kind = ACT_SWITCH, .agent = task->cpu, .task = (uint8_t)i });
	}
	c->tried[c->base] = 0;
	c->chosen[c->base] = 0;
}

/* What decides how the search goes on from here, but for the preemptions so far. */
static uint64_t key_of(const struct corridor *c, const struct trial *t)
{
	const struct schedule *s = &t->schedule;
	const struct action none = { 0 };
	const struct action *last = s->moved ? &s->last : &none;
	uint64_t word[CORRIDOR_CLASSES / 4 + 3];
	unsigned n = (c->actions + 3) / 4;

	memcpy(word, c->used, n * sizeof(*word));
	word[n++] = t->m->digest;
	word[n++] = last->va;
	word[n++] = last->kind | (uint64_t)last->agent << 8 | (uint64_t)(s->moved ? s->who : 0) << 16;
	return hash_words(word, n, 0);
}

/* Was the state seen with no more preemptions?  If not, it is now. */
static bool seen(struct corridor *c, const struct trial *t)
{
	uint64_t key = key_of(c, t) >> PREEMPTION_BITS;
	uint64_t cost = t->schedule.cost.preemptions < MOST_PREEMPTIONS ? t->schedule.cost.preemptions : MOST_PREEMPTIONS;
	uint32_t i;

	key += key == 0;
	for (i = (uint32_t)key % CORRIDOR_SEEN; c->seen[i]; i = (i + 1) % CORRIDOR_SEEN)
		if (c->seen[i] >> PREEMPTION_BITS == key)
			break;
	if (c->seen[i] && (c->seen[i] & MOST_PREEMPTIONS) <= cost)
		return true;
	c->count += !c->seen[i];
	c->seen[i] = key << PREEMPTION_BITS | cost;
	return false;
}

/* Another step at least is needed from here: can the whole be better then? */
static bool hopeless(const struct schedule_cost *now, const struct schedule_cost *best)
{
	return now->steps + 1 > best->steps ||
		(now->steps + 1 == best->steps && now->preemptions > best->preemptions);
}

static void back(struct corridor *c, struct trial *t)
{
	c->used[c->chosen[t->length]]--;
	trial_cut(t, t->length - 1);
}

/* Arrived by a step of class k: is the search to go on from here? */
static enum corridor_step arrive(struct corridor *c, struct trial *t, enum trial_reached reached,
	const struct schedule_cost *best)
{
	if (reached == TRIAL_END && schedule_better(&t->schedule.cost, best)) {
		c->tried[t->length] = (uint8_t)c->actions;
		return CORRIDOR_BETTER;
	}
	if (reached != TRIAL_GOES_ON || hopeless(&t->schedule.cost, best) || seen(c, t)) {
		back(c, t);
		return CORRIDOR_GOES_ON;
	}
	c->tried[t->length] = 0;
	if (c->count < CORRIDOR_SEEN / 4 * 3)
		return CORRIDOR_GOES_ON;
	c->full = true;
	return CORRIDOR_DONE;
}

enum corridor_step corridor_step(struct corridor *c, struct trial *t, const struct schedule_cost *best)
{
	enum trial_reached reached;
	unsigned k;

	if (c->tried[t->length] == c->actions) {
		if (t->length == c->base)
			return CORRIDOR_DONE;
		back(c, t);
		return CORRIDOR_GOES_ON;
	}
	/* Whoever moved last goes on first: the best ways come early. */
	k = (c->chosen[t->length] + c->tried[t->length]++) % c->actions;
	if (c->used[k] == c->limit[k] || action_blocked(t->m, &c->action[k]))
		return CORRIDOR_GOES_ON;
	reached = trial_take(t, &c->action[k]);
	if (reached == TRIAL_FULL) {
		c->full = true;
		return CORRIDOR_DONE;
	}
	c->used[k]++;
	c->chosen[t->length] = (uint8_t)k;
	return arrive(c, t, reached, best);
}
