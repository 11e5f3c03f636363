/*
 * madvise.c - advice about ranges: mm/madvise.c.
 *
 * Models: every mapping of the range in turn, holes remembered for the end (ENOMEM), a refusal ending it; MADV_DONTNEED and
 * MADV_FREE with one gather or one per mapping; MADV_FREE as entries made clean and old, the pages going nowhere for want of
 * memory pressure; MADV_REMOVE as a hole in the file; populating page by page.
 * Omits: MADV_FREE of a part of a 2 MiB page (EINVAL), MADV_COLD and its sisters, guard regions.
 */
#include "kernel.h"

/* Advice that says something about the mapping: the flags it has then.  False when the mapping cannot have them. */
static bool advised_flags(const struct vma *v, unsigned advice, uint32_t *flags)
{
	static const struct { uint32_t clear, set; } change[ADVICES] = {
		[ADV_NORMAL] = { VMA_RAND_READ | VMA_SEQ_READ, 0 },
		[ADV_RANDOM] = { VMA_SEQ_READ, VMA_RAND_READ },
		[ADV_SEQUENTIAL] = { VMA_RAND_READ, VMA_SEQ_READ },
		[ADV_DONTFORK] = { 0, VMA_DONTCOPY },
		[ADV_DOFORK] = { VMA_DONTCOPY, 0 },
		[ADV_HUGEPAGE] = { VMA_NOHUGEPAGE, VMA_HUGEPAGE },
		[ADV_NOHUGEPAGE] = { VMA_HUGEPAGE, VMA_NOHUGEPAGE },
		[ADV_DONTDUMP] = { 0, VMA_DONTDUMP },
		[ADV_DODUMP] = { VMA_DONTDUMP, 0 },
		[ADV_WIPEONFORK] = { 0, VMA_WIPEONFORK },
		[ADV_KEEPONFORK] = { VMA_WIPEONFORK, 0 },
	};

	*flags = (v->flags & ~change[advice].clear) | change[advice].set;
	return advice != ADV_WIPEONFORK || (v->file == NONE && !(v->flags & VMA_SHARED));
}

/* Does the advice only read the mapping, so that mmap_lock is taken for reading? */
static bool advice_reads(unsigned advice)
{
	return advice == ADV_DONTNEED || advice == ADV_FREE || advice == ADV_REMOVE || advice == ADV_WILLNEED ||
		advice == ADV_POPULATE_READ || advice == ADV_POPULATE_WRITE;
}

static bool advice_gathers(unsigned advice)
{
	return advice == ADV_DONTNEED || advice == ADV_FREE;
}

static bool advice_populates(unsigned advice)
{
	return advice == ADV_POPULATE_READ || advice == ADV_POPULATE_WRITE;
}

/* May the advice be carried out on this mapping? */
static unsigned advice_refusal(const struct vma *v, unsigned advice)
{
	switch ((enum advice)advice) {
	case ADV_DONTNEED:
		return v->flags & (VMA_LOCKED | VMA_PFNMAP) ? RES_EINVAL : RES_OK;
	case ADV_FREE:
		return v->file != NONE || (v->flags & VMA_LOCKED) ? RES_EINVAL : RES_OK;
	case ADV_REMOVE:
		if ((v->flags & (VMA_LOCKED | VMA_PFNMAP)) || v->file == NONE)
			return RES_EINVAL;
		return (v->flags & VMA_SHARED) && vma_may_write(v) ? RES_OK : RES_EACCES;
	case ADV_POPULATE_READ:
		return v->flags & VMA_READ ? RES_OK : RES_EINVAL;
	case ADV_POPULATE_WRITE:
		return v->flags & VMA_WRITE ? RES_OK : RES_EINVAL;
	case ADV_NORMAL: case ADV_RANDOM: case ADV_SEQUENTIAL: case ADV_WILLNEED: case ADV_DONTFORK: case ADV_DOFORK:
	case ADV_HUGEPAGE: case ADV_NOHUGEPAGE: case ADV_DONTDUMP: case ADV_DODUMP: case ADV_WIPEONFORK:
	case ADV_KEEPONFORK: case ADV_BAD: case ADVICES:
		break;
	}
	return RES_OK;
}

