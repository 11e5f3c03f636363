/*
 * explore.c - beginning, slicing and ending a search; what breaks on the way; the trace.
 */
#include <string.h>

#include "search.h"
#include "task.h"

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { "running", "violation", "clean", "bound" };

	return names[v];
}

const char *order_name(enum explore_order order)
{
	static const char *const names[EXPLORE_ORDERS] = { "breadth", "preemption", "depth", "random" };

	return names[order];
}

static bool moves(const struct action *a)
{
	return action_is_progress(a) || a->kind == ACT_SWITCH;
}

/* The actors of the machine: contexts first, then devices, the IOMMU, schedulers, speculation, evictions. */
enum { ACTOR_DEV = MAX_CTX, ACTOR_IOMMU = ACTOR_DEV + MAX_DEVS, ACTOR_SWITCH, ACTOR_SPEC = ACTOR_SWITCH + MAX_CPUS,
       ACTOR_EVICT = ACTOR_SPEC + MAX_CPUS };

static uint8_t actor(const struct machine *m, const struct action *a)
{
	switch ((enum action_kind)a->kind) {
	case ACT_STEP:
		return (uint8_t)cpu_context(m, a->agent);
	case ACT_IPI:
		return (uint8_t)(MAX_TASKS + a->agent);
	case ACT_SWITCH:
		return (uint8_t)(ACTOR_SWITCH + a->agent);
	case ACT_DMA:
		return (uint8_t)(ACTOR_DEV + a->agent);
	case ACT_WALK:
	case ACT_FILL:
		return (uint8_t)(ACTOR_SPEC + a->agent);
	case ACT_EVICT:
		return (uint8_t)(ACTOR_EVICT + a->agent);
	case ACT_TAKE:
	case ACTION_KINDS:
		break;
	}
	return ACTOR_IOMMU;
}

const struct explore_model machine_model = {
	MACHINE_PARTS, machine_offer, machine_apply, moves, machine_finished, actor,
};

unsigned explore_actions(const struct explore_model *model, const struct machine *m, struct action out[MAX_ACTIONS])
{
	unsigned n = 0;

	for (unsigned part = 0; part < model->parts; part++) {
		struct action action[MAX_ACTIONS];
		unsigned more = model->offer(m, part, action);

		CHECK(n + more <= MAX_ACTIONS);
		memcpy(out + n, action, more * sizeof(*out));
		n += more;
	}
	return n;
}

/* ---- what is found on the way ---- */

void search_bound(struct explorer *x, const char *why)
{
	x->result.verdict = VERDICT_BOUND;
	x->result.bound = why;
}

bool search_broken(struct explorer *x, uint32_t rules, const struct finding *f, uint32_t parent, uint16_t action)
{
	for (uint32_t bits = rules & ~x->result.rules; bits; bits &= bits - 1)
		x->witness[__builtin_ctz(bits)] = (struct witness){ parent, action };
	x->result.rules |= rules;
	if (!rules_broken(rules))
		return false;
	if (!x->result.rule) {
		x->result.rule = f->rule;
		x->result.finding = *f;
		for (uint32_t i = 0; i < x->run_length; i++)
			x->found[i] = x->run[i].action;
		x->found_length = x->run_length;
	}
	if (x->options.all)
		return false;
	x->result.verdict = VERDICT_VIOLATION;
	return true;
}

bool search_is_goal(const struct explorer *x)
{
	return x->options.goal && x->options.goal(x->m, x->options.goal_self);
}

bool search_goal(struct explorer *x, uint32_t parent, uint16_t action)
{
	x->witness[RULE_NONE] = (struct witness){ parent, action };
	x->found_length = x->run_length;
	for (uint32_t i = 0; i < x->run_length; i++)
		x->found[i] = x->run[i].action;
	x->result.goal = true;
	x->result.rule = RULE_NONE;
	x->result.verdict = VERDICT_VIOLATION;
	return true;
}

void search_later(struct explorer *x, const struct remark *r)
{
	uint64_t set = remark_set(r);

	for (uint64_t bits = set & ~x->later_set; bits; bits &= bits - 1)
		x->later[__builtin_ctzll(bits)] = *r;
	x->later_set |= set;
}

bool search_now(struct explorer *x)
{
	uint64_t set = x->later_set;
	bool over = false;

	x->later_set = 0;
	for (uint64_t bits = set; bits && !over; bits &= bits - 1) {
		unsigned i = (unsigned)__builtin_ctzll(bits);
		const struct remark *r = &x->later[i];

		over = i == REMARK_GOAL ? search_goal(x, r->parent, r->action) :
			search_broken(x, 1u << i, &r->finding, r->parent, r->action);
	}
	return over;
}

void search_line(const struct machine *m, const struct action *a, uint64_t lines[ROUTINE_COUNT])
{
	const struct act *top = a->kind == ACT_STEP ? ctx_top(m, cpu_context(m, a->agent)) : NULL;

	if (top && top->pc < 64)
		lines[top->routine] |= 1ull << top->pc;
}

