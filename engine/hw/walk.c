/*
 * walk.c - the page walker: one memory read per step.
 */
#include "memory.h"
#include "mmu.h"
#include "rules.h"

struct walker walk_from_root(struct machine *m, unsigned root, unsigned pcid, unsigned mm, uint64_t va)
{
	return (struct walker){
		.va = va_page(va), .table = (uint16_t)root, .active = 1, .level = LEVEL_PGD,
		.pcid = (uint8_t)pcid, .mm = (uint8_t)mm, .rights = LEAF_WRITE | LEAF_USER,
		.generation = read_frame(m, root)->generation,
	};
}

void walk_from_cached(struct walker *w, const struct psc_entry *e)
{
	w->table = e->table;
	w->generation = e->generation;
	w->level = e->level;
	w->rights = e->rights;
}

void walk_start(struct machine *m, unsigned walker, unsigned mmu, unsigned root, unsigned pcid, unsigned mm,
	uint64_t va, bool write)
{
	unsigned deepest = psc_deepest(m, mmu, pcid, va);
	struct walker *w = write_walker(m, walker);

	*w = walk_from_root(m, root, pcid, mm, va);
	w->write = write;
	if (deepest == NONE)
		return;
	walk_from_cached(w, &read_psc(m, mmu)->entry[deepest]);
	event_add(m, (struct event){
		.kind = EV_WALK_PSC, .va = va, .c = w->table, .b = w->level,
	});
	if (saturated(m))
		psc_settle(m, mmu, deepest);
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

bool walk_usable(const struct walker *w, uint64_t entry)
{
	uint8_t rights = entry_rights(entry, w->rights);

	return pte_present(entry) && (rights & LEAF_USER) && (!w->write || (rights & LEAF_WRITE));
}

struct leaf walk_leaf(struct machine *m, const struct walker *w, uint64_t entry)
{
	bool huge = w->level == LEVEL_PMD;
	struct leaf e = {
		.va = huge ? w->va & ~(PMD_SIZE - 1) : w->va,
		.pfn = (uint16_t)pte_pfn(entry), .pcid = w->pcid, .mm = w->mm, .flags = entry_rights(entry, w->rights),
	};

	e.generation = read_frame(m, pte_pfn(entry))->generation;
	if (entry & PTE_DIRTY)
		e.flags |= LEAF_DIRTY;
	if (huge)
		e.flags |= LEAF_HUGE;
	return e;
}

void walk_filled(struct machine *m, const struct walker *w, unsigned mmu, const struct leaf *e)
{
	event_add(m, (struct event){
		.kind = mmu < MAX_CPUS ? EV_FILL : EV_IOTLB_FILL, .va = w->va, .c = e->pfn, .d = e->generation, .a = w->mm,
		.b = (uint8_t)mmu,
	});
}

struct psc_entry walk_down(struct machine *m, struct walker *w, uint64_t entry)
{
	unsigned next = pte_pfn(entry);

	w->rights = entry_rights(entry, w->rights);
	w->table = (uint16_t)next;
	w->generation = read_frame(m, next)->generation;
	w->level--;
	return (struct psc_entry){
		.va = va_prefix(w->va, w->level), .table = w->table, .generation = w->generation,
		.level = w->level, .pcid = w->pcid, .mm = w->mm, .rights = w->rights,
	};
}

enum walk_result walk_step(struct machine *m, unsigned walker, unsigned mmu)
{
	struct walker w = *read_walker(m, walker);
	unsigned index = va_index(w.va, w.level);
	uint64_t entry;

	CHECK(w.active);
	if (!rule_walk(m, w.table, w.generation, w.mm, w.va))
		return walk_end(m, walker, WALK_FAULT);
	entry = table_read(m, w.table, index);
	event_add(m, (struct event){
		.kind = EV_WALK, .va = w.va, .c = w.table, .b = w.level, .x = entry,
	});
	if (!walk_usable(&w, entry))
		return walk_end(m, walker, WALK_FAULT);
	if (!(entry & PTE_ACCESSED)) {
		/* The locked update compares before it sets: here the read and the update are one step. */
		entry |= PTE_ACCESSED;
		table_write(m, w.table, index, entry);
	}
	if (pte_leaf(entry, w.level)) {
		const struct leaf e = walk_leaf(m, &w, entry);

		tlb_insert(m, mmu, e);
		walk_filled(m, &w, mmu, &e);
		return walk_end(m, walker, WALK_FILLED);
	}
	psc_insert(m, mmu, walk_down(m, &w, entry));
	*write_walker(m, walker) = w;
	return WALK_MORE;
}
