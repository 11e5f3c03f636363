/*
 * routines.h - the table of routines and what each is called with.
 *
 * To add one: a row here, its `struct NAME_l` below (arguments first, then its own locals), its body
 * in the file of its subject, its row in docs/model.md.  The order of the rows is the order of `list` and of
 * the manual.
 */
#ifndef ROUTINES_H
#define ROUTINES_H

#include "routine.h"

#define ROUTINES(R) \
	R(wait_turn) R(user_access) R(raw_access) R(raw_entry) R(raw_invalidate) R(do_user_addr_fault) R(handle_mm_fault) R(pte_alloc) R(do_anonymous_page) R(do_fault) R(do_wp_page) R(wp_page_shared) \
	R(wp_page_copy) \
	R(vma_link) R(vma_new) R(vma_modify) R(vma_unlink) R(split_vma) \
	R(do_mmap) R(do_munmap) R(do_vmi_munmap) R(zap_page_range) R(zap_huge_pmd) R(zap_pte_range) R(free_pgtables) \
	R(do_madvise) R(madvise_dontneed_free) R(madvise_free_pte_range) \
	R(do_mprotect) R(change_protection) R(change_pte_range) \
	R(do_mremap) R(mremap_to) R(move_vma) R(move_ptes) R(move_normal_pmd) \
	R(faultin_range) R(mm_populate) R(do_mlock) R(do_msync) R(do_mincore) \
	R(pin_user_pages) R(unpin_user_pages) R(pin_store) R(gup_fast) R(collapse_huge_page) R(split_huge_pmd) R(huge_pmd_wait) R(vfs_read) R(vfs_write) \
	R(dup_mmap) R(copy_pte_range) R(exit_mmap) R(do_truncate) R(shmem_fallocate) R(unmap_mapping_range) \
	R(shrink_folio_list) R(free_unref_folios) R(try_to_unmap) R(try_to_unmap_one) R(write_cache_pages) R(folio_clear_dirty_for_io) R(folio_mkclean) \
	R(page_mkclean_one) R(writepage) \
	R(set_tlb_ubc_flush_pending) R(try_to_unmap_flush) R(arch_tlbbatch_flush) R(flush_tlb_batched_pending) \
	R(vmf_insert_pfn) R(driver_revoke) R(task_numa_work) R(do_numa_page) R(migrate_misplaced_folio) R(try_to_migrate_one) \
	R(remove_migration_pte) \
	R(tlb_flush_mmu_tlbonly) R(tlb_flush_mmu) R(tlb_finish_mmu) \
	R(tlb_remove_table) R(tlb_remove_table_sync_one) R(tlb_table_flush) \
	R(flush_tlb_mm_range) R(smp_call_function_many_cond) R(flush_smp_call_function_queue) R(csd_do_func) R(flush_tlb_func) \
	R(switch_mm_irqs_off) R(context_switch) R(enter_lazy_tlb) R(leave_mm) R(do_idle) R(mmdrop) R(do_shoot_lazy_tlb) \
	R(retract_page_tables) R(nop) R(prefetch) R(copy_from_user_nmi) \
	R(smp_call_function_single) R(copy_from_user_inatomic) R(copy_from_user_nofault) R(load_irqs_off) R(set_memory_uc) \
	R(pmap_begin) R(pmap_end) R(pmap_respond) R(pmap_activate) R(latr_sweep) R(scheduler_tick) \
	R(broadcast_tlb_flush) R(finish_asid_transition) R(consider_global_asid) R(use_global_asid) R(mm_free_global_asid) \
	R(flush_tlb_range) R(flush_tlb_range_nosync) R(check_and_switch_context) \
	R(mmu_notifier_register) R(mmu_notifier_unregister) R(mmu_notifier_put) R(mmu_notifier_release) \
	R(invalidate_range_start) R(invalidate_range_end) R(invalidate_secondary_tlbs) \
	R(sva_bind) R(sva_unbind) R(sva_invalidate) R(sva_release) \
	R(shadow_range_start) R(shadow_range_end) R(shadow_release) R(shadow_fault)

enum routine_id {
#define ROUTINE_ID(name) R_##name,
	ROUTINES(ROUTINE_ID)
#undef ROUTINE_ID
	ROUTINE_COUNT
};

extern const struct routine *const routine_table[ROUTINE_COUNT];

/* Locals are bytes of the world: packed, widest first, so that they have no holes. */
#define packed __attribute__((packed))

