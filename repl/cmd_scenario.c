/*
 * The family "scenarios": loading, starting over, the narration.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "conductor.h"
#include "conform_load.h"
#include "library.h"
#include "litmus_job.h"
#include "stepper.h"

static void say_loaded(struct session *s)
{
	const struct scenario *sc = s->sc;
	char variants[120];
	struct text t = text_over(variants, sizeof(variants));

	for (unsigned v = 0; v < sc->variants; v++)
		text_add(&t, "%s%s%s", v ? ", " : "", sc->variant[v].name,
			 v == s->variant ? " (this one)" : "");
	if (s->out.json) {
		out_object(&s->out, "loaded",
			   json_pack("{s:s, s:s, s:s, s:s}", "scenario", sc->name, "variant",
				     sc->variant[s->variant].name, "title", sc->title, "source",
				     sc->source));
		return;
	}
	out_line(&s->out, "%s: %s", sc->name, sc->title[0] ? sc->title : "no title");
	if (sc->source[0])
		out_line(&s->out, "from: %s", sc->source);
	out_line(&s->out, "variants: %s%s", variants, sc->beats ? "; `play` tells its story" : "");
}

/* A program of system calls, as a scenario. */
static enum status conform_load(struct session *s, const char *path, const char *name, const char *variant,
				struct complaint *c)
{
	enum status status;
	char *text;

	if (variant[0])
		return complain(c, BAD_NAME, "'%.60s': a program of system calls has no variants", variant);
	text = conform_scenario(path, name, &c->line, c);
	snprintf(s->bad_file, sizeof(s->bad_file), "%.190s", path);
	if (!text)
		return c->status;
	status = session_load_text(s, name, text, "", c);
	free(text);
	return status;
}

/* Files that hold many machines: `load KIND FILE NAME`. */
static const struct load_kind {
	const char *word;
	enum status (*load)(struct session *s, const char *path, const char *name, const char *variant,
			    struct complaint *c);
} load_kinds[] = {
	{ "conform", conform_load },
	{ "litmus", litmus_load },
};

static const struct load_kind *kind_find(struct word w)
{
	for (size_t i = 0; i < sizeof(load_kinds) / sizeof(load_kinds[0]); i++)
		if (word_is(w, load_kinds[i].word))
			return &load_kinds[i];
	return NULL;
}

static enum status cmd_load(struct session *s, const char *rest, struct complaint *c)
{
	char file[SCENARIO_PATH] = "", name[SCENARIO_PATH], variant[MAX_NAME + 1] = "";
	const struct load_kind *kind;
	struct word w, v;
	enum status status;

	if (!arg_next(&rest, &w))
		return complain(
			c, BAD_SYNTAX,
			"load needs the name or the file of a scenario: `scenarios` lists them");
	kind = kind_find(w);
	if (kind) {
		if (arg_next(&rest, &w))
			arg_copy(w, file, sizeof(file));
		if (!file[0] || !arg_next(&rest, &w))
			return complain(c, BAD_SYNTAX, "load %s needs a file and the name of what to take out of it",
					kind->word);
	}
	arg_copy(w, name, sizeof(name));
	if (arg_next(&rest, &v)) {
		if (word_is(v, "--variant") && !arg_next(&rest, &v))
			return complain(c, BAD_SYNTAX, "--variant needs the name of a variant");
		arg_copy(v, variant, sizeof(variant));
	}
	status = arg_end(rest, c);
	if (status == OK)
		status = kind ? kind->load(s, file, name, variant, c) : session_load(s, name, variant, c);
	if (status == OK)
		say_loaded(s);
	return status;
}

static enum status variant_find(struct session *s, struct word w, unsigned *v, struct complaint *c)
{
	char names[120];
	struct text t = text_over(names, sizeof(names));

	*v = scenario_variant_find(s->sc, w);
	for (unsigned i = 0; i < s->sc->variants; i++)
		text_add(&t, "%s%s", i ? ", " : "", s->sc->variant[i].name);
	return *v == NONE ? complain(c, BAD_NAME, "'%.*s' is no variant of %s, which has %s",
				     (int)(w.len < 40 ? w.len : 40), w.at, s->sc->name, names) :
			    OK;
}

