/*
 * pane_cpus.c - the CPUs: what runs, what is loaded, what is pending, and what each one has cached.
 */
#include "cached.h"
#include "mmu.h"
#include "pane.h"
#include "routines.h"
#include "task.h"

enum {
	BLOCK_COLS = 38
};

static void who_draw(struct pen *p, const struct scene *s, unsigned cpu)
{
	const struct cpu *c = peek_cpu(s->m, cpu), *old = was_cpu(s, cpu);
	unsigned ctx = cpu_context(s->m, cpu);
	const struct act *top = ctx == NONE ? NULL : ctx_top(s->m, ctx);
	bool changed = c->current != old->current || c->in_irq != old->in_irq || c->in_nmi != old->in_nmi;
	struct say who = c->in_nmi   ? (struct say){ "nmi" } :
			 c->in_irq   ? (struct say){ "irq" } :
			 ctx == NONE ? (struct say){ "idle" } :
				       say_context(s, ctx);

	pen_word(p, STYLE_ACTOR, "cpu%u", cpu);
	p->col = p->left + 6;
	pen_value(p, mark_if(changed, STYLE_STRONG), text_width(who.is), "%s", who.is);
	if (top)
		pen_word(p, STYLE_PLAIN, " %s", routine_table[top->routine]->name);
	else if (ctx != NONE)
		pen_word(p, STYLE_DIM, " done");
	pen_line(p);
}

static void loaded_draw(struct pen *p, const struct scene *s, unsigned cpu)
{
	const struct cpu *c = peek_cpu(s->m, cpu), *old = was_cpu(s, cpu);
	bool changed = c->loaded_mm != old->loaded_mm;

	if (c->loaded_mm == MM_SWITCHING)
		pen_value(p, mark_if(changed, STYLE_WAIT), 9, "switching");
	else if (c->loaded_mm == NONE)
		pen_value(p, mark_if(changed, STYLE_DIM), 5, "no mm");
	else
		pen_value(p, mark_if(changed, STYLE_STRONG),
			  text_width(say_name(s, NAME_MM, c->loaded_mm).is) + 3, "mm %s",
			  say_name(s, NAME_MM, c->loaded_mm).is);
	if (c->is_lazy || old->is_lazy)
		pen_value(p, mark_if(c->is_lazy != old->is_lazy, STYLE_WAIT), 5, c->is_lazy ? " lazy" : " busy");
	pen_word(p, STYLE_DIM, " CR3 ");
	pen_value(p, mark_if(c->cr3 != old->cr3, STYLE_FRAME), 6, "%s", say_pfn(c->cr3).is);
	if (c->pcid)
		pen_value(p, mark_if(c->pcid != old->pcid, STYLE_PLAIN), 3, " #%u", c->pcid);
	/* What broadcasts keep fresh is never behind. */
	if (arch_is(s->m, ARCH_ARM64) || peek_parked(s->m, cpu)->pcid) {
		pen_line(p);
		return;
	}
	pen_word(p, STYLE_DIM, " tlb_gen ");
	if (c->loaded_mm < MAX_MMS) {
		uint32_t want = peek_mm(s->m, c->loaded_mm)->tlb_gen;

		pen_value(p,
			  c->tlb_gen < want ? STYLE_STALE :
					      mark_if(c->tlb_gen != old->tlb_gen, STYLE_PLAIN),
			  5, "%u/%u", c->tlb_gen, want);
	} else {
		pen_value(p, mark_if(c->tlb_gen != old->tlb_gen, STYLE_PLAIN), 5, "%u", c->tlb_gen);
	}
	pen_line(p);
}

/* With PCIDs: how new the entries in the slot are that CR3 does not name. */
static void slots_draw(struct pen *p, const struct scene *s, unsigned cpu)
{
	const struct cpu *c = peek_cpu(s->m, cpu), *old = was_cpu(s, cpu);
	bool changed = c->other_mm != old->other_mm || c->other_gen != old->other_gen;

	pen_word(p, STYLE_DIM, "other slot ");
	if (c->other_mm < MAX_MMS) {
		uint32_t want = peek_mm(s->m, c->other_mm)->tlb_gen;

		pen_word(p, STYLE_STRONG, "%s ", say_name(s, NAME_MM, c->other_mm).is);
		pen_value(p, c->other_gen < want ? STYLE_STALE : mark_if(changed, STYLE_PLAIN), 5, "%u/%u", c->other_gen, want);
	} else {
		pen_value(p, mark_if(changed, STYLE_DIM), 1, "-");
	}
	pen_line(p);
}

