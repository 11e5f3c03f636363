/*
 * ipi.c - cross-CPU function calls: kernel/smp.c, with the functions that there are to call (enum call_func).
 *
 * Models: the condition is evaluated by the sender while the target goes on; csd lock, enqueue and the one interrupt
 * for all as steps of their own; the local call overlapping the remote ones; the handler that takes the whole queue,
 * the synchronous entries first, runs each of these and only then unlocks its csd.  An asynchronous entry (csd.async: the
 * RFC of May 2019) has its flush_tlb_info in the csd; its target copies that, unlocks, and flushes afterwards.  Calls to
 * one CPU that are not waited for; a caller that has interrupts off, against the rules; a probe on flush_tlb_func.
 * Omits: polling idle, calls to one CPU that are waited for.
 */
#include "asid.h"
#include "kernel.h"

#define CSD(sender, target) ((sender) * MAX_CPUS + (target))

/* Does the sender ask whether a CPU is lazy?  Where no thread of the kernel's own runs, none ever is. */
static bool lazy_asked(const struct machine *m, bool freed_tables)
{
	return !freed_tables && init_mm(m) != NONE && profile_is(m, SW_LAZY_MODE, LAZY_SKIP);
}

/* By what the sender has read of a CPU, while that goes on; freed tables leave no choice, nor does a move to a global ASID. */
static bool should_flush_tlb(struct run *r, bool freed_tables, unsigned loaded, bool lazy)
{
	unsigned mm = read_call(r->m, r->cpu)->mm;

	if (freed_tables || (mm != NONE && mm_in_asid_transition(r->m, mm)))
		return true;
	if (lazy && lazy_asked(r->m, freed_tables))
		return false;
	/* A batch is for several. */
	if (mm == NONE)
		return true;
	/* Up to 6.13 a CPU in mm_cpumask has the mm loaded. */
	return loaded == mm || profile_is(r->m, SW_CPUMASK_LEAVE, MASK_CLEARED) || profile_is(r->m, SW_CPUMASK_TRIM, TRIM_DUE) ||
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

/* What the csd carries: with an asynchronous call all that its function needs, for its sender does not wait. */
static struct csd csd_content(struct run *r)
{
	struct csd info = flush_info(r->m, r->cpu);

	if (must_wait(r->m, info.freed_tables) || info.func != CALL_FLUSH)
		return info;
	info.inlined = 1;
	/* A batch is for no mm in particular. */
	if (info.mm != NONE && profile_is(r->m, SW_CSD_MM, CSD_MM_BY_REF)) {
		info.mm_held = 1;
		write_mm(r->m, info.mm)->held++;
	}
	return info;
}

/* Is the entry of a queue one that its sender does not see done?  The sender may be in its next call by now, so its csd
 * alone can tell. */
static bool entry_is_async(struct run *r, unsigned entry)
{
	if (entry & QUEUE_SINGLE)
		return true;
	return !profile_is(r->m, SW_CSD_ASYNC, ASYNC_OFF) && read_csd(r->m, CSD(entry, r->cpu))->inlined;
}

/* Puts an entry on a target's queue; true when it was empty, so that the target needs an interrupt. */
static bool enqueue(struct run *r, unsigned target, unsigned entry)
{
	struct cpu *c = write_cpu_part(r->m, target, CPU_QUEUE);

	CHECK(c->queued < CALL_QUEUE);
	c->queue[c->queued++] = (uint8_t)entry;
	return c->queued == 1;
}

/* set_nr_if_polling: one CPU alone, in its idle loop with its eyes on the flag, needs no interrupt. */
static bool told_by_flag(struct run *r, unsigned targets)
{
	unsigned target = (unsigned)__builtin_ctz(targets);

	if ((targets & (targets - 1)) || !profile_is(r->m, SW_CSD_POLL, POLL_FLAG) ||
	    read_cpu_part(r->m, target, CPU_QUEUE)->polling == IDLE_NO_POLL)
		return false;
	write_cpu_part(r->m, target, CPU_QUEUE)->polling = IDLE_TOLD;
	event_add(r->m, (struct event){ .kind = EV_IPI_POLL, .a = (uint8_t)target });
	return true;
}

static void send_ipi(struct run *r, unsigned targets)
{
	if (told_by_flag(r, targets))
		return;
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (targets & (1u << c))
			write_cpu_part(r->m, c, CPU_QUEUE)->pending |= PENDING_IPI;
	event_add(r->m, (struct event){ .kind = EV_IPI_SEND, .a = (uint8_t)targets });
}

/* About to wait for these targets: with interrupts off that may be for ever. */
static void before_wait(struct run *r, unsigned targets)
{
	if (read_cpu_part(r->m, r->cpu, CPU_IRQS)->irq_off)
		rule_ipi_deadlock(r->m, r->cpu, read_call(r->m, r->cpu)->locked & targets);
}

/* Is there a probe on flush_tlb_func, and does this CPU run it for another? */
static bool probed(struct run *r)
{
	return read_probe(r->m, r->cpu)->armed && read_cpu_part(r->m, r->cpu, CPU_RUN)->in_irq;
}

/* Interrupts are off, on the sender's CPU too. */
ROUTINE(csd_do_func, "kernel/smp.c")
{
	BEGIN(struct csd_do_func_l)
	if (l->f.func == CALL_FLUSH) {
		if (probed(r)) {
			CALL(copy_from_user_nofault, .va = read_probe(r->m, r->cpu)->va, .reader = READER_PROBE);
			write_probe(r->m, r->cpu)->result = r->a->result;
		}
		CALL(flush_tlb_func, .f = l->f);
		if (l->f.mm_held)
			write_mm(r->m, l->f.mm)->held--;
	} else if (l->f.func == CALL_SHOOT_LAZY) {
		CALL(do_shoot_lazy_tlb, .mm = l->f.mm);
	} else if (l->f.func == CALL_LOAD) {
		CALL(copy_from_user_nofault, .va = l->f.start, .reader = READER_CALL);
	}
	END(RES_OK)
}

ROUTINE(smp_call_function_many_cond, "kernel/smp.c")
{
	struct call *call;

	BEGIN(struct smp_call_function_many_cond_l)
	/* CPU 0 has not been asked, either. */
	l->target = NONE;
	if (profile_is(r->m, SW_CSD_IRQS, IRQS_OFF)) {
		STEP("the caller has interrupts off");
		irq_disable(r);
		if (profile_is(r->m, SW_CSD_ASSERT, SW_YES))
			rule_call_irqs_off(r->m, r->cpu);
	}
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
		before_wait(r, 1u << l->target);
		AWAIT(WAIT_CSD, r->cpu, 1u << l->target, "csd_lock: once the target has unlocked an earlier call's csd, lock it");
		write_call(r->m, r->cpu)->locked |= (uint8_t)(1u << l->target);
		l->sent |= (uint8_t)(1u << l->target);
		if (!profile_is(r->m, SW_CSD_ASYNC, ASYNC_OFF))
			*write_csd(r->m, CSD(r->cpu, l->target)) = csd_content(r);
		STEP("put the csd on the target's call_single_queue");
		if (enqueue(r, l->target, r->cpu))
			write_call(r->m, r->cpu)->raise |= (uint8_t)(1u << l->target);
	}
	if (read_call(r->m, r->cpu)->raise) {
		STEP("one write to the interrupt controller for every target whose queue was empty");
		call = write_call(r->m, r->cpu);
		send_ipi(r, call->raise);
		call->raise = 0;
	}
	if ((l->mask & (1u << r->cpu)) && should_flush_self(r, l->freed_tables)) {
		if (profile_is(r->m, SW_CSD_IRQS, IRQS_ON))
			irq_disable(r);
		CALL(csd_do_func, .f = flush_info(r->m, r->cpu));
		if (profile_is(r->m, SW_CSD_IRQS, IRQS_ON))
			irq_enable(r);
	}
	if ((read_call(r->m, r->cpu)->locked & l->sent) && call_waits(r, l->freed_tables)) {
		before_wait(r, l->sent);
		AWAIT(WAIT_CSD, r->cpu, l->sent, "wait until every target has unlocked its csd");
	}
	if (profile_is(r->m, SW_CSD_IRQS, IRQS_OFF))
		irq_enable(r);
	END(RES_OK)
}

