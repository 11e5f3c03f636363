/*
 * routine.c - stacks of routine frames: call, park, return, run.
 */
#include <string.h>

#include "broadcast.h"
#include "iommu.h"
#include "routines.h"

static unsigned act_index(unsigned ctx, unsigned depth)
{
	CHECK(ctx < MAX_CTX && depth < MAX_DEPTH);
	return ctx * MAX_DEPTH + depth;
}

const struct act *ctx_top(const struct machine *m, unsigned ctx)
{
	unsigned depth = peek_ctx_part(m, ctx, CTX_REST)->depth;

	return depth ? peek_act(m, act_index(ctx, depth - 1)) : NULL;
}

void act_park(struct run *r, unsigned pc, enum wait_kind kind, unsigned object, unsigned detail)
{
	r->a->pc = (uint8_t)pc;
	r->a->wait = (uint8_t)kind;
	r->a->wait_object = (uint16_t)object;
	r->a->wait_detail = (uint16_t)detail;
	r->parked = true;
}

void ctx_push(struct machine *m, unsigned ctx, unsigned routine, const void *locals, size_t size)
{
	struct ctx *c = write_ctx_part(m, ctx, CTX_REST);
	struct act *a = write_act(m, act_index(ctx, c->depth));

	CHECK(size <= ACT_LOCALS);
	c->depth++;
	memset(a, 0, sizeof(*a));
	a->routine = (uint8_t)routine;
	memcpy(a->local, locals, size);
}

void ctx_clear(struct machine *m, unsigned ctx)
{
	while (read_ctx_part(m, ctx, CTX_REST)->depth)
		memset(write_act(m, act_index(ctx, --write_ctx_part(m, ctx, CTX_REST)->depth)), 0, sizeof(struct act));
}

void act_call(struct run *r, unsigned pc, unsigned routine, const void *locals, size_t size)
{
	act_park(r, pc, WAIT_CALL, 0, 0);
	r->parked = false;
	ctx_push(r->m, r->ctx, routine, locals, size);
	r->a = write_act(r->m, act_index(r->ctx, read_ctx_part(r->m, r->ctx, CTX_REST)->depth - 1u));
	r->pc = 0;
}

void act_become(struct run *r, unsigned routine, const void *locals, size_t size)
{
	unsigned char kept[ACT_LOCALS];

	CHECK(size <= ACT_LOCALS);
	memcpy(kept, locals, size);
	memset(r->a, 0, sizeof(*r->a));
	r->a->routine = (uint8_t)routine;
	memcpy(r->a->local, kept, size);
	r->pc = 0;
}

void act_return(struct run *r, unsigned result)
{
	struct ctx *c = write_ctx_part(r->m, r->ctx, CTX_REST);

	r->result = result;
	memset(r->a, 0, sizeof(*r->a));
	if (--c->depth == 0) {
		r->a = NULL;
		r->parked = true;
		return;
	}
	r->a = write_act(r->m, act_index(r->ctx, c->depth - 1u));
	if (r->a->wait != WAIT_CALL) {
		/* What returned had been put on top of a parked frame: that stays parked. */
		r->parked = true;
		return;
	}
	r->a->result = (uint8_t)result;
	r->pc = r->a->pc;
}

static struct run run_open(struct machine *m, unsigned ctx)
{
	const struct ctx *c = read_ctx_part(m, ctx, CTX_REST);
	struct run r = { .m = m, .ctx = ctx, .cpu = c->cpu };

	CHECK(c->depth > 0);
	r.a = write_act(m, act_index(ctx, c->depth - 1u));
	r.pc = r.a->pc;
	return r;
}

static void run_to_marker(struct run *r)
{
	const struct routine *const *set = r->m->routines ? r->m->routines : routine_table;

	while (!r->parked)
		set[r->a->routine]->body(r);
}

void ctx_enter(struct machine *m, unsigned ctx)
{
	struct run r = run_open(m, ctx);

	run_to_marker(&r);
	CHECK(r.a);	/* every first frame has a step */
}

bool ctx_run(struct machine *m, unsigned ctx, unsigned *result)
{
	struct run r = run_open(m, ctx);

	event_add(m, (struct event){ .kind = EV_STEP, .a = r.a->routine, .b = r.a->pc });
	run_to_marker(&r);
	*result = r.result;
	return r.a == NULL;
}

/* Of all tasks. */
static unsigned operations_done(const struct machine *m)
{
	unsigned n = 0;

	for (unsigned t = 0; t < MAX_TASKS; t++)
		n += peek_task(m, t)->op;
	return n;
}

static bool pmap_unlocked(const struct machine *m, unsigned mm)
{
	return mm >= MAX_MMS || !peek_pmap(m, mm)->owner;
}

/* May the CPU serve what it was asked: has whoever asked changed the tables? */
static bool asked_unlocked(const struct machine *m, unsigned cpu)
{
	const struct mach *k = peek_mach(m, cpu);

	for (unsigned mm = 0; k->action && mm < MAX_MMS; mm++)
		if ((k->mm == mm || k->mm == NONE) && !pmap_unlocked(m, mm))
			return false;
	return true;
}

/* Have all these CPUs left the set of active ones? */
static bool parked(const struct machine *m, unsigned cpus)
{
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if ((cpus & (1u << c)) && !peek_mach(m, c)->inactive)
			return false;
	return true;
}

bool ctx_ready(const struct machine *m, unsigned ctx)
{
	const struct act *a = ctx_top(m, ctx);

	if (!a)
		return false;
	switch ((enum wait_kind)a->wait) {
	case WAIT_NONE:
	case WAIT_ACCESS:
		return true;
	case WAIT_LOCK:
		return lock_free_for(m, a->wait_object, (enum lock_mode)a->wait_detail);
	case WAIT_CSD:
		return (peek_call(m, a->wait_object)->locked & a->wait_detail) == 0;
	case WAIT_PMAP:
		return pmap_unlocked(m, a->wait_object) && (!a->wait_detail || asked_unlocked(m, a->wait_detail - 1u));
	case WAIT_PARKED:
		return parked(m, a->wait_detail);
	case WAIT_SINGLE:
		return !peek_single(m, a->wait_object)->locked;
	case WAIT_QI:
		return (peek_iommu(m, 0)->status & (1u << a->wait_object)) != 0;
	case WAIT_QI_ROOM:
		return iommu_has_room(m, a->wait_detail);
	case WAIT_SRCU:
		return (peek_srcu(m, 0)->readers & a->wait_detail) == 0;
	case WAIT_BORN:
		return peek_mm_part(m, a->wait_object, MM_STATE)->state == MM_LIVE;
	case WAIT_TURN:
		return operations_done(m) >= a->wait_detail;
	case WAIT_FOLIO:
		return (peek_frame(m, a->wait_object)->flags & a->wait_detail) == 0;
	case WAIT_INVAL_ROOM:
		return inval_room(m);
	case WAIT_INVAL_DONE:
		return inval_done(m, peek_ctx_part(m, ctx, CTX_REST)->cpu);
	case WAIT_LOADED:
		return peek_cpu_part(m, a->wait_object, CPU_LOADED)->loaded_mm != MM_SWITCHING;
	case WAIT_CALL:
	case WAIT_KINDS:
		break;
	}
	CHECK_NEVER("a top frame waits for a call");
}

bool routine_line(unsigned routine, unsigned line, const char **words, bool *call)
{
	struct run r = { .pc = line };

	CHECK(routine < ROUTINE_COUNT && line > 0);
	routine_table[routine]->body(&r);
	*words = r.words;
	*call = r.call;
	return r.words != NULL;
}
