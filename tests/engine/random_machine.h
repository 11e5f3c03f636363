/*
 * random_machine.h - a scenario drawn at random: a machine, what is mapped in it, and programs; the same for a seed.
 */
#ifndef RANDOM_MACHINE_H
#define RANDOM_MACHINE_H

#include "rng.h"
#include "text.h"

struct maker_size {
	unsigned least; /* CPUs, and tasks */
	unsigned tasks, operations; /* at most; operations of a task */
	bool close;	/* all at the same page, most of them; kernels of old and of wrong ways; full TLBs */
	bool alike;	/* most tasks do the same, some of them on one CPU; every architecture and protocol */
};

struct maker {
	struct rng r;
	struct maker_size size;
	bool file, shadow, sva, child, big;
	size_t work, work_len;	/* what the last task does, in text */
	struct text t;
	char text[4096];
};

/* Draws k->text. */
void maker_make(struct maker *k, const struct maker_size *size, unsigned seed);

#endif
