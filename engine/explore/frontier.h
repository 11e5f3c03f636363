/*
 * frontier.h - states that wait to be looked at, and moving a machine between them.
 *
 * A waiting state is an entry in a queue: its number, the actor that moved last (where the order of the
 * search asks for it), and the objects in which it differs from the start, each as the number of a
 * stored version.  Bringing a machine from one entry to another copies only what differs.
 *
 * Looking at states is done in chunks: some entries of a queue in, their successors out.  A chunk
 * knows nothing of what was visited, so several threads may fill chunks at once; they are taken into
 * account one after the other, in the order of the queue, so the answer does not depend on threads.
 */
#ifndef FRONTIER_H
#define FRONTIER_H

#include "routines.h"
#include "store.h"

/* An object that differs from the start. */
struct part {
	uint32_t version;
	uint16_t object;
} __attribute__((packed));

struct entry {
	uint32_t number;	/* of the state, in order of discovery */
	uint16_t parts;
	uint8_t last;		/* actor that moved last; 0 where nobody asks */
	struct part part[];
} __attribute__((packed));

#define ENTRY_MOST (sizeof(struct entry) + OBJECTS * sizeof(struct part))

/* Entries in the order in which they were found; who reads it keeps his own place. */
struct queue {
	unsigned char *at;
	size_t used, cap;
};

/* A machine that is brought from entry to entry. */
struct frontier {
	struct machine *m;
	const struct machine *start;
	const struct versions *versions;
	/* The state in the machine: which object has which version, 0 = as at the start. */
	uint32_t version[OBJECTS];
	struct part part[OBJECTS];
	unsigned parts;
	uint32_t stamp[OBJECTS];
	uint32_t stamp_now;
	uint32_t now;		/* state that is being looked at, and the position of the action that is taken: */
	uint16_t taking;	/* for the report of a bug */
	struct effects fx;
};

#define CHUNK_ENTRIES		48u	/* states looked at in one go */
#define CHUNK_SUCCESSORS	2048u
#define CHUNK_BYTES		(2u << 20)
#define CHUNK_REMARKS		64u

/* What one step led to; what it wrote stands in the chunk's delta. */
struct successor {
	uint64_t key;		/* what the visited set is asked for */
	const struct entry *parent;
	uint32_t delta_at, delta_len;
	uint16_t action;	/* position among the parent's actions */
	uint8_t last;
	uint8_t cost;		/* preemptions it adds: 0 or 1 */
};

/* A rule that a step or a state broke, or the goal: in its place among the successors. */
struct remark {
	struct finding finding;
	uint64_t transitions, finals;	/* of the chunk, up to here */
	uint32_t rules;
	uint32_t before;	/* the successors that come before it */
	uint32_t parent;
	uint16_t action;	/* NO_ACTION = the state itself */
	uint8_t cost;
	bool goal;
};

#define NO_ACTION UINT16_MAX
#define REMARK_GOAL 32u

/* What a remark is about, a bit each. */
static inline uint64_t remark_set(const struct remark *r)
{
	return r->rules | (r->goal ? 1ull << REMARK_GOAL : 0);
}

struct chunk {
	const struct entry *first;
	unsigned entries;	/* to look at */
	unsigned done;		/* looked at: fewer where the chunk was full */
	struct successor successor[CHUNK_SUCCESSORS];
	unsigned successors;
	struct remark remark[CHUNK_REMARKS];
	unsigned remarks;
	uint64_t remarked[2];	/* by cost: rules that have a remark here, a bit each; REMARK_GOAL */
	uint64_t transitions, finals;
	uint64_t lines[ROUTINE_COUNT];	/* steps that were taken, a bit per line */
	uint32_t delta_used;
	_Alignas(8) unsigned char delta[CHUNK_BYTES];
};

/* Puts the entry of the start, state 0, into a queue. */
void queue_start(struct queue *q);
/* The entry behind this one. */
const struct entry *entry_after(const struct entry *e);

/* Brings the machine to an entry's state. */
void frontier_load(struct frontier *f, const struct entry *e);

/* Begins a chunk of these entries. */
void chunk_begin(struct chunk *c, const struct entry *first, unsigned entries);
/* Is there room for the successors of any one state? */
bool chunk_has_room(const struct chunk *c);
/* Notes the machine's state, one step behind `parent`; the caller undoes the step afterwards. */
struct successor *chunk_note(struct chunk *c, const struct frontier *f, const struct entry *parent);
/* Appends a noted successor to a queue, as state `number`.  False when memory is used up. */
bool chunk_save(const struct chunk *c, const struct successor *s, struct frontier *f, struct versions *v,
	struct queue *q, uint32_t number);

#endif
