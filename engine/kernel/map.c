/*
 * map.c - mmap, munmap and the freeing of page tables: mm/mmap.c, mm/vma.c, mm/memory.c.
 *
 * Models: the order of errors, what is there going first, the new range joining its neighbours, accounting as a flag;
 * munmap: detach first, downgrade mmap_lock, the bracket of range_start and range_end around the pages only,
 * tables unhooked outside of it, one flush at the end.  Omits: limits (RLIMIT_AS, RLIMIT_MEMLOCK, map_count), hints.
 */
#include "kernel.h"

static uint64_t page_up(uint64_t bytes)
{
	return (bytes + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

/* The kernel's own order: descriptor, length, place, type, what the descriptor allows. */
static unsigned mmap_refusal(struct run *r, const struct do_mmap_l *l)
{
	bool shared = l->prot & VMA_SHARED;

	if (l->off % PAGE_SIZE)
		return RES_EINVAL;
	if (l->flags & OPT_NOFILE)
		return RES_EBADF;
	if (!l->len || l->start % PAGE_SIZE)
		return RES_EINVAL;
	if (!(l->flags & OPT_FIXED) && vma_first(r->m, l->mm, l->start, l->start + page_up(l->len)) != NONE)
		return RES_EEXIST;
	if (l->flags & OPT_UNTYPED)
		return RES_EINVAL;
	if (l->file != NONE && shared && (l->prot & VMA_WRITE) && (l->flags & OPT_RDONLY))
		return RES_EACCES;
	if (l->file != NONE && read_file(r->m, l->file)->used == FILE_DRIVER && !shared)
		return RES_EINVAL;
	return RES_OK;
}

static uint32_t mmap_vma_flags(struct run *r, const struct do_mmap_l *l)
{
	uint32_t flags = l->prot & (VMA_ACCESS | VMA_SHARED);

	if (l->file != NONE && read_file(r->m, l->file)->used == FILE_DRIVER)
		flags |= VMA_PFNMAP;
	if (l->flags & OPT_RDONLY)
		flags |= VMA_RDONLY;
	if (l->flags & OPT_LOCKED)
		flags |= VMA_LOCKED;
	if (l->flags & OPT_NORESERVE)
		flags |= VMA_NORESERVE;
	if ((flags & (VMA_WRITE | VMA_SHARED | VMA_NORESERVE)) == VMA_WRITE)
		flags |= VMA_ACCOUNT;
	return flags;
}

/* shmem_zero_setup: memory that is shared without a name is a file of its own. */
static unsigned shmem_file(struct machine *m, uint32_t size)
{
	for (unsigned i = 0; i < MAX_FILES; i++)
		if (!read_file(m, i)->used) {
			struct file *f = write_file(m, i);

			f->used = FILE_SHMEM;
			f->size = size;
			f->hole = ~0ull;
			return i;
		}
	return NONE;
}

ROUTINE(do_mmap, "mm/mmap.c")
{
	unsigned refusal;

	BEGIN(struct do_mmap_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_EXCLUSIVE, "mmap_write_lock");
	STEP("check what is asked for; is the place free, if it has to be?");
	refusal = mmap_refusal(r, l);
	if (refusal != RES_OK) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(refusal);
	}
	l->end = l->start + page_up(l->len);
	if (vma_first(r->m, l->mm, l->start, l->end) != NONE) {
		CALL(do_vmi_munmap, .start = l->start, .end = l->end, .mm = l->mm);
		if (r->a->result != RES_OK) {
			UNLOCK(LOCK_MMAP(l->mm), "what is there cannot go: mmap_write_unlock");
			RETURN(r->a->result);
		}
	}
	if (l->file == NONE && (l->prot & VMA_SHARED)) {
		STEP("shared memory without a name: a file of its own");
		l->file = (uint8_t)shmem_file(r->m, (uint32_t)(l->end - l->start));
		if (l->file == NONE) {
			lock_drop(r, LOCK_MMAP(l->mm));
			RETURN(RES_ENOMEM);
		}
	}
	CALL(vma_new, .from = NONE, .mapped = 1, .vma = {
		.start = l->start, .end = l->end, .mm = l->mm, .file = l->file,
		.flags = mmap_vma_flags(r, l) | (file_wants_notify(r->m, l->file, mmap_vma_flags(r, l)) ? VMA_NOTIFY : 0u),
		.pgoff = l->file == NONE ? l->start / PAGE_SIZE : l->off / PAGE_SIZE,
	});
	l->result = r->a->result;
	UNLOCK(LOCK_MMAP(l->mm), "mmap_write_unlock; no page and no entry yet");
	if (l->result == RES_OK && (l->flags & (OPT_POPULATE | OPT_LOCKED)))
		CALL(mm_populate, .start = l->start, .end = l->end, .mm = l->mm, .ignore = 1);
	END(l->result)
}

/* Of the mappings that this context has detached, the one with the lowest start at or above `from`. */
static unsigned detached_next(struct run *r, uint64_t from)
{
	const uint32_t mine = VMA_DETACHED | r->ctx * VMA_DETACHER, mask = VMA_DETACHED | ~(VMA_DETACHER - 1u);
	unsigned best = NONE;

	for (unsigned i = 0; i < MAX_VMAS; i++) {
		const struct vma *v = read_vma(r->m, i);

		if (v->used && (v->flags & mask) == mine && v->start >= from &&
		    (best == NONE || v->start < read_vma(r->m, best)->start))
			best = i;
	}
	return best;
}

/* Is there a driver's memory among them?  Once the reverse map does not show it, the driver takes it for unmapped. */
static bool pfnmap_detached(struct run *r)
{
	unsigned v = detached_next(r, 0);

	while (v != NONE && !(read_vma(r->m, v)->flags & VMA_PFNMAP))
		v = detached_next(r, read_vma(r->m, v)->end);
	return v != NONE;
}

/* mmap_lock is held for writing; with `downgrade` it is held for reading afterwards, if there was anything to do. */
ROUTINE(do_vmi_munmap, "mm/vma.c")
{
	unsigned v;

	BEGIN(struct do_vmi_munmap_l)
	CALL(split_vma, .at = l->start, .mm = l->mm);
	if (r->a->result == RES_OK)
		CALL(split_vma, .at = l->end, .mm = l->mm);
	l->result = r->a->result;
	/* vma_adjust_trans_huge: no 2 MiB page crosses the borders of the range. */
	if (l->result == RES_OK && huge_cut(r->m, l->mm, l->start, l->start))
		CALL(split_huge_pmd, .va = l->start, .mm = l->mm, .table = (uint16_t)pmd_table(r->m, l->mm, l->start));
	if (l->result == RES_OK && huge_cut(r->m, l->mm, l->end, l->end))
		CALL(split_huge_pmd, .va = l->end, .mm = l->mm, .table = (uint16_t)pmd_table(r->m, l->mm, l->end));
	STEP("take the mappings out of the tree");
	if (l->result != RES_OK)
		RETURN(l->result);
	if (vma_first(r->m, l->mm, l->start, l->end) == NONE)
		RETURN(RES_OK);
	while ((v = vma_first(r->m, l->mm, l->start, l->end)) != NONE)
		vma_detach(r->m, v, r->ctx);
	if (l->downgrade) {
		STEP("mmap_write_downgrade: faults and madvise of other threads may go on");
		lock_downgrade(r, LOCK_MMAP(l->mm));
	}
	STEP("tlb_gather_mmu: tlb_flush_pending goes up before any entry changes");
	gather_begin(r, l->mm, false);
	CALL(invalidate_range_start, .start = l->start, .end = l->end, .mm = l->mm);
	for (l->at = l->start; (v = detached_next(r, l->at)) != NONE; l->at = read_vma(r->m, l->vma)->end) {
		l->vma = (uint8_t)v;
		CALL(zap_page_range, .start = read_vma(r->m, l->vma)->start, .end = read_vma(r->m, l->vma)->end,
			.mm = l->mm, .vma = l->vma);
	}
	CALL(invalidate_range_end, .start = l->start, .end = l->end, .mm = l->mm);
	if (pfnmap_detached(r) && profile_is(r->m, SW_GATHER_PFNMAP, PFNMAP_FORCE_FLUSH))
		CALL(tlb_flush_mmu_tlbonly, .start = 0);
	while ((v = detached_next(r, 0)) != NONE)
		CALL(vma_unlink, .vma = (uint8_t)v);
	CALL(free_pgtables, .mm = l->mm);
	CALL(tlb_finish_mmu, .start = l->start, .end = l->end);
	END(RES_OK)
}

ROUTINE(do_munmap, "mm/vma.c")
{

	BEGIN(struct do_munmap_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_EXCLUSIVE, "mmap_write_lock");
	if (l->start % PAGE_SIZE || !l->len) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(RES_EINVAL);
	}
	CALL(do_vmi_munmap, .start = l->start, .end = l->start + page_up(l->len), .mm = l->mm, .downgrade = 1);
	UNLOCK(LOCK_MMAP(l->mm), "drop mmap_lock: nothing of the range is left");
	END(r->a->result)
}
/* Does any mapping, attached or not yet destroyed, still need the table of this level at va? */
static bool table_in_use(struct machine *m, unsigned mm, uint64_t va, unsigned level)
{
	uint64_t size = level_size(level + 1);
	uint64_t start = va & ~(size - 1);

	for (unsigned i = 0; i < MAX_VMAS; i++) {
		const struct vma *v = read_vma(m, i);

		if (v->used && v->mm == mm && v->end > start && v->start < start + size)
			return true;
	}
	return false;
}

