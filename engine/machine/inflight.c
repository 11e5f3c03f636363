/*
 * inflight.c - finding the flushes that are in flight.
 */
#include "inflight.h"

#include <string.h>

#include "kernel.h"

const char *inflight_word(enum inflight_stage stage)
{
	static const char *const words[INFLIGHT_STAGES] = {
		[INFLIGHT_AHEAD] = "not yet", [INFLIGHT_SKIPPED] = "skipped", [INFLIGHT_LOCKED] = "csd locked",
		[INFLIGHT_QUEUED] = "queued", [INFLIGHT_SENT] = "IPI pending", [INFLIGHT_TAKEN] = "interrupt taken",
		[INFLIGHT_RUNS] = "flushing", [INFLIGHT_HELD] = "flushed, locked", [INFLIGHT_UNLOCKED] = "unlocked, not flushed",
		[INFLIGHT_DONE] = "done",
	};

	return words[stage];
}

/* The frame of a routine on a stack that runs on this CPU, and the one above it; NULL when there is none. */
static const struct act *frame_on(const struct machine *m, unsigned cpu, unsigned routine, const struct act **above)
{
	for (unsigned x = 0; x < MAX_CTX; x++) {
		const struct ctx *c = peek_ctx(m, x);

		for (unsigned d = 0; c->cpu == cpu && d < c->depth; d++)
			if (peek_act(m, x * MAX_DEPTH + d)->routine == routine) {
				*above = d + 1u < c->depth ? peek_act(m, x * MAX_DEPTH + d + 1) : NULL;
				return peek_act(m, x * MAX_DEPTH + d);
			}
	}
	return NULL;
}

/* ---- the target's side ---- */

/* The handler of a CPU and what it has taken off the queue. */
struct handler {
	struct flush_smp_call_function_queue_l l;
	bool flushes;		/* the function that was called runs */
};

static bool handler_of(const struct machine *m, unsigned cpu, struct handler *h)
{
	const struct act *above, *a = frame_on(m, cpu, R_flush_smp_call_function_queue, &above);

	if (!a)
		return false;
	memcpy(&h->l, a->local, sizeof(h->l));
	h->flushes = above && above->routine == R_csd_do_func;
	return true;
}

static bool is_locked(const struct machine *m, unsigned sender, unsigned cpu)
{
	return peek_call(m, sender)->locked >> cpu & 1;
}

static bool is_queued(const struct machine *m, unsigned sender, unsigned cpu)
{
	const struct cpu *c = peek_cpu(m, cpu);

	for (unsigned i = 0; i < c->queued; i++)
		if (c->queue[i] == sender)
			return true;
	return false;
}

/* Has the sender locked the csd for its present call, and not put it on the queue yet? */
static bool is_fresh(const struct machine *m, unsigned sender, unsigned cpu)
{
	const struct act *above, *a = frame_on(m, sender, R_smp_call_function_many_cond, &above);
	struct smp_call_function_many_cond_l l;

	if (!a)
		return false;
	memcpy(&l, a->local, sizeof(l));
	return l.target == cpu && (l.sent >> cpu & 1);
}

/* Of a csd that is locked. */
static enum inflight_stage stage_locked(const struct machine *m, unsigned sender, unsigned cpu)
{
	struct handler h = { .flushes = false };
	bool handled = handler_of(m, cpu, &h);

	if (is_queued(m, sender, cpu)) {
		/* The handler will take all that is there. */
		if (handled && !h.l.taken)
			return INFLIGHT_TAKEN;
		return peek_cpu(m, cpu)->pending & PENDING_IPI ? INFLIGHT_SENT : INFLIGHT_QUEUED;
	}
	if (handled && !is_fresh(m, sender, cpu))
		for (unsigned i = h.l.at; i < h.l.taken; i++) {
			if (h.l.entry[i] != sender)
				continue;
			/* An asynchronous one is unlocked before anything is done about it. */
			if (i > h.l.at || (h.l.async >> i & 1))
				return INFLIGHT_TAKEN;
			return h.flushes ? INFLIGHT_RUNS : INFLIGHT_HELD;
		}
	return INFLIGHT_LOCKED;
}

/* Is the handler in its first pass (csd.unlock), so that none of what is unlocked has run? */
static bool first_pass(const struct handler *h)
{
	return h->l.early && (h->l.async & ~h->l.early);
}

/* Of what the handler of this CPU has taken, is the sender's entry unlocked and not done? */
static bool is_unlocked(const struct machine *m, unsigned sender, unsigned cpu, struct csd *info)
{
	struct handler h;
	unsigned i = 0;

	if (!handler_of(m, cpu, &h))
		return false;
	while (i < h.l.taken && h.l.entry[i] != sender)
		i++;
	if (i == h.l.taken || !(h.l.async >> i & 1) || (i < h.l.at && !first_pass(&h)))
		return false;
	if (h.l.early >> i & 1) {
		*info = peek_taken(m, cpu)->info[sender];
		return i != h.l.at || h.flushes || first_pass(&h);
	}
	/* Locked, it is what the handler has come to, unless it was locked anew. */
	if (i != h.l.at || (is_locked(m, sender, cpu) && !is_queued(m, sender, cpu) && !is_fresh(m, sender, cpu)))
		return false;
	*info = h.l.info;
	/* The mark goes when all is done; before the flush it may not be there yet. */
	return h.flushes || !peek_cpu(m, cpu)->async;
}

