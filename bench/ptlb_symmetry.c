/*
 * ptlb_symmetry.c - renumbering CPUs.
 *
 * Every CPU's thread may do the same, so the steps do not tell them apart - as long as one step sends to all CPUs at
 * once (the setting send_all): the loop by number does.  Pages are told apart: the page of a flush that is over is
 * forgotten as page 0.
 */
#include <string.h>

#include "ptlb_symmetry.h"
#include "routine.h"

/* Fills to[] with the n-th order of `count` things. */
static void order_of(unsigned n, unsigned count, uint8_t *to)
{
	uint8_t left[MAX_CPUS];

	for (unsigned i = 0; i < count; i++)
		left[i] = (uint8_t)i;
	for (unsigned i = 0; i < count; i++) {
		unsigned pick = n % (count - i);

		n /= count - i;
		to[i] = left[pick];
		memmove(&left[pick], &left[pick + 1], count - i - pick - 1);
	}
}

static unsigned orders(unsigned count)
{
	return count < 2 ? 1 : count * orders(count - 1);
}

struct numbering {
	uint8_t cpu[MAX_CPUS + 1];	/* threads; B keeps its number */
};

static uint8_t mask_permute(const struct numbering *n, unsigned mask)
{
	unsigned out = 0;

	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (mask & 1u << c)
			out |= 1u << n->cpu[c];
	return (uint8_t)out;
}

static void act_permute(const struct numbering *n, struct act *a)
{
	void *local = a->local;

	if (!a->pc)
		return;
	if (a->wait == WAIT_CSD)
		a->wait_object = n->cpu[a->wait_object];
	if (a->routine == R_ptlb_zap)
		((struct ptlb_zap_l *)local)->todo = mask_permute(n, ((struct ptlb_zap_l *)local)->todo);
	else if (a->routine == R_ptlb_mremap)
		((struct ptlb_mremap_l *)local)->todo = mask_permute(n, ((struct ptlb_mremap_l *)local)->todo);
}

static void lock_permute(const struct numbering *n, struct lock *l)
{
	if (l->owner < MAX_CPUS)
		l->owner = n->cpu[l->owner];
	l->readers = (uint16_t)(mask_permute(n, l->readers) | (l->readers & ~15u));
}

/* Which object takes this one's place. */
static unsigned object_permute(const struct numbering *n, unsigned kind, unsigned i, unsigned object)
{
	switch (kind) {
	case KIND_task:
	case KIND_call:
	case KIND_tlb:
		return i < MAX_CPUS ? object - i + n->cpu[i] : object;
	case KIND_ctx:
		if (i >= MAX_TASKS)
			return object - i + MAX_TASKS + n->cpu[i - MAX_TASKS];
		return i < MAX_CPUS ? object - i + n->cpu[i] : object;
	case KIND_act:
		return i / MAX_DEPTH < MAX_CPUS ?
			       object - i + n->cpu[i / MAX_DEPTH] * MAX_DEPTH + i % MAX_DEPTH :
			       object;
	default:
		return object;
	}
}

unsigned ptlb_permute(const struct machine *start, unsigned p, unsigned object, const void *bytes, void *out)
{
	const struct ptlb *setting = (const struct ptlb *)(const void *)&peek_program(start, 0)->op[0];
	const unsigned kind = objects[object].kind, i = objects[object].index;
	struct numbering n;

	p++;
	if (!setting->send_all || p >= orders(setting->cpus))
		return OBJECTS;
	for (unsigned c = 0; c <= MAX_CPUS; c++)
		n.cpu[c] = (uint8_t)c;
	order_of(p, setting->cpus, n.cpu);
	memcpy(out, bytes, objects[object].size);
	if (kind == KIND_act) {
		act_permute(&n, out);
	} else if (kind == KIND_lock) {
		lock_permute(&n, out);
	} else if (kind == KIND_ctx && i < MAX_CPUS) {
		((struct ctx *)out)->cpu = n.cpu[i];
	} else if (kind == KIND_call) {
		((struct call *)out)->locked = mask_permute(&n, ((struct call *)out)->locked);
	}
	return object_permute(&n, kind, i, object);
}
