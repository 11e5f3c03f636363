/*
 * protect.c - mprotect: mm/mprotect.c.
 *
 * Models: one mapping after the other, with what came before an error done; the window between the weakened entry and
 * the flush, which is legal because the flush is published in tlb_flush_pending; the right to write
 * given back at once where the page is this process's alone; accounting as a flag; the change to PROT_NONE that NUMA balancing asks
 * for (numa.c), of which nobody is promised anything.  Omits: soft-dirty, userfaultfd, keys, 2 MiB pages (EINVAL).
 */
#include "kernel.h"

uint64_t entry_protected(struct machine *m, const struct vma *v, uint64_t pte)
{
	const struct frame *f = read_frame(m, pte_pfn(pte));
	bool write = v->flags & VMA_WRITE;

	if (vma_is_cow(v))
		write &= f->owner == FRAME_ANON && (f->flags & FRAME_EXCLUSIVE);
	else if (v->flags & VMA_NOTIFY)
		write &= (pte & PTE_DIRTY) != 0;
	pte &= ~(PTE_WRITE | PTE_NX | PTE_PRESENT | PTE_USER);
	if (write)
		pte |= PTE_WRITE;
	if (!(v->flags & VMA_EXEC))
		pte |= PTE_NX;
	return v->flags & VMA_ACCESS ? pte | PTE_PRESENT | PTE_USER : pte;
}

/* What the entry becomes: as the mapping has it, or, for a hint, one that faults (PROT_NONE) whatever the mapping allows. */
static uint64_t entry_changed(struct run *r, const struct change_pte_range_l *l, uint64_t pte)
{
	if (!l->numa)
		return entry_protected(r->m, read_vma(r->m, vma_find(r->m, l->mm, l->va)), pte);
	if (!pte_present(pte) || pte_pfn(pte) == ZERO_PFN)
		return pte;
	return pte & ~(PTE_PRESENT | PTE_USER | PTE_WRITE);
}

ROUTINE(change_pte_range, "mm/mprotect.c")
{
	uint64_t old, pte;

	BEGIN(struct change_pte_range_l)
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "take the page-table lock");
	CALL(flush_tlb_batched_pending, .mm = l->mm);
	if (mach_protocol(r->m))
		CALL(pmap_begin, .start = l->start, .end = l->end, .mm = l->mm);
	for (l->va = l->start; l->va < l->end; l->va += PAGE_SIZE) {
		if (!table_read(r->m, l->table, va_index(l->va, LEVEL_PTE)))
			continue;
		STEP("read, clear and set one entry with its new rights");
		old = table_read(r->m, l->table, va_index(l->va, LEVEL_PTE));
		pte = entry_changed(r, l, old);
		if (pte != old)
			entry_set(r->m, l->mm, l->table, l->va, pte);
		/* From not present to present nothing can be cached that says otherwise. */
		if (pte != old && pte_present(old)) {
			rule_changed(r->m, l->mm, l->va, l->va + PAGE_SIZE);
			if (profile_is(r->m, SW_PROT_FLUSH, PROT_FLUSH_AFTER))
				gather_range(r, l->va, l->va + PAGE_SIZE, LEVEL_PTE);
		}
	}
	if (!l->numa)
		rule_outlaw(r->m, run_task(r), l->mm, l->start, l->end);
	if (mach_protocol(r->m))
		CALL(pmap_end, .start = l->start, .end = l->end, .mm = l->mm);
	UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
	END(RES_OK)
}

