/*
 * ptlb.c - the protocol's threads as routines, and its actions.
 *
 * What stands where, all of it behind the world's door:
 *
 *	fr[f]	owner and generation of frame f
 *	ipi[c]	locked of call c
 *	va[c]	start of call c; plus 1 where `may` is set
 *	pend	flush_pending of mm 0
 *	ptl	a page-table lock
 *	mml	the mmap_lock of mm 0
 *	left	op of task c, which counts up to K
 *	thread	the stack of context c; B is context NCPU
 *	pte[]	bytes in the SRCU object
 *	tlb[c]	bytes in the interrupt context of CPU c
 *
 * The setting lies in the operations of program 0, which nobody writes.
 * An entry is pfn << 1 | writable, pfn = frame + 1; in a TLB the frame's generation stands above.
 */
#include <string.h>

#include "hash.h"
#include "ptlb.h"
#include "routine.h"
#include "rules.h"
#include "ptlb_symmetry.h"

#define GENERATIONS 16u
#define PTL	    LOCK_PTL(0)

_Static_assert(sizeof(struct ptlb) <= sizeof(struct op), "the setting fits an operation");

/* ---- what the threads touch ---- */

static const struct ptlb *setting_of(const struct machine *m)
{
	return (const struct ptlb *)(const void *)&peek_program(m, 0)->op[0];
}

static uint8_t entry_read(struct machine *m, unsigned page)
{
	return ((const struct bytes *)(const void *)read_srcu(m, 0))->at[page];
}

static uint8_t entry_peek(const struct machine *m, unsigned page)
{
	return ((const struct bytes *)(const void *)peek_srcu(m, 0))->at[page];
}

/* ---- TLBs that say what they may hold ---- */

static const struct may *may_peek(const struct machine *m, unsigned cpu)
{
	return (const struct may *)(const void *)peek_tlb(m, cpu);
}

static struct may *may_write(struct machine *m, unsigned cpu)
{
	return (struct may *)(void *)write_tlb(m, cpu);
}

static void may_set(struct machine *m, unsigned cpu, unsigned page, uint8_t entry)
{
	struct may *y = may_write(m, cpu);

	memset(y->value[page], 0, sizeof(y->value[page]));
	y->value[page][0] = entry;
	y->count[page] = 1;
}

static void may_add(struct machine *m, unsigned cpu, unsigned page, uint8_t entry)
{
	const struct may *has = may_peek(m, cpu);
	unsigned n = has->count[page], i = 0;
	struct may *y;

	while (i < n && has->value[page][i] < entry)
		i++;
	if (i < n && has->value[page][i] == entry)
		return;
	CHECK(n < MAY_VALUES);
	y = may_write(m, cpu);
	memmove(&y->value[page][i + 1], &y->value[page][i], n - i);
	y->value[page][i] = entry;
	y->count[page]++;
}

/* What it holds, once that was chosen. */
static uint8_t may_known(struct machine *m, unsigned cpu, unsigned page)
{
	(void)read_tlb(m, cpu);
	CHECK(may_peek(m, cpu)->count[page] == 1);
	return may_peek(m, cpu)->value[page][0];
}

static uint8_t cached_read(struct machine *m, unsigned cpu, unsigned page)
{
	if (setting_of(m)->may)
		return may_known(m, cpu, page);
	return ((const struct bytes *)(const void *)read_ctx(m, MAX_TASKS + cpu))->at[page];
}

static uint8_t cached_peek(const struct machine *m, unsigned cpu, unsigned page)
{
	return ((const struct bytes *)(const void *)peek_ctx(m, MAX_TASKS + cpu))->at[page];
}

static void cached_write(struct machine *m, unsigned cpu, unsigned page, unsigned entry)
{
	if (setting_of(m)->may)
		may_set(m, cpu, page, (uint8_t)entry);
	else
		((struct bytes *)(void *)write_ctx(m, MAX_TASKS + cpu))->at[page] = (uint8_t)entry;
}

/* What the walker makes of a page-table entry. */
static uint8_t walked(struct machine *m, unsigned entry)
{
	return (uint8_t)(entry | (unsigned)read_frame(m, (entry >> 1) - 1)->generation << 4);
}

static uint8_t walked_peek(const struct machine *m, unsigned entry)
{
	return (uint8_t)(entry | (unsigned)peek_frame(m, (entry >> 1) - 1)->generation << 4);
}

