/*
 * explore.c - breadth-first search over undoable steps.
 */
#include <string.h>

#include "explore.h"
#include "store.h"

/* A frontier state: its number, then the objects in which it differs from the start. */
struct part {
	uint32_t version;
	uint16_t object;
} __attribute__((packed));

struct level {
	unsigned char *at;
	size_t used, cap;
};

/* Where a rule was first broken: taking `action` in state `parent` (NO_ACTION: in the state itself). */
struct witness {
	uint32_t parent;
	uint32_t depth;
	uint16_t action;
	struct finding finding;
};

#define NO_ACTION UINT16_MAX
#define ENTRY_MOST (sizeof(uint32_t) + sizeof(uint16_t) + OBJECTS * sizeof(struct part))

/*
 * Successors wait in a batch until it is full: their slots in the visited set are fetched meanwhile.
 * What a successor's step wrote is kept as records of object, digest and bytes.
 */
#define BATCH		256u
#define BATCH_BYTES	(512u << 10)

struct successor {
	uint64_t digest;
	size_t parent_at;	/* the parent's entry in the level that is read */
	uint32_t number;	/* of the parent */
	uint32_t delta_at, delta_len;
	uint16_t action;
};

struct delta {
	uint64_t digest;
	uint32_t object;
	uint32_t size;		/* of the bytes that follow, rounded up to 8 */
};

struct explorer {
	const struct explore_model *model;
	struct machine *m;
	struct machine *start;		/* the machine as it was */
	struct explore_options options;
	struct explore_result result;
	struct visited visited;
	struct versions versions;
	/*
	 * How each state was reached, in order of discovery.  States are discovered in the order of their
	 * parents, so a parent is found by adding up how many children came before.
	 */
	uint8_t *action;		/* position among the parent's actions */
	uint8_t *children;		/* how many states were first reached from it */
	uint64_t log_cap;
	uint64_t level_start[MAX_TRACE + 2];	/* first state of each depth */
	struct level level[2];		/* the one that is read, the one that is written */
	unsigned reading;
	size_t read_at;
	uint32_t depth;
	/* The state in the machine: which object has which version, 0 = as at the start. */
	uint32_t version[OBJECTS];
	struct part part[OBJECTS];
	unsigned parts;
	uint32_t stamp[OBJECTS];
	uint32_t stamp_now;
	struct witness witness[32];	/* by rule */
	struct successor batch[BATCH];
	unsigned batched;
	uint32_t delta_used;
	unsigned char delta[BATCH_BYTES];
	struct effects fx;
};

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { "running", "violation", "clean", "bound" };

	return names[v];
}

static bool moves(const struct action *a)
{
	return action_is_progress(a) || a->kind == ACT_SWITCH;
}

const struct explore_model machine_model = { machine_actions, machine_apply, moves, machine_finished };

static void *object_bytes(struct machine *m, unsigned object)
{
	return (unsigned char *)&m->world + objects[object].offset;
}

/* ---- states in and out of the machine ---- */

static void object_load(struct explorer *x, unsigned object, uint32_t version)
{
	uint64_t old = x->m->object_digest[object], digest;

	if (version) {
		const struct version *v = &x->versions.version[version];

		memcpy(object_bytes(x->m, object), x->versions.bytes + v->bytes, objects[object].size);
		digest = v->digest;
	} else {
		memcpy(object_bytes(x->m, object), object_bytes(x->start, object), objects[object].size);
		digest = x->start->object_digest[object];
	}
	x->m->object_digest[object] = digest;
	x->m->digest += digest - old;
	x->version[object] = version;
}

/* Brings the machine from the state it is in to another; only objects that differ are copied. */
static void state_load(struct explorer *x, const struct part *part, unsigned parts)
{
	x->stamp_now++;
	for (unsigned i = 0; i < parts; i++) {
		x->stamp[part[i].object] = x->stamp_now;
		if (x->version[part[i].object] != part[i].version)
			object_load(x, part[i].object, part[i].version);
	}
	for (unsigned i = 0; i < x->parts; i++)
		if (x->stamp[x->part[i].object] != x->stamp_now)
			object_load(x, x->part[i].object, 0);
	memcpy(x->part, part, parts * sizeof(*part));
	x->parts = parts;
}

