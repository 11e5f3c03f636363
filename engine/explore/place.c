/*
 * place.c - learning places, walking into futures, and choosing an action that need not be interleaved.
 */
#include "hash.h"
#include "place.h"
#include "search.h"

void places_open(struct places *p, struct explorer *x)
{
	p->x = x;
	p->actors = x->model->actors;
	p->edges = 1;
	CHECK(p->actors <= MAX_ACTORS && x->model->parts <= MAX_PARTS);
	for (unsigned part = 0; part < x->model->parts; part++)
		if (x->model->whimsical(part))
			p->whimsical[part] = (uint8_t)(x->model->part_actor(x->start, part) + 1);
}

/* The answer to "where does he stand". */
struct stand {
	uint32_t place;
};

static uint32_t place_find(struct places *p, unsigned actor, const struct actor_place *info)
{
	uint64_t key = info->key ^ (uint64_t)(actor + 1) * 0x9e3779b97f4a7c15u;
	uint32_t i = (uint32_t)(key >> 40) % (MAX_PLACES * 2);

	for (; p->slot[i]; i = (i + 1) % (MAX_PLACES * 2))
		if (p->place[p->slot[i] - 1].key == key)
			return p->slot[i] - 1;
	if (p->places == MAX_PLACES) {
		p->full = p->lost = true;
		return 0;
	}
	p->place[p->places] = (struct place){
		.key = key, .lock = info->waits ? info->lock : NO_LOCK, .exclusive = info->exclusive,
	};
	p->slot[i] = p->places + 1;
	p->ways++;
	return p->places++;
}

static bool words_add(uint64_t *to, const uint64_t *more)
{
	uint64_t new = 0;

	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++) {
		new |= more[w] & ~to[w];
		to[w] |= more[w];
	}
	return new != 0;
}

static uint32_t stand_learn(struct places *p, struct seeker *s, const struct row *row, unsigned actor)
{
	struct actor_place info = { 0 };
	struct stand *stand;

	seeker_load(s, row);
	step_begin(s->m, &s->fx);
	p->x->model->place(s->m, actor, &info);
	step_end(s->m);
	p->grown += words_add(p->private[actor], s->fx.seen);
	stand = seeker_room(s, sizeof(*stand));
	stand->place = place_find(p, actor, &info);
	seeker_keep(s, &p->root[actor], row, stand);
	return stand->place;
}

static uint32_t place_now(struct places *p, struct seeker *s, const struct row *row, unsigned actor)
{
	const struct stand *stand = memo_find(&s->memo, p->root[actor], row);

	return stand ? stand->place : stand_learn(p, s, row, actor);
}

static uint64_t mix(unsigned actor, uint32_t place)
{
	return hash_fold(place + 1, 0x9e3779b97f4a7c15u * (2 * actor + 1));
}

static void stands_put(struct stands *stands, unsigned actor, uint32_t place)
{
	stands->sum += mix(actor, place) - mix(actor, stands->place[actor]);
	stands->place[actor] = place;
}

void places_now(struct places *p, struct seeker *s, const struct row *row, struct stands *out)
{
	out->sum = 0;
	for (unsigned a = 0; a < p->actors; a++) {
		out->place[a] = place_now(p, s, row, a);
		out->sum += mix(a, out->place[a]);
	}
}

static void edge_add(struct places *p, uint32_t from, uint32_t to)
{
	for (uint32_t e = p->place[from].edge; e; e = p->edge[e].next)
		if (p->edge[e].to == to)
			return;
	p->learnt++;
	p->ways++;
	if (p->edges == MAX_EDGES) {
		p->full = p->lost = true;
		return;
	}
	p->edge[p->edges] = (struct edge){ to, p->place[from].edge };
	p->place[from].edge = p->edges++;
}

void places_note(struct places *p, uint32_t place, const struct masks *masks)
{
	bool seen = words_add(p->place[place].masks.seen, masks->seen);

	if (words_add(p->place[place].masks.writes, masks->writes) || seen)
		p->learnt++;
}

void places_asked(struct places *p, struct seeker *s, const struct row *row, const struct stands *stands)
{
	for (unsigned part = 0; part < p->x->model->parts; part++)
		if (p->whimsical[part] && !(s->idle & 1ull << part) &&
		    words_add(p->place[stands->place[p->whimsical[part] - 1]].masks.seen, seeker_offer(s, row, part)->asks))
			p->learnt++;
}

/* Could the step have moved another actor from its place? */
static bool touches(const struct places *p, unsigned actor, const struct outcome *o)
{
	uint64_t both = 0;

	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		both |= p->private[actor][w] & o->masks->writes[w] & ~footprint_faceted[w];
	return both != 0;
}

/* The actors that the step could have moved from their places. */
static void others_find(const struct places *p, unsigned actor, struct outcome *o)
{
	o->others = 0;
	o->grown = p->grown;
	for (unsigned b = 0; b < p->actors; b++)
		if (b != actor && touches(p, b, o))
			o->others |= 1ull << b;
}

