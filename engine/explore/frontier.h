/*
 * frontier.h - states that wait to be looked at, and what their steps lead to.
 *
 * A waiting state is an entry in a queue: its number, its digest, the actor that moved last (where the
 * order of the search asks for it), and its row of versions.  A seeker takes entries and finds their
 * actions and what those lead to, from memory where it can, else by bringing its machine to the
 * state and taking the step.
 *
 * Looking at states is done in chunks: some entries of a queue in, their successors out.  A chunk
 * knows nothing of what was visited, so several seekers may fill chunks at once; they are taken into
 * account one after the other, in the order of the queue, so the answer does not depend on threads.
 */
#ifndef FRONTIER_H
#define FRONTIER_H

#include <string.h>

#include "explore.h"
#include "memo.h"
#include "outcomes.h"
#include "routines.h"

/* What a step looked at and what it wrote, a bit per object. */
struct masks {
	uint64_t seen[FOOTPRINT_WORDS], writes[FOOTPRINT_WORDS];
};

struct entry {
	uint64_t digest;
	uint32_t number;	/* of the state, in order of discovery */
	uint8_t last;		/* actor that moved last; for outcomes, 1 = behind a broken rule; 0 where nobody asks */
	uint8_t columns;	/* that follow; the others are as at the start */
	uint16_t unused;
	uint16_t version[];
};

#define ENTRY_BYTES(columns) ((sizeof(struct entry) + (columns) * sizeof(uint16_t) + 7) & ~(size_t)7)
#define ENTRY_MOST ENTRY_BYTES(MAX_COLUMNS)

/* Entries in the order in which they were found; who reads it keeps his own place. */
struct queue {
	unsigned char *at;
	size_t used, cap;
};

/* A version that a step gave an object. */
struct part {
	uint8_t column;
	uint16_t version;
};

/* What a step does in every state that looks alike to it. */
struct outcome {
	uint64_t delta[2];	/* of the digest */
	const struct finding *finding;	/* where it breaks a rule */
	uint32_t rules;
	uint8_t routine, line;	/* that the step takes; line 0 = none */
	uint16_t parts;
	/*
	 * For reductions: its footprint; the place it was taken from last (+ 1), where it led its actor from there, and the
	 * other actors it may have put elsewhere, as far as was known when so much was (grown, see place.h); the actor that it was found not to commute with last.
	 */
	struct masks *masks;
	uint64_t others;
	uint32_t from, to, grown;
	uint8_t against;
	bool tells;		/* it does something else where CPUs or tasks that are alike have changed places, see mirror.h */
	struct part part[];
};

/* An action and what was learnt of its steps. */
struct offered {
	struct action action;
	path_t *steps;		/* the root of its outcomes */
	const uint64_t *looks, *asks;	/* of the offer */
	uint8_t actor, part;	/* see explore_model */
	bool moves;
	uint8_t bit;		/* see explore_action_bit; 63 in other models */
};

/* What one part of the model's list of actions is, in every state that looks alike to it. */
struct offer {
	uint32_t actions;
	/* For reductions: what decides it, and the same with what only puts it off, see looks_note. */
	const uint64_t *looks, *asks;
	struct offered offered[];
};

#define MAX_PARTS	64u
#define ACTION_ROOTS	4096u	/* different actions that a search can remember */

/* The root of an action's outcomes. */
struct action_root {
	struct action action;
	path_t steps;
	bool used;
};

struct seeker {
	struct explorer *x;
	struct machine *m;		/* brought to a state when a question has to be asked */
	struct row loaded;		/* the state in it */
	unsigned loaded_columns;
	struct memo memo;
	path_t part[MAX_PARTS];		/* the roots of the offers */
	uint64_t idle;			/* parts that never offer anything, a bit each */
	struct action_root root[ACTION_ROOTS];
	unsigned roots;
	/* An answer when nothing more can be remembered; lasts until the chunk is over. */
	unsigned char *scratch;
	size_t scratch_used;
	struct row row;		/* the state that is looked at */
	uint32_t now;		/* state that is being looked at, and the position of the action that is taken: */
	uint16_t taking;	/* for the report of a bug */
	struct effects fx;
};

