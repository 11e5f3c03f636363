/*
 * protocols.h - state of the ways to keep TLBs coherent that are not Linux's: Mach's of 1989, and lazy states.
 */
#ifndef PROTOCOLS_H
#define PROTOCOLS_H

#include <stdint.h>

#include "limits.h"

/* Mach: what a CPU was asked to invalidate, and whether it takes part. */
struct mach {
	uint64_t start, end;	/* the range; a second request before it is served: everything */
	uint8_t mm;		/* NONE = of several */
	uint8_t action;		/* action needed */
	uint8_t inactive;	/* parked: it uses no page table of a process now */
	uint8_t unused[5];
};

/* Mach: the lock of an address space's tables. */
struct pmap {
	uint8_t owner;		/* 1 + CPU, 0 = free */
	uint8_t unused[7];
};

/*
 * Lazy states of one CPU: ranges that it has changed, and who has not dropped them yet.  Pages are held until nobody is
 * left.
 */
struct latr {
	uint64_t start[LATR_STATES], end[LATR_STATES];
	uint16_t page[LATR_STATES][LATR_PAGES];
	uint8_t used[LATR_STATES];
	uint8_t mm[LATR_STATES];
	uint8_t cpus[LATR_STATES];	/* that have not swept it, a bit each */
	uint8_t task[LATR_STATES];	/* 1 + who will still hand pages over, 0 = nobody */
	uint8_t pages[LATR_STATES];
	uint8_t unused[6];
};

#endif
