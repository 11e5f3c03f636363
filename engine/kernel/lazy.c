/*
 * lazy.c - kernel threads run on the tables of the process before them: kernel/sched/core.c, arch/x86/mm/tlb.c, kernel/fork.c.
 *
 * Models: enter_lazy_tlb, the borrowed active_mm and the reference it holds, which moves from kernel thread to kernel thread and
 * is dropped when a process runs again; leave_mm before a sleep that loses the TLB; the last mmdrop, which frees the root
 * table; instead of references, interrupts that move every lazy CPU to init_mm (MMU_LAZY_TLB_SHOOTDOWN).
 * Omits: use_temporary_mm, kthread_use_mm, membarrier's part in the switch, the tick.
 */
#include "kernel.h"

static bool counted(const struct machine *m, unsigned mm)
{
	return mm != NONE && mm != init_mm(m) && profile_is(m, SW_LAZY_REFCOUNT, LAZY_REFCOUNTED);
}

void lazy_borrow(struct machine *m, unsigned cpu, unsigned mm)
{
	write_cpu_part(m, cpu, CPU_REST)->active_mm = (uint8_t)mm;
	if (counted(m, mm))
		write_mm_part(m, mm, MM_STATE)->count++;
}

unsigned lazy_return(struct machine *m, unsigned cpu)
{
	unsigned mm = read_cpu_part(m, cpu, CPU_REST)->active_mm;

	write_cpu_part(m, cpu, CPU_REST)->active_mm = NONE;
	return counted(m, mm) ? mm : NONE;
}

void lazy_enter(struct machine *m, unsigned cpu)
{
	unsigned mm = read_cpu_part(m, cpu, CPU_LOADED)->loaded_mm;

	if (mm == init_mm(m))
		return;
	cpu_store_lazy(m, cpu, true);
	event_add(m, (struct event){ .kind = EV_LAZY, .a = (uint8_t)mm });
	if (profile_is(m, SW_LAZY_MASK, MASK_CLEARED))
		write_mm_part(m, mm, MM_MASK)->cpumask &= (uint8_t)~(1u << cpu);
}

/* The kernel thread that comes next keeps what is loaded. */
ROUTINE(enter_lazy_tlb, "arch/x86/mm/tlb.c")
{
	BEGIN(struct enter_lazy_tlb_l)
	irq_disable(r);
	STEP("is_lazy = true: the tables of the process before stay loaded, nobody will use its addresses");
	lazy_enter(r->m, r->cpu);
	STEP("switch_to: the kernel thread is current");
	write_cpu_part(r->m, r->cpu, CPU_RUN)->leaving = NONE;
	irq_enable(r);
	END(RES_OK)
}

/* From a kernel thread to a process: what is borrowed is given back once the process runs. */
ROUTINE(context_switch, "kernel/sched/core.c")
{
	BEGIN(struct context_switch_l)
	preempt_disable(r);
	if (read_cpu_part(r->m, r->cpu, CPU_LOADED)->is_lazy || read_cpu_part(r->m, r->cpu, CPU_LOADED)->loaded_mm != l->mm)
		CALL(switch_mm_irqs_off, .mm = l->mm);
	if (l->prev_mm != NONE)
		CALL(mmdrop, .mm = l->prev_mm);
	preempt_enable(r);
	write_cpu_part(r->m, r->cpu, CPU_RUN)->leaving = NONE;
	END(RES_OK)
}

/* An idle CPU is about to sleep so deeply that its TLB is lost or may not be interrupted. */
ROUTINE(leave_mm, "arch/x86/mm/tlb.c")
{
	BEGIN(struct leave_mm_l)
	STEP("about to sleep deeply: is a process's address space loaded still?");
	if (read_cpu_part(r->m, r->cpu, CPU_LOADED)->loaded_mm == init_mm(r->m))
		RETURN(RES_OK);
	if (!read_cpu_part(r->m, r->cpu, CPU_LOADED)->is_lazy)
		rule_kernel_warn(r->m, r->cpu, read_cpu_part(r->m, r->cpu, CPU_LOADED)->loaded_mm, WARN_NOT_LAZY);
	CALL(switch_mm_irqs_off, .mm = (uint8_t)init_mm(r->m));
	END(RES_OK)
}

/* The idle thread of a CPU, which looks for work by itself.  How long it does is up to the hardware: one of its steps. */
ROUTINE(do_idle, "kernel/sched/idle.c")
{
	BEGIN(struct do_idle_l)
	STEP("__current_set_polling: from here on a flag is enough to call this CPU");
	write_cpu_part(r->m, r->cpu, CPU_QUEUE)->polling = IDLE_POLLS;
	STEP("the loop ends: __current_clr_polling and a full barrier");
	write_cpu_part(r->m, r->cpu, CPU_QUEUE)->polling = IDLE_NO_POLL;
	cpu_drain(r->m, r->cpu);
	STEP("is there anything on the call_single_queue? nobody else would run it");
	if (profile_is(r->m, SW_IDLE_QUEUE, SW_YES) && read_cpu_part(r->m, r->cpu, CPU_QUEUE)->queued) {
		irq_disable(r);
		CALL(flush_smp_call_function_queue, .idle = 1);
		irq_enable(r);
	}
	END(RES_OK)
}

static void shoot_prepare(struct run *r, unsigned mm)
{
	struct call *call = write_call(r->m, r->cpu);

	*call = (struct call){ .mm = (uint8_t)mm, .freed_tables = 1, .locked = call->locked, .func = CALL_SHOOT_LAZY };
}

ROUTINE(mmdrop, "include/linux/sched/mm.h")
{
	struct mm *mm;

	BEGIN(struct mmdrop_l)
	STEP("mm_count goes down: the last reference frees the root table");
	mm = write_mm_part(r->m, l->mm, MM_STATE);
	CHECK(mm->count > 0);
	if (--mm->count)
		RETURN(RES_OK);
	if (profile_is(r->m, SW_LAZY_REFCOUNT, LAZY_SHOOTDOWN)) {
		STEP("cleanup_lazy_tlbs: call every CPU in mm_cpumask that may be lazy in it");
		preempt_disable(r);
		shoot_prepare(r, l->mm);
		CALL(smp_call_function_many_cond, .mask = read_mm_part(r->m, l->mm, MM_MASK)->cpumask, .freed_tables = 1);
		preempt_enable(r);
	}
	STEP("__mmdrop: free the root table");
	frame_put(r->m, read_mm_part(r->m, l->mm, MM_REST)->pgd);
	write_mm_part(r->m, l->mm, MM_REST)->pgd = NO_FRAME;
	END(RES_OK)
}

/* Runs with interrupts off. */
ROUTINE(do_shoot_lazy_tlb, "kernel/fork.c")
{
	BEGIN(struct do_shoot_lazy_tlb_l)
	STEP("does this CPU's kernel thread borrow the address space that goes? then it borrows init_mm");
	if (read_cpu_part(r->m, r->cpu, CPU_REST)->active_mm != l->mm)
		RETURN(RES_OK);
	write_cpu_part(r->m, r->cpu, CPU_REST)->active_mm = (uint8_t)init_mm(r->m);
	if (read_cpu_part(r->m, r->cpu, CPU_LOADED)->loaded_mm == l->mm)
		CALL(switch_mm_irqs_off, .mm = (uint8_t)init_mm(r->m), .irqs_off = 1);
	END(RES_OK)
}
