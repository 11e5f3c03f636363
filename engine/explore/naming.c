/*
 * naming.c - what a state mentions, the names it gives, and its digest under them.
 */
#include <string.h>

#include "hash.h"
#include "search.h"

void naming_open(struct naming *n, struct explorer *x, struct arena memory)
{
	n->x = x;
	n->frames = x->model->renames && (x->options.reduce & REDUCE_SYMMETRY);
	n->counters = x->model->renames && (x->options.reduce & REDUCE_COUNTERS);
	n->renamed_cap = 1;
	while (n->renamed_cap * 4 * sizeof(*n->renamed) <= memory.left)
		n->renamed_cap *= 2;
	n->renamed = arena_take(&memory, n->renamed_cap * sizeof(*n->renamed));
	n->mentioned = (struct mentioned){ .versions = &x->versions };
	n->mentioned.arena.left = memory.left / 2;
	n->mentioned.arena.at = arena_take(&memory, n->mentioned.arena.left);
	n->arena = n->empty = memory;
	n->namings = 1;
	CHECK(n->renamed && n->mentioned.arena.at);
}

/* ---- what may get another name ---- */

static const void *start_bytes(const struct naming *n, unsigned object)
{
	return (const unsigned char *)&n->x->start->world + objects[object].offset;
}

/* What goes by a frame's number beside the frame itself; OBJECTS = it has no such thing. */
static unsigned beside(unsigned pfn, unsigned i)
{
	if (i == 0)
		return BASE_content + pfn;
	if (pfn >= MAX_TABLES)
		return OBJECTS;
	return i == 1 ? BASE_table + pfn : BASE_lock + LOCK_PTL(pfn);
}

static bool unchanged(const struct naming *n, unsigned object)
{
	return object < OBJECTS && column_of(&n->x->versions, object) == NO_COLUMN;
}

/* Has the frame changed, and is what goes by its number and has not as of any frame that nobody uses (frame 0)? */
static bool may_move(const struct naming *n, unsigned pfn)
{
	if (pfn == ZERO_PFN || unchanged(n, BASE_frame + pfn))
		return false;
	for (unsigned i = 0; i < BESIDE; i++)
		if (unchanged(n, beside(pfn, i)) &&
		    memcmp(start_bytes(n, beside(pfn, i)), start_bytes(n, beside(0, i)), objects[beside(pfn, i)].size) != 0)
			return false;
	return true;
}

/* What objects that have not changed mention keeps its name. */
static void pin_mentioned(struct naming *n, bool moves[MAX_FRAMES])
{
	struct listing l;

	for (unsigned o = 0; o < OBJECTS; o++) {
		if (column_of(&n->x->versions, o) != NO_COLUMN)
			continue;
		mentions_list(&l, o, start_bytes(n, o));
		for (unsigned i = 0; i < l.count; i++) {
			const struct mention *s = &l.mention[i];

			if (s->type == NAME_OF_FRAME)
				moves[s->with] = false;
			else if (s->type == COUNT_OF_MM && s->value < n->lowest[s->with])
				n->lowest[s->with] = s->value;
		}
		for (unsigned f = 0; f < MAX_FRAMES; f++)
			if (l.sets[f / 64] >> f % 64 & 1)
				moves[f] = false;
	}
}

static void roots_find(struct naming *n, unsigned image)
{
	const struct versions *v = &n->x->versions;
	uint16_t from[OBJECTS];
	const struct renaming *r = &n->x->reducer->symmetry.who[image];

	for (unsigned o = 0; o < OBJECTS; o++)
		from[object_renamed(r, o)] = (uint16_t)o;
	n->root_count = 0;
	for (unsigned o = 0; o < OBJECTS; o++)
		if (column_of(v, from[o]) != NO_COLUMN && !n->place[object_frame(from[o])] && object_mentions(from[o]))
			n->roots[image][n->root_count++] = (uint8_t)column_of(v, from[o]);
}

static void moving_add(struct naming *n, unsigned pfn)
{
	const struct versions *v = &n->x->versions;
	unsigned place = n->movings++;

	n->moving[place] = (uint16_t)pfn;
	n->place[pfn] = (uint8_t)(place + 1);
	n->frame_column[place] = (uint8_t)column_of(v, BASE_frame + pfn);
	n->table_column[place] = pfn < MAX_TABLES ? (uint8_t)column_of(v, BASE_table + pfn) : NO_COLUMN;
	for (unsigned i = 0; i < BESIDE; i++)
		if (beside(pfn, i) < OBJECTS)
			object_digests(beside(pfn, i), start_bytes(n, beside(0, i)), n->blank[place][i]);
}

