/* Files damaged at random: whatever a user does with one, a sentence or the session, never a crash. */
#include "db_test.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int bad_visit(enum db_kind kind, const union db_row *row, void *context)
{
	uint64_t *sum = context;

	if (kind != DB_SESSION)
		*sum += row->head.seq + row->head.command;
	return 0;
}

static int entry_visit(const struct archive_entry *entry, void *context)
{
	uint64_t *sum = context;

	*sum += entry->session.id + entry->moves + strlen(entry->session.title);
	return 0;
}

/* Everything a user may do with a file he was given. True when all of it went well. */
static bool use_file(void)
{
	struct db_status st;
	struct archive *a = archive_open(sessions, 10, &st);
	uint64_t sum = 0, id = 1;
	bool fine;

	assert_int_equal(st.error == DB_OK, a != NULL);
	assert_int_equal(st.error == DB_OK, st.message[0] == '\0');
	if (!a)
		return false;
	fine = !archive_list(a, entry_visit, &sum, &st);
	fine &= !archive_find(a, "last", &id, &st);
	fine &= !archive_read(a, id, bad_visit, &sum, &st);
	archive_close(a);
	return fine;
}

static void mutate(unsigned char *bytes, size_t *size, uint64_t *seed)
{
	uint64_t how = random_next(seed) % 8;
	size_t at = random_next(seed) % *size;
	size_t run = random_next(seed) % 300;

	if (how == 0) {
		*size = at + 1;
	} else if (how == 1) {
		for (size_t i = at; i < *size && i < at + run; i++)
			bytes[i] = (unsigned char)random_next(seed);
	} else if (how == 2) {
		memset(bytes + at, 0, *size - at < run ? *size - at : run);
	} else if (how == 3) {
		/* the schema and the headers of pages are where damage hurts */
		bytes[at % 4096] = (unsigned char)random_next(seed);
	} else if (how == 4) {
		bytes[at / 4096 * 4096 + run % 16] = (unsigned char)random_next(seed);
	} else {
		for (uint64_t i = random_next(seed) % 20; i-- > 0; at = random_next(seed) % *size)
			bytes[at] ^= (unsigned char)(1u << (i % 8));
	}
}

static void sides_remove(void)
{
	static const char *const sides[] = { "sessions.db-wal", "sessions.db-shm",
					     "sessions.db-journal" };
	char name[PATH_SIZE];

	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		path_join(name, scratch, sides[i]);
		unlink(name);
	}
}

/* A good file, of 60 commands. */
static unsigned char *sample_bytes(size_t *size)
{
	sample_record(sessions, 60);
	return bytes_read(sessions, size);
}

static void test_mutated(void **state)
{
	uint64_t seed = 0x5344;
	unsigned refused = 0;
	size_t size;
	unsigned char *bytes = sample_bytes(&size);

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		unsigned char *copy = malloc(size);
		size_t now = size;

		memcpy(copy, bytes, size);
		mutate(copy, &now, &seed);
		bytes_write(sessions, copy, now);
		refused += !use_file();
		free(copy);
		sides_remove();
	}
	free(bytes);
	assert_true(refused > 200);
}

static void test_mutated_wal(void **state)
{
	uint64_t seed = 0x414c;
	unsigned char *bytes, *wal;
	size_t size, wal_size;
	char name[PATH_SIZE];

	(void)state;
	path_join(name, scratch, "sessions.db-wal");
	sample_record_killed(sessions);
	bytes = bytes_read(sessions, &size);
	wal = bytes_read(name, &wal_size);
	assert_true(wal_size > 4096);
	for (unsigned i = 0; i < 100; i++) {
		unsigned char *copy = malloc(wal_size);
		size_t now = wal_size;

		memcpy(copy, wal, wal_size);
		mutate(copy, &now, &seed);
		sides_remove();
		bytes_write(sessions, bytes, size);
		bytes_write(name, copy, now);
		use_file();
		free(copy);
	}
	free(bytes);
	free(wal);
}

/* A recorder must not start on what it cannot make sense of, and must not crash on what it can. */
static void test_mutated_record(void **state)
{
	uint64_t seed = 0x5243;
	size_t size;
	unsigned char *bytes = sample_bytes(&size);

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		unsigned char *copy = malloc(size);
		size_t now = size;
		struct db_session session = session_bare("");
		struct db_status st;
		struct recorder *r;

		memcpy(copy, bytes, size);
		mutate(copy, &now, &seed);
		bytes_write(sessions, copy, now);
		r = recorder_open(sessions, NULL, &st);
		recorder_begin(r, &session, &st);
		for (uint64_t k = 1; k <= 3 && !st.error; k++)
			sample_command(r, k, &st);
		recorder_end(r, 0, "", &st);
		recorder_close(r);
		free(copy);
		sides_remove();
	}
	free(bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_mutated),
		TEST(test_mutated_wal),
		TEST(test_mutated_record),
	};

	return cmocka_run_group_tests_name("db-mutated", tests, NULL, NULL);
}