/* What an interrupt or an NMI interrupted, and where that stands; the last one is the task. */
static void over_draw(struct pen *p, const struct scene *s, unsigned cpu)
{
	const struct cpu *c = peek_cpu(s->m, cpu);
	unsigned under[2], n = 0;

	if (c->in_nmi && c->in_irq)
		under[n++] = CTX_IRQ(cpu);
	if ((c->in_nmi || c->in_irq) && c->current != NONE)
		under[n++] = c->current;
	for (unsigned i = 0; i < n; i++) {
		const struct act *top = ctx_top(s->m, under[i]);

		pen_word(p, STYLE_HEAD, "over ");
		pen_word(p, STYLE_PLAIN, "%s %s", under[i] < MAX_TASKS ? say_context(s, under[i]).is : "irq",
			 top ? routine_table[top->routine]->name : "done");
		pen_line(p);
	}
	if (c->buffer) {
		pen_word(p, STYLE_WAIT, "in the store buffer: %s", c->buffer == BUFFER_LAZY ? "is_lazy" : "loaded_mm");
		pen_line(p);
	}
	if (c->async || was_cpu(s, cpu)->async) {
		pen_word(p, STYLE_DIM, "async_func_in_progress ");
		pen_value(p, mark_if(c->async != was_cpu(s, cpu)->async, STYLE_WAIT), 1, "%u", c->async);
		pen_line(p);
	}
}

static void pending_draw(struct pen *p, const struct scene *s, unsigned cpu)
{
	const struct cpu *c = peek_cpu(s->m, cpu), *old = was_cpu(s, cpu);
	const struct call *call = peek_call(s->m, cpu);
	unsigned senders = 0;

	for (unsigned i = 0; i < c->queued; i++)
		senders |= 1u << (c->queue[i] & ~QUEUE_SINGLE);
	pen_word(p, STYLE_DIM, "IF ");
	pen_value(p, mark_if(c->irq_off != old->irq_off, c->irq_off ? STYLE_WAIT : STYLE_PLAIN), 1,
		  "%u", !c->irq_off);
	pen_word(p, STYLE_DIM, " IPI ");
	pen_value(p, mark_if(c->pending != old->pending, c->pending ? STYLE_WAIT : STYLE_DIM), 4,
		  "%s", c->pending & PENDING_IPI ? "pend" : "-");
	pen_word(p, STYLE_DIM, " queue ");
	pen_value(p, mark_if(c->queued != old->queued, c->queued ? STYLE_WAIT : STYLE_DIM), 3, "%s",
		  say_cpus(senders).is);
	pen_word(p, STYLE_DIM, "csd ");
	pen_value(p,
		  mark_if(call->locked != was_call(s, cpu)->locked,
			  call->locked ? STYLE_WAIT : STYLE_DIM),
		  3, "%s", say_cpus(call->locked).is);
	pen_line(p);
}

/* Broadcast invalidations that the CPU has not done yet, a row each; only machines that have such give them room. */
static void invals_draw(struct pen *p, const struct scene *s, unsigned cpu)
{
	const struct invals *now = peek_invals(s->m, cpu), *old = was_invals(s, cpu);

	for (unsigned i = 0; i < now->count; i++) {
		const struct inval *op = &now->op[i];
		struct say range = say_range(s, op->start, op->end);

		pen_word(p, STYLE_HEAD, "asked ");
		pen_value(p, mark_if(now->count > old->count, STYLE_WAIT), text_width(range.is), "%s", range.is);
		if (op->pcid != EVERY_PCID)
			pen_word(p, STYLE_PLAIN, " #%u", op->pcid);
		pen_word(p, STYLE_DIM, " by cpu%u%s%s", op->from, op->final_only ? ", leaves" : "",
			 op->acked ? ", acked" : "");
		pen_line(p);
	}
	if (!now->count && old->count) {
		pen_word(p, STYLE_HEAD, "asked ");
		pen_value(p, STYLE_CHANGED, 4, "done");
		pen_line(p);
	}
}

