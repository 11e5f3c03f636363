/* The helpers, with cmocka's assertions inside. */
#include "db_test.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

char scratch[PATH_SIZE], sessions[PATH_SIZE];

static void directory_remove(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		char name[PATH_SIZE * 2];

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(name, sizeof(name), "%.250s/%.200s", path, entry->d_name);
		if (entry->d_type == DT_DIR)
			directory_remove(name);
		else
			unlink(name);
	}
	closedir(directory);
	rmdir(path);
}

void path_join(char path[PATH_SIZE], const char *directory, const char *name)
{
	snprintf(path, PATH_SIZE, "%.200s/%.50s", directory, name);
}

int scratch_make(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(scratch, sizeof(scratch), "%.200s/shootdown-db-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(scratch));
	path_join(sessions, scratch, "sessions.db");
	return 0;
}

int scratch_remove(void **state)
{
	(void)state;
	directory_remove(scratch);
	return 0;
}

unsigned char *bytes_read(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	unsigned char *bytes;
	struct stat sb;

	*size = 0;
	if (!file)
		return NULL;
	assert_int_equal(fstat(fileno(file), &sb), 0);
	*size = (size_t)sb.st_size;
	bytes = malloc(*size + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, *size, file), *size);
	fclose(file);
	return bytes;
}

