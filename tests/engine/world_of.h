/*
 * world_of.h - machines built by hand, for floors that have no set-up lines yet, and a balance sheet.
 *
 * Every function works on a machine whose doors are open (between step_begin and step_end), except
 * those that say otherwise.
 */
#ifndef WORLD_OF_H
#define WORLD_OF_H

#include "kernel.h"
#include "task.h"

#define HEAP 0x7f0000001000ull
#define FAR  0x7f0000201000ull

struct kit {
	struct machine m;
	struct effects fx;
	char wrong[160]; /* see balance */
};

/* One CPU, one mm with a root table, numbers 0 and 0.  Doors open afterwards. */
void kit_open(struct kit *k);
/* A mapping of mm 0. */
unsigned kit_vma(struct kit *k, uint64_t start, unsigned pages, unsigned flags, unsigned file);
/* An anonymous page with a value at va, mapped writable and dirty. */
unsigned kit_page(struct kit *k, uint64_t va, uint32_t value);
/* Another mm, not born yet. */
void kit_unborn(struct kit *k, unsigned mm);
/* Closes the doors: task 0 runs on CPU 0 in mm 0 and has this one operation. */
void kit_start(struct kit *k, struct op op);
/* Runs CPU 0 (doors closed) until its task is done.  Returns the operation's result; steps taken, if asked for. */
unsigned kit_run(struct kit *k, unsigned *steps);
/* kit_start and kit_run for one more operation of the same task. */
unsigned kit_again(struct kit *k, struct op op);
/* The leaf entry that maps va in mm, 0 when none (doors closed). */
uint64_t kit_pte(struct kit *k, unsigned mm, uint64_t va);

/*
 * Does everything add up once all programs have ended: locks, preempt counts, gathers, brackets, and for each
 * frame its references against the tables and page caches that hold it?  NULL when it does, else what does
 * not.  Doors closed.
 */
const char *balance(const struct machine *m, char *wrong, size_t size);

#endif