/* ---- successors: kept in the batch, then looked up, then written to the next level ---- */

/* Notes what the step that was just taken wrote. */
static void successor_note(struct explorer *x, uint32_t number, size_t parent_at, uint16_t action)
{
	struct successor *s = &x->batch[x->batched++];

	*s = (struct successor){ x->m->digest, parent_at, number, x->delta_used, 0, action };
	visited_prefetch(&x->visited, s->digest);
	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		for (uint64_t bits = x->fx.writes[w]; bits; bits &= bits - 1) {
			unsigned o = w * 64 + (unsigned)__builtin_ctzll(bits);
			struct delta d = { x->m->object_digest[o], o, (objects[o].size + 7u) & ~7u };

			memcpy(x->delta + x->delta_used, &d, sizeof(d));
			memcpy(x->delta + x->delta_used + sizeof(d), object_bytes(x->m, o), objects[o].size);
			x->delta_used += (uint32_t)sizeof(d) + d.size;
		}
	s->delta_len = x->delta_used - s->delta_at;
}

/* Appends a new state to the level that is written: the parent's parts, replaced by what was written. */
static bool state_save(struct explorer *x, const struct successor *s, uint32_t number)
{
	struct level *out = &x->level[!x->reading];
	const unsigned char *parent = x->level[x->reading].at + s->parent_at;
	uint16_t parent_parts, parts = 0;
	unsigned char *count_at, *at;
	struct delta d;

	if (out->used + ENTRY_MOST > out->cap)
		return false;
	x->stamp_now++;
	at = out->at + out->used;
	memcpy(at, &number, sizeof(number));
	count_at = at + sizeof(number);
	at = count_at + sizeof(parts);
	for (uint32_t p = s->delta_at; p < s->delta_at + s->delta_len; p += (uint32_t)sizeof(d) + d.size) {
		struct part part;

		memcpy(&d, x->delta + p, sizeof(d));
		x->stamp[d.object] = x->stamp_now;
		if (d.digest == x->start->object_digest[d.object])
			continue;
		part.object = (uint16_t)d.object;
		part.version = version_of(&x->versions, d.object, d.digest, x->delta + p + sizeof(d), objects[d.object].size);
		if (!part.version)
			return false;
		memcpy(at, &part, sizeof(part));
		at += sizeof(part);
		parts++;
	}
	memcpy(&parent_parts, parent + sizeof(number), sizeof(parent_parts));
	parent += sizeof(number) + sizeof(parent_parts);
	for (unsigned i = 0; i < parent_parts; i++, parent += sizeof(struct part)) {
		struct part part;

		memcpy(&part, parent, sizeof(part));
		if (x->stamp[part.object] == x->stamp_now)
			continue;
		memcpy(at, &part, sizeof(part));
		at += sizeof(part);
		parts++;
	}
	memcpy(count_at, &parts, sizeof(parts));
	out->used = (size_t)(at - out->at);
	return true;
}

static void bound(struct explorer *x, const char *why)
{
	x->result.verdict = VERDICT_BOUND;
	x->result.bound = why;
}

/* Looks every successor of the batch up, in order; new ones join the next level. */
static void batch_flush(struct explorer *x)
{
	for (unsigned i = 0; i < x->batched && x->result.verdict == VERDICT_RUNNING; i++) {
		const struct successor *s = &x->batch[i];

		switch (visited_add(&x->visited, s->digest)) {
		case VISIT_NEW:
			if (x->result.states == x->log_cap || !state_save(x, s, (uint32_t)x->result.states)) {
				bound(x, "memory");
				break;
			}
			x->children[s->number]++;
			x->action[x->result.states++] = (uint8_t)s->action;
			if (x->options.max_states && x->result.states >= x->options.max_states)
				bound(x, "states");
			break;
		case VISIT_OLD:
			break;
		case VISIT_FULL:
			bound(x, "memory");
			break;
		}
	}
	x->batched = 0;
	x->delta_used = 0;
	if (x->level[0].used + x->level[1].used + x->versions.used > x->result.frontier_bytes)
		x->result.frontier_bytes = x->level[0].used + x->level[1].used + x->versions.used;
}

