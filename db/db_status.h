/*
 * How every call of db/ answers: an error code to branch on and one sentence to show.
 *
 * Nothing in db/ prints. A sentence names the file, says what is wrong and what would help; it ends
 * without a full stop and without a newline, so that the caller can put it after a word of its own.
 */
#ifndef DB_STATUS_H
#define DB_STATUS_H

#define DB_MESSAGE_SIZE 768

enum db_error {
	DB_OK,
	DB_OFF,	      /* the recorder had stopped before; nothing was written, nothing new to say */
	DB_MISSING,   /* no such file or directory */
	DB_TRUNCATED, /* empty, or shorter than its header says */
	DB_FOREIGN,   /* not a regular file, not SQLite, or another program's database */
	DB_NEWER,     /* written by a later shootdown */
	DB_DAMAGED,   /* SQLite or the schema check found it broken */
	DB_BROKEN,    /* whole as a database, but a record does not fit its chain */
	DB_LOCKED,    /* another program holds it and did not let go in time */
	DB_READONLY,  /* the file or its directory cannot be written */
	DB_FULL,      /* no space, or a size limit */
	DB_IO,	      /* the system refused to open, read or write */
	DB_LIMIT,     /* a text longer than a record may hold, or a check that ran too long */
	DB_MEMORY,
	DB_UNKNOWN,   /* no session is meant by that word */
	DB_AMBIGUOUS, /* more than one session is meant by that word */
	DB_EXISTS,    /* would overwrite a file */
};

struct db_status {
	enum db_error error;
	char message[DB_MESSAGE_SIZE]; /* "" when error is DB_OK or DB_OFF */
};

struct sqlite3;

/* Clears st and returns DB_OK. */
enum db_error db_ok(struct db_status *st);

/* Fills st with a code and a formatted sentence (cut at DB_MESSAGE_SIZE); returns the code. */
enum db_error db_fail(struct db_status *st, enum db_error error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The sentence for what SQLite answered last: db is the connection (NULL when it could not be
 * made), rc its extended result code, path the file as the user knows it. rc must not be OK, ROW or
 * DONE. Returns the code.
 */
enum db_error db_fail_sqlite(struct db_status *st, struct sqlite3 *db, int rc, const char *path);

#endif
