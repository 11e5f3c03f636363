/*
 * reduce.c - the reduced search: runs of actions from kept states to kept states.
 */
#include "search.h"

#define LEARNING_WALKS	8000u	/* at most */
#define LEARNING_IDLE	100u	/* walks that teach nothing are enough */
#define LEARNING_STEPS	400u
#define FIRST_CHECK	500u	/* states; then at twice as many, and so on */

static bool reduces(const struct reducer *r, enum reduction what)
{
	return (r->x->options.reduce & what) != 0;
}

/* ---- states in the middle ---- */

static void standing_copy(const struct reducer *r, struct standing *to, const struct standing *from)
{
	to->digest[0] = from->digest[0];
	to->digest[1] = from->digest[1];
	memcpy(to->row.version, from->row.version, r->x->versions.columns * sizeof(to->row.version[0]));
	memcpy(to->stands.place, from->stands.place, r->places.actors * sizeof(to->stands.place[0]));
	to->stands.sum = from->stands.sum;
}

static void standing_take(struct standing *st, const struct outcome *o)
{
	row_take(&st->row, o);
	st->digest[0] += o->delta[0];
	st->digest[1] += o->delta[1];
}

static void path_add(struct reducer *r, const struct action *a)
{
	if (r->steps < MAX_TRACE)
		r->path[r->steps] = *a;
	r->steps++;
}

/* The run in progress is the one that is looked for, and long enough. */
static bool found_again(struct reducer *r, bool ends)
{
	if (r->replaying && r->runs == r->want_run && (r->want_steps ? r->steps == r->want_steps : ends))
		r->replayed = true;
	return r->replayed;
}

/* ---- what a run leads to ---- */

/* The end of a run: a state to be kept, if it is new.  False when the search is over. */
static bool arrive(struct reducer *r, uint32_t parent, struct standing *st)
{
	struct explorer *x = r->x;
	uint32_t number = (uint32_t)x->result.states;
	enum visit visit;
	uint64_t key[2];

	if (r->replaying)
		return !found_again(r, true);
	symmetry_images(&r->symmetry, &st->row, &st->images);
	symmetry_key(&r->symmetry, st->digest, &st->images, key);
	visit = visited_add(&x->visited, key[0], key[1]);
	if (visit == VISIT_OLD)
		return true;
	if (visit == VISIT_FULL || number == x->log_cap || r->runs > UINT16_MAX || r->children[parent] == UINT16_MAX ||
	    !queue_put(&x->queue[!x->reading], &st->row, x->versions.columns, st->digest[0], number)) {
		search_bound(x, "memory");
		return false;
	}
	r->run[number] = (uint16_t)r->runs;
	r->children[parent]++;
	x->result.states++;
	if (x->options.max_states && x->result.states >= x->options.max_states)
		search_bound(x, "states");
	return x->result.verdict == VERDICT_RUNNING;
}

/* What a step breaks.  False when the search is over. */
static bool hear(struct reducer *r, uint32_t parent, uint32_t rules, const struct finding *f)
{
	const struct witness w = { .parent = parent, .action = (uint16_t)r->runs, .steps = r->steps };

	if (r->replaying)
		return !found_again(r, false);
	return !rules || !search_broken(r->x, rules, f, w);
}

/* One action, of a whim or of a thread.  False when the search is over; *broken: nothing comes behind it. */
static bool take(struct reducer *r, uint32_t parent, struct standing *st, const struct offered *a, bool *broken)
{
	struct explorer *x = r->x;
	struct outcome *o = seeker_step(x->seeker, &st->row, a);

	if (!o || x->seeker->scratch_used > SCRATCH_BYTES / 2) {
		search_bound(x, "memory");
		return false;
	}
	standing_take(st, o);
	path_add(r, &a->action);
	places_learn(&r->places, x->seeker, &st->row, a, o, &st->stands);
	if (!r->replaying) {
		x->result.taken |= 1ull << a->bit;
		x->result.lines[o->routine] |= (uint64_t)(o->line != 0) << o->line;
		x->result.transitions++;
	}
	*broken = o->rules && rules_broken(o->rules) && !x->options.all;
	return hear(r, parent, o->rules, o->finding);
}

/* Takes an action and goes on as long as one step is all that need be looked at.  False when the search is over. */
static bool run(struct reducer *r, uint32_t parent, struct standing *st, const struct offered *a)
{
	bool broken;

	for (unsigned fused = 0;; fused++) {
		const struct offered *next = NULL;

		if (!take(r, parent, st, a, &broken))
			return false;
		if (broken)
			return true;
		if (reduces(r, REDUCE_FUSE) && fused < MOST_FUSED)
			next = place_ample(&r->places, r->x->seeker, &st->row, &st->stands, a->part);
		if (!next)
			return arrive(r, parent, st);
		a = next;
	}
}

