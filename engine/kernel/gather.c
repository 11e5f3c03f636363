/*
 * gather.c - struct mmu_gather: collect what was taken out, flush, then free.
 *
 * Models: mm/mmu_gather.c: the range, the bits, batches of pages and of table pages, the nested case
 * of tlb_finish_mmu in its three historical forms, the argument that secondary TLBs were given, pages that count as
 * mapped until the flush (delayed rmap; the count goes down in the flush's last step, the lock still held).
 * What becomes of table pages is table.c's.  Omits: page-size changes.
 */
#include "kernel.h"

/* struct mmu_gather's own empty range, and the sentinel that a forced full flush leaves there. */
#define EMPTY_START	0x7ffffffff000ull	/* TASK_SIZE */
#define SENTINEL	(~0ull)

#define CLEARED(level) (1u << ((level) - 1))

static void reset_range(struct gather *g)
{
	g->start = g->fullmm ? SENTINEL : EMPTY_START;
	g->end = g->fullmm ? SENTINEL : 0;
	g->freed_tables = 0;
	g->cleared = 0;
}

/* Does tlb_flush_pending take note of a gather: of change_protection's, or of any? */
static bool pending_notes(struct machine *m, bool protects)
{
	return profile_is(m, SW_FLUSH_PENDING, PENDING_COUNTER) || (protects && profile_is(m, SW_FLUSH_PENDING, PENDING_BOOL));
}

/* Up or down; as a flag it tells nothing of a second gather. */
static void pending_move(struct run *r, unsigned mm, bool protects, bool up)
{
	bool counts = profile_is(r->m, SW_FLUSH_PENDING, PENDING_COUNTER);
	struct mm *m;

	if (!pending_notes(r->m, protects))
		return;
	m = write_mm_part(r->m, mm, MM_PENDING);
	CHECK(up || !counts || m->flush_pending > 0);
	m->flush_pending = (uint8_t)(!counts ? up : up ? m->flush_pending + 1 : m->flush_pending - 1);
	event_add(r->m, (struct event){ .kind = EV_PENDING, .a = (uint8_t)mm, .b = m->flush_pending });
}

static void begin(struct run *r, unsigned mm, bool fullmm, bool protects)
{
	struct gather *g = write_gather(r->m, run_task(r));

	CHECK(!g->pages && !g->tables);
	*g = (struct gather){ .mm = (uint8_t)mm, .fullmm = fullmm, .protects = protects };
	reset_range(g);
	pending_move(r, mm, protects, true);
}

void gather_begin(struct run *r, unsigned mm, bool fullmm)
{
	begin(r, mm, fullmm, false);
}

void gather_begin_protect(struct run *r, unsigned mm)
{
	begin(r, mm, false, true);
}

void gather_range(struct run *r, uint64_t start, uint64_t end, unsigned level)
{
	struct gather *g = write_gather(r->m, run_task(r));

	if (start < g->start)
		g->start = start;
	if (end > g->end)
		g->end = end;
	g->cleared |= (uint8_t)CLEARED(level);
}

bool gather_page(struct run *r, unsigned pfn)
{
	struct gather *g = write_gather(r->m, run_task(r));

	CHECK(g->pages < GATHER_PAGES);
	g->page[g->pages++] = (uint16_t)pfn;
	event_add(r->m, (struct event){ .kind = EV_GATHER, .c = (uint16_t)pfn });
	return g->pages >= read_profile(r->m, 0)->batch;
}

void gather_delay_rmap(struct run *r)
{
	struct gather *g = write_gather(r->m, run_task(r));

	CHECK(g->pages);
	g->delayed |= 1u << (g->pages - 1);
}

void gather_flush_rmaps(struct run *r, unsigned vma)
{
	const struct gather *g = read_gather(r->m, run_task(r));

	if (!g->delayed)
		return;
	for (unsigned i = 0; i < g->pages; i++)
		if (g->delayed & (1u << i))
			page_leaves(r, vma, g->page[i]);
	write_gather(r->m, run_task(r))->delayed = 0;
}

void gather_table(struct run *r, uint64_t va, unsigned level)
{
	/* pte_free_tlb and its sisters record one page at the table's first address. */
	gather_range(r, va, va + PAGE_SIZE, level);
	write_gather(r->m, run_task(r))->freed_tables = 1;
}

/* tlb_get_unmap_shift: the smallest entry that was cleared tells how far apart INVLPGs may be. */
static unsigned unmap_shift(const struct gather *g)
{
	for (unsigned level = LEVEL_PTE; level <= LEVEL_PGD; level++)
		if (g->cleared & CLEARED(level))
			return PAGE_SHIFT + 9 * (level - 1);
	return PAGE_SHIFT;
}

