/*
 * whim.h - what one agent's speculation may do before a step, kept as late as possible.
 *
 * A whim (a speculative walk, an eviction) that commutes with the next step may as well happen after it; so the
 * search takes a chain of whims only where its last one does not commute with the step that follows, or breaks a rule
 * by itself.  The chains that an agent has in a state are a tree, which is remembered like a step.
 */
#ifndef WHIM_H
#define WHIM_H

#include "place.h"

#define WHIM_NODES	96u	/* of one tree */
#define WHIM_DEPTH	16u	/* whims in a chain */

struct whim_node {
	struct action action;
	uint16_t parent;		/* node; 0 is the state itself */
	const struct outcome *to;	/* the whole chain, from the state; its rules are those of the last whim */
};

struct whim_tree {
	unsigned nodes;
	struct masks masks;		/* of all of it */
	struct whim_node node[];
};

struct whims {
	struct explorer *x;
	unsigned agents;		/* actors that have whims, and their parts */
	uint8_t actor[MAX_ACTORS];
	uint64_t parts[MAX_ACTORS];
	path_t root[MAX_ACTORS];
	uint32_t until;			/* there a tree did not fit: from this state on whims are taken like other actions */
	/* While a tree grows: */
	struct effects looked;
	unsigned char undo[WHIM_DEPTH][UNDO_BYTES];
	uint32_t undo_len[WHIM_DEPTH];
	uint64_t digest[WHIM_NODES];
	struct whim_node node[WHIM_NODES];
	uint64_t written[FOOTPRINT_WORDS];
};

void whims_open(struct whims *w, struct explorer *x);
/* A new round begins: if there were too many once, there will be again. */
void whims_again(struct whims *w);
/* The chains of an agent in this state; NULL when there are too many, or no memory. */
const struct whim_tree *whim_tree(struct whims *w, struct places *p, struct seeker *s, const struct row *row,
	const struct stands *stands, unsigned agent);
/*
 * Can the chain to this node not wait until after the step?  `part` offers the step, which these masks describe.
 */
bool whim_matters(struct whims *w, struct seeker *s, const struct row *row, const struct whim_tree *t, unsigned agent,
	unsigned node, const struct action *step, unsigned part);

/* The row after an outcome. */
static inline void row_take(struct row *row, const struct outcome *o)
{
	for (unsigned i = 0; i < o->parts; i++)
		row->version[o->part[i].column] = o->part[i].version;
}

/* The offer of an action in this state, NULL when it is not offered there. */
const struct offered *whim_offered(struct seeker *s, const struct row *row, uint64_t parts, const struct action *a);

#endif
