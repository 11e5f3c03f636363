/*
 * memtype.c - a page that becomes uncached memory: arch/x86/mm/pat/set_memory.c.
 *
 * Models: a driver takes a free page; the kernel's own mapping of it changes its type, every CPU is told to drop its
 * entry of that mapping, and is waited for; from then on a device uses the page.  What is asked is whether some CPU can
 * still reach it as ordinary memory, through an entry of a process that had it before.  A machine check is not modelled:
 * that a CPU may speculate through the entry is the finding.
 * Omits: the direct map itself (nothing here reads it), caches and their write-back, PAT indices, giving the page back.
 */
#include "kernel.h"

static unsigned others_online(struct run *r)
{
	unsigned mask = 0;

	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (c != r->cpu && read_cpu(r->m, c)->online)
			mask |= 1u << c;
	return mask;
}

ROUTINE(set_memory_uc, "arch/x86/mm/pat/set_memory.c")
{
	BEGIN(struct set_memory_uc_l)
	STEP("a driver takes a free page; the kernel's own entry of it becomes uncached");
	l->page = (uint16_t)frame_alloc(r->m, FRAME_ANON, NONE);
	if (l->page == NO_FRAME)
		RETURN(RES_ENOMEM);
	if (profile_is(r->m, SW_MEMTYPE_FLUSH, MEMTYPE_WAITS)) {
		STEP("cpa_flush: every CPU is to drop what it has of the kernel's mapping; preemption off");
		preempt_disable(r);
		*write_call(r->m, r->cpu) = (struct call){
			.mm = NONE, .func = CALL_CPA, .locked = read_call(r->m, r->cpu)->locked,
		};
		if (others_online(r))
			CALL(smp_call_function_many_cond, .mask = (uint8_t)others_online(r), .freed_tables = 1);
		preempt_enable(r);
	}
	STEP("the device uses the page: from here on it is no ordinary memory");
	write_frame(r->m, l->page)->flags |= FRAME_UNCACHED;
	rule_type_conflict(r->m, l->page);
	END(RES_OK)
}
