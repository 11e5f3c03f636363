/*
 * raw.c - single instructions on addresses, page-table entries and caches, as litmus tests write them.
 *
 * Models: the machine that a litmus test is about, made of this machine's own parts: TLBs, walks, tables,
 * frames.  One instruction is one step; between two, others act and speculation fills or evicts.
 * An access that faults ends its thread.  Omits: everything a kernel would do.  The switch raw.shoot puts
 * Linux's own flush, with its steps and interrupts, in the place of the one-step shootdown.
 */
#include "kernel.h"

bool entry_raw(struct machine *m, unsigned mm, uint64_t va, unsigned pfn, unsigned prot)
{
	unsigned table = table_make(m, mm, va, LEVEL_PTE);
	uint64_t old, flags = PTE_USER | PTE_ACCESSED | PTE_NX;

	if (table == NO_FRAME || !table_has_room(m, table, va_index(va, LEVEL_PTE)))
		return false;
	if (prot)
		flags |= PTE_PRESENT;
	if (prot & VMA_WRITE)
		flags |= PTE_WRITE | PTE_DIRTY;
	old = table_read(m, table, va_index(va, LEVEL_PTE));
	/* An entry names its frame whether it is present or not. */
	if (old)
		page_unmapped(m, pte_pfn(old));
	if (pte_present(old))
		rule_changed(m, mm, va, va + PAGE_SIZE);
	page_mapped(m, pfn);
	entry_set(m, mm, table, va, pte_make(pfn, flags));
	return true;
}

/* Memory holds numbers: of an entry its rights, for which of the frames it names is a matter of names. */
static uint32_t number_of(uint64_t reg)
{
	return (uint32_t)(reg & REG_ENTRY ? reg & ~PTE_PFN_MASK : reg);
}

ROUTINE(raw_access, "the CPU")
{
	enum access_result access;
	uint32_t value;

	BEGIN(struct raw_access_l)
	ACCESS("through the TLB entry if there is one, else through the page table");
	value = l->write && l->reg != NONE ? number_of(read_regs(r->m, run_task(r))->r[l->reg]) : l->value;
	access = cpu_access_whole(r->m, r->cpu, l->va, l->write, &value);
	if (access != ACCESS_DONE) {
		event_add(r->m, (struct event){
			.kind = EV_SIGNAL, .a = (uint8_t)run_task(r), .b = RES_SIGSEGV, .va = l->va,
		});
		RETURN(RES_SIGSEGV);
	}
	if (!l->write) {
		write_regs(r->m, run_task(r))->r[l->reg] = value;
		write_task(r->m, run_task(r))->value = value;
	}
	END(RES_OK)
}

ROUTINE(raw_entry, "the CPU")
{
	unsigned table;
	uint64_t pte;

	BEGIN(struct raw_entry_l)
	STEP("read or write the page-table entry");
	if (l->write) {
		RETURN(entry_raw(r->m, run_mm(r), l->va, l->frame, l->prot) ? RES_OK : RES_ENOMEM);
	}
	table = pte_table(r->m, run_mm(r), l->va);
	pte = table == NO_FRAME ? 0 : table_read(r->m, table, va_index(l->va, LEVEL_PTE));
	write_regs(r->m, run_task(r))->r[l->reg] = REG_ENTRY | (pte & (PTE_PFN_MASK | PTE_PRESENT | PTE_WRITE));
	END(RES_OK)
}

ROUTINE(raw_invalidate, "the CPU")
{
	BEGIN(struct raw_invalidate_l)
	if (l->everywhere && profile_is(r->m, SW_RAW_SHOOT, SHOOT_IPI)) {
		CALL(flush_tlb_mm_range, .start = l->va, .end = l->va ? l->va + PAGE_SIZE : FLUSH_ALL, .mm = (uint8_t)run_mm(r));
		RETURN(RES_OK);
	}
	STEP("drop the entry of the address, or all: here, or on every CPU");
	for (unsigned c = 0; c < MAX_CPUS; c++) {
		if (c != r->cpu && (!l->everywhere || !read_cpu_part(r->m, c, CPU_SETUP)->online))
			continue;
		if (l->va)
			cpu_invlpg(r->m, c, l->va);
		else
			cpu_flush_all(r->m, c);
	}
	END(RES_OK)
}
