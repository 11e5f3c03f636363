/*
 * cached.c - rows of what translation agents hold, compared with the tables as they are now.
 */
#include "cached.h"

#include <string.h>

#include "mmu.h"

#define SLOT_SHIFT 52 /* see struct table: the index sits in the ignored bits */
#define SLOT_MASK  (511ull << SLOT_SHIFT)

enum {
	WIDE_ROW = 60,
	ROW_LEFT = 2,
	VA_COLS = 14,
	HEX_COLS = 16,
	LONG_WORDS = 24
};

uint64_t table_look(const struct table *t, unsigned index)
{
	for (unsigned i = 0; i < t->count; i++)
		if ((t->slot[i] & SLOT_MASK) >> SLOT_SHIFT == index)
			return t->slot[i] & ~SLOT_MASK;
	return 0;
}

unsigned walk_look(const struct scene *s, bool before, unsigned pgd, uint64_t va,
		   struct walk_level at[LEVEL_PGD + 1])
{
	unsigned table = pgd, level;

	for (level = 0; level <= LEVEL_PGD; level++)
		at[level] = (struct walk_level){ .table = NO_FRAME,
						 .index = level ? va_index(va, level) : 0 };
	for (level = LEVEL_PGD; table < MAX_TABLES; level--) {
		struct walk_level *w = &at[level];

		w->table = table;
		w->entry = table_look(before ? was_table(s, table) : peek_table(s->m, table),
				      w->index);
		if (pte_leaf(w->entry, level) || !pte_present(w->entry))
			return level;
		table = pte_pfn(w->entry);
	}
	return LEVEL_PGD;
}

enum leaf_state leaf_state(const struct scene *s, const struct leaf *e)
{
	struct walk_level at[LEVEL_PGD + 1];
	unsigned level, pfn;
	uint64_t entry;

	if (peek_frame(s->m, e->pfn)->generation != e->generation)
		return LEAF_FREED;
	if (e->mm >= MAX_MMS || peek_mm(s->m, e->mm)->pgd == NO_FRAME)
		return LEAF_UNMAPPED;
	level = walk_look(s, false, peek_mm(s->m, e->mm)->pgd, e->va, at);
	entry = at[level].entry;
	if (!pte_present(entry))
		return LEAF_UNMAPPED;
	pfn = pte_pfn(entry) +
	      (level == LEVEL_PMD && !(e->flags & LEAF_HUGE) ? va_index(e->va, LEVEL_PTE) : 0);
	if (pfn != e->pfn)
		return LEAF_MOVED;
	return (e->flags & LEAF_WRITE) && !(entry & PTE_WRITE) ? LEAF_RIGHTS : LEAF_TRUE;
}

unsigned leaves_stale(const struct scene *s, unsigned mmu)
{
	const struct tlb *t = peek_tlb(s->m, mmu);
	unsigned stale = 0;

	for (unsigned i = 0; i < t->count; i++)
		stale += leaf_state(s, &t->leaf[i]) != LEAF_TRUE;
	return stale;
}

bool mmu_caches(const struct scene *s, unsigned mmu, unsigned pfn)
{
	const struct tlb *t = peek_tlb(s->m, mmu);
	const struct psc *c = peek_psc(s->m, mmu);

	for (unsigned i = 0; i < t->count; i++) {
		unsigned pages = t->leaf[i].flags & LEAF_HUGE ? 512 : 1;

		if (pfn >= t->leaf[i].pfn && pfn < t->leaf[i].pfn + pages)
			return true;
	}
	for (unsigned i = 0; i < c->count; i++)
		if (c->entry[i].table == pfn)
			return true;
	return false;
}

/* Where a row's columns stand: the address, then the rest. */
static int after_address(const struct pen *p)
{
	return p->left + (p->on->cols - p->left >= WIDE_ROW ? HEX_COLS + VA_COLS : VA_COLS) +
	       ROW_LEFT + 1;
}

void leaves_head(struct pen *p, const char *what)
{
	pen_word(p, STYLE_HEAD, "%s", what);
	p->col = after_address(p);
	pen_word(p, STYLE_HEAD, "pfn gen flags");
	pen_line(p);
}