/* Every CPU may have fetched an entry before it goes. */
static void entry_write(struct machine *m, unsigned page, unsigned entry)
{
	const struct ptlb *p = setting_of(m);
	unsigned old = entry_read(m, page);

	if (p->may && old)
		for (unsigned c = 0; c < p->cpus; c++)
			may_add(m, c, page, walked(m, old));
	((struct bytes *)(void *)write_srcu(m, 0))->at[page] = (uint8_t)entry;
}

static bool frames_used_up(const struct machine *m)
{
	for (unsigned f = 0; f < setting_of(m)->frames; f++)
		if (peek_frame(m, f)->owner == FRAME_FREE)
			return false;
	return true;
}

/* The first free frame, as a pfn; 0 when there is none. */
static uint8_t frame_take(struct machine *m)
{
	for (unsigned f = 0; f < setting_of(m)->frames; f++)
		if (read_frame(m, f)->owner == FRAME_FREE) {
			struct frame *frame = write_frame(m, f);

			frame->owner = FRAME_ANON;
			frame->generation = (uint16_t)((frame->generation + 1u) % GENERATIONS);
			return (uint8_t)(f + 1);
		}
	return 0;
}

static void frame_free(struct machine *m, unsigned pfn)
{
	write_frame(m, pfn - 1)->owner = FRAME_FREE;
}

static bool sufficient(unsigned entry, unsigned write)
{
	return entry && (!write || (entry & 1));
}

static void freshness_check(struct machine *m, unsigned cached, unsigned page, unsigned write)
{
	unsigned pfn = cached >> 1 & 7;
	const struct frame *f = read_frame(m, pfn - 1);

	if (f->owner == FRAME_FREE || f->generation != cached >> 4)
		rule_broken(m, (struct finding){
				       .rule = RULE_STALE_LEAF,
				       .mm = 0,
				       .write = (uint8_t)write,
				       .pfn = (uint16_t)(pfn - 1),
				       .va = page,
				       .detail = cached >> 4,
			       });
}

/* A hit ends the access, a walk that finds a sufficient entry too; else there is no entry left. */
static bool translate(struct run *r, unsigned page, unsigned write)
{
	unsigned cached = cached_read(r->m, r->cpu, page);
	unsigned entry;

	if (sufficient(cached, write)) {
		freshness_check(r->m, cached, page, write);
		return true;
	}
	entry = entry_read(r->m, page);
	if (sufficient(entry, write)) {
		cached_write(r->m, r->cpu, page, walked(r->m, entry));
		return true;
	}
	cached_write(r->m, r->cpu, page, 0);
	return false;
}

/* The local flush; returns the CPUs that are to be sent to, one a step. */
static uint8_t flush_begin(struct run *r, unsigned page)
{
	const struct ptlb *p = setting_of(r->m);

	cached_write(r->m, r->cpu, page, 0);
	write_call(r->m, r->cpu)->start = p->may ? page + 1 : page;
	return (uint8_t)(p->send_all ? 0 : ((1u << p->cpus) - 1) & ~(1u << r->cpu));
}

/* Sends to the lowest CPU of those to do, or to all at once; returns what is left to do. */
static uint8_t flush_send(struct run *r, unsigned todo)
{
	const struct ptlb *p = setting_of(r->m);
	unsigned to = p->send_all ? ((1u << p->cpus) - 1) & ~(1u << r->cpu) : todo & -todo;

	write_call(r->m, r->cpu)->locked |= (uint8_t)to;
	return (uint8_t)(todo & ~to);
}

/* ---- the routines ---- */

