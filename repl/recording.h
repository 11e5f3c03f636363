/*
 * One command at a time onto the disk. While a command runs, what it does is taped in memory; when
 * it has succeeded, recording_commit() writes the command and its tape in one transaction, and only
 * then is its result shown.
 *
 * A move is whatever changes where the machine stands, spelled so that a replay needs to know
 * nothing of commands:
 *
 *	MOVE_DO		label of an action: take it
 *	MOVE_GOTO	number of a node of the timeline's tree: go there
 *	MOVE_SETUP	a set-up line: append it to the scenario and build the machine anew
 *	MOVE_RESTART	a variant: build its machine anew, an empty timeline
 *
 * A session begins with its first command that changes something.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder.h"

enum move {
	MOVE_DO,
	MOVE_GOTO,
	MOVE_SETUP,
	MOVE_RESTART,
	MOVES
};

struct tape_row {
	enum db_kind kind; /* MOVE, EVENT, FINDING, MARK, NOTE, BRANCH */
	enum move move;
	uint64_t a, b, c;     /* hash; position; branch: id, parent, position */
	size_t first, second; /* texts, in tape.text */
};

struct tape {
	struct tape_row *row;
	size_t rows, row_cap;
	char *text;
	size_t used, text_cap;
	bool lost; /* memory was out: the command cannot be recorded whole */
};

struct recording {
	struct recorder *to;
	const char *path;   /* of the database; NULL = the user's own */
	bool wished;	    /* --no-record clears it */
	bool broken;	    /* it failed; the reason has been said */
	uint64_t id;	    /* the session that is being recorded, 0 = not begun */
	uint64_t replaying; /* the session that is being looked at, 0 = none */
	char title[120];    /* for the next session to begin */
	char finding[40];   /* the rule that was broken first */
	char status[200];   /* for the status line, see recording_status */
	struct tape tape;
};

void tape_move(struct tape *t, enum move move, const char *label, uint64_t hash);
void tape_event(struct tape *t, const char *text);
void tape_finding(struct tape *t, const char *rule, const char *text);
void tape_mark(struct tape *t, uint64_t position, const char *name, const char *text);
void tape_note(struct tape *t, uint64_t position, const char *text);
void tape_branch(struct tape *t, uint64_t id, uint64_t parent, uint64_t position, const char *name);
void tape_clear(struct tape *t);

/* What a session's first row says, and where it stands. */
struct recorded {
	const char *command;
	uint64_t branch, before, after, hash;
	struct db_session session;
};

/*
 * Writes the command and its tape, beginning a session when there is none. True when it is on the
 * disk or nothing is being recorded; false when recording has just failed: `why` then holds the one
 * sentence to say, and nothing is recorded from now on.
 */
bool recording_commit(struct recording *r, const struct recorded *what, struct db_status *why);

/* Ends the session in good order; the next change begins another. */
void recording_end(struct recording *r, uint64_t hash);
void recording_close(struct recording *r);

/* "REC 12", "REPLAY 12", "unrecorded", "" before a session has begun. */
const char *recording_status(struct recording *r);

/* The database that sessions are read from. */
enum db_error recording_path(const struct recording *r, char *path, size_t size,
			     struct db_status *st);

#endif
