/*
 * minimise.c - leaving out and moving parts of a way, in stages; then the search of its interleavings.
 *
 * Each stage makes one candidate after the other from the best way so far; a candidate is taken from where it
 * differs from what was taken last.
 */
#include <string.h>

#include "corridor.h"
#include "minimise.h"
#include "trial.h"
#include "store.h"

enum stage {
	STAGE_ENDS,	/* of an actor: the last of its steps, all of them first */
	STAGE_PARTS,	/* what stands together in the way, halves first */
	STAGE_BLOCKS,	/* one actor's steps, moved to those that it took before, or these to them */
	STAGE_CORRIDOR,
	STAGE_OVER
};

#define FIRST_WINDOW 16u	/* steps at the end of the way that the first search is about */
#define MOST_APPLIED (1u << 23)	/* steps taken on trial: a second or two */

struct minimiser {
	struct minimise_end end;
	bool was_quiet;
	struct trial trial;
	struct minimised best;
	struct action candidate[MAX_TRACE];
	uint32_t length;	/* of the candidate */
	enum stage stage;
	bool begun;		/* the stage */
	bool worked;		/* the last candidate was better */
	bool gained;		/* so was any since the first stage began */
	bool last_round;	/* the search is over: only once more through the stages */
	unsigned lane;		/* STAGE_ENDS */
	uint32_t at, size;
	bool earlier;		/* STAGE_BLOCKS: which of the two blocks moves */
	uint32_t window;
	struct corridor corridor;
};

/* ---- candidates ---- */

static void append(struct minimiser *x, uint32_t from, uint32_t to)
{
	memcpy(&x->candidate[x->length], &x->best.trace[from], (to - from) * sizeof(x->candidate[0]));
	x->length += to - from;
}

static uint32_t count_of_lane(const struct minimiser *x, unsigned lane)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->best.cost.steps; i++)
		n += action_lane(&x->best.trace[i]) == lane;
	return n;
}

static void without_end(struct minimiser *x, unsigned lane, uint32_t keep)
{
	x->length = 0;
	for (uint32_t i = 0; i < x->best.cost.steps; i++)
		if (action_lane(&x->best.trace[i]) != lane || keep) {
			keep -= action_lane(&x->best.trace[i]) == lane;
			append(x, i, i + 1);
		}
}

static bool next_end(struct minimiser *x, bool worked)
{
	if (!x->begun) {
		x->lane = 0;
		x->size = UINT32_MAX;
	} else if (!worked) {
		x->size /= 2;
	}
	for (; x->lane < LANES; x->lane++, x->size = UINT32_MAX) {
		uint32_t count = count_of_lane(x, x->lane);

		if (x->size > count)
			x->size = count;
		if (!x->size)
			continue;
		without_end(x, x->lane, count - x->size);
		return true;
	}
	return false;
}

static bool next_part(struct minimiser *x, bool worked)
{
	uint32_t n = x->best.cost.steps;

	(void)worked;
	if (!x->begun) {
		x->size = n / 2;
		x->at = n;
	} else if (!x->at) {
		x->size /= 2;
		x->at = n;
	}
	if (!x->size)
		return false;
	if (x->at > n)
		x->at = n;
	x->at -= x->size < x->at ? x->size : x->at;
	x->length = 0;
	append(x, 0, x->at);
	if (x->at + x->size < n)
		append(x, x->at + x->size, n);
	return true;
}

static uint32_t block_end(const struct minimiser *x, uint32_t at)
{
	unsigned lane = action_lane(&x->best.trace[at]);

	while (at < x->best.cost.steps && action_lane(&x->best.trace[at]) == lane)
		at++;
	return at;
}

static uint32_t block_start(const struct minimiser *x, uint32_t at)
{
	unsigned lane = action_lane(&x->best.trace[at]);

	while (at && action_lane(&x->best.trace[at - 1]) == lane)
		at--;
	return at;
}

/* The block that begins at `at` joins the block of its actor before it, or that one joins it. */
static bool join(struct minimiser *x, uint32_t at)
{
	unsigned lane = action_lane(&x->best.trace[at]);
	uint32_t end = block_end(x, at), before = at;

	while (before && action_lane(&x->best.trace[before - 1]) != lane)
		before--;
	if (!before)
		return false;
	x->length = 0;
	if (x->earlier) {
		uint32_t start = block_start(x, before - 1);

		append(x, 0, start);
		append(x, before, at);
		append(x, start, before);
		append(x, at, x->best.cost.steps);
	} else {
		append(x, 0, before);
		append(x, at, end);
		append(x, before, at);
		append(x, end, x->best.cost.steps);
	}
	return true;
}

static bool next_block(struct minimiser *x, bool worked)
{
	if (!x->begun || worked) {
		x->at = 0;
		x->earlier = true;
	}
	while (x->at < x->best.cost.steps) {
		x->earlier = !x->earlier;
		if (!x->earlier)
			x->at = block_end(x, x->at);
		if (x->at < x->best.cost.steps && join(x, x->at))
			return true;
	}
	return false;
}

/* ---- trying ---- */

static void keep(struct minimiser *x)
{
	x->best.cost = x->trial.schedule.cost;
	for (uint32_t i = 0; i < x->trial.length; i++)
		x->best.trace[i] = x->trial.step[i].action;
	x->gained = true;
}

/* Takes the candidate's steps that are possible.  True when it is better, and then it is kept. */
static bool try(struct minimiser *x)
{
	struct trial *t = &x->trial;
	uint32_t same = 0;

	while (same < x->length && same + 1 < t->length && action_same(&t->step[same].action, &x->candidate[same]))
		same++;
	trial_cut(t, same);
	for (uint32_t i = same; i < x->length; i++) {
		enum trial_reached reached;

		if (action_blocked(t->m, &x->candidate[i]))
			continue;
		if (t->length == x->best.cost.steps)
			return false;
		reached = trial_take(t, &x->candidate[i]);
		if (reached == TRIAL_GOES_ON)
			continue;
		if (reached != TRIAL_END || !schedule_better(&t->schedule.cost, &x->best.cost))
			return false;
		keep(x);
		return true;
	}
	return false;
}