void places_learn(struct places *p, struct seeker *s, const struct row *to, const struct offered *a, struct outcome *o,
	struct stands *stands)
{
	uint32_t was = stands->place[a->actor], is;

	/* From the same place the same step leads its actor to the same place. */
	if (o->from == was + 1) {
		stands_put(stands, a->actor, o->to);
	} else {
		o->from = was + 1;
		o->to = is = place_now(p, s, to, a->actor);
		places_note(p, was, o->masks);
		if (o->tells)
			place_tells(p, was);
		if (words_add(p->place[was].masks.seen, a->asks))
			p->learnt++;
		edge_add(p, was, is);
		stands_put(stands, a->actor, is);
		others_find(p, a->actor, o);
	}
	/* What places depend on is learnt, too. */
	if (o->grown != p->grown)
		others_find(p, a->actor, o);
	for (uint64_t bits = o->others; bits; bits &= bits - 1) {
		unsigned b = (unsigned)__builtin_ctzll(bits);

		is = place_now(p, s, to, b);
		if (is != stands->place[b]) {
			edge_add(p, was, is);
			stands_put(stands, b, is);
		}
	}
}

/* ---- futures ---- */

static bool blocked(const struct place *at, const struct held *held)
{
	uint64_t bit;

	if (at->lock == NO_LOCK)
		return false;
	bit = 1ull << (at->lock - BASE_lock);
	return (held->exclusive & bit) || (at->exclusive && (held->shared & bit));
}

_Static_assert(MAX_LOCKS <= 64, "a bit per lock");

static void future_walk(struct places *p, uint32_t place, const struct held *held, struct masks *out)
{
	uint32_t depth = 0;

	*out = (struct masks){ { 0 }, { 0 } };
	p->stamp++;
	p->stack[depth++] = place;
	p->place[place].seen = p->stamp;
	while (depth) {
		const struct place *at = &p->place[p->stack[--depth]];

		if (blocked(at, held))
			continue;
		words_add(out->seen, at->masks.seen);
		words_add(out->writes, at->masks.writes);
		for (uint32_t e = at->edge; e; e = p->edge[e].next)
			if (p->place[p->edge[e].to].seen != p->stamp) {
				p->place[p->edge[e].to].seen = p->stamp;
				p->stack[depth++] = p->edge[e].to;
			}
	}
}

/* What may happen from a place before him who holds these locks moves; NULL when that cannot be said. */
static const struct future *future_of(struct places *p, uint32_t place, const struct held *held)
{
	uint64_t mix = (place + 1) * 0x9e3779b97f4a7c15u ^ held->exclusive * 0xc2b2ae3d27d4eb4fu ^
		held->shared * 0x165667b19e3779f9u;
	uint32_t i = (uint32_t)((mix * 0x9e3779b97f4a7c15u) >> 40) % MAX_FUTURES;
	struct future *f;

	for (; (f = &p->future[i])->place; i = (i + 1) % MAX_FUTURES)
		if (f->place == place + 1 && f->held.exclusive == held->exclusive && f->held.shared == held->shared)
			return f;
	if (p->futures * 2 > MAX_FUTURES) {
		p->full = true;
		return NULL;
	}
	p->futures++;
	f->place = place + 1;
	f->held = *held;
	future_walk(p, place, held, &f->masks);
	return f;
}

/* Futures by number, where pairs name them; outcomes are named by their units in the memo. */
#define PAIR(outcome, future) (((outcome) / 8 << 14 | (future)) + 1)
#define PAIR_FUTURE(pair) (((pair) - 1) & (MAX_FUTURES - 1))
#define PAIR_OUTCOME(pair) (((pair) - 1) >> 14)

_Static_assert(MAX_FUTURES == 1u << 14, "a future's number in a pair");

/* Where a pair is, or would be. */
static uint64_t *pair_slot(struct places *p, uint64_t pair)
{
	uint32_t i = (uint32_t)(pair * 0x9e3779b97f4a7c15u >> 46) % MAX_PAIRS;

	while (p->pair[i] && p->pair[i] != pair)
		i = (i + 1) % MAX_PAIRS;
	return &p->pair[i];
}

static void pair_add(struct places *p, uint64_t pair)
{
	uint64_t *slot = pair_slot(p, pair);

	if (*slot)
		return;
	if (p->pairs > MAX_PAIRS / 4 * 3) {
		p->full = true;
		return;
	}
	*slot = pair;
	p->pairs++;
}

bool futures_hold(struct places *p, const struct memo *t)
{
	uint64_t changed[MAX_FUTURES / 64] = { 0 };
	struct masks now;

	if (p->lost)
		return !p->pairs;
	if (p->learnt == p->checked)
		return true;
	p->checked = p->learnt;
	for (uint32_t i = 0; i < MAX_FUTURES; i++) {
		struct future *f = &p->future[i];

		if (!f->place)
			continue;
		future_walk(p, f->place - 1, &f->held, &now);
		if (memcmp(&now, &f->masks, sizeof(now)) == 0)
			continue;
		f->masks = now;
		changed[i / 64] |= 1ull << i % 64;
	}
	for (uint32_t i = 0; i < MAX_PAIRS; i++) {
		uint64_t pair = p->pair[i];
		const struct outcome *o;

		if (!pair || !(changed[PAIR_FUTURE(pair) / 64] & 1ull << PAIR_FUTURE(pair) % 64))
			continue;
		o = memo_answer(t, PAIR_OUTCOME(pair));
		if (masks_conflict(o->masks, &p->future[PAIR_FUTURE(pair)].masks))
			return false;
	}
	return true;
}

