/*
 * pane_flush.c - flushes in flight: what each covers, who sent it, and how far every CPU has come with it; flushes that
 * are left to a batch.
 */
#include "inflight.h"
#include "pane.h"
#include "routine.h"
#include "say.h"

enum {
	STAGE_COLS = 31 /* a CPU and how far it has come */
};

/* What senders and targets compare: the mm's generation, what has returned, who may hold entries. */
static void mm_draw(struct pen *p, const struct scene *s, unsigned i)
{
	const struct mm *mm = peek_mm(s->m, i), *old = was_mm(s, i);
	const struct batched *b = peek_batched(s->m, i);

	pen_word(p, STYLE_STRONG, "%s", say_name(s, NAME_MM, i).is);
	p->col = p->col < p->left + 2 ? p->left + 3 : p->col + 1;
	pen_word(p, STYLE_DIM, "tlb_gen ");
	pen_value(p, mark_if(mm->tlb_gen != old->tlb_gen, STYLE_PLAIN), 2, "%u", mm->tlb_gen);
	pen_word(p, STYLE_DIM, "returned ");
	pen_value(p, mark_if(mm->done_gen != old->done_gen, STYLE_PLAIN), 2, "%u", mm->done_gen);
	pen_word(p, STYLE_DIM, "mask ");
	pen_value(p, mark_if(mm->cpumask != old->cpumask, STYLE_PLAIN), text_width(say_cpus(mm->cpumask).is), "%s",
		  say_cpus(mm->cpumask).is);
	pen_line(p);
	if (!b->pending)
		return;
	pen_word(p, STYLE_DIM, " left to a batch ");
	pen_value(p, mark_if(b->pending != was_batched(s, i)->pending, b->pending == b->flushed ? STYLE_PLAIN : STYLE_WAIT), 2,
		  "%u", b->pending);
	pen_word(p, STYLE_DIM, "flushed ");
	pen_value(p, mark_if(b->flushed != was_batched(s, i)->flushed, STYLE_PLAIN), 2, "%u", b->flushed);
	pen_line(p);
}

/* What a task has taken out of the tables and has not flushed: to come, and not in flight yet. */
static bool batch_draw(struct pen *p, const struct scene *s, unsigned task)
{
	const struct ubc *u = peek_ubc(s->m, task), *old = was_ubc(s, task);

	if (!u->flush_required)
		return false;
	pen_word(p, STYLE_ACTOR, "%s", say_name(s, NAME_TASK, task).is);
	pen_word(p, STYLE_DIM, "'s batch, not flushed on ");
	pen_value(p, mark_if(u->cpumask != old->cpumask, STYLE_WAIT), text_width(say_cpus(u->cpumask).is), "%s",
		  say_cpus(u->cpumask).is);
	if (u->writable)
		pen_word(p, STYLE_STALE, "dirty");
	pen_line(p);
	return true;
}

/* Whom the sender waits for now. */
static unsigned waited_for(const struct scene *s, unsigned cpu)
{
	for (unsigned x = 0; x < MAX_CTX; x++) {
		const struct act *top = ctx_top(s->m, x);

		if (top && top->wait == WAIT_CSD && top->wait_object == cpu)
			return top->wait_detail & peek_call(s->m, cpu)->locked;
	}
	return 0;
}

/* What is asked for by a call that is no flush of user memory. */
static const char *call_word(enum call_func func)
{
	switch (func) {
	case CALL_TABLE_SYNC:
		return "an empty call";
	case CALL_SHOOT_LAZY:
		return "shoot lazies";
	case CALL_CPA:
		return "cpa_flush";
	case CALL_LOAD:
		return "a load";
	case CALL_FLUSH:
		break;
	}
	return "a flush";
}

