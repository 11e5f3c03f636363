/*
 * One line per object. Rule: what is not worth a word is left out; `show` draws it in full.
 */
#include "describe.h"

#include "machine.h"
#include "memory.h"
#include "mmu.h"
#include "pte.h"
#include "routine.h"
#include "routines.h"
#include "task.h"

static void ctx_name(const struct machine *m, unsigned ctx, struct text *t)
{
	if (ctx < MAX_TASKS)
		name_text(t, &m->names, NAME_TASK, ctx);
	else
		text_add(t, "%s of cpu%u", context_word(ctx), context_cpu(ctx));
}

static void mmu_name(const struct machine *m, unsigned mmu, struct text *t)
{
	if (mmu < LANE_IOMMU)
		lane_text(t, &m->names, mmu);
	else
		name_text(t, &m->names, NAME_SUB, mmu - MMU_SUB(0));
}

void object_name(const struct machine *m, unsigned object, struct text *t)
{
	unsigned i = objects[object].index;

	switch ((enum kind)objects[object].kind) {
	case KIND_cpu:
		text_add(t, "cpu%u", i);
		break;
	case KIND_call:
		text_add(t, "call of cpu%u", i);
		break;
	case KIND_gup:
		text_add(t, "gup_fast on cpu%u", i);
		break;
	case KIND_csd:
		text_add(t, "csd of cpu%u for cpu%u", i / MAX_CPUS, i % MAX_CPUS);
		break;
	case KIND_nmi:
		text_add(t, "NMIs of cpu%u", i);
		break;
	case KIND_probe:
		text_add(t, "probe on cpu%u", i);
		break;
	case KIND_single:
		text_add(t, "csd_data of cpu%u", i);
		break;
	case KIND_taken:
		text_add(t, "stack copies of cpu%u", i);
		break;
	case KIND_mach:
		text_add(t, "action queue of cpu%u", i);
		break;
	case KIND_pmap:
		text_add(t, "pmap lock of ");
		name_text(t, &m->names, NAME_MM, i);
		break;
	case KIND_latr:
		text_add(t, "lazy states of cpu%u", i);
		break;
	case KIND_tlb:
	case KIND_psc:
		text_add(t, "%s of ", kind_names[objects[object].kind]);
		mmu_name(m, i, t);
		break;
	case KIND_frame:
		text_add(t, "pfn %u", i);
		break;
	case KIND_regs:
		text_add(t, "registers of ");
		name_text(t, &m->names, NAME_TASK, i);
		break;
	case KIND_table:
		text_add(t, "table in pfn %u", i);
		break;
	case KIND_mm:
		text_add(t, "mm ");
		name_text(t, &m->names, NAME_MM, i);
		break;
	case KIND_tree:
		text_add(t, "mappings of ");
		name_text(t, &m->names, NAME_MM, i);
		break;
	case KIND_pin:
		text_add(t, "pinned pages of ");
		name_text(t, &m->names, NAME_MM, i);
		break;
	case KIND_unflushed:
		text_add(t, "unflushed changes of ");
		name_text(t, &m->names, NAME_MM, i);
		break;
	case KIND_news:
		text_add(t, "threads that know of a new page, %u", i);
		break;
	case KIND_file:
		text_add(t, "file ");
		name_text(t, &m->names, NAME_FILE, i);
		break;
	case KIND_task:
		text_add(t, "task ");
		name_text(t, &m->names, NAME_TASK, i);
		break;
	case KIND_ctx:
		text_add(t, "stack of ");
		ctx_name(m, i, t);
		break;
	case KIND_act:
		text_add(t, "frame %u of ", i % MAX_DEPTH);
		ctx_name(m, i / MAX_DEPTH, t);
		break;
	case KIND_lock:
		lock_text(t, &m->names, i);
		break;
	case KIND_gather:
		text_add(t, "mmu_gather of ");
		name_text(t, &m->names, NAME_TASK, i);
		break;
	case KIND_batched:
		text_add(t, "tlb_flush_batched of ");
		name_text(t, &m->names, NAME_MM, i);
		break;
	case KIND_ubc:
		text_add(t, "tlb_ubc of ");
		name_text(t, &m->names, NAME_TASK, i);
		break;
	case KIND_block:
		text_add(t, "block %u of the disk", i);
		break;
	case KIND_sub:
		name_text(t, &m->names, NAME_SUB, i);
		break;
	case KIND_dev:
		name_text(t, &m->names, NAME_DEV, i);
		break;
	case KIND_invals:
		text_add(t, "broadcasts pending at cpu%u", i);
		break;
	case KIND_parked:
		text_add(t, "parked slot of cpu%u", i);
		break;
	case KIND_asid:
		text_add(t, "ASID of ");
		name_text(t, &m->names, NAME_MM, i);
		break;
	case KIND_free_list:
		text_add(t, "free frames");
		break;
	case KIND_iommu:
	case KIND_rcu:
	case KIND_srcu:
	case KIND_asids:
	case KIND_profile:
		text_add(t, "%s", kind_names[objects[object].kind]);
		break;
	case KIND_walker:
	case KIND_vma:
	case KIND_program:
	case KIND_anon_vmas:
	case KIND_lru_batch:
	case KIND_content:
	case KIND_COUNT:
		text_add(t, "%s %u", kind_names[objects[object].kind], i);
		break;
	}
}

