/*
 * pane_code.c - the routine that runs next, with an arrow at its next step.
 */
#include "pane.h"
#include "routines.h"
#include "say.h"
#include "task.h"

#include <string.h>

enum {
	CODE_LEFT = 3
};

static bool has_frame(const struct machine *m, unsigned ctx)
{
	return ctx < MAX_CTX && peek_ctx(m, ctx)->depth > 0;
}

/* The context an action runs on, NONE when it runs none. */
static unsigned action_context(const struct machine *m, const struct action *a)
{
	switch ((enum action_kind)a->kind) {
	case ACT_SWITCH:
		return a->task;
	case ACT_STEP:
	case ACT_IPI:
	case ACT_NMI:
		return cpu_context(m, a->agent);
	case ACT_DMA:
	case ACT_TAKE:
	case ACT_DRAIN:
	case ACT_INVAL:
	case ACT_WALK:
	case ACT_FILL:
	case ACT_EVICT:
	case ACTION_KINDS:
		break;
	}
	return NONE;
}

/* Whose code is shown: that of the default action, else of who acted last, else of anybody. */
static unsigned code_context(const struct scene *s)
{
	unsigned ctx = NONE;

	if (s->next)
		ctx = action_context(s->m, s->next);
	if (!has_frame(s->m, ctx) && s->t && s->t->cursor)
		ctx = action_context(s->m, &s->t->node[s->t->cursor].action);
	for (unsigned x = 0; x < MAX_CTX && !has_frame(s->m, ctx); x++)
		if (ctx_ready(s->m, x))
			ctx = x;
	for (unsigned x = 0; x < MAX_CTX && !has_frame(s->m, ctx); x++)
		ctx = x;
	return has_frame(s->m, ctx) ? ctx : NONE;
}

/* Line after line; returns the row of the one that comes next. */
static int lines_draw(struct pen *p, const struct act *a, bool waits)
{
	const char *words;
	bool call;
	int row = -1;

	for (unsigned line = 1; routine_line(a->routine, line, &words, &call); line++) {
		bool here = line == a->pc;

		if (here) {
			row = p->row;
			canvas_glyph(p->on, p->row, 0, waits ? STYLE_WAIT : STYLE_ARROW,
				     glyph(GLYPH_POINTER));
		}
		p->col = CODE_LEFT + 2 * call;
		if (call) {
			pen_glyph(p, STYLE_DIM, GLYPH_RIGHT_ARROW);
			p->col++;
		}
		pen_wrap(p,
			 here ? waits ? STYLE_WAIT : STYLE_ARROW :
			 call ? STYLE_DIM :
				STYLE_PLAIN,
			 CODE_LEFT + 2 + 2 * call, words);
		pen_line(p);
	}
	return row;
}

static int draw(struct canvas *c, const struct scene *s)
{
	struct pen p = pen_at(c, 0, 0);
	unsigned ctx = code_context(s);
	struct say wait;
	int row;

	if (ctx == NONE) {
		pen_word(&p, STYLE_DIM, "every program has run to its end");
		return -1;
	}
	wait = say_wait(s, ctx);
	pen_word(&p, STYLE_ACTOR, "%s ", say_context(s, ctx).is);
	pen_word(&p, STYLE_DIM, "%s", say_stack(s, ctx, c->cols - p.col).is);
	pen_line(&p);
	p.col = CODE_LEFT;
	if (*wait.is)
		pen_word(&p, STYLE_WAIT, "waits for %s", wait.is);
	pen_line(&p);
	row = lines_draw(&p, ctx_top(s->m, ctx), *wait.is);
	return row;
}

static void note(struct text *t, const struct scene *s)
{
	unsigned ctx = code_context(s);
	const struct routine *r;

	if (ctx == NONE)
		return;
	r = routine_table[ctx_top(s->m, ctx)->routine];
	text_add(t, "%s  %s", r->name, r->path);
}

const struct pane pane_code = {
	.name = "code",
	.title = "Code",
	.help = "the routine of who acts next, an arrow at its next step",
	.wide = { SIDE_RIGHT, 6, 76, 3, 85 },
	.small = { SIDE_RIGHT, 4, 38, 3, 85 },
	.note = note,
	.draw = draw,
};
