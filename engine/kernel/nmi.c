/*
 * nmi.c - an NMI whose handler reads user memory, as a profiler that unwinds the stack does.
 *
 * Models: copy_from_user_nmi: the gate nmi_uaccess_okay, then a load with page faults disabled, through whatever the
 * CPU has loaded and cached at that instant; a load that would fault gives up.  Omits: everything else an NMI may do.
 */
#include "kernel.h"
#include "task.h"

/* The process that the kernel takes for the current one: its tables should be the loaded ones. */
static unsigned current_mm(struct run *r)
{
	return read_task(r->m, cpu_current(r->m, r->cpu))->mm;
}

static bool nmi_uaccess_okay(struct run *r)
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

static void nmi_end(struct run *r, uint64_t va, enum op_result result)
{
	write_nmi(r->m, r->cpu)->result = (uint8_t)result;
	event_add(r->m, (struct event){ .kind = EV_NMI_END, .b = (uint8_t)result, .va = va });
	cpu_nmi_exit(r->m, r->cpu);
}

ROUTINE(copy_from_user_nmi, "arch/x86/lib/usercopy.c")
{
	enum access_result access;
	enum walk_result walk;
	uint32_t value;

	BEGIN(struct copy_from_user_nmi_l)
	STEP("nmi_uaccess_okay: may the handler touch user memory now?");
	if (!nmi_uaccess_okay(r)) {
		nmi_end(r, l->va, RES_EAGAIN);
		RETURN(RES_EAGAIN);
	}
	do {
		ACCESS("page faults disabled: the load looks its address up in the TLB");
		access = cpu_access(r->m, r->cpu, l->va, false, &value);
		if (access == ACCESS_DONE) {
			write_nmi(r->m, r->cpu)->value = value;
			rule_wrong_mm(r->m, r->cpu, current_mm(r), l->va);
			nmi_end(r, l->va, RES_OK);
			RETURN(RES_OK);
		}
		walk = WALK_FAULT;
		if (access == ACCESS_MISS) {
			cpu_walk_start(r->m, r->cpu, l->va, false);
			do {
				STEP("the page walker reads the entry of the next level");
				walk = walk_step(r->m, WALKER_CPU(r->cpu), MMU_CPU(r->cpu));
			} while (walk == WALK_MORE);
		}
	} while (walk == WALK_FILLED);
	cpu_fault(r->m, r->cpu, l->va);
	nmi_end(r, l->va, RES_EFAULT);
	END(RES_EFAULT)
}
