/*
 * why_blocked.c - who waits for whom, read off the machine.
 */
#include "inflight.h"
#include "routine.h"
#include "why.h"

struct text why_say(struct why *w, uint32_t depth, uint32_t lane)
{
	unsigned i = w->lines < WHY_LINES ? w->lines++ : WHY_LINES - 1;

	w->line[i].depth = depth;
	w->line[i].lane = lane;
	return text_over(w->line[i].text, sizeof(w->line[i].text));
}

static void waiter_text(struct text *t, const struct machine *m, unsigned ctx)
{
	if (ctx < MAX_TASKS)
		name_text(t, &m->names, NAME_TASK, ctx);
	else
		text_add(t, "the %s handler of cpu%u", ctx < CTX_NMI(0) ? "interrupt" : "NMI", context_cpu(ctx));
}

static void contexts_text(struct text *t, const struct machine *m, unsigned mask)
{
	const char *sep = "";

	for (unsigned c = 0; c < MAX_CTX; c++)
		if (mask & (1u << c)) {
			text_add(t, "%s", sep);
			waiter_text(t, m, c);
			sep = ", ";
		}
}

static void wait_text(struct text *t, const struct machine *m, unsigned ctx)
{
	const struct act *a = ctx_top(m, ctx);
	const struct lock *k;

	switch ((enum wait_kind)a->wait) {
	case WAIT_LOCK:
		k = peek_lock(m, a->wait_object);
		lock_text(t, &m->names, a->wait_object);
		text_add(t, ", held by ");
		contexts_text(t, m, k->owner != NONE ? 1u << k->owner : k->readers);
		break;
	case WAIT_CSD:
		text_add(t, "the csd of");
		for (unsigned c = 0; c < MAX_CPUS; c++)
			if (peek_call(m, a->wait_object)->locked & a->wait_detail & (1u << c))
				text_add(t, " cpu%u%s", c, peek_cpu(m, c)->irq_off ? " (interrupts off)" : "");
		break;
	case WAIT_PMAP: case WAIT_PARKED:
		text_add(t, a->wait == WAIT_PMAP ? "the lock of page tables" : "CPUs that have not parked");
		break;
	case WAIT_SINGLE:
		text_add(t, "the csd of its last call");
		break;
	case WAIT_QI:
		text_add(t, "the IOMMU's status word; queued before it: %u", peek_iommu(m, 0)->queued);
		break;
	case WAIT_QI_ROOM:
		text_add(t, "room in the invalidation queue");
		break;
	case WAIT_SRCU:
		text_add(t, "the end of callbacks in ");
		contexts_text(t, m, peek_srcu(m, 0)->readers & a->wait_detail);
		break;
	case WAIT_BORN:
		text_add(t, "the birth of ");
		name_text(t, &m->names, NAME_MM, a->wait_object);
		break;
	case WAIT_TURN:
		text_add(t, "its turn: %u operations must have ended", a->wait_detail);
		break;
	case WAIT_FOLIO:
		text_add(t, a->wait_detail & FRAME_LOCKED ? "the lock of pfn %u" : "the write of pfn %u to the disk", a->wait_object);
		break;
	case WAIT_INVAL_ROOM:
	case WAIT_INVAL_DONE:
	case WAIT_LOADED:
		broadcast_wait_text(t, m, ctx);
		break;
	case WAIT_ACCESS:
	case WAIT_NONE:
	case WAIT_CALL:
	case WAIT_KINDS:
		break;
	}
}

/* Flushes that nobody waits for, though not every CPU has done its part. */
static void say_unlocked(const struct machine *m, struct why *w)
{
	struct inflight f[MAX_INFLIGHT];
	unsigned n = inflight_list(m, f);

	for (unsigned i = 0; i < n; i++)
		for (unsigned c = 0; c < MAX_CPUS; c++) {
			bool unlocked = f[i].stage[c] == INFLIGHT_UNLOCKED;
			struct text text;

			if (!(f[i].cpus >> c & 1) || !(unlocked || (f[i].left && f[i].stage[c] != INFLIGHT_DONE)))
				continue;
			text = why_say(w, 0, c);
			text_add(&text, "nobody waits for the flush of ");
			range_text(&text, &m->names, f[i].info.start, f[i].info.end);
			text_add(&text, " that cpu%u asked for: %s", f[i].sender, inflight_word((enum inflight_stage)f[i].stage[c]));
		}
}

bool why_blocked(const struct machine *m, struct why *w)
{
	w->lines = 0;
	for (unsigned ctx = 0; ctx < MAX_CTX; ctx++) {
		const struct act *top = ctx_top(m, ctx);
		struct text text;

		if (!top || ctx_ready(m, ctx))
			continue;
		text = why_say(w, 0, peek_ctx(m, ctx)->cpu);
		waiter_text(&text, m, ctx);
		text_add(&text, " waits for ");
		wait_text(&text, m, ctx);
	}
	say_unlocked(m, w);
	return w->lines > 0;
}
