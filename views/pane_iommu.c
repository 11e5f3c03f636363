/*
 * pane_iommu.c - the IOMMU, the devices behind it, and the notifier's subscribers.
 */
#include "cached.h"
#include "mmu.h"
#include "pane.h"
#include "task.h"

#include <string.h>

enum {
	QUEUE_ROWS = 3
};

static bool queue_had(const struct iommu *old, const struct qi_entry *e)
{
	for (unsigned i = 0; i < old->queued; i++)
		if (memcmp(&old->queue[i], e, sizeof(*e)) == 0)
			return true;
	return false;
}

static void queue_draw(struct pen *p, const struct scene *s)
{
	const struct iommu *io = peek_iommu(s->m, 0), *old = was_iommu(s, 0);
	bool roomy = p->on->cols >= ROOMY_COLS;

	pen_word(p, STYLE_HEAD, "invalidation queue, head first");
	if (!roomy && !io->queued)
		pen_word(p, mark_if(old->queued, STYLE_DIM), "  -");
	pen_line(p);
	for (unsigned i = 0; i < io->queued || (roomy && i < QUEUE_ROWS); i++) {
		const struct qi_entry *e = &io->queue[i];
		enum style style = mark_if(i < io->queued && !queue_had(old, e), STYLE_PLAIN);

		pen_field(p, STYLE_DIM, -2, "%u", i + 1);
		p->col++;
		if (i >= io->queued)
			pen_glyph(p, STYLE_DIM, GLYPH_DOT);
		else if (e->kind == QI_WAIT)
			pen_value(p, style, 20, "wait: status of %s", say_context(s, e->ctx).is);
		else
			pen_value(p, style, 26, "inv pasid %u %s", e->pasid,
				  say_range(s, e->start, e->end).is);
		if (i < io->queued && e->kind != QI_WAIT)
			pen_word(p, STYLE_DIM, "%s", say_context(s, e->ctx).is);
		pen_line(p);
	}
	pen_word(p, STYLE_DIM, "status written: ");
	pen_value(p, mark_if(io->status != old->status, STYLE_PLAIN), 12, "%s",
		  say_contexts(s, io->status).is);
	pen_line(p);
}

static void pasid_draw(struct pen *p, const struct scene *s, unsigned i)
{
	static const char *const states[] = {
		[PASID_ABSENT] = "absent",
		[PASID_QUIESCED] = "quiesced",
		[PASID_PRESENT] = "present",
	};
	const struct pasid *now = &peek_iommu(s->m, 0)->pasid[i], *old = &was_iommu(s, 0)->pasid[i];

	pen_word(p, STYLE_DIM, "pasid %u  ", i);
	pen_value(p, mark_if(now->state != old->state, STYLE_PLAIN), 8, "%s", states[now->state]);
	if (now->state == PASID_PRESENT) {
		pen_word(p, STYLE_DIM, "tables of ");
		pen_word(p, STYLE_STRONG, "%s ", say_name(s, NAME_MM, now->mm).is);
		pen_word(p, STYLE_FRAME, "pfn %u", now->pgd);
	}
	pen_line(p);
}

static void dev_draw(struct pen *p, const struct scene *s, unsigned dev)
{
	const struct dev *d = peek_dev(s->m, dev), *old = was_dev(s, dev);
	const struct program *prog = peek_program(s->m, MAX_TASKS + dev);
	bool roomy = p->on->cols >= ROOMY_COLS;
	int left = p->left;

	pen_field(p, STYLE_ACTOR, 6, "%s", say_name(s, NAME_DEV, dev).is);
	if (d->pasid == NONE)
		pen_word(p, STYLE_DIM, "not bound  ");
	else
		pen_word(p, STYLE_DIM, "pasid %u  ", d->pasid);
	pen_field(p, STYLE_DIM, 4, "%u/%u", d->op < prog->count ? d->op + 1u : prog->count,
		  prog->count);
	pen_value(p, mark_if(d->op != old->op, d->op < prog->count ? STYLE_PLAIN : STYLE_DIM), 15,
		  "%s", d->op < prog->count ? say_op(s, &prog->op[d->op]).is : "done");
	pen_line(p);
	p->left = p->col = left + 1;
	leaves_head(p, "IOTLB");
	p->left = p->col = left;
	leaves_draw(p, s, MMU_DEV(dev), roomy ? 2 : 1);
	p->left = p->col = left + 1;
	if (roomy || psc_any(s, MMU_DEV(dev)))
		psc_draw(p, s, MMU_DEV(dev));
	if (roomy || walker_any(s, WALKER_DEV(dev)))
		walker_draw(p, s, WALKER_DEV(dev), "walk");
	p->left = p->col = left;
}