static void head_row(struct pen *p, const struct scene *s, const struct inflight *f)
{
	unsigned waits = f->left ? 0 : waited_for(s, f->sender);

	pen_word(p, STYLE_ACTOR, "cpu%u ", f->sender);
	if (f->info.func == CALL_FLUSH)
		pen_word(p, STYLE_ADDRESS, "%s ", say_range(s, f->info.start, f->info.end).is);
	else
		pen_word(p, STYLE_PLAIN, "%s ", call_word((enum call_func)f->info.func));
	if (f->info.mm < MAX_MMS) {
		pen_word(p, STYLE_DIM, "of ");
		pen_word(p, STYLE_STRONG, "%s ", say_name(s, NAME_MM, f->info.mm).is);
	}
	if (f->info.func == CALL_FLUSH) {
		pen_word(p, STYLE_DIM, "gen ");
		pen_word(p, STYLE_PLAIN, "%u", f->info.new_tlb_gen);
	}
	if (f->info.freed_tables && f->info.func == CALL_FLUSH)
		pen_word(p, STYLE_PLAIN, " tables");
	if (f->left)
		pen_word(p, STYLE_STALE, " has gone on");
	else if (waits)
		pen_word(p, STYLE_WAIT, " waits for %s", say_cpus(waits).is);
	pen_line(p);
}

static enum style stage_style(enum inflight_stage stage)
{
	switch (stage) {
	case INFLIGHT_AHEAD:
	case INFLIGHT_SKIPPED:
		return STYLE_DIM;
	case INFLIGHT_DONE:
		return STYLE_GOOD;
	case INFLIGHT_UNLOCKED:
		return STYLE_STALE;
	case INFLIGHT_LOCKED:
	case INFLIGHT_QUEUED:
	case INFLIGHT_SENT:
	case INFLIGHT_TAKEN:
	case INFLIGHT_RUNS:
	case INFLIGHT_HELD:
	case INFLIGHT_STAGES:
		break;
	}
	return STYLE_WAIT;
}

/* Did the last step move this CPU's part of the flush? */
static bool stage_moved(const struct scene *s, const struct inflight *f, unsigned cpu)
{
	const struct cpu *c = peek_cpu(s->m, cpu), *old = was_cpu(s, cpu);

	return ((peek_call(s->m, f->sender)->locked ^ was_call(s, f->sender)->locked) >> cpu & 1) || c->queued != old->queued ||
	       c->pending != old->pending || c->async != old->async || c->tlb_gen != old->tlb_gen;
}

/* What keeps the CPU from taking the interrupt. */
static const char *delay(const struct cpu *c)
{
	return c->in_nmi ? " (in NMI)" : c->in_irq ? " (in IRQ)" : c->irq_off ? " (IF 0)" : "";
}

static void stage_draw(struct pen *p, const struct scene *s, const struct inflight *f, unsigned cpu)
{
	enum inflight_stage stage = (enum inflight_stage)f->stage[cpu];
	enum style style = stage_style(stage);
	bool sent = stage == INFLIGHT_SENT || stage == INFLIGHT_QUEUED;
	struct say words = { "" };
	struct text t = text_over(words.is, sizeof(words.is));

	text_add(&t, "%s%s", inflight_word(stage), sent ? delay(peek_cpu(s->m, cpu)) : "");
	pen_word(p, STYLE_ACTOR, "cpu%u ", cpu);
	pen_value(p, style == STYLE_STALE ? style : mark_if(stage_moved(s, f, cpu), style), text_width(words.is), "%s", words.is);
}

/* As many CPUs to a row as there is room for. */
static void flush_draw(struct pen *p, const struct scene *s, const struct inflight *f)
{
	int at = 0, each = (p->on->cols - p->left - 1) / STAGE_COLS;

	head_row(p, s, f);
	p->col = p->left + 1;
	if (!f->cpus)
		pen_word(p, STYLE_DIM, "mm_cpumask comes next");
	for (unsigned c = 0; c < MAX_CPUS; c++) {
		if (!(f->cpus >> c & 1))
			continue;
		if (at == (each > 0 ? each : 1)) {
			pen_line(p);
			at = 0;
		}
		p->col = p->left + 1 + at++ * STAGE_COLS;
		stage_draw(p, s, f, c);
	}
	pen_line(p);
}

/* ---- broadcasts ---- */

static bool same_broadcast(const struct inval *a, const struct inval *b)
{
	return a->from == b->from && a->start == b->start && a->end == b->end && a->pcid == b->pcid &&
	       a->final_only == b->final_only;
}

/* The CPU's first operation that belongs to the same broadcast, NULL when it has none. */
static const struct inval *broadcast_on(const struct scene *s, unsigned cpu, const struct inval *like)
{
	const struct invals *all = peek_invals(s->m, cpu);

	for (unsigned i = 0; i < all->count; i++)
		if (same_broadcast(&all->op[i], like))
			return &all->op[i];
	return NULL;
}

