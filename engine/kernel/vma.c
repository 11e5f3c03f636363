/*
 * vma.c - the mappings of an address space.
 *
 * Models: find, link, split, unlink, each under the lock of the reverse map.  Omits: merging of
 * neighbours and the tree they are kept in.
 */
#include "kernel.h"

unsigned vma_find(struct machine *m, unsigned mm, uint64_t va)
{
	return vma_first(m, mm, va, va + 1);
}

unsigned vma_first(struct machine *m, unsigned mm, uint64_t start, uint64_t end)
{
	unsigned best = NONE;

	for (unsigned i = 0; i < MAX_VMAS; i++) {
		const struct vma *v = read_vma(m, i);

		if (!v->used || v->mm != mm || (v->flags & VMA_DETACHED) || v->end <= start || v->start >= end)
			continue;
		if (best == NONE || v->start < read_vma(m, best)->start)
			best = i;
	}
	return best;
}

unsigned vma_insert(struct machine *m, struct vma v)
{
	for (unsigned i = 0; i < MAX_VMAS; i++)
		if (!read_vma(m, i)->used) {
			v.used = 1;
			*write_vma(m, i) = v;
			return i;
		}
	return NONE;
}

unsigned vma_rmap_lock(const struct vma *v)
{
	return v->file == NONE ? LOCK_ANON_VMA(v->mm) : LOCK_I_MMAP(v->file);
}

bool vma_is_cow(const struct vma *v)
{
	return !(v->flags & VMA_SHARED);
}

unsigned vma_file_page(const struct vma *v, uint64_t va)
{
	return v->pgoff + (unsigned)((va - v->start) / PAGE_SIZE);
}

/* A mapping becomes visible to the reverse map of its file or of its pages. */
ROUTINE(vma_link, "mm/vma.c")
{
	unsigned vma;

	BEGIN(struct vma_link_l)
	LOCK(vma_rmap_lock(&l->vma), LOCK_EXCLUSIVE, "link the new mapping, under the rmap lock");
	vma = vma_insert(r->m, l->vma);
	lock_drop(r, vma_rmap_lock(&l->vma));
	END(vma == NONE ? RES_ENOMEM : RES_OK)
}

/* unlink_file_vma, unlink_anon_vmas: whoever walks the reverse map is done with it before it goes. */
ROUTINE(vma_unlink, "mm/vma.c")
{
	BEGIN(struct vma_unlink_l)
	LOCK(vma_rmap_lock(read_vma(r->m, l->vma)), LOCK_EXCLUSIVE, "unlink the mapping, under the rmap lock");
	lock_drop(r, vma_rmap_lock(read_vma(r->m, l->vma)));
	*write_vma(r->m, l->vma) = (struct vma){ 0 };
	END(RES_OK)
}

/* Makes sure that no mapping crosses an address. */
ROUTINE(split_vma, "mm/vma.c")
{
	struct vma high;
	unsigned result = RES_ENOMEM;

	BEGIN(struct split_vma_l)
	l->vma = (uint8_t)vma_find(r->m, l->mm, l->at);
	if (l->vma == NONE || read_vma(r->m, l->vma)->start == l->at)
		RETURN(RES_OK);
	LOCK(vma_rmap_lock(read_vma(r->m, l->vma)), LOCK_EXCLUSIVE, "split the mapping at the border, under the rmap lock");
	high = *read_vma(r->m, l->vma);
	lock_drop(r, vma_rmap_lock(&high));
	high.pgoff = (uint16_t)(high.pgoff + (l->at - high.start) / PAGE_SIZE);
	high.start = l->at;
	if (vma_insert(r->m, high) != NONE) {
		write_vma(r->m, l->vma)->end = l->at;
		result = RES_OK;
	}
	END(result)
}
