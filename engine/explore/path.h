/*
 * path.h - a machine at the end of a way that can be shortened at its end; private to this folder.
 */
#ifndef PATH_H
#define PATH_H

#include "minimise.h"

struct path_step {
	struct action action;
	struct schedule before;
	uint32_t undo_at, undo_len;
};

enum path_reached {
	PATH_GOES_ON,
	PATH_END,	/* the end that is wanted */
	PATH_OTHER,	/* another rule broke */
	PATH_FULL,	/* there is no room for the step's old bytes: it was not taken */
};

struct path {
	struct machine *m;
	const struct minimise_end *end;
	bool past;	/* the way that was given breaks other rules before the end: they may break */
	struct path_step *step;
	uint32_t length;
	struct schedule schedule;	/* of the steps so far */
	unsigned char *undo;
	size_t undo_cap;
	uint64_t applied;
	struct effects fx;
};

/* Takes an action that is possible. */
enum path_reached path_take(struct path *p, const struct action *a);
/* Goes back to this many steps. */
void path_cut(struct path *p, uint32_t length);

#endif
