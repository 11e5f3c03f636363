/* What is recorded comes back. */
#include "db_test.h"

#include "db_path.h"
#include "db_table.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char other[PATH_SIZE];

static int setup(void **state)
{
	scratch_make(state);
	path_join(other, scratch, "other.db");
	return 0;
}

static bool file_exists(const char *name, const char *suffix)
{
	char full[PATH_SIZE + 16];
	struct stat sb;

	snprintf(full, sizeof(full), "%s%s", name, suffix);
	return lstat(full, &sb) == 0;
}

static void test_round_trip(void **state)
{
	(void)state;
	sample_record(sessions, 100);
	assert_int_equal(sample_check(sessions, 1, 100, DB_CLOSED), 100);
	/* one self-contained file, and a second session goes after the first */
	assert_false(file_exists(sessions, "-wal"));
	sample_record(sessions, 3);
	assert_int_equal(sample_check(sessions, 2, 3, DB_CLOSED), 3);
	assert_int_equal(sample_check(sessions, 1, 100, DB_CLOSED), 100);
}

static void test_format_is_pinned(void **state)
{
#define NN    " INTEGER NOT NULL, "
#define TN    " TEXT NOT NULL, "
#define ROW   "session" NN "seq" NN
#define BELOW ROW "command" NN
#define KEY   "PRIMARY KEY(session, seq)) STRICT, WITHOUT ROWID"
	static const char *const expected[] = {
		("CREATE TABLE session(id" NN "title" TN "scenario" TN "variant" TN "kernel" TN
		 "switches" TN "seed" NN "version" TN "started" NN "chain" NN "ended" NN
		 "final_hash" NN "finding" TN "state" NN "end_chain" NN "scenario_text" TN
		 "PRIMARY KEY(id)) STRICT"),
		("CREATE TABLE command(" ROW "branch" NN "before" NN "after" NN "hash" NN "chain" NN
		 "text" TN KEY),
		"CREATE TABLE move(" BELOW "kind" NN "hash" NN "label" TN KEY,
		"CREATE TABLE event(" BELOW "move" NN "text" TN KEY,
		"CREATE TABLE finding(" BELOW "move" NN "rule" TN "text" TN KEY,
		"CREATE TABLE mark(" BELOW "position" NN "name" TN "text" TN KEY,
		"CREATE TABLE note(" BELOW "position" NN "time" NN "text" TN KEY,
		"CREATE TABLE branch(" BELOW "id" NN "parent" NN "position" NN "name" TN KEY,
		"CREATE INDEX session_open ON session(state) WHERE state = 0",
	};
	const size_t count = sizeof(expected) / sizeof(expected[0]);
	sqlite3_stmt *stmt;
	sqlite3 *db;

	(void)state;
	sample_record(sessions, 1);
	assert_int_equal(sqlite3_open(sessions, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_schema ORDER BY rowid", -1,
					    &stmt, NULL),
			 SQLITE_OK);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
		assert_string_equal(sqlite3_column_text(stmt, 0), expected[i]);
	}
	assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

/* Two machines agree on a chain: these numbers are part of the format. */
static void test_chain_is_pinned(void **state)
{
	const struct db_session session = {
		.title = "t",
		.scenario = "s",
		.scenario_text = "mm A\n",
		.variant = "buggy",
		.kernel = "6.6",
		.switches = "",
		.version = "0.1.0",
		.finding = "",
		.seed = ~(uint64_t)0,
		.started = 1000,
	};
	const struct db_move move = {
		.head = { 9, 2, 1 }, .kind = 3, .hash = 4, .label = "cpu1.step"
	};
	const struct db_command command = {
		.head = { 9, 1, 1 }, .after = 2, .hash = 4, .text = "step"
	};
	uint64_t digests[DB_KINDS] = { 0 };
	uint64_t begin = db_table_digest(&db_tables[DB_SESSION], &session, COVER_BEGIN, 0);

	(void)state;
	digests[DB_MOVE] = db_table_digest(&db_tables[DB_MOVE], &move, COVER_BEGIN, 0);
	assert_int_equal(begin, 0xc471330221a1b1e2u);
	assert_int_equal(digests[DB_MOVE], 0x5b15c73e82b864edu);
	assert_int_equal(db_table_chain(&command, digests, begin), 0x3a0b8038bf73c4b7u);
}

static int labels_visit(enum db_kind kind, const union db_row *row, void *context)
{
	char *seen = context;
	size_t used = strlen(seen);

	if (kind == DB_COMMAND)
		snprintf(seen + used, 200 - used, "[%s]", row->command.text);
	else if (kind == DB_MOVE)
		snprintf(seen + used, 200 - used, " %s", row->move.label);
	else if (kind == DB_EVENT)
		snprintf(seen + used, 200 - used, "(%s)", row->event.text);
	return 0;
}

