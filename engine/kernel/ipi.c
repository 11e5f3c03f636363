/*
 * ipi.c - cross-CPU function calls: kernel/smp.c, with the functions that there are to call (enum call_func).
 *
 * Models: the condition is evaluated by the sender while the target goes on; csd lock, enqueue and the one interrupt
 * for all as steps of their own; the local call overlapping the remote ones; the handler that takes the whole queue,
 * the synchronous entries first, runs each of these and only then unlocks its csd.  An asynchronous entry (csd.async: the
 * RFC of May 2019) has its flush_tlb_info in the csd; its target copies that, unlocks, and flushes afterwards.
 * Omits: polling idle.
 */
#include "kernel.h"

#define CSD(sender, target) ((sender) * MAX_CPUS + (target))

/* Does the sender ask whether a CPU is lazy?  Where no thread of the kernel's own runs, none ever is. */
static bool lazy_asked(const struct machine *m, bool freed_tables)
{
	return !freed_tables && init_mm(m) != NONE && profile_is(m, SW_LAZY_MODE, LAZY_SKIP);
}

/* By what the sender has read of a CPU, while that goes on; freed tables leave no choice. */
static bool should_flush_tlb(struct run *r, bool freed_tables, unsigned loaded, bool lazy)
{
	if (freed_tables)
		return true;
	if (lazy && lazy_asked(r->m, freed_tables))
		return false;
	/* A batch is for several. */
	if (read_call(r->m, r->cpu)->mm == NONE)
		return true;
	/* Up to 6.13 a CPU in mm_cpumask has the mm loaded. */
	return loaded == read_call(r->m, r->cpu)->mm || profile_is(r->m, SW_CPUMASK_LEAVE, MASK_CLEARED) ||
		profile_is(r->m, SW_CPUMASK_TRIM, TRIM_DUE) ||
		(loaded == MM_SWITCHING && profile_is(r->m, SW_SWITCH_MARKER, MARKER_FLUSH_AWARE));
}

static bool should_flush_self(struct run *r, bool freed_tables)
{
	const struct cpu *c = read_cpu_part(r->m, r->cpu, CPU_LOADED);

	return should_flush_tlb(r, freed_tables, c->loaded_mm, c->is_lazy);
}

/* Must the sender see its flush done?  Freed tables are walked by speculation, also in the target's handler. */
static bool must_wait(const struct machine *m, bool freed_tables)
{
	return profile_is(m, SW_CSD_ASYNC, ASYNC_OFF) || (freed_tables && profile_is(m, SW_ASYNC_TABLES, TABLES_WAIT));
}

/* Does the sender stay until its targets have unlocked? */
static bool call_waits(struct run *r, bool freed_tables)
{
	return must_wait(r->m, freed_tables) || profile_is(r->m, SW_CSD_ASYNC, ASYNC_UNLOCK_FIRST) ||
		read_call(r->m, r->cpu)->func != CALL_FLUSH;
}

/* Did the sender leave an asynchronous entry, a flush?  It may be in its next call by now, so its csd alone can tell. */
static bool entry_is_async(struct run *r, unsigned sender)
{
	const struct csd *csd = read_csd(r->m, CSD(sender, r->cpu));

	return !profile_is(r->m, SW_CSD_ASYNC, ASYNC_OFF) && csd->func == CALL_FLUSH && !must_wait(r->m, csd->freed_tables);
}

/* Interrupts are off, on the sender's CPU too. */
ROUTINE(csd_do_func, "kernel/smp.c")
{
	BEGIN(struct csd_do_func_l)
	if (l->f.func == CALL_FLUSH)
		CALL(flush_tlb_func, .f = l->f);
	else if (l->f.func == CALL_SHOOT_LAZY)
		CALL(do_shoot_lazy_tlb, .mm = l->f.mm);
	END(RES_OK)
}

