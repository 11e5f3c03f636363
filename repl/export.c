/*
 * Exporters. Rule: what is written depends on the session alone, never on the terminal or the day.
 */
#include "export.h"

#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "change.h"
#include "paint_html.h"
#include "race.h"
#include "replay.h"
#include "stepper.h"

const char *const export_names[EXPORT_FORMATS] = { "script", "race", "jsonl", "html" };

/* ---- script ---- */

static bool first_word_is(const char *line, const char *word)
{
	struct word w;

	return word_next(&line, "\n", &w) && word_is(w, word);
}

/* Does the line belong to another variant than the one that is exported? */
static bool is_other_variant(const struct session *s, const char *line)
{
	struct word w = { "", 0 };

	if (!first_word_is(line, "variant") && !first_word_is(line, "expect"))
		return false;
	word_next(&line, "\n", &w);
	word_next(&line, "\n", &w);
	return !word_is(w, s->sc->variant[s->variant].name);
}

/* The scenario without its story and its other variants. */
static void scenario_part(const struct session *s, FILE *to)
{
	const char *line = s->sc->text;

	while (*line) {
		size_t n = strcspn(line, "\n");

		if (!first_word_is(line, "say") && !first_word_is(line, "do") &&
		    !is_other_variant(s, line))
			fprintf(to, "%.*s\n", (int)n, line);
		line += n + (line[n] == '\n');
	}
}

/* Labels joined into lines that a scenario may have. */
static void steps_part(const struct session *s, FILE *to)
{
	enum {
		ROOM = 400
	};
	char label[MAX_LABEL];
	size_t used = 0;

	for (uint32_t d = 1; d <= timeline_depth(&s->t); d++) {
		struct text t = text_over(label, sizeof(label));

		label_text(&t, &s->m->names, &s->t.node[timeline_at(&s->t, d)].action);
		if (used + t.len > ROOM) {
			fputc('\n', to);
			used = 0;
		}
		used += (size_t)fprintf(to, "%s%s", used ? "; " : "do       ", label);
	}
	if (used)
		fputc('\n', to);
}

static void script(struct session *s, FILE *to)
{
	unsigned rule = session_finding(s);

	fprintf(to, "# shootdown %s: %s, variant %s, %u steps", PROGRAM_VERSION, s->sc->name,
		s->sc->variant[s->variant].name, timeline_depth(&s->t));
	fprintf(to, rule ? ", breaks %s\n" : "\n", rule_table[rule].name);
	fprintf(to,
		"# `source` this file, or `load` it and `play all`.  State at the end: %016llx\n",
		(unsigned long long)s->m->digest);
	/* A file with a title is a scenario, see `source`. */
	if (!s->sc->title[0])
		fprintf(to, "title    %s\n", s->sc->name);
	scenario_part(s, to);
	steps_part(s, to);
}

/* ---- race ---- */

static void race(struct session *s, FILE *to)
{
	unsigned rule = session_finding(s);

	/* The width of a mail. */
	fprintf(to, "%.75s\n", s->sc->title[0] ? s->sc->title : s->sc->name);
	fprintf(to, "%s, variant %s%s%s\n\n", s->sc->name, s->sc->variant[s->variant].name,
		rule ? ": breaks " : "", rule ? rule_table[rule].name : "");
	race_write(to, &s->t, 0, timeline_depth(&s->t));
}

/* ---- JSON Lines ---- */

static void object(FILE *to, const char *kind, json_t *o)
{
	json_t *line = json_pack("{s:i, s:s}", "v", 1, "t", kind);
	char *text;

	if (o)
		json_object_update(line, o);
	text = json_dumps(line, JSON_COMPACT);
	if (text)
		fprintf(to, "%s\n", text);
	free(text);
	json_decref(line);
	json_decref(o);
}

static json_t *hex(uint64_t digest)
{
	char buf[20];

	snprintf(buf, sizeof(buf), "%016llx", (unsigned long long)digest);
	return json_string(buf);
}

