/*
 * inflight.h - flushes that have begun and are not over: what each covers, and how far every CPU has come with it.
 *
 * A flush is over for its sender when it returns; an asynchronous one may not be over for its targets by then.  What is
 * said here is read off the machine: csds, queues, handlers and stacks.
 */
#ifndef INFLIGHT_H
#define INFLIGHT_H

#include "world.h"

/* In the order in which they come. */
enum inflight_stage {
	INFLIGHT_AHEAD,		/* the sender has not come to this CPU yet; its own: it has not flushed */
	INFLIGHT_SKIPPED,	/* should_flush_tlb said no; its own: another mm is loaded */
	INFLIGHT_LOCKED,	/* the csd is locked, and on no queue yet */
	INFLIGHT_QUEUED,	/* it is on the queue, and no interrupt is pending */
	INFLIGHT_SENT,		/* an interrupt is */
	INFLIGHT_TAKEN,		/* it was delivered, and the handler has not come to the entry yet */
	INFLIGHT_RUNS,		/* flush_tlb_func runs for it */
	INFLIGHT_HELD,		/* it has run; the csd is still locked */
	INFLIGHT_UNLOCKED,	/* the csd was unlocked first: the sender may go on, and nothing is flushed */
	INFLIGHT_DONE,
	INFLIGHT_STAGES
};

struct inflight {
	struct csd info;	/* what is to be flushed */
	uint8_t sender;		/* CPU */
	bool left;		/* the sender has gone on to something else */
	uint8_t cpus;		/* whom it concerns, a bit per CPU; 0 = mm_cpumask was not read yet */
	uint8_t stage[MAX_CPUS];	/* enum inflight_stage, of those */
};

/* A call that goes on, and for each other CPU what is locked and what was unlocked of calls before. */
#define MAX_INFLIGHT (2 * MAX_CPUS * MAX_CPUS)

/* By sender; of one sender, what it has left behind first. */
unsigned inflight_list(const struct machine *m, struct inflight out[MAX_INFLIGHT]);
/* "IPI pending". */
const char *inflight_word(enum inflight_stage stage);

#endif
