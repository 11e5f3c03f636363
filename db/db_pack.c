/* One session, read with all checks, written row by row into a file of its own. */
#include "db_archive.h"

#include "db_table.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

struct copy {
	struct file file;
	sqlite3_stmt *insert[DB_KINDS];
	int rc; /* of the insert that failed */
};

static int row_copy(enum db_kind kind, const union db_row *row, void *context)
{
	struct copy *copy = context;
	union db_row changed;

	if (kind == DB_SESSION && row->session.state == DB_OPEN) {
		changed.session = row->session;
		changed.session.state = DB_RECOVERED;
		row = &changed;
	}
	copy->rc = db_table_insert(&db_tables[kind], copy->insert[kind], row);
	return copy->rc != SQLITE_OK;
}

static enum db_error copy_open(struct copy *copy, const char *path, struct db_status *st)
{
	char sql[DB_SQL_SIZE];

	if (db_file_open(&copy->file, path, FILE_CREATE, DB_BUSY_MS, st))
		return st->error;
	db_file_unlimit(&copy->file);
	if (!db_file_make(&copy->file, st))
		db_file_exec(&copy->file, "BEGIN IMMEDIATE", st);
	for (unsigned i = 0; i < DB_KINDS && !st->error; i++) {
		db_table_insert_sql(&db_tables[i], sql);
		db_file_prepare(&copy->file, sql, &copy->insert[i], st);
	}
	return st->error;
}

static void copy_close(struct copy *copy)
{
	for (unsigned i = 0; i < DB_KINDS; i++)
		sqlite3_finalize(copy->insert[i]);
	db_file_close(&copy->file);
}

enum db_error archive_pack(struct archive *a, uint64_t id, const char *path, struct db_status *st)
{
	struct copy copy = { .rc = SQLITE_OK };
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0 && errno == EEXIST)
		return db_fail(st, DB_EXISTS, "%.300s exists already: name a new file", path);
	if (fd < 0)
		return db_fail(
			st, DB_IO,
			"%.300s cannot be made (%s): name a file in a directory you can write",
			path, strerror(errno));
	/* SQLite takes an empty file for a new database; it has no lock on it yet that this could
	 * drop */
	close(fd);
	if (!copy_open(&copy, path, st) && !archive_read(a, id, row_copy, &copy, st)) {
		if (copy.rc != SQLITE_OK)
			db_file_error(&copy.file, copy.rc, st);
		else
			db_file_exec(&copy.file, "COMMIT", st);
	}
	copy_close(&copy);
	if (st->error)
		unlink(path);
	return st->error;
}
