/*
 * Reading sessions back, from our own file or one that somebody sent.
 *
 * The file is hostile until shown otherwise: it is opened read-only, identified before SQLite
 * touches it, checked page by page and table by table, and every number is in its range before the
 * caller sees it. A chain of digests runs through each session; a record that was changed later is
 * noticed when it is read.
 *
 * A file whose recorder died is mended first, when it can be written and nobody has it open: the
 * -wal is taken in and sessions that were never ended are marked as recovered. A file being
 * recorded at this moment can be read.
 */
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include "db_row.h"
#include "db_status.h"

struct archive;

/*
 * NULL when path cannot be used, with one sentence in st and the file as it was. busy_ms: how long
 * to wait for a program that holds it; 2000 is usual.
 */
struct archive *archive_open(const char *path, int busy_ms, struct db_status *st);
void archive_close(struct archive *a);

/* What a list shows next to a session's row. */
struct archive_entry {
	struct db_session session; /* texts until the visitor returns */
	uint64_t commands;
	uint64_t moves;
};

/* Visits all sessions, oldest first, until the visitor returns other than 0. Chains are not
 * checked. */
enum db_error archive_list(struct archive *a,
			   int (*visit)(const struct archive_entry *entry, void *context),
			   void *context, struct db_status *st);

/*
 * The session that a word means: its number, `last`, or the beginning of exactly one title.
 * DB_UNKNOWN or DB_AMBIGUOUS with a sentence otherwise.
 */
enum db_error archive_find(struct archive *a, const char *word, uint64_t *id, struct db_status *st);

/*
 * Visits one session in order: its own row, then each command followed by what it did: its moves,
 * each move followed by its events and findings, then its marks, notes and branches. Texts live
 * until the visitor returns; when it returns other than 0 the walk ends with DB_OK. DB_BROKEN names
 * the first command that does not fit the chain: rows of that command have been visited by then,
 * those of earlier commands are as they were recorded. A NULL visitor only checks.
 */
enum db_error archive_read(struct archive *a, uint64_t id,
			   int (*visit)(enum db_kind kind, const union db_row *row, void *context),
			   void *context, struct db_status *st);

/*
 * Copies one session into a new, self-contained file that replays on another machine; it keeps its
 * number and chain. Refuses to overwrite. When it fails, no file is left. A session still being
 * recorded is packed as far as it was when the call began, marked as recovered.
 */
enum db_error archive_pack(struct archive *a, uint64_t id, const char *path, struct db_status *st);

#endif
