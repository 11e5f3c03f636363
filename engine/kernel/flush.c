/*
 * flush.c - flush_tlb_mm_range and what runs on each CPU: arch/x86/mm/tlb.c.
 *
 * Models: tlb_gen, mm_cpumask, the racy should_flush_tlb of the sender, the three generations and the
 * early exits of flush_tlb_func, a lazy CPU that goes to init_mm, the stride and the ceiling of 33, the hook for secondary
 * TLBs after the CPUs, the local flush before the request to others (up to 5.12).
 * Where the mm has a global ASID the flush is a broadcast, see asid.c; on arm64 every flush is, see arm64.c.
 * Omits: the user PCIDs of PTI, flushes of the kernel's own mappings.
 */
#include "asid.h"
#include "kernel.h"

ROUTINE(flush_tlb_mm_range, "arch/x86/mm/tlb.c")
{
	struct call *call;
	struct mm *mm;
	uint8_t locked;

	BEGIN(struct flush_tlb_mm_range_l)
	if (arch_is(r->m, ARCH_ARM64))
		BECOME(flush_tlb_range, .start = l->start, .end = l->end, .mm = l->mm, .freed_tables = l->freed_tables);
	STEP("preemption off; tlb_gen goes up: a full barrier between the entries and the look at the CPUs");
	preempt_disable(r);
	cpu_drain(r->m, r->cpu);
	rule_useless_flush(r->m, l->mm, l->start, l->end);
	mm = write_mm_part(r->m, l->mm, MM_GEN);
	l->tlb_gen = ++mm->tlb_gen;
	event_add(r->m, (struct event){ .kind = EV_FLUSH, .a = l->mm, .va = l->start, .x = l->end });
	event_add(r->m, (struct event){ .kind = EV_TLB_GEN, .a = l->mm, .x = mm->tlb_gen });
	call = write_call(r->m, r->cpu);
	locked = call->locked;	/* by asynchronous calls that nobody waited for */
	*call = (struct call){
		.start = l->start, .end = l->end, .new_tlb_gen = mm->tlb_gen, .mm = l->mm,
		.freed_tables = l->freed_tables, .stride_shift = l->stride_shift ? l->stride_shift : PAGE_SHIFT,
		.locked = locked,
	};
	if (l->end == FLUSH_ALL || (l->end - l->start) >> call->stride_shift > FLUSH_CEILING) {
		call->start = 0;
		call->end = FLUSH_ALL;
	}
	if (arch_is(r->m, ARCH_X86_INVLPGB)) {
		STEP("has the mm a global ASID? then hardware tells every CPU");
		l->global = (uint8_t)mm_global_asid(r->m, l->mm);
	}
	if (l->global) {
		CALL(broadcast_tlb_flush, .f = flush_info(r->m, r->cpu));
		goto flushed;
	}
	l->local = profile_is(r->m, SW_FLUSH_LOCAL, LOCAL_FIRST) && read_cpu_part(r->m, r->cpu, CPU_LOADED)->loaded_mm == l->mm;
	if (l->local) {
		irq_disable(r);
		CALL(flush_tlb_func, .f = flush_info(r->m, r->cpu));
		irq_enable(r);
	}
	STEP("read mm_cpumask: which CPUs may hold entries of this mm?");
	l->targets = read_mm_part(r->m, l->mm, MM_MASK)->cpumask;
	if (profile_is(r->m, SW_FLUSH_LOCAL, LOCAL_FIRST))
		l->targets &= (uint8_t)~(1u << r->cpu);
	if (profile_is(r->m, SW_FLUSH_TARGETS, TARGETS_SELF))
		l->targets &= (uint8_t)(1u << r->cpu);
	if (latr_defers(r, l->targets, l->freed_tables, l->frees)) {
		latr_note(r, &(struct latr_range){ l->start, l->end, l->mm }, l->targets, l->frees);
		l->targets &= (uint8_t)(1u << r->cpu);
		l->deferred = 1;
	}
	if (l->targets & ~(1u << r->cpu)) {
		CALL(smp_call_function_many_cond, .mask = l->targets, .freed_tables = l->freed_tables);
		if (arch_is(r->m, ARCH_X86_INVLPGB))
			CALL(consider_global_asid, .mm = l->mm);
	} else if (!l->local && read_cpu_part(r->m, r->cpu, CPU_LOADED)->loaded_mm == l->mm) {
		irq_disable(r);
		CALL(flush_tlb_func, .f = flush_info(r->m, r->cpu));
		irq_enable(r);
	}
flushed:
	if (!l->deferred)
		rule_flush_done(r->m, l->mm, l->tlb_gen);
	preempt_enable(r);
	if (profile_is(r->m, SW_NOTIFIER_HOOK, HOOK_ARCH))
		CALL(invalidate_secondary_tlbs, .start = l->start, .end = l->end, .cpu_start = l->start,
			.cpu_end = l->end, .mm = l->mm);
	END(RES_OK)
}

