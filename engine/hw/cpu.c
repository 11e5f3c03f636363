/*
 * cpu.c - accesses, invalidations and interrupts of one CPU.
 */
#include "cpu.h"
#include "memory.h"
#include "mmu.h"
#include "rules.h"

/* The PCID that entries are made and found with. */
static unsigned pcid_of(struct machine *m, unsigned cpu)
{
	return read_cpu_part(m, cpu, CPU_CR3)->pcid;
}

/* Drops all entries of the PCID in CR3; without PCIDs, all there are. */
static void drop_current(struct machine *m, unsigned cpu)
{
	unsigned pcid = pcid_of(m, cpu) ? pcid_of(m, cpu) : ANY_PCID;

	tlb_drop(m, MMU_CPU(cpu), pcid, 0, FLUSH_ALL);
	psc_drop(m, MMU_CPU(cpu), pcid, 0, FLUSH_ALL);
}

enum access_result cpu_access(struct machine *m, unsigned cpu, uint64_t va, bool write, uint32_t *value)
{
	const struct leaf *e = tlb_lookup(m, MMU_CPU(cpu), pcid_of(m, cpu), va);
	bool full = false;
	unsigned pfn;

	if (!e) {
		event_add(m, (struct event){ .kind = EV_MISS, .va = va });
		return ACCESS_MISS;
	}
	if (read_profile(m, 0)->multi_hit)
		rule_multi_hit(m, cpu, pcid_of(m, cpu), va);
	if (saturated(m)) {
		tlb_settle(m, MMU_CPU(cpu), pcid_of(m, cpu), va);
		e = tlb_lookup(m, MMU_CPU(cpu), pcid_of(m, cpu), va);
	}
	if (!(e->flags & LEAF_USER) || (write && !(e->flags & LEAF_WRITE))) {
		tlb_drop(m, MMU_CPU(cpu), pcid_of(m, cpu), va_page(va), va_page(va) + PAGE_SIZE);
		return ACCESS_FAULT;
	}
	if (write && !(e->flags & LEAF_DIRTY))
		return ACCESS_DIRTY;
	pfn = e->pfn;
	event_add(m, (struct event){ .kind = EV_HIT, .va = va, .c = (uint16_t)pfn, .d = e->generation });
	rule_access(m, e, va, write);
	if (write)
		full = !page_write(m, pfn, (unsigned)(va % PAGE_SIZE), *value);
	else
		*value = page_read(m, pfn, (unsigned)(va % PAGE_SIZE));
	rule_coherence(m, cpu, e, va, write);
	event_add(m, (struct event){
		.kind = write ? EV_WRITE : EV_READ, .va = va, .c = (uint16_t)pfn, .x = *value,
	});
	if (write)
		rule_stored(m, e, va);
	return full ? ACCESS_FULL : ACCESS_DONE;
}

bool cpu_set_dirty(struct machine *m, unsigned cpu, uint64_t va)
{
	const struct leaf *e = tlb_lookup(m, MMU_CPU(cpu), pcid_of(m, cpu), va);
	unsigned level, table;
	uint64_t pte;

	/* An invalidation or an eviction came first: look the address up again. */
	if (!e)
		return true;
	pte = table_walk(m, read_cpu_part(m, cpu, CPU_CR3)->cr3, va, &level);
	if (!pte_present(pte) || pte_pfn(pte) != e->pfn ||
	    (!(pte & PTE_WRITE) && profile_is(m, SW_DIRTY_ON_RO, ON_RO_OFF))) {
		tlb_drop(m, MMU_CPU(cpu), pcid_of(m, cpu), va_page(va), va_page(va) + PAGE_SIZE);
		return false;
	}
	table = table_find(m, read_cpu_part(m, cpu, CPU_CR3)->cr3, va, level);
	table_write(m, table, va_index(va, level), pte | PTE_DIRTY | PTE_ACCESSED);
	tlb_set_dirty(m, MMU_CPU(cpu), pcid_of(m, cpu), va);
	rule_dirtied(m, pte_pfn(pte));
	event_add(m, (struct event){
		.kind = EV_SET_AD, .va = va, .x = pte | PTE_DIRTY | PTE_ACCESSED, .b = (uint8_t)level,
	});
	return true;
}