void futures_clear(struct places *p)
{
	memset(p->future, 0, sizeof(p->future));
	memset(p->decision, 0, sizeof(p->decision));
	memset(p->pair, 0, sizeof(p->pair));
	p->futures = p->pairs = 0;
	p->checked = p->learnt;
}

/* ---- choosing ---- */

/* The locks that a context holds in this state. */
static struct held held_by(struct places *p, const struct row *row, unsigned ctx)
{
	const struct versions *v = &p->x->versions;
	struct held held = { 0, 0 };

	for (; p->columns < v->columns; p->columns++)
		if (objects[v->column[p->columns].object].kind == KIND_lock)
			p->lock_column[p->locks++] = (uint8_t)p->columns;
	/* Who is no context takes no locks. */
	for (unsigned i = 0; i < p->locks && ctx < MAX_CTX; i++) {
		unsigned column = p->lock_column[i], version = row->version[column];
		const struct lock *lock = version_at(v, column, version)->bytes;
		uint64_t bit = 1ull << (v->column[column].object - BASE_lock);

		if (lock->owner == ctx)
			held.exclusive |= bit;
		else if (lock->readers & (1u << ctx))
			held.shared |= bit;
	}
	return held;
}

/* A run is being found again: what was decided then holds, whatever was learnt or used up since. */
static bool again(const struct places *p)
{
	return p->x->reducer->replaying;
}

static bool conflict(struct places *p, const struct memo *t, const struct outcome *o, const struct future *f)
{
	if (again(p))
		return !*pair_slot(p, PAIR(memo_number(t, o), (uint64_t)(f - p->future)));
	return masks_conflict(o->masks, &f->masks);
}

/* Does the step commute with everything that others may do before its actor moves? */
static bool commutes(struct places *p, const struct memo *t, const struct stands *stands, const struct offered *a,
	struct outcome *o, const struct held *held)
{
	uint32_t future[MAX_ACTORS];
	unsigned last = o->against, n = 0;

	words_add(o->masks->seen, a->looks);
	/* Who stood against it the last time will most likely do so again. */
	for (unsigned i = 0; i <= p->actors; i++) {
		unsigned b = i ? i - 1 : last;
		const struct future *f;

		if (b >= p->actors || b == a->actor || (i && b == last))
			continue;
		f = future_of(p, stands->place[b], held);
		if (!f || conflict(p, t, o, f)) {
			o->against = (uint8_t)b;
			return false;
		}
		future[n++] = (uint32_t)(f - p->future);
	}
	while (n)
		pair_add(p, PAIR(memo_number(t, o), future[--n]));
	return true;
}

/* The same, remembered by what it depends on. */
static bool decide(struct places *p, struct seeker *s, const struct row *row, const struct stands *stands,
	const struct offered *a)
{
	struct outcome *o = seeker_step(s, row, a);
	struct held held;
	uint64_t key, *at;
	bool yes;

	if (!o || s->memo.full)
		return false;
	held = held_by(p, row, a->actor);
	key = stands->sum - mix(a->actor, stands->place[a->actor]) + memo_number(&s->memo, o) * 0xc2b2ae3d27d4eb4fu +
		memo_number(&s->memo, a->looks) * 0x9fb21c651e98df25u;
	key = hash_fold(key ^ held.exclusive, 0x165667b19e3779f9u ^ held.shared * 0x27d4eb2f165667c5u) & ~1ull;
	at = &p->decision[(key >> 40) % MAX_DECISIONS];
	if (again(p))
		return commutes(p, &s->memo, stands, a, o, &held);
	if ((*at & ~1ull) == key)
		return *at & 1;
	yes = commutes(p, &s->memo, stands, a, o, &held) && !p->full;
	*at = key | yes;
	return yes;
}

const struct offered *place_ample(struct places *p, struct seeker *s, const struct row *row, const struct stands *stands,
	unsigned part)
{
	unsigned parts = p->x->model->parts;

	for (unsigned i = 0; i < parts && (!p->full || again(p)); i++, part = part + 1 < parts ? part + 1 : 0) {
		const struct offer *o;
		const struct offered *a;

		if (s->idle & 1ull << part)
			continue;
		o = seeker_offer(s, row, part);
		a = &o->offered[0];
		/* Who can choose has to be followed everywhere he can go. */
		if (o->actions == 1 && a->moves && a->action.kind != ACT_SWITCH && decide(p, s, row, stands, a))
			return a;
	}
	return NULL;
}
