/*
 * symmetry.c - which permutations are symmetries, and digests of images.
 */
#include <string.h>

#include "hash.h"
#include "search.h"

/* The digest of a version's image under the model's permutation p; false when the model has none. */
static bool image_digest(const struct explorer *x, unsigned p, unsigned object, const void *bytes, uint64_t out[2])
{
	_Alignas(8) unsigned char image[OBJECT_MOST];
	unsigned to = x->model->permute(x->start, p, object, bytes, image);

	if (to >= OBJECTS)
		return false;
	object_digests(to, image, out);
	return true;
}

/* Does the permutation leave the start as it is? */
static bool fixes_start(const struct explorer *x, unsigned p)
{
	uint64_t sum = 0;

	for (unsigned o = 0; o < OBJECTS; o++) {
		uint64_t digest[2];

		if (!image_digest(x, p, o, (const unsigned char *)&x->start->world + objects[o].offset, digest))
			return false;
		sum += digest[0];
	}
	return sum == x->start->digest;
}

void symmetry_open(struct symmetry *y, struct explorer *x, struct arena memory)
{
	y->x = x;
	y->arena = memory;
	for (unsigned p = 0; p < x->model->permutations && y->images < MAX_IMAGES; p++)
		if (fixes_start(x, p))
			y->permutation[y->images++] = (uint8_t)p;
}

/* The images of a version; NULL when memory is used up. */
static const struct images *images_of(struct symmetry *y, unsigned column, unsigned version)
{
	struct images **block = &y->block[column][version / VERSION_BLOCK], *at;
	uint64_t *done = &y->done[column][version / 64], bit = 1ull << version % 64;
	const struct versions *v = &y->x->versions;

	if (!*block)
		*block = arena_take(&y->arena, VERSION_BLOCK * sizeof(struct images));
	if (!*block)
		return NULL;
	at = &(*block)[version % VERSION_BLOCK];
	if (!(*done & bit)) {
		for (unsigned i = 0; i < y->images; i++)
			image_digest(y->x, y->permutation[i], v->column[column].object, version_at(v, column, version)->bytes,
				at->digest[i]);
		*done |= bit;
	}
	return at;
}

void symmetry_images(struct symmetry *y, const struct row *row, struct images *out)
{
	memset(out, 0, sizeof(*out));
	for (unsigned c = 0; y->images && c < y->x->versions.columns; c++) {
		const struct images *now, *start;

		if (!row->version[c])
			continue;
		now = images_of(y, c, row->version[c]);
		start = images_of(y, c, 0);
		if (!now || !start) {
			/* Without memory for images states stand for themselves alone. */
			y->images = 0;
			return;
		}
		for (unsigned i = 0; i < y->images; i++)
			for (unsigned k = 0; k < 2; k++)
				out->digest[i][k] += now->digest[i][k] - start->digest[i][k];
	}
}

void symmetry_key(const struct symmetry *y, const uint64_t digest[2], const struct images *images, uint64_t key[2])
{
	key[0] = digest[0];
	key[1] = digest[1];
	for (unsigned i = 0; i < y->images; i++) {
		uint64_t image = y->x->start->digest + images->digest[i][0];

		if (image < key[0]) {
			key[0] = image;
			key[1] = images->digest[i][1];
		}
	}
	/* The smallest of many is small, and places in the visited set go by size. */
	if (y->images)
		key[0] = hash_fold(key[0], 0x9e3779b97f4a7c15u);
}
