/*
 * exit.c - exit_mmap: the last user of an address space is gone.
 *
 * Models: mm/mmap.c of 7.0: subscribers are released first and hear nothing afterwards; then pages and
 * tables go under one full gather.  Omits: the OOM reaper, mm_count: the root table stays, as it does
 * while a CPU is lazy in the mm or a subscriber holds it, until the number is forked again.
 */
#include "kernel.h"

ROUTINE(exit_mmap, "mm/mmap.c")
{
	unsigned v;

	BEGIN(struct exit_mmap_l)
	STEP("mmput: one user fewer; only the last one goes on");
	CHECK(read_mm(r->m, l->mm)->users > 0);
	if (--write_mm(r->m, l->mm)->users)
		RETURN(RES_OK);
	write_mm(r->m, l->mm)->state = MM_EXITING;
	if (read_mm(r->m, l->mm)->subs)
		CALL(mmu_notifier_release, .mm = l->mm);
	LOCK(LOCK_MMAP(l->mm), LOCK_SHARED, "mmap_read_lock");
	STEP("tlb_gather_mmu_fullmm");
	gather_begin(r, l->mm, true);
	l->vma = NONE;
	while ((v = vma_first(r->m, l->mm, l->vma == NONE ? 0 : read_vma(r->m, l->vma)->end, 1ull << 47)) != NONE) {
		l->vma = (uint8_t)v;
		CALL(zap_page_range, .start = read_vma(r->m, l->vma)->start, .end = read_vma(r->m, l->vma)->end,
			.mm = l->mm, .vma = l->vma);
	}
	UNLOCK(LOCK_MMAP(l->mm), "mmap_read_unlock");
	LOCK(LOCK_MMAP(l->mm), LOCK_EXCLUSIVE, "mmap_write_lock");
	while ((v = vma_first(r->m, l->mm, 0, 1ull << 47)) != NONE)
		CALL(vma_unlink, .vma = (uint8_t)v);
	CALL(free_pgtables, .mm = l->mm);
	CALL(tlb_finish_mmu, .start = 0, .end = 1ull << 47);
	UNLOCK(LOCK_MMAP(l->mm), "mmap_write_unlock");
	pin_drop(r->m, l->mm);
	write_mm(r->m, l->mm)->state = MM_DEAD;
	END(RES_OK)
}
