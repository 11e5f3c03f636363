/*
 * Rows on their way to the file, in order, in blocks of memory that never move. Private to db/.
 *
 * A row is copied with its texts; the copies live until db_pending_clear().
 */
#ifndef DB_PENDING_H
#define DB_PENDING_H

#include "db_row.h"

#include <stdbool.h>
#include <stddef.h>

struct pending_row {
	struct pending_row *next;
	enum db_kind kind;
	union db_row row; /* only as much of it as its kind needs exists */
};

struct pending_block;

struct pending {
	struct pending_row *first;
	struct pending_row **last;
	struct pending_block *blocks;
	size_t bytes; /* taken from all blocks */
};

void db_pending_init(struct pending *p);

/* A row of kind at the end of the list, to be filled by the caller; NULL when memory is out. */
union db_row *db_pending_add(struct pending *p, enum db_kind kind);

/* A copy of text that lives as long as the rows; NULL when memory is out. */
const char *db_pending_text(struct pending *p, const char *text);

/* Forgets all rows and keeps one block for the next. */
void db_pending_clear(struct pending *p);
void db_pending_free(struct pending *p);

#endif
