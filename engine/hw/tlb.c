/*
 * tlb.c - leaf entries and paging-structure entries: sorted sets of one translation agent.
 */
#include <string.h>

#include "memory.h"
#include "mmu.h"

static bool leaf_before(const struct leaf *a, const struct leaf *b)
{
	return a->pcid != b->pcid ? a->pcid < b->pcid : a->va < b->va;
}

const struct leaf *tlb_lookup(struct machine *m, unsigned mmu, unsigned pcid, uint64_t va)
{
	const struct tlb *t = read_tlb(m, mmu);

	for (unsigned i = 0; i < t->count; i++) {
		const struct leaf *e = &t->leaf[i];
		uint64_t size = e->flags & LEAF_HUGE ? PMD_SIZE : PAGE_SIZE;

		if (e->pcid == pcid && va >= e->va && va < e->va + size)
			return e;
	}
	return NULL;
}

static void leaf_remove(struct tlb *t, unsigned i)
{
	memmove(&t->leaf[i], &t->leaf[i + 1], (t->count - i - 1u) * sizeof(t->leaf[0]));
	t->leaf[--t->count] = (struct leaf){ 0 };
}

void tlb_insert(struct machine *m, unsigned mmu, struct leaf e)
{
	struct tlb *t = write_tlb(m, mmu);
	unsigned i = 0;

	for (unsigned j = 0; j < t->count; j++)
		if (t->leaf[j].pcid == e.pcid && t->leaf[j].va == e.va) {
			leaf_remove(t, j);
			break;
		}
	if (t->count == TLB_ENTRIES)
		leaf_remove(t, 0);
	while (i < t->count && leaf_before(&t->leaf[i], &e))
		i++;
	memmove(&t->leaf[i + 1], &t->leaf[i], (t->count - i) * sizeof(t->leaf[0]));
	t->leaf[i] = e;
	t->count++;
}

void tlb_set_dirty(struct machine *m, unsigned mmu, unsigned pcid, uint64_t va)
{
	const struct leaf *e = tlb_lookup(m, mmu, pcid, va);
	unsigned i;

	CHECK(e);
	i = (unsigned)(e - peek_tlb(m, mmu)->leaf);
	write_tlb(m, mmu)->leaf[i].flags |= LEAF_DIRTY;
}

bool tlb_drop(struct machine *m, unsigned mmu, unsigned pcid, uint64_t start, uint64_t end)
{
	bool any = false;

	for (unsigned i = 0; i < read_tlb(m, mmu)->count;) {
		const struct leaf *e = &read_tlb(m, mmu)->leaf[i];
		uint64_t size = e->flags & LEAF_HUGE ? PMD_SIZE : PAGE_SIZE;

		if ((pcid == ANY_PCID || e->pcid == pcid) && e->va < end && e->va + size > start) {
			leaf_remove(write_tlb(m, mmu), i);
			any = true;
		} else {
			i++;
		}
	}
	return any;
}

void psc_drop(struct machine *m, unsigned mmu, unsigned pcid, uint64_t start, uint64_t end)
{
	for (unsigned i = 0; i < read_psc(m, mmu)->count;) {
		const struct psc_entry *e = &read_psc(m, mmu)->entry[i];
		struct psc *p;

		if ((pcid != ANY_PCID && e->pcid != pcid) || e->va >= end || e->va + level_size(e->level + 1u) <= start) {
			i++;
			continue;
		}
		p = write_psc(m, mmu);
		memmove(&p->entry[i], &p->entry[i + 1], (p->count - i - 1u) * sizeof(p->entry[0]));
		p->entry[--p->count] = (struct psc_entry){ 0 };
	}
}
