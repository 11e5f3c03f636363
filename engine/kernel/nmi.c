/*
 * nmi.c - an NMI whose handler reads user memory, as a profiler that unwinds the stack does.
 *
 * Models: copy_from_user_nmi: the gate nmi_uaccess_okay, then a load with page faults disabled.
 * Omits: everything else an NMI may do.
 */
#include "kernel.h"

static void nmi_end(struct run *r, uint64_t va, unsigned result)
{
	write_nmi(r->m, r->cpu)->result = (uint8_t)result;
	event_add(r->m, (struct event){ .kind = EV_NMI_END, .b = (uint8_t)result, .va = va });
	cpu_nmi_exit(r->m, r->cpu);
}

ROUTINE(copy_from_user_nmi, "arch/x86/lib/usercopy.c")
{
	BEGIN(struct copy_from_user_nmi_l)
	STEP("nmi_uaccess_okay: may the handler touch user memory now?");
	if (!nmi_uaccess_okay(r)) {
		nmi_end(r, l->va, RES_EAGAIN);
		RETURN(RES_EAGAIN);
	}
	CALL(copy_from_user_inatomic, .va = l->va, .reader = READER_NMI);
	nmi_end(r, l->va, r->a->result);
	END(r->a->result)
}
