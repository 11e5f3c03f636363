/*
 * pane_pagetable.c - the page tables: one address level by level, as on a lecture's slide, or all
 * of them.
 */
#include "cached.h"
#include "mmu.h"
#include "pane.h"

#include <string.h>

enum {
	BRIEF = 50, /* without what the title says, too */
	WIDE = 70
};

static struct say entry_words(uint64_t entry, unsigned level)
{
	struct say w = { "" };
	struct text t = text_over(w.is, sizeof(w.is));

	pte_text(&t, entry, level);
	/* A capital A is the name of an address space. */
	for (char *c = strstr(w.is, " A"); c; c = strstr(c, " A"))
		c[1] = 'a';
	return w;
}

static void frame_words(struct pen *p, const struct scene *s, unsigned pfn)
{
	const struct frame *f = peek_frame(s->m, pfn);

	pen_word(p, STYLE_FRAME, "%s", say_frame(s, pfn).is);
	if (f->owner == FRAME_TABLE)
		return;
	pen_word(p, STYLE_DIM, "  refs ");
	pen_value(p, mark_if(f->refcount != was_frame(s, pfn)->refcount, STYLE_PLAIN), 1, "%u",
		  f->refcount);
	pen_word(p, STYLE_DIM, " maps ");
	pen_value(p, mark_if(f->mapcount != was_frame(s, pfn)->mapcount, STYLE_PLAIN), 1, "%u",
		  f->mapcount);
	pen_word(p, STYLE_DIM, " = ");
	pen_value(p, mark_if(f->value != was_frame(s, pfn)->value, STYLE_PLAIN), 1, "%u", f->value);
}

static void level_draw(struct pen *p, const struct scene *s, unsigned level,
		       const struct walk_level *now, const struct walk_level *old)
{
	bool changed = now->entry != old->entry || now->table != old->table;

	pen_field(p, STYLE_STRONG, 5, "%s", level_name(level));
	pen_field(p, STYLE_PLAIN, -5, "%u", now->index);
	p->col += 2;
	if (now->table == NO_FRAME) {
		pen_glyph(p, STYLE_DIM, GLYPH_DOT);
	} else {
		pen_field(p, STYLE_FRAME, 8, "%s", say_pfn(now->table).is);
		pen_value(p, mark_if(changed, now->entry ? STYLE_PLAIN : STYLE_DIM), 15, "%s",
			  entry_words(now->entry, level).is);
		if (p->on->cols >= WIDE && pte_present(now->entry) && !pte_leaf(now->entry, level))
			frame_words(p, s, pte_pfn(now->entry));
	}
	pen_line(p);
}

/* Who has a translation of this page, and what it says. */
static void cachers_draw(struct pen *p, const struct scene *s)
{
	bool any = false;

	pen_field(p, STYLE_STRONG, 12, "cached by");
	for (unsigned u = 0; u < MAX_MMUS; u++) {
		const struct tlb *t = peek_tlb(s->m, u);

		for (unsigned i = 0; i < t->count; i++) {
			const struct leaf *e = &t->leaf[i];
			uint64_t size = e->flags & LEAF_HUGE ? PMD_SIZE : PAGE_SIZE;

			if (e->mm != s->mm || s->va < e->va || s->va >= e->va + size)
				continue;
			pen_word(p, STYLE_ACTOR, "%s ", say_mmu(s, u).is);
			pen_value(p, leaf_state(s, e) != LEAF_TRUE ? STYLE_STALE : STYLE_FRAME, 6,
				  "pfn %u", e->pfn);
			p->col++;
			any = true;
		}
	}
	if (!any)
		pen_word(p, STYLE_DIM, "nobody");
	pen_line(p);
}

static void walk_draw(struct pen *p, const struct scene *s)
{
	struct walk_level now[LEVEL_PGD + 1], old[LEVEL_PGD + 1];
	unsigned level = walk_look(s, false, peek_mm(s->m, s->mm)->pgd, s->va, now);
	uint64_t leaf = now[level].entry;

	walk_look(s, true, was_mm(s, s->mm)->pgd, s->va, old);
	/* The title names the address as well. */
	if (p->on->cols >= BRIEF) {
		pen_word(p, STYLE_ADDRESS, "%s", say_hex(s->va).is);
		pen_word(p, STYLE_DIM, " = ");
		for (unsigned l = LEVEL_PGD; l >= LEVEL_PTE; l--)
			pen_word(p, STYLE_PLAIN, "%u%s", now[l].index, l > LEVEL_PTE ? ":" : "");
		pen_word(p, STYLE_DIM, " +%llx", (unsigned long long)(s->va & (PAGE_SIZE - 1)));
		pen_line(p);
		pen_word(p, STYLE_HEAD, "level index  table   entry");
		pen_line(p);
	}
	for (unsigned l = LEVEL_PGD; l >= LEVEL_PTE; l--)
		level_draw(p, s, l, &now[l], &old[l]);
	pen_field(p, STYLE_STRONG, 12, "page");
	if (pte_present(leaf) && pte_leaf(leaf, level)) {
		unsigned pfn = pte_pfn(leaf) + (level == LEVEL_PMD ? now[LEVEL_PTE].index : 0);

		if (p->on->cols >= WIDE)
			pen_field(p, STYLE_FRAME, 8, "pfn %u", pfn);
		if (pfn < MAX_FRAMES)
			frame_words(p, s, pfn);
	} else {
		pen_word(p, STYLE_DIM, "none: an access faults");
	}
	pen_line(p);
	cachers_draw(p, s);
}

