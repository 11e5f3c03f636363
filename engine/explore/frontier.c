/*
 * frontier.c - states in and out of queues, questions asked of a machine.
 */
#include <string.h>

#include "mirror.h"
#include "search.h"
#include "task.h"

void queue_start(struct queue *q, const struct machine *start)
{
	struct entry *e = (struct entry *)(void *)q->at;

	*e = (struct entry){ .digest = start->digest };
	q->used = ENTRY_BYTES(0);
}

bool queue_put(struct queue *q, const struct row *row, unsigned columns, uint64_t digest, uint32_t number)
{
	struct entry *e = (struct entry *)(void *)(q->at + q->used);

	if (q->used + ENTRY_MOST > q->cap)
		return false;
	*e = (struct entry){ .digest = digest, .number = number, .columns = (uint8_t)columns };
	memcpy(e->version, row->version, columns * sizeof(e->version[0]));
	q->used += ENTRY_BYTES(columns);
	return true;
}

bool queue_add(struct queue *q, const struct successor *s, uint32_t number)
{
	struct entry *e = (struct entry *)(void *)(q->at + q->used);
	unsigned columns = s->parent->columns;

	if (q->used + ENTRY_MOST > q->cap)
		return false;
	for (unsigned i = 0; i < s->outcome->parts; i++)
		if (s->outcome->part[i].column >= columns)
			columns = s->outcome->part[i].column + 1u;
	*e = (struct entry){
		.digest = s->digest[0], .number = number, .last = s->last, .columns = (uint8_t)columns,
	};
	memcpy(e->version, s->parent->version, s->parent->columns * sizeof(e->version[0]));
	memset(e->version + s->parent->columns, 0, (columns - s->parent->columns) * sizeof(e->version[0]));
	for (unsigned i = 0; i < s->outcome->parts; i++)
		e->version[s->outcome->part[i].column] = s->outcome->part[i].version;
	q->used += ENTRY_BYTES(columns);
	return true;
}

uint64_t row_second(const struct versions *v, const struct row *row)
{
	unsigned columns = __atomic_load_n(&v->columns, __ATOMIC_RELAXED);
	uint64_t second = 0;

	for (unsigned c = 0; c < columns; c++)
		if (row->version[c])
			second += version_at(v, c, row->version[c])->digest[1] - version_at(v, c, 0)->digest[1];
	return second;
}

/* ---- the machine of a seeker ---- */

void seeker_open(struct seeker *s, struct explorer *x, struct machine *m, struct arena *a, size_t bytes)
{
	s->x = x;
	s->m = m;
	memo_open(&s->memo, &x->versions, a, bytes);
}

static void object_load(struct seeker *s, unsigned column, unsigned version)
{
	const struct versions *v = &s->x->versions;
	const struct version *now = version_at(v, column, version);
	unsigned object = v->column[column].object;
	uint64_t old = s->m->object_digest[object];

	memcpy((unsigned char *)&s->m->world + objects[object].offset, now->bytes, objects[object].size);
	s->m->object_digest[object] = now->digest[0];
	s->m->digest += now->digest[0] - old;
	s->loaded.version[column] = (uint16_t)version;
}

void seeker_load(struct seeker *s, const struct row *row)
{
	unsigned columns = __atomic_load_n(&s->x->versions.columns, __ATOMIC_RELAXED);

	for (unsigned c = 0; c < columns; c++)
		if (s->loaded.version[c] != row->version[c])
			object_load(s, c, row->version[c]);
}

/* ---- questions ---- */

void *seeker_room(struct seeker *s, size_t bytes)
{
	void *room = memo_room(&s->memo, bytes);

	if (!room) {
		room = s->scratch + s->scratch_used;
		s->scratch_used += (bytes + 7) & ~(size_t)7;
		CHECK(s->scratch_used <= SCRATCH_BYTES);
	}
	return room;
}

void seeker_keep(struct seeker *s, path_t *root, const struct row *row, const void *answer)
{
	if (root && !s->memo.full)
		memo_keep(&s->memo, root, row, &s->fx, answer);
}

