/*
 * The job behind `verify`: a row per scenario and variant, shown as soon as it is known.
 */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "expected.h"
#include "library.h"
#include "verdict_table.h"
#include "verdicts.h"
#include "hunt.h"

enum {
	MOST_FILES = 512
};

static struct {
	char (*path)[SCENARIO_PATH];
	unsigned files, file;
	unsigned variant; /* of the scenario in session.spare */
	bool read, running, full;
	char spec[SPEC_LINE]; /* a line for every scenario, "" = none */
	struct expected expected; /* outcomes of the variant */
	unsigned wrong, rows;
	struct hunt search;
} work;

static bool add(const char *path, const char *name, void *self)
{
	(void)name;
	(void)self;
	if (work.files == MOST_FILES)
		work.full = true;
	else
		strcpy(work.path[work.files++], path);
	return !work.full;
}

static const char *expectation(const struct scenario *sc, unsigned variant, char *buf, size_t size)
{
	struct text t = text_over(buf, size);

	for (unsigned i = 0; i < sc->expects; i++)
		if (sc->expect[i].variant == variant)
			text_add(&t, "%s%s", t.len ? " " : "",
				 sc->expect[i].rule ? rule_table[sc->expect[i].rule].name :
						      "clean");
	if (!t.len)
		text_add(&t, "-");
	return buf;
}

static bool holds(const struct scenario *sc, unsigned variant, const struct explore_result *r)
{
	for (unsigned i = 0; i < sc->expects; i++) {
		if (sc->expect[i].variant != variant)
			continue;
		if (sc->expect[i].rule ? !(r->rules & (1u << sc->expect[i].rule)) :
					 runner_verdict(r) != VERDICT_CLEAN)
			return false;
	}
	return expected_hold(&work.expected, r);
}

static const char *found(const struct explore_result *r, char *buf, size_t size)
{
	struct text t = text_over(buf, size);

	for (unsigned rule = 1; rule < RULE_COUNT; rule++)
		if (r->rules & (1u << rule))
			text_add(&t, "%s%s", t.len ? " " : "", rule_table[rule].name);
	if (!t.len)
		text_add(&t, "-");
	return buf;
}

static void say_row(struct session *s, const struct scenario *sc, const struct explore_result *r)
{
	char want[200], have[300], took[32];
	struct text t = text_over(took, sizeof(took));
	bool well = holds(sc, work.variant, r);
	const char *variant = sc->variant[work.variant].name;

	expectation(sc, work.variant, want, sizeof(want));
	found(r, have, sizeof(have));
	duration_text(&t, work.search.seconds);
	work.wrong += !well;
	work.rows++;
	if (s->out.json)
		out_object(&s->out, "verify",
			   json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:f, s:o, s:b}",
				     "scenario", sc->name, "variant", variant, "verdict",
				     verdict_name(runner_verdict(r)), "found", have, "expected",
				     want, "states", (json_int_t)r->states, "transitions",
				     (json_int_t)r->transitions, "depth", (json_int_t)r->depth,
				     "seconds", work.search.seconds, "outcomes",
				     expected_json(&work.expected, sc, r), "ok", well));
	else {
		out_line(&s->out, "%-28s %-11s %-9s %9llu %10llu %5u %9s  %-5s found %s; expected %s", sc->name, variant,
			 verdict_name(runner_verdict(r)), (unsigned long long)r->states,
			 (unsigned long long)r->transitions, r->depth, took, well ? "ok" : "WRONG", have, want);
		expected_say(&s->out, &work.expected, sc, r);
	}
	s->failure |= !out_flush(&s->out);
}

static void say_unreadable(struct session *s, const struct complaint *c)
{
	if (c->line)
		out_error(&s->out, "%s:%u: %s", work.path[work.file], c->line, c->text);
	else
		out_error(&s->out, "%s", c->text);
	s->mistake = true;
	work.wrong++;
}

/* The text of a scenario, and the line that is put behind it. */
static char *text_of(const char *path, struct complaint *c)
{
	char *text = library_read(path, c), *longer;

	if (!text || !work.spec[0])
		return text;
	if (asprintf(&longer, "%s\n%s\n", text, work.spec) < 0)
		longer = NULL;
	free(text);
	return longer;
}