/* A call to one CPU that nobody waits for; its function reads user memory there, as a tracer's may. */
ROUTINE(smp_call_function_single, "kernel/smp.c")
{
	BEGIN(struct smp_call_function_single_l)
	AWAIT(WAIT_SINGLE, r->cpu, 0, "csd_lock: once the last such call of this CPU was unlocked");
	*write_single(r->m, r->cpu) = (struct single){ .va = l->va, .locked = 1 };
	STEP("put the csd on the target's call_single_queue");
	if (enqueue(r, l->target, r->cpu | QUEUE_SINGLE)) {
		STEP("one write to the interrupt controller: the queue was empty");
		send_ipi(r, 1u << l->target);
	}
	END(RES_OK)
}

/* Takes the queue: senders of synchronous entries first, each kind in order of arrival (up to 5.7: all so); a bit for
 * each that is asynchronous. */
static unsigned queue_take(struct run *r, uint8_t entry[CALL_QUEUE], unsigned *taken)
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
			entry[n++] = c->queue[i];
		}
	*taken = c->queued;
	for (unsigned i = 0; i < *taken; i++)
		c->queue[i] = 0;
	c->queued = 0;
	return asyncs;
}

static void csd_unlock(struct run *r, unsigned entry)
{
	if (entry & QUEUE_SINGLE)
		write_single(r->m, entry & ~QUEUE_SINGLE)->locked = 0;
	else
		write_call(r->m, entry)->locked &= (uint8_t)~(1u << r->cpu);
	event_add(r->m, (struct event){ .kind = EV_IPI_ACK, .a = (uint8_t)(entry & ~QUEUE_SINGLE) });
}

