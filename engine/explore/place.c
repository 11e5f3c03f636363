/*
 * place.c - learning places, walking into futures, and choosing an action that need not be interleaved.
 */
#include "place.h"
#include "search.h"

void places_open(struct places *p, struct explorer *x)
{
	p->x = x;
	p->actors = x->model->actors;
	p->edges = 1;
	CHECK(p->actors <= MAX_ACTORS);
	for (unsigned part = 0; part < x->model->parts; part++) {
		unsigned actor = x->model->part_actor(x->start, part);

		if (actor != NONE)
			p->parts[actor] |= 1ull << part;
	}
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
		p->full = true;
		return 0;
	}
	p->place[p->places] = (struct place){
		.key = key, .lock = info->waits ? info->lock : NO_LOCK, .actor = (uint8_t)actor,
		.exclusive = info->exclusive, .rest = info->rest,
	};
	p->slot[i] = p->places + 1;
	return p->places++;
}

static uint32_t stand_learn(struct places *p, struct seeker *s, const struct row *row, unsigned actor)
{
	struct actor_place info = { 0 };
	struct stand *stand;

	seeker_load(s, row);
	step_begin(s->m, &s->fx);
	p->x->model->place(s->m, actor, &info);
	step_end(s->m);
	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		p->private[actor].seen[w] |= s->fx.seen[w];
	stand = seeker_room(s, sizeof(*stand));
	stand->place = place_find(p, actor, &info);
	seeker_keep(s, &p->root[actor], row, stand);
	return stand->place;
}

uint32_t place_now(struct places *p, struct seeker *s, const struct row *row, unsigned actor)
{
	const struct stand *stand = memo_find(&s->memo, p->root[actor], row);

	return stand ? stand->place : stand_learn(p, s, row, actor);
}

static void edge_add(struct places *p, uint32_t from, uint32_t to)
{
	for (uint32_t e = p->place[from].edge; e; e = p->edge[e].next)
		if (p->edge[e].to == to)
			return;
	if (p->edges == MAX_EDGES) {
		p->full = true;
		return;
	}
	p->edge[p->edges] = (struct edge){ to, p->place[from].edge };
	p->place[from].edge = p->edges++;
}

static void kick_add(struct places *p, unsigned by, uint32_t place)
{
	for (uint32_t i = 0; i < p->kicks; i++)
		if (p->kick[i].place == place && p->kick[i].by == by)
			return;
	if (p->kicks == MAX_KICKS)
		p->full = true;
	else
		p->kick[p->kicks++] = (struct kick){ place, (uint8_t)by };
}

/* Did the step put others somewhere?  True when it could have. */
static bool kicks_learn(struct places *p, struct seeker *s, const struct row *from, const struct row *to,
	unsigned actor, const struct outcome *o)
{
	bool could = false;

	for (unsigned b = 0; b < p->actors; b++) {
		uint32_t was, is;

		if (b == actor || !masks_conflict(&p->private[b], o->masks))
			continue;
		could = true;
		was = place_now(p, s, from, b);
		is = place_now(p, s, to, b);
		if (was != is)
			kick_add(p, actor, is);
	}
	return could;
}

void places_learn(struct places *p, struct seeker *s, const struct row *from, const struct row *to,
	const struct offered *a, struct outcome *o)
{
	uint32_t was = place_now(p, s, from, a->actor);

	if (o->from == was + 1 && !o->kicks)
		return;
	o->from = was + 1;
	masks_add(&p->place[was].masks, o->masks);
	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		p->place[was].masks.seen[w] |= a->looks[w];
	edge_add(p, was, place_now(p, s, to, a->actor));
	o->kicks = kicks_learn(p, s, from, to, a->actor, o);
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
		masks_add(out, &at->masks);
		for (uint32_t e = at->edge; e; e = p->edge[e].next)
			if (p->place[p->edge[e].to].seen != p->stamp) {
				p->place[p->edge[e].to].seen = p->stamp;
				p->stack[depth++] = p->edge[e].to;
			}
	}
}

/* What may happen from a place before him who holds these locks moves; NULL when that cannot be said. */
static const struct masks *future_of(struct places *p, uint32_t place, const struct held *held)
{
	uint64_t mix = (place + 1) * 0x9e3779b97f4a7c15u ^ held->exclusive * 0xc2b2ae3d27d4eb4fu ^
		held->shared * 0x165667b19e3779f9u;
	uint32_t i = (uint32_t)((mix * 0x9e3779b97f4a7c15u) >> 40) % MAX_FUTURES;
	struct future *f;

	for (; (f = &p->future[i])->place; i = (i + 1) % MAX_FUTURES)
		if (f->place == place + 1 && f->held.exclusive == held->exclusive && f->held.shared == held->shared)
			return &f->masks;
	if (p->futures * 2 > MAX_FUTURES) {
		p->full = true;
		return NULL;
	}
	p->futures++;
	f->place = place + 1;
	f->held = *held;
	future_walk(p, place, held, &f->masks);
	return &f->masks;
}

bool futures_hold(struct places *p)
{
	struct masks now;

	if (p->kicks != p->kicks_used || memcmp(p->enable, p->enable_used, sizeof(p->enable)) != 0)
		return false;
	for (uint32_t i = 0; i < MAX_FUTURES; i++)
		if (p->future[i].place) {
			future_walk(p, p->future[i].place - 1, &p->future[i].held, &now);
			if (memcmp(&now, &p->future[i].masks, sizeof(now)) != 0)
				return false;
		}
	return true;
}

