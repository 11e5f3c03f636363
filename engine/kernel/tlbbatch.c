/*
 * tlbbatch.c - one flush for many unmapped entries: arch_tlbbatch of arch/x86/mm/tlb.c, tlb_ubc of mm/rmap.c.
 *
 * Models: tlb_gen and the mask at each entry that is taken out; the flush for whatever mm is loaded, without a generation
 * of its own; the batch's memory of dirty entries; tlb_flush_batched, by which others learn under a page-table lock that an
 * entry they find gone may be cached still, in three ages.
 * With INVLPGB the batch is one broadcast of everything.  On arm64 a TLBI goes out at each entry and the batch is one DSB,
 * which completes what its own CPU has issued; so who trusts an entry that somebody else took out must flush himself.
 * Omits: the counters' wrap-around.
 */
#include "broadcast.h"
#include "kernel.h"

static void batched_report(struct machine *m, unsigned mm)
{
	const struct batched *b = read_batched(m, mm);

	event_add(m, (struct event){ .kind = EV_BATCH, .a = (uint8_t)mm, .b = (uint8_t)b->pending, .x = b->flushed });
}

static void batch_joins(struct run *r, unsigned mm, bool writable)
{
	struct ubc *u = write_ubc(r->m, run_task(r));

	u->cpumask |= read_mm_part(r->m, mm, MM_MASK)->cpumask;
	u->flush_required = 1;
	u->writable |= writable;
	u->gen[mm] = read_mm_part(r->m, mm, MM_GEN)->tlb_gen;
}

/* The page-table lock is held, the entry is gone. */
ROUTINE(set_tlb_ubc_flush_pending, "mm/rmap.c")
{
	struct batched *b;
	struct mm *mm;

	BEGIN(struct set_tlb_ubc_flush_pending_l)
	if (arch_is(r->m, ARCH_ARM64)) {
		CALL(flush_tlb_range_nosync, .start = l->va, .end = l->va + PAGE_SIZE, .mm = l->mm);
		batch_joins(r, l->mm, l->writable);
		goto note;
	}
	STEP("arch_tlbbatch_add_pending: tlb_gen goes up, a full barrier behind the entry");
	cpu_drain(r->m, r->cpu);
	mm = write_mm(r->m, l->mm);
	mm->tlb_gen++;
	event_add(r->m, (struct event){ .kind = EV_TLB_GEN, .a = l->mm, .x = mm->tlb_gen });
	STEP("the CPUs of mm_cpumask join those that the batch is to reach");
	batch_joins(r, l->mm, l->writable);
	CALL(invalidate_secondary_tlbs, .start = 0, .end = FLUSH_ALL, .cpu_start = 0, .cpu_end = FLUSH_ALL, .mm = l->mm);
note:
	if (!profile_is(r->m, SW_BATCHED_PENDING, BATCHED_NONE)) {
		STEP("note in the mm that a flush is left to a batch");
		b = write_batched(r->m, l->mm);
		b->pending = profile_is(r->m, SW_BATCHED_PENDING, BATCHED_BOOL) ? 1 : (uint16_t)(b->pending + 1);
		batched_report(r->m, l->mm);
	}
	END(RES_OK)
}

/* What each mm of the batch is owed. */
static void batch_announce(struct run *r)
{
	for (unsigned mm = 0; mm < MAX_MMS; mm++)
		if (read_ubc(r->m, run_task(r))->gen[mm]) {
			rule_useless_flush(r->m, mm, 0, FLUSH_ALL);
			event_add(r->m, (struct event){ .kind = EV_FLUSH, .a = (uint8_t)mm, .va = 0, .x = FLUSH_ALL });
		}
}

static void batch_done(struct run *r)
{
	struct ubc *u = write_ubc(r->m, run_task(r));

	u->cpumask = 0;
	for (unsigned mm = 0; mm < MAX_MMS; mm++)
		if (u->gen[mm]) {
			/* A broadcast leaves the CPUs' generations behind: they flush once more than they need to. */
			if (arch_is(r->m, ARCH_X86))
				rule_flush_done(r->m, mm, u->gen[mm]);
			u->gen[mm] = 0;
		}
	for (unsigned i = 0; i < MAX_CPUS; i++) {
		const struct cpu *c = read_cpu(r->m, i);

		if (c->online && c->loaded_mm < MAX_MMS && !c->is_lazy && !c->irq_off && !c->in_irq && !c->in_nmi)
			rule_flush_lost(r->m, i);
	}
}