/* ---- raw.c ---- */
struct packed raw_access_l { uint64_t va; uint32_t value; uint8_t write, reg; };
struct packed raw_entry_l { uint64_t va; uint8_t write, frame, prot, reg; };
struct packed raw_invalidate_l { uint64_t va; uint8_t everywhere; };

/* ---- access.c, fault.c ---- */
struct packed wait_turn_l { uint16_t turn; };
struct packed user_access_l { uint64_t va; uint32_t value; uint8_t write; };
struct packed do_user_addr_fault_l { uint64_t va; uint8_t write, mm, vma; };
struct packed handle_mm_fault_l { uint64_t va; uint8_t write, mm, vma; };
struct packed pte_alloc_l { uint64_t va; uint8_t mm, down_to, level; };
struct packed do_anonymous_page_l { uint64_t va; uint16_t table, page; uint8_t mm, vma, write; };
struct packed do_fault_l { uint64_t va; uint16_t table, page, copy; uint8_t mm, vma, write, locked; };
struct packed do_wp_page_l { uint64_t va; uint16_t table; uint8_t mm, vma; };
struct packed wp_page_shared_l { uint64_t va; uint16_t table, page; uint8_t mm, vma; };
struct packed wp_page_copy_l { uint64_t va; uint16_t table, old, page; uint8_t mm, vma; };

/* ---- vma.c, merge.c ---- */
struct vma_link_l { struct vma vma; };
struct vma_new_l { struct vma vma; uint8_t from, mapped, unused[6]; };
struct packed vma_modify_l { uint64_t start, end; uint32_t flags; uint8_t vma; };
struct packed vma_unlink_l { uint8_t vma; };
struct packed split_vma_l { uint64_t at; uint8_t mm, vma; };

/* ---- map.c, zap.c, madvise.c, protect.c, mremap.c, fork.c, truncate.c ---- */
struct packed do_mmap_l { uint64_t start, end, off; uint32_t len; uint16_t flags; uint8_t mm, prot, file, result; };
struct packed do_munmap_l { uint64_t start; uint32_t len; uint8_t mm; };
struct packed do_vmi_munmap_l { uint64_t start, end, at; uint8_t mm, vma, downgrade, result; };
struct packed zap_page_range_l { uint64_t start, end, at; uint8_t mm, vma, keep_cows; };
struct packed zap_huge_pmd_l { uint64_t va; uint16_t table; uint8_t mm; };
struct packed zap_pte_range_l { uint64_t start, va, end; uint16_t table; uint8_t mm, vma, force, full, keep_cows; };
struct packed free_pgtables_l { uint64_t at; uint16_t table; uint8_t mm, level; };
struct packed do_madvise_l { uint64_t start, at, stop, end; uint32_t len; uint8_t mm, vma, advice, hole, result; };
struct packed madvise_dontneed_free_l { uint64_t start, at, end; uint8_t mm, vma, free; };
struct packed madvise_free_pte_range_l { uint64_t start, va, end; uint16_t table; uint8_t mm; };
struct packed do_mprotect_l { uint64_t start, at, stop, end; uint32_t len, old, flags; uint8_t mm, prot, result; };
struct packed change_protection_l { uint64_t start, end, at; uint8_t mm, numa; };
struct packed change_pte_range_l { uint64_t start, va, end; uint16_t table; uint8_t mm, numa; };
struct packed do_mremap_l { uint64_t from, to, at, stop; uint32_t old_len, new_len; uint16_t flags; uint8_t mm, populate, result; };
struct packed mremap_to_l { uint64_t from, to; uint32_t old_len, new_len; uint16_t flags; uint8_t mm; };
struct packed move_vma_l { uint64_t from, to, at; uint32_t len, new_len; uint8_t mm, old, need_flush, dontunmap; };
struct packed move_ptes_l { uint64_t from, to, at, pte; uint16_t table, new_table, pages; uint8_t mm, flags, left; };
struct packed move_normal_pmd_l { uint64_t from, to, pmd; uint16_t table, new_table; uint8_t mm, rmap; };
struct packed dup_mmap_l { uint64_t at; uint8_t mm, child, vma, failed; };
struct packed copy_pte_range_l { uint64_t va, end; uint16_t table, child_table; uint8_t mm, child; };
struct packed exit_mmap_l { uint8_t mm, vma; };
struct packed do_truncate_l { uint32_t size, first; uint8_t file, page, shrinks; };
struct packed shmem_fallocate_l { uint32_t first, last; uint8_t file, page; };
struct packed unmap_mapping_range_l { uint64_t start, end; uint32_t first, last; uint8_t file, mm, vma, keep_cows; };

