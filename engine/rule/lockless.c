/*
 * lockless.c - wrong-ref, and what the rules know of a walk in software that takes no lock.
 *
 * A walk that ends well claims that the page was mapped at the address while it walked, and that whoever is to drop the page
 * can still notice the new reference.  For the first a ghost per CPU collects what the address maps, at every store into a
 * table; for the second a page says when its references were counted.
 */
#include "memory.h"
#include "rules.h"

/* What the address of the walk maps now joins what it has mapped. */
static void gup_look(struct machine *m, unsigned cpu)
{
	const struct gup *g = read_gup(m, cpu);
	unsigned level, pfn;
	uint64_t pte;

	if (read_mm_part(m, g->mm, MM_REST)->pgd == NO_FRAME)
		return;
	pte = table_walk(m, read_mm_part(m, g->mm, MM_REST)->pgd, g->va, &level);
	pfn = pte_pfn(pte);
	if (pte_present(pte) && !(g->mapped[pfn / 64] & (1ull << pfn % 64)))
		write_gup(m, cpu)->mapped[pfn / 64] |= 1ull << pfn % 64;
}

void rule_table_written(struct machine *m)
{
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (read_gup(m, c)->active)
			gup_look(m, c);
}

void rule_gup_begins(struct machine *m, unsigned cpu, unsigned mm, uint64_t va)
{
	*write_gup(m, cpu) = (struct gup){ .va = va, .mm = (uint8_t)mm, .active = 1 };
	gup_look(m, cpu);
}

void rule_gup_stands(struct machine *m, unsigned cpu, unsigned table)
{
	write_gup(m, cpu)->table = (uint16_t)table;
	write_gup(m, cpu)->generation = read_frame(m, table)->generation;
}

void rule_gup_reads(struct machine *m, unsigned cpu)
{
	const struct gup *g = read_gup(m, cpu);

	rule_walk(m, g->table, g->generation, g->mm, g->va);
}

void rule_gup_took(struct machine *m, unsigned cpu, unsigned pfn)
{
	const struct gup *g = read_gup(m, cpu);

	if (!(g->mapped[pfn / 64] & (1ull << pfn % 64)) || (read_frame(m, pfn)->flags & FRAME_COUNTED))
		rule_broken(m, (struct finding){
			.rule = RULE_WRONG_REF, .mm = g->mm, .pfn = (uint16_t)pfn, .object = g->table, .va = g->va,
		});
}

void rule_gup_ends(struct machine *m, unsigned cpu)
{
	*write_gup(m, cpu) = (struct gup){ 0 };
}
