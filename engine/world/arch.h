/*
 * arch.h - the state of machines whose invalidations hardware carries to every CPU, and the names of machines.
 *
 * Included by objects.h.  An operation is issued once and pending at each CPU until that CPU has done it, which may be at
 * any time; whoever issued it can only wait for all of his own.  Tags: PCID = ASID + 1, as on x86; on arm64 the ASID.
 */
#ifndef ARCH_H
#define ARCH_H

#include <stdint.h>

#include "limits.h"

enum arch {
	ARCH_X86,		/* flushes are interrupts */
	ARCH_X86_INVLPGB,	/* AMD: the same, and INVLPGB with TLBSYNC for an mm that has a global ASID */
	ARCH_ARM64,		/* TLBI and DSB */
	ARCHES
};

#define DYN_ASIDS	2u	/* TLB_NR_DYN_ASIDS: slots of each CPU; global ASIDs begin here */
#define ASID_PCID(asid)	((asid) + 1u)

/* One operation that one CPU has not done yet. */
struct inval {
	uint64_t start, end;	/* end = FLUSH_ALL for everything under the tag */
	uint8_t from;		/* the CPU that issued it */
	uint8_t pcid;		/* the tag; EVERY_PCID */
	uint8_t final_only;	/* entries of tables stay */
	uint8_t acked;		/* with early acknowledgements: counted as done, though it is not */
	uint8_t mm;		/* ghost: for whom, NONE */
	uint8_t unused[3];
};

#define EVERY_PCID 0xffu

/* What a CPU has still to do, in whatever order; sorted, equal ones side by side. */
struct invals {
	struct inval op[INVALS];
	uint8_t count;
	uint8_t unused[7];
};

/* mm->context of x86: what the mm is tagged with on every CPU. */
struct asid {
	uint8_t global;		/* global_asid, 0 = none */
	uint8_t transition;	/* asid_transition: a CPU may still run it on a slot of its own */
	uint8_t unused[6];
};

/* The allocator of global ASIDs: a bit per ASID. */
struct asids {
	uint8_t used;		/* global_asid_used */
	uint8_t freed;		/* global_asid_freed: to be had again only after a flush of everything */
	uint8_t last;		/* last_global_asid */
	uint8_t unused[5];
};

/* While a CPU runs on a global ASID: the slot that it had loaded before. */
struct parked {
	uint32_t tlb_gen;
	uint8_t mm;
	uint8_t pcid;		/* 0 = a slot is loaded, nothing is parked */
	uint8_t unused[2];
};

#endif