/* The root of an action's outcomes; NULL when there are too many actions. */
static path_t *action_root(struct seeker *s, const struct action *a)
{
	uint64_t key = (a->va >> PAGE_SHIFT) + ((uint64_t)a->kind << 40 | (uint64_t)a->agent << 48 | (uint64_t)a->task << 56);
	unsigned i = (unsigned)(key * 0x9e3779b97f4a7c15u >> 52) % ACTION_ROOTS;

	for (; s->root[i].used; i = (i + 1) % ACTION_ROOTS)
		if (action_same(&s->root[i].action, a))
			return &s->root[i].steps;
	if (s->roots == ACTION_ROOTS / 2)
		return NULL;
	s->roots++;
	s->root[i] = (struct action_root){ .action = *a, .used = true };
	return &s->root[i].steps;
}

static void facets_forget(uint64_t *set, unsigned at, unsigned facets)
{
	set[at / 64] &= ~((uint64_t)facets << at % 64);
}

/* Whose turn it is puts a step off and does not change it. */
static void turns_forget(uint64_t *set)
{
	for (unsigned at = FACET_cpu; at < FACET_LAST_cpu; at += FACETS_EACH)
		if (!(set[at / 64] >> at % 64 & (CPU_RUN ^ CPU_TURN)))
			facets_forget(set, at, CPU_TURN);
}

/*
 * For reductions: what decides an offer, and behind it the same with what only puts off the steps it offers.  That somebody
 * else has the CPU does not change a step that comes later; an address space that is being born can only set its tasks going.
 * So a step that is taken first, though another one would have put it off, leaves the same behind; but one that would put
 * another off does not commute with it.
 */
static const uint64_t *looks_note(struct seeker *s, unsigned part)
{
	const struct explore_model *model = s->x->model;
	unsigned actor = model->part_actor(s->x->start, part);
	uint64_t *looks = seeker_room(s, 2 * FOOTPRINT_WORDS * sizeof(*looks));

	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		looks[w] = looks[FOOTPRINT_WORDS + w] = s->fx.seen[w];
	if (actor != NONE)
		return looks;
	turns_forget(looks);
	for (unsigned mm = 0; mm < MAX_MMS; mm++)
		facets_forget(looks, FACET_mm + mm * FACETS_EACH, MM_STATE);
	return looks;
}

const struct offer *offer_learn(struct seeker *s, const struct row *row, unsigned part)
{
	const struct explore_model *model = s->x->model;
	struct action action[MAX_ACTIONS];
	struct offer *o;
	unsigned n;

	seeker_load(s, row);
	step_begin(s->m, &s->fx);
	n = model->offer(s->m, part, action);
	o = seeker_room(s, sizeof(*o) + n * sizeof(o->offered[0]));
	o->actions = n;
	for (unsigned i = 0; i < n; i++)
		o->offered[i] = (struct offered){
			.action = action[i], .steps = action_root(s, &action[i]), .part = (uint8_t)part,
			.actor = model->actor(s->m, &action[i]), .moves = model->moves(&action[i]),
			.bit = model == &machine_model ? (uint8_t)explore_action_bit(&action[i]) : 63,
		};
	step_end(s->m);
	o->looks = s->x->reducer ? looks_note(s, part) : NULL;
	o->asks = o->looks ? o->looks + FOOTPRINT_WORDS : NULL;
	if (s->x->reducer && s->x->reducer->symmetry.mirror)
		mirror_offer(s->x->reducer->symmetry.mirror, row, part, action, n, &s->fx);
	for (unsigned i = 0; i < n; i++) {
		o->offered[i].looks = o->looks;
		o->offered[i].asks = o->asks;
	}
	seeker_keep(s, &s->part[part], row, o);
	if (!n && (s->part[part] & PATH_END))
		s->idle |= 1ull << part;
	return o;
}

unsigned seeker_actions(struct seeker *s, const struct row *row, const struct offered *action[MAX_ACTIONS])
{
	unsigned n = 0;

	for (unsigned part = 0; part < s->x->model->parts; part++) {
		const struct offer *o;

		if (s->idle & 1ull << part)
			continue;
		o = seeker_offer(s, row, part);
		CHECK(n + o->actions <= MAX_ACTIONS);
		for (unsigned i = 0; i < o->actions; i++)
			action[n++] = &o->offered[i];
	}
	return n;
}

