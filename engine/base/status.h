/*
 * status.h - the user's mistakes: what was wrong, in one sentence.
 *
 * A function that reads what a person wrote returns an enum status and fills the sentence: it names
 * the word that was wrong and what would be right.  Nothing has changed when the status is not OK.
 */
#ifndef STATUS_H
#define STATUS_H

#include <stdbool.h>

enum status {
	OK,
	BAD_SYNTAX,	/* the words do not form a command or a line */
	BAD_NAME,	/* a word names nothing that exists */
	BAD_VALUE,	/* a number, an address or a setting out of its range */
	BAD_STATE,	/* right in itself, but not now */
	BAD_LIMIT,	/* the machine is too small: the sentence names the limit and its value */
	BAD_FILE,	/* a file could not be read or is not what it should be */
};

struct complaint {
	enum status status;
	unsigned line;		/* of the file, 0 when there is none */
	char text[200];
};

/* Fills the sentence and returns the status, so that a reader can `return complain(...)`. */
enum status complain(struct complaint *c, enum status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
