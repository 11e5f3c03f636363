/*
 * breadth.c - the orders that keep a frontier: breadth first, and fewest preemptions first.
 *
 * Breadth first reads one queue while it fills the other, a level at a time.  Fewest preemptions
 * first stays in the queue that it reads as long as no actor is interrupted that could have gone on;
 * what interrupts one goes to the other queue, the next bound.  There a state is told apart by the actor
 * that moved last as well, because that decides what the next move costs.
 */
#include "search.h"
#include "task.h"

/* Who acts, as an actor that can be preempted: a context or a device; 0 for whims, interrupts, the IOMMU. */
static uint8_t actor_of(const struct machine *m, const struct action *a)
{
	if (a->kind == ACT_STEP)
		return (uint8_t)(1 + cpu_context(m, a->agent));
	return a->kind == ACT_DMA ? (uint8_t)(1 + MAX_CTX + a->agent) : 0;
}

static unsigned actor_cpu(const struct machine *m, uint8_t actor)
{
	return actor && actor <= MAX_CTX ? peek_ctx(m, actor - 1u)->cpu : NONE;
}

/* Costs of the loaded state's actions, given who moved last; *after is who has moved last then. */
static uint8_t cost(const struct explorer *x, const struct action *action, unsigned n, unsigned i, uint8_t last,
	uint8_t *after)
{
	uint8_t now = actor_of(x->m, &action[i]);
	bool can_go_on = false;

	*after = now ? now : last;
	if (action[i].kind == ACT_SWITCH && actor_cpu(x->m, last) == action[i].agent)
		*after = 0;
	else if (!now)
		return 0;
	if (!last || now == last)
		return 0;
	for (unsigned k = 0; k < n; k++)
		can_go_on |= actor_of(x->m, &action[k]) == last;
	return can_go_on;
}

/* Looks every successor of the batch up, in order; new ones join a queue. */
static void batch_flush(struct explorer *x)
{
	struct frontier *f = x->frontier;
	bool levels = x->options.order == ORDER_BREADTH;
	size_t bytes;

	for (unsigned i = 0; i < f->batched && x->result.verdict == VERDICT_RUNNING; i++) {
		const struct successor *s = &f->batch[i];
		struct queue *q = &x->queue[levels || s->cost ? !x->reading : x->reading];
		uint32_t number = (uint32_t)x->result.states;
		enum visit visit = visited_add(&x->visited, s->key);

		if (visit == VISIT_OLD)
			continue;
		if (visit == VISIT_FULL || number == x->log_cap || !frontier_save(f, q, s, number)) {
			search_bound(x, "memory");
			break;
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
	frontier_clear(f);
	bytes = x->queue[0].used + x->queue[1].used + f->versions.used;
	if (bytes > x->result.frontier_bytes)
		x->result.frontier_bytes = bytes;
}

/* Takes every action of the loaded state. */
static void expand(struct explorer *x, const struct entry *e)
{
	struct action action[MAX_ACTIONS];
	unsigned n = x->model->actions(x->m, action);
	bool somebody = false;

	for (unsigned i = 0; i < n; i++) {
		uint8_t last = 0, costs = 0;
		bool over = false;

		somebody |= x->model->moves(&action[i]);
		if (x->options.order == ORDER_PREEMPTION)
			costs = cost(x, action, n, i, e->last, &last);
		x->model->apply(x->m, &action[i], &x->fx);
		x->result.transitions++;
		if (x->fx.rules && costs)
			search_later(x, x->fx.rules, &x->fx.finding, e->number, (uint16_t)i);
		else if (x->fx.rules)
			over = search_broken(x, x->fx.rules, &x->fx.finding, e->number, (uint16_t)i);
		over = over || search_goal(x, e->number, (uint16_t)i);
		/* One is enough, unless all are wanted: behind one harm there may be the next. */
		if (!rules_broken(x->fx.rules) || x->options.all) {
			struct successor *s;

			if (!frontier_has_room(x->frontier))
				batch_flush(x);
			s = frontier_note(x->frontier, &x->fx, e);
			s->key = x->m->digest + last * 0x9e3779b97f4a7c15u;
			s->action = (uint16_t)i;
			s->last = last;
			s->cost = costs;
			visited_prefetch(&x->visited, s->key);
		}
		step_undo(x->m, &x->fx);
		if (over || x->result.verdict != VERDICT_RUNNING)
			return;
	}
	search_final(x, e->number, somebody);
}

/* The queue that was read is done: on to the other one.  False at the end. */
static bool turn(struct explorer *x)
{
	batch_flush(x);
	if (x->result.verdict != VERDICT_RUNNING || x->queue[x->reading].read < x->queue[x->reading].used)
		return x->result.verdict == VERDICT_RUNNING;
	x->queue[x->reading].used = x->queue[x->reading].read = 0;
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
	return true;
}

void search_frontier_step(struct explorer *x)
{
	const struct entry *e = queue_next(&x->queue[x->reading]);

	if (e) {
		frontier_load(x->frontier, e);
		expand(x, e);
	} else if (!turn(x) && x->result.verdict == VERDICT_RUNNING) {
		x->result.verdict = x->result.rule ? VERDICT_VIOLATION : VERDICT_CLEAN;
	}
}
