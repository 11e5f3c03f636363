/*
 * merge.c - which neighbours become one mapping, and the anon_vmas that decide it.
 *
 * Models: mm/vma.c: a new or changed range joins the neighbour before it, behind it, or both, when flags, file and page
 * offset go on and the anon_vmas agree; mm/rmap.c: a mapping gets its anon_vma with its first private page,
 * from a neighbour where it may, a child gets one of its own or takes over one that nobody uses.
 * The chain of a mapping is the set of anon_vmas through which the reverse map finds it; one that holds more than its own has
 * parents.  Omits: policies, userfaultfd, names of anonymous memory.
 */
#include "kernel.h"

/* ---- anon_vmas ---- */

static bool chain_holds(struct machine *m, unsigned id)
{
	for (unsigned i = 0; i < MAX_VMAS; i++)
		if (read_vma(m, i)->used && (read_vma(m, i)->chain & (1ull << id)))
			return true;
	return false;
}

static unsigned anon_vma_alloc(struct machine *m, unsigned parent)
{
	unsigned id = 1;

	while (id < MAX_ANON_VMAS && chain_holds(m, id))
		id++;
	if (id == MAX_ANON_VMAS)
		return 0;
	/* Children of what had this number before have lost their parent. */
	for (unsigned i = 1; i < MAX_ANON_VMAS; i++)
		if (i != id && read_anon_vmas(m, 0)->parent[i] == id)
			write_anon_vmas(m, 0)->parent[i] = 0;
	write_anon_vmas(m, 0)->parent[id] = (uint8_t)(parent ? parent : id);
	return id;
}

static bool singular(const struct vma *v)
{
	return v->chain && !(v->chain & (v->chain - 1));
}

/* reusable_anon_vma: may the neighbour `n` lend its anon_vma to `v`, with `low` the lower of the two? */
static unsigned anon_vma_lent(const struct vma *v, const struct vma *n, const struct vma *low, const struct vma *high)
{
	if (low->end != high->start || low->file != high->file || ((v->flags ^ n->flags) & ~(uint32_t)VMA_ACCESS) ||
	    high->pgoff != low->pgoff + (low->end - low->start) / PAGE_SIZE)
		return 0;
	return singular(n) ? n->anon_vma : 0;
}

bool anon_vma_prepare(struct machine *m, unsigned vma)
{
	const struct vma *v = read_vma(m, vma);
	unsigned next = vma_first(m, v->mm, v->end, v->end + 1), prev = vma_before(m, v->mm, v->start);
	unsigned id = 0;
	struct vma *w;

	if (v->anon_vma)
		return true;
	if (next != NONE)
		id = anon_vma_lent(v, read_vma(m, next), v, read_vma(m, next));
	if (!id && prev != NONE)
		id = anon_vma_lent(v, read_vma(m, prev), read_vma(m, prev), v);
	if (!id)
		id = anon_vma_alloc(m, 0);
	if (!id)
		return false;
	w = write_vma(m, vma);
	w->anon_vma = (uint8_t)id;
	w->chain |= 1ull << id;
	return true;
}

/* How many steps above its root: older ones are looked at first. */
static unsigned generations(struct machine *m, unsigned id)
{
	unsigned n = 0;

	for (unsigned p; (p = read_anon_vmas(m, 0)->parent[id]) != id && p && n < MAX_ANON_VMAS; id = p)
		n++;
	return n;
}

/* No mapping puts new pages there, and it has one child at most. */
static bool anon_vma_idle(struct machine *m, unsigned id)
{
	unsigned children = 0;

	for (unsigned i = 0; i < MAX_VMAS; i++)
		if (read_vma(m, i)->used && read_vma(m, i)->anon_vma == id && read_vma(m, i)->chain)
			return false;
	for (unsigned i = 1; i < MAX_ANON_VMAS; i++)
		children += read_anon_vmas(m, 0)->parent[i] == id && chain_holds(m, i);
	return children < 2;
}

