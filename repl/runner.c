/*
 * The search as a job, and what is said about its result.
 */
#include "runner.h"

#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "another.h"
#include "cover.h"
#include "hunt.h"
#include "info.h"
#include "shard.h"
#include "shorten.h"
#include "stepper.h"

/* Address space for one search; only what is used becomes memory. */
#define SEARCH_BYTES ((size_t)3 << 30)
enum {
	STATES_PER_LOOK = 2000,
	NARROW = 100 /* columns below which an answer on the screen is kept short */
};

double runner_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *take_memory(size_t *bytes)
{
	for (*bytes = SEARCH_BYTES; *bytes >= EXPLORE_MIN; *bytes /= 2) {
		void *at = mmap(NULL, *bytes, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (at != MAP_FAILED)
			return at;
	}
	return NULL;
}

static const struct explorer *current;

const struct explorer *runner_current(void)
{
	return current;
}

bool runner_begin(struct runner *r, struct machine *m, const struct explore_options *o)
{
	memset(r, 0, sizeof(*r));
	r->memory = take_memory(&r->bytes);
	if (!r->memory)
		return false;
	r->order = o->order;
	r->started = runner_clock();
	r->x = explore_begin(m, o, r->memory, r->bytes);
	r->result = explore_result(r->x);
	current = r->x;
	return true;
}

bool runner_slice(struct runner *r, int ms)
{
	double end = runner_clock() + ms / 1000.0;
	enum verdict v;

	do
		v = explore_slice(r->x, STATES_PER_LOOK);
	while (v == VERDICT_RUNNING && runner_clock() < end);
	r->seconds = runner_clock() - r->started;
	return v != VERDICT_RUNNING;
}

void runner_end(struct runner *r)
{
	explore_end(r->x);
	current = NULL;
	r->seconds = runner_clock() - r->started;
}

void runner_free(struct runner *r)
{
	if (r->memory)
		munmap(r->memory, r->bytes);
	r->memory = NULL;
}

void duration_text(struct text *t, double seconds)
{
	if (seconds < 1)
		text_add(t, "%.1f ms", seconds * 1e3);
	else
		text_add(t, "%.2f s", seconds);
}

enum verdict runner_verdict(const struct explore_result *r)
{
	return r->rule && r->verdict == VERDICT_BOUND ? VERDICT_VIOLATION : r->verdict;
}

/* ---- explore ---- */

static struct hunt search;   /* one at a time: it is the session's job */
static bool searching;	     /* and not yet making its way shorter */
static uint32_t origin;	     /* the state that it began at */
static bool has_goal;
static bool minimise; /* what random walks and depth first find */

static const char *progress(struct session *s)
{
	static char buf[120];

	(void)s;
	snprintf(buf, sizeof(buf), "%llu states, depth %u, %.1f s",
		 (unsigned long long)search.search.result->states, search.search.result->depth, search.seconds);
	return buf;
}

json_t *runner_rule_names(uint32_t mask, bool lints)
{
	json_t *names = json_array();

	for (unsigned r = 1; r < RULE_COUNT; r++)
		if ((mask & (1u << r)) && (rule_table[r].severity == LINT) == lints)
			json_array_append_new(names, json_string(rule_table[r].name));
	return names;
}

json_t *runner_labels(const struct session *s, const struct explore_result *r)
{
	json_t *trace = json_array();
	char label[MAX_LABEL];

	for (uint32_t i = 0; i < r->trace_length; i++) {
		struct text t = text_over(label, sizeof(label));

		label_text(&t, &s->m->names, &r->trace[i]);
		json_array_append_new(trace, json_string(label));
	}
	return trace;
}

static void say_object(struct session *s, const struct explore_result *r, double seconds,
		       double bytes, uint32_t from)
{
	char reduced[64];
	struct text t = text_over(reduced, sizeof(reduced));
	double rate = seconds > 0 ? (double)r->states / seconds : 0;
	json_t *o =
		json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:I, s:I, s:I, s:I}", "scenario",
			  s->sc->name, "variant", s->sc->variant[s->variant].name, "verdict",
			  verdict_name(runner_verdict(r)), "rule",
			  r->rule ? rule_table[r->rule].name : NULL, "bound", r->bound, "states",
			  (json_int_t)r->states, "transitions", (json_int_t)r->transitions, "depth",
			  (json_int_t)r->depth, "preemptions", (json_int_t)r->preemptions);

	json_object_set_new(o, "goal", json_boolean(r->goal));
	json_object_set_new(o, "seconds", json_real(seconds));
	json_object_set_new(o, "states_per_second", json_real(rate));
	json_object_set_new(o, "bytes_per_state", json_real(bytes));
	json_object_set_new(o, "finals", json_integer((json_int_t)r->finals));
	json_object_set_new(o, "missed_odds", json_real((double)missed_odds(r->states) / 1e12));
	json_object_set_new(o, "trace", runner_labels(s, r));
	reductions_text(&t, search.reduced);
	json_object_set_new(o, "reduced", json_string(search.reduced ? reduced : "none"));
	if (r->exchanges)
		json_object_set_new(o, "symmetries", json_pack("{s:i, s:i, s:i}", "start", (int)r->exchanges, "always",
			(int)r->symmetries, "late", (int)r->late_symmetries));
	json_object_set_new(o, "shortest", json_boolean(search.shortest));
	if (from)
		json_object_set_new(o, "minimised_from", json_integer((json_int_t)from));
	json_object_set_new(o, "rules", runner_rule_names(r->rules, false));
	json_object_set_new(o, "lints", runner_rule_names(r->rules, true));
	shard_json(o, r);
	out_object(&s->out, "explore", o);
}

