/*
 * One session, streamed: a cursor per table, merged by command and move, digested on the way. The
 * rows of a command are taken in an order that people expect; the chain does not depend on it,
 * because each table has its own digest.
 */
#include "db_archive.h"

#include "db_table.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define RANKS 4 /* places after a move: the move itself, its events, its findings */

struct cursor {
	union db_row row;
	uint64_t place; /* within its command */
	bool more;	/* row is valid */
};

struct walk {
	struct archive *a;
	uint64_t id;
	struct cursor cursor[DB_KINDS];
	uint64_t digest[DB_KINDS];
	int (*visit)(enum db_kind kind, const union db_row *row, void *context);
	void *context;
	struct db_status *st;
	bool stopped;
};

static enum db_error walk_broken(struct walk *w, uint64_t command)
{
	return db_fail(w->st, DB_BROKEN,
		       "%.300s: session %llu, command %llu is not as it was recorded, the chain "
		       "breaks there: restore a"
		       " copy, or use the commands before it",
		       w->a->file.path, (unsigned long long)w->id, (unsigned long long)command);
}

/* Where a row belongs in its command: moves by number, what they caused right after them, the rest
 * at the end. */
static uint64_t row_place(enum db_kind kind, const union db_row *row)
{
	if (kind == DB_MOVE)
		return row->head.seq * RANKS;
	if (kind == DB_EVENT)
		return row->event.move * RANKS + 1;
	if (kind == DB_FINDING)
		return row->finding.move * RANKS + 2;
	return UINT64_MAX;
}

static enum db_error cursor_next(struct walk *w, enum db_kind kind)
{
	struct cursor *cursor = &w->cursor[kind];
	sqlite3_stmt *stmt = w->a->select[kind];
	uint64_t expected = cursor->row.head.seq + 1;
	const char *bad;
	int rc = sqlite3_step(stmt);

	cursor->more = false;
	if (rc == SQLITE_DONE)
		return w->st->error;
	if (rc != SQLITE_ROW)
		return db_file_error(&w->a->file, rc, w->st);
	if (!db_table_read(&db_tables[kind], stmt, &cursor->row, &bad))
		return db_fail(w->st, DB_DAMAGED,
			       "%.300s: session %llu, %s %llu has an impossible %s: restore a copy",
			       w->a->file.path, (unsigned long long)w->id, db_tables[kind].name,
			       (unsigned long long)expected, bad);
	if (kind == DB_COMMAND)
		cursor->row.head.command = cursor->row.head.seq;
	if (cursor->row.head.seq != expected)
		return db_fail(w->st, DB_BROKEN,
			       "%.300s: session %llu has lost its %s %llu: restore a copy, or use "
			       "what comes before it",
			       w->a->file.path, (unsigned long long)w->id, db_tables[kind].name,
			       (unsigned long long)expected);
	cursor->place = row_place(kind, &cursor->row);
	cursor->more = true;
	return w->st->error;
}

static void row_visit(struct walk *w, enum db_kind kind, const union db_row *row)
{
	if (w->visit && w->visit(kind, row, w->context))
		w->stopped = true;
}

/* The kind of the next row of a command, DB_KINDS when it has no more. */
static enum db_kind walk_pick(const struct walk *w, uint64_t command)
{
	enum db_kind best = DB_KINDS;

	for (enum db_kind kind = DB_MOVE; kind < DB_KINDS; kind++) {
		const struct cursor *cursor = &w->cursor[kind];

		if (cursor->more && cursor->row.head.command == command &&
		    (best == DB_KINDS || cursor->place < w->cursor[best].place))
			best = kind;
	}
	return best;
}

static enum db_error command_walk(struct walk *w, uint64_t *chain)
{
	const union db_row *row = &w->cursor[DB_COMMAND].row;
	uint64_t command = row->head.seq;
	enum db_kind kind;

	db_file_refill(&w->a->file);
	memset(w->digest, 0, sizeof(w->digest));
	row_visit(w, DB_COMMAND, row);
	while (!w->stopped && !w->st->error && (kind = walk_pick(w, command)) != DB_KINDS) {
		const union db_row *below = &w->cursor[kind].row;

		w->digest[kind] =
			db_table_digest(&db_tables[kind], below, COVER_BEGIN, w->digest[kind]);
		row_visit(w, kind, below);
		if (!w->stopped)
			cursor_next(w, kind);
	}
	if (w->stopped || w->st->error)
		return w->st->error;
	*chain = db_table_chain(&row->command, w->digest, *chain);
	if (*chain != row->command.chain)
		return walk_broken(w, command);
	return cursor_next(w, DB_COMMAND);
}

/* Rows that belong to no command, and an end that does not follow from the last one. */
static enum db_error end_check(struct walk *w, const struct db_session *session, uint64_t chain)
{
	uint64_t last = w->cursor[DB_COMMAND].row.head.seq;

	for (enum db_kind kind = DB_MOVE; kind < DB_KINDS; kind++)
		if (w->cursor[kind].more)
			return walk_broken(w, last + 1);
	if (session->state != DB_CLOSED)
		return w->st->error;
	if (db_table_digest(&db_tables[DB_SESSION], session, COVER_END, chain) !=
	    session->end_chain)
		return db_fail(w->st, DB_BROKEN,
			       "%.300s: session %llu does not end as it was recorded, after "
			       "command %llu: restore a copy",
			       w->a->file.path, (unsigned long long)w->id,
			       (unsigned long long)last);
	return w->st->error;
}

static enum db_error session_walk(struct walk *w, const union db_row *session)
{
	uint64_t chain = session->session.chain;

	if (db_table_digest(&db_tables[DB_SESSION], &session->session, COVER_BEGIN, 0) != chain)
		return db_fail(
			w->st, DB_BROKEN,
			"%.300s: session %llu does not begin as it was recorded: restore a copy",
			w->a->file.path, (unsigned long long)w->id);
	row_visit(w, DB_SESSION, session);
	for (enum db_kind kind = DB_COMMAND; kind < DB_KINDS && !w->st->error; kind++) {
		sqlite3_bind_int64(w->a->select[kind], 1, (sqlite3_int64)w->id);
		cursor_next(w, kind);
	}
	while (!w->stopped && !w->st->error && w->cursor[DB_COMMAND].more)
		command_walk(w, &chain);
	if (!w->stopped && !w->st->error)
		end_check(w, &session->session, chain);
	return w->st->error;
}

enum db_error archive_read(struct archive *a, uint64_t id,
			   int (*visit)(enum db_kind kind, const union db_row *row, void *context),
			   void *context, struct db_status *st)
{
	struct walk w = { .a = a, .id = id, .visit = visit, .context = context, .st = st };
	union db_row session;

	if (archive_session(a, id, &session.session, st))
		return st->error;
	session_walk(&w, &session);
	for (enum db_kind kind = DB_SESSION; kind < DB_KINDS; kind++)
		sqlite3_reset(a->select[kind]);
	return st->error;
}
