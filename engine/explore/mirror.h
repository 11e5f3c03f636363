/*
 * mirror.h - is a permutation a symmetry?  Each step that the search learns is taken by its image, too.
 *
 * Whether steps tell CPUs apart cannot be seen from outside: an interrupt to several goes by ascending number, so of two CPUs
 * that do the same one is interrupted before the other; where only one of them is sent to, nothing does.  So a permutation
 * that leaves the start as it is counts as a symmetry until a step refutes it: a second machine is brought to the image
 * of the state, takes the image of the action, and must arrive at the image of what the step led to, breaking the same
 * rules; and the list of actions of the image must be the image of the list.
 *
 * What no step refutes, in all of the search, holds everywhere: then no state has been left out that is not an image of one
 * that was looked at.  What some steps refute holds from where none of these can come any more (ahead.c).  Both are
 * groups: who may change places twice may do so at once.
 */
#ifndef MIRROR_H
#define MIRROR_H

#include "frontier.h"
#include "symmetry.h"

struct mirror {
	struct symmetry *symmetry;
	struct machine m;
	struct effects fx;
	uint16_t dirty[OBJECTS];	/* objects that are not as at the start */
	unsigned dirties;
	unsigned char put[OBJECTS];
	uint16_t from[MAX_IMAGES][OBJECTS];	/* by image: the object whose place each takes */
};

void mirror_open(struct mirror *r, struct symmetry *y);
/*
 * A step from this state led to this: does it tell apart what is alike?  An offer of this part said this.  What only the
 * images look at is added to the looks: an answer is remembered by these, and where they differ the images may, too.
 */
bool mirror_step(struct mirror *r, const struct row *row, const struct action *a, const struct outcome *o, struct effects *looks);
void mirror_offer(struct mirror *r, const struct row *row, unsigned part, const struct action *action, unsigned n,
	struct effects *looks);

#endif