static void leaves_words(const struct machine *m, const struct tlb *tlb, struct text *t)
{
	for (unsigned i = 0; i < tlb->count; i++) {
		const struct leaf *l = &tlb->leaf[i];

		text_add(t, "%s", i ? ", " : "");
		address_brief(t, &m->names, l->va);
		text_add(t, " -> pfn %u %s%s", l->pfn, l->flags & LEAF_WRITE ? "RW" : "RO",
			 l->flags & LEAF_DIRTY ? " D" : "");
	}
	if (!tlb->count)
		text_add(t, "empty");
}

static void table_words(const struct machine *m, unsigned table, struct text *t)
{
	unsigned n = 0, index;
	uint64_t entry;

	for (; table_slot(m, table, n, &index, &entry); n++) {
		text_add(t, "%s%u: ", n ? ", " : "", index);
		pte_text(t, entry, peek_frame(m, table)->level);
	}
	if (!n)
		text_add(t, "empty");
}

static void frame_words(const struct frame *f, struct text *t)
{
	static const char *const owners[FRAME_OWNERS] = { "free", "anon", "file", "table", "zero" };

	text_add(t, "%s, %u refs, %u maps, generation %u, holds %u%s%s", owners[f->owner], f->refcount,
		 f->mapcount, f->generation, f->value, f->flags & FRAME_LOCKED ? ", locked" : "",
		 f->flags & FRAME_WRITEBACK ? ", on its way to the disk" : "");
}

static void lock_words(const struct machine *m, const struct lock *l, struct text *t)
{
	bool free = !l->readers && l->owner == NONE;

	if (l->owner != NONE) {
		text_add(t, "held by ");
		ctx_name(m, l->owner, t);
	}
	for (unsigned ctx = 0; ctx < MAX_CTX; ctx++)
		if (l->readers & (1u << ctx)) {
			text_add(t, "read by ");
			ctx_name(m, ctx, t);
			text_add(t, " ");
		}
	if (free)
		text_add(t, "free");
}

static void act_words(const struct act *a, struct text *t)
{
	const char *words = "";
	bool call;

	if (a->routine >= ROUTINE_COUNT || !a->pc)
		return;
	text_add(t, "%s", routine_table[a->routine]->name);
	if (routine_line(a->routine, a->pc, &words, &call))
		text_add(t, ": %s", words);
}