/* ---- whims before a step ---- */

/* The chain of whims to a node, taken one by one.  *possible: all of it could be. */
static bool chain(struct reducer *r, uint32_t parent, struct standing *st, unsigned agent, unsigned node, bool *possible)
{
	const struct whim_tree *t = r->tree[agent];
	uint16_t way[WHIM_DEPTH];
	unsigned n = 0;

	for (unsigned at = node; at; at = t->node[at].parent)
		way[n++] = (uint16_t)at;
	*possible = true;
	while (n) {
		const struct offered *a = whim_offered(r->x->seeker, &st->row, r->whims.parts[agent], &t->node[way[--n]].action);
		bool broken;

		if (!a) {
			*possible = false;
			return true;
		}
		if (!take(r, parent, st, a, &broken))
			return false;
		if (broken) {
			*possible = false;
			return true;
		}
	}
	return true;
}

/* Which chains cannot wait until after this step. */
static void find_useful(struct reducer *r, const struct offered *step)
{
	struct seeker *s = r->x->seeker;
	const struct outcome *o = seeker_step(s, &r->standing[0].row, step);
	struct masks masks;

	memset(r->useful, 0, sizeof(r->useful));
	if (!o)
		return;
	masks = *o->masks;
	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		masks.seen[w] |= step->looks[w];
	for (unsigned g = 0; g < r->whims.agents; g++) {
		const struct whim_tree *t = r->tree[g];

		if (!t || t->nodes == 1 || !masks_conflict(&masks, &t->masks))
			continue;
		for (unsigned n = 1; n < t->nodes; n++)
			if (whim_matters(&r->whims, s, &r->standing[0].row, t, g, n, &step->action, step->part))
				r->useful[g][n / 64] |= 1ull << n % 64;
	}
}

/* The step behind every combination of useful chains, one of each agent or none.  False when the search is over. */
static bool combine(struct reducer *r, uint32_t parent, unsigned agent, unsigned level, const struct offered *step)
{
	uint32_t steps = r->steps;
	bool possible;

	if (agent == r->whims.agents) {
		struct standing *st = &r->standing[level + 1];
		const struct offered *a = step;

		standing_copy(r, st, &r->standing[level]);
		if (level)
			a = whim_offered(r->x->seeker, &st->row, 1ull << step->part, &step->action);
		if (!a)
			return true;
		if (!run(r, parent, st, a))
			return false;
		r->runs++;
		r->steps = steps;
		return true;
	}
	if (!combine(r, parent, agent + 1, level, step))
		return false;
	for (unsigned w = 0; w < (WHIM_NODES + 63) / 64; w++)
		for (uint64_t bits = r->useful[agent][w]; bits; bits &= bits - 1) {
			struct standing *st = &r->standing[level + 1];

			standing_copy(r, st, &r->standing[level]);
			if (!chain(r, parent, st, agent, w * 64 + (unsigned)__builtin_ctzll(bits), &possible))
				return false;
			if (!possible)
				r->runs++;
			else if (!combine(r, parent, agent + 1, level + 1, step))
				return false;
			r->steps = steps;
		}
	return true;
}

/* The step alone. */
static bool run_alone(struct reducer *r, uint32_t parent, const struct offered *step)
{
	standing_copy(r, &r->standing[1], &r->standing[0]);
	if (!run(r, parent, &r->standing[1], step))
		return false;
	r->runs++;
	return true;
}

/* The trees of whims in standing[0]; false when whims have to be taken like other actions. */
static bool plant(struct reducer *r)
{
	struct seeker *s = r->x->seeker;

	for (unsigned g = 0; g < r->whims.agents; g++) {
		r->tree[g] = whim_tree(&r->whims, &r->places, s, &r->standing[0].row, &r->standing[0].stands, g);
		if (!r->tree[g])
			return false;
	}
	return true;
}

/* Whims when nothing else moves: those that break rules by themselves. */
static bool whims_at_end(struct reducer *r, uint32_t parent)
{
	for (unsigned g = 0; g < r->whims.agents; g++)
		for (unsigned n = 1; r->tree[g] && n < r->tree[g]->nodes; n++) {
			bool possible;

			if (!r->tree[g]->node[n].to->rules)
				continue;
			standing_copy(r, &r->standing[1], &r->standing[0]);
			r->steps = 0;
			if (!chain(r, parent, &r->standing[1], g, n, &possible))
				return false;
			r->runs++;
		}
	r->steps = 0;
	return true;
}

