/*
 * trial.h - a machine at the end of a way that can be shortened at its end; private to this folder.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include "minimise.h"

struct trial_step {
	struct action action;
	struct schedule before;
	uint32_t undo_at, undo_len;
};

enum trial_reached {
	TRIAL_GOES_ON,
	TRIAL_END,	/* the end that is wanted */
	TRIAL_OTHER,	/* another rule broke */
	TRIAL_FULL,	/* there is no room for the step's old bytes: it was not taken */
};

struct trial {
	struct machine *m;
	const struct minimise_end *end;
	bool past;	/* the way that was given breaks other rules before the end: they may break */
	struct trial_step *step;
	uint32_t length;
	struct schedule schedule;	/* of the steps so far */
	unsigned char *undo;
	size_t undo_cap;
	uint64_t applied;
	struct effects fx;
};

/* Takes an action that is possible. */
enum trial_reached trial_take(struct trial *t, const struct action *a);
/* Goes back to this many steps. */
void trial_cut(struct trial *t, uint32_t length);

#endif
