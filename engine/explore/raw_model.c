/*
 * raw_model.c - the machine of raw instructions with fewer whims offered: those that can matter, when they can.
 *
 * A fill, or an eviction, of an entry that says what the table says can wait: until the table's entry is written, an
 * access through the entry and one through the table are the same.  So
 *	- a fill is offered only where the next instruction of some thread writes the table's entry of that address;
 *	- an eviction only where the entry and the table differ by now;
 *	- both only on a CPU whose thread still has an access of the address to come.
 * Any order of the machine's own actions has one among these that ends in the same registers, faults and frames: move
 * each fill to just before the write, drop it when an invalidation comes first, drop the rest.  The upper levels of
 * the tables never change, so what the paging-structure cache holds makes no difference.
 *
 * For machines with one task per CPU, all of them of raw instructions: see litmus.h.
 */
#include "explore.h"
#include "pte.h"

/* Will the task of this CPU access va from here on? */
static bool access_to_come(const struct machine *m, unsigned cpu, uint64_t va)
{
	unsigned t = peek_cpu(m, cpu)->current;

	if (t == NONE || peek_task(m, t)->state == TASK_DONE)
		return false;
	for (unsigned i = peek_task(m, t)->op; i < peek_program(m, t)->count; i++) {
		const struct op *op = &peek_program(m, t)->op[i];

		if (op->va == va && (op->kind == OP_LD || op->kind == OP_ST))
			return true;
	}
	return false;
}

/* Does the next instruction of some thread write the entry of va? */
static bool write_next(const struct machine *m, uint64_t va)
{
	for (unsigned t = 0; t < MAX_TASKS; t++) {
		const struct task *task = peek_task(m, t);
		const struct op *op = &peek_program(m, t)->op[task->op];

		if (task->used && task->state != TASK_DONE && op->kind == OP_PTE && op->va == va)
			return true;
	}
	return false;
}

/* Does the CPU's entry of va say something else than the table? */
static bool differs(const struct machine *m, unsigned cpu, uint64_t va)
{
	const struct tlb *tlb = peek_tlb(m, cpu);
	uint64_t pte = machine_entry(m, cpu, va);

	for (unsigned i = 0; i < tlb->count; i++)
		if (tlb->leaf[i].va == va)
			return !pte || tlb->leaf[i].pfn != pte_pfn(pte) ||
				!(tlb->leaf[i].flags & LEAF_WRITE) != !(pte & PTE_WRITE);
	return false;
}

static bool matters(const struct machine *m, const struct action *a)
{
	if (a->kind == ACT_FILL)
		return write_next(m, a->va) && access_to_come(m, a->agent, a->va);
	if (a->kind == ACT_EVICT)
		return differs(m, a->agent, a->va) && access_to_come(m, a->agent, a->va);
	return true;
}

static unsigned offer(const struct machine *m, unsigned part, struct action out[MAX_ACTIONS])
{
	unsigned n = machine_offer(m, part, out), kept = 0;

	for (unsigned i = 0; i < n; i++)
		if (matters(m, &out[i]))
			out[kept++] = out[i];
	return kept;
}

static uint8_t actor(const struct machine *m, const struct action *a)
{
	return machine_model.actor(m, a);
}

const struct explore_model raw_model = {
	.parts = MACHINE_PARTS, .offer = offer, .apply = machine_apply, .moves = action_is_progress,
	.finished = machine_finished, .actor = actor,
};
