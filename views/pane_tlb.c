/*
 * pane_tlb.c - every cached translation: TLBs, IOTLBs, shadow tables, in full.
 */
#include "cached.h"
#include "mmu.h"
#include "pane.h"

enum {
	BLOCK_COLS = 62
};

static void psc_rows(struct pen *p, const struct scene *s, unsigned mmu)
{
	const struct psc *c = peek_psc(s->m, mmu);

	for (unsigned i = c->count; i-- > 0;) {
		const struct psc_entry *e = &c->entry[i];
		const struct frame *f = peek_frame(s->m, e->table);
		bool stale = f->generation != e->generation || f->owner != FRAME_TABLE;

		p->col++;
		pen_field(p, STYLE_DIM, 4, "%s", level_name(e->level));
		pen_field(p, STYLE_ADDRESS, 16, "%s", say_hex(e->va).is);
		pen_value(p, stale ? STYLE_STALE : STYLE_FRAME, -3, "%u", e->table);
		pen_field(p, STYLE_DIM, -3, "g%u", e->generation);
		if (stale)
			pen_word(p, STYLE_STALE, " freed");
		pen_line(p);
	}
}

static void mmu_draw(struct canvas *c, const struct scene *s, unsigned mmu)
{
	struct pen p = pen_at(c, 0, 0);

	leaves_head(&p, "");
	canvas_put(c, 0, 0, STYLE_ACTOR, say_mmu(s, mmu).is);
	leaves_draw(&p, s, mmu, leaves_rows(s));
	psc_rows(&p, s, mmu);
}

static int draw(struct canvas *c, const struct scene *s)
{
	unsigned index[MAX_MMUS];
	int count = 0;

	for (unsigned i = 0; i < MAX_MMUS; i++)
		if (mmu_exists(s->m, i))
			index[count++] = i;
	blocks_draw(c, s, index, count, BLOCK_COLS, true, mmu_draw);
	return -1;
}

static void note(struct text *t, const struct scene *s)
{
	unsigned held = 0, stale = 0;

	for (unsigned i = 0; i < MAX_MMUS; i++) {
		held += peek_tlb(s->m, i)->count;
		stale += leaves_stale(s, i);
	}
	text_add(t, "%u cached, %u stale", held, stale);
}

const struct pane pane_tlb = {
	.name = "tlb",
	.title = "Cached translations",
	.help = "every entry of every TLB, IOTLB and shadow table; ~ stale, x outlawed",
	.wide = { SIDE_LEFT, 6, 76, 2, 10 },
	.small = { SIDE_LEFT, 6, 38, 2, 10 },
	.note = note,
	.draw = draw,
};
