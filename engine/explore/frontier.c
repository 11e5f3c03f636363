/*
 * frontier.c - states in and out of the machine.
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

const struct entry *queue_next(struct queue *q)
{
	const struct entry *e = (const struct entry *)(const void *)(q->at + q->read);

	if (q->read == q->used)
		return NULL;
	q->read += sizeof(*e) + e->parts * sizeof(struct part);
	return e;
}

static void object_load(struct frontier *f, unsigned object, uint32_t version)
{
	uint64_t old = f->m->object_digest[object], digest;

	if (version) {
		const struct version *v = &f->versions.version[version];

		memcpy(object_bytes(f->m, object), f->versions.bytes + v->bytes, objects[object].size);
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

bool frontier_has_room(const struct frontier *f)
{
	return f->batched < BATCH && f->delta_used + UNDO_BYTES <= BATCH_BYTES;
}

struct successor *frontier_note(struct frontier *f, const struct effects *fx, const struct entry *parent)
{
	struct successor *s = &f->batch[f->batched++];

	*s = (struct successor){ .parent = parent, .delta_at = f->delta_used };
	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		for (uint64_t bits = fx->writes[w]; bits; bits &= bits - 1) {
			unsigned o = w * 64 + (unsigned)__builtin_ctzll(bits);
			struct delta *d = (struct delta *)(void *)(f->delta + f->delta_used);

			*d = (struct delta){ f->m->object_digest[o], o, objects[o].size };
			memcpy(d + 1, object_bytes(f->m, o), objects[o].size);
			f->delta_used += (uint32_t)sizeof(*d) + d->size;
		}
	s->delta_len = f->delta_used - s->delta_at;
	return s;
}

bool frontier_save(struct frontier *f, struct queue *q, const struct successor *s, uint32_t number)
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

		d = (const struct delta *)(const void *)(f->delta + p);
		f->stamp[d->object] = f->stamp_now;
		if (d->digest == f->start->object_digest[d->object])
			continue;
		version = version_of(&f->versions, d->object, d->digest, d + 1, d->size);
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

void frontier_clear(struct frontier *f)
{
	f->batched = 0;
	f->delta_used = 0;
}
