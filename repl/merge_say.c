/*
 * What is said of united shards, and going to where their best trace ends.
 */
#include <string.h>

#include "another.h"
#include "cover.h"
#include "merge.h"
#include "runner.h"
#include "shard.h"

/* ---- the machine ---- */

enum status merge_same(const struct merged *u, const char *name, const struct scenario *sc, unsigned variant,
		       const struct machine *m, struct complaint *c)
{
	char text[20], start[20];

	snprintf(text, sizeof(text), "%016llx", (unsigned long long)shard_text(sc));
	snprintf(start, sizeof(start), "%016llx", (unsigned long long)m->digest);
	if (strcmp(text, merge_word(u, "text")))
		return complain(c, BAD_NAME, "'%.60s' has another text than the scenario '%.48s' that the shards searched", name,
				merge_word(u, "scenario"));
	if (strcmp(sc->variant[variant].name, merge_word(u, "variant")))
		return complain(c, BAD_NAME, "the shards searched the variant '%.12s' of '%.60s', not '%s'",
				merge_word(u, "variant"), name, sc->variant[variant].name);
	if (strcmp(start, merge_word(u, "start")))
		return complain(c, BAD_STATE, "the shards did not begin at the start of '%.60s', but at another state of it", name);
	return OK;
}

static bool goal_holds(const struct merged *u, const struct machine *m)
{
	const struct expr_place place = { .m = m };
	struct complaint no;
	struct expr goal;

	return expr_read(m, merge_word(u, "until"), &goal, &no) == OK && !goal.path && expr_true(&goal, &place);
}

/* A complaint about the line of a shard. */
static enum status about(struct session *s, const struct part *p, struct complaint *c)
{
	c->line = p->line;
	snprintf(s->bad_file, sizeof(s->bad_file), "%.199s", p->file);
	return c->status;
}

enum status merge_take(struct session *s, const struct merged *u, struct machine *m, struct explore_result *r,
		       struct complaint *c)
{
	const struct part *p = &u->part[u->best - 1];
	struct complaint why = { 0 };
	bool holds;

	memset(r, 0, sizeof(*r));
	r->rule = p->rule;
	r->goal = p->goal;
	r->preemptions = p->preemptions;
	s->fx.rules = 0;
	while (r->trace_length < p->depth) {
		const char *label = json_string_value(json_array_get(p->trace, r->trace_length));
		struct action *a = &r->trace[r->trace_length++];

		if (label_read(m, label, a, &why) != OK || action_blocked(m, a)) {
			complain(c, BAD_VALUE, "step %u of 'trace', '%.48s', is not possible there: %.100s", r->trace_length,
				 label, why.status ? why.text : action_blocked(m, a));
			return about(s, p, c);
		}
		machine_apply(m, a, &s->fx);
	}
	holds = p->goal ? goal_holds(u, m) :
		p->rule == RULE_DEADLOCK ? machine_stuck(m) : (s->fx.rules & (1u << p->rule)) != 0;
	if (holds)
		return OK;
	complain(c, BAD_VALUE, "'trace' does not lead to what the result says it does: %s",
		 p->goal ? "the goal" : rule_table[p->rule].name);
	return about(s, p, c);
}

/* ---- text ---- */

/* "1 2 5 ..." : the shards that were given `least` to `most` times. Returns how many there are. */
static unsigned numbers(const struct merged *u, unsigned least, unsigned most, struct text *t)
{
	unsigned n = 0;

	for (unsigned i = 0; i < u->parts; i++)
		if (u->part[i].given >= least && u->part[i].given <= most && ++n <= 20)
			text_add(t, "%s%u", n > 1 ? " " : "", i + 1);
	if (n > 20)
		text_add(t, " ... (%u in all)", n);
	return n;
}

/* Counts that stand in the head of the text: how complete the set is. */
static void say_set(struct session *s, const struct merged *u)
{
	char buf[200];
	struct text t = text_over(buf, sizeof(buf));

	out_line(&s->out, "%u of %u shards of %.48s %.12s, order %.12s, seed %.20s", u->there, u->parts,
		 merge_word(u, "scenario"), merge_word(u, "variant"), merge_word(u, "order"), merge_word(u, "seed"));
	if (numbers(u, 0, 0, &t))
		out_line(&s->out, "missing: shard %s", buf);
	t = text_over(buf, sizeof(buf));
	if (numbers(u, 2, UINT32_MAX, &t))
		out_line(&s->out, "given more than once, counted once: shard %s", buf);
	out_line(&s->out, "%u with a violation, %u clean and complete, %u stopped by a bound",
		 u->verdicts[VERDICT_VIOLATION], u->verdicts[VERDICT_CLEAN], u->verdicts[VERDICT_BOUND]);
	out_line(&s->out, "%llu states, %llu transitions, depth %u; a state counts in every shard that reached it",
		 (unsigned long long)u->states, (unsigned long long)u->transitions, u->depth);
	if (u->best && u->proof)
		out_line(&s->out, "the shards disagree: %u says clean and complete, %u has a violation; one of them missed a "
			 "state or is not what it says", u->proof, u->best);
}

static void say_covered(struct session *s, const struct merged *u)
{
	unsigned entered = 0, steps = 0, reached = 0;
	char taken[100], never[100];
	struct text t = text_over(taken, sizeof(taken)), n = text_over(never, sizeof(never));

	for (unsigned i = 0; i < ROUTINE_COUNT; i++)
		if (u->cover.lines[i]) {
			unsigned of, have;

			coverage_count(i, u->cover.lines[i], &of, &have);
			entered++;
			steps += of;
			reached += have;
		}
	for (unsigned k = 0; k < ACTION_KINDS; k++)
		text_add(u->cover.kinds & (1u << k) ? &t : &n, " %s", action_kind_name((enum action_kind)k));
	out_line(&s->out, "covered: %u of the %u steps of %u routines that were entered, of %u there are; `cover` lists the rest",
		 reached, steps, entered, (unsigned)ROUTINE_COUNT);
	out_line(&s->out, "actions taken:%s%s%s", taken, n.len ? "; never:" : "", never);
}

