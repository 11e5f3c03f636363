/*
 * test_base.c - floor 0: text, words, numbers, sentences, digests, seeded numbers, failed checks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "check.h"
#include "hash.h"
#include "limits.h"
#include "rng.h"
#include "status.h"
#include "text.h"

static void test_text(void **state)
{
	char buf[8];
	struct text t = text_over(buf, sizeof(buf));

	(void)state;
	text_add(&t, "%s", "");
	assert_string_equal(buf, "");
	text_add(&t, "%u+%s", 12u, "ab");
	assert_string_equal(buf, "12+ab");
	assert_false(t.cut);
	text_add(&t, "cd");
	assert_string_equal(buf, "12+abcd");
	assert_false(t.cut);
	text_add(&t, "e");
	assert_string_equal(buf, "12+abcd");
	assert_true(t.cut);
	assert_int_equal(t.len, 7);
	text_add(&t, "more");
	assert_int_equal(t.len, strlen(buf));
}

static void words_are(const char *line, const char *alone, const char *const *want)
{
	struct word w;

	while (*want) {
		assert_true(word_next(&line, alone, &w));
		assert_true(word_is(w, *want));
		want++;
	}
	assert_false(word_next(&line, alone, &w));
}

static void test_words(void **state)
{
	(void)state;
	words_are("", "", (const char *const[]){ NULL });
	words_are(" \t ", "", (const char *const[]){ NULL });
	words_are("# all comment", "", (const char *const[]){ NULL });
	words_are("load heap+0; store a=1 # why", ";=",
		  (const char *const[]){ "load", "heap+0", ";", "store", "a", "=", "1", NULL });
	words_are("a=1;b", "", (const char *const[]){ "a=1;b", NULL });
	words_are("one\nnext line", "", (const char *const[]){ "one", NULL });
	words_are("one\r\n", "", (const char *const[]){ "one", NULL });
	words_are("a#b #c", "", (const char *const[]){ "a#b", NULL });
}

static void test_split(void **state)
{
	struct word tail, head = word_split((struct word){ "spec=full", 9 }, '=', &tail);

	(void)state;
	assert_true(word_is(head, "spec"));
	assert_true(word_is(tail, "full"));
	head = word_split((struct word){ "spec", 4 }, '=', &tail);
	assert_true(word_is(head, "spec"));
	assert_null(tail.at);
	head = word_split((struct word){ "spec=", 5 }, '=', &tail);
	assert_non_null(tail.at);
	assert_int_equal(tail.len, 0);
	assert_false(word_is(tail, "x"));
	head = word_split((struct word){ 0 }, '=', &tail);
	assert_null(head.at);
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
		bool good;
	} row[] = {
		{ "0", 0, true },
		{ "17", 17, true },
		{ "0x1f", 31, true },
		{ "0XfF", 255, true },
		{ "18446744073709551615", UINT64_MAX, true },
		{ "0xffffffffffffffff", UINT64_MAX, true },
		{ "18446744073709551616", 0, false },
		{ "0x10000000000000000", 0, false },
		{ "", 0, false },
		{ "0x", 0, false },
		{ "-1", 0, false },
		{ "1f", 0, false },
		{ "12 ", 0, false },
		{ "0x1g", 0, false },
		{ "x1", 0, false },
		{ "+1", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint64_t v = 0;

		assert_int_equal(word_number((struct word){ row[i].text, strlen(row[i].text) }, &v),
				 row[i].good);
		if (row[i].good)
			assert_int_equal(v, row[i].value);
	}
}

static void test_copy(void **state)
{
	char buf[4] = "???";

	(void)state;
	assert_true(word_copy((struct word){ "abcdef", 3 }, buf, sizeof(buf)));
	assert_string_equal(buf, "abc");
	assert_false(word_copy((struct word){ "abcd", 4 }, buf, sizeof(buf)));
	assert_false(word_copy((struct word){ "", 0 }, buf, sizeof(buf)));
	assert_string_equal(buf, "abc");
}

static void test_complain(void **state)
{
	struct complaint c = { 0 };
	char longer[400];

	(void)state;
	assert_int_equal(complain(&c, BAD_VALUE, "'%s' should be %u", "x", 3u), BAD_VALUE);
	assert_int_equal(c.status, BAD_VALUE);
	assert_string_equal(c.text, "'x' should be 3");
	memset(longer, 'a', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	complain(&c, BAD_NAME, "%s", longer);
	assert_int_equal(strlen(c.text), sizeof(c.text) - 1);
}

static void test_hash(void **state)
{
	uint64_t words[5] = { 0 };

	(void)state;
	for (unsigned n = 1; n <= 5; n++) {
		uint64_t h = hash_words(words, n, 1);

		assert_true(h == hash_words(words, n, 1));
		assert_true(h != hash_words(words, n, 2));
		for (unsigned bit = 0; bit < 64 * n; bit++) {
			words[bit / 64] ^= 1ull << (bit % 64);
			assert_true(h != hash_words(words, n, 1));
			words[bit / 64] ^= 1ull << (bit % 64);
		}
	}
	/* A word of zeroes more is another object. */
	assert_true(hash_words(words, 2, 1) != hash_words(words, 3, 1));
}

static void test_rng(void **state)
{
	struct rng a = { 42 }, b = { 42 };
	unsigned seen[6] = { 0 };

	(void)state;
	/* SplitMix64's published first value for seed 0. */
	assert_int_equal(rng_next(&(struct rng){ 0 }), 0xe220a8397b1dcdafu);
	for (unsigned i = 0; i < 600; i++) {
		unsigned v = rng_below(&a, 6);

		assert_int_equal(v, rng_below(&b, 6));
		assert_in_range(v, 0, 5);
		seen[v]++;
	}
	for (unsigned i = 0; i < 6; i++)
		assert_true(seen[i] > 50);
}

static jmp_buf caught;
static char caught_cond[32];

static void catch (const char *file, int line, const char *cond)
{
	(void)file;
	(void)line;
	strncpy(caught_cond, cond, sizeof(caught_cond) - 1);
	longjmp(caught, 1);
}

static void test_check(void **state)
{
	volatile int one = 1;

	(void)state;
	check_handler_set(catch);
	CHECK(one == 1);
	if (setjmp(caught) == 0) {
		CHECK(one == 2);
		fail_msg("a failed CHECK went on");
	}
	assert_string_equal(caught_cond, "one == 2");
	check_handler_set(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),  cmocka_unit_test(test_words),
		cmocka_unit_test(test_split), cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_copy),  cmocka_unit_test(test_complain),
		cmocka_unit_test(test_hash),  cmocka_unit_test(test_rng),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
