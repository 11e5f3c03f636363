/*
 * vma.c - the mappings of an address space.
 *
 * Models: find, insert, split, remove.  Omits: merging of neighbours and the tree they are kept in.
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

static bool split(struct machine *m, unsigned vma, uint64_t at)
{
	struct vma high = *read_vma(m, vma);
	struct vma *low;

	high.pgoff = (uint16_t)(high.pgoff + (at - high.start) / PAGE_SIZE);
	high.start = at;
	if (vma_insert(m, high) == NONE)
		return false;
	low = write_vma(m, vma);
	low->end = at;
	return true;
}

bool vma_isolate(struct machine *m, unsigned mm, uint64_t start, uint64_t end)
{
	const uint64_t border[2] = { start, end };

	for (unsigned i = 0; i < 2; i++) {
		unsigned v = vma_find(m, mm, border[i]);

		if (v != NONE && read_vma(m, v)->start < border[i] && !split(m, v, border[i]))
			return false;
	}
	return true;
}

void vma_remove(struct machine *m, unsigned vma)
{
	CHECK(read_vma(m, vma)->used);
	*write_vma(m, vma) = (struct vma){ 0 };
}

bool vma_is_cow(const struct vma *v)
{
	return !(v->flags & VMA_SHARED);
}

unsigned vma_file_page(const struct vma *v, uint64_t va)
{
	return v->pgoff + (unsigned)((va - v->start) / PAGE_SIZE);
}