void cpu_fault(struct machine *m, unsigned cpu, uint64_t va)
{
	tlb_drop(m, MMU_CPU(cpu), pcid_of(m, cpu), va_page(va), va_page(va) + PAGE_SIZE);
	psc_drop(m, MMU_CPU(cpu), pcid_of(m, cpu), va_page(va), va_page(va) + PAGE_SIZE);
	event_add(m, (struct event){ .kind = EV_FAULT, .va = va });
}

void cpu_walk_start(struct machine *m, unsigned cpu, uint64_t va, bool write)
{
	const struct cpu *c = read_cpu_part(m, cpu, CPU_CR3);

	walk_start(m, WALKER_CPU(cpu), MMU_CPU(cpu), c->cr3, c->pcid, c->ctx_mm, va, write);
}

/* An invalidation orders later fills behind it: walks that began before start over. */
static void walks_restart(struct machine *m, unsigned cpu)
{
	walk_cancel(m, WALKER_CPU(cpu));
	walk_cancel(m, WALKER_SPEC(cpu));
}

void cpu_flush_all(struct machine *m, unsigned cpu)
{
	cpu_drain(m, cpu);
	drop_current(m, cpu);
	walks_restart(m, cpu);
	event_add(m, (struct event){ .kind = EV_FLUSH_CPU, .a = read_cpu_part(m, cpu, CPU_LOADED)->loaded_mm });
}

void cpu_forget_slot(struct machine *m, unsigned cpu)
{
	struct cpu *c = write_cpu(m, cpu);

	c->other_mm = NONE;
	c->other_gen = 0;
}

void cpu_load_cr3(struct machine *m, unsigned cpu, unsigned pgd, unsigned mm)
{
	drop_current(m, cpu);
	cpu_load_cr3_noflush(m, cpu, pgd, mm);
}

void cpu_load_cr3_noflush(struct machine *m, unsigned cpu, unsigned pgd, unsigned mm)
{
	cpu_drain(m, cpu);
	write_cpu_part(m, cpu, CPU_CR3)->cr3 = (uint16_t)pgd;
	event_add(m, (struct event){ .kind = EV_CR3, .a = (uint8_t)mm });
	walks_restart(m, cpu);
	saturate_arrive(m, cpu);
}

void cpu_invlpg(struct machine *m, unsigned cpu, uint64_t va)
{
	cpu_drain(m, cpu);
	tlb_drop(m, MMU_CPU(cpu), pcid_of(m, cpu), va_page(va), va_page(va) + PAGE_SIZE);
	psc_drop(m, MMU_CPU(cpu), pcid_of(m, cpu), 0, FLUSH_ALL);	/* every address: the manual says so */
	walks_restart(m, cpu);
	event_add(m, (struct event){ .kind = EV_INVLPG, .va = va_page(va) });
}

/* Would a walk bring in what the entry is not: a leaf of the other size? */
static bool other_size(const struct machine *m, unsigned cpu, const struct leaf *e)
{
	unsigned level;

	return walk_now(m, peek_cpu(m, cpu)->cr3, e->va, &level) && (level == LEVEL_PMD) != ((e->flags & LEAF_HUGE) != 0);
}

bool cpu_can_fill(const struct machine *m, unsigned cpu, uint64_t va)
{
	const struct tlb *t = peek_tlb(m, MMU_CPU(cpu));

	if (saturated(m))
		return saturate_can_access(m, cpu, va);
	if (peek_cpu_part(m, cpu, CPU_CR3)->cr3 == NO_FRAME || peek_walker(m, WALKER_SPEC(cpu))->active)
		return false;
	for (unsigned i = 0; i < t->count; i++)
		if (va_page(va) == t->leaf[i].va && t->leaf[i].pcid == peek_cpu_part(m, cpu, CPU_CR3)->pcid && !other_size(m, cpu, &t->leaf[i]))
			return false;
	return true;
}