static void test_order_and_drop(void **state)
{
	char seen[200] = "";
	struct db_status st;
	struct recorder *r = recorder_open(sessions, NULL, &st);
	struct archive *a;

	(void)state;
	sample_begin(r);
	record_begin(r, "one", 0, 0);
	record_event(r, "before any move");
	record_move(r, 1, "a", 1);
	record_move(r, 1, "b", 2);
	record_event(r, "from b");
	record_event(r, "also from b");
	record_move(r, 1, "c", 3);
	assert_int_equal(record_commit(r, 3, 3, &st), DB_OK);
	record_begin(r, "refused", 0, 3);
	record_move(r, 1, "never", 4);
	record_drop(r);
	record_begin(r, "two", 0, 3);
	record_event(r, "still from c");
	record_move(r, 1, "d", 5);
	assert_int_equal(record_commit(r, 4, 5, &st), DB_OK);
	assert_int_equal(recorder_session(r), 1);
	assert_null(recorder_reason(r));
	/* read while it is being recorded: open, and the recorder does not mind */
	a = archive_open(sessions, 2000, &st);
	assert_string_equal(st.message, "");
	assert_int_equal(archive_read(a, 1, labels_visit, seen, &st), DB_OK);
	assert_string_equal(
		seen, "[one](before any move) a b(from b)(also from b) c[two](still from c) d");
	archive_close(a);
	assert_int_equal(sample_command(r, 3, &st), DB_OK);
	recorder_close(r);
	/* closed without an end: the next to look finds it has been left */
	a = archive_open(sessions, 2000, &st);
	assert_int_equal(archive_read(a, 1, NULL, NULL, &st), DB_OK);
	archive_close(a);
}

static int states_visit(const struct archive_entry *entry, void *context)
{
	char *seen = context;
	size_t used = strlen(seen);

	snprintf(seen + used, 200 - used, "%llu:%c:%llu:%llu ",
		 (unsigned long long)entry->session.id, "ocr"[entry->session.state],
		 (unsigned long long)entry -> commands, (unsigned long long)entry -> moves);
	return 0;
}

static void assert_states(const char *expected)
{
	char seen[200] = "";
	struct db_status st;
	struct archive *a = archive_open(sessions, 2000, &st);

	assert_string_equal(st.message, "");
	assert_int_equal(archive_list(a, states_visit, seen, &st), DB_OK);
	assert_string_equal(seen, expected);
	archive_close(a);
}

static void test_left_open(void **state)
{
	struct db_status st;
	struct recorder *live;
	struct recorder *left = recorder_open(sessions, NULL, &st);

	(void)state;
	sample_begin(left);
	assert_int_equal(sample_command(left, 1, &st), DB_OK);
	live = recorder_open(sessions, NULL, &st);
	sample_begin(live);
	recorder_close(left);
	/* somebody still holds the file, so nobody can tell that session 1 was left */
	assert_states("1:o:1:1 2:o:0:0 ");
	recorder_end(live, 1, "", &st);
	recorder_close(live);
	assert_states("1:r:1:1 2:c:0:0 ");
}

static void test_spill(void **state)
{
	const uint64_t moves = 300000; /* more than a recorder keeps in memory */
	struct db_status st;
	struct recorder *r = recorder_open(sessions, NULL, &st);

	(void)state;
	sample_begin(r);
	for (unsigned pass = 0; pass < 2; pass++) {
		record_begin(r, "run", 0, 0);
		for (uint64_t i = 0; i < moves; i++)
			record_move(r, 1, "cpu1.step", i);
		if (pass == 0)
			record_drop(r);
		else
			assert_int_equal(record_commit(r, moves, 9, &st), DB_OK);
	}
	recorder_end(r, 9, "", &st);
	recorder_close(r);
	assert_states("1:c:1:300000 ");
	sql_run(sessions, "UPDATE move SET label = 'cpu0.step' WHERE seq = 200000");
	{
		struct archive *a = archive_open(sessions, 2000, &st);

		assert_int_equal(archive_read(a, 1, NULL, NULL, &st), DB_BROKEN);
		archive_close(a);
	}
}

static void test_find(void **state)
{
	static const struct {
		const char *word;
		enum db_error error;
		uint64_t id;
		const char *says;
	} cases[] = {
		{ "1", DB_OK, 1, "" },
		{ "last", DB_OK, 3, "" },
		{ "fork", DB_OK, 3, "" },
		{ "mremap", DB_AMBIGUOUS, 0, "begins the titles of 2 sessions" },
		{ "mremap", DB_AMBIGUOUS, 0, "say which, 1, 2" },
		{ "4", DB_UNKNOWN, 0, "has no session 4" },
		{ "-1", DB_UNKNOWN, 0, "is called `-1`" },
		{ "99999999999999999999", DB_UNKNOWN, 0, "is called" },
		{ "18446744073709551615", DB_UNKNOWN, 0, "has no session" },
		{ "", DB_UNKNOWN, 0, "has no session" },
		{ "exit", DB_UNKNOWN, 0, "is called `exit`" },
	};
	struct db_session fork_session = session_bare("fork copies");
	struct db_status st;
	struct recorder *r;
	struct archive *a;

	(void)state;
	sample_record(sessions, 1);
	sample_record(sessions, 1);
	r = recorder_open(sessions, NULL, &st);
	recorder_begin(r, &fork_session, &st);
	recorder_end(r, 0, "", &st);
	recorder_close(r);
	a = archive_open(sessions, 2000, &st);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t id = 0;

		assert_int_equal(archive_find(a, cases[i].word, &id, &st), cases[i].error);
		assert_non_null(strstr(st.message, cases[i].says));
		if (!cases[i].error)
			assert_int_equal(id, cases[i].id);
	}
	archive_close(a);
}

