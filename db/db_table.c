/* The tables, and what is made from their descriptions. */
#include "db_table.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#define ANY ((uint64_t)1 << 62)
#define SEQ ((uint64_t)1 << 48)

#define COLUMN(row, field, label, type, cover, max)                  \
	{                                                            \
		label, type, cover, offsetof(struct row, field), max \
	}
#define COUNT(row, field, max) COLUMN(row, field, #field, COLUMN_COUNT, COVER_BEGIN, max)
#define BITS(row, field)       COLUMN(row, field, #field, COLUMN_BITS, COVER_BEGIN, 0)
#define TEXT(row, field)       COLUMN(row, field, #field, COLUMN_TEXT, COVER_BEGIN, 0)
#define CHAIN(row, field)      COLUMN(row, field, #field, COLUMN_BITS, COVER_NONE, 0)
#define HEAD(row)                                                            \
	COLUMN(row, head.session, "session", COLUMN_COUNT, COVER_NONE, SEQ), \
		COLUMN(row, head.seq, "seq", COLUMN_COUNT, COVER_BEGIN, SEQ)
#define BELOW(row) HEAD(row), COLUMN(row, head.command, "command", COLUMN_COUNT, COVER_BEGIN, SEQ)

static const struct column session_columns[] = {
	COLUMN(db_session, id, "id", COLUMN_COUNT, COVER_NONE, SEQ),
	TEXT(db_session, title),
	TEXT(db_session, scenario),
	TEXT(db_session, variant),
	TEXT(db_session, kernel),
	TEXT(db_session, switches),
	BITS(db_session, seed),
	TEXT(db_session, version),
	COUNT(db_session, started, ANY),
	CHAIN(db_session, chain),
	COLUMN(db_session, ended, "ended", COLUMN_COUNT, COVER_END, ANY),
	COLUMN(db_session, final_hash, "final_hash", COLUMN_BITS, COVER_END, 0),
	COLUMN(db_session, finding, "finding", COLUMN_TEXT, COVER_END, 0),
	COLUMN(db_session, state, "state", COLUMN_COUNT, COVER_NONE, DB_STATES - 1),
	CHAIN(db_session, end_chain),
	TEXT(db_session, scenario_text),
};

static const struct column command_columns[] = {
	HEAD(db_command),
	COUNT(db_command, branch, SEQ),
	COUNT(db_command, before, ANY),
	COUNT(db_command, after, ANY),
	BITS(db_command, hash),
	CHAIN(db_command, chain),
	TEXT(db_command, text),
};

static const struct column move_columns[] = {
	BELOW(db_move),
	COUNT(db_move, kind, UINT8_MAX),
	BITS(db_move, hash),
	TEXT(db_move, label),
};

static const struct column event_columns[] = {
	BELOW(db_event),
	COUNT(db_event, move, SEQ),
	TEXT(db_event, text),
};

static const struct column finding_columns[] = {
	BELOW(db_finding),
	COUNT(db_finding, move, SEQ),
	TEXT(db_finding, rule),
	TEXT(db_finding, text),
};

static const struct column mark_columns[] = {
	BELOW(db_mark),
	COUNT(db_mark, position, ANY),
	TEXT(db_mark, name),
	TEXT(db_mark, text),
};

static const struct column note_columns[] = {
	BELOW(db_note),
	COUNT(db_note, position, ANY),
	COUNT(db_note, time, ANY),
	TEXT(db_note, text),
};

static const struct column branch_columns[] = {
	BELOW(db_branch),
	COUNT(db_branch, id, SEQ),
	COUNT(db_branch, parent, SEQ),
	COUNT(db_branch, position, ANY),
	TEXT(db_branch, name),
};

#define SESSION_KEY   ", PRIMARY KEY(id)) STRICT"
#define SESSION_ORDER " WHERE id = ?1"
/* One tree per table with a session's rows side by side: reading a session is one walk along the
 * leaves. */
#define ROW_KEY	  ", PRIMARY KEY(session, seq)) STRICT, WITHOUT ROWID"
#define ROW_ORDER " WHERE session = ?1 ORDER BY session, seq"
#define TABLE(name, key, order, columns)                                          \
	{                                                                         \
		name, key, order, columns, sizeof(columns) / sizeof((columns)[0]) \
	}

const struct table db_tables[DB_KINDS] = {
	[DB_SESSION] = TABLE("session", SESSION_KEY, SESSION_ORDER, session_columns),
	[DB_COMMAND] = TABLE("command", ROW_KEY, ROW_ORDER, command_columns),
	[DB_MOVE] = TABLE("move", ROW_KEY, ROW_ORDER, move_columns),
	[DB_EVENT] = TABLE("event", ROW_KEY, ROW_ORDER, event_columns),
	[DB_FINDING] = TABLE("finding", ROW_KEY, ROW_ORDER, finding_columns),
	[DB_MARK] = TABLE("mark", ROW_KEY, ROW_ORDER, mark_columns),
	[DB_NOTE] = TABLE("note", ROW_KEY, ROW_ORDER, note_columns),
	[DB_BRANCH] = TABLE("branch", ROW_KEY, ROW_ORDER, branch_columns),
};

