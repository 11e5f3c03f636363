/*
 * rename.h - the same state under other names: which fields of the world name a CPU, a task, a frame, or count.
 *
 * Numbers of objects are arbitrary: what a machine does next does not depend on whether a page lies in frame 5 or 6, nor on
 * how often tlb_gen has moved, as long as all that names it agrees.  So a state can be written down under other names,
 * and what is known of one is known of the other.  The tables of rename_fields.c say what each field names; a step that
 * goes by numbers after all (an interrupt that is sent by ascending CPU number) is found out by whoever relies on it,
 * see mirror.h of the search.
 */
#ifndef RENAME_H
#define RENAME_H

#include "machine.h"

/* What a field names or counts. */
enum name_type {
	NAME_OF_CPU,		/* values that are no CPU stay */
	NAME_OF_CPU1,		/* 1 + CPU; 0 = none */
	NAME_OF_CPUS,		/* a bit each */
	NAME_OF_CALLER,		/* a CPU, with or without QUEUE_SINGLE */
	NAME_OF_TASK,		/* values that are no task stay */
	NAME_OF_TASK1,		/* 1 + task; 0 = none */
	NAME_OF_TASKS,		/* a bit each */
	NAME_OF_CTX,		/* the stack of a task, or of a CPU */
	NAME_OF_CTXS,		/* a bit each */
	NAME_OF_DETACHER,	/* vma.flags: who detached it */
	/* From here on what object_mentions asks for. */
	NAME_OF_FRAME,		/* 0 and what is no frame stay */
	NAME_OF_FRAMES,		/* a bit each, as many words as they need */
	NAME_OF_ENTRY,		/* a page-table entry */
	NAME_OF_REG,		/* the same with REG_ENTRY, else a number */
	NAME_OF_LOCK,		/* some are of frames */
	COUNT_OF_MM,		/* a tlb_gen, 0 = none */
	COUNT_OF_FRAME,		/* a generation */
};

/* Other names for all, and by how much counters are lower. */
struct renaming {
	uint8_t cpu[MAX_CPUS], task[MAX_TASKS];
	uint16_t frame[MAX_FRAMES];
	uint32_t tlb_gen[MAX_MMS];
	uint16_t generation[MAX_FRAMES];
};

/* A field's value, which may be changed (NAME_OF_FRAMES: its words); `with` is the mm or the frame, by its old name, of a counter. */
typedef void (*name_seen)(void *self, enum name_type type, uint64_t *value, unsigned with);

/* Calls back with each field of an object that names or counts, in an order that goes by no frame's number; what becomes of
 * the values is put into `copy`, which begins as `bytes` do. */
void names_each(unsigned object, const void *bytes, void *copy, name_seen seen, void *self);

/* Everything keeps its name. */
void renaming_none(struct renaming *r);
/* The object that takes this one's place; its content (OBJECT_MOST bytes have room). */
unsigned object_renamed(const struct renaming *r, unsigned object);
void object_rename(const struct renaming *r, unsigned object, const void *bytes, void *out);
/* Can it name a frame, or count? */
bool object_mentions(unsigned object);
/* The frame by whose number an object goes, 0 = by none. */
unsigned object_frame(unsigned object);
/* What is left of a content when frames and counters are; false when the object goes by a frame's number. */
bool object_unname(unsigned object, const void *bytes, void *out);
struct action action_rename(const struct renaming *r, const struct action *a);
/* The part of the list of actions that offers them then. */
unsigned part_renamed(const struct renaming *r, unsigned part);

/* ---- exchange.c ---- */

/* The n-th way to exchange CPUs that are there, and tasks with the same program; false when it is none.  0 is none. */
bool renaming_nth(struct renaming *r, const struct machine *start, unsigned n);
#define RENAMINGS (24u * 24u)
/* CPUs and tasks by one and then by the other; are they the same CPUs and tasks? */
void renaming_then(const struct renaming *first, const struct renaming *second, struct renaming *out);
bool renaming_same(const struct renaming *a, const struct renaming *b);

/* Fills to[] with the n-th order of `count` things, of which there are order_count. */
void order_nth(unsigned n, unsigned count, uint8_t *to);
unsigned order_count(unsigned count);

#endif
