/*
 * The recorder: rows wait in memory until their command ends, then go to the file in one
 * transaction.
 *
 * Only a command too big to keep is written earlier, in the same transaction; it then holds the
 * file's write lock until it is committed or dropped.
 */
#include "recorder.h"

#include "db_file.h"
#include "db_pending.h"
#include "db_table.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SPILL_BYTES  ((size_t)16 << 20)
#define WAL_RETRY_MS 5

enum fixed_statement {
	STATEMENT_BEGIN,
	STATEMENT_COMMIT,
	STATEMENT_ROLLBACK,
	STATEMENT_LAST_SESSION,
	STATEMENT_END_SESSION,
	STATEMENTS,
};

static const char *const statement_sql[STATEMENTS] = {
	[STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
	[STATEMENT_COMMIT] = "COMMIT",
	[STATEMENT_ROLLBACK] = "ROLLBACK",
	[STATEMENT_LAST_SESSION] = "SELECT id FROM session ORDER BY id DESC LIMIT 1",
	[STATEMENT_END_SESSION] = ("UPDATE session SET ended = ?2, final_hash = ?3, finding = ?4, "
				   "state = ?5, end_chain = ?6"
				   " WHERE id = ?1"),
};

struct recorder {
	struct file file;
	sqlite3_stmt *insert[DB_KINDS];
	sqlite3_stmt *fixed[STATEMENTS];
	struct pending pending;
	struct db_command command; /* the one between record_begin() and its end */
	bool in_command;
	bool in_transaction;
	bool told; /* the reason below was returned by some call */
	struct db_status off;
	uint64_t session; /* 0: none */
	uint64_t chain;	  /* of the last command */
	uint64_t seq[DB_KINDS];
	uint64_t written[DB_KINDS]; /* as seq when the last command ended */
	uint64_t digest[DB_KINDS];
};

static uint64_t time_of_day(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool recorder_works(const struct recorder *r)
{
	return r && !r->off.error;
}

/* Closes the file for good. What SQLite cannot checkpoint now stays in the -wal for the next one to
 * open it. */
static void recorder_release(struct recorder *r)
{
	if (r->in_transaction)
		sqlite3_step(r->fixed[STATEMENT_ROLLBACK]);
	r->in_transaction = false;
	for (unsigned i = 0; i < DB_KINDS; i++)
		sqlite3_finalize(r->insert[i]);
	for (unsigned i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(r->fixed[i]);
	memset(r->insert, 0, sizeof(r->insert));
	memset(r->fixed, 0, sizeof(r->fixed));
	db_file_close(&r->file);
	db_pending_free(&r->pending);
	r->session = 0;
}

/* The reason is in r->off. */
static void recorder_stop(struct recorder *r)
{
	assert(r->off.error);
	recorder_release(r);
}

static void recorder_stop_sqlite(struct recorder *r, int rc)
{
	db_file_error(&r->file, rc, &r->off);
	recorder_stop(r);
}

static void recorder_stop_memory(struct recorder *r)
{
	recorder_stop_sqlite(r, SQLITE_NOMEM);
}

/* How a call ends: the reason the first time, DB_OFF from then on. */
static enum db_error recorder_answer(struct recorder *r, struct db_status *st)
{
	db_ok(st);
	if (recorder_works(r))
		return DB_OK;
	if (!r || r->told) {
		st->error = DB_OFF;
		return DB_OFF;
	}
	r->told = true;
	*st = r->off;
	return st->error;
}

static bool statement_run(struct recorder *r, enum fixed_statement which)
{
	int rc;

	errno = 0;
	rc = sqlite3_step(r->fixed[which]);
	if (rc == SQLITE_DONE)
		rc = sqlite3_reset(r->fixed[which]);
	if (rc != SQLITE_OK)
		recorder_stop_sqlite(r, rc);
	return rc == SQLITE_OK;
}

static bool transaction_begin(struct recorder *r)
{
	if (r->in_transaction)
		return true;
	if (!statement_run(r, STATEMENT_BEGIN))
		return false;
	r->in_transaction = true;
	return true;
}

static bool transaction_commit(struct recorder *r)
{
	if (!statement_run(r, STATEMENT_COMMIT))
		return false;
	r->in_transaction = false;
	return true;
}

/*
 * Entering WAL needs the file for a moment, and SQLite does not wait for that one lock. Where WAL
 * is not to be had the pragma leaves the old journal, which is as durable, only slower.
 */
static enum db_error journal_set(struct file *file, const struct db_options *options,
				 struct db_status *st)
{
	int waited = 0;

	while (db_file_exec(file, "PRAGMA journal_mode = WAL", st) == DB_LOCKED &&
	       waited < options->busy_ms)
		waited += sqlite3_sleep(WAL_RETRY_MS);
	if (st->error)
		return st->error;
	return db_file_exec(file,
			    options->sync == DB_SYNC_FULL ? "PRAGMA synchronous = FULL" :
							    "PRAGMA synchronous = NORMAL",
			    st);
}

static enum db_error statements_prepare(struct recorder *r, struct db_status *st)
{
	char sql[DB_SQL_SIZE];

	for (unsigned i = 0; i < DB_KINDS && !st->error; i++) {
		db_table_insert_sql(&db_tables[i], sql);
		db_file_prepare(&r->file, sql, &r->insert[i], st);
	}
	for (unsigned i = 0; i < STATEMENTS && !st->error; i++)
		db_file_prepare(&r->file, statement_sql[i], &r->fixed[i], st);
	return st->error;
}

/* Ready to record, or closed with the reason in st. */
static enum db_error recorder_connect(struct recorder *r, const char *path,
				      const struct db_options *options, struct db_status *st)
{
	bool left_open = false;

	for (bool tried = false;; tried = true) {
		if (db_file_open(&r->file, path, FILE_CREATE, options->busy_ms, st))
			return st->error;
		if (!db_file_make(&r->file, st) && !db_file_check_schema(&r->file, st))
			db_file_has_open(&r->file, &left_open, st);
		if (st->error || !left_open || tried)
			break;
		db_file_close(&r->file);
		/* locked: whoever records those sessions is alive */
		if (db_file_recover(path, st) && st->error != DB_LOCKED)
			return st->error;
	}
	if (!st->error)
		db_file_unlimit(&r->file);
	if (!st->error && !journal_set(&r->file, options, st))
		statements_prepare(r, st);
	return st->error;
}

struct recorder *recorder_open(const char *path, const struct db_options *options,
			       struct db_status *st)
{
	static const struct db_options defaults = { DB_SYNC_FULL, DB_BUSY_MS };
	struct recorder *r = calloc(1, sizeof(*r));

	if (!r) {
		db_fail_sqlite(st, NULL, SQLITE_NOMEM, path);
		return NULL;
	}
	db_pending_init(&r->pending);
	db_ok(&r->off);
	if (recorder_connect(r, path, options ? options : &defaults, &r->off))
		recorder_stop(r);
	recorder_answer(r, st);
	return r;
}

const char *recorder_reason(const struct recorder *r)
{
	return r && r->off.error ? r->off.message : NULL;
}

uint64_t recorder_session(const struct recorder *r)
{
	return r ? r->session : 0;
}

static bool row_insert(struct recorder *r, enum db_kind kind, const void *row)
{
	int rc = db_table_insert(&db_tables[kind], r->insert[kind], row);

	if (rc != SQLITE_OK)
		recorder_stop_sqlite(r, rc);
	return rc == SQLITE_OK;
}

enum db_error recorder_begin(struct recorder *r, const struct db_session *row, struct db_status *st)
{
	struct db_session session = *row;
	int rc;

	if (!recorder_works(r))
		return recorder_answer(r, st);
	assert(!r->session);
	session.started = time_of_day();
	session.ended = session.final_hash = session.end_chain = 0;
	session.finding = "";
	session.state = DB_OPEN;
	session.chain = db_table_digest(&db_tables[DB_SESSION], &session, COVER_BEGIN, 0);
	if (!transaction_begin(r))
		return recorder_answer(r, st);
	/* no other process can take the same number: the transaction is a writer's */
	rc = sqlite3_step(r->fixed[STATEMENT_LAST_SESSION]);
	session.id =
		rc == SQLITE_ROW ?
			(uint64_t)sqlite3_column_int64(r->fixed[STATEMENT_LAST_SESSION], 0) + 1 :
			1;
	sqlite3_reset(r->fixed[STATEMENT_LAST_SESSION]);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		recorder_stop_sqlite(r, rc);
	else if (row_insert(r, DB_SESSION, &session) && transaction_commit(r))
		r->session = session.id;
	r->chain = session.chain;
	memset(r->seq, 0, sizeof(r->seq));
	memset(r->written, 0, sizeof(r->written));
	return recorder_answer(r, st);
}

void record_begin(struct recorder *r, const char *text, uint64_t branch, uint64_t position)
{
	if (!recorder_works(r))
		return;
	assert(r->session && !r->in_command);
	r->in_command = true;
	r->command = (struct db_command){
		.head = { r->session, ++r->seq[DB_COMMAND], r->seq[DB_COMMAND] },
		.branch = branch,
		.before = position,
		.text = strdup(text),
	};
	memset(r->digest, 0, sizeof(r->digest));
	if (!r->command.text)
		recorder_stop_memory(r);
}

/* The rows that wait, inside a transaction. */
static bool pending_write(struct recorder *r)
{
	if (!transaction_begin(r))
		return false;
	for (const struct pending_row *p = r->pending.first; p; p = p->next) {
		r->digest[p->kind] = db_table_digest(&db_tables[p->kind], &p->row, COVER_BEGIN,
						     r->digest[p->kind]);
		if (!row_insert(r, p->kind, &p->row))
			return false;
	}
	db_pending_clear(&r->pending);
	return true;
}

/* A row of kind for the caller to fill; NULL when the recorder is off. */
static union db_row *row_add(struct recorder *r, enum db_kind kind)
{
	union db_row *row;

	if (!recorder_works(r))
		return NULL;
	assert(r->in_command);
	if (r->pending.bytes > SPILL_BYTES && !pending_write(r))
		return NULL;
	row = db_pending_add(&r->pending, kind);
	if (row)
		row->head = (struct db_head){ r->session, ++r->seq[kind], r->command.head.seq };
	else
		recorder_stop_memory(r);
	return row;
}

/* Copies a row's texts; two at most. False when memory is out: the recorder is off and the row
 * gone. */
static bool row_texts(struct recorder *r, const char **to, const char *text, const char **to2,
		      const char *text2)
{
	*to = db_pending_text(&r->pending, text);
	if (*to && to2)
		*to2 = db_pending_text(&r->pending, text2);
	if (*to && (!to2 || *to2))
		return true;
	recorder_stop_memory(r);
	return false;
}

void record_move(struct recorder *r, uint8_t kind, const char *label, uint64_t hash)
{
	union db_row *row = row_add(r, DB_MOVE);

	if (!row || !row_texts(r, &row->move.label, label, NULL, NULL))
		return;
	row->move.kind = kind;
	row->move.hash = hash;
}

void record_event(struct recorder *r, const char *text)
{
	union db_row *row = row_add(r, DB_EVENT);

	if (row && row_texts(r, &row->event.text, text, NULL, NULL))
		row->event.move = r->seq[DB_MOVE];
}

void record_finding(struct recorder *r, const char *rule, const char *text)
{
	union db_row *row = row_add(r, DB_FINDING);

	if (row && row_texts(r, &row->finding.rule, rule, &row->finding.text, text))
		row->finding.move = r->seq[DB_MOVE];
}

void record_mark(struct recorder *r, uint64_t position, const char *name, const char *text)
{
	union db_row *row = row_add(r, DB_MARK);

	if (row && row_texts(r, &row->mark.name, name, &row->mark.text, text))
		row->mark.position = position;
}

void record_note(struct recorder *r, uint64_t position, const char *text)
{
	union db_row *row = row_add(r, DB_NOTE);

	if (!row || !row_texts(r, &row->note.text, text, NULL, NULL))
		return;
	row->note.position = position;
	row->note.time = time_of_day();
}

void record_branch(struct recorder *r, uint64_t id, uint64_t parent, uint64_t position,
		   const char *name)
{
	union db_row *row = row_add(r, DB_BRANCH);

	if (!row || !row_texts(r, &row->branch.name, name, NULL, NULL))
		return;
	row->branch.id = id;
	row->branch.parent = parent;
	row->branch.position = position;
}

/* The memory of the command that ends; also after the recorder turned off in its middle. */
static void command_forget(struct recorder *r)
{
	free((char *)r->command.text);
	r->command.text = NULL;
	r->in_command = false;
}

enum db_error record_commit(struct recorder *r, uint64_t position, uint64_t hash,
			    struct db_status *st)
{
	if (recorder_works(r)) {
		struct db_command *row = &r->command;

		assert(r->in_command);
		row->after = position;
		row->hash = hash;
		if (pending_write(r)) {
			row->chain = db_table_chain(row, r->digest, r->chain);
			if (row_insert(r, DB_COMMAND, row) && transaction_commit(r)) {
				r->chain = row->chain;
				memcpy(r->written, r->seq, sizeof(r->written));
			}
		}
	}
	if (r)
		command_forget(r);
	return recorder_answer(r, st);
}

void record_drop(struct recorder *r)
{
	if (!r)
		return;
	if (recorder_works(r)) {
		assert(r->in_command);
		db_pending_clear(&r->pending);
		memcpy(r->seq, r->written, sizeof(r->seq));
		if (r->in_transaction && statement_run(r, STATEMENT_ROLLBACK))
			r->in_transaction = false;
	}
	command_forget(r);
}

enum db_error recorder_end(struct recorder *r, uint64_t hash, const char *finding,
			   struct db_status *st)
{
	struct db_session end = { .ended = time_of_day(), .final_hash = hash, .finding = finding };
	sqlite3_stmt *stmt;

	if (!recorder_works(r))
		return recorder_answer(r, st);
	assert(r->session && !r->in_command);
	end.end_chain = db_table_digest(&db_tables[DB_SESSION], &end, COVER_END, r->chain);
	stmt = r->fixed[STATEMENT_END_SESSION];
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)r->session);
	sqlite3_bind_int64(stmt, 2, (sqlite3_int64)end.ended);
	sqlite3_bind_int64(stmt, 3, (sqlite3_int64)end.final_hash);
	sqlite3_bind_text(stmt, 4, finding, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(stmt, 5, DB_CLOSED);
	sqlite3_bind_int64(stmt, 6, (sqlite3_int64)end.end_chain);
	if (statement_run(r, STATEMENT_END_SESSION))
		r->session = 0;
	return recorder_answer(r, st);
}

void recorder_close(struct recorder *r)
{
	if (!r)
		return;
	if (recorder_works(r)) {
		/* both ask for the file alone; when they do not get it the last one to leave does
		 * this */
		sqlite3_busy_timeout(r->file.db, 0);
		sqlite3_exec(r->file.db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
		sqlite3_exec(r->file.db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
		recorder_release(r);
	}
	command_forget(r);
	free(r);
}
