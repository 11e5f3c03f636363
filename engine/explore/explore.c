/*
 * explore.c - breadth-first search over undoable steps.
 */
#include <string.h>

#include "explore.h"
#include "store.h"

/* How a state was reached: the log of all states in order of discovery. */
struct origin {
	uint32_t parent;
	uint16_t action;	/* position among the parent's actions; only meaningful beside it */
} __attribute__((packed));

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

struct explorer {
	struct machine *m;
	struct machine *start;		/* the machine as it was */
	struct explore_options options;
	struct explore_result result;
	struct visited visited;
	struct versions versions;
	struct origin *origin;
	uint64_t origin_cap;
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
	struct effects fx;
};

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { "running", "violation", "clean", "bound" };

	return names[v];
}

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

/* Appends the machine's state, one step after the loaded one, to the level that is written. */
static bool state_save(struct explorer *x, uint32_t number)
{
	struct level *out = &x->level[!x->reading];
	size_t most = sizeof(number) + sizeof(uint16_t) + OBJECTS * sizeof(struct part);
	unsigned char *count_at, *at;
	uint16_t parts = 0;

	if (out->used + most > out->cap)
		return false;
	at = out->at + out->used;
	memcpy(at, &number, sizeof(number));
	count_at = at + sizeof(number);
	at = count_at + sizeof(parts);
	for (unsigned i = 0; i < x->parts; i++) {
		unsigned o = x->part[i].object;

		if (x->fx.writes[o / 64] & (1ull << (o % 64)))
			continue;
		memcpy(at, &x->part[i], sizeof(struct part));
		at += sizeof(struct part);
		parts++;
	}
	for (unsigned w = 0; w < FOOTPRINT_WORDS; w++)
		for (uint64_t bits = x->fx.writes[w]; bits; bits &= bits - 1) {
			unsigned o = w * 64 + (unsigned)__builtin_ctzll(bits);
			struct part p = { .object = (uint16_t)o };

			if (x->m->object_digest[o] == x->start->object_digest[o])
				continue;
			p.version = version_of(&x->versions, o, x->m->object_digest[o], object_bytes(x->m, o), objects[o].size);
			if (!p.version)
				return false;
			memcpy(at, &p, sizeof(p));
			at += sizeof(p);
			parts++;
		}
	memcpy(count_at, &parts, sizeof(parts));
	out->used = (size_t)(at - out->at);
	if (x->level[0].used + x->level[1].used + x->versions.used > x->result.frontier_bytes)
		x->result.frontier_bytes = x->level[0].used + x->level[1].used + x->versions.used;
	return true;
}

/* ---- the search ---- */

struct explorer *explore_begin(struct machine *m, const struct explore_options *o, void *memory, size_t bytes)
{
	struct arena a = { memory, bytes }, visited;
	struct explorer *x = arena_take(&a, sizeof(*x));
	size_t share;

	CHECK(bytes >= EXPLORE_MIN && x);
	x->m = m;
	x->options = *o;
	x->start = arena_take(&a, sizeof(*m));
	CHECK(x->start);
	memcpy(x->start, m, sizeof(*m));
	m->quiet = true;
	share = a.left / 8;
	/* Eighths: three for the visited set (half of it grows out of use), one for the log, two each. */
	x->origin_cap = share / sizeof(struct origin);
	if (x->origin_cap > UINT32_MAX)
		x->origin_cap = UINT32_MAX;
	x->origin = arena_take(&a, x->origin_cap * sizeof(struct origin));
	x->level[0].cap = x->level[1].cap = share - 64;
	x->level[0].at = arena_take(&a, share - 64);
	x->level[1].at = arena_take(&a, share - 64);
	visited.at = arena_take(&a, 3 * share - 64);
	visited.left = 3 * share - 64;
	CHECK(versions_init(&x->versions, &a, a.left - 4096) && visited_init(&x->visited, visited));
	visited_add(&x->visited, m->digest);
	x->result.states = 1;
	x->fx.undo_len = 0;
	memset(x->fx.writes, 0, sizeof(x->fx.writes));
	state_save(x, 0);
	x->reading = 1;
	return x;
}

