/*
 * whim.c - growing trees of whims, and asking whether a chain can wait.
 */
#include "search.h"
#include "whim.h"

void whims_open(struct whims *w, struct explorer *x)
{
	w->x = x;
	w->until = UINT32_MAX;
	for (unsigned part = 0; part < x->model->parts; part++) {
		unsigned actor = x->model->part_actor(x->start, part), a = 0;

		if (actor == NONE || !x->model->whimsical(part))
			continue;
		while (a < w->agents && w->actor[a] != actor)
			a++;
		if (a == w->agents)
			w->agents++;
		w->actor[a] = (uint8_t)actor;
		w->parts[a] |= 1ull << part;
	}
}

void whims_again(struct whims *w)
{
	if (w->until != UINT32_MAX)
		w->until = 0;
}

const struct offered *whim_offered(struct seeker *s, const struct row *row, uint64_t parts, const struct action *a)
{
	for (; parts; parts &= parts - 1) {
		const struct offer *o = seeker_offer(s, row, (unsigned)__builtin_ctzll(parts));

		for (unsigned i = 0; i < o->actions; i++)
			if (action_same(&o->offered[i].action, a))
				return &o->offered[i];
	}
	return NULL;
}

/* ---- growing ---- */

/* Adds what a question looked at to what the tree depends on. */
static void looked(struct whims *w, const struct effects *fx)
{
	for (uint32_t i = 0; i < fx->looks; i++) {
		uint64_t bit = 1ull << fx->look[i] % 64;

		if (w->looked.seen[fx->look[i] / 64] & bit)
			continue;
		w->looked.seen[fx->look[i] / 64] |= bit;
		w->looked.look[w->looked.looks++] = fx->look[i];
	}
	for (unsigned i = 0; i < FOOTPRINT_WORDS; i++)
		w->written[i] |= fx->writes[i];
	for (unsigned i = OBJECT_WORDS; i < FOOTPRINT_WORDS; i++)
		w->looked.seen[i] |= fx->seen[i];
}

/* What leads from the row to the machine's state; NULL when memory is used up. */
static struct outcome *outcome_now(struct whims *w, struct seeker *s, const struct row *row, uint32_t rules)
{
	unsigned writes = 0;
	struct outcome *o;

	for (unsigned i = 0; i < OBJECT_WORDS; i++)
		writes += (unsigned)__builtin_popcountll(w->written[i]);
	o = seeker_room(s, sizeof(*o) + writes * sizeof(o->part[0]));
	*o = (struct outcome){ .rules = rules };
	if (rules) {
		struct finding *finding = seeker_room(s, sizeof(*finding));

		*finding = s->fx.finding;
		o->finding = finding;
	}
	return seeker_parts(s, row, w->written, o) ? o : NULL;
}

static unsigned whims_offered(struct whims *w, struct seeker *s, unsigned agent, struct action out[MAX_ACTIONS])
{
	unsigned n = 0;

	for (uint64_t parts = w->parts[agent]; parts; parts &= parts - 1) {
		struct action action[MAX_ACTIONS];
		unsigned more;

		step_begin(s->m, &s->fx);
		more = w->x->model->offer(s->m, (unsigned)__builtin_ctzll(parts), action);
		step_end(s->m);
		looked(w, &s->fx);
		CHECK(n + more <= MAX_ACTIONS);
		memcpy(out + n, action, more * sizeof(*out));
		n += more;
	}
	return n;
}

static bool digest_known(const struct whims *w, unsigned nodes, uint64_t digest)
{
	for (unsigned i = 0; i < nodes; i++)
		if (w->digest[i] == digest)
			return true;
	return false;
}