bool anon_vma_fork(struct machine *m, struct vma *child, const struct vma *parent)
{
	unsigned best = 0;

	child->anon_vma = 0;
	child->chain = 0;
	if (!parent->anon_vma)
		return true;
	child->chain = parent->chain;
	for (unsigned id = 1; id < MAX_ANON_VMAS; id++)
		if ((parent->chain & (1ull << id)) && anon_vma_idle(m, id) &&
		    (!best || generations(m, id) < generations(m, best)))
			best = id;
	if (!best) {
		best = anon_vma_alloc(m, parent->anon_vma);
		if (!best)
			return false;
		child->chain |= 1ull << best;
	}
	child->anon_vma = (uint8_t)best;
	return true;
}

/* ---- merging ---- */

/* has parents from before a fork whose pages it may share */
static bool parented(const struct vma *v)
{
	return v && v->anon_vma && !singular(v);
}

/* Would pages of the range, found through `anon`, be found through the neighbour's anon_vma as well? */
static bool anon_vmas_agree(struct machine *m, const struct vma_range *g, const struct vma *n)
{
	if (!n->anon_vma && !g->anon_vma)
		return true;
	if (profile_is(m, SW_VMA_MERGE, MERGE_UNFAULTED)) {
		if (!n->anon_vma)
			return !parented(g->from);
		if (!g->anon_vma)
			return !parented(n);
	} else if ((!n->anon_vma || !g->anon_vma) && singular(n)) {
		return true;
	}
	return n->anon_vma == g->anon_vma;
}

static bool joins(struct machine *m, const struct vma_range *g, const struct vma *n)
{
	return n->flags == g->flags && n->file == g->file && anon_vmas_agree(m, g, n);
}

static bool joins_before(struct machine *m, const struct vma_range *g, unsigned prev)
{
	const struct vma *p;

	if (prev == NONE)
		return false;
	p = read_vma(m, prev);
	return p->end == g->start && p->pgoff + (p->end - p->start) / PAGE_SIZE == g->pgoff && joins(m, g, p);
}

static bool joins_behind(struct machine *m, const struct vma_range *g, unsigned next, unsigned prev)
{
	const struct vma *n;

	if (next == NONE)
		return false;
	n = read_vma(m, next);
	if (n->start != g->end || n->pgoff != g->pgoff + (g->end - g->start) / PAGE_SIZE || !joins(m, g, n))
		return false;
	/* Each agrees with what is between them: do they agree with each other? */
	return prev == NONE || !read_vma(m, prev)->anon_vma || !n->anon_vma ||
		read_vma(m, prev)->anon_vma == n->anon_vma;
}

/* dup_anon_vma: who grows takes over the anon_vma of what it swallows. */
static void anon_vma_take(struct machine *m, unsigned to, const struct vma *from)
{
	struct vma *w;

	if (!from || !from->anon_vma || read_vma(m, to)->anon_vma)
		return;
	w = write_vma(m, to);
	w->anon_vma = from->anon_vma;
	w->chain |= from->chain;
}

unsigned vma_merge_new(struct machine *m, const struct vma_range *g)
{
	unsigned prev = vma_before(m, g->mm, g->start), next = vma_first(m, g->mm, g->end, g->end + 1);
	struct vma from = { 0 }, *w;

	if (g->from)
		from = *g->from;
	if (g->mapped && profile_is(m, SW_VMA_MERGE, MERGE_NEXT_FIRST) && joins_behind(m, g, next, NONE)) {
		struct vma_range behind = *g;

		behind.anon_vma = read_vma(m, next)->anon_vma;
		if (!joins_before(m, &behind, prev))
			prev = NONE;
	}
	if (!joins_before(m, g, prev))
		prev = NONE;
	if (!joins_behind(m, g, next, prev))
		next = NONE;
	if (prev != NONE) {
		if (next != NONE) {
			anon_vma_take(m, prev, read_vma(m, next));
			write_vma(m, prev)->end = read_vma(m, next)->end;
			anon_vma_take(m, prev, &from);
			vma_free(m, next);
			return prev;
		}
		write_vma(m, prev)->end = g->end;
		anon_vma_take(m, prev, &from);
		return prev;
	}
	if (next == NONE)
		return NONE;
	w = write_vma(m, next);
	w->start = g->start;
	w->pgoff = g->pgoff;
	anon_vma_take(m, next, &from);
	return next;
}