void object_words(const struct machine *m, unsigned object, struct text *t)
{
	unsigned i = objects[object].index;

	switch ((enum kind)objects[object].kind) {
	case KIND_cpu: {
		const struct cpu *c = peek_cpu(m, i);

		text_add(t, "tlb_gen %u, %s%s%s%s%s%u queued", c->tlb_gen, c->is_lazy ? "lazy, " : "",
			 c->buffer ? "a store in its buffer, " : "",
			 c->irq_off ? "irqs off, " : "", c->in_nmi ? "in nmi, " : c->in_irq ? "in irq, " : "",
			 c->pending & PENDING_IPI ? "IPI pending, " : "", c->queued);
		break;
	}
	case KIND_call:
		text_add(t, "waits for mask 0x%x", peek_call(m, i)->locked);
		break;
	case KIND_csd:
		range_text(t, &m->names, peek_csd(m, i)->start, peek_csd(m, i)->end);
		text_add(t, ", new_tlb_gen %u", peek_csd(m, i)->new_tlb_gen);
		break;
	case KIND_nmi:
		text_add(t, "%u to come, last value %u, %s", peek_nmi(m, i)->count - peek_nmi(m, i)->next, peek_nmi(m, i)->value,
			 result_name(peek_nmi(m, i)->result));
		break;
	case KIND_probe:
		text_add(t, "last value %u, %s", peek_probe(m, i)->value, result_name(peek_probe(m, i)->result));
		break;
	case KIND_single:
		text_add(t, "a load of ");
		address_brief(t, &m->names, peek_single(m, i)->va);
		text_add(t, peek_single(m, i)->locked ? ", locked" : ", free");
		break;
	case KIND_mach:
		text_add(t, "%s, %s", peek_mach(m, i)->inactive ? "parked" : "active",
			 peek_mach(m, i)->action ? "action needed" : "nothing asked");
		break;
	case KIND_pmap:
		text_add(t, peek_pmap(m, i)->owner ? "held" : "free");
		break;
	case KIND_latr:
		for (unsigned k = 0; k < LATR_STATES; k++)
			if (peek_latr(m, i)->used[k]) {
				range_text(t, &m->names, peek_latr(m, i)->start[k], peek_latr(m, i)->end[k]);
				text_add(t, " for mask 0x%x, %u pages ", peek_latr(m, i)->cpus[k], peek_latr(m, i)->pages[k]);
			}
		break;
	case KIND_taken:
		text_add(t, "what calls carry that were unlocked before they ran");
		break;
	case KIND_tlb:
		leaves_words(m, peek_tlb(m, i), t);
		break;
	case KIND_psc:
		text_add(t, "%u entries", peek_psc(m, i)->count);
		break;
	case KIND_free_list:
		text_add(t, "pfn %u goes next", peek_free_list(m, 0)->head[FREE_LOW]);
		break;
	case KIND_frame:
		frame_words(peek_frame(m, i), t);
		break;
	case KIND_table:
		table_words(m, i, t);
		break;
	case KIND_mm:
		text_add(t, "tlb_gen %u, cpumask 0x%x, flush_pending %u", peek_mm(m, i)->tlb_gen,
			 peek_mm(m, i)->cpumask, peek_mm(m, i)->flush_pending);
		break;
	case KIND_unflushed:
		text_add(t, "%u ranges", peek_unflushed(m, i)->count);
		break;
	case KIND_news:
		text_add(t, peek_news(m, i)->used ? "tasks 0x%x" : "none", peek_news(m, i)->tasks);
		break;
	case KIND_task:
		text_add(t, "operation %u, last result %s", peek_task(m, i)->op + 1u,
			 result_name(peek_task(m, i)->result));
		break;
	case KIND_ctx:
		text_add(t, "%u frames, preempt count %u", peek_ctx(m, i)->depth,
			 peek_ctx(m, i)->atomic);
		break;
	case KIND_act:
		act_words(peek_act(m, i), t);
		break;
	case KIND_lock:
		lock_words(m, peek_lock(m, i), t);
		break;
	case KIND_gather:
		text_add(t, "%u pages, %u tables", peek_gather(m, i)->pages,
			 peek_gather(m, i)->tables);
		break;
	case KIND_rcu:
		text_add(t, "%u page-table pages wait", peek_rcu(m, 0)->count);
		break;
	case KIND_gup:
		text_add(t, "%s", peek_gup(m, i)->active ? "walks " : "idle");
		if (peek_gup(m, i)->active)
			address_brief(t, &m->names, peek_gup(m, i)->va);
		break;
	case KIND_batched:
		text_add(t, "%u pending, %u flushed", peek_batched(m, i)->pending, peek_batched(m, i)->flushed);
		break;
	case KIND_ubc:
		text_add(t, "cpumask 0x%x, %u pages wait to be freed", peek_ubc(m, i)->cpumask, peek_ubc(m, i)->pages);
		break;
	case KIND_block:
		if (!peek_block(m, i)->used)
			break;
		text_add(t, "page %u of ", peek_block(m, i)->index);
		name_text(t, &m->names, NAME_FILE, peek_block(m, i)->file);
		text_add(t, " = %u", peek_block(m, i)->value);
		break;
	case KIND_sub:
		text_add(t, "seq %u, %u in progress", peek_sub(m, i)->seq,
			 peek_sub(m, i)->in_progress);
		break;
	case KIND_dev:
		text_add(t, "access %u, last value %u", peek_dev(m, i)->op + 1u,
			 peek_dev(m, i)->value);
		break;
	case KIND_iommu:
		text_add(t, "%u descriptors queued", peek_iommu(m, 0)->queued);
		break;
	case KIND_walker:
		if (peek_walker(m, i)->active)
			text_add(t, "at the %s of ", level_name(peek_walker(m, i)->level));
		if (peek_walker(m, i)->active)
			address_brief(t, &m->names, peek_walker(m, i)->va);
		else
			text_add(t, "idle");
		break;
	case KIND_regs:
		registers_text(t, &m->names, peek_regs(m, i));
		break;
	case KIND_invals:
		for (unsigned k = 0; k < peek_invals(m, i)->count; k++) {
			text_add(t, "%scpu%u: ", k ? "; " : "", peek_invals(m, i)->op[k].from);
			inval_text(t, m, &peek_invals(m, i)->op[k]);
		}
		break;
	case KIND_asid:
		text_add(t, "global ASID %u%s", peek_asid(m, i)->global, peek_asid(m, i)->transition ? ", moving" : "");
		break;
	case KIND_asids:
		text_add(t, "used 0x%x, freed 0x%x", peek_asids(m, 0)->used, peek_asids(m, 0)->freed);
		break;
	case KIND_parked:
		text_add(t, "PCID %u, tlb_gen %u", peek_parked(m, i)->pcid, peek_parked(m, i)->tlb_gen);
		break;
	case KIND_profile:
	case KIND_vma:
	case KIND_tree:
	case KIND_anon_vmas:
	case KIND_pin:
	case KIND_lru_batch:
	case KIND_content:
	case KIND_file:
	case KIND_program:
	case KIND_srcu:
	case KIND_COUNT:
		break;
	}
}