ROUTINE(smp_call_function_many_cond, "kernel/smp.c")
{
	struct call *call;
	struct cpu *target;

	BEGIN(struct smp_call_function_many_cond_l)
	for (l->target = 0; l->target < MAX_CPUS; l->target++) {
		if (l->target == r->cpu || !(l->mask & (1u << l->target)))
			continue;
		if (lazy_asked(r->m, l->freed_tables) && profile_is(r->m, SW_LAZY_READ_ORDER, READ_LAZY_FIRST)) {
			STEP("should_flush_tlb: read whether the target is lazy, before what it has loaded");
			l->lazy = cpu_seen_lazy(r->m, r->cpu, l->target);
		}
		STEP("should_flush_tlb: read what the target has loaded, while it goes on");
		l->loaded = (uint8_t)cpu_seen_loaded_mm(r->m, r->cpu, l->target);
		if (lazy_asked(r->m, l->freed_tables) && profile_is(r->m, SW_LAZY_READ_ORDER, READ_MM_FIRST)) {
			STEP("should_flush_tlb: read barrier, then whether the target is lazy");
			l->lazy = cpu_seen_lazy(r->m, r->cpu, l->target);
		}
		if (!should_flush_tlb(r, l->freed_tables, l->loaded, l->lazy)) {
			event_add(r->m, (struct event){ .kind = EV_IPI_SKIP, .a = l->target });
			continue;
		}
		AWAIT(WAIT_CSD, r->cpu, 1u << l->target, "csd_lock: once the target has unlocked an earlier call's csd, lock it");
		write_call(r->m, r->cpu)->locked |= (uint8_t)(1u << l->target);
		l->sent |= (uint8_t)(1u << l->target);
		if (!profile_is(r->m, SW_CSD_ASYNC, ASYNC_OFF))
			*write_csd(r->m, CSD(r->cpu, l->target)) = flush_info(r->m, r->cpu);
		STEP("put the csd on the target's call_single_queue");
		call = write_call(r->m, r->cpu);
		target = write_cpu_part(r->m, l->target, CPU_QUEUE);
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
				write_cpu_part(r->m, c, CPU_QUEUE)->pending |= PENDING_IPI;
		event_add(r->m, (struct event){ .kind = EV_IPI_SEND, .a = call->raise });
		call->raise = 0;
	}
	if ((l->mask & (1u << r->cpu)) && should_flush_self(r, l->freed_tables)) {
		irq_disable(r);
		CALL(csd_do_func, .f = flush_info(r->m, r->cpu));
		irq_enable(r);
	}
	if ((read_call(r->m, r->cpu)->locked & l->sent) && call_waits(r, l->freed_tables))
		AWAIT(WAIT_CSD, r->cpu, l->sent, "wait until every target has unlocked its csd");
	END(RES_OK)
}

/* Takes the queue: senders of synchronous entries first, each kind in order of arrival (up to 5.7: all so); a bit for
 * each entry of `sender` that is asynchronous. */
static unsigned queue_take(struct run *r, uint8_t sender[MAX_CPUS], unsigned *taken)
{
	struct cpu *c = write_cpu_part(r->m, r->cpu, CPU_QUEUE);
	bool fifo = profile_is(r->m, SW_CSD_QUEUE, QUEUE_FIFO);
	unsigned n = 0, asyncs = 0;

	for (unsigned async = 0; async < 2; async++)
		for (unsigned i = 0; i < c->queued; i++) {
			bool is = entry_is_async(r, c->queue[i]);

			if (fifo ? async : is != async)
				continue;
			asyncs |= is ? 1u << n : 0u;
			sender[n++] = c->queue[i];
		}
	*taken = c->queued;
	for (unsigned i = 0; i < *taken; i++)
		c->queue[i] = 0;
	c->queued = 0;
	return asyncs;
}

static void csd_unlock(struct run *r, unsigned sender)
{
	write_call(r->m, sender)->locked &= (uint8_t)~(1u << r->cpu);
	event_add(r->m, (struct event){ .kind = EV_IPI_ACK, .a = (uint8_t)sender });
}

/* The interrupt handler of a CPU; runs on the CPU's own context, interrupts off. */
ROUTINE(flush_smp_call_function_queue, "kernel/smp.c")
{
	unsigned taken;

	BEGIN(struct flush_smp_call_function_queue_l)
	STEP("take the whole queue");
	l->async = (uint8_t)queue_take(r, l->sender, &taken);
	l->taken = (uint8_t)taken;
	for (l->at = 0; l->at < l->taken; l->at++) {
		if (!(l->async & (1u << l->at))) {
			CALL(csd_do_func, .f = flush_info(r->m, l->sender[l->at]));
			STEP("unlock the csd: the sender may go on");
			csd_unlock(r, l->sender[l->at]);
			continue;
		}
		if (profile_is(r->m, SW_ASYNC_MARK, MARK_BEFORE_UNLOCK)) {
			STEP("note that an asynchronous flush is in progress");
			write_cpu_part(r->m, r->cpu, CPU_REST)->async = 1;
		}
		STEP("copy what is to be flushed, then unlock the csd: the sender may go on, though nothing is flushed");
		l->info = *read_csd(r->m, CSD(l->sender[l->at], r->cpu));
		csd_unlock(r, l->sender[l->at]);
		if (profile_is(r->m, SW_ASYNC_MARK, MARK_AFTER_UNLOCK)) {
			STEP("only now note that an asynchronous flush is in progress");
			write_cpu_part(r->m, r->cpu, CPU_REST)->async = 1;
		}
		CALL(csd_do_func, .f = l->info);
		STEP("no asynchronous flush is in progress any more");
		write_cpu_part(r->m, r->cpu, CPU_REST)->async = 0;
	}
	cpu_irq_exit(r->m, r->cpu);
	END(RES_OK)
}
