/*
 * Connections that trust nothing: no triggers, no views, no functions in schemas, no attached
 * files, small limits, and the header is read through SQLite's own descriptor before the first
 * statement runs.
 */
#include "db_file.h"

#include "db_table.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HEADER_SIZE  100
#define PROGRESS_OPS 1000000
#define HEAP_LIMIT   ((sqlite3_int64)256 << 20)
#define SCHEMA_COUNT "SELECT count(*) FROM sqlite_schema"
#define OPEN_INDEX   "CREATE INDEX session_open ON session(state) WHERE state = 0"

/* size is that of the file, 0 when it is missing and may be. */
static enum db_error path_check(const char *path, bool may_miss, off_t *size, struct db_status *st)
{
	struct stat sb;

	*size = 0;
	if (lstat(path, &sb)) {
		if (errno == ENOENT && may_miss)
			return db_ok(st);
		if (errno == ENOENT || errno == ENOTDIR)
			return db_fail(st, DB_MISSING, "%.300s does not exist: check the name",
				       path);
		return db_fail(
			st, errno == EACCES ? DB_READONLY : DB_IO,
			"%.300s cannot be reached (%s): check the permissions of its directories",
			path, strerror(errno));
	}
	if (S_ISLNK(sb.st_mode))
		return db_fail(st, DB_FOREIGN,
			       "%.300s is a symbolic link: name the file it points to", path);
	if (!S_ISREG(sb.st_mode))
		return db_fail(st, DB_FOREIGN,
			       "%.300s is not a regular file: name a file that shootdown recorded",
			       path);
	*size = sb.st_size;
	if (!*size && !may_miss)
		return db_fail(st, DB_TRUNCATED,
			       "%.300s is empty: restore a copy, or delete it to start a new one",
			       path);
	return db_ok(st);
}

/* SQLite refuses links anywhere in a path; only one in the last place is suspicious, so resolve the
 * others. */
static enum db_error path_resolve(const char *path, char *resolved, struct db_status *st)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *directory =
		slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	size_t used;

	if (!directory)
		return db_fail(st, DB_MEMORY, "%.300s needs more memory than there is", path);
	if (!realpath(directory, resolved)) {
		db_fail(st, errno == ENOENT || errno == ENOTDIR ? DB_MISSING : DB_IO,
			"%.300s: its directory cannot be opened (%s): make it, or check its "
			"permissions",
			path, strerror(errno));
		free(directory);
		return st->error;
	}
	free(directory);
	used = strlen(resolved);
	if (used + strlen(name) + 2 > PATH_MAX)
		return db_fail(st, DB_LIMIT,
			       "%.300s... is too long a path: move it to a shorter one", path);
	sprintf(resolved + used, "%s%s", resolved[used - 1] == '/' ? "" : "/", name);
	return db_ok(st);
}

static int progress(void *p)
{
	struct file *file = p;

	return file->budget == 0 || --file->budget == 0;
}

void db_file_refill(struct file *file)
{
	file->budget = file->allowance;
}

void db_file_unlimit(struct file *file)
{
	sqlite3_progress_handler(file->db, 0, NULL, NULL);
}

struct setting {
	int what;
	int value;
};