/* ---- stages ---- */

static void enter(struct minimiser *x, enum stage stage)
{
	x->stage = stage;
	x->begun = false;
}

/* Puts the machine on the best way, before its last `window` steps, and opens the search there. */
static void corridor_enter(struct minimiser *x)
{
	uint32_t n = x->best.cost.steps, base = x->window < n ? n - x->window : 0;
	struct trial *t = &x->trial;

	trial_cut(t, 0);
	for (uint32_t i = 0; i < base; i++)
		if (trial_take(t, &x->best.trace[i]) == TRIAL_FULL)
			CHECK_NEVER("the best way has been taken before");
	corridor_open(&x->corridor, t, &x->best.trace[base], n - base);
	x->gained = false;
	x->begun = true;
}

/* The search has ended: once more through the stages if it gained, else on to a longer end of the way. */
static void corridor_leave(struct minimiser *x)
{
	x->last_round = !x->corridor.base || x->corridor.full;
	x->best.complete = !x->corridor.base && !x->corridor.full;
	if (!x->gained)
		x->window *= 2;
	if (x->gained)
		enter(x, STAGE_ENDS);
	else
		enter(x, x->last_round ? STAGE_OVER : STAGE_CORRIDOR);
	x->gained = false;
}

static void corridor_work(struct minimiser *x)
{
	if (!x->begun)
		corridor_enter(x);
	switch (corridor_step(&x->corridor, &x->trial, &x->best.cost)) {
	case CORRIDOR_GOES_ON:
		break;
	case CORRIDOR_BETTER:
		keep(x);
		break;
	case CORRIDOR_DONE:
		corridor_leave(x);
		break;
	}
}

/* Behind the last stage: again if it was of use, else on to the search. */
static void stage_leave(struct minimiser *x)
{
	if (x->stage != STAGE_BLOCKS) {
		enter(x, x->stage + 1);
		return;
	}
	if (x->gained)
		enter(x, STAGE_ENDS);
	else
		enter(x, x->last_round ? STAGE_OVER : STAGE_CORRIDOR);
	x->gained = false;
}

static void candidate_work(struct minimiser *x)
{
	static bool (*const next[])(struct minimiser *x, bool worked) = {
		[STAGE_ENDS] = next_end, [STAGE_PARTS] = next_part, [STAGE_BLOCKS] = next_block,
	};

	if (next[x->stage](x, x->begun && x->worked)) {
		x->begun = true;
		x->worked = try(x);
	} else {
		stage_leave(x);
	}
}

bool minimise_slice(struct minimiser *x, uint64_t steps)
{
	uint64_t until = x->trial.applied + steps;

	while (x->stage != STAGE_OVER && x->trial.applied < until) {
		if (x->trial.applied >= MOST_APPLIED)
			enter(x, STAGE_OVER);
		else if (x->stage == STAGE_CORRIDOR)
			corridor_work(x);
		else
			candidate_work(x);
	}
	x->best.applied = x->trial.applied;
	return x->stage == STAGE_OVER;
}

/* ---- begin and end ---- */

/* Takes the way that was given, up to its end.  False when there is no room for it. */
static bool first(struct minimiser *x, const struct action *trace, uint32_t length)
{
	struct trial *t = &x->trial;

	for (uint32_t i = 0; i < length; i++) {
		CHECK(!action_blocked(t->m, &trace[i]));
		switch (trial_take(t, &trace[i])) {
		case TRIAL_FULL:
			return false;
		case TRIAL_END:
			x->best.given = t->schedule.cost;
			keep(x);
			return true;
		case TRIAL_OTHER:
			t->past = true;
			break;
		case TRIAL_GOES_ON:
			break;
		}
	}
	CHECK_NEVER("the way does not lead to its end");
}

struct minimiser *minimise_begin(struct machine *m, const struct minimise_end *end, const struct action *trace,
	uint32_t length, void *memory)
{
	struct arena a = { memory, MINIMISE_BYTES };
	struct minimiser *x = arena_take(&a, sizeof(*x));

	CHECK(x && length <= MAX_TRACE);
	x->end = *end;
	x->was_quiet = m->quiet;
	m->quiet = true;
	x->trial.m = m;
	x->trial.end = &x->end;
	x->trial.step = arena_take(&a, MAX_TRACE * sizeof(*x->trial.step));
	x->corridor.tried = arena_take(&a, CORRIDOR_DEPTH);
	x->corridor.chosen = arena_take(&a, CORRIDOR_DEPTH);
	x->corridor.seen = arena_take(&a, CORRIDOR_SEEN * sizeof(*x->corridor.seen));
	x->trial.undo_cap = a.left - 64;
	x->trial.undo = arena_take(&a, x->trial.undo_cap);
	CHECK(x->trial.step && x->corridor.tried && x->corridor.chosen && x->corridor.seen && x->trial.undo);
	x->window = FIRST_WINDOW;
	if (!first(x, trace, length)) {
		x->best.given.steps = x->best.cost.steps = length;
		memcpy(x->best.trace, trace, length * sizeof(trace[0]));
		x->stage = STAGE_OVER;
	}
	x->gained = false;
	return x;
}

const struct minimised *minimise_result(const struct minimiser *x)
{
	return &x->best;
}

void minimise_end(struct minimiser *x)
{
	trial_cut(&x->trial, 0);
	x->trial.m->quiet = x->was_quiet;
}
