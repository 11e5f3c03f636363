/*
 * Looking for another counterexample, in stages. Rule: what was shown is forgotten when another
 * machine is built or a search begins elsewhere, never otherwise.
 */
#include "another.h"

#include <stdio.h>
#include <string.h>

#include "hash.h"
#include "runner.h"

enum stage {
	STAGE_RULES,	   /* every rule that can be broken, a shortest way to each */
	STAGE_PREEMPTIONS, /* the way with the fewest preemptions */
	STAGE_RANDOM,
	STAGE_DEPTH, /* in drawn orders: long ways, but there is always another draw */
	STAGES
};

enum {
	MOST_SHOWN = 32, /* older ones may come again */
	MOST_DRAWS = 16, /* of the last stage */
};

static struct {
	unsigned builds; /* of session.builds */
	uint32_t origin;
	uint32_t rules; /* a bit each */
	uint64_t trace[MOST_SHOWN]; /* a ring */
	unsigned traces;	    /* so far */
} shown;

static struct runner search; /* one at a time: it is the session's job */
static enum stage stage;
static unsigned draws;		/* that the last stage has taken */
static bool breakable, bounded; /* the first stage's answer */

static uint64_t trace_digest(const struct explore_result *r)
{
	uint64_t digest = r->trace_length;

	for (uint32_t i = 0; i < r->trace_length; i++) {
		const struct action *a = &r->trace[i];
		const uint64_t words[] = { a->va, a->kind | (uint64_t)a->agent << 8 |
							  (uint64_t)a->task << 16 };

		digest = hash_words(words, 2, digest);
	}
	return digest;
}

static bool is_new(const struct explore_result *r)
{
	for (unsigned i = 0; i < shown.traces && i < MOST_SHOWN; i++)
		if (shown.trace[i] == trace_digest(r))
			return false;
	return true;
}

void another_from(struct session *s, uint32_t origin)
{
	if (shown.builds == s->builds && shown.origin == origin)
		return;
	memset(&shown, 0, sizeof(shown));
	shown.builds = s->builds;
	shown.origin = origin;
}

void another_seen(struct session *s, uint32_t origin, unsigned rule, const struct explore_result *r)
{
	another_from(s, origin);
	shown.rules |= 1u << rule;
	if (is_new(r))
		shown.trace[shown.traces++ % MOST_SHOWN] = trace_digest(r);
}

static bool begin(struct session *s)
{
	static const enum explore_order orders[STAGES] = {
		[STAGE_RULES] = ORDER_BREADTH,
		[STAGE_PREEMPTIONS] = ORDER_PREEMPTION,
		[STAGE_RANDOM] = ORDER_RANDOM,
		[STAGE_DEPTH] = ORDER_DEPTH,
	};
	const struct explore_options options = {
		.order = orders[stage],
		.all = stage == STAGE_RULES,
		.seed = s->set.seed + shown.traces + draws,
		/* A shard alone: what it draws is the order of the actions. */
		.shard = stage == STAGE_DEPTH,
		.shards = stage == STAGE_DEPTH,
	};
	uint32_t here = s->t.cursor;

	timeline_goto(&s->t, shown.origin);
	memcpy(s->probe, s->m, sizeof(*s->probe));
	timeline_goto(&s->t, here);
	s->probe->names.op_source = s->probe;
	return runner_begin(&search, s->probe, &options);
}

/* What the stage has found and was not shown yet: its rule, RULE_NONE when there is nothing; the
 * result's trace then leads there. */
static unsigned find(void)
{
	uint32_t rules = rules_broken(search.result->rules) & ~shown.rules;

	if (stage != STAGE_RULES)
		return search.result->rule && is_new(search.result) ? search.result->rule :
								      RULE_NONE;
	breakable = rules_broken(search.result->rules);
	bounded = search.result->verdict == VERDICT_BOUND;
	for (unsigned rule = 1; rule < RULE_COUNT; rule++)
		if (rules & (1u << rule)) {
			explore_trace_to(search.x, rule);
			return rule;
		}
	return RULE_NONE;
}

static void say_found(struct session *s, unsigned rule, const struct explore_result *r)
{
	static const char *const ways[STAGES] = {
		"a shortest way to this rule",
		"the way with the fewest preemptions",
		"a random way",
		"a way found depth first",
	};

	if (s->out.json)
		out_object(&s->out, "next-bad",
			   json_pack("{s:s, s:s, s:I, s:I, s:I, s:o}", "rule",
				     rule_table[rule].name, "way", ways[stage], "from",
				     (json_int_t)s->t.node[shown.origin].depth, "steps",
				     (json_int_t)r->trace_length, "preemptions",
				     (json_int_t)r->preemptions, "trace", runner_labels(s, r)));
	else
		out_line(&s->out,
			 "violation of %s: %s, %u steps and %u preemption%s; this is its end, "
			 "@bad",
			 rule_table[rule].name, ways[stage], r->trace_length, r->preemptions,
			 r->preemptions == 1 ? "" : "s");
}

static void say_nothing(struct session *s, const char *words)
{
	if (s->out.json)
		out_object(&s->out, "next-bad", json_pack("{s:n, s:s}", "rule", "text", words));
	else
		out_line(&s->out, "%s", words);
}

/* Every stage is over. */
static void say_none(struct session *s)
{
	unsigned depth = s->t.node[shown.origin].depth;
	char words[160];
	struct text t = text_over(words, sizeof(words));

	s->bound |= bounded;
	text_add(&t, "%s",
		 breakable ? "no other counterexample was found: the rules that can be broken were shown, and so were the "
			     "ways that the other orders found" :
		 bounded   ? "no answer: a bound was hit; what was searched is clean" :
			     "clean and complete: no order of steps breaks a rule");
	if (depth)
		text_add(&t, ", from step %u on", depth);
	say_nothing(s, words);
}

static void end(struct session *s)
{
	runner_free(&search);
	s->job = (struct job){ 0 };
}

static void stop(struct session *s)
{
	runner_end(&search);
	end(s);
	s->bound = true;
	say_nothing(s, "interrupted: no other counterexample was found so far");
}

static bool next_stage(void)
{
	if (stage == STAGE_DEPTH)
		return ++draws < MOST_DRAWS;
	stage++;
	return true;
}

static bool slice(struct session *s, int ms)
{
	unsigned rule;

	if (!runner_slice(&search, ms))
		return false;
	runner_end(&search);
	rule = find();
	if (rule) {
		say_found(s, rule, search.result);
		session_goto(s, shown.origin);
		runner_land(s, search.result, "bad", rule_table[rule].name);
		another_seen(s, shown.origin, rule, search.result);
		s->found = true;
		end(s);
		return true;
	}
	runner_free(&search);
	if (!breakable || !next_stage() || !begin(s)) {
		say_none(s);
		s->job = (struct job){ 0 };
		return true;
	}
	return false;
}

static const char *progress(struct session *s)
{
	static char buf[120];

	(void)s;
	snprintf(buf, sizeof(buf), "next-bad: %llu states, depth %u, %.1f s",
		 (unsigned long long)search.result->states, search.result->depth, search.seconds);
	return buf;
}

enum status another_start(struct session *s, bool here, struct complaint *c)
{
	if (here || shown.builds != s->builds)
		another_from(s, s->t.cursor);
	stage = STAGE_RULES;
	draws = 0;
	if (!begin(s))
		return complain(c, BAD_LIMIT, "there is no memory for a search");
	s->job = (struct job){ .slice = slice, .stop = stop, .progress = progress };
	return OK;
}
