/*
 * The job behind `litmus`: a row per test, shown as soon as it is decided.
 */
#include "litmus_job.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "library.h"
#include "litmus.h"
#include "runner.h"
#include "task.h"

#define MOST_BYTES ((size_t)4 << 20)

enum {
	MOST_NAMES = 32
};

/* What is looked for in one search. */
enum quest {
	QUEST_OUTCOME, /* an end that shows the outcome */
	QUEST_OTHER,   /* an end that does not */
	QUESTS
};

static struct {
	char *text;
	struct litmus_text rest;
	char path[SCENARIO_PATH];
	char name[MOST_NAMES][48]; /* the tests that are wanted; none = all */
	unsigned names;
	bool ipi;
	uint64_t max_states;
	struct litmus test;
	bool running;
	enum quest quest;
	struct runner search;
	bool reached[QUESTS], bound;
	uint64_t states, transitions;
	double seconds;
	struct action way[QUESTS][MAX_TRACE];
	uint32_t steps[QUESTS];
	unsigned rows, differ;
} work;

static bool wanted(const char *name)
{
	for (unsigned i = 0; i < work.names; i++)
		if (!strcmp(name, work.name[i]))
			return true;
	return !work.names;
}

/* ---- searching ---- */

static bool end_reached(const struct machine *m, void *self)
{
	enum quest *quest = self;

	return machine_finished(m) && litmus_holds(&work.test, m) == (*quest == QUEST_OUTCOME);
}

/* The machine of the test, at its start, in session.probe. */
static bool build(struct session *s, struct complaint *c)
{
	return scenario_read(s->spare, work.test.name, work.test.scenario, s->probe, &s->fx, c) == OK &&
	       scenario_build(s->spare, work.ipi, s->probe, &s->fx, c) == OK;
}

static bool search_begin(struct session *s, enum quest quest)
{
	const struct explore_options options = {
		.model = &raw_model,
		.goal = end_reached,
		.goal_self = &work.quest,
		.max_states = work.max_states,
	};
	struct complaint c = { 0 };

	work.quest = quest;
	work.running = build(s, &c) && runner_begin(&work.search, s->probe, &options);
	if (!work.running) {
		out_error(&s->out, "%s: %s", work.test.name, c.status ? c.text : "there is no memory for a search");
		s->failure = true;
	}
	return work.running;
}

static void search_end(void)
{
	const struct explore_result *r = work.search.result;

	runner_end(&work.search);
	work.reached[work.quest] = r->goal;
	work.bound |= r->verdict == VERDICT_BOUND;
	work.states += r->states;
	work.transitions += r->transitions;
	work.seconds += work.search.seconds;
	work.steps[work.quest] = r->goal ? r->trace_length : 0;
	memcpy(work.way[work.quest], r->trace, work.steps[work.quest] * sizeof(work.way[0][0]));
	runner_free(&work.search);
	work.running = false;
}

/* ---- what is said ---- */

/* What the searches say; UNSAID when a bound was hit before they could. */
static enum litmus_verdict verdict(void)
{
	if (!work.reached[QUEST_OUTCOME])
		return work.bound ? LITMUS_UNSAID : LITMUS_FORBIDDEN;
	if (work.reached[QUEST_OTHER] || (work.bound && work.test.published != LITMUS_REQUIRED))
		return LITMUS_ALLOWED;
	return work.bound ? LITMUS_UNSAID : LITMUS_REQUIRED;
}

/* Takes the step in session.probe; what it did in words. */
static void step_words(struct session *s, const struct action *a, struct text *t)
{
	struct machine *m = s->probe;
	unsigned task = a->kind == ACT_STEP ? cpu_context(m, a->agent) : NONE;
	const struct op *op = NULL;

	if (task < MAX_TASKS)
		op = &peek_program(m, task)->op[peek_task(m, task)->op];
	if (op && !(op->kind == OP_SHOOT && work.ipi)) {
		name_text(t, &m->names, NAME_TASK, task);
		text_add(t, ": ");
		op_text(t, &m->names, op);
	} else {
		action_text(t, m, a);
	}
	machine_apply(m, a, &s->fx);
	if (!op)
		return;
	if (peek_task(m, task)->result == RES_SIGSEGV)
		text_add(t, ": fault");
	else if (op->kind == OP_LD || op->kind == OP_LDPTE) {
		text_add(t, " = ");
		register_text(t, &m->names, peek_regs(m, task)->r[op->reg]);
	}
}

