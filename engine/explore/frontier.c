/*
 * frontier.c - states in and out of a machine.
 */
#include <string.h>

#include "frontier.h"

/* What a successor's step wrote to one object; its words follow. */
struct delta {
	uint64_t digest;
	uint32_t object;
	uint32_t size;		/* of the words that follow, in bytes */
};

static void *object_bytes(struct machine *m, unsigned object)
{
	return (unsigned char *)&m->world + objects[object].offset;
}

static const void *start_bytes(const struct frontier *f, unsigned object)
{
	return (const unsigned char *)&f->start->world + objects[object].offset;
}

void queue_start(struct queue *q)
{
	memset(q->at, 0, sizeof(struct entry));
	q->used = sizeof(struct entry);
}

const struct entry *entry_after(const struct entry *e)
{
	return (const struct entry *)(const void *)((const unsigned char *)(e + 1) + e->parts * sizeof(struct part));
}

static void object_load(struct frontier *f, unsigned object, uint32_t version)
{
	uint64_t old = f->m->object_digest[object], digest;

	if (version) {
		const struct version *v = &f->versions->version[version];

		memcpy(object_bytes(f->m, object), f->versions->bytes + v->bytes, objects[object].size);
		digest = v->digest;
	} else {
		memcpy(object_bytes(f->m, object), start_bytes(f, object), objects[object].size);
		digest = f->start->object_digest[object];
	}
	f->m->object_digest[object] = digest;
	f->m->digest += digest - old;
	f->version[object] = version;
}

void frontier_load(struct frontier *f, const struct entry *e)
{
	f->stamp_now++;
	for (unsigned i = 0; i < e->parts; i++) {
		f->stamp[e->part[i].object] = f->stamp_now;
		if (f->version[e->part[i].object] != e->part[i].version)
			object_load(f, e->part[i].object, e->part[i].version);
	}
	for (unsigned i = 0; i < f->parts; i++)
		if (f->stamp[f->part[i].object] != f->stamp_now)
			object_load(f, f->part[i].object, 0);
	memcpy(f->part, e->part, e->parts * sizeof(struct part));
	f->parts = e->parts;
}

void chunk_begin(struct chunk *c, const struct entry *first, unsigned entries)
{
	c->first = first;
	c->entries = entries;
	c->done = c->successors = c->remarks = 0;
	c->remarked[0] = c->remarked[1] = 0;
	c->delta_used = 0;
	c->transitions = c->finals = 0;
	memset(c->lines, 0, sizeof(c->lines));
}

bool chunk_has_room(const struct chunk *c)
{
	/* A step saves at most UNDO_BYTES, headers included, and a delta is no longer than that. */
	return c->successors + MAX_ACTIONS <= CHUNK_SUCCESSORS && c->delta_used + MAX_ACTIONS * UNDO_BYTES <= CHUNK_BYTES;
}

_Static_assert(MAX_ACTIONS * UNDO_BYTES <= CHUNK_BYTES, "a chunk must hold the successors of one state");

struct successor *chunk_note(struct chunk *c, const struct frontier *f, const struct entry *parent)
{
	struct successor *s = &c->successor[c->successors++];

	*s = (struct successor){ .parent = parent, .delta_at = c->delta_used };
	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		for (uint64_t bits = f->fx.writes[w]; bits; bits &= bits - 1) {
			unsigned o = w * 64 + (unsigned)__builtin_ctzll(bits);
			struct delta *d = (struct delta *)(void *)(c->delta + c->delta_used);

			*d = (struct delta){ f->m->object_digest[o], o, objects[o].size };
			memcpy(d + 1, object_bytes(f->m, o), objects[o].size);
			c->delta_used += (uint32_t)sizeof(*d) + d->size;
		}
	s->delta_len = c->delta_used - s->delta_at;
	return s;
}

bool chunk_save(const struct chunk *c, const struct successor *s, struct frontier *f, struct versions *v,
	struct queue *q, uint32_t number)
{
	struct entry *e = (struct entry *)(void *)(q->at + q->used);
	const struct delta *d;

	if (q->used + ENTRY_MOST > q->cap)
		return false;
	e->number = number;
	e->parts = 0;
	e->last = s->last;
	f->stamp_now++;
	for (uint32_t p = s->delta_at; p < s->delta_at + s->delta_len; p += (uint32_t)sizeof(*d) + d->size) {
		uint32_t version;

		d = (const struct delta *)(const void *)(c->delta + p);
		f->stamp[d->object] = f->stamp_now;
		if (d->digest == f->start->object_digest[d->object])
			continue;
		version = version_of(v, d->object, d->digest, d + 1, d->size);
		if (!version)
			return false;
		e->part[e->parts++] = (struct part){ version, (uint16_t)d->object };
	}
	/* The rest is as in the parent. */
	for (unsigned i = 0; i < s->parent->parts; i++)
		if (f->stamp[s->parent->part[i].object] != f->stamp_now)
			e->part[e->parts++] = s->parent->part[i];
	q->used += sizeof(*e) + e->parts * sizeof(struct part);
	return true;
}