static void moving_find(struct naming *n)
{
	bool moves[MAX_FRAMES];

	n->movings = 0;
	memset(n->place, 0, sizeof(n->place));
	memset(n->lowest, 0xff, sizeof(n->lowest));
	for (unsigned f = 0; f < MAX_FRAMES; f++)
		moves[f] = f && may_move(n, f);
	pin_mentioned(n, moves);
	for (unsigned f = 0; f < MAX_FRAMES && n->movings < MAX_MOVING; f++)
		if (moves[f])
			moving_add(n, f);
}

/* A word for what may get another name, and for what is taken off counters at most. */
static uint64_t scope_of(const struct naming *n)
{
	uint64_t scope = 0;

	for (unsigned i = 0; i < n->movings; i++)
		scope = hash_fold(scope + n->moving[i], 0x9e3779b97f4a7c15u);
	for (unsigned mm = 0; mm < MAX_MMS && n->counters; mm++)
		scope = hash_fold(scope ^ n->lowest[mm], 0xc2b2ae3d27d4eb4fu);
	return scope;
}

/* More objects have changed than before. */
static void columns_grow(struct naming *n)
{
	const struct versions *v = &n->x->versions;

	n->columns = v->columns;
	moving_find(n);
	for (unsigned i = 0; i == 0 || i < n->x->reducer->symmetry.images; i++)
		roots_find(n, i);
	n->concerns = 0;
	for (unsigned c = 0; c < n->columns; c++)
		if (object_mentions(v->column[c].object) || n->place[object_frame(v->column[c].object)])
			n->concerned[n->concerns++] = (uint8_t)c;
	memset(n->recent, 0, sizeof(n->recent));
	n->widened |= scope_of(n) != n->scope;
	n->scope = scope_of(n);
}

/* ---- the names that a state gives ---- */

struct given {
	uint8_t name[MAX_MOVING];	/* place of the frame whose name it gets, + 1 */
	uint8_t order[MAX_MOVING];	/* places in the order in which they were mentioned */
	unsigned count;
	unsigned next[FREE_ZONES];	/* the place of the next name to be given in each zone */
	uint32_t lowest[MAX_MMS];
	uint32_t generation[MAX_MOVING];
};

/* The frame gets the next name of its zone. */
static void give(const struct naming *n, struct given *g, unsigned place)
{
	enum free_zone zone = free_zone_of(n->moving[place]);
	unsigned *next = &g->next[zone];

	if (g->name[place])
		return;
	while (free_zone_of(n->moving[*next]) != zone)
		++*next;
	g->name[place] = (uint8_t)++*next;
	g->order[g->count++] = (uint8_t)place;
}

/* Where frames keep their names, each has been given its own. */
static void given_begin(const struct naming *n, struct given *g)
{
	memset(g->name, 0, sizeof(g->name[0]) * n->movings);
	memset(g->generation, 0xff, sizeof(g->generation[0]) * n->movings);
	memcpy(g->lowest, n->lowest, sizeof(g->lowest));
	g->count = 0;
	memset(g->next, 0, sizeof(g->next));
	for (unsigned p = 0; p < n->movings && !n->frames; p++)
		give(n, g, p);
}

static void mentioned(const struct naming *n, struct given *g, const struct mentions *m)
{
	for (unsigned i = 0; i < m->count; i++) {
		const struct mention *s = &m->mention[i];
		unsigned place = s->type == COUNT_OF_MM ? 0 : n->place[s->with];

		if (s->type == COUNT_OF_MM && s->value < g->lowest[s->with])
			g->lowest[s->with] = s->value;
		else if (s->type == NAME_OF_FRAME && place)
			give(n, g, place - 1);
		else if (s->type == COUNT_OF_FRAME && place && s->value < g->generation[place - 1])
			g->generation[place - 1] = s->value;
	}
}

static bool mentioned_in(struct naming *n, struct given *g, const struct row *row, unsigned column)
{
	const struct mentions *m = column == NO_COLUMN ? NULL : mentions_of(&n->mentioned, column, row->version[column]);

	if (m)
		mentioned(n, g, m);
	return m || column == NO_COLUMN;
}