/* Is the operation of this CPU the first that tells of its broadcast? */
static bool first_of_broadcast(const struct scene *s, unsigned cpu, unsigned i)
{
	const struct inval *op = &peek_invals(s->m, cpu)->op[i];

	if (broadcast_on(s, cpu, op) != op)
		return false;
	for (unsigned c = 0; c < cpu; c++)
		if (broadcast_on(s, c, op))
			return false;
	return true;
}

/* What hardware carries to every CPU, and which of them have not done it. */
static void broadcast_draw(struct pen *p, const struct scene *s, const struct inval *op)
{
	pen_word(p, STYLE_ACTOR, "cpu%u ", op->from);
	pen_word(p, STYLE_DIM, "broadcasts ");
	pen_word(p, STYLE_ADDRESS, "%s", say_range(s, op->start, op->end).is);
	if (op->pcid != EVERY_PCID)
		pen_word(p, STYLE_PLAIN, " #%u", op->pcid);
	if (op->final_only)
		pen_word(p, STYLE_DIM, ", leaves");
	pen_line(p);
	p->col++;
	for (unsigned c = 0; c < MAX_CPUS; c++) {
		const struct inval *here = broadcast_on(s, c, op);

		if (!here)
			continue;
		pen_word(p, STYLE_ACTOR, "cpu%u ", c);
		if (here->acked)
			pen_value(p, STYLE_STALE, 15, "acked, not done");
		else
			pen_value(p, STYLE_WAIT, 5, "asked");
	}
	pen_line(p);
}

static unsigned broadcasts_draw(struct pen *p, const struct scene *s)
{
	unsigned all = 0;

	for (unsigned c = 0; c < MAX_CPUS; c++)
		for (unsigned i = 0; i < peek_invals(s->m, c)->count; i++)
			if (first_of_broadcast(s, c, i)) {
				if (p)
					broadcast_draw(p, s, &peek_invals(s->m, c)->op[i]);
				all++;
			}
	return all;
}

static int draw(struct canvas *c, const struct scene *s)
{
	struct inflight f[MAX_INFLIGHT];
	unsigned n = inflight_list(s->m, f);
	struct pen p = pen_at(c, 0, 0);
	bool batch = false;

	for (unsigned i = 0; i < MAX_MMS; i++)
		if (peek_mm(s->m, i)->used)
			mm_draw(&p, s, i);
	for (unsigned i = 0; i < MAX_TASKS; i++)
		batch |= batch_draw(&p, s, i);
	for (unsigned i = 0; i < n; i++)
		flush_draw(&p, s, &f[i]);
	if (!broadcasts_draw(&p, s) && !n && !batch) {
		pen_word(&p, STYLE_DIM, "nothing in flight");
		pen_line(&p);
	}
	return -1;
}

static unsigned unlocked(const struct inflight *f, unsigned n)
{
	unsigned all = 0;

	for (unsigned i = 0; i < n; i++)
		for (unsigned c = 0; c < MAX_CPUS; c++)
			all += (f[i].cpus >> c & 1) && f[i].stage[c] == INFLIGHT_UNLOCKED;
	return all;
}

static void note(struct text *t, const struct scene *s)
{
	struct inflight f[MAX_INFLIGHT];
	unsigned n = inflight_list(s->m, f), early = unlocked(f, n);

	n += broadcasts_draw(NULL, s);
	if (n)
		text_add(t, "%u in flight", n);
	else
		text_add(t, "none");
	if (early)
		text_add(t, ", %u early", early);
}

static bool urgent(const struct scene *s)
{
	struct inflight f[MAX_INFLIGHT];

	return unlocked(f, inflight_list(s->m, f)) > 0;
}

const struct pane pane_flush = {
	.name = "flush",
	.title = "Flushes",
	.help = "flushes in flight: range, generation, sender, and how far each CPU has come",
	.wide = { SIDE_LEFT, 3, 76, 1, 62 },
	.small = { SIDE_RIGHT, 4, 38, 1, 62 },
	.urgent = urgent,
	.note = note,
	.draw = draw,
};
