/*
 * What an expression can ask a machine for: one row per question. To add one: a row, and the
 * function above it that answers.
 */
#include "expr.h"

#include "mmu.h"
#include "named.h"
#include "routines.h"
#include "say.h"
#include "task.h"

static const struct value nothing = { .none = true };

static struct value number(uint64_t n)
{
	return (struct value){ .n = (int64_t)n };
}

/* An index, or none where it is `absent`. */
static struct value index_or_none(unsigned n, unsigned absent)
{
	return n == absent ? nothing : number(n);
}

/* ---- entries and caches ---- */

static struct value pte(const struct expr_place *p, unsigned mm, uint64_t va)
{
	unsigned table;
	uint64_t entry = entry_at(p->m, mm, va, &table);

	return entry ? number(entry) : nothing;
}

static struct value pte_frame(const struct expr_place *p, unsigned mm, uint64_t va)
{
	struct value v = pte(p, mm, va);

	return v.none || !pte_present((uint64_t)v.n) ? nothing : number(pte_pfn((uint64_t)v.n));
}

static struct value pte_bit(const struct expr_place *p, unsigned mm, uint64_t va, uint64_t bit)
{
	struct value v = pte(p, mm, va);

	return number(!v.none && ((uint64_t)v.n & bit));
}

#define PTE_BIT(name, bit)                                                             \
	static struct value name(const struct expr_place *p, unsigned mm, uint64_t va) \
	{                                                                              \
		return pte_bit(p, mm, va, bit);                                        \
	}
PTE_BIT(pte_is_present, PTE_PRESENT)
PTE_BIT(pte_is_write, PTE_WRITE)
PTE_BIT(pte_is_dirty, PTE_DIRTY)
PTE_BIT(pte_is_accessed, PTE_ACCESSED)

static struct value tlb(const struct expr_place *p, unsigned mmu, uint64_t va)
{
	const struct leaf *l = leaf_at(p->m, mmu, va);

	return l ? number(l->pfn) : nothing;
}

static struct value tlb_stale(const struct expr_place *p, unsigned mmu, uint64_t va)
{
	const struct leaf *l = leaf_at(p->m, mmu, va);

	return number(l && leaf_is_stale(p->m, l));
}

static struct value tlb_gen(const struct expr_place *p, unsigned mmu, uint64_t va)
{
	const struct leaf *l = leaf_at(p->m, mmu, va);

	return l ? number(l->generation) : nothing;
}

static struct value tlb_write(const struct expr_place *p, unsigned mmu, uint64_t va)
{
	const struct leaf *l = leaf_at(p->m, mmu, va);

	return number(l && (l->flags & LEAF_WRITE));
}

static struct value tlb_dirty(const struct expr_place *p, unsigned mmu, uint64_t va)
{
	const struct leaf *l = leaf_at(p->m, mmu, va);

	return number(l && (l->flags & LEAF_DIRTY));
}

static struct value stale(const struct expr_place *p, unsigned object, uint64_t va)
{
	(void)object;
	for (unsigned mmu = 0; mmu < MAX_MMUS; mmu++)
		if (tlb_stale(p, mmu, va).n)
			return number(true);
	return number(false);
}

/* ---- objects ---- */

/* A function that gives one field of one object. */
#define FIELD(name, kind, expression)                                                      \
	static struct value name(const struct expr_place *p, unsigned object, uint64_t va) \
	{                                                                                  \
		const struct kind *o = peek_##kind(p->m, object);                          \
		(void)va;                                                                  \
		return (expression);                                                       \
	}
