/*
 * pane_frames.c - physical page frames: who owns them, who counts on them, who still has them
 * cached.
 */
#include "cached.h"
#include "pane.h"

enum {
	WIDE = 56
};

static struct say cachers(const struct scene *s, unsigned pfn)
{
	const char *sep = "";
	struct say w = { "" };
	struct text t = text_over(w.is, sizeof(w.is));

	for (unsigned u = 0; u < MAX_MMUS; u++)
		if (mmu_caches(s, u, pfn)) {
			text_add(&t, "%s%s", sep, say_mmu(s, u).is);
			sep = " ";
		}
	return w;
}

/* A frame that nobody has used yet is not worth a row. */
static bool shown(const struct scene *s, unsigned pfn)
{
	const struct frame *f = peek_frame(s->m, pfn);

	return f->owner != FRAME_FREE || f->generation || was_frame(s, pfn)->owner != FRAME_FREE;
}

static void frame_draw(struct pen *p, const struct scene *s, unsigned pfn)
{
	const struct frame *f = peek_frame(s->m, pfn), *old = was_frame(s, pfn);
	struct say who = cachers(s, pfn);
	bool is_free = f->owner == FRAME_FREE, ghost = is_free && *who.is;
	enum style plain = is_free ? STYLE_DIM : STYLE_PLAIN;
	bool wide = p->on->cols >= WIDE;

	pen_value(p, ghost ? STYLE_STALE : STYLE_FRAME, -3, "%u", pfn);
	p->col++;
	pen_value(p, mark_if(f->owner != old->owner, ghost ? STYLE_STALE : plain), 11,
		  ghost && !wide ? "free, %s" : "%s",
		  ghost && !wide ? who.is : say_frame(s, pfn).is);
	pen_value(p, mark_if(f->refcount != old->refcount, plain), -3, "%u", f->refcount);
	pen_value(p, mark_if(f->mapcount != old->mapcount, plain), -3, "%u", f->mapcount);
	pen_value(p, mark_if(f->generation != old->generation, STYLE_DIM), -4, "g%u",
		  f->generation);
	if (f->owner == FRAME_TABLE)
		pen_field(p, STYLE_DIM, -5, "-");
	else
		pen_value(p, mark_if(f->value != old->value, plain), -5, "%u", f->value);
	if (wide) {
		p->col = 39;
		pen_word(p, ghost ? STYLE_STALE : STYLE_ACTOR, "%s", who.is);
		if (f->flags & FRAME_DIRTY)
			pen_word(p, STYLE_DIM, " dirty");
	}
	pen_line(p);
}

static int draw(struct canvas *c, const struct scene *s)
{
	struct pen p = pen_at(c, 0, 0);

	pen_word(&p, STYLE_HEAD, "pfn  owner      refs map   gen value%s",
		 c->cols >= WIDE ? "    cached by" : "");
	pen_line(&p);
	for (unsigned pfn = 1; pfn < MAX_FRAMES; pfn++)
		if (pfn == ZERO_PFN ?
			    peek_frame(s->m, pfn)->refcount > 1 || peek_frame(s->m, pfn)->mapcount :
			    shown(s, pfn))
			frame_draw(&p, s, pfn);
	return -1;
}

static void note(struct text *t, const struct scene *s)
{
	unsigned used = 0, ghosts = 0;

	for (unsigned pfn = 1; pfn < MAX_FRAMES; pfn++) {
		if (pfn == ZERO_PFN)
			continue;
		if (peek_frame(s->m, pfn)->owner != FRAME_FREE)
			used++;
		else
			ghosts += *cachers(s, pfn).is != 0;
	}
	text_add(t, "%u of %u used", used, MAX_FRAMES - 2);
	if (ghosts)
		text_add(t, ", %u free but cached", ghosts);
}

const struct pane pane_frames = {
	.name = "frames",
	.title = "Frames",
	.help = "physical frames: owner, counts, generation, value, who caches them",
	.wide = { SIDE_LEFT, 8, 76, 1, 30 },
	.small = { SIDE_LEFT, 8, 38, 1, 30 },
	.heads = 1,
	.note = note,
	.draw = draw,
};