/* Nothing moves in standing[0]. */
static bool final(struct reducer *r, uint32_t number)
{
	const struct finding f = { .rule = RULE_DEADLOCK, .mm = NONE, .pfn = NO_FRAME };
	struct explorer *x = r->x;

	if (r->replaying)
		return true;
	x->result.finals++;
	seeker_load(x->seeker, &r->standing[0].row);
	return x->model->finished(x->m) || !search_broken(x, 1u << RULE_DEADLOCK, &f, (struct witness){ number, NO_ACTION, 0 });
}

/* Everything that can be done in standing[0], state `number`. */
static void expand(struct reducer *r, uint32_t number)
{
	const struct offered *action[MAX_ACTIONS];
	const struct row *row = &r->standing[0].row;
	bool late, somebody = false;
	const struct offered *alone = NULL;
	unsigned n;

	memo_columns(&r->x->seeker->memo);
	places_now(&r->places, r->x->seeker, row, &r->standing[0].stands);
	n = seeker_actions(r->x->seeker, row, action);
	r->steps = r->runs = 0;
	for (unsigned i = 0; i < n; i++) {
		somebody |= action[i]->moves;
		r->x->result.offered |= 1ull << action[i]->bit;
	}
	late = reduces(r, REDUCE_WHIMS) && !r->whims.too_many && plant(r);
	memset(r->useful, 0, sizeof(r->useful));
	if (!somebody && (!final(r, number) || (late && !whims_at_end(r, number))))
		return;
	if (reduces(r, REDUCE_AMPLE) && !reduces(r, REDUCE_FUSE))
		alone = place_ample(&r->places, r->x->seeker, row, &r->standing[0].stands, 0);
	for (unsigned i = 0; i < n; i++) {
		if ((late && !action[i]->moves) || (alone && alone != action[i]))
			continue;
		if (late)
			find_useful(r, action[i]);
		r->steps = 0;
		if (late ? !combine(r, number, 0, 0, action[i]) : !run_alone(r, number, action[i]))
			return;
	}
}

/* ---- rounds ---- */

/* An action whose step was never learnt, else any; NULL at the end. */
static const struct offered *learn_next(struct seeker *s, const struct row *row, struct rng *rng)
{
	const struct offered *action[MAX_ACTIONS];
	unsigned n = seeker_actions(s, row, action), first = n ? rng_below(rng, n) : 0;

	for (unsigned i = 0; i < n; i++) {
		const struct offered *a = action[(first + i) % n];
		const struct outcome *o = seeker_step(s, row, a);

		if (o && !o->from)
			return a;
	}
	return n ? action[first] : NULL;
}

/* Random walks, for places and footprints to be known before anything is decided by them. */
static void learn(struct reducer *r)
{
	struct explorer *x = r->x;
	struct seeker *s = x->seeker;
	struct rng rng = { .state = 1 };

	for (unsigned w = 0, idle = 0; w < LEARNING_WALKS && idle < LEARNING_IDLE; w++) {
		struct row row = { { 0 } };
		uint64_t learnt = r->places.learnt;
		struct stands stands;

		places_now(&r->places, s, &row, &stands);
		for (unsigned i = 0; i < LEARNING_STEPS; i++) {
			const struct offered *a = learn_next(s, &row, &rng);
			struct outcome *o = a ? seeker_step(s, &row, a) : NULL;

			if (!o)
				break;
			row_take(&row, o);
			places_learn(&r->places, s, &row, a, o, &stands);
			s->scratch_used = 0;
		}
		idle = r->places.learnt == learnt ? idle + 1 : 0;
	}
}

static void round_begin(struct reducer *r)
{
	struct explorer *x = r->x;
	uint64_t key[2];

	visited_clear(&x->visited);
	memset(&x->witness, 0, sizeof(x->witness));
	x->result.states = 1;
	x->result.transitions = x->result.finals = 0;
	x->result.rules = 0;
	x->result.rule = RULE_NONE;
	x->result.rounds++;
	x->depth = 0;
	x->reading = 0;
	x->queue[1].used = 0;
	r->children[0] = 0;
	x->level_start[1] = 1;
	queue_start(&x->queue[0], x->start);
	r->next = (const struct entry *)(const void *)x->queue[0].at;
	r->check = FIRST_CHECK;
	futures_clear(&r->places);
	memset(&r->standing[0], 0, sizeof(r->standing[0]));
	r->standing[0].digest[0] = x->start->digest;
	symmetry_key(&r->symmetry, r->standing[0].digest, &r->standing[0].images, key);
	visited_add(&x->visited, key[0], key[1]);
}