static struct say state_words(const struct scene *s, const struct leaf *e, enum leaf_state state,
			      bool at_length)
{
	struct say w = { "" };
	struct text t = text_over(w.is, sizeof(w.is));
	struct walk_level at[LEVEL_PGD + 1];

	switch (state) {
	case LEAF_TRUE:
		break;
	case LEAF_RIGHTS:
		text_add(&t, at_length ? "the tables grant less" : "rights");
		break;
	case LEAF_MOVED:
		text_add(&t, at_length ? "the tables say pfn %u" : "now %u",
			 pte_pfn(at[walk_look(s, false, peek_mm(s->m, e->mm)->pgd, e->va, at)]
					 .entry));
		break;
	case LEAF_UNMAPPED:
		text_add(&t, at_length ? "no entry in the tables" : "no pte");
		break;
	case LEAF_FREED:
		text_add(&t, "freed");
		if (at_length && peek_frame(s->m, e->pfn)->owner != FRAME_FREE)
			text_add(&t, ", now %s", say_frame(s, e->pfn).is);
		break;
	}
	if (at_length && (e->flags & LEAF_CONDEMNED))
		text_add(&t, "%soutlived its flush", *w.is ? ", " : "");
	else if (at_length && e->outlawed)
		text_add(&t, "%sdue: %s", *w.is ? ", " : "", say_contexts(s, e->outlawed).is);
	return w;
}

static void leaf_address(struct pen *p, const struct scene *s, const struct leaf *e,
			 enum style style)
{
	if (p->on->cols - p->left >= WIDE_ROW) {
		pen_field(p, STYLE_ADDRESS, HEX_COLS, "%s", say_hex(e->va).is);
		pen_value(p, style, VA_COLS, "%s", say_region(s, e->va).is);
	} else {
		pen_value(p, style, VA_COLS, "%s", say_address(s, e->va).is);
	}
}

static void leaf_row(struct pen *p, const struct scene *s, unsigned mmu, const struct leaf *e,
		     const struct leaf *old)
{
	bool changed = s->change && (!old || memcmp(old, e, sizeof(*e)) != 0);
	enum leaf_state state = leaf_state(s, e);
	bool wide = p->on->cols - p->left >= WIDE_ROW;

	pen_word(p, STYLE_BAD, "%s", e->flags & LEAF_CONDEMNED ? "x" : "");
	p->col = p->left + ROW_LEFT;
	leaf_address(p, s, e, mark_if(changed && !old, STYLE_ADDRESS));
	pen_value(p,
		  state != LEAF_TRUE ? STYLE_STALE :
				       mark_if(changed && old && old->pfn != e->pfn, STYLE_FRAME),
		  -3, "%u", e->pfn);
	pen_field(p, STYLE_DIM, -3, "g%u", e->generation);
	p->col++;
	/* LEAF_CONDEMNED has a mark of its own. */
	pen_value(p, mark_if(old && (old->flags ^ e->flags) & ~LEAF_CONDEMNED, STYLE_PLAIN), 4, "%s%s%s%s",
		  e->flags & LEAF_WRITE ? "W" : "-", e->flags & LEAF_DIRTY ? "D" : "-", "A",
		  e->flags & LEAF_USER ? "U" : "-");
	if (wide)
		pen_field(p, STYLE_PLAIN, 6, "%s%s", e->flags & LEAF_NX ? " NX" : "",
			  e->flags & LEAF_HUGE ? " 2M" : "");
	if (mmu < MAX_CPUS && e->pcid)
		pen_field(p, STYLE_DIM, 3, "#%u", e->pcid);
	pen_word(p, STYLE_STALE, "%s",
		 state_words(s, e, state, p->on->cols - p->col >= LONG_WORDS).is);
	pen_line(p);
}

static bool leaf_same_page(const struct leaf *a, const struct leaf *b)
{
	return a->pcid == b->pcid && a->va == b->va;
}

static bool leaf_first(const struct leaf *a, const struct leaf *b)
{
	return a->pcid != b->pcid ? a->pcid < b->pcid : a->va < b->va;
}