struct csd call_info(const struct call *c)
{
	return (struct csd){
		.start = c->start, .end = c->end, .new_tlb_gen = c->new_tlb_gen, .mm = c->mm, .freed_tables = c->freed_tables,
		.stride_shift = c->stride_shift, .func = c->func,
	};
}

struct csd flush_info(struct machine *m, unsigned sender)
{
	return call_info(read_call(m, sender));
}

/* Can an NMI come between two pages?  Nothing else could look there. */
static bool nmi_may_come(struct run *r)
{
	const struct nmi *n = read_nmi(r->m, r->cpu);

	return n->next < n->count;
}

/* What the kernel checks where it reads the generations. */
static void generations_warn(struct run *r, struct csd f, uint32_t mm_gen)
{
	const struct cpu *c = read_cpu_part(r->m, r->cpu, CPU_CR3 | CPU_LOADED | CPU_REST);

	if (c->ctx_mm != c->loaded_mm)
		rule_kernel_warn(r->m, r->cpu, f.mm, WARN_CTX);
	if (c->tlb_gen > mm_gen)
		rule_kernel_warn(r->m, r->cpu, f.mm, WARN_CPU_AHEAD);
	if (f.new_tlb_gen > mm_gen)
		rule_kernel_warn(r->m, r->cpu, f.mm, WARN_REQUEST_AHEAD);
}

/* Runs with interrupts off, on every CPU that must flush, the sender's own included. */
ROUTINE(flush_tlb_func, "arch/x86/mm/tlb.c")
{
	const struct cpu *c;

	BEGIN(struct flush_tlb_func_l)
	STEP("is this mm loaded, and is the request news? read the mm's tlb_gen before the flush");
	c = read_cpu_part(r->m, r->cpu, CPU_LOADED | CPU_REST);
	if (l->f.mm != NONE && c->loaded_mm != l->f.mm) {
		/* An mm that is known by its ctx_id alone cannot be written to. */
		if (profile_is(r->m, SW_CPUMASK_LEAVE, MASK_KEPT) &&
		    !(l->f.inlined && profile_is(r->m, SW_CSD_MM, CSD_MM_BY_ID)) && rule_mm_alive(r->m, l->f.mm))
			write_mm_part(r->m, l->f.mm, MM_MASK)->cpumask &= (uint8_t)~(1u << r->cpu);
		RETURN(RES_OK);
	}
	if (c->loaded_mm == NONE || c->loaded_mm == init_mm(r->m))
		RETURN(RES_OK);
	if (cpu_needs_global_asid(r->m, r->cpu))
		CALL(switch_mm_irqs_off, .mm = read_cpu(r->m, r->cpu)->loaded_mm, .irqs_off = 1);
	if (cpu_on_global_asid(r->m, r->cpu))
		RETURN(RES_OK);
	c = read_cpu(r->m, r->cpu);
	if (c->is_lazy && profile_is(r->m, SW_LAZY_MODE, LAZY_IGNORE))
		RETURN(RES_OK);
	if (c->is_lazy) {
		CALL(switch_mm_irqs_off, .mm = (uint8_t)init_mm(r->m), .irqs_off = 1);
		RETURN(RES_OK);
	}
	l->mm = c->loaded_mm;
	l->mm_gen = read_mm_part(r->m, l->mm, MM_GEN)->tlb_gen;
	if (l->f.mm != NONE)
		generations_warn(r, l->f, l->mm_gen);
	/* Generation 0 is none: the request of a batch, for whatever mm is loaded. */
	if ((l->f.new_tlb_gen || profile_is(r->m, SW_GEN_ZERO, ZERO_COMPARED)) && l->f.new_tlb_gen <= c->tlb_gen)
		RETURN(RES_OK);
	if (l->mm_gen == c->tlb_gen)
		RETURN(RES_OK);
	l->partial = l->f.end != FLUSH_ALL && (profile_is(r->m, SW_FLUSH_PARTIAL, PARTIAL_ANY_GEN) ||
		(l->f.new_tlb_gen == c->tlb_gen + 1 && l->f.new_tlb_gen == l->mm_gen));
	STEP("drop the entries: page by page, or all of them");
	if (!l->partial)
		cpu_flush_all(r->m, r->cpu);
	else
		for (l->at = l->f.start; l->at < l->f.end; l->at += 1ull << l->f.stride_shift) {
			if (l->at > l->f.start && nmi_may_come(r))
				STEP("INVLPG of the next page: an NMI may come before it");
			cpu_invlpg(r->m, r->cpu, l->at);
		}
	STEP("record the generation that was read before the flush");
	write_cpu_part(r->m, r->cpu, CPU_REST)->tlb_gen = l->mm_gen;
	rule_gen_lie(r->m, r->cpu);
	END(RES_OK)
}
