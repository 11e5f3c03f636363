/*
 * The family "recording": sessions, remarks, exports, scripts.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "commands.h"
#include "conductor.h"
#include "export.h"
#include "replay.h"

static const char *state_name(uint64_t state)
{
	static const char *const names[DB_STATES] = { "open", "closed", "recovered" };

	return state < DB_STATES ? names[state] : "?";
}

/* A stranger's text as JSON; bytes that are no UTF-8 make it empty. */
static json_t *json_text(const char *text)
{
	json_t *s = json_string(text);

	return s ? s : json_string("");
}

static int list_one(const struct archive_entry *e, void *context)
{
	struct session *s = context;
	const struct db_session *row = &e->session;
	time_t at = (time_t)(row->started / 1000);
	char when[32] = "";
	struct tm tm;

	if (localtime_r(&at, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	if (s->out.json)
		out_object(&s->out, "session",
			   json_pack("{s:I, s:s, s:o, s:o, s:o, s:I, s:I, s:o, s:s}", "id",
				     (json_int_t)row->id, "started", when, "scenario",
				     json_text(row->scenario), "variant", json_text(row->variant),
				     "title", json_text(row->title), "commands",
				     (json_int_t)e->commands, "moves", (json_int_t)e->moves,
				     "finding", json_text(row->finding), "state",
				     state_name(row->state)));
	else
		out_line(&s->out, "%5llu  %s  %-24.48s %-10.12s %5llu  %-14.20s %-9s %s",
			 (unsigned long long)row->id, when, row->scenario, row->variant,
			 (unsigned long long)e->commands, *row->finding ? row->finding : "-",
			 state_name(row->state), row->title);
	return 0;
}

static enum status cmd_sessions(struct session *s, const char *rest, struct complaint *c)
{
	char path[4096];
	struct db_status st;
	struct archive *a;

	if (arg_end(rest, c) != OK)
		return c->status;
	if (recording_path(&s->rec, path, sizeof(path), &st) != DB_OK)
		return complain(c, BAD_FILE, "%.190s", st.message);
	a = archive_open(path, 2000, &st);
	if (!a && st.error == DB_MISSING && !s->rec.path) {
		if (!s->out.json)
			out_line(&s->out, "no session has been recorded yet");
		return OK;
	}
	if (!a)
		return complain(c, BAD_FILE, "%.190s", st.message);
	if (!s->out.json)
		out_line(&s->out, "%5s  %-19s  %-24s %-10s %5s  %-14s %-9s %s", "id", "when",
			 "scenario", "variant", "cmds", "finding", "state", "title");
	archive_list(a, list_one, s, &st);
	archive_close(a);
	return st.error == DB_OK ? OK : complain(c, BAD_FILE, "%.190s", st.message);
}

static void say_replayed(struct session *s, const struct replayed *r)
{
	if (s->out.json)
		out_object(&s->out, "replay",
			   json_pack("{s:I, s:s, s:I, s:I, s:b, s:s}", "session", (json_int_t)r->id,
				     "scenario", r->scenario, "commands", (json_int_t)r->commands,
				     "moves", (json_int_t)r->moves, "agrees", !r->trouble[0],
				     "trouble", r->trouble));
	else if (!r->trouble[0])
		out_line(&s->out, "session %llu (%s): %llu commands, %llu moves, all agree",
			 (unsigned long long)r->id, r->scenario, (unsigned long long)r->commands,
			 (unsigned long long)r->moves);
}

static enum status cmd_replay(struct session *s, const char *rest, struct complaint *c)
{
	char word[80];
	struct replayed r;
	struct archive *a;
	struct word w;
	bool verify = false;
	uint64_t id = 0;

	if (!arg_next(&rest, &w))
		return complain(
			c, BAD_SYNTAX,
			"replay needs a session: a number of `sessions`, `last`, or the beginning "
			"of a title");
	arg_copy(w, word, sizeof(word));
	if (arg_next(&rest, &w)) {
		verify = word_is(w, "--verify");
		if (!verify)
			return complain(c, BAD_SYNTAX, "'%.*s' should be --verify or nothing",
					(int)(w.len < 60 ? w.len : 60), w.at);
	}
	if (arg_end(rest, c) != OK)
		return c->status;
	a = replay_open(s, word, &id, c);
	if (!a)
		return c->status;
	if (s->loaded)
		recording_end(&s->rec, s->m->digest);
	session_forget(s);
	replay_into(s, a, id, &r);
	archive_close(a);
	s->rec.replaying = s->loaded ? id : 0;
	s->replayed = s->happened;
	if (r.trouble[0]) {
		out_error(&s->out, "%s", r.trouble);
		s->failure = true;
	}
	if (verify || s->out.json)
		say_replayed(s, &r);
	if (verify || !s->loaded)
		return OK;
	timeline_goto(&s->t, 0);
	out_line(&s->out, "session %llu: %llu commands on %s, variant %s; this is its start",
		 (unsigned long long)id, (unsigned long long)r.commands, s->sc->name,
		 s->sc->variant[s->variant].name);
	out_line(&s->out,
		 "`step`, `back`, `goto N` move over it, `play` goes command by command, `history` "
		 "lists them");
	s->playing = s->replayed > 0;
	return OK;
}

static enum status cmd_save(struct session *s, const char *rest, struct complaint *c)
{
	if (!*rest)
		return complain(c, BAD_SYNTAX, "save needs a title");
	if (strlen(rest) >= sizeof(s->rec.title))
		return complain(c, BAD_LIMIT, "a title has at most %zu bytes",
				sizeof(s->rec.title) - 1);
	if (!s->rec.wished || s->rec.broken)
		return complain(c, BAD_STATE, "nothing is recorded, so there is nothing to save");
	/* What was done so far is the beginning of a session with this title. */
	recording_end(&s->rec, s->m->digest);
	strcpy(s->rec.title, rest);
	out_line(&s->out, "saved as \"%s\"; the session goes on under that title", rest);
	return OK;
}

static enum status cmd_note(struct session *s, const char *rest, struct complaint *c)
{
	if (!*rest)
		return complain(c, BAD_SYNTAX, "note needs a text");
	tape_note(&s->rec.tape, timeline_depth(&s->t), rest);
	out_line(&s->out, "noted: %s", rest);
	return OK;
}

static enum status cmd_echo(struct session *s, const char *rest, struct complaint *c)
{
	(void)c;
	out_line(&s->out, "%s", rest);
	return OK;
}

static enum status cmd_say(struct session *s, const char *rest, struct complaint *c)
{
	if (!*rest)
		return complain(c, BAD_SYNTAX, "say needs a text");
	out_line(&s->out, "-- %s", rest);
	return OK;
}

static enum status text_write(const char *path, const char *text, size_t size, struct complaint *c)
{
	FILE *f = fopen(path, "wx");
	bool well;

	if (!f)
		return complain(c, BAD_FILE, "%.120s: %s", path,
				errno == EEXIST ? "it is there already, take another name" :
						  strerror(errno));
	well = fwrite(text, 1, size, f) == size;
	if (fclose(f) || !well) {
		remove(path);
		return complain(c, BAD_FILE, "%.120s: it cannot be written", path);
	}
	return OK;
}

static enum status cmd_export(struct session *s, const char *rest, struct complaint *c)
{
	char word[80], path[1024] = "";
	struct word w, f = { "the end of the line", 19 }, file;
	unsigned format = 0;
	enum status status;
	char *text = NULL;
	size_t size;
	FILE *mem;

	if (!arg_next(&rest, &w))
		return complain(
			c, BAD_SYNTAX,
			"export needs a session (or `now`) and a format: script, race, jsonl or html");
	arg_next(&rest, &f);
	while (format < EXPORT_FORMATS && !word_is(f, export_names[format]))
		format++;
	if (format == EXPORT_FORMATS)
		return complain(c, BAD_NAME, "'%.*s' is no format: script, race, jsonl or html",
				(int)(f.len < 60 ? f.len : 60), f.at);
	if (arg_next(&rest, &file))
		arg_copy(file, path, sizeof(path));
	if (arg_end(rest, c) != OK)
		return c->status;
	arg_copy(w, word, sizeof(word));
	mem = open_memstream(&text, &size);
	if (!mem)
		return complain(c, BAD_LIMIT, "there is no memory for the export");
	if (!word_is(w, "now")) {
		status = export_recorded(s, word, (enum export_format)format, mem, c);
	} else {
		status = session_need(s, c);
		if (status == OK)
			export_now(s, (enum export_format)format, mem);
	}
	fclose(mem);
	if (status == OK && path[0]) {
		status = text_write(path, text, size, c);
		if (status == OK)
			out_line(&s->out, "%s: %zu bytes", path, size);
	} else if (status == OK && s->out.json && format != EXPORT_JSONL) {
		out_object(&s->out, "export",
			   json_pack("{s:s, s:s}", "format", export_names[format], "text", text));
	} else if (status == OK) {
		out_raw(&s->out, text);
	}
	free(text);
	return status;
}

static enum status cmd_pack(struct session *s, const char *rest, struct complaint *c)
{
	char word[80], path[1024];
	struct word w, file;
	struct db_status st;
	struct archive *a;
	enum db_error error;
	uint64_t id;

	if (!arg_next(&rest, &w) || !arg_next(&rest, &file))
		return complain(c, BAD_SYNTAX, "pack needs a session and a file: pack last race.db");
	if (arg_end(rest, c) != OK)
		return c->status;
	arg_copy(w, word, sizeof(word));
	arg_copy(file, path, sizeof(path));
	a = replay_open(s, word, &id, c);
	if (!a)
		return c->status;
	error = archive_pack(a, id, path, &st);
	archive_close(a);
	if (error != DB_OK)
		return complain(c, BAD_FILE, "%.190s", st.message);
	out_line(&s->out, "%s: session %llu", path, (unsigned long long)id);
	return OK;
}

/* A scenario, and not a list of commands: it has a title. */
static bool is_scenario(const char *text)
{
	for (; *text; text += *text == '\n') {
		const char *rest = text;
		struct word w;

		if (word_next(&rest, "\n", &w) && word_is(w, "title"))
			return true;
		text += strcspn(text, "\n");
	}
	return false;
}

static char *file_read(const char *path, struct complaint *c)
{
	enum {
		LARGEST = 4 << 20
	};
	struct stat st;
	char *text;
	FILE *f;
	size_t n;

	if (stat(path, &st) || !(S_ISREG(st.st_mode))) {
		complain(c, BAD_FILE, "%.120s: %s", path,
			 errno ? strerror(errno) : "this is no regular file");
		return NULL;
	}
	if (st.st_size > LARGEST) {
		complain(c, BAD_LIMIT, "%.120s: a file of commands has at most %d bytes", path,
			 LARGEST);
		return NULL;
	}
	f = fopen(path, "r");
	text = malloc((size_t)st.st_size + 1);
	if (!f || !text) {
		complain(c, BAD_FILE, "%.120s: %s", path, strerror(errno));
		if (f)
			fclose(f);
		free(text);
		return NULL;
	}
	n = fread(text, 1, (size_t)st.st_size, f);
	text[n] = '\0';
	fclose(f);
	if (strlen(text) == n)
		return text;
	complain(c, BAD_FILE, "%.120s: it holds a zero byte, so it is no text", path);
	free(text);
	return NULL;
}

static enum status cmd_source(struct session *s, const char *rest, struct complaint *c)
{
	char path[1024];
	struct word w;
	char *text;
	enum status status;

	if (!arg_next(&rest, &w))
		return complain(c, BAD_SYNTAX, "source needs a file");
	arg_copy(w, path, sizeof(path));
	if (arg_end(rest, c) != OK)
		return c->status;
	errno = 0;
	text = file_read(path, c);
	if (!text)
		return c->status;
	if (!is_scenario(text))
		return conductor_source(s, text, path, c);
	free(text);
	if (!strchr(path, '/') && strlen(path) < sizeof(path) - 2) {
		memmove(path + 2, path, strlen(path) + 1);
		memcpy(path, "./", 2);
	}
	status = session_load(s, path, "", c);
	if (status == OK && s->sc->beats)
		conductor_insert(s, "play all");
	return status;
}

static enum status cmd_history(struct session *s, const char *rest, struct complaint *c)
{
	if (arg_end(rest, c) != OK)
		return c->status;
	for (size_t i = 0; i < s->happened; i++) {
		const struct happened *h = &s->history[i];

		if (s->out.json)
			out_object(
				&s->out, "history",
				json_pack("{s:I, s:s}", "n", (json_int_t)i + 1, "text", h->text));
		else
			out_line(&s->out, "%c%5zu  %s",
				 i < s->replayed && i + 1 == s->shown ? '>' : ' ', i + 1, h->text);
	}
	return OK;
}

static enum status cmd_undo(struct session *s, const char *rest, struct complaint *c)
{
	struct snapshot now, *u;

	if (arg_end(rest, c) != OK)
		return c->status;
	if (!s->undos)
		return complain(c, BAD_STATE, "there is nothing to undo");
	u = &s->undo[--s->undos];
	out_line(&s->out, "undone: %s", u->command);
	memcpy(&now.set, &s->set, sizeof(now.set));
	now.cursor = s->t.cursor;
	memcpy(now.command, u->command, sizeof(now.command));
	memcpy(&s->set, &u->set, sizeof(s->set));
	session_goto(s, u->cursor);
	*u = now;
	s->redos++;
	return OK;
}

static enum status cmd_redo(struct session *s, const char *rest, struct complaint *c)
{
	struct snapshot now, *u = &s->undo[s->undos];

	if (arg_end(rest, c) != OK)
		return c->status;
	if (!s->redos)
		return complain(c, BAD_STATE, "there is nothing to redo");
	out_line(&s->out, "done again: %s", u->command);
	memcpy(&now.set, &s->set, sizeof(now.set));
	now.cursor = s->t.cursor;
	memcpy(now.command, u->command, sizeof(now.command));
	memcpy(&s->set, &u->set, sizeof(s->set));
	session_goto(s, u->cursor);
	*u = now;
	s->undos++;
	s->redos--;
	return OK;
}

static const struct command rows[] = {
	{ "undo", "", "undo", "take the last command back, settings included",
	  "Steps stay as a branch of the timeline.", "step 5; undo", CMD_MACHINE, cmd_undo, "" },
	{ "redo", "", "redo", "do again what was undone", "", "step 5; undo; redo", CMD_MACHINE, cmd_redo,
	  "" },
	{ "history", "", "history", "list the commands of this session",
	  "In a replay: those that were recorded.", "history", CMD_UNRECORDED, cmd_history, "" },
	{ "note", "", "note TEXT", "attach a remark to this state",
	  "It is on the disk when `noted` appears.", "note here the lock drops",
	  CMD_MACHINE | CMD_KEEP, cmd_note, "" },
	{ "echo", "", "echo TEXT", "print a text", "For scripts.", "echo half way",
	  CMD_MACHINE | CMD_KEEP, cmd_echo, "" },
	{ "say", "", "say TEXT", "print a sentence of narration",
	  "As the `say` lines of a scenario.", "say watch cpu1 now", CMD_MACHINE | CMD_KEEP,
	  cmd_say, "" },
	{ "save", "", "save TITLE", "give what was done so far a title",
	  "`replay TITLE` finds it again.", "save mremap against truncate", CMD_MACHINE | CMD_KEEP,
	  cmd_save, "" },
	{ "sessions", "ls", "sessions", "list the recorded sessions",
	  "Every session is recorded, unless --no-record says not to.", "sessions", CMD_UNRECORDED,
	  cmd_sessions, "" },
	{ "replay", "", "replay ID|last|TITLE [--verify]", "open a recorded session in the stepper",
	  "Each move is done again and the states are compared. --verify only says whether all "
	  "agree.",
	  "replay last --verify", CMD_UNRECORDED, cmd_replay, "" },
	{ "export", "", "export ID|last|TITLE|now script|race|jsonl|html [FILE]",
	  "write a session for others to read",
	  "script: a scenario that does it again. race: columns for a mail. jsonl: an object per "
	  "line. html: the panes, one file.",
	  "export now race", CMD_UNRECORDED, cmd_export, "f" },
	{ "pack", "", "pack ID|last|TITLE FILE", "copy one session into a file of its own",
	  "The file stands alone and replays on another machine: shootdown --db FILE replay last. It "
	  "must not exist yet.",
	  "pack last race.db", CMD_UNRECORDED, cmd_pack, "" },
	{ "source", "", "source FILE", "carry out the commands of a file",
	  "A scenario or an exported script is loaded and its `do` lines are done.",
	  "source repro.scn", CMD_UNRECORDED, cmd_source, "" },
};

const struct command_group group_recording = { "recording", "Recording", rows,
					       sizeof(rows) / sizeof(rows[0]) };
