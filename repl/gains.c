/*
 * The same search again and again: whole, then by each reduction, then by all of them. Every row must say the
 * same; one that does not is a bug of the search, and is said.
 */
#include "gains.h"

#include <string.h>

#include "hunt.h"

static const unsigned rows[] = {
	0, REDUCE_WHIMS, REDUCE_AMPLE, REDUCE_AMPLE | REDUCE_FUSE, REDUCE_SYMMETRY, REDUCE_COUNTERS, REDUCE_SLEEP,
	REDUCE_ALL,
};

enum {
	ROWS = sizeof(rows) / sizeof(rows[0])
};

static struct {
	struct runner search;
	unsigned row;
	struct explore_result whole; /* of the first row */
	bool running;
} work;

static void say_row(struct session *s)
{
	const struct explore_result *r = work.search.result;
	bool differs = work.row && r->verdict != VERDICT_BOUND && work.whole.verdict != VERDICT_BOUND &&
		       (r->verdict != work.whole.verdict || r->rules != work.whole.rules);
	char words[64], took[32];
	struct text t = text_over(words, sizeof(words)), d = text_over(took, sizeof(took));
	const char *name = !rows[work.row] ? "nothing" : rows[work.row] == REDUCE_ALL ? "all" : words;
	/* What sleeps saves no states. */
	double factor = rows[work.row] == REDUCE_SLEEP ? (double)work.whole.transitions / (double)r->transitions :
							 (double)work.whole.states / (double)r->states;

	reductions_text(&t, rows[work.row]);
	duration_text(&d, work.search.seconds);
	if (s->out.json)
		out_object(&s->out, "gain",
			   json_pack("{s:s, s:s, s:I, s:I, s:f, s:f}", "reduced", rows[work.row] ? words : "none", "verdict",
				     verdict_name(runner_verdict(r)), "states", (json_int_t)r->states, "transitions",
				     (json_int_t)r->transitions, "seconds", work.search.seconds, "fewer", factor));
	else
		out_line(&s->out, "%-12s %-9s %9llu states %9llu steps %8s %6.2fx fewer", name,
			 verdict_name(runner_verdict(r)), (unsigned long long)r->states,
			 (unsigned long long)r->transitions, took, factor);
	if (differs)
		out_error(&s->out, "the reduced search disagrees: this is a bug of the search");
	s->failure |= differs;
}

static bool begin(struct session *s)
{
	struct explore_options o = { .all = true, .reduce = rows[work.row] };

	work.running = runner_begin(&work.search, s->probe, &o);
	return work.running;
}

static void stop(struct session *s)
{
	if (work.running) {
		runner_end(&work.search);
		runner_free(&work.search);
	}
	s->bound = true;
	out_line(&s->out, "interrupted after %u rows", work.row);
	s->job = (struct job){ 0 };
}

static bool slice(struct session *s, int ms)
{
	if (!runner_slice(&work.search, ms))
		return false;
	runner_end(&work.search);
	if (!work.row)
		work.whole = *work.search.result;
	say_row(s);
	runner_free(&work.search);
	work.running = false;
	if (++work.row < ROWS && begin(s))
		return false;
	s->job = (struct job){ 0 };
	return true;
}

static const char *progress(struct session *s)
{
	static char buf[80];

	(void)s;
	snprintf(buf, sizeof(buf), "row %u of %u: %llu states", work.row + 1, (unsigned)ROWS,
		 work.running ? (unsigned long long)work.search.result->states : 0ull);
	return buf;
}

enum status gains_start(struct session *s, struct complaint *c)
{
	if (session_need(s, c) != OK)
		return c->status;
	memset(&work, 0, sizeof(work));
	memcpy(s->probe, s->m, sizeof(*s->probe));
	if (!begin(s))
		return complain(c, BAD_LIMIT, "there is no memory for a search");
	s->job = (struct job){ .slice = slice, .stop = stop, .progress = progress };
	return OK;
}
