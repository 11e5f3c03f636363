/*
 * symmetry.c - which permutations are symmetries, and digests of images.
 */
#include <string.h>

#include "hash.h"
#include "mirror.h"
#include "search.h"

#define IDENTITY UINT16_MAX

/* The digest of a content's image under the model's permutation p; false when the model has none. */
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

/* ---- groups ---- */

/* What two of them in turn come to: products are only asked for where the model is the machine. */
static void products_find(struct symmetry *y)
{
	struct renaming both;

	for (unsigned i = 0; i < y->images; i++)
		for (unsigned k = 0; k < y->images; k++) {
			renaming_then(&y->who[i], &y->who[k], &both);
			y->product[i][k] = NONE;
			for (unsigned n = 0; n < y->images; n++)
				if (renaming_same(&both, &y->who[n]))
					y->product[i][k] = (uint8_t)n;
		}
}

/* All that some of them come to, in whatever turn; 0 when something else is among it. */
static uint32_t closed(const struct symmetry *y, uint32_t set, uint32_t within)
{
	uint32_t was;

	do {
		was = set;
		for (unsigned i = 0; i < y->images; i++)
			for (unsigned k = 0; was >> i & 1 && k < y->images; k++) {
				if (!(was >> k & 1))
					continue;
				if (y->product[i][k] == NONE || !(within >> y->product[i][k] & 1))
					return 0;
				set |= 1u << y->product[i][k];
			}
	} while (set != was);
	return set;
}

/* The largest group in a set, or a large one: taking one after the other, and with each what it comes to. */
static uint32_t group_in(const struct symmetry *y, uint32_t set)
{
	uint32_t group = 1;

	if (!y->mirror)
		return set;
	for (unsigned i = 1; i < y->images; i++) {
		uint32_t more = set >> i & 1 ? closed(y, group | 1u << i, set) : 0;

		group = more ? more : group;
	}
	return group;
}

static uint32_t all_of(const struct symmetry *y)
{
	return (1u << y->images) - 1;
}

/* Finds the groups for what is refuted by now.  False when they are as they were. */
static bool groups_find(struct symmetry *y)
{
	uint32_t everywhere, later;
	bool same;

	if (y->settled[0] == y->refuted && y->settled[1] == y->never)
		return false;
	y->settled[0] = y->refuted;
	y->settled[1] = y->never;
	everywhere = group_in(y, all_of(y) & ~y->refuted & ~y->never);
	later = group_in(y, all_of(y) & ~y->never);
	same = y->everywhere == everywhere && y->later == later;
	y->everywhere = everywhere;
	y->later = later;
	return !same;
}

bool symmetry_stands(struct symmetry *y)
{
	return !y->lost && (!y->images || !groups_find(y));
}

void symmetry_settle(struct symmetry *y)
{
	struct explore_result *r = &y->x->result;

	if (y->lost)
		r->symmetries = r->late_symmetries = 0;
	y->lost = false;
	if (!y->images)
		return;
	groups_find(y);
	r->symmetries = (unsigned)__builtin_popcount(y->everywhere) - 1;
	r->late_symmetries = (unsigned)__builtin_popcount(y->later) - 1;
	if (y->later == 1)
		y->images = y->words = 0;
}

void symmetry_open(struct symmetry *y, struct explorer *x, struct arena memory)
{
	y->x = x;
	y->arena = memory;
	y->named = x->model->renames;
	y->permutation[y->images++] = IDENTITY;
	for (unsigned p = 0; (x->options.reduce & REDUCE_SYMMETRY) && p < x->model->permutations && y->images < MAX_IMAGES; p++)
		if (fixes_start(x, p))
			y->permutation[y->images++] = (uint16_t)p;
	for (unsigned i = 0; i < y->images; i++)
		if (!i || !y->named)
			renaming_none(&y->who[i]);
		else
			CHECK(renaming_nth(&y->who[i], x->start, y->permutation[i] + 1u));
	x->result.exchanges = y->images - 1;
	if (y->images == 1)
		y->images = 0;
	y->words = y->images * (y->named ? 1 : x->visited.words);
	y->everywhere = y->later = all_of(y);
	if (!y->images || !y->named)
		return;
	y->mirror = arena_take(&y->arena, sizeof(*y->mirror));
	CHECK(y->mirror);
	mirror_open(y->mirror, y);
	products_find(y);
	y->everywhere = y->later = group_in(y, all_of(y));
}

/* The digests of a content's image under a symmetry, by its number here. */
static void image_digests(const struct symmetry *y, unsigned image, unsigned object, const void *bytes, uint64_t out[2])
{
	_Alignas(8) unsigned char there[OBJECT_MOST];

	if (y->permutation[image] == IDENTITY) {
		object_digests(object, bytes, out);
	} else if (y->named) {
		object_rename(&y->who[image], object, bytes, there);
		object_digests(object_renamed(&y->who[image], object), there, out);
	} else {
		CHECK(image_digest(y->x, y->permutation[image], object, bytes, out));
	}
}

