/*
 * Writing sessions as they happen.
 *
 *	r = recorder_open(path, NULL, &st);             st says why when it is off from the start
 *	recorder_begin(r, &session, &st);
 *	record_begin(r, "step 2", branch, position);
 *	record_move(r, kind, "cpu1.step", hash); ...
 *	record_commit(r, position, hash, &st);          durable when it returns: now show the result
 *	recorder_end(r, hash, "stale-leaf", &st);
 *	recorder_close(r);
 *
 * What is recorded between record_begin() and record_commit() is kept in memory and written in one
 * transaction by the commit, so the file is locked only while it is written, and a kill leaves
 * whole commands or nothing.
 *
 * A recorder that fails turns itself off: the call that noticed returns the reason once, every
 * later call does nothing and returns DB_OFF. The session then simply goes on unrecorded. What was
 * committed before stays; the file is never renamed, replaced or repaired. NULL is a recorder that
 * is off and has no reason to give.
 *
 * Several processes may record into one file; each writes its own session. A recorder serves one
 * thread. It must not be used on both sides of a fork().
 */
#ifndef RECORDER_H
#define RECORDER_H

#include "db_row.h"
#include "db_status.h"

struct recorder;

enum db_sync {
	DB_SYNC_FULL,	/* a command survives a power cut */
	DB_SYNC_NORMAL, /* it survives the program's death; a power cut may take the last */
};

struct db_options {
	enum db_sync sync;
	int busy_ms; /* how long to wait for another program that writes */
};

/*
 * Opens path for recording and makes it when it is missing (its directory must exist). NULL
 * options: full sync and 2000 ms. When the last recorder of this file died, its sessions are first
 * marked as recovered. Never NULL but for lack of memory; a failure is in st and the recorder is
 * off.
 */
struct recorder *recorder_open(const char *path, const struct db_options *options,
			       struct db_status *st);

/* The sentence that says why nothing is recorded; NULL while the recorder works. */
const char *recorder_reason(const struct recorder *r);

/*
 * Begins a session, durable when it returns, and takes the time of day. From row come title,
 * scenario, scenario_text, variant, kernel, switches, seed and version; no text may be NULL. Not
 * while another session is begun.
 */
enum db_error recorder_begin(struct recorder *r, const struct db_session *row,
			     struct db_status *st);

/* The number of the session that is being recorded, 0 when none is or the recorder is off. */
uint64_t recorder_session(const struct recorder *r);

/* One command. text is its canonical form, position that of the timeline before it. */
void record_begin(struct recorder *r, const char *text, uint64_t branch, uint64_t position);

/* What it did, in order, any number of each; texts are copied. Only between record_begin() and its
 * end. */
void record_move(struct recorder *r, uint8_t kind, const char *label, uint64_t hash);
void record_event(struct recorder *r, const char *text);
void record_finding(struct recorder *r, const char *rule, const char *text);
void record_mark(struct recorder *r, uint64_t position, const char *name, const char *text);
void record_note(struct recorder *r, uint64_t position, const char *text);
void record_branch(struct recorder *r, uint64_t id, uint64_t parent, uint64_t position,
		   const char *name);

/* Ends the command: position and hash after it. On DB_OK all of it is on the disk. */
enum db_error record_commit(struct recorder *r, uint64_t position, uint64_t hash,
			    struct db_status *st);

/* Ends the command as if it had not been typed: it was refused, or changed nothing worth keeping.
 */
void record_drop(struct recorder *r);

/* Ends the session in good order; finding is the rule that was broken first, "" for none. */
enum db_error recorder_end(struct recorder *r, uint64_t hash, const char *finding,
			   struct db_status *st);

/*
 * Frees r. When no other program has the file open, leaves it as one self-contained file without a
 * -wal. A session that was not ended stays marked as open until the next recorder finds it and
 * marks it as recovered.
 */
void recorder_close(struct recorder *r);

#endif