/* ---- the sender's side ---- */

/* The sender's own part of a call, where no generation tells: it comes after all requests, before the wait for them. */
static enum inflight_stage stage_own_call(const struct machine *m, unsigned cpu)
{
	const struct act *above, *call = frame_on(m, cpu, R_smp_call_function_many_cond, &above);
	struct smp_call_function_many_cond_l l;

	if (!call)
		return INFLIGHT_AHEAD;
	if (above && above->routine == R_csd_do_func)
		return INFLIGHT_RUNS;
	memcpy(&l, call->local, sizeof(l));
	return call->wait == WAIT_CSD && l.target == MAX_CPUS ? INFLIGHT_DONE : INFLIGHT_AHEAD;
}

/* The sender's own flush, which no csd tells of. */
static enum inflight_stage stage_own(const struct machine *m, unsigned cpu, const struct csd *info)
{
	const struct cpu *c = peek_cpu(m, cpu);
	const struct act *above;

	/* The flush of a batch is of no mm and of no generation. */
	if (info->func != CALL_FLUSH || info->mm == NONE)
		return stage_own_call(m, cpu);
	if (c->loaded_mm != info->mm)
		return INFLIGHT_SKIPPED;
	if (c->tlb_gen >= info->new_tlb_gen)
		return INFLIGHT_DONE;
	if (frame_on(m, cpu, R_flush_tlb_func, &above) && !c->in_irq)
		return INFLIGHT_RUNS;
	return stage_own_call(m, cpu);
}

static enum inflight_stage stage_asked(const struct machine *m, unsigned sender, unsigned cpu, const struct inflight *f,
	const struct smp_call_function_many_cond_l *l)
{
	struct csd info;

	if (cpu == sender)
		return stage_own(m, cpu, &f->info);
	if (l->sent >> cpu & 1) {
		if (is_locked(m, sender, cpu))
			return stage_locked(m, sender, cpu);
		return is_unlocked(m, sender, cpu, &info) && info.new_tlb_gen == f->info.new_tlb_gen ? INFLIGHT_UNLOCKED :
			INFLIGHT_DONE;
	}
	return l->target != NONE && cpu < l->target ? INFLIGHT_SKIPPED : INFLIGHT_AHEAD;
}

/* The call that the CPU is in, from when its flush_tlb_info is filled until all that wait for CPUs have waited. */
static bool call_of(const struct machine *m, unsigned sender, struct inflight *f, uint8_t *sent)
{
	const struct act *above, *range = frame_on(m, sender, R_flush_tlb_mm_range, &above), *call;
	struct smp_call_function_many_cond_l l = { 0 };
	struct flush_tlb_mm_range_l r = { 0 };

	*sent = 0;
	/* A broadcast is no call, and the hook for secondary TLBs comes when the CPUs are done. */
	if (range && (range->pc <= 1 || (above && above->routine != R_smp_call_function_many_cond &&
		above->routine != R_flush_tlb_func)))
		range = NULL;
	call = frame_on(m, sender, R_smp_call_function_many_cond, &above);
	if (!range && !call)
		return false;
	*f = (struct inflight){ .info = call_info(peek_call(m, sender)), .sender = (uint8_t)sender };
	if (call)
		memcpy(&l, call->local, sizeof(l));
	if (range)
		memcpy(&r, range->local, sizeof(r));
	/* Up to 5.12 the sender's own flush comes first. */
	f->cpus = (uint8_t)((call ? l.mask : r.targets) | (unsigned)r.local << sender);
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (f->cpus >> c & 1)
			f->stage[c] = (uint8_t)stage_asked(m, sender, c, f, &l);
	*sent = l.sent;
	return true;
}

/* ---- the list ---- */

static void add_left(struct inflight *out, unsigned first, unsigned *n, unsigned sender, unsigned cpu, const struct csd *info,
	enum inflight_stage stage)
{
	unsigned i = first;

	while (i < *n && (out[i].info.mm != info->mm || out[i].info.func != info->func || out[i].info.new_tlb_gen != info->new_tlb_gen))
		i++;
	if (i == *n) {
		CHECK(*n < MAX_INFLIGHT);
		out[(*n)++] = (struct inflight){ .info = *info, .sender = (uint8_t)sender, .left = true };
	}
	out[i].cpus |= (uint8_t)(1u << cpu);
	out[i].stage[cpu] = (uint8_t)stage;
}

unsigned inflight_list(const struct machine *m, struct inflight out[MAX_INFLIGHT])
{
	unsigned n = 0;

	for (unsigned s = 0; s < MAX_CPUS; s++) {
		struct inflight now;
		uint8_t sent;
		bool calls = call_of(m, s, &now, &sent);
		unsigned first = n;

		for (unsigned c = 0; c < MAX_CPUS; c++) {
			struct csd info;

			if (is_unlocked(m, s, c, &info) && !((sent >> c & 1) && info.new_tlb_gen == now.info.new_tlb_gen))
				add_left(out, first, &n, s, c, &info, INFLIGHT_UNLOCKED);
			if (is_locked(m, s, c) && !(sent >> c & 1))
				add_left(out, first, &n, s, c, peek_csd(m, s * MAX_CPUS + c), stage_locked(m, s, c));
		}
		if (calls) {
			CHECK(n < MAX_INFLIGHT);
			out[n++] = now;
		}
	}
	return n;
}