static enum status cmd_variant(struct session *s, const char *rest, struct complaint *c)
{
	struct word w;
	unsigned v;
	enum status status;

	if (!arg_next(&rest, &w)) {
		for (unsigned i = 0; i < s->sc->variants; i++)
			out_line(&s->out, "%c %-12s %s", i == s->variant ? '*' : ' ',
				 s->sc->variant[i].name, s->sc->variant[i].switches);
		return OK;
	}
	status = variant_find(s, w, &v, c);
	if (status == OK)
		status = arg_end(rest, c);
	if (status == OK)
		status = session_restart(s, v, c);
	if (status == OK)
		out_line(&s->out, "%s, variant %s, at its start", s->sc->name,
			 s->sc->variant[v].name);
	return status;
}

static enum status cmd_restart(struct session *s, const char *rest, struct complaint *c)
{
	enum status status = arg_end(rest, c);

	if (status == OK)
		status = session_restart(s, s->variant, c);
	if (status == OK)
		out_line(&s->out, "%s, variant %s, at its start", s->sc->name,
			 s->sc->variant[s->variant].name);
	return status;
}

/* run [NAME] [--variant V] */
static enum status cmd_run(struct session *s, const char *rest, struct complaint *c)
{
	char name[SCENARIO_PATH] = "", variant[MAX_NAME + 1] = "";
	unsigned v;
	struct word w;
	enum status status;

	while (arg_next(&rest, &w)) {
		if (word_is(w, "--variant")) {
			if (!arg_next(&rest, &w))
				return complain(c, BAD_SYNTAX,
						"--variant needs the name of a variant");
			arg_copy(w, variant, sizeof(variant));
		} else if (name[0] || !w.len || *w.at == '-') {
			return complain(c, BAD_SYNTAX,
					"'%.*s' is not understood: run [NAME] [--variant V]",
					(int)(w.len < 60 ? w.len : 60), w.at);
		} else {
			arg_copy(w, name, sizeof(name));
		}
	}
	status = name[0] ? session_load(s, name, variant, c) : session_need(s, c);
	if (status != OK)
		return status;
	if (!name[0]) {
		v = s->variant;
		if (variant[0])
			status = variant_find(s, (struct word){ variant, strlen(variant) }, &v, c);
		if (status == OK)
			status = session_restart(s, v, c);
		if (status != OK)
			return status;
	}
	stepper_run(s, TIMELINE_NODES);
	return OK;
}

struct listing {
	struct session *s;
	unsigned count;
};

static bool list_one(const char *path, const char *name, void *self)
{
	struct listing *l = self;
	struct complaint c = { 0 };
	char *text = library_read(path, &c);

	l->count++;
	if (text && scenario_read(l->s->spare, name, text, l->s->probe, &l->s->fx, &c) == OK) {
		if (l->s->out.json)
			out_object(&l->s->out, "scenario",
				   json_pack("{s:s, s:s, s:s}", "scenario", name, "title",
					     l->s->spare->title, "path", path));
		else
			out_line(&l->s->out, "%-28s %s", name, l->s->spare->title);
	} else {
		out_line(&l->s->out, "%-28s cannot be read, line %u: %s", name, c.line, c.text);
	}
	free(text);
	return true;
}

static enum status cmd_scenarios(struct session *s, const char *rest, struct complaint *c)
{
	struct listing l = { .s = s };
	enum status status = arg_end(rest, c);

	if (status != OK)
		return status;
	library_each(NULL, list_one, &l);
	if (!l.count)
		return complain(c, BAD_FILE,
				"there are no scenarios: set SHOOTDOWN_SCENARIOS to their folder");
	return OK;
}

/* ---- the narration ---- */

/* A beat that says is said; one that does becomes commands, labels standing for `do LABEL`. */
static void beat_do(struct session *s, const char *words, size_t len)
{
	char *line = malloc(6 * len + 8), *at = line; /* each piece has at least one character */
	const char *end = words + len;

	if (!line)
		return;
	*at = '\0';
	while (words < end) {
		size_t n = strcspn(words, ";\n");
		const char *rest = words;
		struct word w = { "", 0 };

		if (n > (size_t)(end - words))
			n = (size_t)(end - words);
		word_next(&rest, ";\n", &w);
		at += sprintf(at, "%s%.*s;",
			      w.at < words + n && memchr(w.at, '.', w.len) ? "do " : "", (int)n,
			      words);
		words += n + (words + n < end);
	}
	conductor_insert(s, line);
	free(line);
}