/* ---- the search ---- */

struct explorer *explore_begin(struct machine *m, const struct explore_options *o, void *memory, size_t bytes)
{
	struct arena a = { memory, bytes };
	struct explorer *x = arena_take(&a, sizeof(*x));
	size_t share;

	CHECK(bytes >= EXPLORE_MIN && x);
	x->m = m;
	x->options = *o;
	x->model = o->model ? o->model : &machine_model;
	x->start = arena_take(&a, sizeof(*m));
	CHECK(x->start);
	memcpy(x->start, m, sizeof(*m));
	m->quiet = true;
	/* Eighths: three for the visited set, one for the log, one for each level, two for versions. */
	share = a.left / 8;
	x->log_cap = share / 2 < UINT32_MAX ? share / 2 : UINT32_MAX;
	x->action = arena_take(&a, x->log_cap);
	x->children = arena_take(&a, x->log_cap);
	x->level[0].cap = x->level[1].cap = share - 64;
	x->level[0].at = arena_take(&a, share - 64);
	x->level[1].at = arena_take(&a, share - 64);
	visited_init(&x->visited, arena_take(&a, 3 * share - 64), 3 * share - 64);
	CHECK(versions_init(&x->versions, &a, a.left - 4096));
	visited_add(&x->visited, m->digest);
	x->result.states = 1;
	x->level_start[1] = 1;
	/* The start is state 0 and differs from itself in nothing. */
	x->level[0].used = sizeof(uint32_t) + sizeof(uint16_t);
	return x;
}

/* The first time a rule breaks is the shallowest. */
static void broken(struct explorer *x, uint32_t rules, const struct finding *f, uint32_t parent, uint16_t action)
{
	for (uint32_t bits = rules & ~x->result.rules; bits; bits &= bits - 1) {
		unsigned rule = (unsigned)__builtin_ctz(bits);

		x->witness[rule] = (struct witness){ parent, x->depth + (action != NO_ACTION), action, *f };
		x->result.rule_depth[rule] = x->witness[rule].depth;
	}
	x->result.rules |= rules;
	if (!x->result.rule && rules_broken(rules)) {
		x->result.rule = f->rule;
		x->result.finding = *f;
	}
}

/* Takes every action of the loaded state.  False when the search is over. */
static bool expand(struct explorer *x, uint32_t number, size_t entry_at)
{
	struct action action[MAX_ACTIONS];
	unsigned n = x->model->actions(x->m, action);
	bool somebody = false;

	for (unsigned i = 0; i < n; i++) {
		somebody |= x->model->moves(&action[i]);
		x->model->apply(x->m, &action[i], &x->fx);
		x->result.transitions++;
		if (x->fx.rules)
			broken(x, x->fx.rules, &x->fx.finding, number, (uint16_t)i);
		/* What follows harm proves nothing; behind a merely possible harm there may be the real one. */
		if (!rules_manifest(x->fx.rules)) {
			if (x->batched == BATCH || x->delta_used + UNDO_BYTES > BATCH_BYTES)
				batch_flush(x);
			successor_note(x, number, entry_at, (uint16_t)i);
		}
		step_undo(x->m, &x->fx);
		if (x->result.verdict != VERDICT_RUNNING || (x->result.rule && !x->options.all))
			return false;
	}
	if (!somebody) {
		x->result.finals++;
		if (!x->model->finished(x->m)) {
			struct finding f = { .rule = RULE_DEADLOCK, .mm = NONE, .pfn = NO_FRAME };

			broken(x, 1u << RULE_DEADLOCK, &f, number, NO_ACTION);
			if (!x->options.all)
				return false;
		}
	}
	return true;
}