void futures_clear(struct places *p)
{
	memset(p->future, 0, sizeof(p->future));
	p->futures = 0;
	p->kicks_used = p->kicks;
	memcpy(p->enable_used, p->enable, sizeof(p->enable));
}

/* ---- choosing ---- */

/* The locks that a context holds in this state. */
static struct held held_by(const struct places *p, const struct row *row, unsigned ctx)
{
	const struct versions *v = &p->x->versions;
	struct held held = { 0, 0 };

	if (ctx >= MAX_CTX)	/* no context: it takes no locks */
		return held;
	for (unsigned i = 0; i < MAX_LOCKS; i++) {
		unsigned column = column_of(v, BASE_lock + i);
		const struct lock *lock;

		if (column == NO_COLUMN)
			continue;
		lock = version_at(v, column, row->version[column])->bytes;
		if (lock->owner == ctx)
			held.exclusive |= 1ull << i;
		else if (lock->readers & (1u << ctx))
			held.shared |= 1ull << i;
	}
	return held;
}

/* What is being decided: may `step` of `actor` be taken first? */
struct choice {
	struct places *p;
	struct seeker *s;
	const struct row *row;
	unsigned actor;
	struct held held;
	struct masks step;
	uint32_t awake, asleep;		/* other actors whose future was looked at, and those that are at rest */
	uint64_t writes[FOOTPRINT_WORDS];	/* of all who are awake */
};

/* Takes a place's future into account; false when it conflicts with the step. */
static bool compatible(struct choice *c, uint32_t place)
{
	const struct masks *future = future_of(c->p, place, &c->held);

	if (!future || masks_conflict(&c->step, future))
		return false;
	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		c->writes[w] |= future->writes[w];
	return true;
}

/* Is the actor offered anything, of what is its alone? */
static bool is_offered(const struct choice *c, unsigned actor)
{
	for (uint64_t parts = c->p->parts[actor]; parts; parts &= parts - 1)
		if (seeker_offer(c->s, c->row, (unsigned)__builtin_ctzll(parts))->actions)
			return true;
	return false;
}

/* Takes another actor into account: asleep when it is at rest and is offered nothing. */
static bool meet(struct choice *c, unsigned actor)
{
	uint32_t place = place_now(c->p, c->s, c->row, actor);

	if (c->p->place[place].rest && !is_offered(c, actor)) {
		c->asleep |= 1u << actor;
		return true;
	}
	c->awake |= 1u << actor;
	return compatible(c, place);
}

static bool can_wake(const struct choice *c, unsigned actor)
{
	uint64_t both = 0;

	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		both |= c->writes[w] & c->p->enable_used[actor][w];
	return both != 0;
}

/* Those at rest whom somebody may wake, and places in which somebody may put somebody. */
static bool wake(struct choice *c)
{
	uint32_t kicked[MAX_KICKS / 32] = { 0 };
	bool more = true;

	while (more) {
		more = false;
		for (unsigned b = 0; b < c->p->actors; b++) {
			if (!(c->asleep & 1u << b) || !can_wake(c, b))
				continue;
			c->asleep &= ~(1u << b);
			c->awake |= 1u << b;
			more = true;
			if (!compatible(c, place_now(c->p, c->s, c->row, b)))
				return false;
		}
		for (uint32_t i = 0; i < c->p->kicks_used; i++) {
			const struct kick *k = &c->p->kick[i];

			if ((kicked[i / 32] & 1u << i % 32) || !(c->awake & 1u << k->by) ||
			    c->p->place[k->place].actor == c->actor)
				continue;
			kicked[i / 32] |= 1u << i % 32;
			c->awake |= 1u << c->p->place[k->place].actor;
			more = true;
			if (!compatible(c, k->place))
				return false;
		}
	}
	return true;
}

/* Does the action's step commute with everything that others may do before its actor moves? */
static bool commutes(struct places *p, struct seeker *s, const struct row *row, const struct offered *a)
{
	struct outcome *o = seeker_step(s, row, a);
	struct choice c = { .p = p, .s = s, .row = row, .actor = a->actor };
	unsigned last;

	if (!o)
		return false;
	c.step = *o->masks;
	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		c.step.seen[w] |= a->looks[w];
	c.held = held_by(p, row, c.actor);
	/* Who stood against it the last time will most likely do so again. */
	last = o->against;
	if (last < p->actors && last != c.actor && !meet(&c, last))
		return false;
	for (unsigned b = 0; b < p->actors; b++)
		if (b != c.actor && b != last && !meet(&c, b)) {
			o->against = (uint8_t)b;
			return false;
		}
	return wake(&c) && !p->full;
}

const struct offered *place_ample(struct places *p, struct seeker *s, const struct row *row, unsigned part)
{
	unsigned parts = p->x->model->parts;

	for (unsigned i = 0; i < parts && !p->full; i++, part = part + 1 < parts ? part + 1 : 0) {
		const struct offer *o;
		const struct offered *a;

		if (s->idle & 1ull << part)
			continue;
		o = seeker_offer(s, row, part);
		a = &o->offered[0];
		/* Who can choose has to be followed everywhere he can go. */
		if (o->actions == 1 && a->moves && a->action.kind != ACT_SWITCH && commutes(p, s, row, a))
			return a;
	}
	return NULL;
}
