/*
 * Replay. Rule: a record may come from anywhere, so every word of it is read as a stranger's.
 */
#include "replay.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "branches.h"

struct feed {
	struct session *s;
	struct replayed *r;
	bool built;
	char command[80]; /* the one whose moves come now */
	uint64_t number, hash;
	bool open; /* a command's rows are coming */
	/* A digest that differs; the events of the same move may tell how. */
	bool differs;
	unsigned event;
	char label[80];
};

static int diverge(struct feed *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int diverge(struct feed *f, const char *format, ...)
{
	struct text t = text_over(f->r->trouble, sizeof(f->r->trouble));
	char what[300];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	text_add(&t, "session %llu diverges at command %llu (`%s`), step %u: %s",
		 (unsigned long long)f->r->id, (unsigned long long)f->number, f->command,
		 timeline_depth(&f->s->t), what);
	if (strcmp(f->r->version, PROGRAM_VERSION))
		text_add(&t, "; it was recorded by version %s, this is %s", f->r->version,
			 PROGRAM_VERSION);
	return 1;
}

static int begin(struct feed *f, const struct db_session *row)
{
	struct complaint c = { 0 };

	snprintf(f->r->scenario, sizeof(f->r->scenario), "%s", row->scenario);
	snprintf(f->r->version, sizeof(f->r->version), "%s", row->version);
	f->s->rec.tape.lost = false;
	if (session_load_text(f->s, f->r->scenario, row->scenario_text, row->variant, &c) != OK) {
		struct text t = text_over(f->r->trouble, sizeof(f->r->trouble));

		text_add(&t, "session %llu cannot be built: line %u of its scenario: %s",
			 (unsigned long long)f->r->id, c.line, c.text);
		return 1;
	}
	f->s->set.seed = row->seed;
	f->built = true;
	return 0;
}

/* Everything of the last command has come. */
static int command_done(struct feed *f)
{
	if (f->differs)
		return diverge(f, "after %s the state is not the one that was recorded", f->label);
	if (!f->open)
		return 0;
	f->open = false;
	if (f->s->m->digest != f->hash)
		return diverge(
			f, "the recorded state after the command is %016llx, this one is %016llx",
			(unsigned long long)f->hash, (unsigned long long)f->s->m->digest);
	f->r->commands++;
	session_remember(f->s, f->command);
	return 0;
}

static int begin_command(struct feed *f, const struct db_command *row)
{
	if (command_done(f))
		return 1;
	snprintf(f->command, sizeof(f->command), "%s", row->text);
	f->number = row->head.seq;
	f->hash = row->hash;
	f->open = true;
	return 0;
}

static int take(struct feed *f, const char *label)
{
	struct complaint c;
	struct action a;
	const char *why;
	uint32_t nodes = f->s->t.nodes;

	if (label_read(f->s->m, label, &a, &c) != OK)
		return diverge(f, "%s", c.text);
	why = action_blocked(f->s->m, &a);
	if (why)
		return diverge(f, "%.60s is not possible: %s", label, why);
	f->s->taking = &a;
	if (!timeline_do(&f->s->t, &a))
		return diverge(f, "the timeline is full: it holds %u steps", TIMELINE_NODES);
	f->s->taking = NULL;
	if (f->s->t.nodes > nodes)
		branches_grown(f->s);
	return 0;
}

static int go(struct feed *f, const char *number)
{
	uint64_t node;

	if (!word_number((struct word){ number, strlen(number) }, &node) || node >= f->s->t.nodes)
		return diverge(f, "'%.20s' is no state of the timeline", number);
	timeline_goto(&f->s->t, (uint32_t)node);
	return 0;
}

static int rebuild(struct feed *f, enum move move, const char *text)
{
	struct complaint c = { 0 };
	unsigned v;
	enum status status;

	if (move == MOVE_SETUP) {
		status = session_setup(f->s, text, &c);
	} else {
		v = scenario_variant_find(f->s->sc, (struct word){ text, strlen(text) });
		status = v == NONE ? complain(&c, BAD_NAME, "'%.40s' is no variant", text) :
				     session_restart(f->s, v, &c);
	}
	return status == OK ? 0 : diverge(f, "%s", c.text);
}

static int move(struct feed *f, const struct db_move *row)
{
	int bad;

	if (f->differs)
		return diverge(f, "after %s the state is not the one that was recorded", f->label);
	snprintf(f->label, sizeof(f->label), "%s", row->label);
	switch (row->kind) {
	case MOVE_DO:
		bad = take(f, row->label);
		break;
	case MOVE_GOTO:
		bad = go(f, row->label);
		break;
	case MOVE_SETUP:
	case MOVE_RESTART:
		bad = rebuild(f, (enum move)row->kind, row->label);
		break;
	default:
		return diverge(f, "a move of a kind that this version does not know");
	}
	if (bad)
		return bad;
	f->event = 0;
	f->differs = f->s->m->digest != row->hash;
	f->r->moves += !f->differs;
	return 0;
}

/* After a digest that differs: the first event that is not what it was. */
static int event(struct feed *f, const struct db_event *row)
{
	const struct effects *fx = &f->s->t.fx;
	char buf[200] = "nothing more";
	struct text t = text_over(buf, sizeof(buf));

	if (!f->differs)
		return 0;
	if (f->event < fx->events) {
		buf[0] = '\0';
		event_text(&t, &f->s->m->names, &fx->event[f->event]);
	}
	f->event++;
	if (!strcmp(buf, row->text))
		return 0;
	return diverge(f, "%s now reports `%.100s`; recorded is `%.100s`", f->label, buf,
		       row->text);
}

static int feed(enum db_kind kind, const union db_row *row, void *context)
{
	struct feed *f = context;
	switch (kind) {
	case DB_SESSION:
		return begin(f, &row->session);
	case DB_COMMAND:
		return begin_command(f, &row->command);
	case DB_MOVE:
		return move(f, &row->move);
	case DB_EVENT:
		return event(f, &row->event);
	case DB_MARK:
		timeline_mark(&f->s->t, row->mark.name);
		break;
	case DB_BRANCH:
		branches_restore(f->s, row->branch.id, row->branch.name);
		break;
	case DB_FINDING:
	case DB_NOTE:
	case DB_KINDS:
		break;
	}
	return 0;
}

bool replay_into(struct session *s, struct archive *a, uint64_t id, struct replayed *r)
{
	struct feed f = { .s = s, .r = r };
	struct db_status st;

	memset(r, 0, sizeof(*r));
	r->id = id;
	/* The digests are compared here; the chain of the file is compared by the archive. */
	archive_read(a, id, feed, &f, &st);
	s->taking = NULL;
	if (!r->trouble[0] && st.error != DB_OK)
		snprintf(r->trouble, sizeof(r->trouble), "%.480s", st.message);
	if (!r->trouble[0])
		command_done(&f);
	tape_clear(&s->rec.tape);
	return !r->trouble[0];
}

struct archive *replay_open(const struct session *s, const char *word, uint64_t *id,
			    struct complaint *c)
{
	char path[4096];
	struct db_status st;
	struct archive *a;

	if (recording_path(&s->rec, path, sizeof(path), &st) != DB_OK ||
	    !(a = archive_open(path, 2000, &st))) {
		complain(c, BAD_FILE, "%.190s", st.message);
		return NULL;
	}
	if (archive_find(a, word, id, &st) == DB_OK)
		return a;
	complain(c, BAD_NAME, "%.190s", st.message);
	archive_close(a);
	return NULL;
}
