/*
 * arm64.c - what arm64 does in the place of interrupts: arch/arm64/include/asm/tlbflush.h, arch/arm64/mm/context.c.
 *
 * Models: TLBI by address and ASID to every CPU, the hook for secondary TLBs between TLBI and DSB, DSB, which completes
 * what its own CPU has issued and nothing else; only the last level where no tables are freed; TLBI and DSB twice
 * for errata; a switch that loads tables and ASID and flushes nothing.  Break-before-make is where the callers have it.
 * Fused: DSB ISHST before TLBI (memory is sequentially consistent here), the reserved tables while TTBR0 changes.
 * Omits: ASIDs used up and their generations: each mm has one of its own; the contiguous bit; ranges cut into TLBIs.
 */
#include "broadcast.h"
#include "kernel.h"

/* A flush as everybody asks for it: flush_tlb_range, flush_tlb_page and flush_tlb_mm. */
ROUTINE(flush_tlb_range, "arch/arm64/include/asm/tlbflush.h")
{
	BEGIN(struct flush_tlb_range_l)
	CALL(flush_tlb_range_nosync, .start = l->start, .end = l->end, .mm = l->mm, .freed_tables = l->freed_tables);
	if (profile_is(r->m, SW_TLBI_SYNC, TLBI_DSB)) {
		AWAIT(WAIT_INVAL_DONE, 0, 0, "DSB ISH: wait until every CPU has done what this CPU has issued");
		event_add(r->m, (struct event){ .kind = EV_INVAL_DONE });
	}
	if (profile_is(r->m, SW_TLBI_ACK, ACK_EARLY) && profile_is(r->m, SW_TLBI_REPEAT, REPEAT_IF_NEEDED)) {
		AWAIT(WAIT_INVAL_ROOM, 0, 0, "the workaround: TLBI once more");
		inval_issue(r->m, asid_inval(r->cpu, l->mm, l->start, l->end, l->freed_tables));
		AWAIT(WAIT_INVAL_DONE, 0, 0, "and DSB ISH once more");
		event_add(r->m, (struct event){ .kind = EV_INVAL_DONE });
	}
	END(RES_OK)
}

struct inval asid_inval(unsigned cpu, unsigned mm, uint64_t start, uint64_t end, bool freed_tables)
{
	return (struct inval){
		.start = start, .end = end, .from = (uint8_t)cpu, .pcid = (uint8_t)ARM64_ASID(mm), .mm = (uint8_t)mm,
		.final_only = !freed_tables,
	};
}

ROUTINE(flush_tlb_range_nosync, "arch/arm64/include/asm/tlbflush.h")
{
	BEGIN(struct flush_tlb_range_nosync_l)
	AWAIT(WAIT_INVAL_ROOM, 0, 0, "DSB ISHST, TLBI: every CPU is to drop the range under the mm's ASID; nobody waits yet");
	rule_useless_flush(r->m, l->mm, l->start, l->end);
	event_add(r->m, (struct event){ .kind = EV_FLUSH, .a = l->mm, .va = l->start, .x = l->end });
	inval_issue(r->m, asid_inval(r->cpu, l->mm, l->start, l->end, l->freed_tables));
	if (profile_is(r->m, SW_NOTIFIER_HOOK, HOOK_ARCH))
		CALL(invalidate_secondary_tlbs, .start = l->start, .end = l->end, .cpu_start = l->start,
			.cpu_end = l->end, .mm = l->mm);
	END(RES_OK)
}

ROUTINE(check_and_switch_context, "arch/arm64/mm/context.c")
{
	struct cpu *c;

	BEGIN(struct check_and_switch_context_l)
	irq_disable(r);
	STEP("TTBR0 = the next mm's tables and its ASID; nothing is flushed");
	saturate_leave(r->m, r->cpu);
	c = write_cpu_part(r->m, r->cpu, CPU_CR3 | CPU_LOADED | CPU_RUN);
	c->pcid = (uint8_t)ARM64_ASID(l->mm);
	c->ctx_mm = c->loaded_mm = l->mm;
	c->leaving = NONE;
	cpu_load_cr3_noflush(r->m, r->cpu, read_mm_part(r->m, l->mm, MM_REST)->pgd, l->mm);
	irq_enable(r);
	END(RES_OK)
}
