/*
 * Schedules: where they come from, and how far the present path agrees with them.
 */
#include "follow.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "library.h"
#include "replay.h"

void follow_end(struct session *s)
{
	free(s->follow.action);
	free(s->follow.words);
	s->follow = (struct follow){ 0 };
}

/* ---- reading ---- */

static enum status add(struct session *s, struct follow *f, const char *label, struct complaint *c)
{
	struct action a, *grown;

	if (label_read(s->m, label, &a, c) != OK)
		return c->status;
	if (f->actions == MAX_TRACE)
		return complain(c, BAD_LIMIT, "a schedule has at most %u steps: MAX_TRACE is %u",
				MAX_TRACE, MAX_TRACE);
	grown = realloc(f->action, (f->actions + 1) * sizeof(*grown));
	if (!grown)
		return complain(c, BAD_LIMIT, "there is no memory for the schedule");
	f->action = grown;
	f->action[f->actions++] = a;
	return OK;
}

/* Labels one behind the other: a word with a '.' begins one, what follows belongs to it. */
static enum status labels_read(struct session *s, struct follow *f, const char *text, size_t size,
			       struct complaint *c)
{
	char line[MAX_SCENARIO], label[2 * MAX_LABEL] = "";
	struct text t = text_over(label, sizeof(label));
	const char *at = line;
	struct word w;
	enum status status = OK;

	snprintf(line, sizeof(line), "%.*s", (int)size, text);
	while (status == OK && word_next(&at, ";,\"", &w)) {
		bool sign = w.len == 1 && strchr(";,\"", *w.at);

		if ((sign || memchr(w.at, '.', w.len)) && t.len) {
			status = add(s, f, label, c);
			t = text_over(label, sizeof(label));
		}
		if (!sign)
			text_add(&t, "%s%.*s", t.len ? " " : "", (int)w.len, w.at);
	}
	if (status == OK && t.len)
		status = add(s, f, label, c);
	return status;
}

/* Does the line begin with an actor and a dot, as a label does? */
static bool is_label(const struct session *s, const char *line)
{
	struct word w, verb, actor;
	struct complaint no;
	unsigned lane;

	if (!word_next(&line, ";,\"", &w))
		return false;
	if (*w.at == '"' && !word_next(&line, ";,\"", &w))
		return false;
	actor = word_split(w, '.', &verb);
	return verb.at && actor_read(s, actor, &lane, &no) == OK;
}

/* The `do` lines of a scenario or a script, or labels alone. */
static enum status file_read(struct session *s, struct follow *f, const char *path,
			     struct complaint *c)
{
	char *text = library_read(path, c);
	enum status status = OK;
	unsigned number = 1;

	if (!text)
		return c->status;
	for (const char *line = text; *line && status == OK; number++) {
		size_t n = strcspn(line, "\n");
		const char *at = line;
		struct word w = { "", 0 };

		if (word_next(&at, "\n", &w) && word_is(w, "do"))
			status = labels_read(s, f, at, n - (size_t)(at - line), c);
		else if (is_label(s, line))
			status = labels_read(s, f, line, n, c);
		line += n + (line[n] == '\n');
	}
	free(text);
	if (status != OK) {
		char sentence[sizeof(c->text)];

		memcpy(sentence, c->text, sizeof(sentence));
		return complain(c, status, "%.60s:%u: %.120s", path, number - 1, sentence);
	}
	if (!f->actions)
		return complain(c, BAD_FILE,
				"%.80s holds no schedule: lines such as `do cpu0.step; cpu1.step`",
				path);
	return OK;
}

/* The line on which the session ended, and what its steps did. */
static enum status line_copy(struct session *aside, struct follow *f, struct complaint *c)
{
	uint32_t last = timeline_last(&aside->t);

	if (last > MAX_TRACE)
		return complain(c, BAD_LIMIT, "a schedule has at most %u steps: MAX_TRACE is %u",
				MAX_TRACE, MAX_TRACE);
	f->action = calloc(last + 1, sizeof(*f->action));
	f->words = calloc(last + 1, sizeof(*f->words));
	if (!f->action || !f->words)
		return complain(c, BAD_LIMIT, "there is no memory for the schedule");
	timeline_goto(&aside->t, timeline_at(&aside->t, last));
	for (uint32_t d = 1; d <= last; d++)
		f->action[d - 1] = aside->t.node[timeline_at(&aside->t, d)].action;
	timeline_back(&aside->t, last);
	for (f->actions = 0; f->actions < last; f->actions++) {
		struct text t = text_over(f->words[f->actions], sizeof(f->words[0]));

		action_text(&t, aside->m, &f->action[f->actions]);
		timeline_forward(&aside->t, 1);
	}
	return OK;
}