bool search_final(struct explorer *x, uint32_t state, bool somebody)
{
	const struct finding f = { .rule = RULE_DEADLOCK, .mm = NONE, .pfn = NO_FRAME };

	if (somebody)
		return false;
	x->result.finals++;
	return !x->model->finished(x->m) && search_broken(x, 1u << RULE_DEADLOCK, &f, state, NO_ACTION);
}

/* ---- begin, work, end ---- */

/* What a run in progress needs: depth first, random. */
static void memory_runs(struct explorer *x, struct arena *a)
{
	size_t share = a->left / 4;

	x->run = arena_take(a, MAX_TRACE * sizeof(*x->run));
	x->undo_cap = share;
	x->undo = arena_take(a, share);
	visited_init(&x->visited, 1, arena_take(a, 2 * share), 2 * share);
	CHECK(x->run && x->undo);
}

/* What remembers steps: a seeker of the calling thread, one of the worker's. */
static void memory_seekers(struct explorer *x, struct arena *a)
{
	struct worker *w = x->pool->worker;
	size_t share = (a->left - 4096) / (w ? 3 : 2);
	struct arena versions = { .left = share };

	versions.at = arena_take(a, share);
	versions_open(&x->versions, x->start, versions, w != NULL);
	seeker_open(x->seeker, x, x->m, a, share - 4096);
	if (w) {
		memcpy(&w->machine, x->start, sizeof(w->machine));
		w->machine.quiet = true;
		seeker_open(&w->seeker, x, &w->machine, a, share - 4096);
	}
}

/* Eighths: three for visited states, one for how they were reached, two for the queues, two for what is remembered. */
static void memory_frontier(struct explorer *x, struct arena *a)
{
	size_t share;

	x->seeker = arena_take(a, sizeof(*x->seeker));
	x->pool = arena_take(a, sizeof(*x->pool));
	CHECK(x->seeker && x->pool);
	if (x->options.threads > 1)
		x->pool->worker = arena_take(a, sizeof(*x->pool->worker));
	share = a->left / 8;
	visited_init(&x->visited, x->options.wide ? 2 : 1, arena_take(a, 3 * share - 64), 3 * share - 64);
	x->log_cap = share / (1 + sizeof(*x->parent));
	if (x->options.order == ORDER_BREADTH) {
		x->log_cap = share / 2;
		x->children = arena_take(a, share / 2);
	} else {
		x->parent = arena_take(a, x->log_cap * sizeof(*x->parent));
	}
	if (x->log_cap > UINT32_MAX)
		x->log_cap = UINT32_MAX;
	x->action = arena_take(a, x->log_cap);
	for (unsigned q = 0; q < 2; q++) {
		x->queue[q].cap = share - 64;
		x->queue[q].at = arena_take(a, share - 64);
	}
	memory_seekers(x, a);
	queue_start(&x->queue[0], x->start);
	x->level_start[1] = 1;
	pool_open(x->pool);
	pool_read(x->pool, &x->queue[0]);
}

struct explorer *explore_begin(struct machine *m, const struct explore_options *o, void *memory, size_t bytes)
{
	struct arena a = { memory, bytes };
	struct explorer *x = arena_take(&a, sizeof(*x));

	CHECK(bytes >= EXPLORE_MIN && x);
	CHECK(!o->outcomes || (o->order == ORDER_BREADTH && o->all && !o->model));
	CHECK(o->shard <= o->shards && !o->shard == !o->shards);
	CHECK(!o->shards || o->order == ORDER_DEPTH || o->order == ORDER_RANDOM);
	x->m = m;
	x->options = *o;
	x->model = o->model ? o->model : &machine_model;
	x->start = arena_take(&a, sizeof(*m));
	CHECK(x->start);
	memcpy(x->start, m, sizeof(*m));
	m->quiet = true;
	if (o->order == ORDER_DEPTH || o->order == ORDER_RANDOM)
		memory_runs(x, &a);
	else
		memory_frontier(x, &a);
	visited_add(&x->visited, m->digest, 0);
	x->result.states = 1;
	if (search_is_goal(x))
		search_goal(x, 0, NO_ACTION);
	return x;
}

enum verdict explore_slice(struct explorer *x, uint64_t states)
{
	static void (*const step[EXPLORE_ORDERS])(struct explorer *x) = {
		[ORDER_BREADTH] = search_frontier_step, [ORDER_PREEMPTION] = search_frontier_step,
		[ORDER_DEPTH] = search_depth_step, [ORDER_RANDOM] = search_random_step,
	};