void leaves_draw(struct pen *p, const struct scene *s, unsigned mmu, unsigned rows)
{
	const struct tlb *now = peek_tlb(s->m, mmu), *old = was_tlb(s, mmu);
	unsigned i = 0, j = 0, drawn = 0;

	while (i < now->count || j < old->count) {
		const struct leaf *e = i < now->count ? &now->leaf[i] : NULL;
		const struct leaf *o = j < old->count ? &old->leaf[j] : NULL;

		if (e && (!o || !leaf_first(o, e))) {
			bool same = o && leaf_same_page(e, o);

			leaf_row(p, s, mmu, e, same ? o : NULL);
			i++;
			j += same;
		} else {
			p->col = p->left + ROW_LEFT;
			leaf_address(p, s, o, STYLE_DIM);
			pen_value(p, STYLE_CHANGED, 8, "gone");
			pen_line(p);
			j++;
		}
		drawn++;
	}
	for (; drawn < rows; drawn++) {
		p->col = p->left + ROW_LEFT;
		pen_glyph(p, STYLE_DIM, GLYPH_DOT);
		pen_line(p);
	}
}

/* Programs never change while they run, so neither does the number of pages they name. */
unsigned leaves_rows(const struct scene *s)
{
	uint64_t seen[TLB_ENTRIES];
	unsigned n = 0;

	for (unsigned i = 0; i < MAX_TASKS + MAX_DEVS; i++) {
		const struct program *prog = peek_program(s->m, i);

		for (unsigned k = 0; k < prog->count && n < TLB_ENTRIES; k++) {
			uint64_t page = va_page(prog->op[k].va);
			unsigned at = 0;

			while (at < n && seen[at] != page)
				at++;
			if (page && at == n)
				seen[n++] = page;
		}
	}
	return n ? n : 1;
}

bool leaves_any(const struct scene *s, unsigned mmu)
{
	return peek_tlb(s->m, mmu)->count || was_tlb(s, mmu)->count;
}

bool psc_any(const struct scene *s, unsigned mmu)
{
	return peek_psc(s->m, mmu)->count || was_psc(s, mmu)->count;
}

bool walker_any(const struct scene *s, unsigned walker)
{
	return peek_walker(s->m, walker)->active || was_walker(s, walker)->active;
}

static bool psc_had(const struct psc *old, const struct psc_entry *e)
{
	for (unsigned i = 0; i < old->count; i++)
		if (memcmp(&old->entry[i], e, sizeof(*e)) == 0)
			return true;
	return false;
}

void psc_draw(struct pen *p, const struct scene *s, unsigned mmu)
{
	const struct psc *now = peek_psc(s->m, mmu), *old = was_psc(s, mmu);
	int indent = p->left + 5;

	pen_word(p, STYLE_HEAD, "PSC");
	p->col = indent;
	if (!now->count && old->count)
		pen_value(p, STYLE_CHANGED, 5, "empty");
	else if (!now->count)
		pen_word(p, STYLE_DIM, "-");
	/* Upper levels first, as a walk goes; they are kept the other way round. */
	for (unsigned i = now->count; i-- > 0;) {
		const struct psc_entry *e = &now->entry[i];
		const struct frame *f = peek_frame(s->m, e->table);
		bool stale = f->generation != e->generation || f->owner != FRAME_TABLE;

		if (p->col + 8 > p->on->cols) {
			pen_line(p);
			p->col = indent;
		}
		pen_word(p, STYLE_DIM, "%s ", level_name(e->level));
		pen_value(p, stale ? STYLE_STALE : mark_if(!psc_had(old, e), STYLE_FRAME),
			  e->table < 10 ? 1 : 2, "%u", e->table);
		p->col += 2;
	}
	pen_line(p);
}

void walker_draw(struct pen *p, const struct scene *s, unsigned walker, const char *what)
{
	const struct walker *w = peek_walker(s->m, walker), *old = was_walker(s, walker);
	bool stale;

	pen_word(p, STYLE_HEAD, "%s", what);
	p->col = p->left + 5;
	if (!w->active) {
		if (old->active)
			pen_value(p, STYLE_CHANGED, 5, "ended");
		else
			pen_word(p, STYLE_DIM, "-");
		pen_line(p);
		return;
	}
	stale = peek_frame(s->m, w->table)->generation != w->generation;
	pen_word(p, STYLE_ADDRESS, "%s ", say_address(s, w->va).is);
	pen_word(p, STYLE_DIM, "next ");
	pen_word(p, STYLE_PLAIN, "%s ", level_name(w->level));
	pen_word(p, STYLE_DIM, "in ");
	pen_value(p, stale ? STYLE_STALE : mark_if(memcmp(w, old, sizeof(*w)) != 0, STYLE_FRAME), 6,
		  "pfn %u", w->table);
	pen_line(p);
}