/* The sender of an asynchronous entry may go on and use its csd again: what the function needs is copied first. */
static struct csd entry_copy(struct run *r, unsigned entry)
{
	if (entry & QUEUE_SINGLE)
		return (struct csd){ .func = CALL_LOAD, .start = read_single(r->m, entry & ~QUEUE_SINGLE)->va };
	return *read_csd(r->m, CSD(entry, r->cpu));
}

/* Where the handler keeps the copy of an entry that it unlocks long before it runs it. */
static unsigned entry_place(unsigned entry)
{
	return (entry & ~QUEUE_SINGLE) + (entry & QUEUE_SINGLE ? MAX_CPUS : 0);
}

static void mark(struct run *r, bool async)
{
	write_cpu_part(r->m, r->cpu, CPU_REST)->async = async;
}

/* The interrupt handler of a CPU; runs on the CPU's own context, interrupts off. */
ROUTINE(flush_smp_call_function_queue, "kernel/smp.c")
{
	unsigned taken;

	BEGIN(struct flush_smp_call_function_queue_l)
	STEP("take the whole queue");
	l->async = (uint8_t)queue_take(r, l->entry, &taken);
	l->taken = (uint8_t)taken;
	for (l->at = 0; profile_is(r->m, SW_CSD_UNLOCK, UNLOCK_ALL_FIRST) && l->at < l->taken; l->at++) {
		if (!(l->async & (1u << l->at)))
			continue;
		STEP("a first pass: copy what one call carries and unlock its csd, though no function has run");
		if (!(l->entry[l->at] & QUEUE_SINGLE))
			mark(r, true);
		write_taken(r->m, r->cpu)->info[entry_place(l->entry[l->at])] = entry_copy(r, l->entry[l->at]);
		csd_unlock(r, l->entry[l->at]);
		l->early |= (uint8_t)(1u << l->at);
	}
	for (l->at = 0; l->at < l->taken; l->at++) {
		if (!(l->async & (1u << l->at))) {
			CALL(csd_do_func, .f = flush_info(r->m, l->entry[l->at]));
			STEP("unlock the csd: the sender may go on");
			csd_unlock(r, l->entry[l->at]);
			continue;
		}
		if (l->early & (1u << l->at)) {
			l->info = read_taken(r->m, r->cpu)->info[entry_place(l->entry[l->at])];
		} else if (l->entry[l->at] & QUEUE_SINGLE) {
			STEP("copy what a single call carries, then unlock its csd: nobody waits for its function");
			l->info = entry_copy(r, l->entry[l->at]);
			csd_unlock(r, l->entry[l->at]);
		} else {
			if (profile_is(r->m, SW_ASYNC_MARK, MARK_BEFORE_UNLOCK)) {
				STEP("note that an asynchronous flush is in progress");
				mark(r, true);
			}
			STEP("copy what is to be flushed, then unlock the csd: the sender may go on, though nothing is flushed");
			l->info = entry_copy(r, l->entry[l->at]);
			csd_unlock(r, l->entry[l->at]);
			if (profile_is(r->m, SW_ASYNC_MARK, MARK_AFTER_UNLOCK)) {
				STEP("only now note that an asynchronous flush is in progress");
				mark(r, true);
			}
		}
		CALL(csd_do_func, .f = l->info);
		if (l->info.func == CALL_FLUSH) {
			STEP("no asynchronous flush is in progress any more");
			mark(r, false);
		}
	}
	if (!l->idle)
		cpu_irq_exit(r->m, r->cpu);
	END(RES_OK)
}
