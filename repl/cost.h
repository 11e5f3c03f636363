/*
 * What keeping TLBs coherent takes: the same programs under each variant, in schedules drawn at random.
 */
#ifndef COST_H
#define COST_H

#include "session.h"

enum {
	COST_WALKS = 1000
};

/* Starts it as the session's job, for each variant of the loaded scenario. */
enum status cost_start(struct session *s, uint64_t walks, struct complaint *c);

#endif