static bool pending_any(const struct scene *s, unsigned cpu)
{
	const struct cpu *c = peek_cpu(s->m, cpu), *old = was_cpu(s, cpu);

	return c->irq_off || c->pending || c->queued || peek_call(s->m, cpu)->locked ||
	       old->irq_off || old->pending || old->queued || was_call(s, cpu)->locked;
}

/* Where there is little room, without what is idle: the entries of all CPUs are to be in sight. */
static void cpu_rows(struct canvas *c, const struct scene *s, unsigned cpu, bool roomy)
{
	struct pen p = pen_at(c, 0, 0);

	who_draw(&p, s, cpu);
	p = pen_at(c, p.row, 1);
	loaded_draw(&p, s, cpu);
	if (peek_cpu(s->m, cpu)->pcid && !arch_is(s->m, ARCH_ARM64) && !peek_parked(s->m, cpu)->pcid)
		slots_draw(&p, s, cpu);
	if (roomy || pending_any(s, cpu))
		pending_draw(&p, s, cpu);
	invals_draw(&p, s, cpu);
	if (roomy || leaves_any(s, MMU_CPU(cpu))) {
		leaves_head(&p, "TLB");
		p = pen_at(c, p.row, 0);
		leaves_draw(&p, s, MMU_CPU(cpu), roomy ? leaves_rows(s) : 0);
	} else {
		pen_word(&p, STYLE_HEAD, "TLB");
		pen_word(&p, STYLE_DIM, "  -");
		pen_line(&p);
	}
	p = pen_at(c, p.row, 1);
	if (roomy || psc_any(s, MMU_CPU(cpu)))
		psc_draw(&p, s, MMU_CPU(cpu));
	/* The speculative walk takes the row only while the instruction's own walk does not need
	 * it. */
	if (peek_walker(s->m, WALKER_SPEC(cpu))->active)
		walker_draw(&p, s, WALKER_SPEC(cpu), "spec");
	if (roomy ? peek_walker(s->m, WALKER_CPU(cpu))->active ||
			    !peek_walker(s->m, WALKER_SPEC(cpu))->active :
		    walker_any(s, WALKER_CPU(cpu)))
		walker_draw(&p, s, WALKER_CPU(cpu), "walk");
	over_draw(&p, s, cpu);
}

static void cpu_draw(struct canvas *c, const struct scene *s, unsigned cpu)
{
	cpu_rows(c, s, cpu, true);
}

static void cpu_brief(struct canvas *c, const struct scene *s, unsigned cpu)
{
	cpu_rows(c, s, cpu, false);
}

static int draw(struct canvas *c, const struct scene *s)
{
	unsigned index[MAX_CPUS];
	int count = 0;
	bool roomy;

	for (unsigned i = 0; i < MAX_CPUS; i++)
		if (peek_cpu(s->m, i)->online)
			index[count++] = i;
	roomy = c->cols >= ROOMY_COLS && c->cols >= count * BLOCK_COLS;
	blocks_draw(c, s, index, count, BLOCK_COLS, roomy, roomy ? cpu_draw : cpu_brief);
	return canvas_last(c, STYLE_STALE);
}

static void note(struct text *t, const struct scene *s)
{
	unsigned stale = 0, lag = 0;

	for (unsigned i = 0; i < MAX_CPUS; i++) {
		const struct cpu *c = peek_cpu(s->m, i);

		stale += leaves_stale(s, MMU_CPU(i));
		lag += c->loaded_mm < MAX_MMS && !peek_parked(s->m, i)->pcid && c->tlb_gen < peek_mm(s->m, c->loaded_mm)->tlb_gen;
	}
	if (stale)
		text_add(t, "%u stale", stale);
	if (lag)
		text_add(t, "%s%u behind", stale ? ", " : "", lag);
}

const struct pane pane_cpus = {
	.name = "cpus",
	.title = "CPUs",
	.help = "what each CPU runs, has loaded, has cached and is asked to do",
	.wide = { SIDE_LEFT, 8, 76, 2, 90 },
	.small = { SIDE_LEFT, 8, 38, 2, 90 },
	.note = note,
	.draw = draw,
};
