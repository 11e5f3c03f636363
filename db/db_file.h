/*
 * A session file as a file: connect to it, tell whether it is ours and whole, make it, mend it
 * after a crash. Private to db/. Every connection of db/ is made here, so that each is as wary as
 * the others.
 *
 * Never open and close the file by any other way: closing any descriptor of it drops the locks that
 * SQLite holds on it elsewhere in this process.
 */
#ifndef DB_FILE_H
#define DB_FILE_H

#include "db_status.h"

#include <stdbool.h>
#include <stdint.h>

#define DB_APPLICATION 0x53444E31 /* "SDN1" */
#define DB_VERSION     1
#define DB_BUSY_MS     2000

struct sqlite3;
struct sqlite3_stmt;

struct file {
	struct sqlite3 *db; /* NULL when not open */
	char *path;	    /* as the user named it; for sentences */
	uint64_t told;	    /* the size its header gives, 0 when it does not say */
	bool is_wal;	 /* its header says so: someone records into it now, or did when he died */
	bool broke_off;	 /* a statement needed a repair that only a writer may make */
	unsigned budget; /* progress calls left for this check or row */
	unsigned allowance;
};

enum file_mode {
	FILE_READ,
	FILE_WRITE,  /* must exist */
	FILE_CREATE, /* made when missing */
};

/*
 * Opens path and reads its first bytes: foreign, newer and truncated files are refused here, before
 * SQLite has had a reason to touch them. On failure the file is closed. busy_ms is how long to wait
 * for a lock.
 */
enum db_error db_file_open(struct file *file, const char *path, enum file_mode mode, int busy_ms,
			   struct db_status *st);

/* Closes and forgets; harmless when not open. Statements must have been finalized. */
void db_file_close(struct file *file);

/* Gives a file without tables its tables, in one transaction; several processes may try at once. */
enum db_error db_file_make(struct file *file, struct db_status *st);

/* Compares the tables, row by row, with what this version would have made. */
enum db_error db_file_check_schema(struct file *file, struct db_status *st);

/* Has SQLite walk every page. */
enum db_error db_file_check_pages(struct file *file, struct db_status *st);

/* From now on only SELECT may be prepared. */
void db_file_lock_down(struct file *file);

/* Gives the next row, or the next check, a full time limit. */
void db_file_refill(struct file *file);

/* Takes the time limit off: what follows is our own work, not a check of somebody's file. */
void db_file_unlimit(struct file *file);

/* True in *open when a session is marked as being recorded. */
enum db_error db_file_has_open(struct file *file, bool *open, struct db_status *st);

/*
 * When nobody else has path open: checks it, marks the sessions that were never ended as recovered,
 * empties the -wal and leaves one self-contained file. DB_LOCKED when somebody has: then they are
 * alive, and nothing is done. A file that does not pass the checks is left as it is.
 */
enum db_error db_file_recover(const char *path, struct db_status *st);

enum db_error db_file_exec(struct file *file, const char *sql, struct db_status *st);
enum db_error db_file_prepare(struct file *file, const char *sql, struct sqlite3_stmt **stmt,
			      struct db_status *st);
enum db_error db_file_error(struct file *file, int rc, struct db_status *st);

#endif
