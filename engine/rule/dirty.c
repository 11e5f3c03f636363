/*
 * dirty.c - lost-dirty: what is stored must reach the disk, or be known to have to.
 *
 * The kernel knows of a store by a dirty bit: of an entry that maps the page, of the page itself, or because a write to the
 * disk is under way that has not read the page yet.  Asked of pages that a disk keeps, at each store, and of pages that are
 * thrown away for clean ones.
 */
#include "memory.h"
#include "rules.h"

/* Does an entry of this mapping map the page and say that it was stored to? */
static bool entry_says(struct machine *m, const struct vma *v, unsigned pfn)
{
	for (uint64_t va = v->start; va < v->end && va < v->start + FILE_PAGES * PAGE_SIZE; va += PAGE_SIZE) {
		unsigned level;
		uint64_t pte = table_walk(m, read_mm(m, v->mm)->pgd, va, &level);

		if (pte_present(pte) && pte_pfn(pte) == pfn && (pte & PTE_DIRTY))
			return true;
	}
	return false;
}

static bool store_is_known(struct machine *m, unsigned pfn)
{
	const struct frame *f = read_frame(m, pfn);

	if (f->flags & (FRAME_DIRTY | FRAME_WRITEBACK))
		return true;
	for (unsigned i = 0; i < MAX_VMAS && f->owner == FRAME_FILE; i++) {
		const struct vma *v = read_vma(m, i);

		if (v->used && v->file == f->owner_id && read_mm(m, v->mm)->pgd != NO_FRAME && entry_says(m, v, pfn))
			return true;
	}
	return false;
}

void rule_stored(struct machine *m, const struct leaf *e, uint64_t va)
{
	const struct frame *f = read_frame(m, e->pfn);

	/* A frame that was freed since is another rule's. */
	if (!(f->flags & FRAME_DISK) || f->generation != e->generation)
		return;
	if (!(f->flags & FRAME_UNSAVED))
		write_frame(m, e->pfn)->flags |= FRAME_UNSAVED;
	if (!store_is_known(m, e->pfn))
		rule_broken(m, (struct finding){
			.rule = RULE_LOST_DIRTY, .mm = e->mm, .write = 1, .pfn = e->pfn, .va = va, .detail = e->generation,
		});
}

void rule_dirtied(struct machine *m, unsigned pfn)
{
	if (read_frame(m, pfn)->flags & FRAME_LAZYFREE)
		write_frame(m, pfn)->flags |= FRAME_UNSAVED;
}

void rule_given_up(struct machine *m, unsigned pfn)
{
	if (read_frame(m, pfn)->flags & FRAME_UNSAVED)
		write_frame(m, pfn)->flags &= (uint16_t)~FRAME_UNSAVED;
}

void rule_discarded(struct machine *m, unsigned mm, unsigned pfn, uint64_t va)
{
	if ((read_frame(m, pfn)->flags & FRAME_UNSAVED) && !store_is_known(m, pfn))
		rule_broken(m, (struct finding){ .rule = RULE_LOST_DIRTY, .mm = (uint8_t)mm, .pfn = (uint16_t)pfn, .va = va });
}
