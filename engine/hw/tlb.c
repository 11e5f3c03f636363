/*
 * tlb.c - leaf entries and paging-structure entries: sorted sets of one translation agent.
 */
#include <string.h>

#include "memory.h"
#include "mmu.h"

static bool psc_before(const struct psc_entry *a, const struct psc_entry *b)
{
	if (a->pcid != b->pcid)
		return a->pcid < b->pcid;
	return a->level != b->level ? a->level < b->level : a->va < b->va;
}

uint64_t va_prefix(uint64_t va, unsigned level)
{
	return va & ~(level_size(level + 1) - 1);
}

unsigned psc_deepest(const struct machine *m, unsigned mmu, unsigned pcid, uint64_t va)
{
	const struct psc *p = peek_psc(m, mmu);

	/* Low levels sort first. */
	for (unsigned i = 0; i < p->count; i++)
		if (p->entry[i].pcid == pcid && p->entry[i].va == va_prefix(va, p->entry[i].level))
			return i;
	return NONE;
}

static void psc_remove(struct psc *p, unsigned i)
{
	memmove(&p->entry[i], &p->entry[i + 1], (p->count - i - 1u) * sizeof(p->entry[0]));
	p->entry[--p->count] = (struct psc_entry){ 0 };
}

static bool same_place(const struct psc_entry *a, const struct psc_entry *b)
{
	return a->pcid == b->pcid && a->level == b->level && a->va == b->va;
}

bool psc_add(struct machine *m, unsigned mmu, struct psc_entry e)
{
	struct psc *p;
	unsigned i = 0;
	bool room = true;

	for (unsigned j = 0; j < read_psc(m, mmu)->count; j++)
		if (memcmp(&read_psc(m, mmu)->entry[j], &e, sizeof(e)) == 0)
			return true;
	p = write_psc(m, mmu);
	if (p->count == PSC_ENTRIES) {
		psc_remove(p, 0);
		room = false;
	}
	while (i < p->count && !psc_before(&e, &p->entry[i]))
		i++;
	memmove(&p->entry[i + 1], &p->entry[i], (p->count - i) * sizeof(p->entry[0]));
	p->entry[i] = e;
	p->count++;
	return room;
}

void psc_insert(struct machine *m, unsigned mmu, struct psc_entry e)
{
	for (unsigned i = 0; i < read_psc(m, mmu)->count;)
		if (same_place(&read_psc(m, mmu)->entry[i], &e) && memcmp(&read_psc(m, mmu)->entry[i], &e, sizeof(e)) != 0)
			psc_remove(write_psc(m, mmu), i);
		else
			i++;
	psc_add(m, mmu, e);
}

void psc_settle(struct machine *m, unsigned mmu, unsigned position)
{
	struct psc_entry used = read_psc(m, mmu)->entry[position];

	for (unsigned i = position + 1u; i < read_psc(m, mmu)->count;)
		if (same_place(&read_psc(m, mmu)->entry[i], &used))
			psc_remove(write_psc(m, mmu), i);
		else
			i++;
}

static bool leaf_before(const struct leaf *a, const struct leaf *b)
{
	if (a->pcid != b->pcid)
		return a->pcid < b->pcid;
	/* An address may have an entry of either size. */
	return a->va != b->va ? a->va < b->va : (a->flags & LEAF_HUGE) < (b->flags & LEAF_HUGE);
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
		if (!leaf_before(&t->leaf[j], &e) && !leaf_before(&e, &t->leaf[j])) {
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

bool tlb_add(struct machine *m, unsigned mmu, struct leaf e)
{
	struct tlb *t;
	unsigned i = 0;
	bool room = true;

	for (unsigned j = 0; j < read_tlb(m, mmu)->count; j++)
		if (memcmp(&read_tlb(m, mmu)->leaf[j], &e, sizeof(e)) == 0)
			return true;
	t = write_tlb(m, mmu);
	if (t->count == TLB_ENTRIES) {
		leaf_remove(t, 0);
		room = false;
	}
	while (i < t->count && !leaf_before(&e, &t->leaf[i]))
		i++;
	memmove(&t->leaf[i + 1], &t->leaf[i], (t->count - i) * sizeof(t->leaf[0]));
	t->leaf[i] = e;
	t->count++;
	return room;
}

static bool serves(const struct leaf *e, unsigned pcid, uint64_t va)
{
	return e->pcid == pcid && va >= e->va && va < e->va + (e->flags & LEAF_HUGE ? PMD_SIZE : PAGE_SIZE);
}

void tlb_settle(struct machine *m, unsigned mmu, unsigned pcid, uint64_t va)
{
	bool first = true;

	for (unsigned i = 0; i < read_tlb(m, mmu)->count;) {
		if (!serves(&read_tlb(m, mmu)->leaf[i], pcid, va) || first) {
			first = first && !serves(&read_tlb(m, mmu)->leaf[i], pcid, va);
			i++;
		} else {
			leaf_remove(write_tlb(m, mmu), i);
		}
	}
}

bool cache_serves(const struct machine *m, unsigned mmu, unsigned pcid, uint64_t va)
{
	for (unsigned i = 0; i < peek_tlb(m, mmu)->count; i++)
		if (serves(&peek_tlb(m, mmu)->leaf[i], pcid, va))
			return true;
	return psc_deepest(m, mmu, pcid, va) != NONE;
}

void cache_evict(struct machine *m, unsigned mmu, unsigned pcid, uint64_t va)
{
	unsigned i;

	for (i = 0; i < read_tlb(m, mmu)->count; i++)
		if (serves(&read_tlb(m, mmu)->leaf[i], pcid, va)) {
			leaf_remove(write_tlb(m, mmu), i);
			return;
		}
	i = psc_deepest(m, mmu, pcid, va);
	if (i != NONE)
		psc_remove(write_psc(m, mmu), i);
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

		if ((pcid != ANY_PCID && e->pcid != pcid) || e->va >= end || e->va + level_size(e->level + 1u) <= start) {
			i++;
			continue;
		}
		psc_remove(write_psc(m, mmu), i);
	}
}
