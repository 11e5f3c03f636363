/*
 * tables.c - table-freed: a page-table page goes while somebody can still read it.
 *
 * Asked where a table frame is freed.  Who can: a CPU whose CR3 names it, one whose paging-structure cache leads to it under
 * the PCID that is in CR3 (what is kept for another address space is looked at anew when that is loaded), a walk that is
 * about to read it.
 * Devices are told by other means and have rules of their own.
 */
#include "mmu.h"
#include "rules.h"

static bool cache_leads_to(struct machine *m, unsigned cpu, unsigned table, unsigned generation, uint64_t *va)
{
	const struct psc *p = read_psc(m, MMU_CPU(cpu));

	for (unsigned i = 0; i < p->count; i++) {
		const struct psc_entry *e = &p->entry[i];

		*va = e->va;
		if (e->table == table && e->generation == generation && e->pcid == read_cpu_part(m, cpu, CPU_CR3)->pcid)
			return true;
	}
	return false;
}

static bool walk_stands_in(struct machine *m, unsigned walker, unsigned table, unsigned generation, uint64_t *va)
{
	const struct walker *w = read_walker(m, walker);

	*va = w->va;
	return w->active && w->table == table && w->generation == generation;
}

static bool gup_stands_in(struct machine *m, unsigned cpu, unsigned table, unsigned generation, uint64_t *va)
{
	const struct gup *g = read_gup(m, cpu);

	*va = g->va;
	return g->active && g->table == table && g->generation == generation;
}

void rule_table_freed(struct machine *m, unsigned table)
{
	const struct frame *f = read_frame(m, table);

	for (unsigned c = 0; c < MAX_CPUS; c++) {
		uint64_t va = 0;

		if (!read_cpu_part(m, c, CPU_SETUP)->online)
			continue;
		if (read_cpu(m, c)->cr3 == table ||
		    cache_leads_to(m, c, table, f->generation, &va) ||
		    walk_stands_in(m, WALKER_CPU(c), table, f->generation, &va) ||
		    walk_stands_in(m, WALKER_SPEC(c), table, f->generation, &va) ||
		    gup_stands_in(m, c, table, f->generation, &va)) {
			rule_broken(m, (struct finding){
				.rule = RULE_TABLE_FREED, .mm = f->owner_id, .pfn = (uint16_t)table, .object = (uint16_t)c, .va = va,
			});
			return;
		}
	}
}