/* Texts of a stranger's file may be no UTF-8; then the bytes that are not are replaced. */
static json_t *words(const char *text)
{
	json_t *s = json_string(text);
	char *copy;

	if (s)
		return s;
	copy = strdup(text);
	if (!copy)
		return json_string("");
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	s = json_string(copy);
	free(copy);
	return s;
}

struct lines {
	FILE *to;
	uint64_t steps, digest;
	json_t *step, *changes; /* waits for its events */
};

static void step_done(struct lines *l)
{
	if (!l->step)
		return;
	json_object_set_new(l->step, "changes", l->changes);
	object(l->to, "step", l->step);
	l->step = NULL;
}

static void header(struct lines *l, const struct db_session *row)
{
	object(l->to, "header",
	       json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o}", "session",
			 (json_int_t)row->id, "title", words(row->title), "scenario",
			 words(row->scenario), "variant", words(row->variant), "switches",
			 words(row->switches), "version", words(row->version), "seed",
			 (json_int_t)row->seed, "finding", words(row->finding), "scenario_text",
			 words(row->scenario_text)));
}

static void move(struct lines *l, const struct db_move *row)
{
	static const char *const kinds[] = { "do", "goto", "setup", "restart" };
	const char *dot = strchr(row->label, '.');

	if (row->kind == MOVE_DO) {
		l->step = json_pack(
			"{s:I, s:o, s:o, s:o, s:o}", "n", (json_int_t)++l->steps, "agent",
			json_stringn(row->label, dot ? (size_t)(dot - row->label) : 0), "label",
			words(row->label), "pre", hex(l->digest), "post", hex(row->hash));
		l->changes = json_array();
	} else {
		object(l->to, "move",
		       json_pack("{s:s, s:o, s:o}", "kind",
				 row->kind < MOVES ? kinds[row->kind] : "?", "to",
				 words(row->label), "post", hex(row->hash)));
	}
	l->digest = row->hash;
}

static int one(enum db_kind kind, const union db_row *row, void *context)
{
	struct lines *l = context;

	if (kind == DB_EVENT && l->step) {
		json_array_append_new(l->changes, words(row->event.text));
		return 0;
	}
	step_done(l);
	switch (kind) {
	case DB_SESSION:
		header(l, &row->session);
		break;
	case DB_COMMAND:
		object(l->to, "command",
		       json_pack("{s:I, s:o, s:I, s:I, s:o}", "n",
				 (json_int_t)row->command.head.seq, "text",
				 words(row->command.text), "before",
				 (json_int_t)row->command.before, "after",
				 (json_int_t)row->command.after, "hash", hex(row->command.hash)));
		break;
	case DB_MOVE:
		move(l, &row->move);
		break;
	case DB_FINDING:
		object(l->to, "violation",
		       json_pack("{s:o, s:o}", "rule", words(row->finding.rule), "text",
				 words(row->finding.text)));
		break;
	case DB_MARK:
		object(l->to, "mark",
		       json_pack("{s:I, s:o, s:o}", "n", (json_int_t)row->mark.position, "name",
				 words(row->mark.name), "text", words(row->mark.text)));
		break;
	case DB_NOTE:
		object(l->to, "note",
		       json_pack("{s:I, s:o}", "n", (json_int_t)row->note.position, "text",
				 words(row->note.text)));
		break;
	case DB_BRANCH:
		object(l->to, "branch",
		       json_pack("{s:I, s:I, s:I}", "id", (json_int_t)row->branch.id, "parent",
				 (json_int_t)row->branch.parent, "n",
				 (json_int_t)row->branch.position));
		break;
	case DB_EVENT:
	case DB_KINDS:
		break;
	}
	return 0;
}

