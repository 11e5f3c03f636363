/*
 * Minimising as long work. One at a time: it belongs to the session's job.
 */
#include "shorten.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "minimise.h"

enum {
	STEPS_PER_LOOK = 5000
};

static struct {
	struct minimiser *x; /* NULL = nothing is made shorter */
	void *memory;
	unsigned rule;
	struct explore_result result; /* with the way that is left */
} work;

static bool begin(struct machine *m, const struct minimise_end *end, const struct action *trace,
		  uint32_t length)
{
	work.memory = calloc(1, MINIMISE_BYTES);
	work.rule = end->rule;
	work.x = work.memory ? minimise_begin(m, end, trace, length, work.memory) : NULL;
	return work.x;
}

static struct minimised finish(void)
{
	struct minimised least = *minimise_result(work.x);

	minimise_end(work.x);
	free(work.memory);
	work.x = NULL;
	memcpy(work.result.trace, least.trace, sizeof(least.trace));
	work.result.trace_length = work.result.depth = least.cost.steps;
	work.result.preemptions = least.cost.preemptions;
	return least;
}

/* ---- behind a search ---- */

void shorten_begin(struct machine *m, const struct explore_options *o,
		   const struct explore_result *r)
{
	const struct minimise_end end = { .rule = r->rule,
					  .goal = o->goal,
					  .goal_self = o->goal_self };

	if (r->rule || r->goal)
		begin(m, &end, r->trace, r->trace_length);
}

bool shorten_slice(int ms)
{
	double until = runner_clock() + ms / 1000.0;

	while (work.x && !minimise_slice(work.x, STEPS_PER_LOOK))
		if (runner_clock() >= until)
			return false;
	return true;
}

const struct explore_result *shorten_end(const struct explore_result *r, uint32_t *from)
{
	*from = 0;
	if (!work.x)
		return r;
	work.result = *r;
	*from = finish().given.steps;
	return &work.result;
}

/* ---- minimise ---- */

static void say(struct session *s, const struct minimised *least, bool better)
{
	const struct schedule_cost *from = &least->given, *to = &least->cost;
	const char *rule = rule_table[work.rule].name;

	if (s->out.json) {
		out_object(&s->out, "minimise",
			   json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o}", "rule",
				     rule, "better", better, "steps", (json_int_t)to->steps,
				     "steps_before", (json_int_t)from->steps, "preemptions",
				     (json_int_t)to->preemptions, "preemptions_before",
				     (json_int_t)from->preemptions, "switches",
				     (json_int_t)to->switches, "whims", (json_int_t)to->whims,
				     "complete", least->complete, "trace",
				     runner_labels(s, &work.result)));
		return;
	}
	if (better)
		out_line(&s->out,
			 "violation of %s: %u steps, %u preemptions and %u switches became %u, %u and "
			 "%u; this is its end, @bad",
			 rule, from->steps, from->preemptions, from->switches, to->steps,
			 to->preemptions, to->switches);
	else
		out_line(&s->out,
			 "violation of %s: nothing can be left out; %u steps, %u preemptions and %u "
			 "switches stay",
			 rule, to->steps, to->preemptions, to->switches);
	out_line(&s->out, least->complete ?
				  "no other order of these steps gets there sooner" :
				  "not every order of these steps was tried: there may be a shorter one");
}

static bool done(struct session *s)
{
	const struct minimised least = finish();
	bool better = schedule_better(&least.cost, &least.given);

	s->job = (struct job){ 0 };
	if (!s->out.json)
		say(s, &least, better);
	if (better) {
		session_goto(s, 0);
		runner_land(s, &work.result, "bad", rule_table[work.rule].name);
	}
	/* Last, as the answer of a search is. */
	if (s->out.json)
		say(s, &least, better);
	s->found = true;
	return true;
}

static bool slice(struct session *s, int ms)
{
	return shorten_slice(ms) && done(s);
}

/* What is shorter so far is shorter. */
static void stop(struct session *s)
{
	done(s);
}

static const char *progress(struct session *s)
{
	static char buf[80];
	const struct minimised *least = minimise_result(work.x);

	(void)s;
	snprintf(buf, sizeof(buf), "minimise: %u of %u steps are left", least->cost.steps,
		 least->given.steps);
	return buf;
}

/* The state that breaks the newest rule of the path, NO_NODE when none is broken. */
static uint32_t finding_node(const struct session *s, unsigned *rule)
{
	uint32_t n = s->t.cursor;

	*rule = session_finding(s);
	if (*rule == RULE_NONE)
		return NO_NODE;
	while (*rule != RULE_DEADLOCK && !s->t.node[n].finding.rule)
		n = s->t.node[n].parent;
	return n;
}

enum status minimise_start(struct session *s, struct complaint *c)
{
	struct minimise_end end = { 0 };
	uint32_t node = finding_node(s, &end.rule), here = s->t.cursor;
	uint32_t length = node == NO_NODE ? 0 : s->t.node[node].depth;
	static struct action trace[MAX_TRACE];

	if (node == NO_NODE)
		return complain(c, BAD_STATE,
				"no rule is broken up to here: `explore` looks for a way to break one");
	if (length > MAX_TRACE)
		return complain(c, BAD_LIMIT, "the way has %u steps: MAX_TRACE is %u", length,
				MAX_TRACE);
	for (uint32_t n = node; n; n = s->t.node[n].parent)
		trace[s->t.node[n].depth - 1] = s->t.node[n].action;
	timeline_goto(&s->t, 0);
	memcpy(s->probe, s->m, sizeof(*s->probe));
	timeline_goto(&s->t, here);
	s->probe->names.op_source = s->probe;
	if (!begin(s->probe, &end, trace, length))
		return complain(c, BAD_LIMIT, "there is no memory to minimise in");
	s->job = (struct job){ .slice = slice, .stop = stop, .progress = progress };
	return OK;
}
