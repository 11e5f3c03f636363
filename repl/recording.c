/*
 * The tape and its way into the database. Rule: whatever fails here, the session goes on.
 */
#include "recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db_path.h"

static size_t keep(struct tape *t, const char *text)
{
	size_t n = strlen(text) + 1, at = t->used;

	if (at + n > t->text_cap) {
		size_t cap = 2 * (at + n) + 4096;
		char *grown = realloc(t->text, cap);

		if (!grown) {
			t->lost = true;
			return 0;
		}
		t->text = grown;
		t->text_cap = cap;
	}
	memcpy(t->text + at, text, n);
	t->used += n;
	return at;
}

static void push(struct tape *t, struct tape_row row, const char *first, const char *second)
{
	if (t->rows == t->row_cap) {
		size_t cap = 2 * t->row_cap + 64;
		struct tape_row *grown = realloc(t->row, cap * sizeof(*grown));

		if (!grown) {
			t->lost = true;
			return;
		}
		t->row = grown;
		t->row_cap = cap;
	}
	row.first = keep(t, first);
	row.second = keep(t, second);
	t->row[t->rows++] = row;
}

void tape_move(struct tape *t, enum move move, const char *label, uint64_t hash)
{
	push(t, (struct tape_row){ .kind = DB_MOVE, .move = move, .a = hash }, label, "");
}

void tape_event(struct tape *t, const char *text)
{
	push(t, (struct tape_row){ .kind = DB_EVENT }, text, "");
}

void tape_finding(struct tape *t, const char *rule, const char *text)
{
	push(t, (struct tape_row){ .kind = DB_FINDING }, rule, text);
}

void tape_mark(struct tape *t, uint64_t position, const char *name, const char *text)
{
	push(t, (struct tape_row){ .kind = DB_MARK, .a = position }, name, text);
}

void tape_note(struct tape *t, uint64_t position, const char *text)
{
	push(t, (struct tape_row){ .kind = DB_NOTE, .a = position }, text, "");
}

void tape_branch(struct tape *t, uint64_t id, uint64_t parent, uint64_t position, const char *name)
{
	push(t, (struct tape_row){ .kind = DB_BRANCH, .a = id, .b = parent, .c = position }, name,
	     "");
}

void tape_clear(struct tape *t)
{
	t->rows = 0;
	t->used = 0;
	t->lost = false;
}

static void write_row(struct recorder *to, const struct tape *t, const struct tape_row *row)
{
	const char *first = t->text + row->first, *second = t->text + row->second;

	switch (row->kind) {
	case DB_MOVE:
		record_move(to, (uint8_t)row->move, first, row->a);
		break;
	case DB_EVENT:
		record_event(to, first);
		break;
	case DB_FINDING:
		record_finding(to, first, second);
		break;
	case DB_MARK:
		record_mark(to, row->a, first, second);
		break;
	case DB_NOTE:
		record_note(to, row->a, first);
		break;
	case DB_BRANCH:
		record_branch(to, row->a, row->b, row->c, first);
		break;
	case DB_SESSION:
	case DB_COMMAND:
	case DB_KINDS:
		break;
	}
}

enum db_error recording_path(const struct recording *r, char *path, size_t size,
			     struct db_status *st)
{
	if (!r->path)
		return db_path_default(path, size, st);
	if (strlen(r->path) >= size)
		return db_fail(st, DB_LIMIT, "the path of the session file is too long");
	strcpy(path, r->path);
	return db_ok(st);
}

static bool failed(struct recording *r)
{
	r->broken = true;
	r->id = 0;
	return false;
}

static bool open_database(struct recording *r, struct db_status *why)
{
	char path[4096];

	if (r->to)
		return true;
	if (recording_path(r, path, sizeof(path), why) != DB_OK)
		return failed(r);
	r->to = recorder_open(path, NULL, why);
	return why->error == DB_OK ? true : failed(r);
}

static bool begin(struct recording *r, const struct recorded *what, struct db_status *why)
{
	struct db_session row = what->session;

	if (!open_database(r, why))
		return false;
	row.title = r->title;
	if (recorder_begin(r->to, &row, why) != DB_OK)
		return failed(r);
	r->id = recorder_session(r->to);
	r->title[0] = '\0';
	r->finding[0] = '\0';
	return true;
}

bool recording_commit(struct recording *r, const struct recorded *what, struct db_status *why)
{
	const struct tape *t = &r->tape;

	if (!r->wished || r->broken)
		return true;
	if (t->lost) {
		db_fail(why, DB_MEMORY, "there is no memory for what the command did");
		return failed(r);
	}
	if (!r->id && !begin(r, what, why))
		return false;
	record_begin(r->to, what->command, what->branch, what->before);
	for (size_t i = 0; i < t->rows; i++) {
		write_row(r->to, t, &t->row[i]);
		if (t->row[i].kind == DB_FINDING && !r->finding[0])
			snprintf(r->finding, sizeof(r->finding), "%s", t->text + t->row[i].first);
	}
	return record_commit(r->to, what->after, what->hash, why) == DB_OK ? true : failed(r);
}

void recording_end(struct recording *r, uint64_t hash)
{
	struct db_status st;

	if (r->id)
		recorder_end(r->to, hash, r->finding, &st);
	r->id = 0;
	r->replaying = 0;
}

void recording_close(struct recording *r)
{
	recorder_close(r->to);
	r->to = NULL;
	free(r->tape.row);
	free(r->tape.text);
	r->tape = (struct tape){ 0 };
}

const char *recording_status(struct recording *r)
{
	if (r->replaying && !r->id)
		snprintf(r->status, sizeof(r->status), "REPLAY %llu",
			 (unsigned long long)r->replaying);
	else if (!r->wished || r->broken)
		snprintf(r->status, sizeof(r->status), "unrecorded");
	else if (r->id)
		snprintf(r->status, sizeof(r->status), "REC %llu", (unsigned long long)r->id);
	else
		r->status[0] = '\0';
	return r->status;
}