/* folio_mark_lazyfree: the page waits in the CPU's batch for its move to the list of those that may go. */
static void lazyfree(struct run *r, unsigned pfn)
{
	if (read_frame(r->m, pfn)->flags & FRAME_LAZYFREE)
		return;
	write_frame(r->m, pfn)->flags |= FRAME_LAZYFREE;
	lru_batch_add(r, pfn);
}

/* madvise_free_pte_range: pages stay, but an entry that was used or written forgets it. */
ROUTINE(madvise_free_pte_range, "mm/madvise.c")
{
	uint64_t pte;

	BEGIN(struct madvise_free_pte_range_l)
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock");
	CALL(flush_tlb_batched_pending, .mm = l->mm);
	if (mach_protocol(r->m))
		CALL(pmap_begin, .start = l->start, .end = l->end, .mm = l->mm);
	for (l->va = l->start; l->va < l->end; l->va += PAGE_SIZE) {
		pte = table_read(r->m, l->table, va_index(l->va, LEVEL_PTE));
		if (!pte || pte_pfn(pte) == ZERO_PFN || (pte & PTE_MIGRATION))
			continue;
		lazyfree(r, pte_pfn(pte));
		if (!(pte & (PTE_ACCESSED | PTE_DIRTY)))
			continue;
		STEP("make one entry clean and old: its page may be reclaimed until it is written again");
		pte = table_read(r->m, l->table, va_index(l->va, LEVEL_PTE));
		entry_set(r->m, l->mm, l->table, l->va, pte & ~(PTE_ACCESSED | PTE_DIRTY));
		rule_given_up(r->m, pte_pfn(pte));
		rule_changed(r->m, l->mm, l->va, l->va + PAGE_SIZE);
		gather_range(r, l->va, l->va + PAGE_SIZE, LEVEL_PTE);
	}
	/* What is written from now on must show in the entries, or the page is reclaimed with it. */
	rule_outlaw(r->m, run_task(r), l->mm, l->start, l->end);
	if (mach_protocol(r->m))
		CALL(pmap_end, .start = l->start, .end = l->end, .mm = l->mm);
	UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
	END(RES_OK)
}

/* One mapping's part of the range, the gather open. */
ROUTINE(madvise_dontneed_free, "mm/madvise.c")
{
	unsigned table;
	uint64_t stop;

	BEGIN(struct madvise_dontneed_free_l)
	CALL(invalidate_range_start, .start = l->start, .end = l->end, .mm = l->mm);
	if (!l->free)
		CALL(zap_page_range, .start = l->start, .end = l->end, .mm = l->mm, .vma = l->vma);
	for (l->at = l->start; l->free && l->at < l->end; l->at = (l->at & ~(PMD_SIZE - 1)) + PMD_SIZE) {
		table = pte_table(r->m, l->mm, l->at);
		if (table == NO_FRAME)
			continue;
		stop = (l->at & ~(PMD_SIZE - 1)) + PMD_SIZE;
		CALL(madvise_free_pte_range, .start = l->at, .end = stop < l->end ? stop : l->end,
			.table = (uint16_t)table, .mm = l->mm);
	}
	CALL(invalidate_range_end, .start = l->start, .end = l->end, .mm = l->mm);
	END(RES_OK)
}

