/*
 * exit.c - exit_mmap: the last user of an address space is gone.
 *
 * Models: mm/mmap.c of 7.0: subscribers are released first and hear nothing afterwards; then pages and
 * tables go under one full gather.  In a machine with kernel threads the thread that exits is lazy in the mm from then on, and
 * the root table goes with the last reference (mmdrop); else it stays until the number is forked again.
 * Omits: the OOM reaper, references of subscribers.
 */
#include "asid.h"
#include "kernel.h"

ROUTINE(exit_mmap, "mm/mmap.c")
{
	unsigned v;

	BEGIN(struct exit_mmap_l)
	if (init_mm(r->m) != NONE && run_mm(r) == l->mm) {
		STEP("exit_mm: the thread has no address space of its own any more, and borrows the one it had");
		lazy_borrow(r->m, r->cpu, l->mm);
		lazy_enter(r->m, r->cpu);
	}
	STEP("mmput: one user fewer; only the last one goes on");
	CHECK(read_mm_part(r->m, l->mm, MM_STATE)->users > 0);
	if (--write_mm_part(r->m, l->mm, MM_STATE)->users)
		RETURN(RES_OK);
	write_mm_part(r->m, l->mm, MM_STATE)->state = MM_EXITING;
	if (read_mm_part(r->m, l->mm, MM_REST)->subs)
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
	if (mm_global_asid(r->m, l->mm))
		CALL(mm_free_global_asid, .mm = l->mm);
	if (init_mm(r->m) != NONE)
		CALL(mmdrop, .mm = l->mm);
	write_mm_part(r->m, l->mm, MM_STATE)->state = MM_DEAD;
	END(RES_OK)
}
