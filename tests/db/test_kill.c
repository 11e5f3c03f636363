/*
 * kill -9 at any moment: every command that record_commit() acknowledged is there afterwards, and
 * nothing is half there. The children share one file; sometimes a reader finds it first,
 * sometimes the next recorder.
 */
#include "db_test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLS	      60
#define MOST_COMMANDS 40

/* Records for ever, and writes the number of each command after it was acknowledged. */
static void child_run(int out)
{
	struct db_status st;
	struct recorder *r = recorder_open(sessions, NULL, &st);
	uint64_t i = 0;

	if (st.error)
		_exit(1);
	sample_begin(r);
	do {
		if (write(out, &i, sizeof(i)) != sizeof(i))
			_exit(0);
	} while (!sample_command(r, ++i, &st));
	_exit(1);
}

/* The number of the last command that the child acknowledged. */
static uint64_t child_kill(uint64_t after)
{
	int ends[2], status = 0;
	uint64_t last = 0, number;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(ends[0]);
		child_run(ends[1]);
	}
	close(ends[1]);
	while (last < after && read(ends[0], &number, sizeof(number)) == sizeof(number))
		last = number;
	assert_int_equal(kill(pid, SIGKILL), 0);
	while (read(ends[0], &number, sizeof(number)) == sizeof(number))
		last = number;
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return last;
}

static void test_kill(void **state)
{
	uint64_t acknowledged[KILLS + 1];
	uint64_t seed = 9;
	unsigned checked = 0;

	(void)state;
	for (unsigned i = 1; i <= KILLS; i++) {
		acknowledged[i] = child_kill(1 + random_next(&seed) % MOST_COMMANDS);
		if (random_next(&seed) % 2)
			sample_check(sessions, i, acknowledged[i], DB_RECOVERED);
	}
	for (unsigned i = 1; i <= KILLS; i++)
		checked +=
			sample_check(sessions, i, acknowledged[i], DB_RECOVERED) >= acknowledged[i];
	assert_int_equal(checked, KILLS);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_kill, scratch_make,
									    scratch_remove) };

	return cmocka_run_group_tests_name("db-kill", tests, NULL, NULL);
}
