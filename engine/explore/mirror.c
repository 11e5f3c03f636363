/*
 * mirror.c - the image of a state in a machine of its own, and what happens there.
 */
#include "mirror.h"
#include "search.h"

void mirror_open(struct mirror *r, struct symmetry *y)
{
	r->symmetry = y;
	memcpy(&r->m, y->x->start, sizeof(r->m));
	r->m.quiet = true;
	for (unsigned i = 0; i < y->images; i++)
		for (unsigned o = 0; o < OBJECTS; o++)
			r->from[i][object_renamed(&y->who[i], o)] = (uint16_t)o;
}

/* ---- the image of a state ---- */

static void object_put(struct mirror *r, unsigned object, const void *bytes)
{
	uint64_t digest = world_object_digest(object, bytes);

	memcpy((unsigned char *)&r->m.world + objects[object].offset, bytes, objects[object].size);
	r->m.digest += digest - r->m.object_digest[object];
	r->m.object_digest[object] = digest;
	if (!r->put[object]) {
		r->put[object] = 1;
		r->dirty[r->dirties++] = (uint16_t)object;
	}
}

static void back_to_start(struct mirror *r)
{
	const struct machine *start = r->symmetry->x->start;

	for (unsigned i = 0; i < r->dirties; i++) {
		object_put(r, r->dirty[i], (const unsigned char *)&start->world + objects[r->dirty[i]].offset);
		r->put[r->dirty[i]] = 0;
	}
	r->dirties = 0;
}

/* The start is its own image; what differs from it is put where it belongs. */
static void reflect(struct mirror *r, unsigned image, const struct row *row)
{
	const struct explorer *x = r->symmetry->x;
	_Alignas(8) unsigned char bytes[OBJECT_MOST];

	back_to_start(r);
	for (unsigned c = 0; c < x->versions.columns; c++) {
		unsigned object = x->versions.column[c].object;

		if (!row->version[c])
			continue;
		object_rename(&r->symmetry->who[image], object, version_at(&x->versions, c, row->version[c])->bytes, bytes);
		object_put(r, object_renamed(&r->symmetry->who[image], object), bytes);
	}
}

/* ---- the same there ---- */

/* What was looked at there, by the names from here.  In the order of the looks, so one after the other follows from what came
 * before. */
static void looks_add(const struct mirror *r, unsigned image, struct effects *looks)
{
	for (uint32_t i = 0; i < r->fx.looks; i++) {
		unsigned object = r->from[image][r->fx.look[i]];

		if (looks->seen[object / 64] >> object % 64 & 1)
			continue;
		looks->seen[object / 64] |= 1ull << object % 64;
		looks->look[looks->looks++] = (uint16_t)object;
	}
}

static bool step_agrees(struct mirror *r, unsigned image, const struct row *row, const struct action *a, const struct outcome *o,
	struct effects *looks)
{
	const struct explorer *x = r->symmetry->x;
	const struct versions *v = &x->versions;
	struct action there = action_rename(&r->symmetry->who[image], a);
	uint64_t want;
	bool same;

	reflect(r, image, row);
	want = r->m.digest;
	for (unsigned i = 0; i < o->parts; i++) {
		unsigned c = o->part[i].column, object = v->column[c].object;

		want += symmetry_image(r->symmetry, image, object, version_at(v, c, o->part[i].version)->bytes) -
			symmetry_image(r->symmetry, image, object, version_at(v, c, row->version[c])->bytes);
	}
	x->model->apply(&r->m, &there, &r->fx);
	same = r->m.digest == want && r->fx.rules == o->rules;
	step_undo(&r->m, &r->fx);
	looks_add(r, image, looks);
	return same;
}

static bool listed(const struct action *action, unsigned n, const struct action *a)
{
	for (unsigned i = 0; i < n; i++)
		if (action_same(&action[i], a))
			return true;
	return false;
}

static bool offer_agrees(struct mirror *r, unsigned image, const struct row *row, unsigned part, const struct action *action,
	unsigned n, struct effects *looks)
{
	const struct explorer *x = r->symmetry->x;
	const struct renaming *who = &r->symmetry->who[image];
	unsigned count;
	struct action there[MAX_ACTIONS];

	reflect(r, image, row);
	step_begin(&r->m, &r->fx);
	count = x->model->offer(&r->m, part_renamed(who, part), there);
	step_end(&r->m);
	looks_add(r, image, looks);
	for (unsigned i = 0; i < n && count == n; i++) {
		struct action a = action_rename(who, &action[i]);

		if (!listed(there, count, &a))
			return false;
	}
	return count == n;
}

bool mirror_step(struct mirror *r, const struct row *row, const struct action *a, const struct outcome *o, struct effects *looks)
{
	struct symmetry *y = r->symmetry;
	bool tells = false;

	for (unsigned i = 1; i < y->images; i++)
		if (!step_agrees(r, i, row, a, o, looks)) {
			y->refuted |= 1u << i;
			tells = true;
		}
	return tells;
}

void mirror_offer(struct mirror *r, const struct row *row, unsigned part, const struct action *action, unsigned n,
	struct effects *looks)
{
	struct symmetry *y = r->symmetry;

	/* Those that were refuted, too, for looks must be the same at all times. */
	for (unsigned i = 1; i < y->images; i++)
		if (!offer_agrees(r, i, row, part, action, n, looks))
			y->never |= 1u << i;
}
