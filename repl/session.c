/*
 * Loading, restarting, moving about, and telling actors by name.
 */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "branches.h"
#include "expected.h"
#include "follow.h"
#include "library.h"

const char *const policy_names[POLICIES] = { "stay", "round", "random" };

bool session_open(struct session *s)
{
	memset(s, 0, sizeof(*s));
	s->m = calloc(1, sizeof(*s->m));
	s->probe = calloc(1, sizeof(*s->probe));
	s->sc = calloc(1, sizeof(*s->sc));
	s->spare = calloc(1, sizeof(*s->spare));
	s->storage = calloc(1, timeline_bytes(TIMELINE_NODES));
	s->branch = calloc(TIMELINE_NODES, sizeof(*s->branch));
	s->set = (struct settings){ .seed = 1, .focus = LANES, .stop_next = 1, .display_next = 1 };
	return output_open(&s->out) && s->m && s->probe && s->sc && s->spare && s->storage &&
	       s->branch;
}

void session_close(struct session *s)
{
	recording_end(&s->rec, s->loaded ? s->m->digest : 0);
	recording_close(&s->rec);
	output_close(&s->out);
	session_forget(s);
	follow_end(s);
	free(s->history);
	free(s->m);
	free(s->probe);
	free(s->sc);
	free(s->spare);
	free(s->storage);
	free(s->branch);
}

/* The machine stands at its start; nothing of what was before is left. */
static void begin_timeline(struct session *s)
{
	timeline_init(&s->t, s->m, s->storage, TIMELINE_NODES);
	branches_begin(s);
	follow_end(s);
	s->undos = s->redos = 0;
	s->set.stops = 0;
	s->set.displays = 0;
	s->set.focus = LANES;
	s->beat = 0;
	s->playing = false;
	s->builds++;
	for (size_t i = 0; i < s->happened; i++)
		s->history[i].node = NO_NODE;
}

void session_forget(struct session *s)
{
	for (size_t i = 0; i < s->happened; i++)
		free(s->history[i].text);
	s->happened = 0;
	s->shown = s->replayed = 0;
}

void session_remember(struct session *s, const char *text)
{
	if (s->happened == s->history_cap) {
		size_t cap = 2 * s->history_cap + 64;
		struct happened *grown = realloc(s->history, cap * sizeof(*grown));

		if (!grown)
			return;
		s->history = grown;
		s->history_cap = cap;
	}
	s->history[s->happened].text = strdup(text);
	if (s->history[s->happened].text)
		s->history[s->happened++].node = s->t.cursor;
}

/* The scenario is read aside first, so that a refused one changes nothing. */
enum status session_load_text(struct session *s, const char *name, const char *text,
			      const char *variant, struct complaint *c)
{
	struct scenario *read = s->spare;
	struct expected expected;
	unsigned v = 0;
	enum status status = scenario_read(read, name, text, s->probe, &s->fx, c);

	if (status == OK)
		status = expected_read(&expected, read, NONE, s->probe, c);
	if (status != OK)
		return status;
	if (*variant) {
		v = scenario_variant_find(read, (struct word){ variant, strlen(variant) });
		if (v == NONE)
			return complain(c, BAD_NAME,
					"'%.40s' is no variant of %.48s: its first is %s", variant,
					name, read->variant[0].name);
	}
	status = scenario_build(read, v, s->m, &s->fx, c);
	if (status != OK)
		return status;
	s->spare = s->sc;
	s->sc = read;
	s->variant = v;
	s->loaded = true;
	s->mm = 0;
	s->va = 0;
	begin_timeline(s);
	return OK;
}

enum status session_begin(struct session *s, const char *name, const char *text, const char *variant,
			  struct complaint *c)
{
	enum status status = session_load_text(s, name, text, variant, c);

	if (status == OK) {
		recording_end(&s->rec, s->m->digest);
		session_forget(s);
	}
	return status;
}

enum status session_load(struct session *s, const char *word, const char *variant,
			 struct complaint *c)
{
	char path[SCENARIO_PATH], name[48];
	enum status status = library_find(word, path, name, c);
	char *text;

	if (status != OK)
		return status;
	text = library_read(path, c);
	if (!text)
		return c->status;
	c->line = 0;
	status = session_begin(s, name, text, variant, c);
	free(text);
	if (status != OK && c->line)
		snprintf(s->bad_file, sizeof(s->bad_file), "%.199s", path);
	return status;
}

