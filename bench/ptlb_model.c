/*
 * ptlb_model.c - the protocol as something to be searched: its actions, its actors, its start.
 */
#include <string.h>

#include "hash.h"
#include "ptlb_symmetry.h"
#include "routine.h"

/*
 * ACT_STEP: the stack of context `agent` goes on.  ACT_SWITCH: it begins operation `task`.
 * ACT_FILL: CPU `agent` fetches page `va`.  ACT_IPI: it answers CPU `task`.
 */
enum operation {
	OPERATION_READ,
	OPERATION_WRITE,
	OPERATION_ZAP,
	OPERATION_MREMAP,
	OPERATION_OTHER
};

#define BETWEEN(page, to) ((uint64_t)(page) | (uint64_t)(to) << 8)

static void add(struct action *out, unsigned *n, enum action_kind kind, unsigned agent,
		unsigned task, uint64_t va)
{
	CHECK(*n < MAX_ACTIONS);
	out[(*n)++] = (struct action){
		.kind = (uint8_t)kind, .agent = (uint8_t)agent, .task = (uint8_t)task, .va = va
	};
}

/* An access that looks into its TLB: a choice of what it finds there.  `va` is the entry, 0 = none that will do. */
static void choice_actions(const struct machine *m, unsigned c, const struct ptlb_access_l *l,
			   struct action *out, unsigned *n)
{
	const struct may *y = may_peek(m, c);
	unsigned live = entry_peek(m, l->page);
	bool miss = live != 0;

	for (unsigned i = 0; i < y->count[l->page]; i++) {
		unsigned entry = y->value[l->page][i];

		if (!sufficient(entry, l->write))
			miss = true;
		else if (!live || entry != walked_peek(m, live))
			add(out, n, ACT_STEP, c, 0, entry);
	}
	/* The entry in the table may have been fetched just now, or is walked to: the same. */
	if (miss)
		add(out, n, ACT_STEP, c, 0, 0);
}

/* Is the thread about to look into its TLB? */
static const struct ptlb_access_l *looks(const struct machine *m, unsigned c)
{
	const struct act *a = peek_act(m, c * MAX_DEPTH);

	return a->routine == R_ptlb_access && a->pc == 1 ?
		       (const struct ptlb_access_l *)(const void *)a->local :
		       NULL;
}

static void thread_actions(const struct machine *m, const struct ptlb *p, unsigned c,
			   struct action *out, unsigned *n)
{
	if (peek_ctx(m, c)->depth) {
		if (p->may && looks(m, c))
			choice_actions(m, c, looks(m, c), out, n);
		else if (ctx_ready(m, c))
			add(out, n, ACT_STEP, c, 0, 0);
		return;
	}
	if (peek_task(m, c)->op == p->ops)
		return;
	for (unsigned v = 0; v < p->pages; v++) {
		add(out, n, ACT_SWITCH, c, OPERATION_READ, v);
		add(out, n, ACT_SWITCH, c, OPERATION_WRITE, v);
		add(out, n, ACT_SWITCH, c, OPERATION_ZAP, v);
		for (unsigned to = 0; to < p->pages; to++)
			if (to != v)
				add(out, n, ACT_SWITCH, c, OPERATION_MREMAP, BETWEEN(v, to));
	}
}

static void fill_actions(const struct machine *m, const struct ptlb *p, unsigned c,
			 struct action *out, unsigned *n)
{
	for (unsigned v = 0; v < p->pages && !p->may; v++) {
		unsigned entry = entry_peek(m, v);

		if (entry && cached_peek(m, c, v) != walked_peek(m, entry))
			add(out, n, ACT_FILL, c, 0, v);
	}
}

static void answer_actions(const struct machine *m, const struct ptlb *p, unsigned c,
			   struct action *out, unsigned *n)
{
	for (unsigned s = 0; s < p->cpus; s++)
		if (peek_call(m, s)->locked & (1u << c))
			add(out, n, ACT_IPI, c, s, 0);
}