/* The next search that there is to do; false when none is left. */
static bool next(struct session *s)
{
	struct explore_options options = { .all = true, .ask_self = &work.expected };
	struct complaint c = { 0 };
	const char *slash;
	char *text, name[48];

	for (; work.file < work.files; work.file++, work.read = false) {
		if (!work.read) {
			slash = strrchr(work.path[work.file], '/');
			snprintf(name, sizeof(name), "%s",
				 slash ? slash + 1 : work.path[work.file]);
			if (strlen(name) > 4 && !strcmp(name + strlen(name) - 4, ".scn"))
				name[strlen(name) - 4] = '\0';
			text = text_of(work.path[work.file], &c);
			if (!text ||
			    scenario_read(s->spare, name, text, s->probe, &s->fx, &c) != OK) {
				free(text);
				say_unreadable(s, &c);
				continue;
			}
			free(text);
			work.read = true;
			work.variant = 0;
		}
		if (work.variant == s->spare->variants)
			continue;
		if (scenario_build(s->spare, work.variant, s->probe, &s->fx, &c) != OK ||
		    expected_read(&work.expected, s->spare, work.variant, s->probe, &c) != OK) {
			say_unreadable(s, &c);
			continue;
		}
		options.ask = work.expected.count ? expected_ask : NULL;
		if (!hunt_begin(&work.search, s->probe, &options, true)) {
			say_unreadable(s, &c);
			continue;
		}
		work.running = true;
		return true;
	}
	return false;
}

static void end(struct session *s)
{
	if (work.running) {
		hunt_stop(&work.search);
		hunt_free(&work.search);
		work.running = false;
	}
	free(work.path);
	work.path = NULL;
	s->job = (struct job){ 0 };
}

static void stop(struct session *s)
{
	end(s);
	s->bound = true;
	out_line(&s->out, "interrupted after %u rows", work.rows);
}

static bool slice(struct session *s, int ms)
{
	if (work.running) {
		if (!hunt_slice(&work.search, ms))
			return false;
		say_row(s, s->spare, work.search.result);
		hunt_free(&work.search);
		work.running = false;
		work.variant++;
	}
	if (next(s))
		return false;
	end(s);
	if (!s->out.json)
		out_line(&s->out, "%u rows, %u wrong", work.rows, work.wrong);
	s->failure |= work.wrong > 0;
	return true;
}

static const char *progress(struct session *s)
{
	static char buf[120];

	snprintf(buf, sizeof(buf), "verify %.48s: %llu states", s->spare->name,
		 work.running ? (unsigned long long)work.search.search.result->states : 0ull);
	return buf;
}

enum status verify_start(struct session *s, const char *words, struct complaint *c)
{
	char word[SCENARIO_PATH], path[SCENARIO_PATH], name[48];
	struct word w;

	memset(&work, 0, sizeof(work));
	work.path = malloc(sizeof(*work.path) * MOST_FILES);
	if (!work.path)
		return complain(c, BAD_LIMIT, "there is no memory for the list of scenarios");
	while (arg_next(&words, &w)) {
		unsigned before = work.files;

		if (word_is(w, "--spec")) {
			if (arg_spec(&words, work.spec, c) == OK)
				continue;
			free(work.path);
			return c->status;
		}
		arg_copy(w, word, sizeof(word));
		library_each(word, add, NULL);
		if (work.files > before)
			continue;
		if (verdict_table_find(word, path)) {
			free(work.path);
			if (work.files || work.spec[0] || arg_next(&words, &w))
				return complain(c, BAD_SYNTAX, "'%.60s' is a table: it is verified by itself, as its scenarios are", word);
			return verdicts_start(s, path, c);
		}
		if (library_find(word, path, name, c) != OK) {
			free(work.path);
			return c->status;
		}
		add(path, name, NULL);
	}
	if (!work.files)
		library_each(NULL, add, NULL);
	if (!work.files || work.full) {
		free(work.path);
		return complain(
			c, BAD_FILE,
			work.full ?
				"there are more than %d scenarios: name a folder" :
				"there are no scenarios: set SHOOTDOWN_SCENARIOS to their folder",
			MOST_FILES);
	}
	if (!s->out.json)
		out_line(&s->out, "%-28s %-11s %-9s %9s %10s %5s %9s", "scenario", "variant",
			 "verdict", "states", "transit.", "depth", "time");
	s->job = (struct job){ .slice = slice, .stop = stop, .progress = progress };
	return OK;
}
