/*
 * why_broadcast.c - the causes that lie in tags and in broadcast invalidations: what is pending where, and under which tag.
 */
#include "broadcast.h"
#include "machine.h"
#include "routine.h"
#include "why.h"

static bool covers(const struct inval *op, uint64_t va)
{
	return va >= op->start && va < op->end;
}

/* The broadcasts of va in (from, to] that did not help the CPU: under another tag than its own, or waited for elsewhere. */
static void why_sent(const struct timeline *t, struct why *w, uint32_t from, uint32_t to, unsigned cpu, uint64_t va)
{
	unsigned sender = NONE, tag = peek_cpu(t->m, cpu)->pcid;

	for (uint32_t d = from + 1; d <= to; d++) {
		const struct timeline_step *s = timeline_step(t, d);

		for (uint32_t i = 0; i < s->events; i++) {
			const struct event *e = &t->event[s->event_at + i];
			bool sent = e->kind == EV_INVAL_SEND && va >= e->va && va < e->x;
			struct text text;

			if (sent)
				sender = e->lane;
			if (!(sent && e->a != tag) && !(e->kind == EV_INVAL_DONE && sender != NONE && e->lane != sender))
				continue;
			text = why_say(w, d, e->lane);
			event_text(&text, &t->m->names, e);
			if (sent)
				text_add(&text, ": cpu%u goes by tag %u", cpu, tag);
			else
				text_add(&text, ": it was cpu%u that had asked", sender);
		}
	}
}

void why_broadcast(const struct timeline *t, struct why *w, uint32_t from, uint32_t to, unsigned cpu, uint64_t va)
{
	const struct machine *m = t->m;
	const struct invals *s = peek_invals(m, cpu);

	why_sent(t, w, from, to, cpu, va);

	for (unsigned i = 0; i < s->count; i++) {
		struct text text;

		if (!covers(&s->op[i], va))
			continue;
		text = why_say(w, to, cpu);
		text_add(&text, "cpu%u has not done it: drop ", cpu);
		inval_text(&text, m, &s->op[i]);
		text_add(&text, ", pending; only cpu%u, which asked, can wait for that", s->op[i].from);
	}
}

void why_asid(struct text *t, const struct machine *m, const struct finding *f)
{
	text_add(t, "cpu%u ", f->object);
	if (f->rule == RULE_ASID_STRAGGLER) {
		text_add(t, "runs ");
		name_text(t, &m->names, NAME_MM, f->mm);
		text_add(t, " under PCID %u; broadcast flushes name PCID %u", (unsigned)f->detail,
			ASID_PCID(peek_asid(m, f->mm)->global));
	} else {
		text_add(t, "still holds what ");
		name_text(t, &m->names, NAME_MM, f->mm);
		text_add(t, " had cached under PCID %u", (unsigned)f->detail);
	}
}

/* The CPUs that have not done what `from` asked for. */
static void behind_text(struct text *t, const struct machine *m, unsigned from)
{
	for (unsigned c = 0; c < MAX_CPUS; c++)
		for (unsigned i = 0; i < peek_invals(m, c)->count; i++)
			if (peek_invals(m, c)->op[i].from == from && !peek_invals(m, c)->op[i].acked) {
				text_add(t, " cpu%u", c);
				break;
			}
}

void broadcast_wait_text(struct text *t, const struct machine *m, unsigned ctx)
{
	const struct act *a = ctx_top(m, ctx);
	unsigned cpu = peek_ctx(m, ctx)->cpu;

	if (a->wait == WAIT_INVAL_ROOM) {
		text_add(t, "room for one more broadcast invalidation");
	} else if (a->wait == WAIT_LOADED) {
		text_add(t, "cpu%u, which is switching", a->wait_object);
	} else {
		text_add(t, "what cpu%u has issued, to be done by", cpu);
		behind_text(t, m, cpu);
	}
}
