/*
 * spin.h - running the peer: spin turns the Promela model into a C program, gcc compiles it with
 * the flags that make it fastest, and it searches.
 */
#ifndef SPIN_H
#define SPIN_H

#include "ptlb.h"

enum spin_mode {
	SPIN_PLAIN,    /* depth first, no reduction */
	SPIN_REDUCED,  /* depth first, with its partial-order reduction */
	SPIN_SHORTEST, /* breadth first, to the first error */
};

struct spin_result {
	double seconds; /* of the search alone, as the clock on the wall has it */
	double states, transitions;
	double bytes; /* per state: states as stored and the hash table */
	bool error;   /* an assertion failed */
};

/* Are spin and gcc there? */
bool spin_there(void);
/* Builds the searcher in directory `dir`, as `dir/name`.  More options for the model, or "".  False
 * when that fails; what was said is in `dir/log`. */
bool spin_build(const char *dir, const char *name, const struct ptlb *setting, const char *more,
		enum spin_mode mode);
/* Runs it, with a hash table for about `states` states.  False when it fails. */
bool spin_run(const char *dir, const char *name, double states, struct spin_result *out);

#endif
