/*
 * text.h - bounded strings: build them, cut them into words, read numbers.
 *
 * The only string code of the engine.  A struct text writes into storage that its owner gives; what
 * does not fit is dropped and remembered in `cut`, the result is always terminated.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *at;
	size_t cap;	/* bytes of storage, terminator included; at least 1 */
	size_t len;
	bool cut;	/* something did not fit */
};

/* A text over storage of cap bytes, empty. */
struct text text_over(char *storage, size_t cap);

/* Append, printf style. */
void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One word of a line: not terminated, points into the line. */
struct word {
	const char *at;
	size_t len;
};

/*
 * Cuts the next word off *rest (spaces and tabs separate, a character of `alone` is a word by
 * itself, '#' at the start of a word ends the line).  Returns false at the end of the line.
 */
bool word_next(const char **rest, const char *alone, struct word *out);

bool word_is(struct word w, const char *literal);
/* The part before the first `c`; *tail gets what follows it, at = NULL when `c` is absent. */
struct word word_split(struct word w, char c, struct word *tail);
/* Decimal, or hexadecimal after 0x; false when anything else stands in the word or it overflows. */
bool word_number(struct word w, uint64_t *out);
/* Copies into a name buffer of cap bytes; false when it is empty or too long. */
bool word_copy(struct word w, char *buf, size_t cap);

#endif