/* All non-empty entries of a table, those below them first indented; entries that went away since
 * the previous stop are shown as none. */
static void tree_draw(struct pen *p, const struct scene *s, unsigned table, unsigned level,
		      uint64_t base)
{
	const struct table *now = peek_table(s->m, table), *old = was_table(s, table);

	for (unsigned index = 0; index < 512; index++) {
		uint64_t entry = table_look(now, index), was = table_look(old, index);
		uint64_t va = base | (uint64_t)index << (PAGE_SHIFT + 9 * (level - 1));

		if (!entry && !was)
			continue;
		p->col = (int)(LEVEL_PGD - level) * (p->on->cols < BRIEF ? 1 : 2);
		if (pte_present(entry) && !pte_leaf(entry, level)) {
			pen_field(p, STYLE_STRONG, 4, "%s", level_name(level));
			pen_field(p, STYLE_PLAIN, -3, "%u", index);
			p->col += 2;
			pen_value(p, mark_if(entry != was, STYLE_FRAME), 6, "pfn %u",
				  pte_pfn(entry));
			pen_word(p, STYLE_DIM, "%s table", level_name(level - 1));
			pen_line(p);
			if (pte_pfn(entry) < MAX_TABLES)
				tree_draw(p, s, pte_pfn(entry), level - 1, va);
			continue;
		}
		pen_field(p, STYLE_PLAIN, -3, "%u", index);
		p->col++;
		if (p->on->cols >= WIDE) {
			pen_field(p, STYLE_ADDRESS, 16, "%s", say_hex(va).is);
			pen_field(p, STYLE_STRONG, 14, "%s", say_region(s, va).is);
		} else {
			pen_field(p, STYLE_ADDRESS, say_region(s, va).is[0] ? 10 : 15, "%s", say_address(s, va).is);
		}
		pen_value(p, mark_if(entry != was, entry ? STYLE_PLAIN : STYLE_DIM), 14, "%s",
			  entry_words(entry, level).is);
		if (p->on->cols >= WIDE && pte_present(entry) && pte_pfn(entry) < MAX_FRAMES)
			frame_words(p, s, pte_pfn(entry));
		pen_line(p);
	}
}

static int draw(struct canvas *c, const struct scene *s)
{
	struct pen p = pen_at(c, 0, 0);

	if (s->mm >= MAX_MMS || !peek_mm(s->m, s->mm)->used ||
	    peek_mm(s->m, s->mm)->pgd == NO_FRAME) {
		pen_word(&p, STYLE_DIM, "this mm has no page tables");
		return -1;
	}
	if (s->va) {
		walk_draw(&p, s);
		return -1;
	}
	if (c->cols >= BRIEF) {
		pen_word(&p, STYLE_DIM, "PGD in ");
		pen_word(&p, STYLE_FRAME, "pfn %u", peek_mm(s->m, s->mm)->pgd);
		pen_line(&p);
	}
	tree_draw(&p, s, peek_mm(s->m, s->mm)->pgd, LEVEL_PGD, 0);
	return canvas_last(c, STYLE_CHANGED);
}

static void note(struct text *t, const struct scene *s)
{
	if (s->mm >= MAX_MMS)
		return;
	text_add(t, "%s", say_name(s, NAME_MM, s->mm).is);
	if (s->va)
		text_add(t, ": walk of %s", say_address(s, s->va).is);
	else if (peek_mm(s->m, s->mm)->used && peek_mm(s->m, s->mm)->pgd != NO_FRAME)
		text_add(t, ": PGD in pfn %u", peek_mm(s->m, s->mm)->pgd);
}

const struct pane pane_pagetable = {
	.name = "pagetable",
	.title = "Page table",
	.help = "the walk of one address level by level, or all entries of an mm",
	.wide = { SIDE_LEFT, 6, 76, 2, 82 },
	.small = { SIDE_LEFT, 5, 38, 2, 82 },
	.note = note,
	.draw = draw,
};
