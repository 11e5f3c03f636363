/*
 * What the tests of db/ share: a directory of their own, a session whose every row can be computed
 * again, and files as bytes. Include it first: it brings what cmocka asks for.
 */
#ifndef DB_TEST_H
#define DB_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "archive.h"
#include "recorder.h"

#define PATH_SIZE 256

/* The directory of the test that runs, and the sessions file in it; cmocka's set-up and teardown. */
extern char scratch[PATH_SIZE], sessions[PATH_SIZE];
int scratch_make(void **state);
int scratch_remove(void **state);

/* path = directory/name */
void path_join(char path[PATH_SIZE], const char *directory, const char *name);

/* The whole file, to be freed; NULL and 0 when there is none. */
unsigned char *bytes_read(const char *path, size_t *size);
void bytes_write(const char *path, const unsigned char *bytes, size_t size);

/* Runs SQL on path as another program would. */
void sql_run(const char *path, const char *sql);

/* A fixed sequence of numbers for each seed. */
uint64_t random_next(uint64_t *seed);

/* A session of which nothing is known but its title. */
struct db_session session_bare(const char *title);

/* Begins the session all tests use. */
void sample_begin(struct recorder *r);

/* Records command i (from 1) of the sample: moves and, now and then, each other kind. */
enum db_error sample_command(struct recorder *r, uint64_t i, struct db_status *st);

/* Records a whole session of that many commands and closes it. */
void sample_record(const char *path, uint64_t commands);

/* Records 20 commands in a process that dies without closing: the last of them are in the -wal. */
void sample_record_killed(const char *path);

/*
 * Reads session id, asserts that it is the sample with at least that many commands, in that state,
 * and that its chain holds. Returns how many commands it has.
 */
uint64_t sample_check(const char *path, uint64_t id, uint64_t at_least, enum db_state state);

#endif