ROUTINE(ptlb_access, "ptlb.pml")
{
	unsigned entry;

	BEGIN(struct ptlb_access_l)
	for (;;) {
		STEP("through the TLB, else through the table");
		if (translate(r, l->page, l->write))
			break;
		LOCK(LOCK_MMAP(0), LOCK_SHARED, "mmap_read_lock");
		STEP("no entry: take a frame");
		if (!entry_read(r->m, l->page)) {
			l->frame = frame_take(r->m);
			if (!l->frame) {
				lock_drop(r, LOCK_MMAP(0));
				RETURN(RES_ENOMEM);
			}
		}
		LOCK(PTL, LOCK_EXCLUSIVE, "lock the table");
		STEP("set the entry, or make it writable and forget the cached one");
		entry = entry_read(r->m, l->page);
		if (!entry && l->frame) {
			entry_write(r->m, l->page, l->frame * 2u | l->write);
			l->frame = 0;
		} else if (entry && l->write && !(entry & 1)) {
			entry_write(r->m, l->page, entry | 1);
			cached_write(r->m, r->cpu, l->page, 0);
		}
		UNLOCK(PTL, "unlock the table");
		if (l->frame) {
			STEP("somebody else was first: free the frame");
			frame_free(r->m, l->frame);
			l->frame = 0;
		}
		UNLOCK(LOCK_MMAP(0), "mmap_read_unlock; try again");
	}
	END(RES_OK)
}

ROUTINE(ptlb_zap, "ptlb.pml")
{
	unsigned entry;

	BEGIN(struct ptlb_zap_l)
	LOCK(PTL, LOCK_EXCLUSIVE, "lock the table");
	STEP("get and clear the entry");
	entry = entry_read(r->m, l->page);
	if (!entry) {
		lock_drop(r, PTL);
		RETURN(RES_OK);
	}
	l->frame = (uint8_t)(entry >> 1);
	entry_write(r->m, l->page, 0);
	STEP("a flush is pending");
	write_mm(r->m, 0)->flush_pending++;
	UNLOCK(PTL, "unlock the table");
	STEP("flush here, note the page for the others");
	l->todo = flush_begin(r, l->page);
	do {
		STEP("send to the next CPU");
		l->todo = flush_send(r, l->todo);
	} while (l->todo);
	if (setting_of(r->m)->bug == 2) {
		STEP("free the frame");
		frame_free(r->m, l->frame);
		l->frame = 0;
		AWAIT(WAIT_CSD, r->cpu, 0, "wait for the acks, too late");
	} else {
		AWAIT(WAIT_CSD, r->cpu, 0, "wait for the acks");
		STEP("free the frame");
		frame_free(r->m, l->frame);
		l->frame = 0;
	}
	STEP("the flush is no longer pending");
	write_mm(r->m, 0)->flush_pending--;
	write_call(r->m, r->cpu)->start = 0;
	END(RES_OK)
}

ROUTINE(ptlb_mremap, "ptlb.pml")
{
	BEGIN(struct ptlb_mremap_l)
	LOCK(LOCK_MMAP(0), LOCK_EXCLUSIVE, "mmap_write_lock");
	LOCK(PTL, LOCK_EXCLUSIVE, "lock the table");
	STEP("get and clear the entry, unless there is none or the new place is taken");
	if (entry_read(r->m, l->page) && !entry_read(r->m, l->to)) {
		l->entry = entry_read(r->m, l->page);
		entry_write(r->m, l->page, 0);
		STEP("set it at the new place");
		entry_write(r->m, l->to, l->entry);
		l->entry = 0;
		if (setting_of(r->m)->bug == 1)
			UNLOCK(PTL, "unlock the table, too early");
		STEP("flush here, note the page for the others");
		l->todo = flush_begin(r, l->page);
		do {
			STEP("send to the next CPU");
			l->todo = flush_send(r, l->todo);
		} while (l->todo);
		AWAIT(WAIT_CSD, r->cpu, 0, "wait for the acks");
		if (setting_of(r->m)->bug != 1)
			UNLOCK(PTL, "unlock the table");
	} else {
		lock_drop(r, PTL);
	}
	UNLOCK(LOCK_MMAP(0), "mmap_write_unlock");
	write_call(r->m, r->cpu)->start = 0;
	END(RES_OK)
}

/* Somebody else, who reuses frames. */
ROUTINE(ptlb_other, "ptlb.pml")
{
	BEGIN(struct ptlb_other_l)
	l->frame = frame_take(r->m);
	STEP("free the frame again");
	frame_free(r->m, l->frame);
	END(RES_OK)
}

static const struct routine *const ptlb_routines[] = {
	[R_ptlb_access] = &routine_ptlb_access,
	[R_ptlb_zap] = &routine_ptlb_zap,
	[R_ptlb_mremap] = &routine_ptlb_mremap,
	[R_ptlb_other] = &routine_ptlb_other,
};

/* ---- actions ---- */

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