uint64_t symmetry_image(const struct symmetry *y, unsigned image, unsigned object, const void *bytes)
{
	uint64_t digest[2];

	image_digests(y, image, object, bytes, digest);
	return digest[0];
}

/* What of a content's image is summed up: all of it, or what other names leave as it is. */
static void image_sum(const struct symmetry *y, unsigned image, unsigned object, const void *bytes, uint64_t out[2])
{
	_Alignas(8) unsigned char bare[OBJECT_MOST];

	out[0] = out[1] = 0;
	if (!y->named || object_unname(object, bytes, bare))
		image_digests(y, image, object, y->named ? bare : bytes, out);
}

/* What the images of a version add to a state's; NULL when memory is used up. */
static const uint64_t *images_of(struct symmetry *y, unsigned column, unsigned version)
{
	uint64_t **block = &y->block[column][version / VERSION_BLOCK], *at;
	uint64_t *done = &y->done[column][version / 64], bit = 1ull << version % 64;
	const struct versions *v = &y->x->versions;
	unsigned object = v->column[column].object;

	if (!*block)
		*block = arena_take(&y->arena, VERSION_BLOCK * y->words * sizeof(**block));
	if (!*block)
		return NULL;
	at = *block + version % VERSION_BLOCK * y->words;
	if (!(*done & bit)) {
		for (unsigned i = 0; i < y->images; i++) {
			uint64_t now[2], start[2];

			image_sum(y, i, object, version_at(v, column, version)->bytes, now);
			image_sum(y, i, object, version_at(v, column, 0)->bytes, start);
			for (unsigned w = 0; w * y->images < y->words; w++)
				at[w * y->images + i] = now[w] - start[w];
		}
		*done |= bit;
	}
	return at;
}

void symmetry_images(struct symmetry *y, const struct row *row, struct images *out)
{
	unsigned columns = y->images ? y->x->versions.columns : 0;

	memset(out->digest, 0, y->words * sizeof(out->digest[0]));
	for (unsigned c = 0; c < columns; c++) {
		const uint64_t *more;

		if (!row->version[c])
			continue;
		more = images_of(y, c, row->version[c]);
		if (!more) {
			/* Without memory for images states stand for themselves alone, those of before, too: from here on no step is
			 * looked at in the mirror, and one of them might have refuted what they were passed over for. */
			y->images = y->words = 0;
			y->lost = true;
			return;
		}
		for (unsigned i = 0; i < y->words; i++)
			out->digest[i] += more[i];
	}
}

/* Of the images that are alike but for names (and there is mostly one), the one with the smallest digest under names of its own. */
static void named_key(const struct symmetry *y, struct naming *n, const struct row *row, const uint64_t digest[2],
	const struct images *images, uint32_t allowed, uint64_t key[2])
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < y->images; i++)
		if (allowed >> i & 1 && images->digest[i] < least)
			least = images->digest[i];
	key[0] = UINT64_MAX;
	for (unsigned i = 0; i < y->images; i++) {
		uint64_t image[2];

		if (!(allowed >> i & 1) || images->digest[i] != least)
			continue;
		naming_key(n, i, row, digest, image);
		if (image[0] < key[0]) {
			key[0] = image[0];
			key[1] = image[1];
		}
	}
}

/* The one with the smallest digest. */
static void least_key(const struct symmetry *y, const struct images *images, uint64_t key[2])
{
	unsigned least = 0;

	for (unsigned i = 1; i < y->images; i++)
		if (y->x->start->digest + images->digest[i] < y->x->start->digest + images->digest[least])
			least = i;
	key[0] = y->x->start->digest + images->digest[least];
	key[1] = y->words > y->images ? images->digest[y->images + least] : 0;
}

void symmetry_key(const struct symmetry *y, struct naming *n, const struct row *row, const uint64_t digest[2],
	const struct images *images, bool late, uint64_t key[2])
{
	if (!y->images) {
		naming_key(n, 0, row, digest, key);
		return;
	}
	if (y->named)
		named_key(y, n, row, digest, images, late ? y->later : y->everywhere, key);
	else
		least_key(y, images, key);
	/*
	 * The smallest of many is small, and places in the visited set go by size.  And one that is late is never the image of one
	 * that is not: of his own way ahead nothing may be known yet, while the other's is known to tell them apart.
	 */
	key[0] = hash_fold(key[0], late ? 0xc2b2ae3d27d4eb4fu : 0x9e3779b97f4a7c15u);
}