/* ---- pfnmap.c ---- */
struct packed vmf_insert_pfn_l { uint64_t va; uint16_t table; uint8_t mm, vma; };
struct packed driver_revoke_l { uint8_t file; };

/* ---- numa.c ---- */
struct packed task_numa_work_l { uint64_t at, stop, end; uint8_t mm; };
struct packed do_numa_page_l { uint64_t va; uint16_t table, page; uint8_t mm, vma; };
struct packed migrate_misplaced_folio_l { uint64_t va; uint16_t table, old, page; uint8_t mm, vma; };
struct packed try_to_migrate_one_l { uint64_t va, pte; uint16_t table, page; uint8_t mm, vma; };
struct packed remove_migration_pte_l { uint64_t va; uint16_t table, old, page; uint8_t mm, vma; };

/* ---- populate.c, query.c, pin.c, gup.c, khugepaged.c, huge.c, file.c ---- */
struct packed faultin_range_l { uint64_t at, end; uint8_t mm, write; };
struct packed mm_populate_l { uint64_t start, at, stop, end; uint8_t mm, ignore, result; };
struct packed do_mlock_l { uint64_t start, at, stop, end; uint32_t len; uint8_t mm, lock, result; };
struct packed do_msync_l { uint64_t start, end, at; uint32_t len; uint16_t flags; uint8_t mm, result; };
struct packed do_mincore_l { uint64_t start; uint32_t len; uint8_t mm; };
struct packed pin_user_pages_l { uint64_t start, at; uint32_t len; uint8_t mm, result; };
struct packed unpin_user_pages_l { uint8_t mm; };
struct packed pin_store_l { uint64_t va; uint32_t value; uint8_t mm; };
struct packed gup_fast_l { uint64_t va, entry, above; uint16_t table, parent; uint8_t mm, level, changed; };
struct packed collapse_huge_page_l { uint64_t va, pmd; uint16_t table, parent, page; uint8_t mm, vma, alone; };
struct packed split_huge_pmd_l { uint64_t va, pmd; uint16_t table; uint8_t mm; };
struct packed huge_pmd_wait_l { uint16_t table; };
struct packed vfs_read_l { uint64_t at; uint8_t file; };
struct packed vfs_write_l { uint64_t at; uint32_t value; uint8_t file; };

/* ---- reclaim.c, rmap.c, writeback.c, tlbbatch.c ---- */
/* A page and where the reverse map finds it: its file, or the anon_vmas of its mapping and the mm. */
struct packed rmap_page { uint64_t index, chain; uint16_t page; uint8_t file, mm; };
struct packed shrink_folio_list_l { uint64_t at; uint32_t len; struct rmap_page of; uint8_t mm; };
struct packed free_unref_folios_l { uint8_t unused; };
struct packed try_to_unmap_l { struct rmap_page of; uint8_t vma; };
struct packed try_to_unmap_one_l { uint64_t va, pte; uint16_t page, table; uint8_t mm, vma, result; };
struct packed write_cache_pages_l { struct rmap_page of; uint8_t last; };
struct packed folio_clear_dirty_for_io_l { struct rmap_page of; };
struct packed folio_mkclean_l { struct rmap_page of; uint8_t vma, cleaned; };
struct packed page_mkclean_one_l { uint64_t va, pte; uint16_t page, table; uint8_t mm, cleaned; };
struct packed writepage_l { struct rmap_page of; };
struct packed set_tlb_ubc_flush_pending_l { uint64_t va; uint8_t mm, writable; };
struct packed try_to_unmap_flush_l { uint8_t dirty_only; };
struct packed arch_tlbbatch_flush_l { uint8_t mask; };
struct packed flush_tlb_batched_pending_l { uint16_t pending, flushed; uint8_t mm; };