/* How much was looked at; on a narrow screen in one line. */
static void say_size(struct session *s, const struct explore_result *r, double seconds, double bytes)
{
	bool narrow = s->out.sink && info_width(s) < NARROW;
	char took[32], odds[24];
	struct text t = text_over(took, sizeof(took));

	duration_text(&t, seconds);
	if (missed_odds(r->states))
		snprintf(odds, sizeof(odds), "%.1g", (double)missed_odds(r->states) / 1e12);
	else
		snprintf(odds, sizeof(odds), "below 1e-12");
	if (narrow) {
		out_line(&s->out, "%llu states, depth %u, %s; odds that one was missed: %s",
			 (unsigned long long)r->states, r->depth, took, odds);
		return;
	}
	out_line(&s->out, "%llu states, %llu transitions, depth %u, %s, %.0f states/s, %.0f bytes/state",
		 (unsigned long long)r->states, (unsigned long long)r->transitions, r->depth, took,
		 seconds > 0 ? (double)r->states / seconds : 0, bytes);
	out_line(&s->out, "odds that a state was missed: %s", odds);
}

/* What the answer was found by, where not every state was looked at. */
static void say_reduced(struct session *s)
{
	char words[64];
	struct text t = text_over(words, sizeof(words));

	if (!search.reduced)
		return;
	if (search.reduced == REDUCE_ALL)
		text_add(&t, "all");
	else
		reductions_text(&t, search.reduced);
	out_line(&s->out, search.phase == HUNT_SHORTEST && search.shortest ?
		"reduced (%s), then the shortest way:" :
		"reduced (%s), to the same verdict:", words);
	if (search.result->exchanges)
		out_line(&s->out, "%u way%s for CPUs or tasks to change places: %u all along, %u from some point on",
			search.result->exchanges, search.result->exchanges > 1 ? "s" : "", search.result->symmetries,
			search.result->late_symmetries);
}

void runner_say_rules(struct output *o, uint32_t mask)
{
	for (unsigned rule = 1; rule < RULE_COUNT; rule++)
		if (mask & (1u << rule))
			out_line(o, "%s: %s", rule_table[rule].severity == LINT ? "lint" : "broken", rule_table[rule].name);
}

