/*
 * table.c - how a page-table page is freed that was unhooked: mm/mmu_gather.c, from tlb_remove_table on.
 *
 * Models: the batch that RCU frees after the flush; without memory for a batch the flush at once, then an interrupt that
 * does nothing but come to every CPU (who walks tables without a lock has interrupts off), then the page; up to 6.14, on
 * bare metal, tables as pages among others, freed after the flush and its interrupts; 4.14 to 4.18, which freed without
 * a flush where there was no batch, or where the mm had one user.
 * Omits: CONFIG_PT_RECLAIM, with which a table without a batch waits for RCU as well; paravirt guests.
 */
#include "kernel.h"
#include "rcu.h"

/* On bare metal up to 6.14 a table was freed as any page is. */
static bool frees_as_page(const struct machine *m)
{
	return profile_is(m, SW_TABLE_FREE, TABLE_FREE_IPI_ONLY);
}

/* tlb_needs_table_invalidate: do hardware walkers have to forget the tables first? */
static bool needs_invalidate(const struct machine *m)
{
	return profile_is(m, SW_TABLE_FREE, TABLE_FREE_RCU);
}

/* When it has returned, no CPU is inside a walk without a lock that had begun before. */
ROUTINE(tlb_remove_table_sync_one, "mm/mmu_gather.c")
{
	struct call *call;
	unsigned others = 0;
	uint8_t locked;

	BEGIN(struct tlb_remove_table_sync_one_l)
	if (frees_as_page(r->m))
		RETURN(RES_OK);
	STEP("an interrupt for every other CPU, whatever it has loaded: its handler has nothing to do");
	preempt_disable(r);
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (c != r->cpu && read_cpu_part(r->m, c, CPU_SETUP)->online)
			others |= 1u << c;
	call = write_call(r->m, r->cpu);
	locked = call->locked;
	*call = (struct call){ .mm = NONE, .freed_tables = 1, .locked = locked, .func = CALL_TABLE_SYNC };
	CALL(smp_call_function_many_cond, .mask = (uint8_t)others, .freed_tables = 1);
	preempt_enable(r);
	END(RES_OK)
}

/* A table that was unhooked; the gather has recorded the range. */
ROUTINE(tlb_remove_table, "mm/mmu_gather.c")
{
	struct gather *g;

	BEGIN(struct tlb_remove_table_l)
	if (profile_is(r->m, SW_TABLE_FREE, TABLE_FREE_NO_INVALIDATE) && read_mm_part(r->m, l->mm, MM_STATE)->users < 2) {
		STEP("the mm has one user, so nobody else walks its tables: free the page-table page at once");
		frame_put(r->m, l->table);
		RETURN(RES_OK);
	}
	if (profile_is(r->m, SW_TABLE_MEMORY, TABLE_MEMORY_NONE) && !frees_as_page(r->m)) {
		if (needs_invalidate(r->m))
			CALL(tlb_flush_mmu_tlbonly, .start = 0);
		CALL(tlb_remove_table_sync_one, .unused = 0);
		STEP("no memory for a batch: free the page-table page now");
		frame_put(r->m, l->table);
		RETURN(RES_OK);
	}
	g = write_gather(r->m, run_task(r));
	CHECK(g->tables < GATHER_TABLES);
	g->table[g->tables++] = l->table;
	event_add(r->m, (struct event){ .kind = EV_GATHER, .c = l->table });
	if (g->tables == GATHER_TABLES) {
		if (frees_as_page(r->m))
			CALL(tlb_flush_mmu_tlbonly, .start = 0);
		CALL(tlb_table_flush, .unused = 0);
	}
	END(RES_OK)
}

static void gathered_tables(struct run *r, void (*each)(struct machine *m, unsigned table))
{
	struct gather *g = write_gather(r->m, run_task(r));

	for (unsigned i = 0; i < g->tables; i++) {
		each(r->m, g->table[i]);
		g->table[i] = 0;
	}
	g->tables = 0;
}

static void table_put(struct machine *m, unsigned table)
{
	frame_put(m, table);
}

ROUTINE(tlb_table_flush, "mm/mmu_gather.c")
{
	BEGIN(struct tlb_table_flush_l)
	if (!read_gather(r->m, run_task(r))->tables)
		RETURN(RES_OK);
	if (needs_invalidate(r->m))
		CALL(tlb_flush_mmu_tlbonly, .start = 0);
	if (frees_as_page(r->m)) {
		STEP("free the gathered page-table pages");
		gathered_tables(r, table_put);
	} else {
		STEP("call_rcu: the gathered page-table pages go when all who walk without a lock are out");
		gathered_tables(r, call_rcu_table);
	}
	END(RES_OK)
}