void reducer_open(struct reducer *r, struct explorer *x, struct arena *a, size_t log_bytes)
{
	struct arena images = { .left = a->left / 8 };

	r->x = x;
	x->log_cap = log_bytes / (2 * sizeof(uint16_t)) < UINT32_MAX ? log_bytes / (2 * sizeof(uint16_t)) : UINT32_MAX;
	r->children = arena_take(a, x->log_cap * sizeof(uint16_t));
	r->run = arena_take(a, x->log_cap * sizeof(uint16_t));
	images.at = arena_take(a, images.left);
	CHECK(r->children && r->run && images.at);
	if (x->options.reduce & REDUCE_SYMMETRY)
		symmetry_open(&r->symmetry, x, images);
	places_open(&r->places, x);
	whims_open(&r->whims, x);
}

void reducer_start(struct reducer *r)
{
	if (reduces(r, REDUCE_AMPLE))
		learn(r);
	round_begin(r);
}

/* All of a level was looked at: on to the next one.  False when the round is over. */
static bool level_next(struct reducer *r)
{
	struct explorer *x = r->x;

	x->queue[x->reading].used = 0;
	x->reading = !x->reading;
	if (!x->queue[x->reading].used)
		return false;
	x->depth++;
	x->level_start[x->depth + 1] = x->result.states;
	for (uint64_t i = x->level_start[x->depth]; i < x->result.states; i++)
		r->children[i] = 0;
	if (x->depth >= MAX_TRACE - 1)
		search_bound(x, "depth");
	r->next = (const struct entry *)(const void *)x->queue[x->reading].at;
	return true;
}

void search_reduced_step(struct explorer *x)
{
	struct reducer *r = x->reducer;
	const struct queue *q = &x->queue[x->reading];
	const struct entry *e = r->next;
	size_t bytes;

	if ((const unsigned char *)e == q->at + q->used) {
		bool more = level_next(r);

		if (x->result.verdict != VERDICT_RUNNING)
			return;
		if (more && x->result.states < r->check)
			return;
		r->check = 2 * x->result.states;
		if (!futures_hold(&r->places, &x->seeker->memo))
			round_begin(r);
		else if (!more)
			x->result.verdict = x->result.rule ? VERDICT_VIOLATION : VERDICT_CLEAN;
		return;
	}
	entry_row(e, &r->standing[0].row, MAX_COLUMNS);
	r->standing[0].digest[0] = e->digest;
	r->standing[0].digest[1] = x->options.wide ? row_second(&x->versions, &r->standing[0].row) : 0;
	r->next = entry_after(e);
	x->seeker->scratch_used = 0;
	if (x->seeker->memo.full)
		search_bound(x, "memory");
	else
		expand(r, e->number);
	bytes = x->queue[0].used + x->queue[1].used;
	if (bytes > x->result.frontier_bytes)
		x->result.frontier_bytes = bytes;
}

/* ---- traces ---- */

/* The actions of a run from standing[0], in path. */
static void replay(struct reducer *r, uint32_t run, uint32_t steps)
{
	r->replaying = true;
	r->replayed = false;
	r->want_run = run;
	r->want_steps = steps;
	r->x->seeker->scratch_used = 0;
	expand(r, 0);
	CHECK(r->replayed);
	r->replaying = false;
}

/* Appends the run's actions to the trace and brings standing[0] to its end. */
static void trace_run(struct reducer *r, uint32_t run, uint32_t steps)
{
	struct explore_result *result = &r->x->result;
	struct standing *st = &r->standing[0];

	replay(r, run, steps);
	for (uint32_t i = 0; i < r->steps; i++) {
		const struct offered *action[MAX_ACTIONS];
		unsigned n = seeker_actions(r->x->seeker, &st->row, action), k = 0;

		while (k < n && !action_same(&action[k]->action, &r->path[i]))
			k++;
		CHECK(k < n);
		standing_take(st, seeker_step(r->x->seeker, &st->row, action[k]));
		if (result->trace_length < MAX_TRACE)
			result->trace[result->trace_length++] = r->path[i];
	}
}

void reducer_trace(struct reducer *r, const struct witness *w, const uint32_t *way, uint32_t length)
{
	memset(&r->standing[0], 0, sizeof(r->standing[0]));
	r->x->result.trace_length = 0;
	while (length--)
		trace_run(r, r->run[way[length]], 0);
	if (w->action != NO_ACTION)
		trace_run(r, w->action, w->steps);
}
