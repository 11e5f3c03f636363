/*
 * naive.c - breadth-first search over copies of the world.
 *
 * A waiting state is kept as the words in which it differs from the first one: a copy, only shorter.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "naive.h"

/* The world, and the digests that go with it, which debug builds check at every step. */
#define WORDS (offsetof(struct machine, fx) / sizeof(uint64_t))

struct key {
	uint64_t low, high;
};

struct state {
	uint64_t parent;
	struct action action; /* that led here from the parent */
	uint32_t depth;
	uint32_t words;
	struct {
		uint64_t at, word;
	} * differs; /* NULL once it has been expanded */
};

struct search {
	struct machine *m;
	const struct naive_options *o;
	struct naive_result *out;
	uint64_t first[WORDS]; /* the first state's bytes */
	struct state *state;
	uint64_t cap;
	struct key *seen; /* open addressing, {0, 0} = free */
	uint64_t slots;
	struct effects fx;
};

static bool seen_insert(struct key *seen, uint64_t slots, struct key h)
{
	uint64_t i = h.low & (slots - 1);

	while (seen[i].low || seen[i].high) {
		if (seen[i].low == h.low && seen[i].high == h.high)
			return false;
		i = (i + 1) & (slots - 1);
	}
	seen[i] = h;
	return true;
}

static bool grow(struct search *s)
{
	if (s->out->states == s->cap) {
		uint64_t cap = s->cap ? 2 * s->cap : 1024;
		struct state *state = realloc(s->state, cap * sizeof(*state));

		if (!state)
			return false;
		s->state = state;
		s->cap = cap;
	}
	if (2 * s->out->states >= s->slots) {
		uint64_t slots = s->slots ? 2 * s->slots : 4096;
		struct key *seen = calloc(slots, sizeof(*seen));

		if (!seen)
			return false;
		for (uint64_t i = 0; i < s->slots; i++)
			if (s->seen[i].low || s->seen[i].high)
				seen_insert(seen, slots, s->seen[i]);
		free(s->seen);
		s->seen = seen;
		s->slots = slots;
	}
	return true;
}

/* Keeps the present world as a state to expand, unless it is known.  False: out of memory. */
static bool keep(struct search *s, uint64_t parent, const struct action *a, uint32_t depth)
{
	uint64_t now[WORDS];
	struct state *st;
	struct key key;
	uint32_t n = 0;

	if (!grow(s))
		return false;
	memcpy(now, s->m, sizeof(now));
	key.low = hash_words(now, sizeof(struct world) / sizeof(now[0]), 1);
	key.high = hash_words(now, sizeof(struct world) / sizeof(now[0]), 2);
	if (!seen_insert(s->seen, s->slots, key))
		return true;
	for (size_t i = 0; i < WORDS; i++)
		n += now[i] != s->first[i];
	st = &s->state[s->out->states++];
	*st = (struct state){ .parent = parent, .action = *a, .depth = depth, .words = n };
	st->differs = malloc((n + 1) * sizeof(*st->differs));
	if (!st->differs)
		return false;
	n = 0;
	for (size_t i = 0; i < WORDS; i++)
		if (now[i] != s->first[i]) {
			st->differs[n].at = i;
			st->differs[n++].word = now[i];
		}
	return true;
}

/* Makes the world that of a state. */
static void restore(struct search *s, uint64_t n)
{
	const struct state *st = &s->state[n];
	uint64_t now[WORDS];

	memcpy(now, s->first, sizeof(now));
	for (uint32_t i = 0; i < st->words; i++)
		now[st->differs[i].at] = st->differs[i].word;
	memcpy(s->m, now, sizeof(now));
}

static bool violated(struct search *s, uint64_t from, const struct action *a, unsigned rule)
{
	struct naive_result *out = s->out;
	uint32_t depth = s->state[from].depth + (a ? 1 : 0);

	out->violation = true;
	out->rule = rule;
	out->depth = depth;
	out->trace_length = depth;
	out->trace = calloc(depth + 1u, sizeof(struct action));
	if (!out->trace)
		return false;
	if (a)
		out->trace[--depth] = *a;
	for (uint64_t n = from; depth; n = s->state[n].parent)
		out->trace[--depth] = s->state[n].action;
	return true;
}

/* All successors of one state.  False: out of memory. */
static bool expand(struct search *s, uint64_t n)
{
	struct action a[MAX_ACTIONS];
	const uint32_t depth = s->state[n].depth;
	struct naive_result *out = s->out;
	bool somebody = false;
	unsigned count;

	restore(s, n);
	count = machine_actions(s->m, a);
	for (unsigned i = 0; i < count; i++)
		somebody |= action_is_progress(&a[i]) || a[i].kind == ACT_SWITCH;
	out->finals += !somebody;
	if (machine_stuck(s->m)) {
		out->rules |= 1u << RULE_DEADLOCK;
		if (!out->violation && !violated(s, n, NULL, RULE_DEADLOCK))
			return false;
	}
	for (unsigned i = 0; i < count; i++) {
		if (i)
			restore(s, n);
		machine_apply(s->m, &a[i], &s->fx);
		out->transitions++;
		out->rules |= s->fx.rules;
		if (rules_broken(s->fx.rules)) {
			if (!out->violation && !violated(s, n, &a[i], s->fx.finding.rule))
				return false;
			if (!s->o->all)
				return true;
		}
		if (!keep(s, n, &a[i], depth + 1))
			return false;
	}
	if (!out->violation)
		out->depth = depth;
	free(s->state[n].differs);
	s->state[n].differs = NULL;
	return true;
}

bool naive_explore(struct machine *m, const struct naive_options *o, struct naive_result *out)
{
	struct machine *before = malloc(sizeof(*before));
	struct search *s = calloc(1, sizeof(*s));
	bool ok = before && s;
	const struct action none = { 0 };

	*out = (struct naive_result){ 0 };
	if (ok) {
		memcpy(before, m, sizeof(*m));
		s->m = m;
		s->o = o;
		s->out = out;
		memcpy(s->first, m, sizeof(s->first));
		m->quiet = true;
		ok = keep(s, 0, &none, 0);
		for (uint64_t n = 0; ok && n < out->states; n++) {
			if ((out->violation && !o->all) ||
			    (o->max_states && out->states > o->max_states))
				break;
			ok = expand(s, n);
			out->complete = n + 1 == out->states;
		}
		out->complete = out->complete && (!out->violation || o->all);
		memcpy(m, before, sizeof(*m));
		for (uint64_t n = 0; n < out->states; n++)
			free(s->state[n].differs);
		free(s->state);
		free(s->seen);
	}
	free(before);
	free(s);
	return ok;
}
