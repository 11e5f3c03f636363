/*
 * reduce.c - the reduced search in rounds and levels, and the traces that it finds.
 */
#include "search.h"

#define LEARNING_WALKS	8000u	/* at most */
#define LEARNING_IDLE	100u	/* walks that teach nothing are enough */
#define LEARNING_STEPS	400u
#define LEARNING_SHARE	4u	/* of what can be remembered, one part in so many is for it */
#define FIRST_CHECK	500u	/* states; then at twice as many, and so on */

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

	for (unsigned w = 0, idle = 0; w < LEARNING_WALKS && idle < LEARNING_IDLE && !memo_crowded(&s->memo, LEARNING_SHARE); w++) {
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

	symmetry_settle(&r->symmetry);
	places_deceived(&r->places);
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
	sleepers_clear(&r->sleepers);
	whims_again(&r->whims);
	memset(&r->standing[0], 0, sizeof(r->standing[0]));
	r->standing[0].digest[0] = x->start->digest;
	places_now(&r->places, x->seeker, &r->standing[0].row, &r->standing[0].stands);
	standing_key(r, &r->standing[0], key);
	r->naming.widened = false;
	visited_add(&x->visited, key[0], key[1]);
	if (r->sleepers.slot)
		sleeper_new(&r->sleepers, key, 0, 0);
}

void reducer_open(struct reducer *r, struct explorer *x, struct arena *a, size_t log_bytes)
{
	struct arena images = { .left = a->left / 16 }, names = { .left = a->left / 16 };

	r->x = x;
	x->log_cap = log_bytes / (3 * sizeof(uint16_t)) < UINT32_MAX ? log_bytes / (3 * sizeof(uint16_t)) : UINT32_MAX;
	r->children = arena_take(a, x->log_cap * sizeof(uint16_t));
	r->run = arena_take(a, x->log_cap * sizeof(uint16_t));
	r->length = arena_take(a, x->log_cap * sizeof(uint16_t));
	images.at = arena_take(a, images.left);
	names.at = arena_take(a, names.left);
	CHECK(r->children && r->run && r->length && images.at && names.at);
	naming_open(&r->naming, x, names);
	if (x->options.reduce & REDUCE_SLEEP) {
		size_t share = a->left / 4;

		x->parent = arena_take(a, x->log_cap * sizeof(*x->parent));
		sleepers_open(&r->sleepers, arena_take(a, share), share);
		CHECK(x->parent && r->sleepers.slot);
	}
	symmetry_open(&r->symmetry, x, images);
	places_open(&r->places, x);
	whims_open(&r->whims, x);
}

void reducer_start(struct reducer *r)
{
	if ((r->x->options.reduce & REDUCE_AMPLE) || naming_on(&r->naming))
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

/* Who was taken for another is not, and what was passed over because of that is to be looked at; or states that were looked up
 * under some names have others now. */
static bool renamed(struct reducer *r)
{
	return !symmetry_stands(&r->symmetry) || r->naming.widened || (r->symmetry.images && places_deceived(&r->places));
}

void search_reduced_step(struct explorer *x)
{
	struct reducer *r = x->reducer;
	const struct queue *q = &x->queue[x->reading];
	const struct entry *e = r->next;
	size_t bytes;

	/* What is not remembered is not to be decided by. */
	if (x->seeker->memo.full) {
		search_bound(x, "memory");
		return;
	}
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
	reducer_expand(r, e->number);
	if (x->result.verdict == VERDICT_RUNNING && renamed(r)) {
		round_begin(r);
		return;
	}
	bytes = x->queue[0].used + x->queue[1].used;
	if (bytes > x->result.frontier_bytes)
		x->result.frontier_bytes = bytes;
}

/* ---- traces ---- */

/* The actions of a run from standing[0], in path. */
static void replay(struct reducer *r, uint32_t parent, uint32_t run, uint32_t steps)
{
	r->replaying = true;
	r->replayed = false;
	r->want_run = run;
	r->want_steps = steps;
	r->x->seeker->scratch_used = 0;
	reducer_expand(r, parent);
	CHECK(r->replayed);
	r->replaying = false;
}

/* Appends the run's actions to the trace and brings standing[0] to its end. */
static void trace_run(struct reducer *r, uint32_t parent, uint32_t run, uint32_t steps)
{
	struct explore_result *result = &r->x->result;
	struct standing *st = &r->standing[0];

	replay(r, parent, run, steps);
	for (uint32_t i = 0; i < r->steps; i++) {
		const struct offered *action[MAX_ACTIONS];
		unsigned n, k = 0;

		r->x->seeker->scratch_used = 0;
		n = seeker_actions(r->x->seeker, &st->row, action);
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
	for (uint32_t parent = 0; length--; parent = way[length])
		trace_run(r, parent, r->run[way[length]], r->length[way[length]]);
	if (w->action != NO_ACTION)
		trace_run(r, w->parent, w->action, w->steps);
}
