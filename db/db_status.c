/*
 * From SQLite's result codes to our error codes and sentences. The table is the only place where a
 * code is given its words; an extended code is looked up first, then the primary code in its low
 * byte.
 */
#include "db_status.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct cause {
	int rc;
	enum db_error error;
	const char *says; /* follows the file's name */
};

static const struct cause causes[] = {
	{ SQLITE_FULL, DB_FULL, "cannot grow, the disk or quota is full: free some space" },
	{ SQLITE_BUSY, DB_LOCKED,
	  "is locked by another program: close that program and try again" },
	{ SQLITE_LOCKED, DB_LOCKED,
	  "is locked by another program: close that program and try again" },
	{ SQLITE_PROTOCOL, DB_LOCKED,
	  "is locked by another program: close that program and try again" },
	{ SQLITE_READONLY, DB_READONLY,
	  "cannot be written: make the file and its directory writable" },
	{ SQLITE_READONLY_ROLLBACK, DB_READONLY,
	  "was left in the middle of a change and cannot be mended here: copy it with its -journal "
	  "file to a"
	  " directory you can write" },
	{ SQLITE_READONLY_CANTINIT, DB_READONLY,
	  "was not closed and its directory cannot be written: copy it with its -wal file to one "
	  "you can write" },
	{ SQLITE_READONLY_RECOVERY, DB_READONLY,
	  "was not closed and its directory cannot be written: copy it with its -wal file to one "
	  "you can write" },
	{ SQLITE_PERM, DB_READONLY, "may not be opened: check its permissions" },
	{ SQLITE_NOTADB, DB_FOREIGN,
	  "is not a SQLite database: name a file that shootdown recorded" },
	{ SQLITE_CORRUPT, DB_DAMAGED,
	  "is damaged: restore a copy, or move it away to start a new one" },
	{ SQLITE_TOOBIG, DB_LIMIT,
	  "cannot hold a record larger than 1 MiB: use a smaller scenario or text" },
	{ SQLITE_NOMEM, DB_MEMORY, "needs more memory than there is: close other programs" },
	{ SQLITE_INTERRUPT, DB_LIMIT,
	  "takes too long to check: it is probably damaged, restore a copy" },
};

enum db_error db_ok(struct db_status *st)
{
	st->error = DB_OK;
	st->message[0] = '\0';
	return DB_OK;
}

enum db_error db_fail(struct db_status *st, enum db_error error, const char *format, ...)
{
	va_list args;

	st->error = error;
	va_start(args, format);
	vsnprintf(st->message, sizeof(st->message), format, args);
	va_end(args);
	return error;
}

static const struct cause *cause_find(int rc)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (causes[i].rc == rc)
			return &causes[i];
	return NULL;
}

/* What the system said, for the codes behind which a system call failed. */
static enum db_error error_system(struct db_status *st, int number, const char *path)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
		return db_fail(st, DB_FULL,
			       "%.300s cannot grow, the disk or quota is full: free some space",
			       path);
	case EFBIG:
		return db_fail(st, DB_FULL,
			       "%.300s cannot grow, it reached the file size limit: see ulimit -f",
			       path);
	case EROFS:
	case EACCES:
	case EPERM:
		return db_fail(st, DB_READONLY,
			       "%.300s cannot be opened or written (%s): check its permissions and "
			       "its directory's",
			       path, strerror(number));
	default:
		return db_fail(st, DB_IO,
			       "%.300s cannot be read or written (%s): check the disk it is on",
			       path, number ? strerror(number) : "input/output error");
	}
}

enum db_error db_fail_sqlite(struct db_status *st, struct sqlite3 *db, int rc, const char *path)
{
	const struct cause *cause = cause_find(rc);
	int primary = rc & 0xff;
	int failed = errno; /* SQLite forgets to keep it when a commit fails */
	int number = db ? sqlite3_system_errno(db) : 0;

	if (!cause)
		cause = cause_find(primary);
	if (cause)
		return db_fail(st, cause->error, "%.300s %s", path, cause->says);
	if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)
		return error_system(st, number ? number : failed, path);
	return db_fail(st, DB_IO, "%.300s cannot be used (%s)", path,
		       db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
}
