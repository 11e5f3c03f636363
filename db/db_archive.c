/* The archive: opening, listing and finding. Reading a session is in db_read.c. */
#include "db_archive.h"

#include "db_table.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_IDS 5 /* how many sessions the sentence about an ambiguous word names */

/*
 * One try. *mend: the file, good or not, shows that a recorder died or is at work; nothing else was
 * done with it when may_mend allows to see to that first.
 */
static enum db_error archive_try(struct archive *a, const char *path, int busy_ms, bool may_mend,
				 bool *mend, struct db_status *st)
{
	*mend = false;
	if (db_file_open(&a->file, path, FILE_READ, busy_ms, st))
		return st->error;
	*mend = a->file.is_wal;
	if (*mend && may_mend)
		return st->error;
	if (!db_file_check_pages(&a->file, st) && !db_file_check_schema(&a->file, st))
		db_file_has_open(&a->file, mend, st);
	if (a->file.broke_off)
		*mend = true;
	return st->error;
}

static enum db_error archive_prepare(struct archive *a, struct db_status *st)
{
	char sql[DB_SQL_SIZE];

	db_file_lock_down(&a->file);
	for (unsigned i = 0; i < DB_KINDS && !st->error; i++) {
		db_table_select_sql(&db_tables[i], sql);
		db_file_prepare(&a->file, sql, &a->select[i], st);
	}
	return st->error;
}

struct archive *archive_open(const char *path, int busy_ms, struct db_status *st)
{
	struct archive *a = calloc(1, sizeof(*a));
	bool mend;

	if (!a) {
		db_fail_sqlite(st, NULL, SQLITE_NOMEM, path);
		return NULL;
	}
	archive_try(a, path, busy_ms, true, &mend, st);
	if (mend) {
		struct db_status ignored;

		/* when it cannot be mended the second try reads it as it is, or has the better
		 * sentence */
		db_file_close(&a->file);
		db_file_recover(path, &ignored);
		archive_try(a, path, busy_ms, false, &mend, st);
	}
	if (!st->error && !archive_prepare(a, st))
		return a;
	archive_close(a);
	return NULL;
}

void archive_close(struct archive *a)
{
	if (!a)
		return;
	for (unsigned i = 0; i < DB_KINDS; i++)
		sqlite3_finalize(a->select[i]);
	db_file_close(&a->file);
	free(a);
}

enum db_error archive_session(struct archive *a, uint64_t id, struct db_session *row,
			      struct db_status *st)
{
	sqlite3_stmt *stmt = a->select[DB_SESSION];
	const char *bad;
	int rc;

	db_ok(st);
	db_file_refill(&a->file);
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)id);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_DONE)
		db_fail(st, DB_UNKNOWN, "%.300s has no session %llu: `sessions` lists those it has",
			a->file.path, (unsigned long long)id);
	else if (rc != SQLITE_ROW)
		db_file_error(&a->file, rc, st);
	else if (!db_table_read(&db_tables[DB_SESSION], stmt, row, &bad))
		db_fail(st, DB_DAMAGED, "%.300s: session %llu has an impossible %s: restore a copy",
			a->file.path, (unsigned long long)id, bad);
	if (st->error)
		sqlite3_reset(stmt);
	return st->error;
}

/* seq of the last row of a session in a table, 0 when there is none. */
static enum db_error last_seq(struct archive *a, struct sqlite3_stmt *stmt, uint64_t id,
			      uint64_t *seq, struct db_status *st)
{
	int rc;

	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)id);
	rc = sqlite3_step(stmt);
	*seq = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? db_ok(st) : db_file_error(&a->file, rc, st);
}

enum db_error archive_list(struct archive *a,
			   int (*visit)(const struct archive_entry *entry, void *context),
			   void *context, struct db_status *st)
{
	sqlite3_stmt *ids = NULL, *commands = NULL, *moves = NULL;
	struct archive_entry entry;
	int rc = SQLITE_DONE;
	bool stopped = false;

	db_ok(st);
	db_file_refill(&a->file);
	if (!db_file_prepare(&a->file, "SELECT id FROM session ORDER BY id", &ids, st) &&
	    !db_file_prepare(&a->file,
			     "SELECT seq FROM command WHERE session = ?1 ORDER BY seq DESC LIMIT 1",
			     &commands, st) &&
	    !db_file_prepare(&a->file,
			     "SELECT seq FROM move WHERE session = ?1 ORDER BY seq DESC LIMIT 1",
			     &moves, st)) {
		while (!stopped && !st->error && (rc = sqlite3_step(ids)) == SQLITE_ROW) {
			uint64_t id = (uint64_t)sqlite3_column_int64(ids, 0);

			if (archive_session(a, id, &entry.session, st))
				break;
			if (!last_seq(a, commands, id, &entry.commands, st) &&
			    !last_seq(a, moves, id, &entry.moves, st))
				stopped = visit(&entry, context) != 0;
			sqlite3_reset(a->select[DB_SESSION]);
		}
		if (!st->error && !stopped && rc != SQLITE_DONE)
			db_file_error(&a->file, rc, st);
	}
	sqlite3_finalize(ids);
	sqlite3_finalize(commands);
	sqlite3_finalize(moves);
	return st->error;
}

struct search {
	const char *word; /* NULL: the last session */
	size_t length;
	uint64_t ids[WORD_IDS];
	uint64_t last;
	unsigned found;
};

static int search_visit(const struct archive_entry *entry, void *context)
{
	struct search *search = context;

	search->last = entry->session.id;
	if (search->word && !strncmp(entry->session.title, search->word, search->length)) {
		if (search->found < WORD_IDS)
			search->ids[search->found] = entry->session.id;
		search->found++;
	}
	return 0;
}

static enum db_error search_answer(const struct search *search, const char *path, uint64_t *id,
				   struct db_status *st)
{
	char list[WORD_IDS * 24] = "";
	size_t used = 0;

	*id = search->ids[0];
	if (search->found == 1)
		return db_ok(st);
	if (!search->found)
		return db_fail(st, DB_UNKNOWN,
			       "no session of %.300s is called `%.60s`: give a number of "
			       "`sessions`, `last`"
			       " or the beginning of a title",
			       path, search->word);
	for (unsigned i = 0; i < search->found && i < WORD_IDS; i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%llu", i ? ", " : "",
					 (unsigned long long)search->ids[i]);
	return db_fail(st, DB_AMBIGUOUS,
		       "`%.60s` begins the titles of %u sessions of %.300s: say which, %s%s",
		       search->word, search->found, path, list,
		       search->found > WORD_IDS ? ", ..." : "");
}

enum db_error archive_find(struct archive *a, const char *word, uint64_t *id, struct db_status *st)
{
	bool last = !strcmp(word, "last");
	struct search search = { .word = last ? NULL : word, .length = strlen(word) };
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(word, &end, 10);
	if (word[0] >= '0' && word[0] <= '9' && !*end && !errno) {
		struct db_session row;

		if (!archive_session(a, number, &row, st))
			sqlite3_reset(a->select[DB_SESSION]);
		*id = number;
		return st->error;
	}
	if (archive_list(a, search_visit, &search, st))
		return st->error;
	if (last && search.last) {
		*id = search.last;
		return db_ok(st);
	}
	if (last || !search.length)
		return db_fail(st, DB_UNKNOWN, "%.300s has no session %s: record one first",
			       a->file.path, last ? "yet" : "without a name");
	return search_answer(&search, a->file.path, id, st);
}