FIELD(frame_owner, frame, number(o->owner))
FIELD(frame_generation, frame, number(o->generation))
FIELD(frame_refs, frame, number(o->refcount))
FIELD(frame_maps, frame, number(o->mapcount))
FIELD(frame_value, frame, number(o->value))
FIELD(frame_free, frame, number(o->owner == FRAME_FREE))
FIELD(frame_dirty, frame, number(!!(o->flags & FRAME_DIRTY)))
FIELD(mm_tlb_gen, mm, number(o->tlb_gen))
FIELD(mm_cpumask, mm, number(o->cpumask))
FIELD(mm_pending, mm, number(o->flush_pending))
FIELD(mm_batched, batched, number((uint64_t)o->pending - o->flushed))
FIELD(mm_state, mm, number(o->state))
FIELD(cpu_tlb_gen, cpu, number(o->tlb_gen))
FIELD(cpu_irq_off, cpu, number(o->irq_off))
FIELD(cpu_in_irq, cpu, number(o->in_irq))
FIELD(cpu_task, cpu, index_or_none(o->current, NONE))
FIELD(cpu_ipi, cpu, number(!!(o->pending & PENDING_IPI)))
FIELD(cpu_queued, cpu, number(o->queued))
FIELD(task_value, task, number(o->value))
FIELD(task_state, task, number(o->state))
FIELD(task_result, task, number(o->result))
FIELD(task_op, task, number(o->op + 1u))
FIELD(dev_value, dev, number(o->value))
FIELD(dev_op, dev, number(o->op + 1u))
FIELD(dev_result, dev, number(o->result))
FIELD(sub_seq, sub, number(o->seq))
FIELD(sub_in_progress, sub, number(o->in_progress))
FIELD(sub_mm, sub, index_or_none(o->mm, NONE))
FIELD(sub_released, sub, number(o->released))
FIELD(lock_held, lock, number(o->owner != NONE || o->readers))
FIELD(lock_owner, lock, index_or_none(o->owner, NONE))
FIELD(iommu_queued, iommu, number(o->queued))

static struct value cpu_loaded(const struct expr_place *p, unsigned cpu, uint64_t va)
{
	unsigned mm = peek_cpu(p->m, cpu)->loaded_mm;

	(void)va;
	/* The word behind the last mm, see mm_word(). */
	return mm == MM_SWITCHING ? number(MAX_MMS) : index_or_none(mm, NONE);
}

static struct value task_doing(const struct expr_place *p, unsigned task, uint64_t va)
{
	const struct program *program = peek_program(p->m, task);
	unsigned op = peek_task(p->m, task)->op;

	(void)va;
	return op < program->count ? number(program->op[op].kind) : nothing;
}

static struct value task_routine(const struct expr_place *p, unsigned task, uint64_t va)
{
	const struct act *top = ctx_top(p->m, task);

	(void)va;
	return top ? number(top->routine) : nothing;
}

static struct value task_step(const struct expr_place *p, unsigned task, uint64_t va)
{
	const struct act *top = ctx_top(p->m, task);

	(void)va;
	return top ? number(top->pc) : nothing;
}

static struct value task_waits(const struct expr_place *p, unsigned task, uint64_t va)
{
	(void)va;
	return number(ctx_top(p->m, task) && !ctx_ready(p->m, task));
}

/* A page of a file, by its frame in the page cache. */
static struct value page(const struct expr_place *p, unsigned file, uint64_t n)
{
	return index_or_none(peek_file(p->m, file)->page[n], NO_FRAME);
}

static struct value page_value(const struct expr_place *p, unsigned file, uint64_t n)
{
	struct value v = page(p, file, n);

	return v.none ? v : frame_value(p, (unsigned)v.n, 0);
}

/* What the disk has of it, once it was written there. */
static struct value page_disk(const struct expr_place *p, unsigned file, uint64_t n)
{
	for (unsigned i = 0; i < MAX_BLOCKS; i++) {
		const struct block *b = peek_block(p->m, i);

		if (b->used && b->file == file && b->index == n)
			return number(b->value);
	}
	return nothing;
}

static struct value page_dirty(const struct expr_place *p, unsigned file, uint64_t n)
{
	struct value v = page(p, file, n);

	return number(!v.none && frame_dirty(p, (unsigned)v.n, 0).n);
}

/* What a register holds; none when that is not what was asked for: an entry is no number, and a number no entry. */
static struct value reg_holds(const struct expr_place *p, unsigned task, uint64_t n, bool entry)
{
	uint64_t value = peek_regs(p->m, task)->r[n];

	return entry == ((value & REG_ENTRY) != 0) ? number(value & ~REG_ENTRY) : nothing;
}

static struct value reg(const struct expr_place *p, unsigned task, uint64_t n)
{
	return reg_holds(p, task, n, false);
}

static struct value reg_frame(const struct expr_place *p, unsigned task, uint64_t n)
{
	struct value v = reg_holds(p, task, n, true);

	return v.none || !pte_present((uint64_t)v.n) ? nothing : number(pte_pfn((uint64_t)v.n));
}

static struct value reg_write(const struct expr_place *p, unsigned task, uint64_t n)
{
	struct value v = reg_holds(p, task, n, true);

	return number(!v.none && ((uint64_t)v.n & PTE_WRITE));
}

static struct value lock_waiters(const struct expr_place *p, unsigned lock, uint64_t va)
{
	unsigned n = 0;