static bool next_level(struct explorer *x)
{
	batch_flush(x);
	if (x->result.verdict != VERDICT_RUNNING)
		return false;
	x->level[x->reading].used = 0;
	x->reading = !x->reading;
	x->read_at = 0;
	if (!x->level[x->reading].used)
		return false;
	x->depth++;
	x->level_start[x->depth + 1] = x->result.states;
	return true;
}

enum verdict explore_slice(struct explorer *x, uint64_t states)
{
	for (; states && x->result.verdict == VERDICT_RUNNING; states--) {
		const struct level *in = &x->level[x->reading];
		size_t entry_at = x->read_at;
		uint32_t number;
		uint16_t parts;

		if (x->read_at == in->used) {
			if (next_level(x)) {
				if (x->depth >= (x->options.max_depth ? x->options.max_depth : MAX_TRACE - 1))
					bound(x, "depth");
			} else if (x->result.verdict == VERDICT_RUNNING) {
				x->result.verdict = x->result.rule ? VERDICT_VIOLATION : VERDICT_CLEAN;
			}
			continue;
		}
		memcpy(&number, in->at + entry_at, sizeof(number));
		memcpy(&parts, in->at + entry_at + sizeof(number), sizeof(parts));
		x->read_at += sizeof(number) + sizeof(parts);
		state_load(x, (const struct part *)(const void *)(in->at + x->read_at), parts);
		x->read_at += parts * sizeof(struct part);
		if (!expand(x, number, entry_at) && x->result.verdict == VERDICT_RUNNING) {
			batch_flush(x);
			x->result.verdict = VERDICT_VIOLATION;
			x->result.bound = NULL;
		}
	}
	if (x->result.depth < x->depth)
		x->result.depth = x->depth;
	x->result.bytes = (x->visited.slots + VISITED_SLACK) * sizeof(uint64_t) + 2 * x->result.states;
	return x->result.verdict;
}

const struct explore_result *explore_result(const struct explorer *x)
{
	return &x->result;
}

/* The parent of a state at a depth: children of one level are numbered in the order of their parents. */
static uint64_t parent_of(const struct explorer *x, uint64_t state, uint32_t depth)
{
	uint64_t parent = x->level_start[depth - 1];
	uint64_t next = x->level_start[depth] + x->children[parent];

	while (next <= state)
		next += x->children[++parent];
	return parent;
}

/* Fills the trace to where `rule` was first broken.  The machine is at the start and comes back there. */
static void trace_fill(struct explorer *x, unsigned rule)
{
	const struct witness *w = &x->witness[rule];
	struct explore_result *r = &x->result;
	struct action action[MAX_ACTIONS];
	uint16_t index[MAX_TRACE];
	uint32_t n = w->depth;

	r->trace_length = 0;
	r->depth = w->depth;
	if (n > MAX_TRACE)
		return;
	if (w->action != NO_ACTION)
		index[--n] = w->action;
	for (uint64_t state = w->parent; state; state = parent_of(x, state, n + 1))
		index[--n] = x->action[state];
	CHECK(n == 0);
	for (; n < w->depth; n++) {
		unsigned count = x->model->actions(x->m, action);

		CHECK(index[n] < count);
		r->trace[n] = action[index[n]];
		x->model->apply(x->m, &action[index[n]], &x->fx);
	}
	r->trace_length = n;
}

void explore_end(struct explorer *x)
{
	bool quiet = x->start->quiet;

	if (x->result.verdict == VERDICT_RUNNING)
		bound(x, "interrupted");
	memcpy(x->m, x->start, sizeof(*x->m));
	if (x->result.rule) {
		x->m->quiet = true;
		trace_fill(x, x->result.rule);
		memcpy(x->m, x->start, sizeof(*x->m));
		x->result.preemptions = trace_preemptions(x->m, x->result.trace, x->result.trace_length, &x->fx);
		memcpy(x->m, x->start, sizeof(*x->m));
	}
	x->m->quiet = quiet;
}