/* The lowest table of `level` that no mapping needs, found below one of `at_level`. */
static bool unused_table(struct run *r, const struct free_pgtables_l *l, unsigned table, unsigned at_level,
	uint64_t base, uint64_t *va)
{
	unsigned index;
	uint64_t entry;

	read_table(r->m, table);
	for (unsigned n = 0; table_slot(r->m, table, n, &index, &entry); n++) {
		uint64_t at = base + index * level_size(at_level);

		if (!pte_present(entry) || pte_leaf(entry, at_level))
			continue;
		if (at_level > l->level + 1u) {
			if (unused_table(r, l, pte_pfn(entry), at_level - 1, at, va))
				return true;
		} else if (!table_in_use(r->m, l->mm, at, l->level)) {
			*va = at;
			return true;
		}
	}
	return false;
}

/* Unhooks tables that no mapping needs any more, lowest level first; mremap leaves empty ones behind. */
ROUTINE(free_pgtables, "mm/memory.c")
{
	unsigned parent, index;
	uint64_t size, va;

	BEGIN(struct free_pgtables_l)
	for (l->level = LEVEL_PTE; l->level < LEVEL_PGD; l->level++)
		while (unused_table(r, l, read_mm_part(r->m, l->mm, MM_REST)->pgd, LEVEL_PGD, 0, &va)) {
			l->at = va;
			if (mach_protocol(r->m))
				CALL(pmap_begin, .start = l->at, .end = l->at + PAGE_SIZE, .mm = l->mm);
			STEP("unhook one page-table page: clear the entry above it, keep it for after the flush");
			parent = table_find(r->m, read_mm_part(r->m, l->mm, MM_REST)->pgd, l->at, l->level + 1u);
			index = va_index(l->at, l->level + 1u);
			size = level_size(l->level + 1u);
			l->table = (uint16_t)pte_pfn(table_read(r->m, parent, index));
			gather_table(r, l->at, l->level + 1u);
			table_write(r->m, parent, index, 0);
			rule_changed(r->m, l->mm, l->at, l->at + size);
			event_add(r->m, (struct event){
				.kind = EV_PTE, .a = l->mm, .b = (uint8_t)(l->level + 1u), .c = (uint16_t)parent,
				.va = l->at, .x = 0,
			});
			if (mach_protocol(r->m))
				CALL(pmap_end, .start = l->at, .end = l->at + PAGE_SIZE, .mm = l->mm);
			CALL(tlb_remove_table, .table = l->table, .mm = l->mm);
		}
	END(RES_OK)
}
