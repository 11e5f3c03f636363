/*
 * Running commands. Rule: a command's result is shown after the command is on the disk, and a
 * command that is refused leaves nothing behind: no output, no record, no change.
 */
#include "conductor.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "displays.h"
#include "shell.h"
#include "stepper.h"

enum {
	DEEPEST = 8
};

/* Text that waits to be carried out; the newest comes first. */
static struct input {
	char *text;
	const char *at;
	char file[200]; /* "" for a line that was typed */
	unsigned line;
} inputs[DEEPEST];
static unsigned depth;

/* The command that runs, as it was before it. */
static struct {
	const struct command *cmd;
	struct snapshot snapshot;
	uint32_t nodes, before;
	uint64_t branch;
	unsigned builds;
} now;

static void drop_inputs(void)
{
	while (depth)
		free(inputs[--depth].text);
}

static void push(char *text, const char *file)
{
	struct input *in;

	CHECK(depth < DEEPEST);
	in = &inputs[depth++];
	*in = (struct input){ .text = text, .at = text };
	snprintf(in->file, sizeof(in->file), "%s", file);
}

enum status conductor_source(struct session *s, char *text, const char *file, struct complaint *c)
{
	(void)s;
	if (depth == DEEPEST) {
		free(text);
		return complain(c, BAD_LIMIT, "files that source files go %d deep at most",
				DEEPEST - 1);
	}
	push(text, file);
	return OK;
}

void conductor_insert(struct session *s, const char *line)
{
	char *copy = strdup(line);

	(void)s;
	/* What is at its end is done: a story that goes on beat by beat must not pile up. Files do,
	 * so that one which sources itself comes to an end. */
	while (depth && !inputs[depth - 1].file[0] &&
	       !inputs[depth - 1].at[strspn(inputs[depth - 1].at, " \t\r;\n")])
		free(inputs[--depth].text);
	if (copy && depth < DEEPEST)
		push(copy, "");
	else
		free(copy);
}

/* The next command of the newest input, for the caller to free; NULL when all is done. */
static char *cut(void)
{
	while (depth) {
		struct input *in = &inputs[depth - 1];
		const char *start = in->at + strspn(in->at, " \t\r;\n"), *end = start,
			   *rest = start;
		const struct setup_info *setup;
		struct word first = { "", 0 };
		bool quoted = false, whole;

		for (const char *p = in->at; p < start; p++)
			in->line += *p == '\n';
		if (!*start) {
			free(in->text);
			depth--;
			continue;
		}
		word_next(&rest, ";\n", &first);
		/* The operations of a task or a device are joined by ';' themselves. */
		setup = setup_find(first);
		whole = *start == '#' || (setup && strchr(setup->syntax, ';'));
		while (*end && *end != '\n' && (whole || quoted || *end != ';')) {
			quoted ^= *end == '"';
			end++;
		}
		in->at = end;
		if (*start != '#')
			return strndup(start, (size_t)(end - start));
	}
	return NULL;
}

static void complain_about(struct session *s, const struct complaint *c)
{
	const struct input *in = depth ? &inputs[depth - 1] : NULL;

	if (c->line)
		out_error(&s->out, "%s:%u: %s", s->bad_file, c->line, c->text);
	else if (in && in->file[0])
		out_error(&s->out, "%s:%u: %s", in->file, in->line + 1, c->text);
	else
		out_error(&s->out, "%s", c->text);
	if (s->out.json && !s->out.sink) {
		out_object(&s->out, "error", json_pack("{s:s}", "text", c->text));
		s->failure |= !out_flush(&s->out);
	}
	s->mistake = true;
	drop_inputs();
}

/* ---- recording ---- */

static struct recorded row_of(struct session *s, const char *text)
{
	return (struct recorded){
		.command = text, .branch = now.branch, .before = now.before,
		.after = timeline_depth(&s->t), .hash = s->m->digest,
		.session = {
			.scenario = s->sc->name, .scenario_text = s->sc->text,
			.variant = s->sc->variant[s->variant].name, .kernel = "",
			.switches = s->sc->variant[s->variant].switches,
			.seed = s->set.seed,
			.version = PROGRAM_VERSION,
		},
	};
}

static void recording_failed(struct session *s, const struct db_status *why)
{
	out_error(&s->out, "the session is not recorded any more: %s", why->message);
}

