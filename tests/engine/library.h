/*
 * library.h - the scenario files, read from the folder that a test is given.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include "rng.h"
#include "scenario.h"

#define LIBRARY_MOST 256

struct library {
	char path[LIBRARY_MOST][256];
	unsigned count;
};

/* All .scn files below a folder, sorted by path.  False when there is none. */
bool library_list(struct library *l, const char *folder);
/*
 * A variant that is not in the test: says so.  library_kept counts one that is; at the end library_tell says how many were
 * in and how many were not, and ends the test when fewer were in than would show anything.
 */
void library_left_out(const struct scenario *s, unsigned variant, const char *why);
void library_kept(void);
void library_tell(const char *what, unsigned least);
/* Reads one; a scenario that does not read ends the test with its sentence. */
void library_read(const char *path, struct scenario *s, struct machine *m, struct effects *fx);

/* Random walks through every variant of all of them: in each state `step` takes one of the n actions, which was drawn. */
struct library_walk {
	struct scenario *scenario;
	struct machine *m;
	struct effects *fx;
	unsigned walks, steps;	/* of a variant, of a walk */
	void (*step)(struct rng *r, const struct action *a, unsigned n, const struct action *drawn);
};
void library_walks(const struct library *l, const struct library_walk *w);

#endif