/* Frames by first mention: in what does not go by a frame's number, then in what goes by those that have a name by now. */
static bool names_give(struct naming *n, unsigned image, const struct row *row, struct given *g)
{
	given_begin(n, g);
	for (unsigned i = 0; i < n->root_count; i++)
		if (!mentioned_in(n, g, row, n->roots[image][i]))
			return false;
	for (unsigned i = 0; i < n->movings; i++) {
		/* What nobody mentions comes last. */
		for (unsigned p = 0; i == g->count; p++)
			give(n, g, p);
		if (!mentioned_in(n, g, row, n->frame_column[g->order[i]]) || !mentioned_in(n, g, row, n->table_column[g->order[i]]))
			return false;
	}
	return true;
}

static bool moved(const struct given *g, unsigned place)
{
	return g->name[place] != place + 1;
}

/* Counters begin where those of a new machine do. */
static uint32_t mm_less(const struct naming *n, const struct given *g, unsigned mm)
{
	return n->counters && g->lowest[mm] != UINT32_MAX ? g->lowest[mm] - 1 : 0;
}

static uint16_t frame_less(const struct naming *n, const struct given *g, unsigned place)
{
	return n->counters && g->generation[place] != UINT32_MAX ? (uint16_t)g->generation[place] : 0;
}

/* A number for these names among all that there were, 0 for none; NONE_LEFT when there are too many. */
#define NONE_LEFT UINT32_MAX

static uint64_t given_key(const struct naming *n, const struct given *g)
{
	uint64_t key = 0;

	for (unsigned mm = 0; mm < MAX_MMS; mm++)
		key = hash_fold(key ^ mm_less(n, g, mm), 0x9e3779b97f4a7c15u) + (mm_less(n, g, mm) != 0);
	for (unsigned p = 0; p < n->movings; p++) {
		uint64_t word = (uint64_t)n->moving[p] << 40 | (uint64_t)n->moving[g->name[p] - 1u] << 20 | frame_less(n, g, p);

		if (moved(g, p) || frame_less(n, g, p))
			key = hash_fold(key ^ word, 0xc2b2ae3d27d4eb4fu) + 1;
	}
	return key;
}

static bool naming_new(struct naming *n, unsigned image, const struct given *g, uint64_t key)
{
	struct renaming *r = n->namings < MAX_NAMINGS ? arena_take(&n->arena, sizeof(*r)) : NULL;

	if (!r)
		return false;
	*r = n->x->reducer->symmetry.who[image];
	for (unsigned mm = 0; mm < MAX_MMS; mm++)
		r->tlb_gen[mm] = mm_less(n, g, mm);
	for (unsigned p = 0; p < n->movings; p++) {
		r->frame[n->moving[p]] = n->moving[g->name[p] - 1u];
		r->generation[n->moving[p]] = frame_less(n, g, p);
	}
	n->key[n->namings] = key;
	n->known[n->namings++] = r;
	return true;
}

/* What is forgotten where there is no more room is found out anew. */
static void renamed_forget(struct naming *n)
{
	n->renamed_used = 0;
	memset(n->renamed, 0, n->renamed_cap * sizeof(*n->renamed));
}

/* Begins numbering again: the names that a state gets do not depend on it. */
static void namings_forget(struct naming *n)
{
	n->arena = n->empty;
	n->namings = 1;
	memset(n->slot, 0, sizeof(n->slot));
	memset(n->recent, 0, sizeof(n->recent));
	renamed_forget(n);
}

static uint32_t naming_number(struct naming *n, unsigned image, const struct given *g)
{
	uint64_t key = given_key(n, g);
	uint32_t home, i;

	if (!key && !image)
		return 0;
	home = i = (uint32_t)(key >> 40) % (MAX_NAMINGS * 2);
	key += image;
	for (; n->slot[i]; i = (i + 1) % (MAX_NAMINGS * 2))
		if (n->key[n->slot[i]] == key)
			return n->slot[i];
	if (!naming_new(n, image, g, key)) {
		namings_forget(n);
		i = home;
		if (!naming_new(n, image, g, key))
			return NONE_LEFT;
	}
	n->slot[i] = (uint16_t)(n->namings - 1);
	return n->slot[i];
}

/* All that a state mentions, in one word; false when memory is used up. */
static bool mentions_word(struct naming *n, unsigned image, const struct row *row, uint64_t *word)
{
	*word = image + 1;
	for (unsigned i = 0; i < n->concerns; i++) {
		const struct mentions *m = mentions_of(&n->mentioned, n->concerned[i], row->version[n->concerned[i]]);

		if (!m)
			return false;
		*word += m->all;
	}
	return true;
}