/* A session that begins on a timeline with steps first tapes these, node by node. */
static bool record_prefix(struct session *s, const struct tape *tape, struct db_status *why)
{
	const struct tape kept = *tape;
	struct recorded what;
	char label[MAX_LABEL], text[40];
	bool well;

	if (kept.rows && kept.row[0].kind == DB_MOVE &&
	    (kept.row[0].move == MOVE_RESTART || kept.row[0].move == MOVE_SETUP))
		return true;
	s->rec.tape = (struct tape){ 0 };
	for (uint32_t n = 1; n < now.nodes; n++) {
		const struct timeline_node *node = &s->t.node[n];
		struct text t = text_over(label, sizeof(label));

		snprintf(text, sizeof(text), "%u", node->parent);
		tape_move(&s->rec.tape, MOVE_GOTO, text, s->t.node[node->parent].digest);
		label_text(&t, &s->m->names, &node->action);
		tape_move(&s->rec.tape, MOVE_DO, label, node->digest);
	}
	snprintf(text, sizeof(text), "%u", now.snapshot.cursor);
	tape_move(&s->rec.tape, MOVE_GOTO, text, s->t.node[now.snapshot.cursor].digest);
	snprintf(text, sizeof(text), "replay %llu", (unsigned long long)s->rec.replaying);
	what = row_of(s, s->rec.replaying ? text : "# what was done before");
	what.before = 0;
	what.after = s->t.node[now.snapshot.cursor].depth;
	what.hash = s->t.node[now.snapshot.cursor].digest;
	well = recording_commit(&s->rec, &what, why);
	free(s->rec.tape.row);
	free(s->rec.tape.text);
	s->rec.tape = kept;
	return well;
}

static void record(struct session *s)
{
	struct db_status why = { 0 };
	struct recorded what;
	bool begins = !s->rec.id;
	/* Looking at things is recorded in a session that is going on, but is not worth one. */
	bool keep = now.cmd->flags & CMD_KEEP;
	bool worth = keep || s->rec.tape.rows || memcmp(&s->set, &now.snapshot.set, sizeof(s->set));

	if (!s->loaded || (now.cmd->flags & CMD_UNRECORDED) || !s->canon[0])
		return;
	if (begins && !worth)
		return;
	/* Moving about in a replay changes nothing; what is new begins a session of its own. */
	if (begins && s->rec.replaying && s->t.nodes == now.nodes && !keep)
		return;
	if (begins && now.nodes > 1 && !record_prefix(s, &s->rec.tape, &why)) {
		recording_failed(s, &why);
		return;
	}
	what = row_of(s, s->canon);
	if (!recording_commit(&s->rec, &what, &why))
		recording_failed(s, &why);
}

/* ---- one command ---- */

static void remember_for_undo(struct session *s)
{
	if (s->t.cursor == now.snapshot.cursor &&
	    !memcmp(&s->set, &now.snapshot.set, sizeof(s->set)))
		return;
	if (!(now.cmd->flags & CMD_CHANGE))
		return;
	if (s->undos == MAX_UNDO) {
		memmove(s->undo, s->undo + 1, (MAX_UNDO - 1) * sizeof(s->undo[0]));
		s->undos--;
	}
	snprintf(now.snapshot.command, sizeof(now.snapshot.command), "%.63s", s->canon);
	s->undo[s->undos++] = now.snapshot;
	s->redos = 0;
}

static void command_begin(struct session *s, const struct command *cmd)
{
	memset(&now, 0, sizeof(now));
	now.cmd = cmd;
	now.nodes = 1;
	now.builds = s->builds;
	if (!s->loaded)
		return;
	memcpy(&now.snapshot.set, &s->set, sizeof(s->set));
	now.snapshot.cursor = s->t.cursor;
	now.nodes = s->t.nodes;
	now.before = timeline_depth(&s->t);
	now.branch = s->branch[s->t.cursor];
}

/* The command built another timeline: nothing of the old one concerns it. */
static void command_moved_on(struct session *s)
{
	now.snapshot.cursor = 0;
	memcpy(&now.snapshot.set, &s->set, sizeof(s->set));
	now.nodes = 1;
	now.before = 0;
	now.branch = 0;
}