static const struct setting switches[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
	{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
	{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
};

static const struct setting limits[] = {
	{ SQLITE_LIMIT_LENGTH, 1 << 20 }, /* a record; also what a recorder may write */
	{ SQLITE_LIMIT_SQL_LENGTH, 100000 }, { SQLITE_LIMIT_COLUMN, 100 },
	{ SQLITE_LIMIT_EXPR_DEPTH, 20 },     { SQLITE_LIMIT_COMPOUND_SELECT, 3 },
	{ SQLITE_LIMIT_VDBE_OP, 25000 },     { SQLITE_LIMIT_ATTACHED, 0 },
	{ SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
};

static void connection_harden(struct file *file, off_t size)
{
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		sqlite3_db_config(file->db, switches[i].what, switches[i].value, NULL);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(file->db, limits[i].what, limits[i].value);
	sqlite3_hard_heap_limit64(HEAP_LIMIT);
	/* honest files need less than 2 million operations per MiB to be checked */
	file->allowance = 100 + 10 * (unsigned)(size >> 20);
	db_file_refill(file);
	sqlite3_progress_handler(file->db, PROGRESS_OPS, progress, file);
}

static uint32_t header_u32(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static enum db_error header_check(struct file *file, off_t size, struct db_status *st)
{
	unsigned char header[HEADER_SIZE] = { 0 };
	struct sqlite3_file *raw = NULL;
	uint32_t version;
	uint64_t page, told;
	int rc = sqlite3_file_control(file->db, "main", SQLITE_FCNTL_FILE_POINTER, &raw);

	if (rc == SQLITE_OK && raw && raw->pMethods)
		rc = raw->pMethods->xRead(raw, header, HEADER_SIZE, 0);
	if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
		return db_file_error(file, rc, st);
	if (memcmp(header, "SQLite format 3", 16))
		return db_fail_sqlite(st, NULL, SQLITE_NOTADB, file->path);
	if (rc == SQLITE_IOERR_SHORT_READ)
		return db_fail(st, DB_TRUNCATED,
			       "%.300s is cut short, only %lld bytes are left: restore a copy",
			       file->path, (long long)size);
	if (header_u32(header + 68) != DB_APPLICATION)
		return db_fail(
			st, DB_FOREIGN,
			"%.300s is another program's database: name a file that shootdown recorded",
			file->path);
	version = header_u32(header + 60);
	if (version > DB_VERSION && version <= INT32_MAX)
		return db_fail(st, DB_NEWER,
			       "%.300s has format %u and this program reads up to %u: use a newer "
			       "shootdown",
			       file->path, version, DB_VERSION);
	if (version != DB_VERSION)
		return db_fail(st, DB_DAMAGED, "%.300s has no valid format number: restore a copy",
			       file->path);
	file->is_wal = header[18] == 2;
	page = (uint64_t)header[16] << 8 | header[17];
	told = (page == 1 ? 65536 : page) * header_u32(header + 28);
	/* that number counts when these two agree; with a -wal the file may rightly be shorter */
	file->told = !file->is_wal && !memcmp(header + 24, header + 92, 4) ? told : 0;
	return db_ok(st);
}

enum db_error db_file_open(struct file *file, const char *path, enum file_mode mode, int busy_ms,
			   struct db_status *st)
{
	static const int flags[] = {
		[FILE_READ] = SQLITE_OPEN_READONLY,
		[FILE_WRITE] = SQLITE_OPEN_READWRITE,
		[FILE_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	};
	char resolved[PATH_MAX];
	off_t size;
	int rc;

	memset(file, 0, sizeof(*file));
	if (path_check(path, mode == FILE_CREATE, &size, st) || path_resolve(path, resolved, st))
		return st->error;
	file->path = strdup(path);
	if (!file->path)
		return db_fail(st, DB_MEMORY, "%.300s needs more memory than there is", path);
	rc = sqlite3_open_v2(resolved, &file->db,
			     flags[mode] | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
	if (rc != SQLITE_OK) {
		db_fail_sqlite(st, file->db, file->db ? sqlite3_extended_errcode(file->db) : rc,
			       path);
		db_file_close(file);
		return st->error;
	}
	sqlite3_extended_result_codes(file->db, 1);
	sqlite3_busy_timeout(file->db, busy_ms);
	connection_harden(file, size);
	if (mode != FILE_READ && sqlite3_db_readonly(file->db, "main") == 1)
		db_fail_sqlite(st, NULL, SQLITE_READONLY, path);
	else if (size)
		header_check(file, size, st);
	if (!st->error)
		db_file_exec(file,
			     "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA "
			     "trusted_schema = OFF",
			     st);
	if (!st->error && mode == FILE_READ)
		db_file_exec(file, "PRAGMA query_only = ON", st);
	if (st->error)
		db_file_close(file);
	return st->error;
}

void db_file_close(struct file *file)
{
	sqlite3_close(file->db);
	file->db = NULL;
	free(file->path);
	file->path = NULL;
}

/*
 * Whether the file is shorter than its header said. Asked when SQLite, holding a lock, found the
 * file wrong: before that, the difference may be another process in the middle of a commit.
 */
static bool is_cut_short(const struct file *file, off_t *size)
{
	struct stat sb;

	if (lstat(file->path, &sb))
		return false;
	*size = sb.st_size;
	return file->told > (uint64_t)sb.st_size;
}

enum db_error db_file_error(struct file *file, int rc, struct db_status *st)
{
	off_t size;

	file->broke_off = rc == SQLITE_READONLY_ROLLBACK;
	if ((rc & 0xff) == SQLITE_CORRUPT && is_cut_short(file, &size))
		return db_fail(st, DB_TRUNCATED,
			       "%.300s is cut short, %lld of %llu bytes are left: restore a copy",
			       file->path, (long long)size, (unsigned long long)file->told);
	/* what could not be opened is then not the file but the -wal or -shm beside it */
	if ((rc & 0xff) == SQLITE_CANTOPEN && file->is_wal &&
	    sqlite3_db_readonly(file->db, "main") == 1)
		rc = SQLITE_READONLY_CANTINIT;
	return db_fail_sqlite(st, file->db, rc, file->path);
}

enum db_error db_file_exec(struct file *file, const char *sql, struct db_status *st)
{
	int rc = sqlite3_exec(file->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? db_ok(st) : db_file_error(file, rc, st);
}

enum db_error db_file_prepare(struct file *file, const char *sql, struct sqlite3_stmt **stmt,
			      struct db_status *st)
{
	int rc = sqlite3_prepare_v3(file->db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);

	return rc == SQLITE_OK ? db_ok(st) : db_file_error(file, rc, st);
}

/* The statement that makes entry i of the schema, in order; false after the last. */
static bool schema_entry(unsigned i, const char **type, const char **name, char *sql)
{
	if (i < DB_KINDS) {
		*type = "table";
		*name = db_tables[i].name;
		db_table_create_sql(&db_tables[i], sql);
		return true;
	}
	*type = "index";
	*name = "session_open";
	strcpy(sql, OPEN_INDEX);
	return i == DB_KINDS;
}

/* The first column of the first row of sql as a number. */
static enum db_error number_query(struct file *file, const char *sql, sqlite3_int64 *value,
				  struct db_status *st)
{
	sqlite3_stmt *stmt;
	int rc;

	if (db_file_prepare(file, sql, &stmt, st))
		return st->error;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*value = sqlite3_column_int64(stmt, 0);
	else if (rc != SQLITE_DONE)
		db_file_error(file, rc, st);
	sqlite3_finalize(stmt);
	return st->error;
}

enum db_error db_file_make(struct file *file, struct db_status *st)
{
	char sql[DB_SQL_SIZE];
	const char *type, *name;
	sqlite3_int64 entries = 0;

	if (number_query(file, SCHEMA_COUNT, &entries, st) || entries ||
	    db_file_exec(file, "BEGIN IMMEDIATE", st))
		return st->error;
	number_query(file, SCHEMA_COUNT, &entries, st);
	if (!st->error && !entries) {
		for (unsigned i = 0; !st->error && schema_entry(i, &type, &name, sql); i++)
			db_file_exec(file, sql, st);
		snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %d",
			 DB_APPLICATION, DB_VERSION);
		if (!st->error)
			db_file_exec(file, sql, st);
	}
	if (!st->error)
		db_file_exec(file, "COMMIT", st);
	if (st->error)
		sqlite3_exec(file->db, "ROLLBACK", NULL, NULL, NULL);
	return st->error;
}

static bool text_is(sqlite3_stmt *stmt, int i, const char *expected)
{
	const char *text = (const char *)sqlite3_column_text(stmt, i);

	return text && !strcmp(text, expected);
}

enum db_error db_file_check_schema(struct file *file, struct db_status *st)
{
	char sql[DB_SQL_SIZE];
	const char *type, *name;
	sqlite3_stmt *stmt;
	unsigned i = 0;
	bool same = true;
	int rc;

	if (db_file_prepare(file, "SELECT type, name, sql FROM sqlite_schema ORDER BY rowid", &stmt,
			    st))
		return st->error;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW && same)
		same = schema_entry(i++, &type, &name, sql) && text_is(stmt, 0, type) &&
		       text_is(stmt, 1, name) && text_is(stmt, 2, sql);
	if (same && rc != SQLITE_DONE)
		db_file_error(file, rc, st);
	else if (!same || schema_entry(i, &type, &name, sql))
		db_fail(st, DB_DAMAGED,
			"%.300s does not have the tables of format %d, it was changed by something "
			"else: restore a copy",
			file->path, DB_VERSION);
	sqlite3_finalize(stmt);
	return st->error;
}

enum db_error db_file_check_pages(struct file *file, struct db_status *st)
{
	sqlite3_stmt *stmt;
	int rc;

	if (db_file_prepare(file, "PRAGMA quick_check(1)", &stmt, st))
		return st->error;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && !text_is(stmt, 0, "ok"))
		db_file_error(file, SQLITE_CORRUPT, st);
	else if (rc != SQLITE_ROW)
		db_file_error(file, rc == SQLITE_DONE ? SQLITE_CORRUPT : rc, st);
	sqlite3_finalize(stmt);
	return st->error;
}

static int only_select(void *p, int action, const char *a, const char *b, const char *c,
		       const char *d)
{
	(void)p, (void)a, (void)b, (void)c, (void)d;
	return action == SQLITE_SELECT || action == SQLITE_READ ? SQLITE_OK : SQLITE_DENY;
}

void db_file_lock_down(struct file *file)
{
	sqlite3_set_authorizer(file->db, only_select, NULL);
}

enum db_error db_file_has_open(struct file *file, bool *open, struct db_status *st)
{
	sqlite3_int64 id = 0;

	number_query(file, "SELECT id FROM session WHERE state = 0 LIMIT 1", &id, st);
	*open = id != 0;
	return st->error;
}

enum db_error db_file_recover(const char *path, struct db_status *st)
{
	struct file file;

	if (db_file_open(&file, path, FILE_WRITE, 0, st))
		return st->error;
	/* a file that fails the checks keeps its -wal: it may be all that is left of it */
	sqlite3_db_config(file.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (!db_file_exec(&file, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", st) &&
	    !db_file_check_pages(&file, st) && !db_file_check_schema(&file, st))
		db_file_exec(&file,
			     "UPDATE session SET state = 2 WHERE state = 0; COMMIT;"
			     "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE",
			     st);
	db_file_close(&file);
	return st->error;
}
