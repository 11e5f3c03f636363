/* A recorder that cannot go on says so once and steps aside; what it committed stays. */
#include "db_test.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static void test_no_recorder(void **state)
{
	struct db_session none = { 0 };
	struct db_status st;

	(void)state;
	assert_int_equal(recorder_begin(NULL, &none, &st), DB_OFF);
	assert_int_equal(sample_command(NULL, 1, &st), DB_OFF);
	record_drop(NULL);
	assert_int_equal(recorder_end(NULL, 0, "", &st), DB_OFF);
	assert_int_equal(recorder_session(NULL), 0);
	assert_null(recorder_reason(NULL));
	recorder_close(NULL);
}

/* Lets the recorder run into the wall and checks how it behaves; how many commands it committed. */
static uint64_t run_until_off(struct recorder *r, enum db_error error, const char *says)
{
	struct db_session none = { 0 };
	struct db_status st;
	uint64_t i = 0;

	while (sample_command(r, i + 1, &st) == DB_OK)
		assert_true(++i < 100000);
	if (st.error != error || !strstr(st.message, says))
		fail_msg("%s", st.message);
	assert_non_null(strstr(st.message, sessions));
	assert_string_equal(recorder_reason(r), st.message);
	assert_int_equal(sample_command(r, i + 1, &st), DB_OFF);
	assert_string_equal(st.message, "");
	record_begin(r, "refused", 0, 0);
	record_drop(r);
	assert_int_equal(recorder_end(r, 0, "", &st), DB_OFF);
	assert_int_equal(recorder_begin(r, &none, &st), DB_OFF);
	assert_int_equal(recorder_session(r), 0);
	return i;
}

static void test_full_disk(void **state)
{
	struct rlimit before, small;
	struct db_status st;
	struct recorder *r = recorder_open(sessions, NULL, &st);
	uint64_t done;

	(void)state;
	sample_begin(r);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 300000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	done = run_until_off(r, DB_FULL, "cannot grow");
	recorder_close(r);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(done > 10);
	assert_int_equal(sample_check(sessions, 1, done, DB_RECOVERED), done);
}

static void test_full_while_spilling(void **state)
{
	struct rlimit before, small;
	struct db_status st;
	struct recorder *r = recorder_open(sessions, NULL, &st);

	(void)state;
	sample_begin(r);
	assert_int_equal(sample_command(r, 1, &st), DB_OK);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 300000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	record_begin(r, "run", 0, 0);
	for (unsigned i = 0; i < 400000; i++)
		record_move(r, 1, "cpu1.step", i);
	assert_non_null(recorder_reason(r));
	assert_int_equal(record_commit(r, 1, 1, &st), DB_FULL);
	assert_int_equal(record_commit(r, 1, 1, &st), DB_OFF);
	recorder_close(r);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(sample_check(sessions, 1, 1, DB_RECOVERED), 1);
}

static void test_locked(void **state)
{
	static const struct db_options hasty = { DB_SYNC_NORMAL, 10 };
	struct db_status st;
	struct recorder *r = recorder_open(sessions, &hasty, &st);
	sqlite3 *db;

	(void)state;
	sample_begin(r);
	assert_int_equal(sample_command(r, 1, &st), DB_OK);
	assert_int_equal(sqlite3_open(sessions, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	{
		/* the first command passed, so command 2 meets the lock */
		assert_int_equal(sample_command(r, 2, &st), DB_LOCKED);
		assert_non_null(strstr(st.message, "is locked by another program"));
		assert_int_equal(sample_command(r, 3, &st), DB_OFF);
	}
	recorder_close(r);
	sqlite3_close(db);
	assert_int_equal(sample_check(sessions, 1, 1, DB_RECOVERED), 1);
}

static void test_too_long(void **state)
{
	struct db_status st;
	struct recorder *r = recorder_open(sessions, NULL, &st);
	char *text = malloc(2 << 20);

	(void)state;
	memset(text, 'x', (2 << 20) - 1);
	text[(2 << 20) - 1] = '\0';
	sample_begin(r);
	assert_int_equal(sample_command(r, 1, &st), DB_OK);
	record_begin(r, "note", 0, 0);
	record_note(r, 0, text);
	assert_int_equal(record_commit(r, 0, 0, &st), DB_LIMIT);
	assert_non_null(strstr(st.message, "1 MiB"));
	recorder_close(r);
	free(text);
	assert_int_equal(sample_check(sessions, 1, 1, DB_RECOVERED), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_recorder), TEST(test_full_disk), TEST(test_full_while_spilling),
		TEST(test_locked),	TEST(test_too_long),
	};

	return cmocka_run_group_tests_name("db-off", tests, NULL, NULL);
}