	/* A step of the frontier orders looks at a chunk of states. */
	if (x->pool)
		states = (states + CHUNK_ENTRIES - 1) / CHUNK_ENTRIES;
	while (states-- && x->result.verdict == VERDICT_RUNNING)
		step[x->options.order](x);
	if (x->options.order == ORDER_BREADTH && x->result.depth < x->depth)
		x->result.depth = x->depth;
	x->result.bytes = visited_bytes(&x->visited);
	if (x->children)
		x->result.bytes += 2 * x->result.states;
	else if (x->parent)
		x->result.bytes += 5 * x->result.states;
	return x->result.verdict;
}

const struct explore_result *explore_result(const struct explorer *x)
{
	return &x->result;
}

/* The parent of a state at a depth: children of one level are numbered in the order of their parents. */
static uint32_t parent_in_levels(const struct explorer *x, uint32_t state, uint32_t depth)
{
	uint64_t parent = x->level_start[depth - 1];
	uint64_t next = x->level_start[depth] + x->children[parent];

	while (next <= state)
		next += x->children[++parent];
	return (uint32_t)parent;
}

/* Positions of the actions that lead to a state, last first; returns how many. */
static uint32_t way_back(const struct explorer *x, uint32_t state, uint16_t index[MAX_TRACE])
{
	uint32_t n = 0, depth = 0;

	if (x->children)
		while (x->level_start[depth + 1] <= state)
			depth++;
	while (state && n < MAX_TRACE) {
		index[n++] = x->action[state];
		state = x->children ? parent_in_levels(x, state, depth--) : x->parent[state];
	}
	return n;
}

static void turn_round(uint16_t *index, uint32_t n)
{
	for (uint32_t i = 0; i < n / 2; i++) {
		uint16_t other = index[i];

		index[i] = index[n - 1 - i];
		index[n - 1 - i] = other;
	}
}

uint32_t explore_path(const struct explorer *x, uint16_t index[MAX_TRACE])
{
	const struct seeker *f = x->seeker;
	uint32_t n = 0;

	if (x->run) {
		for (; n < x->run_length; n++)
			index[n] = x->run[n].action;
		return n;
	}
	if (x->pool->threads > 1 && pthread_equal(pthread_self(), x->pool->worker->thread))
		f = &x->pool->worker->seeker;
	n = way_back(x, f->now, index);
	turn_round(index, n);
	if (n < MAX_TRACE)
		index[n++] = f->taking;
	return n;
}

/* Positions of the actions to where `rule` was first broken, in order. */
static uint32_t way_to(const struct explorer *x, unsigned rule, uint16_t index[MAX_TRACE])
{
	const struct witness *w = &x->witness[rule];
	uint32_t n;

	if (x->run) {
		memcpy(index, x->found, x->found_length * sizeof(index[0]));
		return x->found_length;
	}
	n = way_back(x, w->parent, index);
	turn_round(index, n);
	if (w->action != NO_ACTION && n < MAX_TRACE)
		index[n++] = w->action;
	return n;
}

/* Takes the actions at these positions: they are the result's trace then. */
static void trace_by(struct explorer *x, const uint16_t *index, uint32_t n)
{
	struct explore_result *r = &x->result;
	struct action action[MAX_ACTIONS];

	x->m->quiet = true;
	for (uint32_t i = 0; i < n; i++) {
		unsigned count = explore_actions(x->model, x->m, action);

		CHECK(index[i] < count);
		r->trace[i] = action[index[i]];
		x->model->apply(x->m, &r->trace[i], &x->fx);
	}
	r->trace_length = r->depth = n;
	memcpy(x->m, x->start, sizeof(*x->m));
	if (x->model == &machine_model) {
		x->m->quiet = true;
		r->preemptions = trace_preemptions(x->m, r->trace, n, &x->fx);
		memcpy(x->m, x->start, sizeof(*x->m));
	}
}

void explore_trace_to(struct explorer *x, unsigned rule)
{
	uint16_t index[MAX_TRACE];
	uint32_t n = way_to(x, rule, index);

	trace_by(x, index, n);
}

void explore_trace_state(struct explorer *x, uint32_t state)
{
	uint16_t index[MAX_TRACE];
	uint32_t n;

	CHECK(x->options.outcomes && state < x->result.states);
	n = way_back(x, state, index);
	turn_round(index, n);
	trace_by(x, index, n);
}

void explore_end(struct explorer *x)
{
	uint16_t index[MAX_TRACE];

	if (x->result.verdict == VERDICT_RUNNING)
		search_bound(x, "interrupted");
	if (x->pool) {
		pool_close(x->pool);
		versions_close(&x->versions);
	}
	memcpy(x->m, x->start, sizeof(*x->m));
	if (!x->result.rule && !x->result.goal)
		return;
	for (uint32_t bits = x->result.rules; bits; bits &= bits - 1)
		x->result.rule_depth[__builtin_ctz(bits)] = way_to(x, (unsigned)__builtin_ctz(bits), index);
	explore_trace_to(x, x->result.rule);
}