static void test_pack(void **state)
{
	struct db_status st;
	struct recorder *r;
	struct archive *a;
	size_t size;

	(void)state;
	sample_record(sessions, 10);
	sample_record(sessions, 50);
	a = archive_open(sessions, 2000, &st);
	assert_int_equal(archive_pack(a, 2, other, &st), DB_OK);
	assert_int_equal(archive_pack(a, 2, other, &st), DB_EXISTS);
	assert_non_null(strstr(st.message, "exists already"));
	assert_int_equal(sample_check(other, 2, 50, DB_CLOSED), 50);
	assert_false(file_exists(other, "-wal"));
	assert_false(file_exists(other, "-journal"));
	unlink(other);
	assert_int_equal(archive_pack(a, 3, other, &st), DB_UNKNOWN);
	assert_false(file_exists(other, ""));
	archive_close(a);
	/* one that is damaged is not passed on, one that is live is passed on as far as it is */
	sql_run(sessions, "UPDATE move SET hash = hash + 1 WHERE session = 1 AND seq = 3");
	r = recorder_open(sessions, NULL, &st);
	sample_begin(r);
	assert_int_equal(sample_command(r, 1, &st), DB_OK);
	a = archive_open(sessions, 2000, &st);
	assert_int_equal(archive_pack(a, 1, other, &st), DB_BROKEN);
	assert_false(file_exists(other, ""));
	assert_int_equal(archive_pack(a, 3, other, &st), DB_OK);
	archive_close(a);
	recorder_close(r);
	assert_int_equal(sample_check(other, 3, 1, DB_RECOVERED), 1);
	free(bytes_read(other, &size));
	assert_true(size > 0);
}

#define WRITERS 4

/* A process of its own, so without cmocka's assertions. Returns its exit status. */
static int writer_run(void)
{
	struct db_session session = session_bare("");
	struct db_status st;
	struct recorder *r = recorder_open(sessions, NULL, &st);

	recorder_begin(r, &session, &st);
	for (unsigned i = 1; i <= 50 && !st.error; i++)
		sample_command(r, i, &st);
	if (!st.error)
		recorder_end(r, 0, "", &st);
	if (st.error)
		fprintf(stderr, "%s\n", recorder_reason(r));
	recorder_close(r);
	return st.error != DB_OK;
}

static void test_writers(void **state)
{
	struct archive *a;
	struct db_status st;
	pid_t pids[WRITERS];

	(void)state;
	for (unsigned i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (!pids[i])
			_exit(writer_run());
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		int status = -1;

		waitpid(pids[i], &status, 0);
		assert_int_equal(status, 0);
	}
	assert_states("1:c:50:100 2:c:50:100 3:c:50:100 4:c:50:100 ");
	a = archive_open(sessions, 2000, &st);
	for (uint64_t id = 1; id <= WRITERS; id++)
		assert_int_equal(archive_read(a, id, NULL, NULL, &st), DB_OK);
	archive_close(a);
	assert_false(file_exists(sessions, "-wal"));
}

static void test_path(void **state)
{
	char found[PATH_SIZE * 2], expected[PATH_SIZE * 2];
	struct db_status st;

	(void)state;
	setenv("XDG_DATA_HOME", scratch, 1);
	assert_int_equal(db_path_default(found, sizeof(found), &st), DB_OK);
	snprintf(expected, sizeof(expected), "%s/shootdown/sessions.db", scratch);
	assert_string_equal(found, expected);
	sample_record(found, 1);
	setenv("XDG_DATA_HOME", "relative", 1);
	setenv("HOME", scratch, 1);
	assert_int_equal(db_path_default(found, sizeof(found), &st), DB_OK);
	snprintf(expected, sizeof(expected), "%s/.local/share/shootdown/sessions.db", scratch);
	assert_string_equal(found, expected);
	sample_record(found, 1);
	assert_int_equal(db_path_default(found, 40, &st), DB_LIMIT);
	bytes_write(sessions, (const unsigned char *)"x", 1);
	setenv("XDG_DATA_HOME", sessions, 1);
	assert_int_equal(db_path_default(found, sizeof(found), &st), DB_IO);
	assert_non_null(strstr(st.message, "set XDG_DATA_HOME"));
	unsetenv("XDG_DATA_HOME");
	unsetenv("HOME");
	assert_int_equal(db_path_default(found, sizeof(found), &st), DB_MISSING);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_format_is_pinned),
		TEST(test_chain_is_pinned),
		TEST(test_order_and_drop),
		TEST(test_left_open),
		TEST(test_spill),
		TEST(test_find),
		TEST(test_pack),
		TEST(test_writers),
		TEST(test_path),
	};

	return cmocka_run_group_tests_name("db-record", tests, NULL, NULL);
}
