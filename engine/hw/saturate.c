/*
 * saturate.c - translation caches that hold everything which may be in them: spec=saturate.
 *
 * A speculative walk may come at any instant, but what it reads matters only once it is no longer there to be read.  So
 * a walk is no action here: whatever changes an entry first lets every CPU that could read it keep what it said, beside
 * what that CPU has from earlier.  What a walk would find now need not be kept, for an access walks by itself.
 *
 * A real cache holds one entry for a page.  Of several, oldest first, an access uses the first, and by that the others
 * never were (tlb_settle); an eviction, which is an action, passes on to the next.  Evictions are offered where an access is the
 * CPU's next step: anywhere else they could as well come later.
 *
 * The pages that speculation reaches are those that programs touch, as for walks that are actions.  One thing a walk does
 * is seen by others: it sets the A bit, by which MADV_FREE decides.  So where that is clear, a walk is an action still.
 */
#include "cpu.h"
#include "memory.h"
#include "mmu.h"
#include "rules.h"

/* Keeps what the entry says that a walk of the CPU has reached; the walk goes on.  False where it ends. */
static bool keep(struct machine *m, unsigned cpu, struct walker *w, uint64_t entry)
{
	bool room;

	if (pte_leaf(entry, w->level)) {
		const struct leaf e = walk_leaf(m, w, entry);

		room = tlb_add(m, MMU_CPU(cpu), e);
		walk_filled(m, w, MMU_CPU(cpu), &e);
		w->active = 0;
	} else {
		room = psc_add(m, MMU_CPU(cpu), walk_down(m, w, entry));
	}
	if (!room)
		rule_cache_full(m, cpu);
	return w->active;
}

/* Reads the next entry of a walk; false when it ends there. */
static bool read_next(struct machine *m, const struct walker *w, uint64_t *entry)
{
	const struct frame *f = read_frame(m, w->table);

	/* That a table which was freed can be walked has been said when it was freed. */
	if (f->generation != w->generation || f->owner != FRAME_TABLE)
		return false;
	*entry = table_read(m, w->table, va_index(w->va, w->level));
	return walk_usable(w, *entry);
}

/* A walk that keeps all it reads, or (table is a frame) nothing but what it reads in one entry of that table. */
static void walk_through(struct machine *m, unsigned cpu, struct walker w, unsigned table, unsigned index)
{
	uint64_t entry;

	while (read_next(m, &w, &entry)) {
		if (table == NO_FRAME) {
			if (!keep(m, cpu, &w, entry))
				return;
		} else if (w.table == table && va_index(w.va, w.level) == index) {
			keep(m, cpu, &w, entry);
			return;
		} else if (pte_leaf(entry, w.level)) {
			return;
		} else {
			walk_down(m, &w, entry);
		}
	}
}

/* All walks of an address that the CPU could begin now. */
static void walks(struct machine *m, unsigned cpu, uint64_t va, unsigned table, unsigned index)
{
	const struct cpu c = *read_cpu_part(m, cpu, CPU_CR3);
	const struct walker root = walk_from_root(m, c.cr3, c.pcid, c.ctx_mm, va);
	const struct psc cached = *read_psc(m, MMU_CPU(cpu));

	walk_through(m, cpu, root, table, index);
	for (unsigned i = 0; i < cached.count; i++)
		if (cached.entry[i].pcid == c.pcid && cached.entry[i].va == va_prefix(va, cached.entry[i].level)) {
			struct walker w = root;

			walk_from_cached(&w, &cached.entry[i]);
			walk_through(m, cpu, w, table, index);
		}
}

/* The table that holds the entry of va which a walk from the root finds, NO_FRAME when there is none. */
static unsigned leaf_table(const struct machine *m, unsigned cpu, uint64_t va, unsigned *level)
{
	unsigned table = peek_cpu_part(m, cpu, CPU_CR3)->cr3;

	if (table == NO_FRAME || !walk_now(m, table, va, level))
		return NO_FRAME;
	for (unsigned l = LEVEL_PGD; l > *level; l--)
		table = pte_pfn(entry_now(m, table, va_index(va, l)));
	return table;
}

bool saturate_can_access(const struct machine *m, unsigned cpu, uint64_t va)
{
	unsigned level, table = leaf_table(m, cpu, va, &level);

	return table != NO_FRAME && !(entry_now(m, table, va_index(va, level)) & PTE_ACCESSED);
}

void saturate_access(struct machine *m, unsigned cpu, uint64_t va)
{
	unsigned level, table = leaf_table(m, cpu, va, &level);
	uint64_t entry = table_read(m, table, va_index(va, level)) | PTE_ACCESSED;

	table_write(m, table, va_index(va, level), entry);
	event_add(m, (struct event){ .kind = EV_SET_AD, .va = va, .x = entry, .b = (uint8_t)level });
}

static bool walks_at_all(struct machine *m, unsigned cpu)
{
	return read_cpu_part(m, cpu, CPU_SETUP)->online && read_cpu_part(m, cpu, CPU_CR3)->cr3 != NO_FRAME;
}

void saturate_entry(struct machine *m, unsigned table, unsigned index, uint64_t entry)
{
	uint64_t old = table_read(m, table, index);
	uint8_t lane = m->lane;

	if (!pte_present(old) || !((old ^ entry) & ~PTE_ACCESSED))
		return;
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (!walks_at_all(m, cpu))
			continue;
		m->lane = (uint8_t)LANE_CPU(cpu);
		for (unsigned i = 0; i < m->pages; i++)
			if (va_index(m->universe[i], read_frame(m, table)->level) == index)
				walks(m, cpu, m->universe[i], table, index);
	}
	m->lane = lane;
}

void saturate_leave(struct machine *m, unsigned cpu)
{
	/* Without PCIDs nothing outlives what was loaded. */
	if (!saturated(m) || !walks_at_all(m, cpu) || !read_cpu_part(m, cpu, CPU_CR3)->pcid)
		return;
	for (unsigned i = 0; i < m->pages; i++)
		walks(m, cpu, m->universe[i], NO_FRAME, 0);
}

/* Speculation walks those tables that the CPU has cached and that are no more: one of them, or any. */
static void walk_freed(struct machine *m, unsigned cpu, unsigned table)
{
	uint8_t lane = m->lane;

	m->lane = (uint8_t)LANE_CPU(cpu);
	for (unsigned i = 0; i < read_psc(m, MMU_CPU(cpu))->count; i++) {
		const struct psc_entry *e = &read_psc(m, MMU_CPU(cpu))->entry[i];

		if (e->pcid == read_cpu_part(m, cpu, CPU_CR3)->pcid && (table == NO_FRAME || e->table == table))
			rule_walk(m, e->table, e->generation, e->mm, e->va);
	}
	m->lane = lane;
}

void saturate_arrive(struct machine *m, unsigned cpu)
{
	if (saturated(m))
		walk_freed(m, cpu, NO_FRAME);
}

void saturate_freed(struct machine *m, unsigned table)
{
	if (!saturated(m))
		return;
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++)
		if (walks_at_all(m, cpu))
			walk_freed(m, cpu, table);
}