__attribute__((format(printf, 2, 3))) static void sql_add(char *sql, const char *format, ...)
{
	size_t used = strlen(sql);
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(sql + used, DB_SQL_SIZE - used, format, args);
	va_end(args);
	assert(n >= 0 && (size_t)n < DB_SQL_SIZE - used);
}

void db_table_create_sql(const struct table *table, char *sql)
{
	sql[0] = '\0';
	sql_add(sql, "CREATE TABLE %s(", table->name);
	for (unsigned i = 0; i < table->count; i++)
		sql_add(sql, "%s%s %s NOT NULL", i ? ", " : "", table->columns[i].name,
			table->columns[i].type == COLUMN_TEXT ? "TEXT" : "INTEGER");
	sql_add(sql, "%s", table->key);
}

void db_table_insert_sql(const struct table *table, char *sql)
{
	sql[0] = '\0';
	sql_add(sql, "INSERT INTO %s VALUES(", table->name);
	for (unsigned i = 0; i < table->count; i++)
		sql_add(sql, "%s?%u", i ? ", " : "", i + 1);
	sql_add(sql, ")");
}

void db_table_select_sql(const struct table *table, char *sql)
{
	sql[0] = '\0';
	sql_add(sql, "SELECT ");
	for (unsigned i = 0; i < table->count; i++)
		sql_add(sql, "%s%s", i ? ", " : "", table->columns[i].name);
	sql_add(sql, " FROM %s%s", table->name, table->order);
}

static uint64_t number_get(const struct column *column, const void *row)
{
	uint64_t value;

	memcpy(&value, (const char *)row + column->offset, sizeof(value));
	return value;
}

static const char *text_get(const struct column *column, const void *row)
{
	const char *text;

	memcpy(&text, (const char *)row + column->offset, sizeof(text));
	return text;
}

int db_table_insert(const struct table *table, struct sqlite3_stmt *stmt, const void *row)
{
	int rc = SQLITE_OK;
	int reset;

	for (unsigned i = 0; i < table->count && rc == SQLITE_OK; i++) {
		const struct column *column = &table->columns[i];

		if (column->type == COLUMN_TEXT)
			rc = sqlite3_bind_text(stmt, (int)i + 1, text_get(column, row), -1,
					       SQLITE_STATIC);
		else
			rc = sqlite3_bind_int64(stmt, (int)i + 1,
						(sqlite3_int64)number_get(column, row));
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	reset = sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? reset : rc;
}

static bool column_read(const struct column *column, struct sqlite3_stmt *stmt, int i, void *row)
{
	char *field = (char *)row + column->offset;

	if (column->type == COLUMN_TEXT) {
		const char *text = (const char *)sqlite3_column_text(stmt, i);

		if (!text || strlen(text) != (size_t)sqlite3_column_bytes(stmt, i))
			return false;
		memcpy(field, &text, sizeof(text));
	} else {
		uint64_t value = (uint64_t)sqlite3_column_int64(stmt, i);

		/* a negative count is a huge one here, and above every max */
		if (column->type == COLUMN_COUNT && value > column->max)
			return false;
		memcpy(field, &value, sizeof(value));
	}
	return true;
}

bool db_table_read(const struct table *table, struct sqlite3_stmt *stmt, void *row,
		   const char **bad)
{
	for (unsigned i = 0; i < table->count; i++) {
		if (!column_read(&table->columns[i], stmt, (int)i, row)) {
			*bad = table->columns[i].name;
			return false;
		}
	}
	return true;
}

static size_t number_put(unsigned char *bytes, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(value >> (8 * i));
	return 8;
}

uint64_t db_table_digest(const struct table *table, const void *row, enum column_cover cover,
			 uint64_t seed)
{
	unsigned char bytes[8 * 16];
	size_t size = 0;
	uint64_t digest;

	assert(table->count <= 16);
	for (unsigned i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];

		if (column->cover == cover && column->type != COLUMN_TEXT)
			size += number_put(bytes + size, number_get(column, row));
	}
	digest = XXH3_64bits_withSeed(bytes, size, seed);
	/* one call per text, so that no text can lend bytes to its neighbour */
	for (unsigned i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];

		if (column->cover == cover && column->type == COLUMN_TEXT) {
			const char *text = text_get(column, row);

			digest = XXH3_64bits_withSeed(text, strlen(text), digest);
		}
	}
	return digest;
}

uint64_t db_table_chain(const struct db_command *row, const uint64_t digests[DB_KINDS],
			uint64_t before)
{
	uint64_t own = db_table_digest(&db_tables[DB_COMMAND], row, COVER_BEGIN, before);
	unsigned char bytes[8 * DB_KINDS];
	size_t size = 0;

	for (unsigned kind = DB_MOVE; kind < DB_KINDS; kind++)
		size += number_put(bytes + size, digests[kind]);
	return XXH3_64bits_withSeed(bytes, size, own);
}