static void say_way(struct session *s, enum quest quest)
{
	struct complaint c;
	char label[MAX_LABEL], words[200];

	if (!work.reached[quest] || !build(s, &c))
		return;
	out_line(&s->out, "    %s %s", quest == QUEST_OUTCOME ? "a way to" : "a way past", work.test.ask);
	for (uint32_t i = 0; i < work.steps[quest]; i++) {
		struct text t = text_over(label, sizeof(label)), w = text_over(words, sizeof(words));

		label_text(&t, &s->probe->names, &work.way[quest][i]);
		step_words(s, &work.way[quest][i], &w);
		out_line(&s->out, "      %-26s  %s", label, words);
	}
}

static json_t *labels(struct session *s, enum quest quest)
{
	json_t *way = json_array();
	char label[MAX_LABEL];

	for (uint32_t i = 0; i < work.steps[quest]; i++) {
		struct text t = text_over(label, sizeof(label));

		label_text(&t, &s->probe->names, &work.way[quest][i]);
		json_array_append_new(way, json_string(label));
	}
	return way;
}

static void say_row(struct session *s)
{
	enum litmus_verdict v = verdict();
	const char *is = v ? litmus_verdict_name(v) : "no answer", *was = litmus_verdict_name(work.test.published);
	const char *well = !v ? "BOUND" : !litmus_agrees(v, work.test.published) ? "DIFFERS" : work.test.published ? "ok" : "";
	bool past = v == LITMUS_ALLOWED && work.test.published == LITMUS_REQUIRED;

	work.rows++;
	work.differ += v && !litmus_agrees(v, work.test.published);
	s->bound |= !v;
	if (s->out.json) {
		out_object(&s->out, "litmus",
			   json_pack("{s:s, s:s, s:s, s:b, s:s, s:I, s:I, s:f, s:o, s:o}", "test", work.test.name, "verdict",
				     is, "published", was, "ok", v && litmus_agrees(v, work.test.published), "ask", work.test.ask, "states",
				     (json_int_t)work.states, "transitions", (json_int_t)work.transitions, "seconds",
				     work.seconds, "way", labels(s, QUEST_OUTCOME), "way_past",
				     labels(s, QUEST_OTHER)));
	} else {
		out_line(&s->out, "%-16s %-10s %-10s %9llu %-7s %s", work.test.name, is, was,
			 (unsigned long long)work.states, well, work.test.title);
		say_way(s, QUEST_OUTCOME);
		if (past)
			say_way(s, QUEST_OTHER);
	}
	s->failure |= !out_flush(&s->out);
}

/* ---- the job ---- */

static void end(struct session *s)
{
	if (work.running)
		search_end();
	free(work.text);
	work.text = NULL;
	s->job = (struct job){ 0 };
}

static void stop(struct session *s)
{
	end(s);
	s->bound = true;
	out_line(&s->out, "interrupted after %u tests", work.rows);
}

/* The next test that is wanted; false when there is none. All of them have been read once. */
static bool next(struct session *s)
{
	struct complaint c = { 0 };

	while (litmus_next(&work.rest, &work.test, s->probe, &s->fx, &c))
		if (wanted(work.test.name)) {
			work.states = work.transitions = 0;
			work.seconds = 0;
			work.bound = false;
			memset(work.reached, 0, sizeof(work.reached));
			memset(work.steps, 0, sizeof(work.steps));
			return search_begin(s, QUEST_OUTCOME);
		}
	return false;
}

static bool slice(struct session *s, int ms)
{
	if (work.running) {
		if (!runner_slice(&work.search, ms))
			return false;
		search_end();
		/* Does every end show it? */
		if (work.quest == QUEST_OUTCOME && work.reached[QUEST_OUTCOME] && search_begin(s, QUEST_OTHER))
			return false;
		say_row(s);
	}
	if (next(s))
		return false;
	end(s);
	if (!s->out.json)
		out_line(&s->out, "%u test%s, %u differ%s", work.rows, work.rows == 1 ? "" : "s", work.differ,
			 work.differ == 1 ? "s" : "");
	s->found |= work.differ > 0;
	return true;
}