ROUTINE(do_madvise, "mm/madvise.c")
{
	unsigned v, flags;
	uint64_t pgoff;

	BEGIN(struct do_madvise_l)
	LOCK(LOCK_MMAP(l->mm), advice_reads(l->advice) ? LOCK_SHARED : LOCK_EXCLUSIVE,
		"mmap_lock: for reading, unless the mapping changes; check advice and range");
	l->end = l->at + ((l->len + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));
	if (l->advice == ADV_BAD || l->at % PAGE_SIZE ||
	    (l->advice == ADV_FREE && huge_cut(r->m, l->mm, l->at, l->end)))
		l->result = RES_EINVAL;
	if (l->result != RES_OK || l->at == l->end) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(l->result);
	}
	l->start = l->at;
	if (advice_gathers(l->advice) && profile_is(r->m, SW_MADV_GATHER, GATHER_ONE)) {
		STEP("tlb_gather_mmu: tlb_flush_pending goes up before any entry changes");
		gather_begin(r, l->mm, false);
	}
	while (l->at < l->end && (v = vma_first(r->m, l->mm, l->at, l->end)) != NONE) {
		if (read_vma(r->m, v)->start > l->at) {
			l->hole = 1;
			l->at = read_vma(r->m, v)->start;
			if (advice_populates(l->advice))
				break;
		}
		l->vma = (uint8_t)v;
		l->stop = read_vma(r->m, v)->end < l->end ? read_vma(r->m, v)->end : l->end;
		l->result = (uint8_t)advice_refusal(read_vma(r->m, v), l->advice);
		if (l->result != RES_OK) {
			if (advice_populates(l->advice))
				lru_add_drain(r);
			break;
		}
		if (advice_gathers(l->advice)) {
			if (!profile_is(r->m, SW_MADV_GATHER, GATHER_ONE)) {
				STEP("tlb_gather_mmu for one mapping");
				gather_begin(r, l->mm, false);
			}
			if (l->advice == ADV_FREE)
				lru_add_drain(r);
			CALL(madvise_dontneed_free, .start = l->at, .end = l->stop, .mm = l->mm, .vma = l->vma,
				.free = l->advice == ADV_FREE);
			if (!profile_is(r->m, SW_MADV_GATHER, GATHER_ONE))
				CALL(tlb_finish_mmu, .start = l->at, .end = l->stop);
		} else if (advice_populates(l->advice)) {
			CALL(faultin_range, .at = l->at, .end = l->stop, .mm = l->mm,
				.write = l->advice == ADV_POPULATE_WRITE);
			l->result = r->a->result == RES_SIGBUS ? RES_EFAULT : r->a->result;
			lru_add_drain(r);
			if (l->result != RES_OK)
				break;
		} else if (l->advice == ADV_REMOVE) {
			UNLOCK(LOCK_MMAP(l->mm), "mmap_read_unlock: the file is punched without it");
			pgoff = vma_file_page(read_vma(r->m, l->vma), l->at);
			CALL(shmem_fallocate, .file = read_vma(r->m, l->vma)->file, .first = (uint32_t)pgoff,
				.last = (uint32_t)(pgoff + (l->stop - l->at) / PAGE_SIZE),
				.page = (uint8_t)(pgoff < FILE_PAGES ? pgoff : FILE_PAGES));
			LOCK(LOCK_MMAP(l->mm), LOCK_SHARED, "mmap_read_lock again");
		} else if (l->advice != ADV_WILLNEED) {
			if (!advised_flags(read_vma(r->m, v), l->advice, &flags)) {
				l->result = RES_EINVAL;
				break;
			}
			if (flags != read_vma(r->m, v)->flags) {
				CALL(vma_modify, .start = l->at, .end = l->stop, .vma = l->vma, .flags = flags);
				l->result = r->a->result;
				if (l->result != RES_OK)
					break;
			}
		}
		l->at = l->stop;
	}
	l->hole |= l->result == RES_OK && l->at < l->end;
	if (advice_gathers(l->advice) && profile_is(r->m, SW_MADV_GATHER, GATHER_ONE))
		CALL(tlb_finish_mmu, .start = l->start, .end = l->end);
	UNLOCK(LOCK_MMAP(l->mm), "drop mmap_lock");
	END(l->result != RES_OK ? l->result : l->hole ? RES_ENOMEM : RES_OK)
}
