/*
 * ptlb.h - the protocol of spin/ptlb.pml in the engine's own language, for the search to be
 * measured on.
 *
 * The same transition system step for step: for every setting the search reaches as many states, by
 * as many transitions, as SPIN does.  It lives in the engine's world, runs on its stacks of routine
 * frames and takes its locks; see ptlb.c for what stands where.
 */
#ifndef PTLB_H
#define PTLB_H

#include "explore.h"

/* The parameters of the Promela model, by its names for them. */
struct ptlb {
	uint8_t cpus;	/* NCPU, 2..4 */
	uint8_t pages;	/* NV, 1..3 */
	uint8_t frames; /* NF, 1..4 */
	uint8_t ops;	/* K: operations of each CPU's thread */
	uint8_t others; /* KB: times that somebody else takes a frame and frees it */
	uint8_t bug;	/* BUG: 1 = mremap flushes after the lock, 2 = zap frees before the acks */
	uint8_t mapped; /* NMAP: pages mapped at the start, <= pages, frames and 3 */
	uint8_t send_all; /* SENDALL: one step sends to every CPU */
	/* Not in the Promela model: no actions for fills; a TLB holds, for each page, all that a fill could have put
	 * there since it was known last, and the access chooses.  The same verdict, over fewer states. */
	uint8_t may;
};

extern const struct explore_model ptlb_model;

/* Sets the machine to the model's start.  m and fx are overwritten. */
void ptlb_init(struct machine *m, const struct ptlb *setting, struct effects *fx);

/* The setting as the options of `spin -a`: "-DNCPU=2 -DNV=1 ...".  Terminated, cut to size. */
void ptlb_defines(const struct ptlb *setting, struct text *t);

#endif