static void command_end(struct session *s)
{
	/* A step says them itself, but not on the screen, where a run would fill it. */
	if (s->out.sink && s->loaded && s->t.cursor != now.snapshot.cursor)
		displays_say(s);
	if (s->builds != now.builds)
		command_moved_on(s);
	else
		remember_for_undo(s);
	record(s);
	if (s->canon[0] && !(now.cmd->flags & CMD_UNRECORDED))
		session_remember(s, s->canon);
	tape_clear(&s->rec.tape);
	s->failure |= !out_flush(&s->out);
	if (s->json_once) {
		s->out.json = false;
		s->json_once = false;
	}
}

static enum status setup_run(struct session *s, const char *rest, struct complaint *c)
{
	enum status status = session_setup(s, rest, c);

	if (status == OK)
		out_line(&s->out, "the machine is built anew: %.100s", rest);
	return status;
}

static const struct command setup_command = { .name = "", .flags = CMD_CHANGE, .run = setup_run };

static enum status find(struct session *s, const char *text, const struct command **cmd,
			const char **rest, struct complaint *c)
{
	struct word w = { "", 0 };
	uint64_t number;
	static const struct command *the_do;

	*rest = text;
	/* /TEXT and ?TEXT; a question mark alone is help. */
	if (*text == '/' || (*text == '?' && text[1] && !strchr(" \t", text[1]))) {
		*cmd = command_named(*text == '/' ? (struct word){ "find", 4 } :
						    (struct word){ "rfind", 5 });
		*rest = text + 1;
		canonical(s, "%s%s%s", (*cmd)->name, **rest ? " " : "", *rest);
		return OK;
	}
	word_next(rest, "", &w);
	/* `switch NAME=VALUE` is a line of set-up, `switch BRANCH` is a command. */
	if (setup_find(w) && !(command_named(w) && !strchr(*rest, '='))) {
		*cmd = &setup_command;
		*rest = text;
		snprintf(s->canon, sizeof(s->canon), "%s", text);
		return OK;
	}
	if (!the_do)
		the_do = command_named((struct word){ "do", 2 });
	if (word_number(w, &number)) {
		*cmd = the_do;
		*rest = text;
	} else if (command_find(w, cmd, c) != OK) {
		return c->status;
	}
	*rest += strspn(*rest, " \t");
	canonical(s, "%s%s%s", (*cmd)->name, **rest ? " " : "", *rest);
	return OK;
}

static void run(struct session *s, char *text)
{
	const struct command *cmd = NULL;
	struct complaint c = { 0 };
	const char *rest;
	size_t n = strlen(text);

	while (n && strchr(" \t\r", text[n - 1]))
		text[--n] = '\0';
	if (find(s, text, &cmd, &rest, &c) != OK) {
		complain_about(s, &c);
		return;
	}
	if ((cmd->flags & CMD_MACHINE) && session_need(s, &c) != OK) {
		complain_about(s, &c);
		return;
	}
	command_begin(s, cmd);
	if (cmd->run(s, rest, &c) != OK) {
		out_drop(&s->out);
		tape_clear(&s->rec.tape);
		complain_about(s, &c);
		s->json_once = false;
		return;
	}
	if (!s->job.slice)
		command_end(s);
}

static void drain(struct session *s)
{
	char *text;

	while (!s->job.slice && !s->over && (text = cut())) {
		run(s, text);
		free(text);
	}
	if (s->over)
		drop_inputs();
}

void conductor_line(struct session *s, const char *line)
{
	const struct command *cmd;
	const char *rest = line;
	struct word w = { "", 0 };
	struct complaint c;
	char *copy = strdup(line);

	word_next(&rest, ";", &w);
	if (command_find(w, &cmd, &c) != OK || !(cmd->flags & CMD_VIEW))
		shell_clear(line);
	if (!copy) {
		s->failure = true;
		return;
	}
	push(copy, "");
	drain(s);
}

bool conductor_busy(const struct session *s)
{
	return s->job.slice != NULL;
}

void conductor_slice(struct session *s, int ms)
{
	if (s->job.slice && s->job.slice(s, ms)) {
		command_end(s);
		drain(s);
	}
}

void conductor_interrupt(struct session *s)
{
	if (s->job.slice) {
		s->job.stop(s);
		command_end(s);
	}
	drop_inputs();
}

int conductor_status(const struct session *s)
{
	return s->failure ? 1 : s->mistake ? 2 : s->found ? 3 : s->bound ? 4 : 0;
}

void conductor_close(struct session *s)
{
	drop_inputs();
	session_close(s);
}
