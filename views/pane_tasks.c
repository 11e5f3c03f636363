/*
 * pane_tasks.c - tasks and locks: who does what, who waits for what, who holds it.
 */
#include "pane.h"
#include "routine.h"
#include "say.h"
#include "task.h"

#include <string.h>

enum {
	WIDE = 90
};

static const char *state_words(const struct scene *s, unsigned task, enum style *style)
{
	const struct task *t = peek_task(s->m, task);

	*style = STYLE_DIM;
	if (t->state == TASK_DONE)
		return "done";
	if (peek_mm(s->m, t->mm)->state == MM_UNBORN)
		return "unborn";
	if (*say_wait(s, task).is) {
		*style = STYLE_WAIT;
		return "waits";
	}
	*style = STYLE_GOOD;
	if (peek_cpu(s->m, t->cpu)->current != task) {
		*style = STYLE_PLAIN;
		return "ready";
	}
	return peek_cpu(s->m, t->cpu)->in_nmi ? "in nmi" : peek_cpu(s->m, t->cpu)->in_irq ? "in irq" : "runs";
}

static const char *state_was(const struct scene *s, unsigned task)
{
	const struct task *t = was_task(s, task);

	if (t->state == TASK_DONE)
		return "done";
	return was_cpu(s, t->cpu)->current == task ? "runs" : "ready";
}

static void op_draw(struct pen *p, const struct scene *s, unsigned task, int width)
{
	const struct task *t = peek_task(s->m, task);
	const struct program *prog = peek_program(s->m, task);

	bool over = t->op >= prog->count || (t->state == TASK_DONE && t->result != RES_OK);

	pen_value(p, mark_if(t->op != was_task(s, task)->op, over ? STYLE_DIM : STYLE_PLAIN),
		  width - 1, "%s", over ? result_name(t->result) : say_op(s, &prog->op[t->op]).is);
}

static void doing_draw(struct pen *p, const struct scene *s, unsigned ctx)
{
	struct say wait = say_wait(s, ctx);

	if (*wait.is) {
		pen_word(p, STYLE_WAIT, "for %s", wait.is);
	} else if (peek_ctx(s->m, ctx)->depth) {
		pen_word(p, STYLE_PLAIN, "%s", say_stack(s, ctx, p->on->cols - p->col).is);
	}
}

static void registers_draw(struct pen *p, const struct scene *s, unsigned task)
{
	const struct regs *now = peek_regs(s->m, task);
	char words[160];
	struct text t = text_over(words, sizeof(words));

	registers_text(&t, &s->m->names, now);
	if (!t.len)
		return;
	p->col += 2;
	pen_word(p, mark_if(memcmp(now, was_regs(s, task), sizeof(*now)) != 0, STYLE_PLAIN), "%s", words);
	pen_line(p);
}

static void task_draw(struct pen *p, const struct scene *s, unsigned task)
{
	const struct task *t = peek_task(s->m, task);
	const struct program *prog = peek_program(s->m, task);
	enum style style;
	const char *state = state_words(s, task, &style);
	bool changed = s->change &&
		       (t->state != was_task(s, task)->state ||
			(strcmp(state_was(s, task), "runs") == 0) !=
				(t->state != TASK_DONE && peek_cpu(s->m, t->cpu)->current == task));

	pen_field(p, STYLE_ACTOR, 9, "%s", say_name(s, NAME_TASK, task).is);
	pen_field(p, STYLE_DIM, 6, "cpu%u", t->cpu);
	pen_field(p, STYLE_DIM, 4, "%s", say_name(s, NAME_MM, t->mm).is);
	pen_value(p, mark_if(changed, style), 7, "%s", state);
	pen_field(p, STYLE_DIM, 5, "%u/%u", t->op < prog->count ? t->op + 1u : prog->count,
		  prog->count);
	if (p->on->cols >= WIDE) {
		op_draw(p, s, task, p->on->cols >= WIDE + 8 ? 37 : 30);
		doing_draw(p, s, task);
		pen_line(p);
		return;
	}
	pen_line(p);
	p->col += 2;
	op_draw(p, s, task, p->on->cols - 2);
	pen_line(p);
	p->col += 2;
	doing_draw(p, s, task);
	pen_line(p);
}

static unsigned waiters(const struct scene *s, unsigned lock)
{
	unsigned mask = 0;

	for (unsigned x = 0; x < MAX_CTX; x++) {
		const struct act *a = ctx_top(s->m, x);

		if (a && a->wait == WAIT_LOCK && a->wait_object == lock && !ctx_ready(s->m, x))
			mask |= 1u << x;
	}
	return mask;
}

static bool lock_held(const struct lock *k)
{
	return k->owner != NONE || k->readers;
}

static void lock_draw(struct pen *p, const struct scene *s, unsigned lock)
{
	const struct lock *k = peek_lock(s->m, lock), *old = was_lock(s, lock);
	bool changed = k->owner != old->owner || k->readers != old->readers;
	unsigned waiting = waiters(s, lock);

	p->col += 2;
	pen_field(p, lock_held(k) ? STYLE_LOCK : STYLE_DIM, 16, "%s", say_lock(s, lock).is);
	p->col++;
	if (!lock_held(k))
		pen_value(p, STYLE_CHANGED, 4, "free");
	else if (k->owner != NONE)
		pen_value(p, mark_if(changed, STYLE_ACTOR), 9, "w:%s", say_context(s, k->owner).is);
	else
		pen_value(p, mark_if(changed, STYLE_ACTOR), 9, "r:%s",
			  say_contexts(s, k->readers).is);
	if (waiting)
		pen_word(p, STYLE_WAIT, "< %s", say_contexts(s, waiting).is);
	pen_line(p);
}

static int draw(struct canvas *c, const struct scene *s)
{
	struct pen p = pen_at(c, 0, 0);
	int rows;

	for (unsigned i = 0; i < MAX_TASKS; i++)
		if (peek_task(s->m, i)->used) {
			task_draw(&p, s, i);
			registers_draw(&p, s, i);
		}
	for (unsigned x = MAX_TASKS; x < MAX_CTX; x++)
		if (peek_ctx(s->m, x)->depth) {
			pen_field(&p, STYLE_ACTOR, 14, "%s", say_context(s, x).is);
			doing_draw(&p, s, x);
			pen_line(&p);
		}
	pen_word(&p, STYLE_HEAD, "locks   w: write, r: read, < waits");
	pen_line(&p);
	rows = p.row;
	for (unsigned i = 0; i < MAX_LOCKS; i++)
		if (lock_held(peek_lock(s->m, i)) || lock_held(was_lock(s, i)))
			lock_draw(&p, s, i);
	if (p.row == rows) {
		p.col += 2;
		pen_word(&p, STYLE_DIM, "none is held");
	}
	return -1;
}

static void note(struct text *t, const struct scene *s)
{
	unsigned held = 0, waiting = 0;

	for (unsigned i = 0; i < MAX_LOCKS; i++)
		held += lock_held(peek_lock(s->m, i));
	for (unsigned x = 0; x < MAX_CTX; x++)
		waiting += *say_wait(s, x).is != 0;
	text_add(t, "%u held, %u waiting", held, waiting);
}

const struct pane pane_tasks = {
	.name = "tasks",
	.title = "Tasks and locks",
	.help = "what each task does and waits for; locks, who holds them and how",
	.wide = { SIDE_RIGHT, 5, 76, 2, 64 },
	.small = { SIDE_RIGHT, 6, 38, 1, 64 },
	.note = note,
	.draw = draw,
};