/* change_protection of one mapping: its range, one page-table page after the other. */
ROUTINE(change_protection, "mm/mprotect.c")
{
	unsigned table;
	uint64_t stop;

	BEGIN(struct change_protection_l)
	CALL(invalidate_range_start, .start = l->start, .end = l->end, .mm = l->mm);
	if (profile_is(r->m, SW_PROT_FLUSH, PROT_FLUSH_BEFORE))
		CALL(flush_tlb_mm_range, .start = l->start, .end = l->end, .mm = l->mm);
	for (l->at = l->start; l->at < l->end; l->at = (l->at & ~(PMD_SIZE - 1)) + PMD_SIZE) {
		table = pte_table(r->m, l->mm, l->at);
		if (table == NO_FRAME)
			continue;
		stop = (l->at & ~(PMD_SIZE - 1)) + PMD_SIZE;
		CALL(change_pte_range, .start = l->at, .end = stop < l->end ? stop : l->end, .table = (uint16_t)table,
			.mm = l->mm, .numa = l->numa);
	}
	CALL(invalidate_range_end, .start = l->start, .end = l->end, .mm = l->mm);
	END(RES_OK)
}

/* The flags that a mapping gets, or RES_EACCES in *result. */
static uint32_t protected_flags(struct run *r, const struct vma *v, unsigned prot, uint8_t *result)
{
	uint32_t flags = (v->flags & ~(uint32_t)VMA_ACCESS) | prot;

	*result = RES_OK;
	if ((prot & VMA_WRITE) && !vma_may_write(v))
		*result = RES_EACCES;
	if (flags == v->flags)
		return flags;
	if (prot & VMA_WRITE) {
		if (!(v->flags & (VMA_ACCOUNT | VMA_WRITE | VMA_SHARED | VMA_NORESERVE)))
			flags |= VMA_ACCOUNT;
	} else if (v->file == NONE && !v->anon_vma && profile_is(r->m, SW_PROT_UNACCOUNT, SW_YES)) {
		flags &= ~(uint32_t)VMA_ACCOUNT;
	}
	return flags;
}

ROUTINE(do_mprotect, "mm/mprotect.c")
{
	unsigned v;

	BEGIN(struct do_mprotect_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_EXCLUSIVE, "mmap_write_lock");
	STEP("check the range; is its start mapped?");
	l->end = (l->start + l->len + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	v = vma_find(r->m, l->mm, l->start);
	if (l->start % PAGE_SIZE || huge_inside(r->m, l->mm, l->start, l->end))
		l->result = RES_EINVAL;
	else if (l->len && v == NONE)
		l->result = RES_ENOMEM;
	if (l->result != RES_OK || !l->len) {
		lock_drop(r, LOCK_MMAP(l->mm));
		RETURN(l->result);
	}
	STEP("tlb_gather_mmu: tlb_flush_pending goes up before any entry changes");
	gather_begin_protect(r, l->mm);
	for (l->at = l->start; l->at < l->end; l->at = l->stop) {
		v = vma_find(r->m, l->mm, l->at);
		if (v == NONE) {
			l->result = RES_ENOMEM;
			break;
		}
		l->old = read_vma(r->m, v)->flags;
		l->flags = protected_flags(r, read_vma(r->m, v), l->prot, &l->result);
		l->stop = read_vma(r->m, v)->end < l->end ? read_vma(r->m, v)->end : l->end;
		if (l->result != RES_OK)
			break;
		if (l->flags == l->old)
			continue;
		CALL(vma_modify, .start = l->at, .end = l->stop, .vma = (uint8_t)v, .flags = l->flags);
		l->result = r->a->result;
		if (l->result != RES_OK)
			break;
		CALL(change_protection, .start = l->at, .end = l->stop, .mm = l->mm);
		/* Locked and now writable: what would be copied at the first store is copied now. */
		if ((l->old & (VMA_WRITE | VMA_SHARED | VMA_LOCKED)) == VMA_LOCKED && (l->flags & VMA_WRITE)) {
			CALL(faultin_range, .at = l->at, .end = l->stop, .mm = l->mm, .write = 1);
			lru_add_drain(r);
		}
	}
	CALL(tlb_finish_mmu, .start = l->start, .end = l->end);
	UNLOCK(LOCK_MMAP(l->mm), "mmap_write_unlock");
	END(l->result)
}