/* The parts: each thread, fills and answers of each CPU in turn, then B. */
enum {
	PART_HARDWARE = MAX_CPUS,
	PART_B = PART_HARDWARE + 2 * MAX_CPUS,
	PARTS
};

static unsigned ptlb_offer(const struct machine *m, unsigned part, struct action out[MAX_ACTIONS])
{
	const struct ptlb *p = setting_of(m);
	unsigned n = 0, c = part < PART_HARDWARE ? part : (part - PART_HARDWARE) / 2;

	if (part == PART_B) {
		if (peek_ctx(m, p->cpus)->depth)
			add(out, &n, ACT_STEP, p->cpus, 0, 0);
		else if (peek_task(m, p->cpus)->op < p->others && !frames_used_up(m))
			add(out, &n, ACT_SWITCH, p->cpus, OPERATION_OTHER, 0);
	} else if (c >= p->cpus) {
		return 0;
	} else if (part < PART_HARDWARE) {
		thread_actions(m, p, c, out, &n);
	} else if (part % 2 == PART_HARDWARE % 2) {
		fill_actions(m, p, c, out, &n);
	} else {
		answer_actions(m, p, c, out, &n);
	}
	return n;
}

/* The actors: threads and B, then what answers on each CPU, then what speculates there. */
enum {
	ACTOR_ANSWER = MAX_CPUS + 1,
	ACTOR_FILL = ACTOR_ANSWER + MAX_CPUS,
	ACTORS = ACTOR_FILL + MAX_CPUS
};

static uint8_t ptlb_actor(const struct machine *m, const struct action *a)
{
	const unsigned first = a->kind == ACT_IPI  ? ACTOR_ANSWER :
			       a->kind == ACT_FILL ? ACTOR_FILL :
						     0;

	(void)m;
	return (uint8_t)(first + a->agent);
}

static unsigned ptlb_part_actor(const struct machine *start, unsigned part)
{
	if (part < PART_HARDWARE)
		return part;
	if (part == PART_B)
		return setting_of(start)->cpus;
	return (part % 2 == PART_HARDWARE % 2 ? ACTOR_FILL : ACTOR_ANSWER) +
	       (part - PART_HARDWARE) / 2;
}

static bool ptlb_whimsical(unsigned part)
{
	return part >= PART_HARDWARE && part < PART_B && part % 2 == PART_HARDWARE % 2;
}

static void ptlb_place(const struct machine *m, unsigned actor, struct actor_place *out)
{
	const struct ctx *c;

	*out = (struct actor_place){ .key = actor };
	if (actor >= ACTOR_FILL)
		return;
	if (actor >= ACTOR_ANSWER) {
		/* Who waits for its answer. */
		for (unsigned s = 0; s < setting_of(m)->cpus; s++)
			if (peek_call(m, s)->locked & (1u << (actor - ACTOR_ANSWER)))
				out->key |= 256u << s;
		return;
	}
	c = peek_ctx(m, actor);
	out->key = hash_words((const uint64_t *)(const void *)peek_task(m, actor),
			      sizeof(struct task) / 8, actor);
	if (c->depth) {
		const struct act *a = peek_act(m, actor * MAX_DEPTH);

		out->key = hash_words((const uint64_t *)(const void *)a, sizeof(*a) / 8, out->key);
		out->waits = a->wait == WAIT_LOCK;
		out->lock = (uint16_t)(BASE_lock + a->wait_object);
		out->exclusive = a->wait_detail == LOCK_EXCLUSIVE;
	}
}

static void operation_begin(struct machine *m, unsigned c, enum operation o, unsigned page,
			    unsigned to)
{
	const uint8_t v = (uint8_t)page;

	write_task(m, c)->op++;
	switch (o) {
	case OPERATION_READ:
	case OPERATION_WRITE:
		ctx_push(m, c, R_ptlb_access,
			 &(struct ptlb_access_l){ .page = v, .write = o == OPERATION_WRITE },
			 sizeof(struct ptlb_access_l));
		break;
	case OPERATION_ZAP:
		ctx_push(m, c, R_ptlb_zap, &(struct ptlb_zap_l){ .page = v },
			 sizeof(struct ptlb_zap_l));
		break;
	case OPERATION_MREMAP:
		ctx_push(m, c, R_ptlb_mremap,
			 &(struct ptlb_mremap_l){ .page = v, .to = (uint8_t)to },
			 sizeof(struct ptlb_mremap_l));
		break;
	case OPERATION_OTHER:
		ctx_push(m, c, R_ptlb_other, &(struct ptlb_other_l){ .frame = 0 },
			 sizeof(struct ptlb_other_l));
		break;
	}
	ctx_enter(m, c);
}

