/*
 * pane_vmas.c - the mappings of each mm, and the files behind them.
 */
#include "pane.h"
#include "say.h"

#include <string.h>

enum {
	WIDE = 70
};

static void asid_draw(struct pen *p, const struct scene *s, unsigned mm)
{
	const struct asid *a = peek_asid(s->m, mm), *old = was_asid(s, mm);

	p->col++;
	pen_word(p, STYLE_DIM, "global ASID ");
	pen_value(p, mark_if(a->global != old->global, STYLE_PLAIN), 6, "%u (#%u)", a->global, ASID_PCID(a->global));
	if (a->transition)
		pen_value(p, mark_if(!old->transition, STYLE_WAIT), 13, "in transition");
	pen_line(p);
}

static void mm_draw(struct pen *p, const struct scene *s, unsigned i)
{
	static const char *const states[] = {
		[MM_UNBORN] = "unborn",
		[MM_LIVE] = "live",
		[MM_EXITING] = "exiting",
		[MM_DEAD] = "dead",
	};
	const struct mm *mm = peek_mm(s->m, i), *old = was_mm(s, i);

	pen_word(p, STYLE_STRONG, "%s ", say_name(s, NAME_MM, i).is);
	pen_value(p, mark_if(mm->state != old->state, STYLE_PLAIN), text_width(states[mm->state]),
		  "%s", states[mm->state]);
	pen_word(p, STYLE_DIM, " tlb_gen ");
	pen_value(p, mark_if(mm->tlb_gen != old->tlb_gen, STYLE_PLAIN), 2, "%u", mm->tlb_gen);
	pen_word(p, STYLE_DIM, "mm_cpumask ");
	pen_value(p, mark_if(mm->cpumask != old->cpumask, STYLE_PLAIN), 3, "%s",
		  say_cpus(mm->cpumask).is);
	if (p->on->cols >= WIDE) {
		pen_word(p, STYLE_DIM, " users ");
		pen_value(p, mark_if(mm->users != old->users, STYLE_PLAIN), 2, "%u", mm->users);
		pen_word(p, STYLE_DIM, "pgd ");
		pen_value(p, mark_if(mm->pgd != old->pgd, STYLE_FRAME), 6, "%s",
			  say_pfn(mm->pgd).is);
	}
	pen_line(p);
	if (peek_asid(s->m, i)->global || was_asid(s, i)->global)
		asid_draw(p, s, i);
}

static void vma_draw(struct pen *p, const struct scene *s, unsigned i)
{
	const struct vma *v = peek_vma(s->m, i), *old = was_vma(s, i);
	bool changed = memcmp(v, old, sizeof(*v)) != 0;

	p->col++;
	pen_value(p, mark_if(changed, STYLE_ADDRESS), 14, "%s", say_hex(v->start).is);
	if (p->on->cols >= WIDE)
		pen_field(p, STYLE_STRONG, 12, "%s", say_region(s, v->start).is);
	pen_field(p, STYLE_PLAIN, -4, "%llup", (unsigned long long)(v->end - v->start) / PAGE_SIZE);
	p->col++;
	pen_word(p, STYLE_PLAIN, "%s%s%s ", v->flags & VMA_READ ? "r" : "-",
		 v->flags & VMA_WRITE ? "w" : "-", v->flags & VMA_EXEC ? "x" : "-");
	pen_word(p, STYLE_DIM, "%s ", v->flags & VMA_SHARED ? "sh" : "pr");
	if (v->file == NONE)
		pen_word(p, STYLE_PLAIN, "anon");
	else
		pen_word(p, STYLE_PLAIN, "%s+%llu", say_name(s, NAME_FILE, v->file).is,
			 (unsigned long long)v->pgoff);
	if (v->flags & VMA_DETACHED)
		pen_word(p, STYLE_WAIT, " detached");
	pen_line(p);
}

static void file_draw(struct pen *p, const struct scene *s, unsigned i)
{
	const struct file *f = peek_file(s->m, i), *old = was_file(s, i);

	pen_word(p, STYLE_DIM, "file ");
	pen_word(p, STYLE_STRONG, "%s ", say_name(s, NAME_FILE, i).is);
	pen_value(p, mark_if(f->size != old->size, STYLE_PLAIN), 2, "%up",
		  (unsigned)((f->size + PAGE_SIZE - 1) / PAGE_SIZE));
	pen_word(p, STYLE_DIM, " page cache ");
	for (unsigned n = 0; n < FILE_PAGES; n++)
		if (f->page[n] != NO_FRAME || old->page[n] != NO_FRAME) {
			pen_word(p, STYLE_DIM, "%u:", n);
			pen_value(p, mark_if(f->page[n] != old->page[n], STYLE_FRAME), 3, "%s",
				  f->page[n] == NO_FRAME ? "-" : say_pfn(f->page[n]).is + 4);
		}
	pen_line(p);
}

static int draw(struct canvas *c, const struct scene *s)
{
	struct pen p = pen_at(c, 0, 0);

	for (unsigned mm = 0; mm < MAX_MMS; mm++) {
		if (!peek_mm(s->m, mm)->used)
			continue;
		mm_draw(&p, s, mm);
		for (unsigned i = 0; i < MAX_VMAS; i++)
			if (peek_vma(s->m, i)->used && peek_vma(s->m, i)->mm == mm)
				vma_draw(&p, s, i);
	}
	for (unsigned i = 0; i < MAX_FILES; i++)
		if (peek_file(s->m, i)->used)
			file_draw(&p, s, i);
	return -1;
}

static void note(struct text *t, const struct scene *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < MAX_VMAS; i++)
		n += peek_vma(s->m, i)->used;
	text_add(t, "%u", n);
}

const struct pane pane_vmas = {
	.name = "vmas",
	.title = "Mappings",
	.help = "the mappings of each mm, files and their page cache",
	.wide = { SIDE_LEFT, 4, 76, 0, 25 },
	.small = { SIDE_RIGHT, 4, 38, 0, 25 },
	.note = note,
	.draw = draw,
};
