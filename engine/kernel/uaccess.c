/*
 * uaccess.c - user memory read from where a page fault cannot be handled: arch/x86/lib/usercopy.c, mm/maccess.c.
 *
 * Models: loads with page faults disabled, through whatever the CPU has loaded and cached at that instant; one that
 * would fault gives up.  Who reads: an NMI (nmi.c), the handler of a probe, a function that another CPU called,
 * the kernel with interrupts off.  nmi_uaccess_okay, the gate that the first two ask.
 * Omits: stores, strings, a fault that could be repaired.
 */
#include "kernel.h"
#include "task.h"

/* The process that the kernel takes for the current one: its tables should be the loaded ones.  NONE = there is none. */
static unsigned current_mm(struct run *r)
{
	unsigned task = cpu_current(r->m, r->cpu);

	return task == NONE ? NONE : read_task(r->m, task)->mm;
}

bool nmi_uaccess_okay(struct run *r)
{
	const struct cpu *c = read_cpu_part(r->m, r->cpu, CPU_REST | CPU_LOADED);

	if (profile_is(r->m, SW_NMI_GATE, GATE_NONE))
		return true;
	if (profile_is(r->m, SW_NMI_GATE, GATE_ASYNC) && c->async)
		return false;
	if (profile_is(r->m, SW_NMI_LAZY, NMI_LAZY_REFUSED) && c->is_lazy)
		return false;
	return c->loaded_mm == current_mm(r);
}

static void reader_saw(struct run *r, unsigned reader, uint32_t value)
{
	if (reader == READER_NMI)
		write_nmi(r->m, r->cpu)->value = value;
	else if (reader == READER_PROBE)
		write_probe(r->m, r->cpu)->value = value;
	else if (reader == READER_KERNEL)
		write_task(r->m, run_task(r))->value = value;
}

ROUTINE(copy_from_user_inatomic, "arch/x86/include/asm/uaccess_64.h")
{
	enum access_result access;
	enum walk_result walk;
	uint32_t value;

	BEGIN(struct copy_from_user_inatomic_l)
	do {
		ACCESS("page faults disabled: the load looks its address up in the TLB");
		access = cpu_access(r->m, r->cpu, l->va, false, &value);
		if (access == ACCESS_DONE) {
			reader_saw(r, l->reader, value);
			if (current_mm(r) != NONE)
				rule_wrong_mm(r->m, r->cpu, current_mm(r), l->va);
			RETURN(RES_OK);
		}
		walk = WALK_FAULT;
		/* A CPU that has run no process yet has none of its tables. */
		if (access == ACCESS_MISS && read_cpu_part(r->m, r->cpu, CPU_CR3)->cr3 != NO_FRAME) {
			cpu_walk_start(r->m, r->cpu, l->va, false);
			do {
				STEP("the page walker reads the entry of the next level");
				walk = read_walker(r->m, WALKER_CPU(r->cpu))->active ?
					walk_step(r->m, WALKER_CPU(r->cpu), MMU_CPU(r->cpu)) : WALK_FILLED;
			} while (walk == WALK_MORE);
		}
	} while (walk == WALK_FILLED);
	cpu_fault(r->m, r->cpu, l->va);
	END(RES_EFAULT)
}

ROUTINE(copy_from_user_nofault, "mm/maccess.c")
{
	BEGIN(struct copy_from_user_nofault_l)
	if (profile_is(r->m, SW_NOFAULT_GATE, NOFAULT_ASKS)) {
		STEP("nmi_uaccess_okay: may user memory be touched now?");
		if (!nmi_uaccess_okay(r))
			RETURN(RES_EAGAIN);
	}
	CALL(copy_from_user_inatomic, .va = l->va, .reader = l->reader);
	END(r->a->result)
}

/* A path of the kernel that reads user memory with interrupts off; user code after iopl(3) and cli can do the same. */
ROUTINE(load_irqs_off, "the kernel")
{
	BEGIN(struct load_irqs_off_l)
	STEP("interrupts off: from here on no call of another CPU is taken");
	irq_disable(r);
	CALL(copy_from_user_inatomic, .va = l->va, .reader = READER_KERNEL);
	STEP("interrupts on");
	irq_enable(r);
	END(r->a->result)
}
