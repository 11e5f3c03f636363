/*
 * Programs that real kernels have answered: their language, one machine per program, what it prints.
 *
 * A program is a few processes in an arena of 16 pages, two files of memory and one CPU (a second one
 * runs thread T, when flushes are asked for). Each operation is given to the task of its process and the engine's own
 * routines run it to its end before the next begins. Nothing here knows what an operation does.
 */
#ifndef CONFORM_H
#define CONFORM_H

#include "machine.h"

#define ARENA	    0x100000000000ull
#define ARENA_PAGES 16u
#define PROCESSES   4u		/* A to D */
#define THREAD	    PROCESSES	/* T: a second thread of A, on the other CPU */

enum conform_kind {
	CONFORM_OP,	/* one operation of the machine */
	CONFORM_VMAS,
	CONFORM_PERMS,
	CONFORM_PAGES,
	CONFORM_FRAMES,
	CONFORM_BAD,	/* cannot be asked of a machine: `bad` is the answer */
};

struct conform_line {
	enum conform_kind kind;
	unsigned process;	/* or THREAD */
	struct op op;
	const char *bad;
};

/* Reads "A map 0 2 rw ap", up to the end of the string; the sentence names the word that is wrong. */
enum status conform_read(const char *words, struct conform_line *out, struct complaint *c);

/* ---- conform_run.c ---- */

struct conform_machine {
	struct machine m;
	struct effects fx;
	bool thread;		/* T is there, and flushes are listed */
	char flushes[256];	/* of the last operation: "none", "local=1 send=1" */
	unsigned rules;		/* broken so far, a bit each; lints apart */
	uint64_t steps;
};

/* The set-up lines of a machine for a kernel, one after the other: calls back with each. */
enum status conform_lines(const char *kernel, bool thread, enum status (*line)(void *self, const char *words), void *self);
/* A fresh machine of a kernel (one of kernel_table). */
enum status conform_open(struct conform_machine *cm, const char *kernel, bool thread, struct complaint *c);
/* Runs one line and prints its result into `t`. */
void conform_run(struct conform_machine *cm, const struct conform_line *line, struct text *t);

/* ---- conform_show.c ---- */

/* What the entry of va in mm names. */
enum page_class { PAGE_OTHER, PAGE_ZERO, PAGE_ANON };
enum page_class page_class(const struct machine *m, unsigned mm, uint64_t va, unsigned *pfn);
/* The mapping that holds va, NONE. */
unsigned vma_at(const struct machine *m, unsigned mm, uint64_t va);
/* The reports: vmas, perms, pages of a process; frames of all. */
void conform_vmas(const struct machine *m, unsigned mm, struct text *t);
void conform_perms(const struct machine *m, unsigned mm, struct text *t);
void conform_pages(const struct machine *m, unsigned mm, struct text *t);
void conform_frames(const struct machine *m, struct text *t);

#endif
