/*
 * The tables of a session file described once: from these descriptions come the schema, the INSERT
 * and SELECT statements, the range check on reading and the bytes that go into a chain. Private to
 * db/.
 *
 * Changing a description changes the file format: raise DB_VERSION with it.
 */
#ifndef DB_TABLE_H
#define DB_TABLE_H

#include "db_row.h"

#include <stdbool.h>
#include <stddef.h>

enum column_type {
	COLUMN_COUNT, /* 0..max */
	COLUMN_BITS,  /* 64 bits, kept as the integer with the same bits */
	COLUMN_TEXT,
};

/* Which digest covers a column. A session's number is in none, so that a copy may be renumbered. */
enum column_cover {
	COVER_NONE,
	COVER_BEGIN, /* the row as it was inserted */
	COVER_END,   /* what closing a session adds */
};

struct column {
	const char *name;
	enum column_type type;
	enum column_cover cover;
	size_t offset; /* in the row's struct */
	uint64_t max;
};

struct table {
	const char *name;
	const char *key;   /* the tail of CREATE TABLE */
	const char *order; /* the tail of SELECT; takes the session's number */
	const struct column *columns;
	unsigned count;
};

extern const struct table db_tables[DB_KINDS];

#define DB_SQL_SIZE 768

/* Write the statement into sql, which has DB_SQL_SIZE bytes (asserted to be enough). */
void db_table_create_sql(const struct table *table, char *sql);
void db_table_insert_sql(const struct table *table, char *sql);
void db_table_select_sql(const struct table *table, char *sql);

struct sqlite3_stmt;

/* Inserts row (the struct that belongs to table) with the statement of db_table_insert_sql(); an
 * SQLite code. */
int db_table_insert(const struct table *table, struct sqlite3_stmt *stmt, const void *row);

/*
 * Takes the current row of a db_table_select_sql() statement into row. Texts stay SQLite's, until
 * the next step. False when a value is not one the table allows; bad then names its column.
 */
bool db_table_read(const struct table *table, struct sqlite3_stmt *stmt, void *row,
		   const char **bad);

/* The digest of the columns that cover names, on top of seed. Same on every machine. */
uint64_t db_table_digest(const struct table *table, const void *row, enum column_cover cover,
			 uint64_t seed);

/*
 * The chain of a command: before is the chain of the command before it (of the session for the
 * first), digests the digest of its rows of each kind, each started from 0 (those of DB_SESSION and
 * DB_COMMAND are not used).
 */
uint64_t db_table_chain(const struct db_command *row, const uint64_t digests[DB_KINDS],
			uint64_t before);

#endif
