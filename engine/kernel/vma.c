/*
 * vma.c - the mappings of an address space: found by address, linked, split, unlinked.
 *
 * Models: mm/vma.c: the tree of attached mappings, each change under the lock of the reverse map; the private
 * memory of a shared anonymous mapping goes with the last mapping of it.  Merging is in merge.c.
 * Omits: the tree's own nodes, vm_ops, the stack's growth.
 */
#include <string.h>

#include "kernel.h"

/* Position in the tree of the first mapping that ends above va. */
static unsigned tree_at(struct machine *m, const struct tree *t, uint64_t va)
{
	unsigned i = 0;

	while (i < t->count && read_vma(m, t->vma[i])->end <= va)
		i++;
	return i;
}

unsigned vma_find(struct machine *m, unsigned mm, uint64_t va)
{
	return vma_first(m, mm, va, va + 1);
}

unsigned vma_first(struct machine *m, unsigned mm, uint64_t start, uint64_t end)
{
	const struct tree *t = read_tree(m, mm);
	unsigned i = tree_at(m, t, start);

	return i < t->count && read_vma(m, t->vma[i])->start < end ? t->vma[i] : NONE;
}

unsigned vma_before(struct machine *m, unsigned mm, uint64_t va)
{
	const struct tree *t = read_tree(m, mm);
	unsigned i = 0;

	while (i < t->count && read_vma(m, t->vma[i])->start < va)
		i++;
	return i ? t->vma[i - 1] : NONE;
}

static void tree_add(struct machine *m, unsigned vma)
{
	struct tree *t = write_tree(m, read_vma(m, vma)->mm);
	unsigned i = tree_at(m, t, read_vma(m, vma)->start);

	memmove(&t->vma[i + 1], &t->vma[i], t->count - i);
	t->vma[i] = (uint8_t)vma;
	t->count++;
}

void vma_detach(struct machine *m, unsigned vma, unsigned ctx)
{
	struct tree *t = write_tree(m, read_vma(m, vma)->mm);
	unsigned i = 0;

	while (i < t->count && t->vma[i] != vma)
		i++;
	CHECK(i < t->count);
	t->count--;
	memmove(&t->vma[i], &t->vma[i + 1], t->count - i);
	t->vma[t->count] = 0;
	write_vma(m, vma)->flags |= VMA_DETACHED | ctx * VMA_DETACHER;
}

unsigned vma_insert(struct machine *m, struct vma v)
{
	if (read_tree(m, v.mm)->count == MM_VMAS)
		return NONE;
	for (unsigned i = 0; i < MAX_VMAS; i++)
		if (!read_vma(m, i)->used) {
			v.used = 1;
			*write_vma(m, i) = v;
			tree_add(m, i);
			return i;
		}
	return NONE;
}

/* The file of a shared anonymous mapping goes with its last mapping, and its pages with it. */
static void file_put(struct machine *m, unsigned file)
{
	for (unsigned i = 0; i < MAX_VMAS; i++)
		if (read_vma(m, i)->used && read_vma(m, i)->file == file)
			return;
	for (unsigned p = 0; p < FILE_PAGES; p++)
		if (read_file(m, file)->page[p] != NO_FRAME) {
			frame_put(m, read_file(m, file)->page[p]);
			write_file(m, file)->page[p] = NO_FRAME;
		}
	write_file(m, file)->size = 0;
	write_file(m, file)->used = FILE_NONE;
}

void vma_free(struct machine *m, unsigned vma)
{
	unsigned file = read_vma(m, vma)->file;

	if (!(read_vma(m, vma)->flags & VMA_DETACHED))
		vma_detach(m, vma, 0);
	*write_vma(m, vma) = (struct vma){ 0 };
	if (file != NONE && read_file(m, file)->used == FILE_SHMEM)
		file_put(m, file);
}

unsigned vma_rmap_lock(const struct vma *v)
{
	return v->file == NONE ? LOCK_ANON_VMA(v->mm) : LOCK_I_MMAP(v->file);
}

bool vma_is_cow(const struct vma *v)
{
	return !(v->flags & VMA_SHARED);
}

bool vma_may_write(const struct vma *v)
{
	return (v->flags & (VMA_SHARED | VMA_RDONLY)) != (VMA_SHARED | VMA_RDONLY);
}

bool vma_maps_writable(const struct vma *v)
{
	return (v->flags & (VMA_SHARED | VMA_WRITE | VMA_RDONLY | VMA_NOTIFY)) == (VMA_SHARED | VMA_WRITE);
}

bool file_wants_notify(struct machine *m, unsigned file, uint32_t flags)
{
	return (flags & VMA_SHARED) && file != NONE && read_file(m, file)->used == FILE_DISK;
}

unsigned vma_file_page(const struct vma *v, uint64_t va)
{
	return (unsigned)(v->pgoff + (va - v->start) / PAGE_SIZE);
}

bool vma_split(struct machine *m, unsigned vma, uint64_t at)
{
	struct vma high = *read_vma(m, vma);
	uint64_t end = high.end;

	CHECK(at > high.start && at < end);
	high.pgoff += (at - high.start) / PAGE_SIZE;
	high.start = at;
	write_vma(m, vma)->end = at;
	if (vma_insert(m, high) != NONE)
		return true;
	write_vma(m, vma)->end = end;
	return false;
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
	vma_free(r->m, l->vma);
	END(RES_OK)
}

/* Makes sure that no mapping crosses an address. */
ROUTINE(split_vma, "mm/vma.c")
{
	unsigned result;

	BEGIN(struct split_vma_l)
	l->vma = (uint8_t)vma_find(r->m, l->mm, l->at);
	if (l->vma == NONE || read_vma(r->m, l->vma)->start == l->at)
		RETURN(RES_OK);
	LOCK(vma_rmap_lock(read_vma(r->m, l->vma)), LOCK_EXCLUSIVE, "split the mapping at the border, under the rmap lock");
	lock_drop(r, vma_rmap_lock(read_vma(r->m, l->vma)));
	result = vma_split(r->m, l->vma, l->at) ? RES_OK : RES_ENOMEM;
	END(result)
}
