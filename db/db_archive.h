/* What the files of the archive share. Private to db/. */
#ifndef DB_ARCHIVE_H
#define DB_ARCHIVE_H

#include "archive.h"
#include "db_file.h"

struct archive {
	struct file file;
	struct sqlite3_stmt *select[DB_KINDS]; /* the rows of session ?1 */
};

/* Session id's row, held until sqlite3_reset() of its statement: as long, everything read is of one
 * moment. */
enum db_error archive_session(struct archive *a, uint64_t id, struct db_session *row,
			      struct db_status *st);

#endif
