/*
 * expand.c - looking at a state: every action, what it leads to, what it breaks.
 */
#include "search.h"

/* Who acts, as an actor that can be preempted: a context or a device, from 1; 0 for whims, interrupts, the IOMMU. */
static uint8_t preemptible(const struct offered *a)
{
	return a->action.kind == ACT_STEP || a->action.kind == ACT_DMA ? (uint8_t)(a->actor + 1) : 0;
}

static unsigned actor_cpu(const struct machine *start, uint8_t actor)
{
	return actor && actor <= MAX_CTX ? peek_ctx(start, actor - 1u)->cpu : NONE;
}

/* What an action costs in preemptions, given who moved last; *after is who has moved last then. */
static uint8_t cost(const struct machine *start, const struct offered *const *action, unsigned n, unsigned i, uint8_t last,
	uint8_t *after)
{
	uint8_t now = preemptible(action[i]);

	*after = now ? now : last;
	if (action[i]->action.kind == ACT_SWITCH && actor_cpu(start, last) == action[i]->action.agent)
		*after = 0;
	else if (!now)
		return 0;
	if (!last || now == last)
		return 0;
	for (unsigned k = 0; k < n; k++)
		if (preemptible(action[k]) == last)
			return 1;
	return 0;
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

/* Nothing moves in this state: an end, or a deadlock. */
static void final(struct seeker *s, struct chunk *c, const struct entry *e, const struct row *row)
{
	bool deadlock;

	c->finals++;
	seeker_load(s, row);
	deadlock = !s->x->model->finished(s->m);
	if (s->x->options.outcomes)
		c->ending[c->endings++] =
			(struct ending){ outcome_seen(s->m), s->m->digest, e->number, e->last || deadlock };
	if (s->x->options.ask) {
		uint32_t yes = s->x->options.ask(s->m, s->x->options.ask_self);

		c->yes |= yes;
		c->no |= ~yes;
	}
	if (deadlock)
		remark(c, (struct remark){
			.finding = { .rule = RULE_DEADLOCK, .mm = NONE, .pfn = NO_FRAME },
			.rules = 1u << RULE_DEADLOCK, .parent = e->number, .action = NO_ACTION,
		});
}

/* Is what a step leads to what the search looks for?  Only the bytes of the state can say. */
static bool is_goal(struct seeker *s, const struct row *row, const struct outcome *o)
{
	const struct explore_options *options = &s->x->options;
	struct row to;

	if (!options->goal)
		return false;
	to = *row;
	for (unsigned i = 0; i < o->parts; i++)
		to.version[o->part[i].column] = o->part[i].version;
	seeker_load(s, &to);
	return options->goal(s->m, options->goal_self);
}

/* Takes every action of the state.  False when the chunk need not go on. */
static bool expand(struct seeker *s, struct chunk *c, const struct entry *e)
{
	const struct explorer *x = s->x;
	const struct offered *action[MAX_ACTIONS];
	const struct row *row = &s->row;
	bool somebody = false;
	uint64_t second;
	unsigned n;

	entry_row(e, &s->row, s->memo.columns);
	second = x->options.wide ? row_second(&x->versions, row) : 0;
	n = seeker_actions(s, row, action);
	for (unsigned i = 0; i < n; i++) {
		uint8_t last = 0, costs = 0;
		const struct outcome *o;
		bool goal, broken;

		somebody |= action[i]->moves;
		if (x->options.order == ORDER_PREEMPTION)
			costs = cost(x->start, action, n, i, e->last, &last);
		s->taking = (uint16_t)i;
		o = seeker_step(s, row, action[i]);
		if (!o) {
			c->no_memory = true;
			return false;
		}
		if (o->line)
			c->lines[o->routine] |= 1ull << o->line;
		c->taken |= 1ull << action[i]->bit;
		c->transitions++;
		broken = o->rules && rules_broken(o->rules);
		goal = is_goal(s, row, o);
		if (x->options.outcomes)
			last = e->last | broken;
		if (o->rules || goal)
			remark(c, (struct remark){
				.finding = o->finding ? *o->finding : (struct finding){ 0 }, .rules = o->rules, .parent = e->number, .action = (uint16_t)i,
				.cost = costs, .goal = goal,
			});
		/* One is enough, unless all are wanted: behind one harm there may be the next. */
		if (!broken || x->options.all)
			c->successor[c->successors++] = (struct successor){
				.digest = { e->digest + o->delta[0], second + o->delta[1] },
				.parent = e, .outcome = o, .action = (uint16_t)i, .last = last, .cost = costs,
			};
		if (!costs && (goal || (broken && !x->options.all)))
			return false;
	}
	if (!somebody)
		final(s, c, e, row);
	return true;
}

/* What one state can need of the scratch memory: its offers, and an outcome of each action. */
#define SCRATCH_STATE (MAX_ACTIONS * (sizeof(struct offered) + sizeof(struct outcome) + sizeof(struct finding) + MAX_COLUMNS * sizeof(struct part)) + \
		       MAX_PARTS * sizeof(struct offer))
_Static_assert(SCRATCH_STATE <= SCRATCH_BYTES, "a chunk must hold what one state needs");

static bool has_room(const struct seeker *s, const struct chunk *c)
{
	return c->successors + MAX_ACTIONS <= CHUNK_SUCCESSORS && s->scratch_used + SCRATCH_STATE <= SCRATCH_BYTES;
}

void chunk_fill(struct seeker *s, struct chunk *c)
{
	const struct entry *e = c->first;

	s->scratch = c->scratch;
	s->scratch_used = 0;
	memo_columns(&s->memo);
	while (c->done < c->entries && has_room(s, c)) {
		s->now = e->number;
		if (!expand(s, c, e))
			break;
		c->done++;
		e = entry_after(e);
	}
	c->first = e;
}
