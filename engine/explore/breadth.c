/*
 * breadth.c - the orders that keep a frontier: breadth first, and fewest preemptions first.
 *
 * Breadth first reads one queue while it fills the other, a level at a time.  Fewest preemptions
 * first stays in the queue that it reads as long as no actor is interrupted that could have gone on;
 * what interrupts one goes to the other queue, the next bound.  There a state is told apart by the actor
 * that moved last as well, because that decides what the next move costs.
 */
#include "search.h"

/* A remark in its turn.  True when the search is over. */
static bool hear(struct explorer *x, const struct remark *r, uint64_t transitions, uint64_t finals)
{
	bool over = false;

	if (r->cost)
		search_later(x, r);
	else
		over = (r->rules && search_broken(x, r->rules, &r->finding, (struct witness){ .parent = r->parent, .action = r->action })) ||
			(r->goal && search_goal(x, r->parent, r->action));
	if (over) {
		x->result.transitions = transitions + r->transitions;
		x->result.finals = finals + r->finals;
	}
	return over;
}

/* Who moved last tells states apart where it decides what the next move costs; a broken rule where outcomes are asked for. */
static uint64_t key_of(const struct successor *s)
{
	return s->digest[0] + s->last * 0x9e3779b97f4a7c15u;
}

/* A successor in its turn: if it is new, it joins a queue. */
static void count(struct explorer *x, const struct successor *s)
{
	bool levels = x->options.order == ORDER_BREADTH;
	struct queue *q = &x->queue[levels || s->cost ? !x->reading : x->reading];
	uint32_t number = (uint32_t)x->result.states;
	enum visit visit = visited_add(&x->visited, key_of(s), s->digest[1]);

	if (visit == VISIT_OLD)
		return;
	if (visit == VISIT_FULL || number == x->log_cap || !queue_add(q, s, number)) {
		search_bound(x, "memory");
		return;
	}
	x->action[number] = (uint8_t)s->action;
	if (levels)
		x->children[s->parent->number]++;
	else
		x->parent[number] = s->parent->number;
	x->result.states++;
	if (x->options.max_states && x->result.states >= x->options.max_states)
		search_bound(x, "states");
}

/* Places in the visited set are fetched this many successors before they are asked for. */
#define AHEAD 24u

/* Takes a filled chunk into account. */
static void merge(struct explorer *x, const struct chunk *c)
{
	uint64_t transitions = x->result.transitions, finals = x->result.finals;
	unsigned r = 0;
	size_t bytes;

	/* What is possible is taken: every action of every state that was looked at. */
	x->result.taken |= c->taken;
	x->result.offered = x->result.taken;
	for (unsigned i = 0; i < ROUTINE_COUNT; i++)
		x->result.lines[i] |= c->lines[i];
	x->result.yes |= c->yes;
	x->result.no |= c->no;
	if (x->options.outcomes)
		outcomes_note(x->options.outcomes, c->ending, c->endings);
	for (unsigned i = 0; i < AHEAD && i < c->successors; i++)
		visited_prefetch(&x->visited, key_of(&c->successor[i]));
	for (unsigned i = 0; i <= c->successors; i++) {
		for (; r < c->remarks && c->remark[r].before == i; r++)
			if (hear(x, &c->remark[r], transitions, finals))
				return;
		if (i + AHEAD < c->successors)
			visited_prefetch(&x->visited, key_of(&c->successor[i + AHEAD]));
		if (i < c->successors)
			count(x, &c->successor[i]);
		if (x->result.verdict != VERDICT_RUNNING)
			return;
	}
	x->result.transitions = transitions + c->transitions;
	x->result.finals = finals + c->finals;
	if (c->no_memory)
		search_bound(x, "memory");
	bytes = x->queue[0].used + x->queue[1].used;
	if (bytes > x->result.frontier_bytes)
		x->result.frontier_bytes = bytes;
}

/* The queue that was read is done: on to the other one.  False at the end. */
static bool turn(struct explorer *x)
{
	struct queue *q = &x->queue[x->reading];

	q->used = 0;
	x->reading = !x->reading;
	x->depth++;
	if (search_now(x))
		return true;
	if (!x->queue[x->reading].used) {
		x->depth--;
		return false;
	}
	if (x->options.order == ORDER_BREADTH) {
		x->level_start[x->depth + 1] = x->result.states;
		if (x->depth >= (x->options.max_depth ? x->options.max_depth : MAX_TRACE - 1))
			search_bound(x, "depth");
	}
	pool_read(x->pool, &x->queue[x->reading]);
	return true;
}

void search_frontier_step(struct explorer *x)
{
	struct chunk *c = pool_next(x->pool, x->seeker);

	if (!c) {
		if (!turn(x) && x->result.verdict == VERDICT_RUNNING)
			x->result.verdict = x->result.rule ? VERDICT_VIOLATION : VERDICT_CLEAN;
		return;
	}
	merge(x, c);
	/* What did not fit comes before the next chunk. */
	while (c->done < c->entries && x->result.verdict == VERDICT_RUNNING) {
		chunk_begin(c, c->first, c->entries - c->done);
		chunk_fill(x->seeker, c);
		merge(x, c);
	}
	pool_done(x->pool);
}