/* The line of the step that an action takes, 0 = none that is counted. */
static void line_note(const struct machine *m, const struct action *a, struct outcome *o)
{
	const struct act *top = a->kind == ACT_STEP ? ctx_top(m, cpu_context(m, a->agent)) : NULL;

	if (top && top->pc < 64) {
		o->routine = top->routine;
		o->line = top->pc;
	}
}

/* Adds what the step did to an object.  False when memory is used up. */
static bool part_add(struct seeker *s, const struct row *row, unsigned object, struct outcome *o)
{
	struct versions *v = &s->x->versions;
	uint32_t version = version_of(v, s->m, object);
	unsigned column = column_of(v, object);

	if (version == VERSION_NONE)
		return false;
	if (version == row->version[column])
		return true;
	for (unsigned i = 0; i < 2; i++)
		o->delta[i] += version_at(v, column, version)->digest[i] -
			version_at(v, column, row->version[column])->digest[i];
	o->part[o->parts++] = (struct part){ (uint8_t)column, (uint16_t)version };
	return true;
}

bool seeker_parts(struct seeker *s, const struct row *row, const uint64_t written[FOOTPRINT_WORDS], struct outcome *o)
{
	for (unsigned w = 0; w < OBJECT_WORDS; w++)
		for (uint64_t bits = written[w]; bits; bits &= bits - 1)
			if (!part_add(s, row, w * 64 + (unsigned)__builtin_ctzll(bits), o))
				return false;
	return true;
}

/* Did the step do no more to a lock than take or drop its shared side?  Such steps commute. */
static bool shared_side(const struct versions *v, const struct row *row, const struct part *part)
{
	const struct lock *was = version_at(v, part->column, row->version[part->column])->bytes;
	const struct lock *is = version_at(v, part->column, part->version)->bytes;

	return objects[v->column[part->column].object].kind == KIND_lock && was->owner == is->owner;
}

static struct masks *masks_note(struct seeker *s, const struct row *row, const struct outcome *o)
{
	const struct versions *v = &s->x->versions;
	struct masks *masks = seeker_room(s, sizeof(*masks));

	memcpy(masks->seen, s->fx.seen, sizeof(masks->seen));
	memcpy(masks->writes, s->fx.writes, sizeof(masks->writes));
	turns_forget(masks->seen);
	for (unsigned i = 0; i < o->parts; i++) {
		unsigned object = v->column[o->part[i].column].object;

		if (shared_side(v, row, &o->part[i]))
			masks->writes[object / 64] &= ~(1ull << object % 64);
	}
	return masks;
}

struct outcome *step_learn(struct seeker *s, const struct row *row, const struct offered *a)
{
	struct outcome where = { 0 }, *o;
	struct finding *finding = NULL;
	unsigned writes = 0;
	bool room;

	seeker_load(s, row);
	if (s->x->model == &machine_model)
		line_note(s->m, &a->action, &where);
	s->x->model->apply(s->m, &a->action, &s->fx);
	for (unsigned w = 0; w < OBJECT_WORDS; w++)
		writes += (unsigned)__builtin_popcountll(s->fx.writes[w]);
	o = seeker_room(s, sizeof(*o) + writes * sizeof(o->part[0]));
	if (s->fx.rules) {
		finding = seeker_room(s, sizeof(*finding));
		*finding = s->fx.finding;
	}
	*o = (struct outcome){
		.rules = s->fx.rules, .finding = finding, .routine = where.routine, .line = where.line, .against = NONE,
	};
	room = seeker_parts(s, row, s->fx.writes, o);
	step_undo(s->m, &s->fx);
	if (!room)
		return NULL;
	if (s->x->reducer) {
		o->masks = masks_note(s, row, o);
		if (s->x->reducer->symmetry.mirror)
			o->tells = mirror_step(s->x->reducer->symmetry.mirror, row, &a->action, o, &s->fx);
	}
	seeker_keep(s, a->steps, row, o);
	memo_columns(&s->memo);
	return o;
}

void chunk_begin(struct chunk *c, const struct entry *first, unsigned entries)
{
	c->first = first;
	c->entries = entries;
	c->done = c->successors = c->remarks = c->endings = 0;
	c->remarked[0] = c->remarked[1] = 0;
	c->transitions = c->finals = c->taken = 0;
	c->yes = c->no = 0;
	c->no_memory = false;
	memset(c->lines, 0, sizeof(c->lines));
}