/* Says up to the next beat that does something, and does that. */
static void play_beats(struct session *s, bool all)
{
	while (s->beat < s->sc->beats) {
		const struct scenario_beat *b = &s->sc->beat[s->beat++];

		if (b->say) {
			out_line(&s->out, "-- %.*s", (int)b->len, s->sc->text + b->at);
			continue;
		}
		s->playing = s->beat < s->sc->beats;
		if (all && s->playing)
			conductor_insert(s, "play all");
		beat_do(s, s->sc->text + b->at, b->len);
		return;
	}
	s->playing = false;
}

/* In a replay the recorded commands are the story. */
static void play_history(struct session *s, bool all)
{
	do {
		const struct happened *h = &s->history[s->shown++];

		out_line(&s->out, "> %s", h->text);
		if (h->node != NO_NODE)
			session_goto(s, h->node);
		out_line(&s->out, "  step %u of %u", timeline_depth(&s->t), timeline_last(&s->t));
	} while (all && s->shown < s->replayed);
	s->playing = s->shown < s->replayed;
}

static enum status cmd_play(struct session *s, const char *rest, struct complaint *c)
{
	bool all = false;
	struct word w;

	if (arg_next(&rest, &w)) {
		all = word_is(w, "all");
		if (!all && !word_is(w, "stop"))
			return complain(c, BAD_SYNTAX, "'%.*s' should be `all`, `stop` or nothing",
					(int)w.len, w.at);
		if (!all) {
			s->playing = false;
			return arg_end(rest, c);
		}
	}
	if (arg_end(rest, c) != OK)
		return c->status;
	if (s->rec.replaying && s->replayed) {
		if (s->shown >= s->replayed)
			s->shown = 0;
		play_history(s, all);
		return OK;
	}
	if (!s->sc->beats)
		return complain(c, BAD_STATE, "%s has no story to play: `continue` runs it",
				s->sc->name);
	if (s->beat >= s->sc->beats) {
		s->beat = 0;
		session_goto(s, 0);
	}
	play_beats(s, all);
	return OK;
}

static const struct command rows[] = {
	{ "load", "", "load [KIND FILE] NAME|FILE [VARIANT]", "load a scenario, at its start",
	  "A name is looked for in the scenario folders; a word with a / or .scn is a file. "
	  "Without a variant it is the first. `load litmus FILE NAME` makes a scenario of one test of a file, `load conform "
	  "FILE NAME` of one program of system calls: a task per process, which take turns as the program says.",
	  "load mremap-late-flush fixed", CMD_UNRECORDED, cmd_load, "sv" },
	{ "variant", "", "variant [V]", "list the scenario's variants, or start one over",
	  "Variants differ in the kernel's switches only.", "variant fixed",
	  CMD_MACHINE | CMD_CHANGE, cmd_variant, "v" },
	{ "scenarios", "", "scenarios", "list the scenarios that can be loaded by name", "",
	  "scenarios", CMD_UNRECORDED, cmd_scenarios, "" },
	{ "run", "r", "run [NAME] [--variant V]", "start over and run on until something stops it",
	  "As `restart; continue`. `set policy` decides who goes on.",
	  "run mremap-late-flush --variant fixed", CMD_CHANGE, cmd_run, "sv" },
	{ "restart", "", "restart", "back to the start, with an empty timeline",
	  "Set-up lines can be typed then. `goto @start` goes back and keeps the timeline.",
	  "restart", CMD_MACHINE | CMD_CHANGE, cmd_restart, "" },
	{ "play", "", "play [all|stop]", "tell the scenario's story, a beat at a time",
	  "Enter takes the next beat. In a replay it goes through the recorded commands.",
	  "load shootdown-tutorial; play", CMD_MACHINE, cmd_play, "" },
};

const struct command_group group_scenario = { "scenarios", "Scenarios", rows,
					      sizeof(rows) / sizeof(rows[0]) };