/* May the flush of a whole address space be left to who gives its tag to another one? */
static bool flush_left_out(struct machine *m, const struct gather *g)
{
	if (!g->fullmm || read_mm(m, g->mm)->state != MM_EXITING)
		return false;
	return profile_is(m, SW_EXIT_FLUSH, SW_NO) || (arch_is(m, ARCH_ARM64) && !g->freed_tables);
}

/* Flushes what was recorded, frees nothing. */
ROUTINE(tlb_flush_mmu_tlbonly, "include/asm-generic/tlb.h")
{
	const struct gather *g;

	BEGIN(struct tlb_flush_mmu_tlbonly_l)
	g = read_gather(r->m, run_task(r));
	if (!g->freed_tables && !g->cleared)
		RETURN(RES_OK);
	if (flush_left_out(r->m, g)) {
		reset_range(write_gather(r->m, run_task(r)));
		RETURN(RES_OK);
	}
	l->start = g->fullmm ? 0 : g->start;
	l->end = g->fullmm ? FLUSH_ALL : g->end;
	if (mach_protocol(r->m)) {
		/* Every CPU has dropped it by now, or is parked until it has. */
		CALL(invalidate_secondary_tlbs, .start = l->start, .end = l->end, .cpu_start = l->start,
			.cpu_end = l->end, .mm = read_gather(r->m, run_task(r))->mm);
		reset_range(write_gather(r->m, run_task(r)));
		RETURN(RES_OK);
	}
	CALL(flush_tlb_mm_range, .start = l->start, .end = l->end, .mm = read_gather(r->m, run_task(r))->mm,
		.freed_tables = read_gather(r->m, run_task(r))->freed_tables, .frees = l->frees,
		.stride_shift = (uint8_t)unmap_shift(read_gather(r->m, run_task(r))));
	g = read_gather(r->m, run_task(r));
	if (profile_is(r->m, SW_NOTIFIER_HOOK, HOOK_RANGE_END)) {
		/* Up to 6.5: the gather's own fields are the argument, sentinel included. */
		bool sentinel = g->fullmm && profile_is(r->m, SW_GATHER_SECONDARY, SECONDARY_SENTINEL);

		CALL(invalidate_secondary_tlbs, .start = sentinel ? SENTINEL : l->start,
			.end = sentinel ? SENTINEL : l->end, .cpu_start = l->start, .cpu_end = l->end,
			.mm = read_gather(r->m, run_task(r))->mm);
	}
	reset_range(write_gather(r->m, run_task(r)));
	END(RES_OK)
}

/* Is what is flushed pages that go, few enough for a lazy state? */
static bool pages_alone(const struct gather *g)
{
	return g->pages && g->pages <= LATR_PAGES && !g->tables;
}

ROUTINE(tlb_flush_mmu, "mm/mmu_gather.c")
{
	struct gather *g;

	BEGIN(struct tlb_flush_mmu_l)
	CALL(tlb_flush_mmu_tlbonly, .frees = pages_alone(read_gather(r->m, run_task(r))));
	CALL(tlb_table_flush, .unused = 0);
	if (read_gather(r->m, run_task(r))->pages) {
		STEP("drop the references of the gathered pages");
		if (latr_takes_pages(r))
			RETURN(RES_OK);
		g = write_gather(r->m, run_task(r));
		frames_put(r->m, g->page, g->pages);
		g->pages = 0;
	}
	END(RES_OK)
}

ROUTINE(tlb_finish_mmu, "mm/mmu_gather.c")
{
	struct gather *g;

	BEGIN(struct tlb_finish_mmu_l)
	STEP("read tlb_flush_pending: is another thread between its change and its flush?");
	g = write_gather(r->m, run_task(r));
	if (read_mm_part(r->m, g->mm, MM_PENDING)->flush_pending > 1) {
		if (profile_is(r->m, SW_GATHER_NESTED, NESTED_FULL)) {
			g->fullmm = 1;
			reset_range(g);
			g->freed_tables = 1;
		} else if (profile_is(r->m, SW_GATHER_NESTED, NESTED_RANGE)) {
			/* 4.13 to 5.1: everything that was recorded is forgotten but the caller's range. */
			reset_range(g);
			g->start = l->start;
			g->end = l->end;
			g->cleared = CLEARED(LEVEL_PTE);
		}
	}
	CALL(tlb_flush_mmu, .unused = 0);
	STEP("tlb_flush_pending goes down: the flush is complete");
	g = write_gather(r->m, run_task(r));
	CHECK(!g->pages && !g->tables);
	pending_move(r, g->mm, g->protects, false);
	*g = (struct gather){ 0 };
	END(RES_OK)
}
