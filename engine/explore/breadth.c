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
static uint8_t cost(const struct machine *m, const struct action *action, unsigned n, unsigned i, uint8_t last,
	uint8_t *after)
{
	uint8_t now = actor_of(m, &action[i]);
	bool can_go_on = false;

	*after = now ? now : last;
	if (action[i].kind == ACT_SWITCH && actor_cpu(m, last) == action[i].agent)
		*after = 0;
	else if (!now)
		return 0;
	if (!last || now == last)
		return 0;
	for (unsigned k = 0; k < n; k++)
		can_go_on |= actor_of(m, &action[k]) == last;
	return can_go_on;
}

/* Notes a broken rule or the goal where it stands among the successors. */
static void remark(struct chunk *c, struct remark r)
{
	/* The first of a rule in a chunk is enough: chunks are taken into account in order. */
	if (!(remark_set(&r) & ~c->remarked[r.cost]))
		return;
	CHECK(c->remarks < CHUNK_REMARKS);
	c->remarked[r.cost] |= remark_set(&r);
	r.transitions = c->transitions;
	r.finals = c->finals;
	r.before = c->successors;
	c->remark[c->remarks++] = r;
}

/* Takes every action of the loaded state.  False when the chunk need not go on. */
static bool expand(struct explorer *x, struct frontier *f, struct chunk *c, const struct entry *e)
{
	struct action action[MAX_ACTIONS];
	unsigned n = x->model->actions(f->m, action);
	bool somebody = false;

	for (unsigned i = 0; i < n; i++) {
		uint8_t last = 0, costs = 0;
		bool goal, broken;

		somebody |= x->model->moves(&action[i]);
		if (x->options.order == ORDER_PREEMPTION)
			costs = cost(f->m, action, n, i, e->last, &last);
		f->taking = (uint16_t)i;
		if (x->model == &machine_model)
			search_line(f->m, &action[i], c->lines);
		x->model->apply(f->m, &action[i], &f->fx);
		c->transitions++;
		broken = rules_broken(f->fx.rules) != 0;
		goal = x->options.goal && x->options.goal(f->m, x->options.goal_self);
		if (f->fx.rules || goal)
			remark(c, (struct remark){
				.finding = f->fx.finding, .rules = f->fx.rules, .parent = e->number, .action = (uint16_t)i,
				.cost = costs, .goal = goal,
			});
		/* One is enough, unless all are wanted: behind one harm there may be the next. */
		if (!broken || x->options.all) {
			struct successor *s = chunk_note(c, f, e);

			s->key = f->m->digest + last * 0x9e3779b97f4a7c15u;
			s->action = (uint16_t)i;
			s->last = last;
			s->cost = costs;
		}
		step_undo(f->m, &f->fx);
		if (!costs && (goal || (broken && !x->options.all)))
			return false;
	}
	if (!somebody) {
		c->finals++;
		if (!x->model->finished(f->m))
			remark(c, (struct remark){
				.finding = { .rule = RULE_DEADLOCK, .mm = NONE, .pfn = NO_FRAME },
				.rules = 1u << RULE_DEADLOCK, .parent = e->number, .action = NO_ACTION,
			});
	}
	return true;
}

void chunk_fill(struct explorer *x, struct frontier *f, struct chunk *c)
{
	const struct entry *e = c->first;

	while (c->done < c->entries && chunk_has_room(c)) {
		frontier_load(f, e);
		f->now = e->number;
		if (!expand(x, f, c, e))
			break;
		c->done++;
		e = entry_after(e);
	}
	c->first = e;
}

/* A remark in its turn.  True when the search is over. */
static bool hear(struct explorer *x, const struct remark *r, uint64_t transitions, uint64_t finals)
{
	bool over = false;

	if (r->cost)
		search_later(x, r);
	else
		over = (r->rules && search_broken(x, r->rules, &r->finding, r->parent, r->action)) ||
			(r->goal && search_goal(x, r->parent, r->action));
	if (over) {
		x->result.transitions = transitions + r->transitions;
		x->result.finals = finals + r->finals;
	}
	return over;
}

/* A successor in its turn: if it is new, it joins a queue. */
static void count(struct explorer *x, const struct chunk *c, const struct successor *s)
{
	bool levels = x->options.order == ORDER_BREADTH;
	struct queue *q = &x->queue[levels || s->cost ? !x->reading : x->reading];
	uint32_t number = (uint32_t)x->result.states;
	enum visit visit = visited_add(&x->visited, s->key);

	if (visit == VISIT_OLD)
		return;
	if (visit == VISIT_FULL || number == x->log_cap ||
	    !chunk_save(c, s, x->frontier, &x->versions, q, number)) {
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

/* Takes a filled chunk into account. */
static void merge(struct explorer *x, const struct chunk *c)
{
	uint64_t transitions = x->result.transitions, finals = x->result.finals;
	unsigned r = 0;
	size_t bytes;

	for (unsigned i = 0; i < ROUTINE_COUNT; i++)
		x->result.lines[i] |= c->lines[i];
	for (unsigned i = 0; i < c->successors; i++)
		visited_prefetch(&x->visited, c->successor[i].key);
	for (unsigned i = 0; i <= c->successors; i++) {
		for (; r < c->remarks && c->remark[r].before == i; r++)
			if (hear(x, &c->remark[r], transitions, finals))
				return;
		if (i < c->successors)
			count(x, c, &c->successor[i]);
		if (x->result.verdict != VERDICT_RUNNING)
			return;
	}
	x->result.transitions = transitions + c->transitions;
	x->result.finals = finals + c->finals;
	bytes = x->queue[0].used + x->queue[1].used + x->versions.used;
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
	struct chunk *c = pool_next(x->pool, x, x->frontier);

	if (!c) {
		if (!turn(x) && x->result.verdict == VERDICT_RUNNING)
			x->result.verdict = x->result.rule ? VERDICT_VIOLATION : VERDICT_CLEAN;
		return;
	}
	merge(x, c);
	/* What did not fit comes before the next chunk. */
	while (c->done < c->entries && x->result.verdict == VERDICT_RUNNING) {
		chunk_begin(c, c->first, c->entries - c->done);
		chunk_fill(x, x->frontier, c);
		merge(x, c);
	}
	pool_done(x->pool);
}
