/* Files that are not what they should be: one sentence each, nothing touched, and never a crash. */
#include "db_test.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char good[PATH_SIZE];

static int setup(void **state)
{
	scratch_make(state);
	path_join(good, scratch, "good.db");
	sample_record(good, 60);
	return 0;
}

/* sessions becomes a copy of the good file, cut to that many bytes when cut is not 0. */
static void copy_good(size_t cut)
{
	size_t size;
	unsigned char *bytes = bytes_read(good, &size);

	bytes_write(sessions, bytes, cut && cut < size ? cut : size);
	free(bytes);
}

static void patch(long offset, const char *bytes, size_t size)
{
	FILE *file = fopen(sessions, "r+b");

	assert_non_null(file);
	assert_int_equal(fseek(file, offset, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void make_missing(void)
{
}

static void make_directory(void)
{
	assert_int_equal(mkdir(sessions, 0700), 0);
}

static void make_link(void)
{
	assert_int_equal(symlink(good, sessions), 0);
}

static void make_fifo(void)
{
	assert_int_equal(mkfifo(sessions, 0600), 0);
}

static void make_empty(void)
{
	bytes_write(sessions, (const unsigned char *)"", 0);
}

static void make_text(void)
{
	static const char text[] = "title mremap drops the lock\nmm A\n";

	bytes_write(sessions, (const unsigned char *)text, sizeof(text) - 1);
}

static void make_stub(void)
{
	copy_good(60);
}

static void make_half(void)
{
	copy_good(8192);
}

static void make_foreign(void)
{
	sql_run(sessions, "CREATE TABLE bookmark(url TEXT); PRAGMA application_id = 7");
}

static void make_newer(void)
{
	copy_good(0);
	sql_run(sessions, "PRAGMA user_version = 2");
}

static void make_unversioned(void)
{
	copy_good(0);
	sql_run(sessions, "PRAGMA user_version = 0");
}

static void make_damaged(void)
{
	copy_good(0);
	patch(4096, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
}

static void make_view(void)
{
	copy_good(0);
	sql_run(sessions,
		"ALTER TABLE mark RENAME TO hidden; CREATE VIEW mark AS SELECT * FROM hidden");
}

static void make_trigger(void)
{
	copy_good(0);
	sql_run(sessions, "CREATE TRIGGER t AFTER INSERT ON move BEGIN DELETE FROM move; END");
}

static void make_tableless(void)
{
	copy_good(0);
	sql_run(sessions, "DROP TABLE note");
}

struct bad_file {
	void (*make)(void);
	enum db_error error;
	const char *says;
	bool may_record; /* a recorder makes it, or does not look that closely */
};

static const struct bad_file bad_files[] = {
	{ make_missing, DB_MISSING, "does not exist: check the name", true },
	{ make_directory, DB_FOREIGN, "is not a regular file", false },
	{ make_link, DB_FOREIGN, "is a symbolic link: name the file it points to", false },
	{ make_fifo, DB_FOREIGN, "is not a regular file", false },
	{ make_empty, DB_TRUNCATED, "is empty", true },
	{ make_text, DB_FOREIGN, "is not a SQLite database", false },
	{ make_stub, DB_TRUNCATED, "is cut short, only 60 bytes are left: restore a copy", false },
	{ make_half, DB_TRUNCATED, "is cut short, 8192 of ", false },
	{ make_foreign, DB_FOREIGN, "is another program's database", false },
	{ make_newer, DB_NEWER, "has format 2 and this program reads up to 1: use a newer", false },
	{ make_unversioned, DB_DAMAGED, "has no valid format number", false },
	{ make_damaged, DB_DAMAGED, "is damaged: restore a copy", true },
	{ make_view, DB_DAMAGED, "does not have the tables of format 1", false },
	{ make_trigger, DB_DAMAGED, "does not have the tables of format 1", false },
	{ make_tableless, DB_DAMAGED, "does not have the tables of format 1", false },
};

static void sentence_check(const struct bad_file *bad, const struct db_status *st)
{
	if (st->error != bad->error || !strstr(st->message, bad->says) ||
	    strncmp(st->message, sessions, strlen(sessions)) || strchr(st->message, '\n'))
		fail_msg("error %u, \"%s\", not \"%s\"", st->error, st->message, bad->says);
}

static void bytes_compare(const unsigned char *before, size_t size)
{
	struct stat sb;
	unsigned char *after;
	size_t now;

	if (lstat(sessions, &sb) || !S_ISREG(sb.st_mode))
		return;
	after = bytes_read(sessions, &now);
	assert_int_equal(now, size);
	assert_memory_equal(before, after, size);
	free(after);
}

static void bad_file_check(const struct bad_file *bad)
{
	unsigned char *bytes = NULL;
	struct recorder *r;
	struct db_status st;
	struct stat sb;
	size_t size = 0;

	bad->make();
	if (!lstat(sessions, &sb) && S_ISREG(sb.st_mode))
		bytes = bytes_read(sessions, &size);
	assert_null(archive_open(sessions, 10, &st));
	sentence_check(bad, &st);
	bytes_compare(bytes, size);
	if (!bad->may_record) {
		r = recorder_open(sessions, NULL, &st);
		sentence_check(bad, &st);
		assert_string_equal(recorder_reason(r), st.message);
		assert_int_equal(sample_command(r, 1, &st), DB_OFF);
		recorder_close(r);
		bytes_compare(bytes, size);
	}
	free(bytes);
	remove(sessions);
}

static void test_bad_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++)
		bad_file_check(&bad_files[i]);
	/* what the link points to was not touched either */
	assert_int_equal(sample_check(good, 1, 60, DB_CLOSED), 60);
}

static void test_no_directory(void **state)
{
	struct db_status st;
	struct recorder *r;

	(void)state;
	path_join(sessions, scratch, "nowhere/sessions.db");
	r = recorder_open(sessions, NULL, &st);
	assert_int_equal(st.error, DB_MISSING);
	assert_non_null(strstr(st.message, "its directory cannot be opened"));
	recorder_close(r);
	assert_null(archive_open(sessions, 10, &st));
	assert_int_equal(st.error, DB_MISSING);
}

static void test_chain(void **state)
{
	static const struct {
		const char *sql;
		const char *says;
	} cases[] = {
		{ "UPDATE command SET text = 'back 1' WHERE seq = 5",
		  "session 1, command 5 is not as" },
		{ "UPDATE command SET hash = hash + 1 WHERE seq = 60",
		  "session 1, command 60 is not as" },
		{ "UPDATE move SET hash = ~hash WHERE command = 7",
		  "session 1, command 7 is not as" },
		{ "UPDATE move SET label = label || ' ' WHERE command = 8", "command 8 is not as" },
		{ "UPDATE note SET text = 'fine' WHERE command = 9", "command 9 is not as" },
		{ "UPDATE event SET text = '' WHERE command = 17", "command 17 is not as" },
		{ "UPDATE finding SET rule = 'lint' WHERE command = 14", "command 14 is not as" },
		{ "UPDATE mark SET position = 3 WHERE command = 16", "command 16 is not as" },
		{ "UPDATE branch SET parent = 5 WHERE command = 20", "command 20 is not as" },
		{ "DELETE FROM note WHERE command = 54", "command 54 is not as" },
		{ "DELETE FROM note WHERE command = 45", "has lost its note 5" },
		{ "DELETE FROM command WHERE seq = 30", "has lost its command 30" },
		{ "DELETE FROM command WHERE seq > 58", "command 59 is not as" },
		{ "DELETE FROM command WHERE seq > 59; DELETE FROM branch WHERE command > 59;"
		  "DELETE FROM move WHERE command > 59; DELETE FROM event WHERE command > 59",
		  "does not end as it was recorded, after command 59" },
		{ "UPDATE session SET final_hash = 1", "does not end as it was recorded" },
		{ "UPDATE session SET finding = ''", "does not end as it was recorded" },
		{ "UPDATE session SET seed = 1", "does not begin as it was recorded" },
		{ "UPDATE session SET scenario_text = ''", "does not begin as it was recorded" },
		{ "UPDATE move SET command = 6 WHERE command = 7", "command 6 is not as" },
		{ "UPDATE move SET kind = -1 WHERE seq = 4", "move 4 has an impossible kind" },
		{ "UPDATE move SET kind = 256 WHERE seq = 4", "move 4 has an impossible kind" },
		{ "UPDATE event SET text = 'a' || char(0) || 'b' WHERE seq = 2",
		  "event 2 has an impossible text" },
		{ "UPDATE session SET state = 9", "session 1 has an impossible state" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct archive *a;
		struct db_status st;

		copy_good(0);
		sql_run(sessions, cases[i].sql);
		a = archive_open(sessions, 10, &st);
		assert_string_equal(st.message, "");
		archive_read(a, 1, NULL, NULL, &st);
		if (!strstr(st.message, cases[i].says) || !strstr(st.message, sessions))
			fail_msg("%s: \"%s\"", cases[i].sql, st.message);
		assert_true(st.error == DB_BROKEN || st.error == DB_DAMAGED);
		archive_close(a);
	}
}

static void test_locked(void **state)
{
	static const struct db_options hasty = { DB_SYNC_FULL, 10 };
	struct db_status st;
	struct recorder *r;
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open(good, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
	assert_null(archive_open(good, 10, &st));
	assert_int_equal(st.error, DB_LOCKED);
	assert_non_null(strstr(st.message, "is locked by another program: close that program"));
	r = recorder_open(good, &hasty, &st);
	assert_int_equal(st.error, DB_LOCKED);
	assert_int_equal(sample_command(r, 1, &st), DB_OFF);
	recorder_close(r);
	sqlite3_close(db);
	assert_int_equal(sample_check(good, 1, 60, DB_CLOSED), 60);
}

/* Root may write everywhere, so it is somebody else for as long; sanitizers must see it after. */
static void identity_drop(bool on)
{
	if (getuid() == 0)
		assert_int_equal(seteuid(on ? 65534 : 0), 0);
	prctl(PR_SET_DUMPABLE, 1);
}

static void write_protect(bool on)
{
	if (!on)
		identity_drop(false);
	assert_int_equal(chmod(scratch, on ? 0555 : 0755), 0);
	assert_int_equal(chmod(sessions, on ? 0444 : 0644), 0);
	if (on)
		identity_drop(true);
}

static void test_read_only(void **state)
{
	struct db_status st;
	char shm[PATH_SIZE];
	struct recorder *r;
	struct archive *a;

	(void)state;
	copy_good(0);
	write_protect(true);
	/* a file that was closed well can be read where nothing can be written */
	a = archive_open(sessions, 10, &st);
	assert_string_equal(st.message, "");
	assert_int_equal(archive_read(a, 1, NULL, NULL, &st), DB_OK);
	assert_int_equal(archive_pack(a, 1, "/nowhere/new.db", &st), DB_IO);
	archive_close(a);
	r = recorder_open(sessions, NULL, &st);
	assert_int_equal(st.error, DB_READONLY);
	assert_non_null(strstr(st.message, "make the file and its directory writable"));
	recorder_close(r);
	write_protect(false);
	/* one that may be written in a directory that may not: there is no room for a journal */
	assert_int_equal(chmod(sessions, 0666), 0);
	assert_int_equal(chmod(scratch, 0555), 0);
	identity_drop(true);
	r = recorder_open(sessions, NULL, &st);
	assert_int_equal(st.error, DB_READONLY);
	assert_int_equal(sample_command(r, 1, &st), DB_OFF);
	recorder_close(r);
	write_protect(false);
	assert_int_equal(sample_check(sessions, 1, 60, DB_CLOSED), 60);
	/* one whose recorder was killed can be read as it is while all its parts are there */
	remove(sessions);
	sample_record_killed(sessions);
	write_protect(true);
	sample_check(sessions, 1, 20, DB_OPEN);
	write_protect(false);
	path_join(shm, scratch, "sessions.db-shm");
	assert_int_equal(unlink(shm), 0);
	write_protect(true);
	assert_null(archive_open(sessions, 10, &st));
	assert_int_equal(st.error, DB_READONLY);
	write_protect(false);
	assert_int_equal(sample_check(sessions, 1, 20, DB_RECOVERED), 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bad_files), TEST(test_no_directory), TEST(test_chain),
		TEST(test_locked),    TEST(test_read_only),
	};

	return cmocka_run_group_tests_name("db-badfile", tests, NULL, NULL);
}
