/*
 * access.c - a load or a store of a user program, executed as the CPU does it.
 *
 * Models: TLB lookup, one walk step per level, the locked D-bit update, the fault and the retry.
 * Omits: the store buffer.  Teaches: where other CPUs get in between.
 */
#include "kernel.h"

/* A program that says in which order it and the others go on. */
ROUTINE(wait_turn, "the program")
{
	BEGIN(struct wait_turn_l)
	AWAIT(WAIT_TURN, 0, l->turn, "wait until the programs have done so many operations");
	rule_turn(r->m, run_task(r));
	END(RES_OK)
}

ROUTINE(user_access, "the CPU")
{
	enum access_result access;
	enum walk_result walk;
	uint32_t value;

	BEGIN(struct user_access_l)
again:
	ACCESS("the instruction looks its address up in the TLB");
	value = l->value;
	access = cpu_access(r->m, r->cpu, l->va, l->write, &value);
	if (access == ACCESS_DONE) {
		if (!l->write)
			write_task(r->m, run_task(r))->value = value;
		RETURN(RES_OK);
	}
	if (access == ACCESS_FULL)
		RETURN(RES_ENOMEM);
	if (access == ACCESS_DIRTY) {
		STEP("first store through a clean entry: locked update of the page-table entry");
		if (cpu_set_dirty(r->m, r->cpu, l->va))
			goto again;
	} else if (access == ACCESS_MISS) {
		cpu_walk_start(r->m, r->cpu, l->va, l->write);
		do {
			STEP("the page walker reads the entry of the next level");
			if (!read_walker(r->m, WALKER_CPU(r->cpu))->active)
				goto again;
			walk = walk_step(r->m, WALKER_CPU(r->cpu), MMU_CPU(r->cpu));
		} while (walk == WALK_MORE);
		if (walk == WALK_FILLED)
			goto again;
	}
	cpu_fault(r->m, r->cpu, l->va);
	CALL(do_user_addr_fault, .va = l->va, .write = l->write);
	if (r->a->result == RES_OK)
		goto again;
	event_add(r->m, (struct event){
		.kind = EV_SIGNAL, .a = (uint8_t)run_task(r), .b = r->a->result, .va = l->va,
	});
	END(r->a->result)
}