/* The page that a CPU wants flushed. */
static unsigned flushed(struct machine *m, unsigned sender)
{
	return (unsigned)read_call(m, sender)->start - setting_of(m)->may;
}

static void ptlb_apply(struct machine *m, const struct action *a, struct effects *fx)
{
	unsigned result;

	step_begin(m, fx);
	m->lane = a->agent;
	if (a->kind == ACT_STEP) {
		const struct ptlb_access_l *l = looks(m, a->agent);

		if (setting_of(m)->may && a->agent < setting_of(m)->cpus && l)
			may_set(m, a->agent, l->page, (uint8_t)a->va);
		ctx_run(m, a->agent, &result);
	} else if (a->kind == ACT_SWITCH) {
		operation_begin(m, a->agent, (enum operation)a->task, a->va & 0xff,
				(unsigned)(a->va >> 8));
	} else if (a->kind == ACT_FILL) {
		cached_write(m, a->agent, (unsigned)a->va,
			     walked(m, entry_read(m, (unsigned)a->va)));
	} else {
		CHECK(a->kind == ACT_IPI);
		cached_write(m, a->agent, flushed(m, a->task), 0);
		write_call(m, a->task)->locked &= (uint8_t) ~(1u << a->agent);
	}
	step_end(m);
}

static bool ptlb_moves(const struct action *a)
{
	return a->kind != ACT_FILL;
}

static bool ptlb_finished(const struct machine *m)
{
	for (unsigned c = 0; c <= setting_of(m)->cpus; c++)
		if (peek_ctx(m, c)->depth)
			return false;
	return true;
}

const struct explore_model ptlb_model = {
	.parts = PARTS,
	.offer = ptlb_offer,
	.apply = ptlb_apply,
	.moves = ptlb_moves,
	.finished = ptlb_finished,
	.actor = ptlb_actor,
	.actors = ACTORS,
	.place = ptlb_place,
	.part_actor = ptlb_part_actor,
	.whimsical = ptlb_whimsical,
	.permutations = PTLB_PERMUTATIONS,
	.permute = ptlb_permute,
};

void ptlb_init(struct machine *m, const struct ptlb *p, struct effects *fx)
{
	CHECK(p->cpus >= 2 && p->cpus <= MAX_CPUS);
	CHECK(p->pages >= 1 && p->pages <= 3 && p->frames >= 1 && p->frames <= 4);
	CHECK(p->mapped <= p->pages && p->mapped <= p->frames && p->bug <= 2);
	world_init(m);
	m->routines = ptlb_routines;
	step_begin(m, fx);
	memcpy(&write_program(m, 0)->op[0], p, sizeof(*p));
	for (unsigned c = 0; c <= p->cpus; c++)
		write_ctx(m, c)->cpu = (uint8_t)c;
	for (unsigned c = 0; p->may && c < p->cpus; c++)
		for (unsigned v = 0; v < p->pages; v++)
			may_set(m, c, v, 0);
	for (unsigned v = 0; v < p->mapped; v++) {
		entry_write(m, v, (v + 1) << 1 | 1);
		write_frame(m, v)->owner = FRAME_ANON;
	}
	step_end(m);
}

void ptlb_defines(const struct ptlb *p, struct text *t)
{
	text_add(t, "-DNCPU=%u -DNV=%u -DNF=%u -DK=%u -DKB=%u -DBUG=%u -DNMAP=%u%s", p->cpus,
		 p->pages, p->frames, p->ops, p->others, p->bug, p->mapped,
		 p->send_all ? " -DSENDALL" : "");
}