static void say_text(struct session *s, const struct explore_result *r, double seconds,
		     double bytes, uint32_t from)
{
	static const char *const ways[EXPLORE_ORDERS] = {
		"the shortest way has", "the way with the fewest preemptions has", "the way found first has",
		"the way found first has",
	};
	char way[80];
	struct text wt = text_over(way, sizeof(way));

	text_add(&wt, "%s", search.options.order == ORDER_BREADTH && !search.shortest ? ways[ORDER_DEPTH] :
		ways[search.options.order]);
	if (from) {
		wt = text_over(way, sizeof(way));
		text_add(&wt, "the way found first, minimised from %u steps, has", from);
	}
	shard_say(&s->out);
	say_reduced(s);
	say_size(s, r, seconds, bytes);
	/* On the screen the rule that led here is said once. */
	runner_say_rules(&s->out, s->out.sink ? r->rules & ~(1u << r->rule) : r->rules);
	switch (runner_verdict(r)) {
	case VERDICT_VIOLATION:
		if (r->goal)
			out_line(&s->out,
				 "goal reached: %s %u steps and %u preemptions; this is its end, @goal",
				 way, r->trace_length, r->preemptions);
		else
			out_line(&s->out,
			 "violation of %s: %s %u steps and %u preemption%s; this is its end, @bad",
			 rule_table[r->rule].name, way, r->trace_length, r->preemptions,
			 r->preemptions == 1 ? "" : "s");
		break;
	case VERDICT_CLEAN:
		out_line(&s->out, "clean and complete: no order of steps breaks a rule%s",
			 has_goal ? " or reaches the goal" : "");
		break;
	case VERDICT_BOUND:
		if (strcmp(r->bound, "interrupted") == 0)
			out_line(&s->out, "no answer: interrupted; what was searched is clean");
		else
			out_line(&s->out, "no answer: the bound on %s was hit; what was searched is clean",
				 r->bound);
		break;
	case VERDICT_RUNNING:
		break;
	}
}

void runner_land(struct session *s, const struct explore_result *r, const char *mark,
		 const char *text)
{
	struct complaint c;

	for (uint32_t i = 0; i < r->trace_length; i++) {
		s->quiet = i + 1 < r->trace_length;
		if (stepper_take(s, &r->trace[i]) == HALT_FULL)
			break;
	}
	s->quiet = false;
	session_mark(s, (struct word){ mark, strlen(mark) }, text, &c);
}

/* The search is over, and what it found may be made shorter. */
static void answer(struct session *s)
{
	uint32_t from;
	const struct explore_result *r = shorten_end(search.result, &from);
	double bytes = (double)r->bytes / (double)r->states;

	cover_search(s, r, search.options.all);
	if (!s->out.json)
		say_text(s, r, search.seconds, bytes, from);
	another_from(s, origin);
	if (r->rule) {
		runner_land(s, r, "bad", rule_table[r->rule].name);
		another_seen(s, origin, r->rule, r);
	} else if (r->goal) {
		runner_land(s, r, "goal", "");
	}
	/* Last, so that a reader of JSON finds the answer in the last line. */
	if (s->out.json)
		say_object(s, r, search.seconds, bytes, from);
	s->found |= r->rule != RULE_NONE || r->goal;
	s->bound |= runner_verdict(r) == VERDICT_BOUND;
	hunt_free(&search);
	s->job = (struct job){ 0 };
}

static void stop(struct session *s)
{
	if (searching)
		hunt_stop(&search);
	searching = false;
	answer(s);
}

static bool slice(struct session *s, int ms)
{
	if (searching) {
		if (!hunt_slice(&search, ms))
			return false;
		searching = false;
		if (minimise && !search.shortest && search.options.order != ORDER_PREEMPTION)
			shorten_begin(s->probe, &search.options, search.result);
	}
	if (!shorten_slice(ms))
		return false;
	answer(s);
	return true;
}

enum status explore_start(struct session *s, const struct explore_options *o, const struct explore_manner *how,
			  struct complaint *c)
{
	memcpy(s->probe, s->m, sizeof(*s->probe));
	s->probe->names.op_source = s->probe;
	if (!hunt_begin(&search, s->probe, o, how->may_reduce))
		return complain(c, BAD_LIMIT, "there is no memory for a search");
	searching = true;
	origin = s->t.cursor;
	has_goal = o->goal != NULL;
	minimise = how->shorter;
	search.most_seconds = how->most_seconds;
	s->job = (struct job){ .slice = slice, .stop = stop, .progress = progress };
	return OK;
}
