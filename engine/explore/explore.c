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

/* ---- what is found on the way ---- */

void search_bound(struct explorer *x, const char *why)
{
	x->result.verdict = VERDICT_BOUND;
	x->result.bound = why;
}

void explore_bound(struct explorer *x, const char *why)
{
	if (x->result.verdict == VERDICT_RUNNING)
		search_bound(x, why);
}

bool search_broken(struct explorer *x, uint32_t rules, const struct finding *f, struct witness at)
{
	for (uint32_t bits = rules & ~x->result.rules; bits; bits &= bits - 1)
		x->witness[__builtin_ctz(bits)] = at;
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
	x->witness[RULE_NONE] = (struct witness){ .parent = parent, .action = action };
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
			search_broken(x, 1u << i, &r->finding, (struct witness){ .parent = r->parent, .action = r->action });
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
	return !x->model->finished(x->m) && search_broken(x, 1u << RULE_DEADLOCK, &f, (struct witness){ .parent = state, .action = NO_ACTION });
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

static bool two_threads(const struct explorer *x)
{
	return x->pool && x->options.threads > 1;
}

/* What remembers steps: a seeker of the calling thread, one of the worker's.  Contents get as much with one thread as with two. */
static void memory_seekers(struct explorer *x, struct arena *a)
{
	struct worker *w = two_threads(x) ? x->pool->worker : NULL;
	size_t share = (a->left - 4096) / 3;
	struct arena versions = { .left = share };

	versions.at = arena_take(a, share);
	versions_open(&x->versions, x->start, versions, w != NULL);
	seeker_open(x->seeker, x, x->m, a, (w ? share : 2 * share) - 4096);
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
	/* With one thread as well: memory is to end at the same state. */
	x->pool->worker = arena_take(a, sizeof(*x->pool->worker));
	CHECK(x->pool->worker);
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
	pool_open(x->pool, two_threads(x));
	pool_read(x->pool, &x->queue[0]);
}

/* The same shares, for one seeker and the reducer. */
static void memory_reduced(struct explorer *x, struct arena *a)
{
	size_t share;

	x->seeker = arena_take(a, sizeof(*x->seeker));
	x->reducer = arena_take(a, sizeof(*x->reducer));
	CHECK(x->seeker && x->reducer);
	x->seeker->scratch = arena_take(a, SCRATCH_BYTES);
	share = a->left / 8;
	visited_init(&x->visited, x->options.wide ? 2 : 1, arena_take(a, 3 * share - 64), 3 * share - 64);
	for (unsigned q = 0; q < 2; q++) {
		x->queue[q].cap = share - 64;
		x->queue[q].at = arena_take(a, share - 64);
	}
	reducer_open(x->reducer, x, a, share);
	memory_seekers(x, a);
	reducer_start(x->reducer);
}

/* Where reductions cannot be had the search does without. */
static bool reduced(const struct explorer *x)
{
	const struct explore_options *o = &x->options;

	return o->reduce && o->order == ORDER_BREADTH && !o->goal && !o->max_depth && x->model->place;
}

struct explorer *explore_begin(struct machine *m, const struct explore_options *o, void *memory, size_t bytes)
{
	struct arena a = { memory, bytes };
	struct explorer *x = arena_take(&a, sizeof(*x));

	CHECK(bytes >= EXPLORE_MIN && x);
	CHECK(!o->outcomes || (o->order == ORDER_BREADTH && o->all && !o->model));
	CHECK(!o->ask || (o->order == ORDER_BREADTH && o->all && !o->reduce));
	CHECK(o->shard <= o->shards && !o->shard == !o->shards);
	CHECK(!o->shards || o->order == ORDER_DEPTH || o->order == ORDER_RANDOM);
	x->m = m;
	x->options = *o;
	x->model = o->model ? o->model : &machine_model;
	x->start = arena_take(&a, sizeof(*m));
	CHECK(x->start);
	memcpy(x->start, m, sizeof(*m));
	m->quiet = true;
	x->result.states = 1;
	if (reduced(x)) {
		memory_reduced(x, &a);
		return x;
	}
	if (o->order == ORDER_DEPTH || o->order == ORDER_RANDOM)
		memory_runs(x, &a);
	else
		memory_frontier(x, &a);
	visited_add(&x->visited, m->digest, 0);
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
		(x->reducer ? search_reduced_step : step[x->options.order])(x);
	if (x->options.order == ORDER_BREADTH && x->result.depth < x->depth)
		x->result.depth = x->depth;
	x->result.bytes = visited_bytes(&x->visited);
	if (x->reducer)
		x->result.bytes += 6 * x->result.states;
	else if (x->children)
		x->result.bytes += 2 * x->result.states;
	else if (x->parent)
		x->result.bytes += 5 * x->result.states;
	return x->result.verdict;
}

const struct explore_result *explore_result(const struct explorer *x)
{
	return &x->result;
}

static unsigned children_of(const struct explorer *x, uint64_t state)
{
	return x->reducer ? x->reducer->children[state] : x->children[state];
}

/* The parent of a state at a depth: children of one level are numbered in the order of their parents. */
static uint32_t parent_in_levels(const struct explorer *x, uint32_t state, uint32_t depth)
{
	uint64_t parent = x->level_start[depth - 1];
	uint64_t next = x->level_start[depth] + children_of(x, parent);

	while (next <= state)
		next += children_of(x, ++parent);
	return (uint32_t)parent;
}

/* Numbers of the states on the way to a state, itself first, the start left out; returns how many. */
static uint32_t way_back(const struct explorer *x, uint32_t state, uint32_t way[MAX_TRACE])
{
	uint32_t n = 0, depth = 0;

	if (!x->parent)
		while (x->level_start[depth + 1] <= state)
			depth++;
	while (state && n < MAX_TRACE) {
		way[n++] = state;
		state = x->parent ? x->parent[state] : parent_in_levels(x, state, depth--);
	}
	return n;
}

/* Positions of the actions that lead to a state, in order; returns how many. */
static uint32_t positions(const struct explorer *x, uint32_t state, uint16_t index[MAX_TRACE])
{
	uint32_t way[MAX_TRACE], n = way_back(x, state, way);

	for (uint32_t i = 0; i < n; i++)
		index[i] = x->action[way[n - 1 - i]];
	return n;
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
	/* A reduced search knows runs, not positions. */
	if (x->reducer)
		return 0;
	if (x->pool->threads > 1 && pthread_equal(pthread_self(), x->pool->worker->thread))
		f = &x->pool->worker->seeker;
	n = positions(x, f->now, index);
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
	n = positions(x, w->parent, index);
	if (w->action != NO_ACTION && n < MAX_TRACE)
		index[n++] = w->action;
	return n;
}

/* The machine is at the start again. */
static void put_back(struct explorer *x)
{
	memcpy(x->m, x->start, sizeof(*x->m));
	if (x->seeker)
		memset(&x->seeker->loaded, 0, sizeof(x->seeker->loaded));
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
	r->trace_length = n;
	put_back(x);
}

/* Finds the trace to where a rule was first broken. */
static void trace_find(struct explorer *x, unsigned rule)
{
	const struct witness *w = &x->witness[rule];
	uint16_t index[MAX_TRACE];
	uint32_t way[MAX_TRACE];

	if (!x->reducer) {
		trace_by(x, index, way_to(x, rule, index));
		return;
	}
	x->m->quiet = true;
	reducer_trace(x->reducer, w, way, way_back(x, w->parent, way));
	put_back(x);
}

/* The measures of the trace that was found. */
static void trace_measure(struct explorer *x)
{
	struct explore_result *r = &x->result;

	r->depth = r->trace_length;
	if (x->model == &machine_model) {
		x->m->quiet = true;
		r->preemptions = trace_preemptions(x->m, r->trace, r->trace_length, &x->fx);
		put_back(x);
	}
}

void explore_trace_to(struct explorer *x, unsigned rule)
{
	trace_find(x, rule);
	trace_measure(x);
}

void explore_trace_state(struct explorer *x, uint32_t state)
{
	uint16_t index[MAX_TRACE];

	CHECK(x->options.outcomes && state < x->result.states);
	trace_by(x, index, positions(x, state, index));
	trace_measure(x);
}

void explore_end(struct explorer *x)
{
	if (x->result.verdict == VERDICT_RUNNING)
		search_bound(x, "interrupted");
	if (x->pool)
		pool_close(x->pool);
	if (x->seeker)
		versions_close(&x->versions);
	put_back(x);
	if (!x->result.rule && !x->result.goal)
		return;
	for (uint32_t bits = x->result.rules; bits; bits &= bits - 1) {
		trace_find(x, (unsigned)__builtin_ctz(bits));
		x->result.rule_depth[__builtin_ctz(bits)] = x->result.trace_length;
	}
	explore_trace_to(x, x->result.rule);
}