/* ---- gather.c, table.c, flush.c, ipi.c, switch.c, nmi.c ---- */
struct packed tlb_flush_mmu_tlbonly_l { uint64_t start, end; uint8_t frees; };
struct packed tlb_flush_mmu_l { uint8_t unused; };
struct packed tlb_finish_mmu_l { uint64_t start, end; };
struct packed tlb_remove_table_l { uint16_t table; uint8_t mm; };
struct packed tlb_remove_table_sync_one_l { uint8_t unused; };
struct packed tlb_table_flush_l { uint8_t unused; };
struct packed flush_tlb_mm_range_l {
	uint64_t start, end;
	uint32_t tlb_gen;
	uint8_t mm, freed_tables, stride_shift, targets, local, frees, deferred, global;
};
struct packed smp_call_function_many_cond_l { uint8_t mask, target, freed_tables, sent, loaded, lazy; };
struct packed flush_smp_call_function_queue_l { struct csd info; uint8_t taken, at, async, early, idle; uint8_t entry[CALL_QUEUE]; };
struct packed csd_do_func_l { struct csd f; };
struct packed flush_tlb_func_l { struct csd f; uint64_t at; uint32_t mm_gen; uint8_t mm, partial; };
struct packed switch_mm_irqs_off_l { uint32_t tlb_gen; uint8_t mm, prev, irqs_off, global; };
struct packed copy_from_user_nmi_l { uint64_t va; };

/* ---- uaccess.c, memtype.c ---- */
struct packed smp_call_function_single_l { uint64_t va; uint8_t target; };
struct packed copy_from_user_inatomic_l { uint64_t va; uint8_t reader; };
struct packed copy_from_user_nofault_l { uint64_t va; uint8_t reader; };
struct packed load_irqs_off_l { uint64_t va; };
struct packed set_memory_uc_l { uint16_t page; };

/* ---- mach.c, latr.c ---- */
struct packed pmap_begin_l { uint64_t start, end; uint8_t mm, targets, target; };
struct packed pmap_end_l { uint64_t start, end; uint8_t mm; };
struct packed pmap_respond_l { uint8_t unused; };
struct packed pmap_activate_l { uint8_t mm; };
struct packed latr_sweep_l { uint8_t unused; };
struct packed scheduler_tick_l { uint8_t unused; };

/* ---- lazy.c, retract.c, prefetch.c ---- */
struct packed context_switch_l { uint8_t mm, prev_mm; };
struct packed enter_lazy_tlb_l { uint8_t unused; };
struct packed leave_mm_l { uint8_t unused; };
struct packed do_idle_l { uint8_t unused; };
struct packed mmdrop_l { uint8_t mm; };
struct packed do_shoot_lazy_tlb_l { uint8_t mm; };
struct packed retract_page_tables_l { uint64_t va; uint16_t table, pmd; uint8_t mm; };
struct packed nop_l { uint8_t unused; };
struct packed prefetch_l { uint64_t va; };

/* ---- asid.c, arm64.c ---- */
struct packed broadcast_tlb_flush_l { struct csd f; };
struct packed finish_asid_transition_l { uint8_t mm, mask, at; };
struct packed consider_global_asid_l { uint8_t mm; };
struct packed use_global_asid_l { uint8_t mm, asid; };
struct packed mm_free_global_asid_l { uint8_t mm; };
struct packed flush_tlb_range_l { uint64_t start, end; uint8_t mm, freed_tables; };
struct packed flush_tlb_range_nosync_l { uint64_t start, end; uint8_t mm, freed_tables; };
struct packed check_and_switch_context_l { uint8_t mm; };

/* ---- notifier.c ---- */
struct packed mmu_notifier_register_l { uint8_t mm, sub, file, refused; };
struct packed mmu_notifier_unregister_l { uint8_t mm, sub; };
struct packed mmu_notifier_put_l { uint8_t mm, sub; };
struct packed mmu_notifier_release_l { uint8_t mm, sub; };
struct packed invalidate_range_start_l { uint64_t start, end; uint8_t mm, sub; };
struct packed invalidate_range_end_l { uint64_t start, end; uint8_t mm, sub; };
struct packed invalidate_secondary_tlbs_l { uint64_t start, end, cpu_start, cpu_end; uint8_t mm, sub; };

/* ---- engine/subscriber ---- */
struct packed sva_bind_l { uint8_t mm, sub; };
struct packed sva_unbind_l { uint8_t mm, sub; };
struct packed sva_invalidate_l { uint64_t start, end; uint8_t sub; };
struct packed sva_release_l { uint8_t sub; };
struct packed shadow_range_start_l { uint64_t start, end; uint8_t sub; };
struct packed shadow_range_end_l { uint8_t sub; };
struct packed shadow_release_l { uint8_t sub; };
struct packed shadow_fault_l { uint64_t va; uint32_t value; uint16_t page, generation; uint8_t sub, write, seq, writable; };

#undef packed

#define ROUTINE_EXTERN(name) extern const struct routine routine_##name;
ROUTINES(ROUTINE_EXTERN)
#undef ROUTINE_EXTERN

#endif
