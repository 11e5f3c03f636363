/*
 * walk.c - the page walker: one memory read per step.
 */
#include <string.h>

#include "memory.h"
#include "mmu.h"
#include "rules.h"

static bool psc_before(const struct psc_entry *a, const struct psc_entry *b)
{
	if (a->pcid != b->pcid)
		return a->pcid < b->pcid;
	return a->level != b->level ? a->level < b->level : a->va < b->va;
}

/* The prefix of va that selects a table of this level. */
static uint64_t prefix(uint64_t va, unsigned level)
{
	return va & ~(level_size(level + 1) - 1);
}

/* The deepest cached table for va, NULL when there is none: low levels sort first. */
static const struct psc_entry *psc_lookup(struct machine *m, unsigned mmu, unsigned pcid, uint64_t va)
{
	const struct psc *p = read_psc(m, mmu);

	for (unsigned i = 0; i < p->count; i++) {
		const struct psc_entry *e = &p->entry[i];

		if (e->pcid == pcid && e->va == prefix(va, e->level))
			return e;
	}
	return NULL;
}

static void psc_insert(struct machine *m, unsigned mmu, struct psc_entry e)
{
	const struct psc *old = read_psc(m, mmu);
	struct psc *p;
	unsigned i = 0;

	for (unsigned j = 0; j < old->count; j++)
		if (memcmp(&old->entry[j], &e, sizeof(e)) == 0)
			return;
	p = write_psc(m, mmu);
	for (unsigned j = 0; j < p->count; j++)
		if (p->entry[j].pcid == e.pcid && p->entry[j].level == e.level && p->entry[j].va == e.va) {
			p->entry[j] = e;
			return;
		}
	if (p->count == PSC_ENTRIES) {
		memmove(&p->entry[0], &p->entry[1], (PSC_ENTRIES - 1) * sizeof(p->entry[0]));
		p->count--;
	}
	while (i < p->count && psc_before(&p->entry[i], &e))
		i++;
	memmove(&p->entry[i + 1], &p->entry[i], (p->count - i) * sizeof(p->entry[0]));
	p->entry[i] = e;
	p->count++;
}

void walk_start(struct machine *m, unsigned walker, unsigned mmu, unsigned root, unsigned pcid, unsigned mm,
	uint64_t va, bool write)
{
	const struct psc_entry *cached = psc_lookup(m, mmu, pcid, va);
	struct walker *w = write_walker(m, walker);

	*w = (struct walker){
		.va = va_page(va), .table = (uint16_t)root, .active = 1, .level = LEVEL_PGD, .write = write,
		.pcid = (uint8_t)pcid, .mm = (uint8_t)mm, .rights = LEAF_WRITE | LEAF_USER,
		.generation = read_frame(m, root)->generation,
	};
	if (cached) {
		w->table = cached->table;
		w->generation = cached->generation;
		w->level = cached->level;
		w->rights = cached->rights;
		event_add(m, (struct event){
			.kind = EV_WALK_PSC, .va = va, .c = cached->table, .b = cached->level,
		});
	}
}

void walk_cancel(struct machine *m, unsigned walker)
{
	if (read_walker(m, walker)->active)
		*write_walker(m, walker) = (struct walker){ 0 };
}

static enum walk_result walk_end(struct machine *m, unsigned walker, enum walk_result result)
{
	*write_walker(m, walker) = (struct walker){ 0 };
	return result;
}

static uint8_t entry_rights(uint64_t entry, uint8_t above)
{
	uint8_t rights = above;

	if (!(entry & PTE_WRITE))
		rights &= (uint8_t)~LEAF_WRITE;
	if (!(entry & PTE_USER))
		rights &= (uint8_t)~LEAF_USER;
	if (entry & PTE_NX)
		rights |= LEAF_NX;
	return rights;
}

static enum walk_result walk_leaf(struct machine *m, unsigned walker, unsigned mmu, uint64_t entry)
{
	const struct walker w = *read_walker(m, walker);
	bool huge = w.level == LEVEL_PMD;
	struct leaf e = {
		.va = huge ? w.va & ~(PMD_SIZE - 1) : w.va,
		.pfn = (uint16_t)pte_pfn(entry), .pcid = w.pcid, .mm = w.mm, .flags = entry_rights(entry, w.rights),
	};

	e.generation = read_frame(m, pte_pfn(entry))->generation;
	if (entry & PTE_DIRTY)
		e.flags |= LEAF_DIRTY;
	if (huge)
		e.flags |= LEAF_HUGE;
	tlb_insert(m, mmu, e);
	event_add(m, (struct event){
		.kind = mmu < MAX_CPUS ? EV_FILL : EV_IOTLB_FILL, .va = w.va, .c = e.pfn, .d = e.generation, .a = w.mm,
		.b = (uint8_t)mmu,
	});
	return walk_end(m, walker, WALK_FILLED);
}

enum walk_result walk_step(struct machine *m, unsigned walker, unsigned mmu)
{
	const struct walker w = *read_walker(m, walker);
	unsigned index = va_index(w.va, w.level);
	unsigned next;
	uint64_t entry;
	uint8_t rights;

	CHECK(w.active);
	if (!rule_walk(m, w.table, w.generation, w.mm, w.va))
		return walk_end(m, walker, WALK_FAULT);
	entry = table_read(m, w.table, index);
	event_add(m, (struct event){
		.kind = EV_WALK, .va = w.va, .c = w.table, .b = w.level, .x = entry,
	});
	rights = entry_rights(entry, w.rights);
	if (!pte_present(entry) || !(rights & LEAF_USER) || (w.write && !(rights & LEAF_WRITE)))
		return walk_end(m, walker, WALK_FAULT);
	if (!(entry & PTE_ACCESSED)) {
		/* The locked update compares before it sets: here the read and the update are one step. */
		entry |= PTE_ACCESSED;
		table_write(m, w.table, index, entry);
	}
	if (pte_leaf(entry, w.level))
		return walk_leaf(m, walker, mmu, entry);
	next = pte_pfn(entry);
	psc_insert(m, mmu, (struct psc_entry){
		.va = prefix(w.va, w.level - 1), .table = (uint16_t)next, .generation = read_frame(m, next)->generation,
		.level = (uint8_t)(w.level - 1), .pcid = w.pcid, .mm = w.mm, .rights = rights,
	});
	*write_walker(m, walker) = (struct walker){
		.va = w.va, .table = (uint16_t)next, .generation = read_frame(m, next)->generation,
		.active = 1, .level = (uint8_t)(w.level - 1), .write = w.write, .pcid = w.pcid, .mm = w.mm,
		.rights = rights,
	};
	return WALK_MORE;
}