enum status session_need(struct session *s, struct complaint *c)
{
	return s->loaded ? OK : session_load(s, DEFAULT_SCENARIO, "", c);
}

enum status session_restart(struct session *s, unsigned variant, struct complaint *c)
{
	enum status status = scenario_build(s->sc, variant, s->m, &s->fx, c);

	if (status != OK)
		return status;
	s->variant = variant;
	begin_timeline(s);
	tape_move(&s->rec.tape, MOVE_RESTART, s->sc->variant[variant].name, s->m->digest);
	return OK;
}

enum status session_setup(struct session *s, const char *line, struct complaint *c)
{
	const char *text = s->loaded ? s->sc->text : "";
	size_t used = strlen(text), size = used + strlen(line) + 3;
	char variant[MAX_NAME] = "";
	char *grown;
	enum status status;

	if (s->loaded && s->t.nodes > 1)
		return complain(
			c, BAD_STATE,
			"set-up lines come before the first step: `restart` goes back to it");
	if (s->loaded && s->sc->variants > 1)
		memcpy(variant, s->sc->variant[s->variant].name, sizeof(variant));
	grown = malloc(size);
	if (!grown)
		return complain(c, BAD_LIMIT, "there is no memory for a longer scenario");
	snprintf(grown, size, "%s%s%s\n", text, used && text[used - 1] != '\n' ? "\n" : "", line);
	status = session_load_text(s, s->loaded ? s->sc->name : "scratch", grown, variant, c);
	free(grown);
	c->line = 0;
	/* A session that has not begun will begin with this very text. */
	if (status == OK && s->rec.id)
		tape_move(&s->rec.tape, MOVE_SETUP, line, s->m->digest);
	return status;
}

void session_goto(struct session *s, uint32_t node)
{
	char number[16];

	if (node == s->t.cursor)
		return;
	timeline_goto(&s->t, node);
	snprintf(number, sizeof(number), "%u", node);
	tape_move(&s->rec.tape, MOVE_GOTO, number, s->m->digest);
}

enum status session_mark(struct session *s, struct word name, const char *text, struct complaint *c)
{
	char buf[MAX_NAME];

	if (!word_copy(name, buf, sizeof(buf)))
		return complain(c, BAD_VALUE, "'%.*s' should be a name of 1 to %u characters",
				(int)name.len, name.at, MAX_NAME - 1);
	if (!timeline_mark(&s->t, buf))
		return complain(c, BAD_LIMIT, "there are %u marks already: MAX_MARKS is %u",
				s->t.marks, MAX_MARKS);
	tape_mark(&s->rec.tape, timeline_depth(&s->t), buf, text);
	return OK;
}

struct scene session_scene(struct session *s)
{
	return (struct scene){
		.m = s->m,
		.t = &s->t,
		.s = s->sc,
		.variant = s->variant,
		.mm = s->mm,
		.va = s->va,
		.recording = recording_status(&s->rec),
	};
}

unsigned session_finding(const struct session *s)
{
	if (machine_stuck(s->m))
		return RULE_DEADLOCK;
	for (uint32_t n = s->t.cursor; n; n = s->t.node[n].parent)
		if (s->t.node[n].finding.rule)
			return s->t.node[n].finding.rule;
	return RULE_NONE;
}

bool actor_exists(const struct session *s, unsigned lane)
{
	if (lane < MAX_CPUS)
		return peek_cpu(s->m, lane)->online;
	if (lane < LANE_IOMMU)
		return peek_dev(s->m, lane - MAX_CPUS)->used;
	return lane == LANE_IOMMU && peek_iommu(s->m, 0)->used;
}

enum status actor_read(const struct session *s, struct word w, unsigned *lane, struct complaint *c)
{
	char buf[32];
	unsigned task = name_find(&s->m->names, NAME_TASK, w);

	if (task != NONE) {
		*lane = LANE_CPU(peek_task(s->m, task)->cpu);
		return OK;
	}
	for (*lane = 0; *lane < LANES; ++*lane) {
		struct text t = text_over(buf, sizeof(buf));

		lane_text(&t, &s->m->names, *lane);
		if (actor_exists(s, *lane) && word_is(w, buf))
			return OK;
	}
	return complain(
		c, BAD_NAME,
		"'%.*s' is no actor of this machine: use a CPU (cpu0), a device, iommu, or a task",
		(int)w.len, w.at);
}