ROUTINE(arch_tlbbatch_flush, "arch/x86/mm/tlb.c")
{
	struct call *call;
	uint8_t locked;

	BEGIN(struct arch_tlbbatch_flush_l)
	if (arch_is(r->m, ARCH_X86_INVLPGB)) {
		AWAIT(WAIT_INVAL_ROOM, 0, 0, "preemption off; INVLPGB of everything, under every tag");
		preempt_disable(r);
		batch_announce(r);
		inval_issue(r->m, (struct inval){ .end = FLUSH_ALL, .from = (uint8_t)r->cpu, .pcid = EVERY_PCID, .mm = NONE });
	}
	if (!arch_is(r->m, ARCH_X86)) {
		AWAIT(WAIT_INVAL_DONE, 0, 0, "TLBSYNC, or DSB ISH: wait until every CPU has done what this CPU has issued");
		event_add(r->m, (struct event){ .kind = EV_INVAL_DONE });
		batch_done(r);
		if (arch_is(r->m, ARCH_X86_INVLPGB))
			preempt_enable(r);
		RETURN(RES_OK);
	}
	STEP("preemption off; the request: no mm in particular, everything, no generation");
	preempt_disable(r);
	batch_announce(r);
	call = write_call(r->m, r->cpu);
	locked = call->locked;
	*call = (struct call){ .end = FLUSH_ALL, .mm = NONE, .stride_shift = PAGE_SHIFT, .locked = locked };
	l->mask = read_ubc(r->m, run_task(r))->cpumask;
	if (l->mask & ~(1u << r->cpu)) {
		CALL(smp_call_function_many_cond, .mask = l->mask);
	} else if (l->mask) {
		irq_disable(r);
		CALL(flush_tlb_func, .f = flush_info(r->m, r->cpu));
		irq_enable(r);
	}
	batch_done(r);
	preempt_enable(r);
	END(RES_OK)
}

/* try_to_unmap_flush, and try_to_unmap_flush_dirty: only if somebody may still store. */
ROUTINE(try_to_unmap_flush, "mm/rmap.c")
{
	const struct ubc *u;

	BEGIN(struct try_to_unmap_flush_l)
	u = read_ubc(r->m, run_task(r));
	if (!u->flush_required || (l->dirty_only && !u->writable))
		RETURN(RES_OK);
	CALL(arch_tlbbatch_flush, .mask = 0);
	write_ubc(r->m, run_task(r))->flush_required = 0;
	write_ubc(r->m, run_task(r))->writable = 0;
	END(RES_OK)
}

/* The caller holds a page-table lock and is about to trust what it finds there. */
ROUTINE(flush_tlb_batched_pending, "mm/rmap.c")
{
	const struct batched *b;

	BEGIN(struct flush_tlb_batched_pending_l)
	if (profile_is(r->m, SW_BATCHED_PENDING, BATCHED_NONE))
		RETURN(RES_OK);
	b = read_batched(r->m, l->mm);
	if (b->pending == b->flushed)
		RETURN(RES_OK);
	l->pending = b->pending;
	l->flushed = b->flushed;
	if (arch_is(r->m, ARCH_ARM64) && profile_is(r->m, SW_TLBI_BATCHED, TLBI_BATCH_DSB))
		AWAIT(WAIT_INVAL_DONE, 0, 0, "arch_flush_tlb_batched_pending: DSB ISH, though another CPU has issued the TLBI");
	else
		CALL(flush_tlb_mm_range, .start = 0, .end = FLUSH_ALL, .mm = l->mm, .freed_tables = 1);
	if (profile_is(r->m, SW_BATCHED_PENDING, BATCHED_BOOL)) {
		STEP("nothing is left to a batch any more: the note goes, whoever made it last");
		*write_batched(r->m, l->mm) = (struct batched){ 0 };
	} else {
		STEP("compare and exchange: flushed is what was pending before the flush, unless the counts moved");
		b = read_batched(r->m, l->mm);
		if (b->pending == l->pending && b->flushed == l->flushed)
			write_batched(r->m, l->mm)->flushed = l->pending;
	}
	batched_report(r->m, l->mm);
	END(RES_OK)
}
