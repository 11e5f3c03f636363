/*
 * sleep.c - which steps sleep, and the states where they do.
 */
#include "search.h"

void sleepers_open(struct sleepers *y, void *memory, size_t bytes)
{
	uint32_t slots = 1024;

	while ((size_t)slots * 2 * sizeof(*y->slot) <= bytes && slots < 1u << 30)
		slots *= 2;
	y->slot = memory;
	y->mask = slots - 1;
}

void sleepers_clear(struct sleepers *y)
{
	if (y->slot && y->used)
		memset(y->slot, 0, ((size_t)y->mask + 1) * sizeof(*y->slot));
	y->used = 0;
}

/* Where the state is, or would be: fingerprints are never 0, as in the visited set. */
static struct sleeper *slot_of(struct sleepers *y, const uint64_t key[2])
{
	uint32_t i = (uint32_t)(key[0] >> 24) & y->mask;

	while ((y->slot[i].key[0] || y->slot[i].key[1]) && (y->slot[i].key[0] != key[0] || y->slot[i].key[1] != key[1]))
		i = (i + 1) & y->mask;
	return &y->slot[i];
}

struct sleeper *sleeper_find(struct sleepers *y, const uint64_t key[2])
{
	struct sleeper *e = slot_of(y, key);

	return e->key[0] || e->key[1] ? e : NULL;
}

bool sleeper_new(struct sleepers *y, const uint64_t key[2], uint32_t number, uint64_t asleep)
{
	if (y->used > y->mask / 4 * 3)
		return false;
	y->used++;
	*slot_of(y, key) = (struct sleeper){ .key = { key[0], key[1] }, .asleep = asleep, .number = number, .waits = true };
	return true;
}

struct sleeper *sleeper_again(struct sleepers *y, const uint64_t key[2], uint64_t asleep)
{
	struct sleeper *e = sleeper_find(y, key);
	uint64_t woken;

	/* Another state has this fingerprint in the visited set: that is the chance that is printed. */
	if (!e)
		return NULL;
	woken = e->asleep & ~asleep;
	e->asleep &= asleep;
	if (!woken || e->waits)
		return NULL;
	e->waits = true;
	return e;
}

bool sleep_may(struct seeker *s, const struct row *row, const struct offered *a)
{
	return a->moves && seeker_offer(s, row, a->part)->actions == 1;
}

/* Does a step change a lock that another one's offer looks at?  Footprints pass over shared sides, for which somebody may wait. */
static bool locks_out(const struct versions *v, const struct outcome *p, const struct offered *b)
{
	for (unsigned i = 0; i < p->parts; i++) {
		unsigned object = v->column[p->part[i].column].object;

		if (objects[object].kind == KIND_lock && b->asks[object / 64] & 1ull << object % 64)
			return true;
	}
	return false;
}

/* Do two steps commute here, and neither of them puts the other off? */
static bool independent(const struct versions *v, const struct outcome *p, const struct offered *a, const struct outcome *q,
	const struct offered *b)
{
	uint64_t both = 0;

	if (locks_out(v, p, b) || locks_out(v, q, a))
		return false;

	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		both |= ((p->masks->writes[w] & (q->masks->seen[w] | b->asks[w])) |
			 (q->masks->writes[w] & (p->masks->seen[w] | a->asks[w]))) & ~footprint_faceted[w];
	return !both;
}

uint64_t sleep_on(struct seeker *s, const struct row *row, uint64_t asleep, const struct offered *a)
{
	const struct outcome *p = asleep ? seeker_step(s, row, a) : NULL;
	uint64_t still = 0;

	for (uint64_t bits = p ? asleep : 0; bits; bits &= bits - 1) {
		unsigned part = (unsigned)__builtin_ctzll(bits);
		const struct offer *o = seeker_offer(s, row, part);
		const struct outcome *q;

		if (o->actions != 1 || part == a->part)
			continue;
		q = seeker_step(s, row, &o->offered[0]);
		if (q && independent(&s->x->versions, p, a, q, &o->offered[0]))
			still |= 1ull << part;
	}
	return still;
}
