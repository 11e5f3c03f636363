/*
 * frontier.h - states that wait to be looked at, and moving the machine between them.
 *
 * A waiting state is an entry in a queue: its number, the actor that moved last (where the order of the
 * search asks for it), and the objects in which it differs from the start, each as the number of a
 * stored version.  Bringing the machine from one entry to another copies only what differs.
 */
#ifndef FRONTIER_H
#define FRONTIER_H

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

/* First in, first out. */
struct queue {
	unsigned char *at;
	size_t used, read, cap;
};

/*
 * Successors wait in a batch until it is full, while their slots of the visited set are fetched.  What a
 * successor's step wrote is kept as records of object, digest and bytes.
 */
#define BATCH		256u
#define BATCH_BYTES	(512u << 10)

struct successor {
	uint64_t key;		/* what the visited set is asked for */
	const struct entry *parent;
	uint32_t delta_at, delta_len;
	uint16_t action;	/* position among the parent's actions */
	uint8_t last;
	uint8_t cost;		/* preemptions it adds: 0 or 1 */
};

struct frontier {
	struct machine *m;
	const struct machine *start;
	struct versions versions;
	/* The state in the machine: which object has which version, 0 = as at the start. */
	uint32_t version[OBJECTS];
	struct part part[OBJECTS];
	unsigned parts;
	uint32_t stamp[OBJECTS];
	uint32_t stamp_now;
	struct successor batch[BATCH];
	unsigned batched;
	uint32_t delta_used;
	_Alignas(8) unsigned char delta[BATCH_BYTES];
};

/* Puts the entry of the start, state 0, into a queue. */
void queue_start(struct queue *q);
/* The next entry, NULL when none is left. */
const struct entry *queue_next(struct queue *q);

/* Brings the machine to an entry's state. */
void frontier_load(struct frontier *f, const struct entry *e);
/* Is there room in the batch for one more successor? */
bool frontier_has_room(const struct frontier *f);
/* Notes the machine's state, one step behind `parent`; the caller undoes the step afterwards. */
struct successor *frontier_note(struct frontier *f, const struct effects *fx, const struct entry *parent);
/* Appends a noted successor to a queue, as state `number`.  False when memory is used up. */
bool frontier_save(struct frontier *f, struct queue *q, const struct successor *s, uint32_t number);
/* Empties the batch. */
void frontier_clear(struct frontier *f);

#endif