	(void)va;
	for (unsigned ctx = 0; ctx < MAX_CTX; ctx++) {
		const struct act *top = ctx_top(p->m, ctx);

		n += top && top->wait == WAIT_LOCK && top->wait_object == lock &&
		     !ctx_ready(p->m, ctx);
	}
	return number(n);
}

/* ---- the whole machine, and the way here ---- */

static struct value pending(const struct expr_place *p, unsigned object, uint64_t va)
{
	unsigned n = 0;

	(void)object;
	(void)va;
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++)
		for (unsigned mask = peek_call(p->m, cpu)->locked; mask; mask &= mask - 1)
			n++;
	return number(n);
}

static struct value stuck(const struct expr_place *p, unsigned object, uint64_t va)
{
	(void)object;
	(void)va;
	return number(machine_stuck(p->m));
}

static struct value finished(const struct expr_place *p, unsigned object, uint64_t va)
{
	(void)object;
	(void)va;
	return number(machine_finished(p->m));
}

static struct value step(const struct expr_place *p, unsigned object, uint64_t va)
{
	(void)object;
	(void)va;
	return number(p->step);
}

static struct value broken(const struct expr_place *p, unsigned rule, uint64_t va)
{
	(void)va;
	return number(p->rules >> rule & 1);
}

const struct expr_term expr_terms[] = {
	{ "pte", "", ARGS_MM_VA, TYPE_ENTRY, pte, "the entry in an mm's tables, or none", false },
	{ "pte", "pfn", ARGS_MM_VA, TYPE_FRAME, pte_frame, "the frame it names", false },
	{ "pte", "present", ARGS_MM_VA, TYPE_BOOL, pte_is_present, "its P bit", false },
	{ "pte", "write", ARGS_MM_VA, TYPE_BOOL, pte_is_write, "its W bit", false },
	{ "pte", "dirty", ARGS_MM_VA, TYPE_BOOL, pte_is_dirty, "its D bit", false },
	{ "pte", "accessed", ARGS_MM_VA, TYPE_BOOL, pte_is_accessed, "its A bit", false },
	{ "tlb", "", ARGS_AGENT_VA, TYPE_FRAME, tlb, "the frame that a cache names, or none",
	  false },
	{ "tlb", "stale", ARGS_AGENT_VA, TYPE_BOOL, tlb_stale, "its entry is there and not true",
	  false },
	{ "tlb", "gen", ARGS_AGENT_VA, TYPE_NUMBER, tlb_gen,
	  "the frame's generation when it was made", false },
	{ "tlb", "write", ARGS_AGENT_VA, TYPE_BOOL, tlb_write, "its entry allows stores", false },
	{ "tlb", "dirty", ARGS_AGENT_VA, TYPE_BOOL, tlb_dirty, "its entry has the D bit", false },
	{ "stale", "", ARGS_VA, TYPE_BOOL, stale, "some cache holds an entry that is not true",
	  false },
	{ "frame", "owner", ARGS_FRAME, TYPE_OWNER, frame_owner, "free, anon, file, table, zero",
	  false },
	{ "frame", "free", ARGS_FRAME, TYPE_BOOL, frame_free, "nobody owns it", false },
	{ "frame", "generation", ARGS_FRAME, TYPE_NUMBER, frame_generation,
	  "how often it was freed", false },
	{ "frame", "refs", ARGS_FRAME, TYPE_NUMBER, frame_refs, "references", false },
	{ "frame", "maps", ARGS_FRAME, TYPE_NUMBER, frame_maps, "entries that map it", false },
	{ "frame", "value", ARGS_FRAME, TYPE_NUMBER, frame_value, "what it contains", false },
	{ "frame", "dirty", ARGS_FRAME, TYPE_BOOL, frame_dirty, "it was written", false },
	{ "page", "", ARGS_PAGE, TYPE_FRAME, page, "the frame of a file's page in the page cache, or none", false },
	{ "page", "value", ARGS_PAGE, TYPE_NUMBER, page_value, "what it contains", false },
	{ "page", "dirty", ARGS_PAGE, TYPE_BOOL, page_dirty, "it was written, and no disk knows", false },
	{ "page", "disk", ARGS_PAGE, TYPE_NUMBER, page_disk, "what was written to the disk, or none", false },
	{ "mm", "batched", ARGS_MM, TYPE_NUMBER, mm_batched, "tlb_flush_batched: flushes that are left to a batch", false },
	{ "mm", "tlb_gen", ARGS_MM, TYPE_NUMBER, mm_tlb_gen, "context.tlb_gen", false },
	{ "mm", "cpumask", ARGS_MM, TYPE_CPUS, mm_cpumask, "mm_cpumask, a bit per CPU", false },
	{ "mm", "pending", ARGS_MM, TYPE_NUMBER, mm_pending, "tlb_flush_pending", false },
	{ "mm", "state", ARGS_MM, TYPE_MM_STATE, mm_state, "unborn, live, exiting, dead", false },
	{ "cpu", "tlb_gen", ARGS_CPU, TYPE_NUMBER, cpu_tlb_gen, "cpu_tlbstate.ctxs[0].tlb_gen",
	  false },
	{ "cpu", "loaded", ARGS_CPU, TYPE_MM, cpu_loaded, "cpu_tlbstate.loaded_mm", false },
	{ "cpu", "irq_off", ARGS_CPU, TYPE_BOOL, cpu_irq_off, "interrupts are off", false },
	{ "cpu", "in_irq", ARGS_CPU, TYPE_BOOL, cpu_in_irq, "an interrupt is served", false },
	{ "cpu", "task", ARGS_CPU, TYPE_TASK, cpu_task, "the task that runs there", false },
	{ "cpu", "ipi", ARGS_CPU, TYPE_BOOL, cpu_ipi, "an IPI is pending", false },
	{ "cpu", "queued", ARGS_CPU, TYPE_NUMBER, cpu_queued, "calls in its queue", false },
	{ "task", "op", ARGS_TASK, TYPE_NUMBER, task_op, "which operation, from 1", false },
	{ "task", "doing", ARGS_TASK, TYPE_OPERATION, task_doing, "that operation's word", false },
	{ "task", "state", ARGS_TASK, TYPE_TASK_STATE, task_state, "ready, done", false },
	{ "task", "value", ARGS_TASK, TYPE_NUMBER, task_value, "what its last load saw", false },
	{ "task", "result", ARGS_TASK, TYPE_RESULT, task_result, "of its last operation", false },
	{ "task", "routine", ARGS_TASK, TYPE_ROUTINE, task_routine, "the innermost routine",
	  false },
	{ "task", "step", ARGS_TASK, TYPE_NUMBER, task_step, "the line there that comes next",
	  false },
	{ "task", "waits", ARGS_TASK, TYPE_BOOL, task_waits, "it cannot go on", false },
	{ "reg", "", ARGS_REGISTER, TYPE_NUMBER, reg, "the number that raw instructions put into a register", false },
	{ "reg", "pfn", ARGS_REGISTER, TYPE_FRAME, reg_frame, "the frame of the entry that ldpte put there", false },
	{ "reg", "write", ARGS_REGISTER, TYPE_BOOL, reg_write, "the W bit of that entry", false },
	{ "lock", "held", ARGS_LOCK, TYPE_BOOL, lock_held, "somebody has it", false },
	{ "lock", "owner", ARGS_LOCK, TYPE_CTX, lock_owner, "who has it for himself", false },
	{ "lock", "waiters", ARGS_LOCK, TYPE_NUMBER, lock_waiters, "how many wait for it", false },
	{ "dev", "value", ARGS_DEV, TYPE_NUMBER, dev_value, "what its last read saw", false },
	{ "dev", "op", ARGS_DEV, TYPE_NUMBER, dev_op, "which access, from 1", false },
	{ "dev", "result", ARGS_DEV, TYPE_RESULT, dev_result, "of its last access", false },
	{ "sub", "seq", ARGS_SUB, TYPE_NUMBER, sub_seq, "mmu_invalidate_seq", false },
	{ "sub", "in_progress", ARGS_SUB, TYPE_NUMBER, sub_in_progress,
	  "mmu_invalidate_in_progress", false },
	{ "sub", "mm", ARGS_SUB, TYPE_MM, sub_mm, "what it is registered with", false },
	{ "sub", "released", ARGS_SUB, TYPE_BOOL, sub_released, "release has run", false },
	{ "iommu", "queued", ARGS_NONE, TYPE_NUMBER, iommu_queued, "descriptors in its queue",
	  false },
	{ "pending", "", ARGS_NONE, TYPE_NUMBER, pending, "flushes sent to CPUs and not answered",
	  false },
	{ "stuck", "", ARGS_NONE, TYPE_BOOL, stuck, "deadlock: nobody can go on", false },
	{ "finished", "", ARGS_NONE, TYPE_BOOL, finished, "every program has run", false },
	{ "step", "", ARGS_NONE, TYPE_NUMBER, step, "the number of this step", true },
	{ "broken", "", ARGS_RULE, TYPE_BOOL, broken, "the way here has broken the rule", true },
	{ .head = NULL },
};