void cpu_fill_start(struct machine *m, unsigned cpu, uint64_t va)
{
	const struct cpu *c = read_cpu_part(m, cpu, CPU_CR3);

	walk_start(m, WALKER_SPEC(cpu), MMU_CPU(cpu), c->cr3, c->pcid, c->ctx_mm, va, false);
	cpu_fill_step(m, cpu);
}

void cpu_fill_step(struct machine *m, unsigned cpu)
{
	walk_step(m, WALKER_SPEC(cpu), MMU_CPU(cpu));
}

void cpu_fill_whole(struct machine *m, unsigned cpu, uint64_t va)
{
	cpu_fill_start(m, cpu, va);
	while (read_walker(m, WALKER_SPEC(cpu))->active)
		cpu_fill_step(m, cpu);
	psc_drop(m, MMU_CPU(cpu), pcid_of(m, cpu), 0, FLUSH_ALL);
}

/* The entries that a walk of va left are gone again. */
static void walk_forget(struct machine *m, unsigned cpu, uint64_t va)
{
	if (tlb_drop(m, MMU_CPU(cpu), pcid_of(m, cpu), va_page(va), va_page(va) + PAGE_SIZE))
		event_add(m, (struct event){ .kind = EV_EVICT, .va = va });
	psc_drop(m, MMU_CPU(cpu), pcid_of(m, cpu), 0, FLUSH_ALL);
}

enum access_result cpu_access_whole(struct machine *m, unsigned cpu, uint64_t va, bool write, uint32_t *value)
{
	enum access_result access = cpu_access(m, cpu, va, write, value);
	bool walked = access == ACCESS_MISS;
	enum walk_result walk;

	if (walked) {
		cpu_walk_start(m, cpu, va, write);
		do
			walk = walk_step(m, WALKER_CPU(cpu), MMU_CPU(cpu));
		while (walk == WALK_MORE);
		access = walk == WALK_FILLED ? cpu_access(m, cpu, va, write, value) : ACCESS_FAULT;
	}
	if (access == ACCESS_DIRTY)
		access = cpu_set_dirty(m, cpu, va) ? cpu_access(m, cpu, va, write, value) : ACCESS_FAULT;
	if (access == ACCESS_FAULT)
		cpu_fault(m, cpu, va);
	if (walked)
		walk_forget(m, cpu, va);
	return access;
}

void cpu_irq_enter(struct machine *m, unsigned cpu)
{
	struct cpu *c = write_cpu_part(m, cpu, CPU_RUN | CPU_IRQS);

	CHECK(!c->irq_off && !c->in_irq);
	cpu_drain(m, cpu);
	c->irq_off = 1;
	c->in_irq = 1;
	walk_cancel(m, WALKER_CPU(cpu));
}

void cpu_irq_exit(struct machine *m, unsigned cpu)
{
	struct cpu *c = write_cpu_part(m, cpu, CPU_RUN | CPU_IRQS);

	CHECK(c->in_irq);
	c->irq_off = 0;
	c->in_irq = 0;
}

void cpu_nmi_enter(struct machine *m, unsigned cpu)
{
	struct cpu *c = write_cpu_part(m, cpu, CPU_RUN);

	CHECK(!c->in_nmi);
	cpu_drain(m, cpu);
	c->in_nmi = 1;
	walk_cancel(m, WALKER_CPU(cpu));
}

void cpu_nmi_exit(struct machine *m, unsigned cpu)
{
	struct cpu *c = write_cpu_part(m, cpu, CPU_RUN);

	CHECK(c->in_nmi);
	c->in_nmi = 0;
}
