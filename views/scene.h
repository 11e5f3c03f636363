/*
 * scene.h - what a pane may look at: everything, and all of it const.
 *
 * A pane is a function of the scene; it keeps nothing between two drawings.
 */
#ifndef SCENE_H
#define SCENE_H

#include "scenario.h"
#include "step_tree.h"

struct change;

struct scene {
	const struct machine *m;
	const struct timeline *t;
	const struct scenario *s;	/* NULL = no scenario is loaded */
	unsigned variant;
	unsigned mm;			/* whose tables the page-table pane shows */
	uint64_t va;			/* the address it walks; 0 = all of them */
	const struct change *change;	/* since the previous stop, see change.h; NULL = mark nothing */
	const struct action *next;	/* the default action; NULL = there is none */
	const char *recording;		/* "REC 12", "unrecorded: reason", "REPLAY 12", ... */
	const char *message;		/* last result or narration, NULL = none */
};

#endif