/* Adds the chains that go on from the machine's state, which is node `at`.  False: too many, or no memory. */
static bool grow(struct whims *w, struct seeker *s, const struct row *row, unsigned agent, unsigned at, unsigned depth,
	unsigned *nodes)
{
	struct action action[MAX_ACTIONS];
	unsigned n = whims_offered(w, s, agent, action);

	for (unsigned i = 0; i < n; i++) {
		unsigned node = *nodes;
		bool known, room = true;

		if (node == WHIM_NODES || depth == WHIM_DEPTH)
			return false;
		w->x->model->apply(s->m, &action[i], &s->fx);
		looked(w, &s->fx);
		memcpy(w->undo[depth], s->fx.undo, s->fx.undo_len);
		w->undo_len[depth] = s->fx.undo_len;
		known = digest_known(w, node, s->m->digest);
		w->node[node] = (struct whim_node){
			.action = action[i], .parent = (uint16_t)at, .to = outcome_now(w, s, row, s->fx.rules),
		};
		w->digest[node] = s->m->digest;
		++*nodes;
		/* Two ways to one state: both may matter, but what follows is the same. */
		if (!w->node[node].to || (!known && !grow(w, s, row, agent, node, depth + 1, nodes)))
			room = false;
		step_undo_bytes(s->m, w->undo[depth], w->undo_len[depth]);
		if (!room)
			return false;
	}
	return true;
}

static const struct whim_tree *tree_learn(struct whims *w, struct places *p, struct seeker *s, const struct row *row,
	const struct stands *stands, unsigned agent)
{
	struct whim_tree *t;
	unsigned nodes = 1;

	seeker_load(s, row);
	memset(&w->looked.seen, 0, sizeof(w->looked.seen));
	w->looked.looks = 0;
	memset(w->written, 0, sizeof(w->written));
	w->digest[0] = s->m->digest;
	if (!grow(w, s, row, agent, 0, 0, &nodes))
		return NULL;
	memo_columns(&s->memo);
	t = seeker_room(s, sizeof(*t) + nodes * sizeof(t->node[0]));
	t->nodes = nodes;
	memcpy(t->node, w->node, nodes * sizeof(t->node[0]));
	memset(&t->masks, 0, sizeof(t->masks));
	if (nodes > 1) {
		memcpy(t->masks.seen, w->looked.seen, sizeof(t->masks.seen));
		memcpy(t->masks.writes, w->written, sizeof(t->masks.writes));
		places_note(p, stands->place[w->actor[agent]], &t->masks);
	}
	memcpy(s->fx.look, w->looked.look, w->looked.looks * sizeof(s->fx.look[0]));
	s->fx.looks = w->looked.looks;
	seeker_keep(s, &w->root[agent], row, t);
	return t;
}

const struct whim_tree *whim_tree(struct whims *w, struct places *p, struct seeker *s, const struct row *row,
	const struct stands *stands, unsigned agent)
{
	const struct whim_tree *t = memo_find(&s->memo, w->root[agent], row);

	return t ? t : tree_learn(w, p, s, row, stands, agent);
}

/* ---- can it wait? ---- */

/* Takes an action in a row if it is offered there; adds the digest's difference.  NULL when it is not offered. */
static const struct outcome *take(struct seeker *s, struct row *row, uint64_t parts, const struct action *a, uint64_t *delta)
{
	const struct offered *offered = whim_offered(s, row, parts, a);
	const struct outcome *o = offered ? seeker_step(s, row, offered) : NULL;

	if (o) {
		row_take(row, o);
		*delta += o->delta[0];
	}
	return o;
}

bool whim_matters(struct whims *w, struct seeker *s, const struct row *row, const struct whim_tree *t, unsigned agent,
	unsigned node, const struct action *step, unsigned part)
{
	const struct whim_node *n = &t->node[node];
	struct row with = *row, without = *row;
	uint64_t with_delta = n->to->delta[0], without_delta = n->parent ? t->node[n->parent].to->delta[0] : 0;
	const struct outcome *after, *before, *late;

	row_take(&with, n->to);
	if (n->parent)
		row_take(&without, t->node[n->parent].to);
	after = take(s, &with, 1ull << part, step, &with_delta);
	if (!after)
		return false;	/* the step cannot follow it at all */
	before = take(s, &without, 1ull << part, step, &without_delta);
	if (!before || before->rules != after->rules)
		return true;
	/* The step makes what the whim did as if it had not been. */
	if (with_delta == without_delta && !n->to->rules)
		return false;
	late = take(s, &without, w->parts[agent], &n->action, &without_delta);
	return !late || late->rules != n->to->rules || with_delta != without_delta;
}
