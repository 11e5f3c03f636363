/*
 * prefetch.c - what a thread does beside accesses and system calls: nothing that matters, or a prefetch.
 *
 * Models: PREFETCHh and every speculative load: the address is translated, a fault is dropped without a trace, and the
 * translation stays in the caches; the code need not be the process's own.  Omits: the cache line.
 */
#include "kernel.h"

ROUTINE(nop, "the program")
{
	BEGIN(struct nop_l)
	STEP("it runs, and touches nothing of interest");
	END(RES_OK)
}

ROUTINE(prefetch, "the CPU")
{
	BEGIN(struct prefetch_l)
	ACCESS("the prefetch looks its address up in the TLB");
	if (tlb_lookup(r->m, MMU_CPU(r->cpu), read_cpu_part(r->m, r->cpu, CPU_CR3)->pcid, l->va))
		RETURN(RES_OK);
	cpu_walk_start(r->m, r->cpu, l->va, false);
	do {
		STEP("the page walker reads the entry of the next level; a fault would be dropped");
		if (!read_walker(r->m, WALKER_CPU(r->cpu))->active)
			RETURN(RES_OK);	/* an interrupt or an invalidation came: nobody tries again */
	} while (walk_step(r->m, WALKER_CPU(r->cpu), MMU_CPU(r->cpu)) == WALK_MORE);
	END(RES_OK)
}