static const char *progress(struct session *s)
{
	static char buf[120];

	(void)s;
	snprintf(buf, sizeof(buf), "litmus %.48s: %llu states", work.test.name,
		 work.running ? (unsigned long long)work.search.result->states : 0ull);
	return buf;
}

/* ---- beginning ---- */

static enum status wish_read(const char *words, struct complaint *c)
{
	struct word w;

	while (arg_next(&words, &w)) {
		if (word_is(w, "--ipi")) {
			work.ipi = true;
		} else if (word_is(w, "--max-states")) {
			w = (struct word){ "the end of the line", 19 };
			arg_next(&words, &w);
			if (!word_number(w, &work.max_states) || !work.max_states)
				return complain(c, BAD_VALUE, "'%.*s' after --max-states should be a number, at least 1",
						(int)(w.len < 60 ? w.len : 60), w.at);
		} else if (!work.path[0]) {
			arg_copy(w, work.path, sizeof(work.path));
		} else if (w.len && *w.at == '-') {
			return complain(c, BAD_SYNTAX, "'%.*s' is not understood: litmus FILE [NAME ...] [--ipi] [--max-states N]",
					(int)(w.len < 60 ? w.len : 60), w.at);
		} else if (work.names == MOST_NAMES) {
			return complain(c, BAD_LIMIT, "at most %d tests can be named", MOST_NAMES);
		} else {
			arg_copy(w, work.name[work.names++], sizeof(work.name[0]));
		}
	}
	if (!work.path[0])
		return complain(c, BAD_SYNTAX, "litmus needs a file of tests, or - for standard input");
	return OK;
}

/* Reads every test, so that a mistake in the last one is told before the first is run. */
static enum status read_through(struct session *s, struct complaint *c)
{
	bool found[MOST_NAMES] = { false };
	unsigned tests = 0;

	work.rest = (struct litmus_text){ work.text, 1 };
	for (; litmus_next(&work.rest, &work.test, s->probe, &s->fx, c); tests++)
		for (unsigned i = 0; i < work.names; i++)
			found[i] |= !strcmp(work.test.name, work.name[i]);
	work.rest = (struct litmus_text){ work.text, 1 };
	if (c->status != OK) {
		snprintf(s->bad_file, sizeof(s->bad_file), "%.199s", strcmp(work.path, "-") ? work.path : "standard input");
		return c->status;
	}
	c->line = 0;
	for (unsigned i = 0; i < work.names; i++)
		if (!found[i])
			return complain(c, BAD_NAME, "'%s' should be a test of %.80s", work.name[i], work.path);
	return tests ? OK : complain(c, BAD_FILE, "%.80s: there is no test in it: one begins with [NAME]", work.path);
}

static enum status open_text(struct session *s, struct complaint *c)
{
	enum status status;

	if (s->interactive && !strcmp(work.path, "-"))
		return complain(c, BAD_FILE, "standard input is where you type: give the file of the tests");
	work.text = library_text(work.path, "a file of litmus tests", MOST_BYTES, c);
	if (!work.text)
		return c->status;
	status = read_through(s, c);
	if (status != OK) {
		free(work.text);
		work.text = NULL;
	}
	return status;
}

enum status litmus_start(struct session *s, const char *words, struct complaint *c)
{
	enum status status;

	memset(&work, 0, sizeof(work));
	status = wish_read(words, c);
	if (status == OK)
		status = open_text(s, c);
	if (status != OK)
		return status;
	if (!s->out.json)
		out_line(&s->out, "%-16s %-10s %-10s %9s", "test", "verdict", "published", "states");
	s->job = (struct job){ .slice = slice, .stop = stop, .progress = progress };
	return OK;
}

enum status litmus_load(struct session *s, const char *path, const char *name, const char *variant, struct complaint *c)
{
	enum status status;

	memset(&work, 0, sizeof(work));
	snprintf(work.path, sizeof(work.path), "%s", path);
	snprintf(work.name[0], sizeof(work.name[0]), "%s", name);
	work.names = 1;
	status = open_text(s, c);
	if (status != OK)
		return status;
	while (litmus_next(&work.rest, &work.test, s->probe, &s->fx, c) && !wanted(work.test.name))
		;
	free(work.text);
	work.text = NULL;
	return session_begin(s, work.test.name, work.test.scenario, variant, c);
}
