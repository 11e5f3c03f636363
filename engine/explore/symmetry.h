/*
 * symmetry.h - states that differ only in who is who.
 *
 * A model says which permutations of its parts its steps do not tell apart, or may not (see mirror.h); those that leave
 * the start as it is are symmetries of the search.  Digests add up over objects, so the digest of a permuted state is a sum too: each
 * version has an image under each permutation.  The smallest digest over all images stands for a state and its likes,
 * and nothing ever has to be permuted but contents that are met for the first time.  Where frames get names by state
 * (naming.h), the smallest digest without any names chooses the image, which is looked up under its own.
 */
#ifndef SYMMETRY_H
#define SYMMETRY_H

#include "naming.h"
#include "versions.h"

struct explorer;
struct mirror;

/* Digests of a state's images, as differences to the start's; the second words of wide fingerprints behind the first. */
struct images {
	uint64_t digest[2 * MAX_IMAGES];
};

struct symmetry {
	struct explorer *x;
	unsigned images;		/* symmetries, identity first; 0 = there is no other */
	bool named;			/* frames and counters have names of their own, and are left out of digests here */
	unsigned words;			/* of all of them, for one state */
	uint16_t permutation[MAX_IMAGES];	/* the model's number of each */
	/* Sets of them, a bit each: refuted by a step, by a list of actions. */
	uint32_t refuted, never;
	uint32_t settled[2];		/* the two as of when groups were found last */
	/* Groups: refuted by nothing; by no list, so that they hold from where no step refutes any. */
	uint32_t everywhere, later;
	struct renaming who[MAX_IMAGES];		/* of the machine's own: the renaming behind each */
	uint8_t product[MAX_IMAGES][MAX_IMAGES];	/* one after the other; NONE = that is not among them */
	bool lost;			/* memory was used up: who was passed over for an image of his is to be looked at after all */
	struct mirror *mirror;		/* NULL = the model knows that all are symmetries */
	struct arena arena;
	/* Digests of a version's images by column and block of versions; made when they are asked for. */
	uint64_t *block[MAX_COLUMNS][(UINT16_MAX + 1) / VERSION_BLOCK];
	uint64_t done[MAX_COLUMNS][(UINT16_MAX + 1) / 64];
};

void symmetry_open(struct symmetry *y, struct explorer *x, struct arena memory);
/* The images of a state given by its row. */
void symmetry_images(struct symmetry *y, const struct row *row, struct images *out);
/* What stands for a state and its images, each under names of its own; `late`: no step can come any more that refutes one. */
void symmetry_key(const struct symmetry *y, struct naming *n, const struct row *row, const uint64_t digest[2],
	const struct images *images, bool late, uint64_t key[2]);
/* Is all that was taken for a symmetry still one?  Else settle it anew, for another round. */
bool symmetry_stands(struct symmetry *y);
void symmetry_settle(struct symmetry *y);
/* The digest of a version's image under a symmetry, by its number here. */
uint64_t symmetry_image(const struct symmetry *y, unsigned image, unsigned object, const void *bytes);

#endif