static void sub_draw(struct pen *p, const struct scene *s, unsigned i)
{
	const struct sub *u = peek_sub(s->m, i), *old = was_sub(s, i);

	pen_field(p, STYLE_ACTOR, 6, "%s", say_name(s, NAME_SUB, i).is);
	if (u->kind == SUB_SVA)
		pen_word(p, STYLE_DIM, "shares tables for %s, ", say_name(s, NAME_DEV, u->dev).is);
	else
		pen_word(p, STYLE_DIM, "shadow, ");
	pen_value(p, mark_if(u->mm != old->mm, STYLE_STRONG), 4, "%s",
		  u->mm == NONE ? "off" : say_name(s, NAME_MM, u->mm).is);
	if (u->released)
		pen_value(p, mark_if(u->released != old->released, STYLE_WAIT), 8, "released");
	pen_line(p);
	if (u->kind != SUB_SHADOW)
		return;
	p->col++;
	pen_word(p, STYLE_DIM, "seq ");
	pen_value(p, mark_if(u->seq != old->seq, STYLE_PLAIN), 2, "%u", u->seq);
	pen_word(p, STYLE_DIM, "in_progress ");
	pen_value(p,
		  mark_if(u->in_progress != old->in_progress,
			  u->in_progress ? STYLE_WAIT : STYLE_PLAIN),
		  1, "%u", u->in_progress);
	p->col++;
	pen_value(p,
		  mark_if(u->start != old->start || u->end != old->end,
			  u->in_progress ? STYLE_ADDRESS : STYLE_DIM),
		  12, "%s", u->in_progress ? say_range(s, u->start, u->end).is : "-");
	pen_line(p);
	p->left = p->col = p->left + 1;
	leaves_head(p, "own entries");
	p->left = p->col = p->left - 1;
	leaves_draw(p, s, MMU_SUB(i), p->on->cols >= ROOMY_COLS ? 2 : 1);
}

static bool applies(const struct scene *s)
{
	for (unsigned i = 0; i < MAX_SUBS; i++)
		if (peek_sub(s->m, i)->kind != SUB_NONE)
			return true;
	return lane_exists(s->m, LANE_IOMMU);
}

/* Is something cached outside the CPUs, or queued to be invalidated? */
static bool busy(const struct scene *s)
{
	for (unsigned u = MMU_DEV(0); u < MAX_MMUS; u++)
		if (peek_tlb(s->m, u)->count || peek_psc(s->m, u)->count)
			return true;
	return peek_iommu(s->m, 0)->queued;
}

static int draw(struct canvas *c, const struct scene *s)
{
	struct pen p = pen_at(c, 0, 0);

	if (!applies(s))
		pen_word(&p, STYLE_DIM, "no device and no subscriber here");
	for (unsigned i = 0; i < MAX_DEVS; i++)
		if (peek_dev(s->m, i)->used)
			dev_draw(&p, s, i);
	for (unsigned i = 0; i < MAX_SUBS; i++)
		if (peek_sub(s->m, i)->kind != SUB_NONE)
			sub_draw(&p, s, i);
	if (lane_exists(s->m, LANE_IOMMU))
		queue_draw(&p, s);
	for (unsigned i = 0; i < MAX_SUBS; i++)
		if (peek_sub(s->m, i)->kind == SUB_SVA)
			pasid_draw(&p, s, i);
	return canvas_last(c, STYLE_STALE);
}

static void note(struct text *t, const struct scene *s)
{
	unsigned stale = 0;

	for (unsigned u = MMU_DEV(0); u < MAX_MMUS; u++)
		stale += leaves_stale(s, u);
	if (lane_exists(s->m, LANE_IOMMU))
		text_add(t, "%u queued%s", peek_iommu(s->m, 0)->queued, stale ? ", " : "");
	if (stale)
		text_add(t, "%u stale", stale);
}

const struct pane pane_iommu = {
	.name = "iommu",
	.title = "IOMMU and subscribers",
	.help = "invalidation queue, PASIDs, devices with IOTLB and walks, notifier subscribers",
	.wide = { SIDE_RIGHT, 8, 76, 2, 65 },
	.small = { SIDE_RIGHT, 5, 38, 2, 65 },
	.applies = applies,
	.urgent = busy,
	.note = note,
	.draw = draw,
};