/* The range, part of `vma` or all of it, joins its neighbours: the mapping that has it now, NONE when none does. */
static unsigned vma_merge_changed(struct machine *m, unsigned vma, const struct vma_range *g)
{
	const struct vma old = *read_vma(m, vma);
	unsigned prev = g->start == old.start ? vma_before(m, g->mm, g->start) : NONE;
	unsigned next = g->end == old.end ? vma_first(m, g->mm, g->end, g->end + 1) : NONE;
	bool whole = g->start == old.start && g->end == old.end;
	struct vma *w;

	if (!joins_before(m, g, prev))
		prev = NONE;
	if (!joins_behind(m, g, next, prev))
		next = NONE;
	if (prev != NONE && next != NONE) {
		const struct vma n = *read_vma(m, next);

		anon_vma_take(m, prev, n.anon_vma ? &n : &old);
		vma_free(m, vma);
		vma_free(m, next);
		write_vma(m, prev)->end = n.end;
		return prev;
	}
	if (prev != NONE) {
		anon_vma_take(m, prev, &old);
		if (whole) {
			vma_free(m, vma);
		} else {
			w = write_vma(m, vma);
			w->pgoff += (g->end - w->start) / PAGE_SIZE;
			w->start = g->end;
		}
		write_vma(m, prev)->end = g->end;
		return prev;
	}
	if (next == NONE)
		return NONE;
	anon_vma_take(m, next, &old);
	if (whole)
		vma_free(m, vma);
	else
		write_vma(m, vma)->end = g->start;
	w = write_vma(m, next);
	w->start = g->start;
	w->pgoff = g->pgoff;
	return next;
}

unsigned vma_modify_now(struct machine *m, unsigned vma, uint64_t start, uint64_t end, uint32_t flags)
{
	const struct vma old = *read_vma(m, vma);
	struct vma_range g = {
		.start = start, .end = end, .pgoff = old.pgoff + (start - old.start) / PAGE_SIZE, .flags = flags,
		.mm = old.mm, .file = old.file, .anon_vma = old.anon_vma, .from = &old,
	};
	unsigned merged = vma_merge_changed(m, vma, &g);

	if (merged != NONE)
		return merged;
	if (start > old.start) {
		if (!vma_split(m, vma, start))
			return NONE;
		vma = vma_find(m, old.mm, start);
	}
	if (end < old.end && !vma_split(m, vma, end))
		return NONE;
	write_vma(m, vma)->flags = flags;
	return vma;
}

/* vma_modify_flags: part of a mapping gets other flags; it joins its neighbours, or is split off. */
ROUTINE(vma_modify, "mm/vma.c")
{
	unsigned vma;

	BEGIN(struct vma_modify_l)
	LOCK(vma_rmap_lock(read_vma(r->m, l->vma)), LOCK_EXCLUSIVE, "the range gets its new flags, and joins a neighbour or "
		"is split off, under the rmap lock");
	lock_drop(r, vma_rmap_lock(read_vma(r->m, l->vma)));
	vma = vma_modify_now(r->m, l->vma, l->start, l->end, l->flags);
	END(vma == NONE ? RES_ENOMEM : RES_OK)
}

/* A new mapping, or the copy of `from`: it joins its neighbours or is linked. */
ROUTINE(vma_new, "mm/vma.c")
{
	struct vma old;
	struct vma_range g;
	unsigned vma;

	BEGIN(struct vma_new_l)
	LOCK(vma_rmap_lock(&l->vma), LOCK_EXCLUSIVE, "link the new mapping, or let a neighbour grow, under the rmap lock");
	lock_drop(r, vma_rmap_lock(&l->vma));
	g = (struct vma_range){
		.start = l->vma.start, .end = l->vma.end, .pgoff = l->vma.pgoff, .flags = l->vma.flags, .mm = l->vma.mm,
		.file = l->vma.file, .anon_vma = l->vma.anon_vma, .mapped = l->mapped,
	};
	if (l->from != NONE) {
		old = *read_vma(r->m, l->from);
		g.from = &old;
	}
	vma = vma_merge_new(r->m, &g);
	if (vma == NONE)
		vma = vma_insert(r->m, l->vma);
	END(vma == NONE ? RES_ENOMEM : RES_OK)
}