#define CHUNK_ENTRIES		96u	/* states looked at in one go */
#define CHUNK_SUCCESSORS	2048u
#define CHUNK_REMARKS		64u
#define SCRATCH_BYTES		(1u << 20)

/* What one step led to. */
struct successor {
	uint64_t digest[2];
	const struct entry *parent;
	const struct outcome *outcome;
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
	struct ending ending[CHUNK_ENTRIES];	/* final states, where outcomes are asked for */
	unsigned endings;
	uint64_t remarked[2];	/* by cost: rules that have a remark here, a bit each; REMARK_GOAL */
	uint64_t transitions, finals;
	uint64_t lines[ROUTINE_COUNT];	/* steps that were taken, a bit per line */
	uint64_t taken;			/* actions, a bit each */
	uint32_t yes, no;		/* of final states, where questions are asked: what some of them answered */
	bool no_memory;			/* an object's content could not be kept */
	unsigned char scratch[SCRATCH_BYTES];
};

/* Puts the entry of the start, state 0, into a queue. */
void queue_start(struct queue *q, const struct machine *start);
/* Appends a state.  False when memory is used up. */
bool queue_put(struct queue *q, const struct row *row, unsigned columns, uint64_t digest, uint32_t number);
/* Appends the state that a successor's step led to. */
bool queue_add(struct queue *q, const struct successor *s, uint32_t number);

/* The entry behind this one. */
static inline const struct entry *entry_after(const struct entry *e)
{
	return (const struct entry *)(const void *)((const unsigned char *)e + ENTRY_BYTES(e->columns));
}

/* The second word of a wide fingerprint, as a difference to the start's: entries do without it. */
uint64_t row_second(const struct versions *v, const struct row *row);

/* Makes a row, of which no more than `columns` were set, that of an entry. */
static inline void entry_row(const struct entry *e, struct row *row, unsigned columns)
{
	memcpy(row->version, e->version, e->columns * sizeof(e->version[0]));
	if (columns > e->columns)
		memset(row->version + e->columns, 0, (columns - e->columns) * sizeof(e->version[0]));
}

/* Takes over a machine that is at the start. */
void seeker_open(struct seeker *s, struct explorer *x, struct machine *m, struct arena *a, size_t bytes);
/* Brings the machine to a state. */
void seeker_load(struct seeker *s, const struct row *row);
/* Finding out what is not remembered. */
const struct offer *offer_learn(struct seeker *s, const struct row *row, unsigned part);
struct outcome *step_learn(struct seeker *s, const struct row *row, const struct offered *a);

/* The actions of one part in this state. */
static inline const struct offer *seeker_offer(struct seeker *s, const struct row *row, unsigned part)
{
	const struct offer *o = memo_find(&s->memo, s->part[part], row);

	return o ? o : offer_learn(s, row, part);
}

/* What an action does in this state; NULL when memory is used up. */
static inline struct outcome *seeker_step(struct seeker *s, const struct row *row, const struct offered *a)
{
	struct outcome *o = a->steps ? memo_find(&s->memo, *a->steps, row) : NULL;

	return o ? o : step_learn(s, row, a);
}

/* All of them, in order; those of memory that is used up last as long as the scratch memory. */
unsigned seeker_actions(struct seeker *s, const struct row *row, const struct offered *action[MAX_ACTIONS]);

/* For questions of other kinds: room for an answer, keeping what was found out with these looks (fx), and adding what was
 * written (a bit per object) in the machine's state to an outcome; false when memory is used up. */
void *seeker_room(struct seeker *s, size_t bytes);
void seeker_keep(struct seeker *s, path_t *root, const struct row *row, const void *answer);
bool seeker_parts(struct seeker *s, const struct row *row, const uint64_t written[FOOTPRINT_WORDS], struct outcome *o);

/* Begins a chunk of these entries. */
void chunk_begin(struct chunk *c, const struct entry *first, unsigned entries);
/* Looks at the entries of a chunk (expand.c). */
void chunk_fill(struct seeker *s, struct chunk *c);

#endif
