/*
 * rename_fields.c - which fields of an object, and which locals of a routine, name something or count; see rename.h.
 *
 * A field that has no row keeps its value.  What is forgotten here is found by test_rename: a step of a machine under other
 * names must be the step of the machine under its own.
 */
#include "rename_fields.h"
#include "routines.h"

#define SIZE(s, field) sizeof(((s *)NULL)->field)

/* Bytes of a field of each type, see rename.h. */
enum {
	WIDE_CPU = 1, WIDE_CPU1 = 1, WIDE_CPUS = 1, WIDE_CALLER = 1, WIDE_TASK = 1, WIDE_TASK1 = 1, WIDE_TASKS = 1, WIDE_CTX = 1,
	WIDE_CTXS = 2, WIDE_DETACHER = 4, WIDE_FRAME = 2, WIDE_FRAMES = 8, WIDE_ENTRY = 8, WIDE_REG = 8, WIDE_GEN = 4, WIDE_FRAME_GEN = 2,
};

/* A field, or an array of them; a counter's mm or frame is in another field, in the object's number, or in the position. */
#define FIELD(what, s, field) \
	{ .type = NAME_OF_##what, .wide = WIDE_##what, .at = offsetof(s, field), .size = SIZE(s, field), .with = WITH_NONE }
#define GEN_WITH(place, s, field) \
	{ .type = COUNT_OF_MM, .wide = WIDE_GEN, .at = offsetof(s, field), .size = SIZE(s, field), .with = place }
#define GEN(s, field, mm) GEN_WITH(offsetof(s, mm), s, field)
#define FRAME_GEN_WITH(place, s, field) \
	{ .type = COUNT_OF_FRAME, .wide = WIDE_FRAME_GEN, .at = offsetof(s, field), .size = SIZE(s, field), .with = place }
#define FRAME_GEN(s, field, frame) FRAME_GEN_WITH(offsetof(s, frame), s, field)
/* As many as a count says: the rest is empty. */
#define FIRST(what, s, array, count) \
	{ .type = NAME_OF_##what, .wide = WIDE_##what, .at = offsetof(s, array), .size = SIZE(s, array), .with = WITH_NONE, \
	  .upto = offsetof(s, count) }
/* A field of each struct of an array. */
#define IN(s, array) .size = SIZE(s, array), .stride = SIZE(s, array[0])
#define EACH(what, s, array, field) \
	{ .type = NAME_OF_##what, .wide = WIDE_##what, .at = offsetof(s, array[0].field), IN(s, array), .with = WITH_NONE }
#define EACH_FIRST(what, s, array, field, count) \
	{ .type = NAME_OF_##what, .wide = WIDE_##what, .at = offsetof(s, array[0].field), IN(s, array), .with = WITH_NONE, \
	  .upto = offsetof(s, count) }
#define EACH_FRAME_GEN(s, array, field, frame) \
	{ .type = COUNT_OF_FRAME, .wide = WIDE_FRAME_GEN, .at = offsetof(s, array[0].field), IN(s, array), \
	  .with = offsetof(s, array[0].frame) }
/* What a wait is for has words of its own. */
#define WAIT(what, field) \
	{ .type = NAME_OF_##what, .wide = SIZE(struct act, field), .at = offsetof(struct act, field), .size = SIZE(struct act, field), \
	  .with = WITH_NONE }
#define FIELDS(...) (const struct name_field[]){ __VA_ARGS__, { .size = 0 } }

static const struct name_field *const of_kind[KIND_COUNT] = {
	[KIND_cpu] = FIELDS(FIELD(FRAME, struct cpu, cr3), FIELD(TASK, struct cpu, current), FIELD(TASK, struct cpu, leaving),
		FIRST(CALLER, struct cpu, queue, queued), GEN(struct cpu, tlb_gen, ctx_mm), GEN(struct cpu, other_gen, other_mm)),
	[KIND_call] = FIELDS(FIELD(CPUS, struct call, locked), FIELD(CPUS, struct call, raise), GEN(struct call, new_tlb_gen, mm)),
	[KIND_csd] = FIELDS(GEN(struct csd, new_tlb_gen, mm)),
	[KIND_pmap] = FIELDS(FIELD(CPU1, struct pmap, owner)),
	[KIND_latr] = FIELDS(FIELD(FRAME, struct latr, page), FIELD(CPUS, struct latr, cpus), FIELD(TASK1, struct latr, task)),
	[KIND_tlb] = FIELDS(EACH(FRAME, struct tlb, leaf, pfn), EACH_FRAME_GEN(struct tlb, leaf, generation, pfn),
		EACH(TASKS, struct tlb, leaf, outlawed)),
	[KIND_psc] = FIELDS(EACH(FRAME, struct psc, entry, table), EACH_FRAME_GEN(struct psc, entry, generation, table)),
	[KIND_walker] = FIELDS(FIELD(FRAME, struct walker, table), FRAME_GEN(struct walker, generation, table)),
	[KIND_free_list] = FIELDS(FIELD(FRAME, struct free_list, head)),
	[KIND_frame] = FIELDS(FIELD(FRAME, struct frame, next),
		FRAME_GEN_WITH(WITH_SELF, struct frame, generation)),
	[KIND_table] = FIELDS(FIELD(ENTRY, struct table, slot), FIELD(FRAME, struct table, deposit)),
	[KIND_mm] = FIELDS(FIELD(FRAME, struct mm, pgd), FIELD(CPUS, struct mm, cpumask), GEN_WITH(WITH_SELF, struct mm, tlb_gen),
		GEN_WITH(WITH_SELF, struct mm, done_gen)),
	[KIND_news] = FIELDS(FIELD(FRAMES, struct news, page), FIELD(TASKS, struct news, tasks)),
	[KIND_file] = FIELDS(FIELD(FRAME, struct file, page)),
	[KIND_task] = FIELDS(FIELD(CPU, struct task, cpu), FIELD(CPUS, struct task, cpus)),
	[KIND_ctx] = FIELDS(FIELD(CPU, struct ctx, cpu)),
	[KIND_lock] = FIELDS(FIELD(CTX, struct lock, owner), FIELD(CTXS, struct lock, readers)),
	[KIND_gather] = FIELDS(FIELD(FRAME, struct gather, page), FIELD(FRAME, struct gather, table)),
	[KIND_rcu] = FIELDS(FIELD(FRAME, struct rcu, table), FIELD(CPUS, struct rcu, readers)),
	[KIND_gup] = FIELDS(FIELD(FRAMES, struct gup, mapped), FIELD(FRAME, struct gup, table),
		FRAME_GEN(struct gup, generation, table)),
	[KIND_srcu] = FIELDS(FIELD(CTXS, struct srcu, readers)),
	[KIND_iommu] = FIELDS(EACH(FRAME, struct iommu, pasid, pgd), EACH_FIRST(CTX, struct iommu, queue, ctx, queued),
		FIELD(CTXS, struct iommu, status)),
	[KIND_pin] = FIELDS(FIELD(FRAME, struct pin, page)),
	[KIND_lru_batch] = FIELDS(FIELD(FRAME, struct lru_batch, page)),
	[KIND_ubc] = FIELDS(FIELD(FRAME, struct ubc, page), FIELD(CPUS, struct ubc, cpumask),
		GEN_WITH(WITH_POSITION, struct ubc, gen)),
	[KIND_invals] = FIELDS(EACH_FIRST(CPU, struct invals, op, from, count)),
	[KIND_parked] = FIELDS(GEN(struct parked, tlb_gen, mm)),
	[KIND_regs] = FIELDS(FIELD(REG, struct regs, r)),
	[KIND_vma] = FIELDS(FIELD(DETACHER, struct vma, flags)),
	[KIND_taken] = FIELDS({ .type = COUNT_OF_MM, .wide = WIDE_GEN, .at = offsetof(struct taken, info[0].new_tlb_gen),
		IN(struct taken, info), .with = offsetof(struct taken, info[0].mm) }),
};

#define LOCALS(name, ...) [R_##name] = FIELDS(__VA_ARGS__)
#define TABLE(name) FIELD(FRAME, struct name##_l, table)
#define PAGE(name) FIELD(FRAME, struct name##_l, page)
#define PTE(name) FIELD(ENTRY, struct name##_l, pte)

static const struct name_field *const of_routine[ROUTINE_COUNT] = {
	LOCALS(raw_entry, { .type = NAME_OF_FRAME, .wide = 1, .at = offsetof(struct raw_entry_l, frame), .size = 1, .with = WITH_NONE }),
	LOCALS(do_anonymous_page, TABLE(do_anonymous_page), PAGE(do_anonymous_page)),
	LOCALS(do_fault, TABLE(do_fault), PAGE(do_fault), FIELD(FRAME, struct do_fault_l, copy)),
	LOCALS(do_wp_page, TABLE(do_wp_page)),
	LOCALS(wp_page_shared, TABLE(wp_page_shared), PAGE(wp_page_shared)),
	LOCALS(wp_page_copy, TABLE(wp_page_copy), PAGE(wp_page_copy), FIELD(FRAME, struct wp_page_copy_l, old)),
	LOCALS(zap_huge_pmd, TABLE(zap_huge_pmd)),
	LOCALS(zap_pte_range, TABLE(zap_pte_range)),
	LOCALS(free_pgtables, TABLE(free_pgtables)),
	LOCALS(madvise_free_pte_range, TABLE(madvise_free_pte_range)),
	LOCALS(change_pte_range, TABLE(change_pte_range)),
	LOCALS(move_ptes, TABLE(move_ptes), PTE(move_ptes), FIELD(FRAME, struct move_ptes_l, new_table)),
	LOCALS(move_normal_pmd, TABLE(move_normal_pmd), FIELD(ENTRY, struct move_normal_pmd_l, pmd),
		FIELD(FRAME, struct move_normal_pmd_l, new_table)),
	LOCALS(copy_pte_range, TABLE(copy_pte_range), FIELD(FRAME, struct copy_pte_range_l, child_table)),
	LOCALS(vmf_insert_pfn, TABLE(vmf_insert_pfn)),
	LOCALS(do_numa_page, TABLE(do_numa_page), PAGE(do_numa_page)),
	LOCALS(migrate_misplaced_folio, TABLE(migrate_misplaced_folio), PAGE(migrate_misplaced_folio),
		FIELD(FRAME, struct migrate_misplaced_folio_l, old)),
	LOCALS(try_to_migrate_one, TABLE(try_to_migrate_one), PAGE(try_to_migrate_one), PTE(try_to_migrate_one)),
	LOCALS(remove_migration_pte, TABLE(remove_migration_pte), PAGE(remove_migration_pte),
		FIELD(FRAME, struct remove_migration_pte_l, old)),
	LOCALS(gup_fast, TABLE(gup_fast), FIELD(ENTRY, struct gup_fast_l, entry), FIELD(ENTRY, struct gup_fast_l, above),
		FIELD(FRAME, struct gup_fast_l, parent)),
	LOCALS(collapse_huge_page, TABLE(collapse_huge_page), PAGE(collapse_huge_page),
		FIELD(ENTRY, struct collapse_huge_page_l, pmd), FIELD(FRAME, struct collapse_huge_page_l, parent)),
	LOCALS(split_huge_pmd, TABLE(split_huge_pmd), FIELD(ENTRY, struct split_huge_pmd_l, pmd)),
	LOCALS(huge_pmd_wait, TABLE(huge_pmd_wait)),
	LOCALS(shrink_folio_list, FIELD(FRAME, struct shrink_folio_list_l, of.page)),
	LOCALS(try_to_unmap, FIELD(FRAME, struct try_to_unmap_l, of.page)),
	LOCALS(try_to_unmap_one, TABLE(try_to_unmap_one), PAGE(try_to_unmap_one), PTE(try_to_unmap_one)),
	LOCALS(write_cache_pages, FIELD(FRAME, struct write_cache_pages_l, of.page)),
	LOCALS(folio_clear_dirty_for_io, FIELD(FRAME, struct folio_clear_dirty_for_io_l, of.page)),
	LOCALS(folio_mkclean, FIELD(FRAME, struct folio_mkclean_l, of.page)),
	LOCALS(page_mkclean_one, TABLE(page_mkclean_one), PAGE(page_mkclean_one), PTE(page_mkclean_one)),
	LOCALS(writepage, FIELD(FRAME, struct writepage_l, of.page)),
	LOCALS(arch_tlbbatch_flush, FIELD(CPUS, struct arch_tlbbatch_flush_l, mask)),
	LOCALS(tlb_remove_table, TABLE(tlb_remove_table)),
	LOCALS(flush_tlb_mm_range, GEN(struct flush_tlb_mm_range_l, tlb_gen, mm), FIELD(CPUS, struct flush_tlb_mm_range_l, targets)),
	LOCALS(smp_call_function_many_cond, FIELD(CPUS, struct smp_call_function_many_cond_l, mask),
		FIELD(CPU, struct smp_call_function_many_cond_l, target), FIELD(CPUS, struct smp_call_function_many_cond_l, sent)),
	LOCALS(flush_smp_call_function_queue, GEN(struct flush_smp_call_function_queue_l, info.new_tlb_gen, info.mm),
		FIRST(CALLER, struct flush_smp_call_function_queue_l, entry, taken)),
	LOCALS(csd_do_func, GEN(struct csd_do_func_l, f.new_tlb_gen, f.mm)),
	LOCALS(flush_tlb_func, GEN(struct flush_tlb_func_l, f.new_tlb_gen, f.mm), GEN(struct flush_tlb_func_l, mm_gen, mm)),
	LOCALS(switch_mm_irqs_off, GEN(struct switch_mm_irqs_off_l, tlb_gen, mm)),
	LOCALS(smp_call_function_single, FIELD(CPU, struct smp_call_function_single_l, target)),
	LOCALS(set_memory_uc, PAGE(set_memory_uc)),
	LOCALS(pmap_begin, FIELD(CPUS, struct pmap_begin_l, targets), FIELD(CPU, struct pmap_begin_l, target)),
	LOCALS(retract_page_tables, TABLE(retract_page_tables), FIELD(FRAME, struct retract_page_tables_l, pmd)),
	LOCALS(broadcast_tlb_flush, GEN(struct broadcast_tlb_flush_l, f.new_tlb_gen, f.mm)),
	LOCALS(finish_asid_transition, FIELD(CPUS, struct finish_asid_transition_l, mask),
		FIELD(CPU, struct finish_asid_transition_l, at)),
	LOCALS(shadow_fault, PAGE(shadow_fault), FRAME_GEN(struct shadow_fault_l, generation, page)),
};

/* What the parked frame waits for. */
static const struct name_field *const of_wait[WAIT_KINDS] = {
	[WAIT_LOCK] = FIELDS(WAIT(LOCK, wait_object)),
	[WAIT_CSD] = FIELDS(WAIT(CPU, wait_object), WAIT(CPUS, wait_detail)),
	[WAIT_QI] = FIELDS(WAIT(CTX, wait_object)),
	[WAIT_SRCU] = FIELDS(WAIT(CTXS, wait_detail)),
	[WAIT_PMAP] = FIELDS(WAIT(CPU1, wait_detail)),
	[WAIT_PARKED] = FIELDS(WAIT(CPUS, wait_detail)),
	[WAIT_SINGLE] = FIELDS(WAIT(CPU, wait_object)),
	[WAIT_FOLIO] = FIELDS(WAIT(FRAME, wait_object)),
	[WAIT_LOADED] = FIELDS(WAIT(CPU, wait_object)),
};

const struct name_field *fields_of_kind(unsigned kind)
{
	return of_kind[kind];
}

const struct name_field *fields_of_locals(const struct act *a)
{
	return of_routine[a->routine];
}

const struct name_field *fields_of_wait(const struct act *a)
{
	return of_wait[a->wait];
}