static void bound(struct explorer *x, const char *why)
{
	x->result.verdict = VERDICT_BOUND;
	x->result.bound = why;
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
static bool expand(struct explorer *x, uint32_t number)
{
	struct action action[MAX_ACTIONS];
	unsigned n = machine_actions(x->m, action);
	bool somebody = false;

	for (unsigned i = 0; i < n; i++) {
		somebody |= action_is_progress(&action[i]) || action[i].kind == ACT_SWITCH;
		machine_apply(x->m, &action[i], &x->fx);
		x->result.transitions++;
		if (x->fx.rules)
			broken(x, x->fx.rules, &x->fx.finding, number, (uint16_t)i);
		/* A state behind a violation is not looked at: what follows harm proves nothing. */
		if (!x->fx.finding.rule)
			switch (visited_add(&x->visited, x->m->digest)) {
			case VISIT_NEW:
				if (x->result.states == x->origin_cap || !state_save(x, (uint32_t)x->result.states)) {
					bound(x, "memory");
					break;
				}
				x->origin[x->result.states++] = (struct origin){ number, (uint16_t)i };
				break;
			case VISIT_OLD:
				break;
			case VISIT_FULL:
				bound(x, "memory");
				break;
			}
		step_undo(x->m, &x->fx);
		if (x->result.verdict != VERDICT_RUNNING || (x->result.rule && !x->options.all))
			return false;
	}
	if (!somebody) {
		x->result.finals++;
		if (!machine_finished(x->m)) {
			struct finding f = { .rule = RULE_DEADLOCK, .mm = NONE, .pfn = NO_FRAME };

			broken(x, 1u << RULE_DEADLOCK, &f, number, NO_ACTION);
			if (!x->options.all)
				return false;
		}
	}
	if (x->options.max_states && x->result.states >= x->options.max_states) {
		bound(x, "states");
		return false;
	}
	return true;
}

static bool next_level(struct explorer *x)
{
	x->level[x->reading].used = 0;
	x->reading = !x->reading;
	x->read_at = 0;
	if (!x->level[x->reading].used)
		return false;
	if (x->depth || x->result.transitions)
		x->depth++;
	return true;
}

enum verdict explore_slice(struct explorer *x, uint64_t states)
{
	for (; states && x->result.verdict == VERDICT_RUNNING; states--) {
		const struct level *in = &x->level[x->reading];
		uint32_t number;
		uint16_t parts;

		if (x->read_at == in->used) {
			if (!next_level(x)) {
				x->result.verdict = x->result.rule ? VERDICT_VIOLATION : VERDICT_CLEAN;
				break;
			}
			if (x->options.max_depth && x->depth >= x->options.max_depth) {
				bound(x, "depth");
				break;
			}
			in = &x->level[x->reading];
		}
		memcpy(&number, in->at + x->read_at, sizeof(number));
		memcpy(&parts, in->at + x->read_at + sizeof(number), sizeof(parts));
		x->read_at += sizeof(number) + sizeof(parts);
		state_load(x, (const struct part *)(const void *)(in->at + x->read_at), parts);
		x->read_at += parts * sizeof(struct part);
		if (!expand(x, number) && x->result.verdict == VERDICT_RUNNING)
			x->result.verdict = VERDICT_VIOLATION;
	}
	if (x->result.depth < x->depth)
		x->result.depth = x->depth;
	x->result.bytes = (x->visited.mask + 1) * sizeof(uint64_t) + x->result.states * sizeof(struct origin);
	return x->result.verdict;
}

const struct explore_result *explore_result(const struct explorer *x)
{
	return &x->result;
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
	for (uint32_t s = w->parent; s; s = x->origin[s].parent)
		index[--n] = x->origin[s].action;
	CHECK(n == 0);
	for (; n < w->depth; n++) {
		unsigned count = machine_actions(x->m, action);

		CHECK(index[n] < count);
		r->trace[n] = action[index[n]];
		machine_apply(x->m, &action[index[n]], &x->fx);
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