/* The line through the cursor, as a recorder would have it. */
static void lines_now(struct session *s, FILE *to)
{
	struct lines l = { .to = to, .digest = s->t.node[0].digest };
	char label[MAX_LABEL], event[200];

	header(&l, &(struct db_session){ .id = s->rec.id,
					 .title = "",
					 .scenario = s->sc->name,
					 .variant = s->sc->variant[s->variant].name,
					 .switches = s->sc->variant[s->variant].switches,
					 .version = PROGRAM_VERSION,
					 .seed = s->set.seed,
					 .scenario_text = s->sc->text,
					 .finding = session_finding(s) ?
							    rule_table[session_finding(s)].name :
							    "" });
	for (uint32_t d = 1; d <= timeline_depth(&s->t); d++) {
		const struct timeline_node *node = &s->t.node[timeline_at(&s->t, d)];
		const struct timeline_step *step = timeline_step(&s->t, d);
		struct text lt = text_over(label, sizeof(label));

		label_text(&lt, &s->m->names, &node->action);
		move(&l,
		     &(struct db_move){ .kind = MOVE_DO, .hash = node->digest, .label = label });
		for (uint32_t i = 0; i < step->events; i++) {
			struct text et = text_over(event, sizeof(event));

			event_text(&et, &s->m->names, &s->t.event[step->event_at + i]);
			json_array_append_new(l.changes, words(event));
		}
		step_done(&l);
		if (node->finding.rule)
			object(to, "violation",
			       json_pack("{s:s, s:s}", "rule", rule_table[node->finding.rule].name,
					 "text", rule_table[node->finding.rule].claim));
	}
}

/* ---- html ---- */

enum {
	HTML_COLS = 160,
	HTML_ROWS = 50
};

static void html(struct session *s, FILE *to)
{
	static struct change change;
	static struct board board;
	struct canvas *c = canvas_new(HTML_ROWS, HTML_COLS);
	struct scene scene = session_scene(s);
	uint32_t depth = timeline_depth(&s->t);
	struct action next;

	if (!c)
		return;
	change_find(&change, &s->t, depth ? depth - 1 : 0);
	scene.change = &change;
	scene.next = stepper_default(s, &next) ? &next : NULL;
	board_show(&board, board_sets);
	board_draw(&board, c, &scene);
	paint_html_document(to, c, s->out.theme, s->sc->title);
	canvas_free(c);
}

void export_now(struct session *s, enum export_format format, FILE *to)
{
	switch (format) {
	case EXPORT_SCRIPT:
		script(s, to);
		break;
	case EXPORT_RACE:
		race(s, to);
		break;
	case EXPORT_JSONL:
		lines_now(s, to);
		break;
	case EXPORT_HTML:
		html(s, to);
		break;
	case EXPORT_FORMATS:
		break;
	}
}

/* What is worth a drawing: the way to a finding, else the whole line, also where it was left
 * behind. */
static void to_the_point(struct session *s)
{
	if (session_finding(s))
		return;
	for (uint32_t n = s->t.nodes - 1; n; n--)
		if (s->t.node[n].finding.rule) {
			timeline_goto(&s->t, n);
			return;
		}
	timeline_goto(&s->t, timeline_at(&s->t, timeline_last(&s->t)));
}

static enum status export_replayed(struct archive *a, uint64_t id, enum export_format format,
				   FILE *to, struct complaint *c)
{
	struct session *aside = malloc(sizeof(*aside));
	struct replayed r;

	if (!aside || !session_open(aside)) {
		free(aside);
		return complain(c, BAD_LIMIT, "there is no memory for a second session");
	}
	if (replay_into(aside, a, id, &r)) {
		to_the_point(aside);
		export_now(aside, format, to);
	} else {
		complain(c, BAD_FILE, "%.190s", r.trouble);
	}
	session_close(aside);
	free(aside);
	return r.trouble[0] ? BAD_FILE : OK;
}

enum status export_recorded(struct session *s, const char *word, enum export_format format,
			    FILE *to, struct complaint *c)
{
	struct lines l = { .to = to };
	struct db_status st;
	uint64_t id;
	struct archive *a = replay_open(s, word, &id, c);
	enum status status = OK;

	if (!a)
		return c->status;
	if (format != EXPORT_JSONL) {
		status = export_replayed(a, id, format, to, c);
	} else {
		archive_read(a, id, one, &l, &st);
		step_done(&l);
		if (st.error != DB_OK)
			status = complain(c, BAD_FILE, "%.190s", st.message);
	}
	archive_close(a);
	return status;
}