/* The number of the names that a state gives.  It depends on what is mentioned alone, and that changes less than states do. */
static uint32_t naming_of(struct naming *n, unsigned image, const struct row *row)
{
	struct recent_naming *at;
	struct given g;
	uint64_t word;

	if (!mentions_word(n, image, row, &word))
		return NONE_LEFT;
	at = &n->recent[hash_fold(word, 0x9e3779b97f4a7c15u) % RECENT_NAMINGS];
	if (at->word == word)
		return at->number;
	if (!names_give(n, image, row, &g))
		return NONE_LEFT;
	*at = (struct recent_naming){ word, naming_number(n, image, &g) };
	return at->number;
}

/* ---- digests ---- */

/* Adds, or (sign ~0) takes away, the digest of a content under these names. */
static void renamed_add(const struct renaming *r, unsigned object, const void *bytes, uint64_t sign, uint64_t digest[2])
{
	_Alignas(8) unsigned char out[OBJECT_MOST];
	uint64_t more[2];

	object_rename(r, object, bytes, out);
	object_digests(object_renamed(r, object), out, more);
	for (unsigned w = 0; w < 2; w++)
		digest[w] += sign * more[w];
}

/* By how much a naming changes what a version adds to the digest: of the state itself as a difference to its own names, of an
 * image to the start's. */
static const uint64_t *renamed_digest(struct naming *n, unsigned image, uint32_t number, unsigned column, unsigned version)
{
	const struct versions *v = &n->x->versions;
	uint64_t key = ((uint64_t)number << 32 | column << 16 | version) + 1;
	uint64_t home = hash_fold(key, 0x9e3779b97f4a7c15u) & (n->renamed_cap - 1), i;
	unsigned object = v->column[column].object;
	struct renamed *at;

	for (i = home; n->renamed[i].key; i = (i + 1) & (n->renamed_cap - 1))
		if (n->renamed[i].key == key)
			return n->renamed[i].digest;
	if (n->renamed_used * 2 > n->renamed_cap) {
		renamed_forget(n);
		i = home;
	}
	n->renamed_used++;
	at = &n->renamed[i];
	at->key = key;
	renamed_add(n->known[number], object, version_at(v, column, version)->bytes, 1, at->digest);
	renamed_add(&n->x->reducer->symmetry.who[image], object, version_at(v, column, image ? 0 : version)->bytes, ~0ull, at->digest);
	return at->digest;
}

/* What goes by a frame's number and has not changed is at its new one. */
static void blanks_renamed(const struct naming *n, const struct renaming *r, uint64_t key[2])
{
	for (unsigned p = 0; p < n->movings; p++) {
		unsigned was = n->moving[p], is = r->frame[was];

		for (unsigned i = 0; i < BESIDE && is != was; i++)
			for (unsigned w = 0; w < 2 && unchanged(n, beside(was, i)); w++)
				key[w] += n->blank[n->place[is] - 1][i][w] - n->blank[p][i][w];
	}
}

/* The digest of a state, or of an image, under these names. */
static void renamed_key(struct naming *n, unsigned image, uint32_t number, const struct row *row, uint64_t key[2])
{
	unsigned count = image ? n->columns : n->concerns;

	if (image) {
		key[0] = n->x->start->digest;
		key[1] = 0;
	}
	for (unsigned i = 0; i < count; i++) {
		unsigned c = image ? i : n->concerned[i];
		const uint64_t *more = renamed_digest(n, image, number, c, row->version[c]);

		key[0] += more[0];
		key[1] += more[1];
	}
	blanks_renamed(n, n->known[number], key);
}

void naming_key(struct naming *n, unsigned image, const struct row *row, const uint64_t digest[2], uint64_t key[2])
{
	uint32_t number;

	key[0] = digest[0];
	key[1] = digest[1];
	if (!image && (n->full || !naming_on(n)))
		return;
	if (n->columns != n->x->versions.columns)
		columns_grow(n);
	number = naming_of(n, image, row);
	if (number && number != NONE_LEFT)
		renamed_key(n, image, number, row, key);
	if (number != NONE_LEFT)
		return;
	/* From here on names are other ones than before. */
	n->widened |= !n->full;
	n->full = true;
}