static enum status session_read(struct session *s, struct follow *f, const char *word,
				struct complaint *c)
{
	struct session *aside;
	struct replayed r;
	uint64_t id = 0;
	struct archive *a = replay_open(s, word, &id, c);
	enum status status;

	if (!a)
		return c->status;
	aside = malloc(sizeof(*aside));
	if (!aside || !session_open(aside)) {
		free(aside);
		archive_close(a);
		return complain(c, BAD_LIMIT, "there is no memory for a second session");
	}
	if (!replay_into(aside, a, id, &r))
		status = complain(c, BAD_FILE, "%.190s", r.trouble);
	else
		status = line_copy(aside, f, c);
	archive_close(a);
	session_close(aside);
	free(aside);
	return status;
}

/* ---- the present path ---- */

/* How many actions of the schedule the path to the cursor holds; false when it is not on it. */
static bool position(const struct session *s, uint32_t *done)
{
	const struct follow *f = &s->follow;
	uint32_t n = s->t.cursor, start = s->t.node[f->from].depth;

	if (!f->action || s->t.node[n].depth < start)
		return false;
	*done = s->t.node[n].depth - start;
	if (*done > f->actions)
		return false;
	for (; s->t.node[n].depth > start; n = s->t.node[n].parent)
		if (!action_same(&s->t.node[n].action, &f->action[s->t.node[n].depth - start - 1]))
			return false;
	return n == f->from;
}

bool follow_next(const struct session *s, struct action *a)
{
	uint32_t done;

	if (!position(s, &done) || done == s->follow.actions)
		return false;
	*a = s->follow.action[done];
	return true;
}

bool follow_stuck(const struct session *s, struct text *t)
{
	struct action a;
	uint32_t done;

	if (!follow_next(s, &a) || !action_blocked(s->m, &a) || !position(s, &done))
		return false;
	text_add(t, "the schedule diverges: its step %u is ", done + 1);
	label_text(t, &s->m->names, &a);
	text_add(t, ", not possible here: %s; `follow off` ends it", action_blocked(s->m, &a));
	return true;
}

bool follow_differs(struct session *s, const struct action *a, const char *words)
{
	struct action wish;
	uint32_t done;

	if (!s->follow.words || !follow_next(s, &wish) || !action_same(&wish, a) ||
	    !position(s, &done))
		return false;
	if (done < s->follow.told || !strncmp(s->follow.words[done], words, 95))
		return false;
	s->follow.told = done + 1;
	out_line(&s->out, "the schedule diverges: at its step %u this was `%s`, now it is `%s`",
		 done + 1, s->follow.words[done], words);
	return true;
}

bool follow_taken(struct session *s, const struct action *wish, const struct action *a)
{
	char label[MAX_LABEL];
	struct text t = text_over(label, sizeof(label));
	uint32_t done = 0;

	if (action_same(wish, a)) {
		if (!position(s, &done) || done < s->follow.actions)
			return false;
		out_line(&s->out, "the schedule ends here, after %u steps", s->follow.actions);
		return true;
	}
	label_text(&t, &s->m->names, wish);
	out_line(&s->out, "this leaves the schedule, which goes on with %s: `back` returns to it",
		 label);
	return false;
}

static void say(struct session *s)
{
	uint32_t done;

	if (!s->follow.action)
		out_line(&s->out, "no schedule is followed: `help follow` says what can be");
	else if (position(s, &done))
		out_line(&s->out, "follows a schedule of %u steps, %u of them taken",
			 s->follow.actions, done);
	else
		out_line(&s->out,
			 "the schedule of %u steps begins at step %u, but this state is not on it",
			 s->follow.actions, s->t.node[s->follow.from].depth);
}

enum status follow_read(struct session *s, const char *rest, struct complaint *c)
{
	struct follow f = { .from = 0 };
	char word[SCENARIO_PATH];
	const char *at = rest;
	struct word w;
	struct stat st;
	enum status status;

	if (!arg_next(&at, &w)) {
		say(s);
		return OK;
	}
	arg_copy(w, word, sizeof(word));
	if (word_is(w, "off")) {
		status = arg_end(at, c);
		if (status == OK) {
			follow_end(s);
			out_line(&s->out, "no schedule is followed");
		}
		return status;
	}
	if (is_label(s, rest)) {
		f.from = s->t.cursor;
		status = labels_read(s, &f, rest, strlen(rest), c);
	} else if (arg_end(at, c) != OK) {
		return c->status;
	} else if (strchr(word, '/') || !stat(word, &st)) {
		status = file_read(s, &f, word, c);
	} else {
		status = session_read(s, &f, word, c);
	}
	if (status != OK) {
		free(f.action);
		free(f.words);
		return status;
	}
	follow_end(s);
	s->follow = f;
	say(s);
	return OK;
}
