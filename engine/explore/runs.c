/*
 * runs.c - the orders without a frontier: depth first, and random walks.
 *
 * The run in progress is the undo stack.  Depth first goes back one step and takes the next action;
 * a random walk draws its actions, or who may go on, from the seed, runs to an end, and starts again.
 *
 * Rule of the shards: what a shard does follows from the seed, its number and the machine alone, never from
 * what another shard does, so they need not know of each other.
 */
#include <string.h>

#include "hash.h"
#include "search.h"

/* Looks at what is possible here: is there anybody who can go on? */
static bool offer(struct explorer *x, const struct action *action, unsigned n)
{
	bool somebody = false;

	for (unsigned i = 0; i < n; i++) {
		somebody |= x->model->moves(&action[i]);
		if (x->model == &machine_model)
			x->result.offered |= 1ull << explore_action_bit(&action[i]);
	}
	return somebody;
}

/* Takes an action and pushes what it did.  False when the run is as long as it may be. */
static bool push(struct explorer *x, const struct action *a, uint16_t index)
{
	const struct run_step *last = x->run_length ? &x->run[x->run_length - 1] : NULL;
	struct run_step *s = &x->run[x->run_length];
	uint32_t at = last ? last->undo_at + last->undo_len : 0;

	if (x->run_length == (x->options.max_depth ? x->options.max_depth : MAX_TRACE - 1) || at + UNDO_BYTES > x->undo_cap)
		return false;
	if (x->model == &machine_model) {
		search_line(x->m, a, x->result.lines);
		x->result.taken |= 1ull << explore_action_bit(a);
	}
	x->model->apply(x->m, a, &x->fx);
	x->result.transitions++;
	*s = (struct run_step){ .action = index, .undo_at = at, .undo_len = x->fx.undo_len };
	memcpy(x->undo + at, x->fx.undo, x->fx.undo_len);
	x->run_length++;
	if (x->run_length > x->result.depth)
		x->result.depth = x->run_length;
	return true;
}

static void pop(struct explorer *x)
{
	const struct run_step *s = &x->run[--x->run_length];

	step_undo_bytes(x->m, x->undo + s->undo_at, s->undo_len);
}

/* The state that was just reached: true when it is new and may be gone on from. */
static bool arrive(struct explorer *x)
{
	enum visit visit = visited_add(&x->visited, x->m->digest, 0);

	if (visit == VISIT_FULL)
		search_bound(x, "memory");
	if (visit != VISIT_NEW)
		return false;
	x->result.states++;
	if (x->options.max_states && x->result.states >= x->options.max_states)
		search_bound(x, "states");
	return true;
}

/* The last step of the run is the witness: the trace is the run itself. */
static bool run_broken(struct explorer *x)
{
	if (x->fx.rules && search_broken(x, x->fx.rules, &x->fx.finding, (struct witness){ .action = NO_ACTION }))
		return true;
	return search_is_goal(x) && search_goal(x, 0, NO_ACTION);
}

/* The action that depth first tries as the `next`-th of the n of this state: as they stand, or for a shard in
 * an order drawn from its seed, its number and the state, whatever the way to the state was. */
static uint16_t action_at(const struct explorer *x, unsigned n, unsigned next)
{
	const uint64_t words[] = { x->options.seed, x->options.shard, x->m->digest };
	struct rng rng = { hash_words(words, 3, 0) };
	uint8_t order[MAX_ACTIONS];

	_Static_assert(MAX_ACTIONS <= UINT8_MAX, "an action's position does not fit a byte");
	if (!x->options.shards)
		return (uint16_t)next;
	for (unsigned k = 0; k < n; k++) {
		unsigned at = rng_below(&rng, k + 1);

		order[k] = order[at];
		order[at] = (uint8_t)k;
	}
	return order[next];
}

void search_depth_step(struct explorer *x)
{
	struct action action[MAX_ACTIONS];
	unsigned n = explore_actions(x->model, x->m, action);
	struct run_step *here = x->run_length ? &x->run[x->run_length - 1] : NULL;
	uint16_t *next = here ? &here->next : &x->run[MAX_TRACE - 1].next;
	uint16_t taken;

	if (*next == 0 && search_final(x, 0, offer(x, action, n)))
		return;
	if (*next == n) {
		if (here)
			pop(x);
		else if (x->result.rule)
			x->result.verdict = VERDICT_VIOLATION;
		else
			x->result.verdict = x->result.bound ? VERDICT_BOUND : VERDICT_CLEAN;
		return;
	}
	taken = action_at(x, n, *next);
	if (!push(x, &action[taken], taken)) {
		/* Not proved below here; the search goes on beside it. */
		x->result.bound = "depth";
		*next = (uint16_t)n;
		return;
	}
	++*next;
	if (run_broken(x))
		return;
	if (!arrive(x))
		pop(x);
}

/* Before the first step of a walk: it draws from the seed and its own number, whoever takes it. */
static void walk_begin(struct explorer *x)
{
	uint64_t shards = x->options.shards ? x->options.shards : 1;
	uint64_t first = x->options.shards ? x->options.shard - 1 : 0;
	const uint64_t words[] = { x->options.seed, first + x->walks * shards };

	x->rng.state = hash_words(words, 2, 0);
	x->ranked = words[1] % 2 == 0;
	for (unsigned a = 0; a < MAX_ACTORS; a++)
		x->rank[a] = (uint32_t)rng_next(&x->rng);
}

/* How often, on average, whoever moves falls behind everybody else: bugs want few preemptions, but those anywhere. */
#define STEPS_PER_FALL 16u

/*
 * The position of the action that a walk takes.  Every other walk draws each action anew, which changes actors all the time.
 * The others rank the actors: he who can move and ranks highest does, until he falls behind.
 */
static unsigned draw(struct explorer *x, const struct action *action, unsigned n)
{
	unsigned pick = rng_below(&x->rng, n), actor;

	if (!x->ranked)
		return pick;
	for (unsigned i = 0; i < n; i++)
		if (x->rank[x->model->actor(x->m, &action[i])] > x->rank[x->model->actor(x->m, &action[pick])])
			pick = i;
	actor = x->model->actor(x->m, &action[pick]);
	/* A whim is nobody's way: its agent is ranked anew each time. */
	if (!x->model->moves(&action[pick]))
		x->rank[actor] = (uint32_t)rng_next(&x->rng);
	else if (!rng_below(&x->rng, STEPS_PER_FALL))
		x->rank[actor] = (uint32_t)rng_next(&x->rng) >> 16;
	return pick;
}

/* How many walks there are to take: of `walks`, every shards-th. */
static uint64_t walks_wanted(const struct explorer *x)
{
	uint64_t walks = x->options.walks ? x->options.walks : DEFAULT_WALKS, shards = x->options.shards;

	return shards ? walks / shards + (x->options.shard <= walks % shards) : walks;
}

void search_random_step(struct explorer *x)
{
	struct action action[MAX_ACTIONS];
	unsigned n = explore_actions(x->model, x->m, action), pick;
	bool somebody = offer(x, action, n);

	if (!x->run_length)
		walk_begin(x);
	pick = n ? draw(x, action, n) : 0;
	if (search_final(x, 0, somebody))
		return;
	if (somebody && push(x, &action[pick], (uint16_t)pick)) {
		if (run_broken(x))
			return;
		arrive(x);
		return;
	}
	/* The walk is over: back to the start. */
	while (x->run_length)
		pop(x);
	if (++x->walks >= walks_wanted(x))
		search_bound(x, "walks");
}
