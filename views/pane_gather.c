/*
 * pane_gather.c - what is taken out but not flushed yet: gathers and the count of pending flushes.
 */
#include "pane.h"
#include "say.h"

#include <string.h>

static bool gather_used(const struct gather *g)
{
	static const struct gather none;

	return memcmp(g, &none, sizeof(none)) != 0;
}

static void frames_draw(struct pen *p, const char *what, const uint16_t *pfn, unsigned count,
			unsigned was)
{
	pen_word(p, STYLE_DIM, "%s ", what);
	if (!count)
		pen_value(p, mark_if(was > 0, STYLE_DIM), 1, "-");
	for (unsigned i = 0; i < count; i++) {
		pen_value(p, mark_if(i >= was, STYLE_FRAME), pfn[i] < 10 ? 1 : 2, "%u", pfn[i]);
		p->col += i + 1 == count;
	}
	p->col++;
}

/* Two rows; a task that has none keeps its rows. */
static void gather_draw(struct pen *p, const struct scene *s, unsigned task)
{
	const struct gather *g = peek_gather(s->m, task), *old = was_gather(s, task);

	pen_field(p, STYLE_ACTOR, 8, "%s", say_name(s, NAME_TASK, task).is);
	if (!gather_used(g)) {
		if (gather_used(old))
			pen_value(p, STYLE_CHANGED, 8, "finished");
		else
			pen_word(p, STYLE_DIM, "-");
		pen_line(p);
		pen_line(p);
		return;
	}
	pen_value(p, mark_if(g->start != old->start || g->end != old->end, STYLE_ADDRESS), 14, "%s",
		  g->start > g->end ? "empty" : say_range(s, g->start, g->end).is);
	pen_value(p, mark_if(g->cleared != old->cleared, STYLE_PLAIN), 7, "%s%s%s",
		  g->cleared & 1 ? "pte" : "", g->cleared == 3 ? "+" : "",
		  g->cleared & 2 ? "pmd" : "");
	pen_word(p, STYLE_DIM, "of ");
	pen_word(p, STYLE_STRONG, "%s", say_name(s, NAME_MM, g->mm).is);
	pen_line(p);
	p->col += 2;
	frames_draw(p, "pages", g->page, g->pages, old->pages);
	frames_draw(p, "tables", g->table, g->tables, old->tables);
	pen_value(p, mark_if(g->freed_tables != old->freed_tables, STYLE_PLAIN),
		  g->freed_tables ? 12 : 0, "%s", g->freed_tables ? "freed_tables" : "");
	pen_value(p, mark_if(g->fullmm != old->fullmm, STYLE_PLAIN), 6, "%s",
		  g->fullmm ? "fullmm" : "");
	pen_line(p);
}

static void pending_draw(struct pen *p, const struct scene *s)
{
	pen_word(p, STYLE_HEAD, "tlb_flush_pending");
	p->col += 2;
	for (unsigned i = 0; i < MAX_MMS; i++) {
		const struct mm *mm = peek_mm(s->m, i);

		if (!mm->used)
			continue;
		pen_word(p, STYLE_STRONG, "%s ", say_name(s, NAME_MM, i).is);
		pen_value(p,
			  mark_if(mm->flush_pending != was_mm(s, i)->flush_pending,
				  mm->flush_pending ? STYLE_WAIT : STYLE_PLAIN),
			  2, "%u", mm->flush_pending);
	}
	pen_line(p);
}

static int draw(struct canvas *c, const struct scene *s)
{
	struct pen p = pen_at(c, 0, 0);

	pending_draw(&p, s);
	pen_word(&p, STYLE_HEAD, "mmu_gather");
	pen_line(&p);
	for (unsigned i = 0; i < MAX_TASKS; i++)
		if (gather_used(peek_gather(s->m, i)) || gather_used(was_gather(s, i)))
			gather_draw(&p, s, i);
	/* Two rows where there is none: what follows keeps its place until a second one comes. */
	while (p.row < 4) {
		if (p.row == 2)
			pen_word(&p, STYLE_DIM, "none");
		pen_line(&p);
	}
	return -1;
}

static void note(struct text *t, const struct scene *s)
{
	unsigned gathers = 0;

	for (unsigned i = 0; i < MAX_TASKS; i++)
		gathers += gather_used(peek_gather(s->m, i));
	if (gathers)
		text_add(t, "%u gather%s", gathers, gathers == 1 ? "" : "s");
	else
		text_add(t, "nothing pending");
}

const struct pane pane_gather = {
	.name = "gather",
	.title = "Gathers",
	.help = "mmu_gather of each task, tlb_flush_pending",
	.wide = { SIDE_LEFT, 4, 76, 1, 60 },
	.small = { SIDE_RIGHT, 4, 38, 1, 60 },
	.note = note,
	.draw = draw,
};
