/*
 * leap.c - from a kept state to the kept states behind it: runs of actions, whims before them, what breaks on the way.
 */
#include "search.h"

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
	to->asleep = from->asleep;
}

void standing_take(struct standing *st, const struct outcome *o)
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

/* The run in progress is the one that is looked for, and as long. */
static bool found_again(struct reducer *r)
{
	if (r->runs == r->want_run && r->steps == r->want_steps)
		r->replayed = true;
	return r->replayed;
}

/* What stands for a state and all that differ from it in names alone. */
void standing_key(struct reducer *r, struct standing *st, uint64_t key[2])
{
	bool late = r->symmetry.later != r->symmetry.everywhere && nobody_tells(&r->places, &st->stands);

	symmetry_images(&r->symmetry, &st->row, &st->images);
	symmetry_key(&r->symmetry, &r->naming, &st->row, st->digest, &st->images, late, key);
	if (!r->x->options.wide)
		key[1] = 0;
}

/* May anything sleep?  Under other names other parts of the list would. */
static bool sleeps(const struct reducer *r)
{
	return r->sleepers.slot && !r->symmetry.images && !naming_on(&r->naming);
}

static uint64_t asleep_at(const struct reducer *r, const struct standing *st)
{
	return sleeps(r) ? st->asleep : 0;
}

/* ---- what a run leads to ---- */

/* A kept state is come to again: where steps slept that are awake now, it is looked at again.  False when memory is used up. */
static bool again(struct reducer *r, const uint64_t key[2], const struct standing *st)
{
	struct explorer *x = r->x;
	const struct sleeper *e = sleeper_again(&r->sleepers, key, asleep_at(r, st));

	if (!e || queue_put(&x->queue[!x->reading], &st->row, x->versions.columns, st->digest[0], e->number))
		return true;
	search_bound(x, "memory");
	return false;
}

/* The end of a run: a state to be kept, if it is new.  False when the search is over. */
static bool arrive(struct reducer *r, uint32_t parent, struct standing *st)
{
	struct explorer *x = r->x;
	uint32_t number = (uint32_t)x->result.states;
	enum visit visit;
	uint64_t key[2];

	if (r->replaying)
		return !found_again(r);
	standing_key(r, st, key);
	visit = visited_add(&x->visited, key[0], key[1]);
	if (visit == VISIT_OLD)
		return !r->sleepers.slot || again(r, key, st);
	if (visit == VISIT_FULL || number == x->log_cap || r->children[parent] == UINT16_MAX ||
	    !queue_put(&x->queue[!x->reading], &st->row, x->versions.columns, st->digest[0], number)) {
		search_bound(x, "memory");
		return false;
	}
	r->run[number] = (uint16_t)r->runs;
	r->length[number] = (uint16_t)r->steps;
	if (r->sleepers.slot) {
		x->parent[number] = parent;
		if (!sleeper_new(&r->sleepers, key, number, asleep_at(r, st))) {
			search_bound(x, "memory");
			return false;
		}
	} else {
		r->children[parent]++;
	}
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
		return !found_again(r);
	return !rules || !search_broken(r->x, rules, f, w);
}

/* One action, of a whim or of a thread.  False when the search is over; *broken: nothing comes behind it. */
static bool take(struct reducer *r, uint32_t parent, struct standing *st, const struct offered *a, bool *broken)
{
	struct explorer *x = r->x;
	struct outcome *o = seeker_step(x->seeker, &st->row, a);

	/* What was done already is remembered, so it can be found again. */
	if (!o || (x->seeker->memo.full && !r->replaying) || r->runs + !r->alone > RUN_ALONE) {
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

		/* What sleeps is taken elsewhere, and so is what comes behind it. */
		if (!r->replaying && st->asleep & 1ull << a->part)
			return true;
		st->asleep = sleep_on(r->x->seeker, &st->row, st->asleep, a);
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
		for (unsigned n = 1; n < t->nodes && !s->memo.full; n++)
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
static bool plant(struct reducer *r, uint32_t number)
{
	struct seeker *s = r->x->seeker;

	for (unsigned g = 0; g < r->whims.agents; g++) {
		r->tree[g] = whim_tree(&r->whims, &r->places, s, &r->standing[0].row, &r->standing[0].stands, g);
		if (!r->tree[g]) {
			r->whims.until = number;
			return false;
		}
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

/* May chains of whims come before the steps from standing[0]? */
static bool whims_possible(const struct reducer *r)
{
	for (unsigned g = 0; g < r->whims.agents; g++)
		if (r->tree[g]->nodes > 1)
			return true;
	return false;
}

/* The state in standing[0] among those that remember what sleeps in them; NULL = this search has none, or a run is looked for. */
static struct sleeper *sleeper_here(struct reducer *r, bool whims)
{
	const struct standing *st = &r->standing[0];
	const uint64_t key[2] = { st->digest[0], r->x->options.wide ? st->digest[1] : 0 };
	struct sleeper *here;

	r->standing[0].asleep = 0;
	if (!sleeps(r) || r->replaying)
		return NULL;
	here = sleeper_find(&r->sleepers, key);
	CHECK(here);
	here->waits = false;
	if (whims)
		here->asleep = 0;
	r->standing[0].asleep = here->asleep;
	return whims ? NULL : here;
}

/* Everything that can be done in standing[0], state `number`. */
void reducer_expand(struct reducer *r, uint32_t number)
{
	const struct offered *action[MAX_ACTIONS];
	const struct row *row = &r->standing[0].row;
	bool late, somebody = false;
	const struct offered *alone = NULL;
	struct sleeper *here;
	uint64_t taken = 0;
	unsigned n;

	memo_columns(&r->x->seeker->memo);
	places_now(&r->places, r->x->seeker, row, &r->standing[0].stands);
	n = seeker_actions(r->x->seeker, row, action);
	places_asked(&r->places, r->x->seeker, row, &r->standing[0].stands);
	r->steps = r->runs = 0;
	for (unsigned i = 0; i < n; i++) {
		somebody |= action[i]->moves;
		r->x->result.offered |= 1ull << action[i]->bit;
	}
	late = reduces(r, REDUCE_WHIMS) && number < r->whims.until && plant(r, number);
	memset(r->useful, 0, sizeof(r->useful));
	if (!somebody && (!final(r, number) || (late && !whims_at_end(r, number))))
		return;
	if (reduces(r, REDUCE_AMPLE) && !reduces(r, REDUCE_FUSE) && (!r->replaying || r->want_run == RUN_ALONE))
		alone = place_ample(&r->places, r->x->seeker, row, &r->standing[0].stands, 0);
	r->alone = alone != NULL;
	if (alone)
		r->runs = RUN_ALONE;
	here = sleeper_here(r, late && whims_possible(r));
	for (unsigned i = 0; i < n; i++) {
		if ((late && !action[i]->moves) || (alone && alone != action[i]))
			continue;
		r->steps = 0;
		if (here && (here->done | r->standing[0].asleep) & 1ull << action[i]->part) {
			r->runs++;
			continue;
		}
		taken |= 1ull << action[i]->part;
		/* A step that goes alone commutes with whims too, or the next check of the futures will say that it does not. */
		if (late && !alone)
			find_useful(r, action[i]);
		if (late && !alone ? !combine(r, number, 0, 0, action[i]) : !run_alone(r, number, action[i]))
			return;
		if (here && sleep_may(r->x->seeker, row, action[i]))
			r->standing[0].asleep |= 1ull << action[i]->part;
	}
	if (here)
		here->done |= taken;
}

