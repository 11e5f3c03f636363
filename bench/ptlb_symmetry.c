/*
 * ptlb_symmetry.c - renumbering CPUs and pages.
 *
 * Every CPU's thread may do the same, so the steps do not tell them apart - as long as one step sends to all CPUs at
 * once (the setting send_all): the loop by number does.  Pages are alike too where the page of a flush that is over is
 * not forgotten as page 0, that is, where the model need not be that of SPIN state for state (the setting may).
 */
#include <string.h>

#include "ptlb_symmetry.h"
#include "rename.h"
#include "routine.h"

struct numbering {
	uint8_t cpu[MAX_CPUS + 1];	/* threads; B keeps its number */
	uint8_t page[MAP_SIZE];
};

static uint8_t mask_permute(const struct numbering *n, unsigned mask)
{
	unsigned out = 0;

	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (mask & 1u << c)
			out |= 1u << n->cpu[c];
	return (uint8_t)out;
}

static void map_permute(const struct numbering *n, unsigned pages, const struct bytes *from,
			struct bytes *to)
{
	for (unsigned v = 0; v < pages; v++)
		to->at[n->page[v]] = from->at[v];
}

static void may_permute(const struct numbering *n, unsigned pages, const struct may *from, struct may *to)
{
	for (unsigned v = 0; v < pages; v++) {
		memcpy(to->value[n->page[v]], from->value[v], sizeof(from->value[v]));
		to->count[n->page[v]] = from->count[v];
	}
}

static void act_permute(const struct numbering *n, struct act *a)
{
	void *local = a->local;

	if (!a->pc)
		return;
	if (a->wait == WAIT_CSD)
		a->wait_object = n->cpu[a->wait_object];
	if (a->routine == R_ptlb_access) {
		struct ptlb_access_l *l = local;

		l->page = n->page[l->page];
	} else if (a->routine == R_ptlb_zap) {
		struct ptlb_zap_l *l = local;

		l->page = n->page[l->page];
		l->todo = mask_permute(n, l->todo);
	} else if (a->routine == R_ptlb_mremap) {
		struct ptlb_mremap_l *l = local;

		l->page = n->page[l->page];
		l->to = n->page[l->to];
		l->todo = mask_permute(n, l->todo);
	}
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
		if (i >= CTX_NMI(0))
			return object;
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
	const unsigned pages = setting->may ? order_count(setting->pages) : 1;
	struct numbering n;

	p++;
	if (!setting->send_all || p >= order_count(setting->cpus) * pages)
		return OBJECTS;
	for (unsigned c = 0; c <= MAX_CPUS; c++)
		n.cpu[c] = (uint8_t)c;
	order_nth(p / pages, setting->cpus, n.cpu);
	order_nth(p % pages, setting->pages, n.page);
	memcpy(out, bytes, objects[object].size);
	if (kind == KIND_act) {
		act_permute(&n, out);
	} else if (kind == KIND_lock) {
		lock_permute(&n, out);
	} else if (kind == KIND_srcu) {
		map_permute(&n, setting->pages, bytes, out);
	} else if (kind == KIND_tlb && setting->may) {
		may_permute(&n, setting->pages, bytes, out);
	} else if (kind == KIND_ctx && i < setting->cpus) {
		((struct ctx *)out)->cpu = n.cpu[i];
	} else if (kind == KIND_call) {
		struct call *c = out;

		c->locked = mask_permute(&n, c->locked);
		if (setting->may && c->start)
			c->start = n.page[c->start - 1] + 1u;
	}
	return object_permute(&n, kind, i, object);
}
