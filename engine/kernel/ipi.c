/*
 * ipi.c - cross-CPU function calls: kernel/smp.c, with one function to call, flush_tlb_func.
 *
 * Models: the condition is evaluated by the sender while the target goes on; csd lock and enqueue; one
 * interrupt for all; the local call overlapping the remote ones; the handler that takes the whole
 * queue, runs each entry and only then unlocks its csd.  Omits: asynchronous calls, polling idle.
 */
#include "kernel.h"

/* The sender's racy look at a CPU; freed tables leave no choice. */
static bool should_flush_tlb(struct run *r, unsigned target, bool freed_tables)
{
	unsigned loaded = read_cpu(r->m, target)->loaded_mm;

	return freed_tables || loaded == read_call(r->m, r->cpu)->mm || loaded == MM_SWITCHING;
}

ROUTINE(smp_call_function_many_cond, "kernel/smp.c")
{
	struct call *call;
	struct cpu *target;

	BEGIN(struct smp_call_function_many_cond_l)
	for (l->target = 0; l->target < MAX_CPUS; l->target++) {
		if (l->target == r->cpu || !(l->mask & (1u << l->target)))
			continue;
		STEP("should_flush_tlb: read what the target has loaded, while it goes on");
		if (!should_flush_tlb(r, l->target, l->freed_tables)) {
			event_add(r->m, (struct event){ .kind = EV_IPI_SKIP, .a = l->target });
			continue;
		}
		STEP("lock the target's csd and put it on its call_single_queue");
		call = write_call(r->m, r->cpu);
		call->locked |= (uint8_t)(1u << l->target);
		target = write_cpu(r->m, l->target);
		if (!target->queued)
			call->raise |= (uint8_t)(1u << l->target);
		CHECK(target->queued < MAX_CPUS);
		target->queue[target->queued++] = (uint8_t)r->cpu;
	}
	if (read_call(r->m, r->cpu)->raise) {
		STEP("one write to the interrupt controller for every target whose queue was empty");
		call = write_call(r->m, r->cpu);
		for (unsigned c = 0; c < MAX_CPUS; c++)
			if (call->raise & (1u << c))
				write_cpu(r->m, c)->pending |= PENDING_IPI;
		event_add(r->m, (struct event){ .kind = EV_IPI_SEND, .a = call->raise });
		call->raise = 0;
	}
	if ((l->mask & (1u << r->cpu)) && should_flush_tlb(r, r->cpu, l->freed_tables)) {
		irq_disable(r);
		CALL(flush_tlb_func, .sender = (uint8_t)r->cpu);
		irq_enable(r);
	}
	if (read_call(r->m, r->cpu)->locked)
		AWAIT(WAIT_CSD, r->cpu, 0, "wait until every target has run the function and unlocked its csd");
	END(RES_OK)
}

/* The interrupt handler of a CPU; runs on the CPU's own context, interrupts off. */
ROUTINE(flush_smp_call_function_queue, "kernel/smp.c")
{
	struct cpu *c;

	BEGIN(struct flush_smp_call_function_queue_l)
	STEP("take the whole queue");
	c = write_cpu(r->m, r->cpu);
	l->taken = c->queued;
	for (unsigned i = 0; i < l->taken; i++) {
		l->sender[i] = c->queue[i];
		c->queue[i] = 0;
	}
	c->queued = 0;
	for (l->at = 0; l->at < l->taken; l->at++) {
		CALL(flush_tlb_func, .sender = l->sender[l->at]);
		STEP("unlock the csd: the sender may go on");
		write_call(r->m, l->sender[l->at])->locked &= (uint8_t)~(1u << r->cpu);
		event_add(r->m, (struct event){ .kind = EV_IPI_ACK, .a = l->sender[l->at] });
	}
	cpu_irq_exit(r->m, r->cpu);
	END(RES_OK)
}