void bytes_write(const char *path, const unsigned char *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

void sql_run(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* splitmix64 */
uint64_t random_next(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Any 64 bits, the top one set as often as not. */
static uint64_t sample_hash(uint64_t i)
{
	return random_next(&i);
}

static uint64_t sample_moves(uint64_t i)
{
	return i % 5;
}

struct db_session session_bare(const char *title)
{
	return (struct db_session){
		.title = title,
		.scenario = "",
		.scenario_text = "",
		.variant = "",
		.kernel = "",
		.switches = "",
		.version = "",
	};
}

void sample_begin(struct recorder *r)
{
	static const struct db_session session = {
		.title = "mremap drops the lock before it flushes",
		.scenario = "mremap-late-flush",
		.scenario_text = "mm A\nvma A heap 0x7f0000001000 2p rw anon private\n",
		.variant = "buggy",
		.kernel = "6.6",
		.switches = "mremap.flush=end",
		.seed = 0xfedcba9876543210u,
		.version = "0.1.0",
	};
	struct db_status st;

	recorder_begin(r, &session, &st);
	assert_string_equal(st.message, "");
}

enum db_error sample_command(struct recorder *r, uint64_t i, struct db_status *st)
{
	char text[40];

	snprintf(text, sizeof(text), "step %llu", (unsigned long long)i);
	record_begin(r, text, i / 10, i * 3);
	for (uint64_t k = 0; k < sample_moves(i); k++) {
		record_move(r, (uint8_t)(i + k), k & 1 ? "cpu1.step" : "cpu0.fill 0x7f0000001000",
			    sample_hash(i * 100 + k));
		if (k == 1)
			record_event(r, "cpu1 uses an entry of frame 9");
	}
	if (i % 7 == 0)
		record_finding(r, "stale-leaf", "cpu1 read frame 9 after it was freed");
	if (i % 8 == 0)
		record_mark(r, i, "here", "");
	if (i % 9 == 0)
		record_note(r, i, "the gather is still open: w\xc3\xbcrde man sehen");
	if (i % 10 == 0)
		record_branch(r, i / 10, i / 10 - 1, i * 3, "other order");
	return record_commit(r, i * 3 + 1, sample_hash(i), st);
}

void sample_record(const char *path, uint64_t commands)
{
	struct db_status st;
	struct recorder *r = recorder_open(path, NULL, &st);

	assert_string_equal(st.message, "");
	sample_begin(r);
	for (uint64_t i = 1; i <= commands; i++)
		assert_int_equal(sample_command(r, i, &st), DB_OK);
	assert_int_equal(recorder_end(r, sample_hash(commands), "stale-leaf", &st), DB_OK);
	recorder_close(r);
}

struct sample_seen {
	uint64_t rows[DB_KINDS];
	uint64_t moves_here; /* in the present command */
	enum db_state state;
};

static void command_check(struct sample_seen *seen, const struct db_command *row)
{
	uint64_t i = row->head.seq;
	char text[40];

	if (seen->rows[DB_COMMAND])
		assert_int_equal(seen->moves_here, sample_moves(seen->rows[DB_COMMAND]));
	seen->moves_here = 0;
	snprintf(text, sizeof(text), "step %llu", (unsigned long long)i);
	assert_string_equal(row->text, text);
	assert_int_equal(i, seen->rows[DB_COMMAND] + 1);
	assert_int_equal(row->head.command, i);
	assert_int_equal(row->branch, i / 10);
	assert_int_equal(row->before, i * 3);
	assert_int_equal(row->after, i * 3 + 1);
	assert_true(row->hash == sample_hash(i));
}

static void move_check(struct sample_seen *seen, const struct db_move *row)
{
	uint64_t i = seen->rows[DB_COMMAND], k = seen->moves_here++;

	assert_int_equal(row->kind, (uint8_t)(i + k));
	assert_true(row->hash == sample_hash(i * 100 + k));
	assert_string_equal(row->label, k & 1 ? "cpu1.step" : "cpu0.fill 0x7f0000001000");
}

static void session_check(struct sample_seen *seen, const struct db_session *row)
{
	assert_string_equal(row->scenario, "mremap-late-flush");
	assert_string_equal(row->variant, "buggy");
	assert_string_equal(row->kernel, "6.6");
	assert_string_equal(row->switches, "mremap.flush=end");
	assert_string_equal(row->version, "0.1.0");
	assert_non_null(strstr(row->scenario_text, "vma A heap"));
	assert_true(row->seed == 0xfedcba9876543210u);
	assert_int_equal(row->state, seen->state);
	assert_string_equal(row->finding, seen->state == DB_CLOSED ? "stale-leaf" : "");
	assert_int_equal(row->ended != 0, seen->state == DB_CLOSED);
}

static int sample_visit(enum db_kind kind, const union db_row *row, void *context)
{
	struct sample_seen *seen = context;
	uint64_t i = seen->rows[DB_COMMAND];

	if (kind == DB_SESSION)
		session_check(seen, &row->session);
	else if (kind == DB_COMMAND)
		command_check(seen, &row->command);
	else
		assert_int_equal(row->head.command, i);
	if (kind == DB_MOVE)
		move_check(seen, &row->move);
	if (kind == DB_EVENT)
		assert_int_equal(row->event.move, seen->rows[DB_MOVE]);
	if (kind == DB_FINDING)
		assert_string_equal(row->finding.rule, "stale-leaf");
	if (kind == DB_MARK)
		assert_string_equal(row->mark.name, "here");
	if (kind == DB_NOTE)
		assert_non_null(strstr(row->note.text, "w\xc3\xbcrde"));
	if (kind == DB_BRANCH)
		assert_int_equal(row->branch.id, row->branch.parent + 1);
	seen->rows[kind]++;
	return 0;
}

void sample_record_killed(const char *path)
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		struct db_status st;
		struct recorder *r = recorder_open(path, NULL, &st);

		sample_begin(r);
		for (uint64_t i = 1; i <= 20; i++)
			sample_command(r, i, &st);
		_exit(st.error != DB_OK);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

uint64_t sample_check(const char *path, uint64_t id, uint64_t at_least, enum db_state state)
{
	struct sample_seen seen = { .state = state };
	struct db_status st;
	struct archive *a = archive_open(path, 2000, &st);
	uint64_t commands;

	assert_string_equal(st.message, "");
	archive_read(a, id, sample_visit, &seen, &st);
	assert_string_equal(st.message, "");
	archive_close(a);
	commands = seen.rows[DB_COMMAND];
	assert_true(commands >= at_least);
	assert_int_equal(seen.rows[DB_FINDING], commands / 7);
	assert_int_equal(seen.rows[DB_MARK], commands / 8);
	assert_int_equal(seen.rows[DB_NOTE], commands / 9);
	assert_int_equal(seen.rows[DB_BRANCH], commands / 10);
	return commands;
}