/* The best trace as `do` lines: a file of them is what `follow` reads. */
static void say_trace(struct session *s, const struct part *p)
{
	char buf[120];
	struct text t = text_over(buf, sizeof(buf));
	json_t *label;
	size_t i;

	json_array_foreach(p->trace, i, label) {
		if (t.len + json_string_length(label) > 90) {
			out_line(&s->out, "%s", buf);
			t = text_over(buf, sizeof(buf));
		}
		text_add(&t, "%s%s", t.len ? "; " : "do ", json_string_value(label));
	}
	if (t.len)
		out_line(&s->out, "%s", buf);
}

static void say_violation(struct session *s, const struct merged *u, bool lands)
{
	const struct part *p = &u->part[u->best - 1];
	const char *end = p->goal ? "@goal" : "@bad";

	out_line(&s->out, "%s%s: the best way has %u steps and %u preemption%s, from shard %u (%.60s:%u)%s%s",
		 p->goal ? "goal reached" : "violation of ", p->goal ? "" : rule_table[p->rule].name, p->depth,
		 p->preemptions, p->preemptions == 1 ? "" : "s", u->best, p->file, p->line,
		 lands ? "; this is its end, " : "", lands ? end : "");
	if (!lands)
		say_trace(s, p);
}

static void say_text(struct session *s, const struct merged *u, bool lands)
{
	say_set(s, u);
	runner_say_rules(&s->out, u->rules);
	say_covered(s, u);
	if (u->verdict == VERDICT_VIOLATION)
		say_violation(s, u, lands);
	else if (u->verdict == VERDICT_CLEAN)
		out_line(&s->out, "clean and complete: shard %u took every order of steps, and none breaks a rule%s", u->proof,
			 *merge_word(u, "until") ? " or reaches the goal" : "");
	else
		out_line(&s->out, "no answer: no shard took every order of steps; what was searched is clean");
}

/* ---- JSON ---- */

static json_t *numbers_json(const struct merged *u, unsigned least, unsigned most)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < u->parts; i++)
		if (u->part[i].given >= least && u->part[i].given <= most)
			json_array_append_new(list, json_integer(i + 1));
	return list;
}

static json_t *complete_json(const struct merged *u)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < u->parts; i++)
		if (u->part[i].file && u->part[i].verdict == VERDICT_CLEAN)
			json_array_append_new(list, json_integer(i + 1));
	return list;
}

/* How many shards each bound has stopped. */
static json_t *bounds_json(const struct merged *u)
{
	json_t *bounds = json_object();

	for (unsigned i = 0; i < u->parts; i++) {
		const char *bound = u->part[i].bound;

		if (*bound)
			json_object_set_new(bounds, bound,
					    json_integer(json_integer_value(json_object_get(bounds, bound)) + 1));
	}
	return bounds;
}

static json_int_t count(uint64_t n)
{
	return n > INT64_MAX ? INT64_MAX : (json_int_t)n;
}

static void say_object(struct session *s, const struct merged *u)
{
	const struct part *p = u->best ? &u->part[u->best - 1] : NULL;
	json_t *o = json_pack("{s:s, s:s?, s:b, s:I, s:I, s:I, s:I, s:I}", "verdict", verdict_name(u->verdict), "rule",
			      p && p->rule ? rule_table[p->rule].name : NULL, "goal", p && p->goal, "states",
			      count(u->states), "transitions", count(u->transitions), "finals", count(u->finals), "depth",
			      (json_int_t)(p ? p->depth : u->depth), "preemptions", (json_int_t)(p ? p->preemptions : 0));

	json_object_set(o, "search", u->shared);
	json_object_set_new(o, "given", json_integer(u->there));
	json_object_set_new(o, "missing", numbers_json(u, 0, 0));
	json_object_set_new(o, "twice", numbers_json(u, 2, UINT32_MAX));
	json_object_set_new(o, "complete", complete_json(u));
	json_object_set_new(o, "bounds", bounds_json(u));
	json_object_set_new(o, "disagree", json_boolean(u->best && u->proof));
	json_object_set_new(o, "shard", p ? json_integer(u->best) : json_null());
	json_object_set_new(o, "trace", p ? json_incref(p->trace) : json_array());
	json_object_set_new(o, "rules", runner_rule_names(u->rules, false));
	json_object_set_new(o, "lints", runner_rule_names(u->rules, true));
	json_object_set_new(o, "coverage", coverage_json(&u->cover));
	out_object(&s->out, "merge", o);
}

void merge_finish(struct session *s, const struct merged *u, const struct explore_result *r)
{
	uint32_t origin = s->t.cursor;

	if (!s->out.json)
		say_text(s, u, r != NULL);
	if (r && r->goal) {
		runner_land(s, r, "goal", "");
	} else if (r) {
		runner_land(s, r, "bad", rule_table[r->rule].name);
		another_seen(s, origin, r->rule, r);
	}
	/* Last, so that a reader of JSON finds the answer in the last line. */
	if (s->out.json)
		say_object(s, u);
	cover_merged(u->cover.lines);
	s->found |= u->verdict == VERDICT_VIOLATION;
	s->bound |= u->verdict == VERDICT_BOUND;
}
