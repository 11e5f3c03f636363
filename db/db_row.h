/*
 * What a session file holds, row by row. The recorder takes these fields apart, the archive hands
 * them back.
 *
 * Every number is a uint64_t; digests and the seed use all 64 bits, the others stay below 2^62.
 * Texts are never NULL ("" when there is none) and never hold a zero byte; otherwise their bytes
 * are what was recorded, so in a file from elsewhere they may hold anything: draw them through
 * something that filters. Times are milliseconds since 1970 and are for people only: nothing may be
 * computed from them.
 */
#ifndef DB_ROW_H
#define DB_ROW_H

#include <stdint.h>

enum db_kind {
	DB_SESSION,
	DB_COMMAND,
	DB_MOVE,
	DB_EVENT,
	DB_FINDING,
	DB_MARK,
	DB_NOTE,
	DB_BRANCH,
	DB_KINDS,
};

enum db_state {
	DB_OPEN,      /* being recorded now, or the recorder died and nobody has looked since */
	DB_CLOSED,    /* ended in good order */
	DB_RECOVERED, /* never ended, its recorder died or stopped; what was committed is here */
	DB_STATES,
};

struct db_session {
	uint64_t id; /* 1, 2, ... in the file it is in */
	const char *title;
	const char *scenario; /* its name */
	const char *scenario_text;
	const char *variant;
	const char *kernel;   /* the profile's name */
	const char *switches; /* those that differ from the profile, as the user would type them */
	uint64_t seed;
	const char *version; /* of the program that recorded */
	uint64_t started;
	uint64_t chain; /* filled by db/ */
	uint64_t ended; /* 0 while not closed; so are the next two */
	uint64_t final_hash;
	const char *finding; /* the rule that was broken first, "" for none */
	uint64_t state;	     /* enum db_state */
	uint64_t end_chain;  /* filled by db/ */
};

/* How every row below a session begins. seq counts from 1 per session and kind, without gaps. */
struct db_head {
	uint64_t session;
	uint64_t seq;
	uint64_t command; /* the seq of the command it belongs to; in a command its own */
};

struct db_command {
	struct db_head head;
	uint64_t branch; /* the one it was typed on */
	uint64_t before; /* position on the timeline */
	uint64_t after;
	uint64_t hash;	/* of the world after it */
	uint64_t chain; /* covers all rows of this command and the chain before it; filled by db/ */
	const char *text;
};

struct db_move {
	struct db_head head;
	uint64_t kind; /* 0..255, the recorder's user gives it its meaning */
	uint64_t hash; /* of the world after it */
	const char *label;
};

struct db_event {
	struct db_head head;
	uint64_t move; /* seq of the last move before it, 0 for none */
	const char *text;
};

struct db_finding {
	struct db_head head;
	uint64_t move; /* as in db_event */
	const char *rule;
	const char *text;
};

struct db_mark {
	struct db_head head;
	uint64_t position;
	const char *name;
	const char *text;
};

struct db_note {
	struct db_head head;
	uint64_t position;
	uint64_t time;
	const char *text;
};

struct db_branch {
	struct db_head head;
	uint64_t id; /* 0 is the branch every session starts on; it has no row */
	uint64_t parent;
	uint64_t position; /* where it leaves its parent */
	const char *name;
};

union db_row {
	struct db_head head; /* not in a session */
	struct db_session session;
	struct db_command command;
	struct db_move move;
	struct db_event event;
	struct db_finding finding;
	struct db_mark mark;
	struct db_note note;
	struct db_branch branch;
};

#endif
