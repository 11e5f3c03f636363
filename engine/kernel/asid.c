/*
 * asid.c - global ASIDs and INVLPGB: arch/x86/mm/tlb.c from 6.15 on.
 *
 * Models: an mm that is active on enough CPUs gets an ASID that every CPU uses, asid_transition before the ASID can be
 * seen; flushes of such an mm by INVLPGB, stragglers made to move by an interrupt, CPUs that are switching waited for,
 * TLBSYNC; ASIDs given back at exit and had again after a flush of everything.
 * Fused: loaded_mm_asid is read off CR3.  Omits: the rare look whether an mm deserves one (here: after each flush by
 * interrupts), user PCIDs of PTI (with PTI there is no INVLPGB), kernel ranges, mm_count: the ASID goes at exit.
 */
#include "asid.h"
#include "broadcast.h"
#include "kernel.h"

unsigned mm_global_asid(struct machine *m, unsigned mm)
{
	return arch_is(m, ARCH_X86_INVLPGB) ? read_asid(m, mm)->global : 0;
}

bool mm_in_asid_transition(struct machine *m, unsigned mm)
{
	return arch_is(m, ARCH_X86_INVLPGB) && read_asid(m, mm)->transition;
}

bool cpu_on_global_asid(struct machine *m, unsigned cpu)
{
	return arch_is(m, ARCH_X86_INVLPGB) && read_parked(m, cpu)->pcid;
}

bool cpu_needs_global_asid(const struct machine *m, unsigned cpu)
{
	const struct cpu *c = peek_cpu_part(m, cpu, CPU_LOADED | CPU_CR3);

	return arch_is(m, ARCH_X86_INVLPGB) && c->loaded_mm < MAX_MMS && peek_asid(m, c->loaded_mm)->global &&
		c->pcid != ASID_PCID(peek_asid(m, c->loaded_mm)->global);
}

void cpu_load_global_asid(struct machine *m, unsigned cpu, unsigned mm, unsigned asid, uint32_t tlb_gen)
{
	struct cpu *c = write_cpu_part(m, cpu, CPU_REST | CPU_CR3);

	if (!read_parked(m, cpu)->pcid)
		*write_parked(m, cpu) = (struct parked){ .tlb_gen = c->tlb_gen, .mm = c->ctx_mm, .pcid = c->pcid };
	c->pcid = (uint8_t)ASID_PCID(asid);
	c->ctx_mm = (uint8_t)mm;
	c->tlb_gen = tlb_gen;
}

void cpu_unpark(struct machine *m, unsigned cpu)
{
	const struct parked p = *read_parked(m, cpu);
	struct cpu *c;

	if (!p.pcid)
		return;
	c = write_cpu_part(m, cpu, CPU_REST | CPU_CR3);
	c->pcid = p.pcid;
	c->ctx_mm = p.mm;
	c->tlb_gen = p.tlb_gen;
	*write_parked(m, cpu) = (struct parked){ 0 };
}

/* ---- flushing ---- */

static struct inval inval_of(struct run *r, struct csd f)
{
	return (struct inval){
		.start = f.start, .end = f.end, .from = (uint8_t)r->cpu,
		.pcid = (uint8_t)ASID_PCID(read_asid(r->m, f.mm)->global), .mm = f.mm,
		.final_only = !f.freed_tables || profile_is(r->m, SW_INVLPGB_LEVELS, LEVELS_FINAL),
	};
}

ROUTINE(broadcast_tlb_flush, "arch/x86/mm/tlb.c")
{
	BEGIN(struct broadcast_tlb_flush_l)
	AWAIT(WAIT_INVAL_ROOM, 0, 0, "INVLPGB: every CPU is to drop the range under the global ASID; nobody waits yet");
	inval_issue(r->m, inval_of(r, l->f));
	if (profile_is(r->m, SW_INVLPGB_SYNC, SYNC_PREEMPTIBLE)) {
		preempt_enable(r);
		STEP("preemption is on for once: another CPU may take the task before it waits");
		preempt_disable(r);
	}
	if (profile_is(r->m, SW_ASID_TRANSITION, TRANSITION_IPI))
		CALL(finish_asid_transition, .mm = l->f.mm);
	AWAIT(WAIT_INVAL_DONE, 0, 0, "TLBSYNC: wait until every CPU has done what this CPU has issued");
	event_add(r->m, (struct event){ .kind = EV_INVAL_DONE });
	END(RES_OK)
}

/* Runs under whatever tag: has it loaded the mm with another than the global ASID? */
static bool straggles(struct run *r, unsigned cpu, unsigned mm)
{
	return read_cpu_part(r->m, cpu, CPU_LOADED)->loaded_mm == mm && cpu_needs_global_asid(r->m, cpu);
}

ROUTINE(finish_asid_transition, "arch/x86/mm/tlb.c")
{
	BEGIN(struct finish_asid_transition_l)
	/* CPU 0 has not been asked, either. */
	l->at = NONE;
	STEP("asid_transition: may a CPU still run this mm on an ASID of its own?");
	if (!read_asid(r->m, l->mm)->transition)
		RETURN(RES_OK);
	l->mask = read_mm_part(r->m, l->mm, MM_MASK)->cpumask;
	for (l->at = 0; l->at < MAX_CPUS; l->at++) {
		if (!(l->mask & (1u << l->at)))
			continue;
		if (profile_is(r->m, SW_ASID_SWITCHING, SWITCHING_WAIT))
			AWAIT(WAIT_LOADED, l->at, 0, "once the CPU is not switching: does it run the mm, and on which ASID?");
		else
			STEP("does the CPU run the mm, and on which ASID? one that is switching seems not to");
		if (straggles(r, l->at, l->mm)) {
			CALL(smp_call_function_many_cond, .mask = l->mask, .freed_tables = 1);
			RETURN(RES_OK);
		}
	}
	STEP("all CPUs that run it have moved: asid_transition = false");
	write_asid(r->m, l->mm)->transition = 0;
	rule_asid_straggler(r->m, l->mm);
	END(RES_OK)
}

/* ---- giving out ---- */

/* mm_active_cpus_exceeds: racy, and right often enough. */
static bool widely_active(struct run *r, unsigned mm)
{
	unsigned active = 0;

	for (unsigned c = 0; c < MAX_CPUS; c++)
		active += (read_mm_part(r->m, mm, MM_MASK)->cpumask & (1u << c)) && read_cpu_part(r->m, c, CPU_LOADED)->loaded_mm == mm;
	return active >= read_profile(r->m, 0)->asid_cpus;
}

/* allocate_global_asid: the next that is not in use, 0 when there is none before the end of the space. */
static unsigned asid_next(struct machine *m)
{
	const struct asids *s = read_asids(m, 0);

	for (unsigned n = s->last; n < read_profile(m, 0)->asids; n++)
		if (!(s->used & (1u << n)))
			return DYN_ASIDS + n;
	return 0;
}

static bool asid_freed_any(struct machine *m)
{
	return read_asids(m, 0)->freed != 0;
}

/* What was freed may be given out again, from the beginning. */
static void asids_reset(struct machine *m)
{
	struct asids *s = write_asids(m, 0);

	s->used &= (uint8_t)~s->freed;
	s->freed = 0;
	s->last = 0;
}

static void asid_claim(struct machine *m, unsigned asid)
{
	struct asids *s = write_asids(m, 0);

	s->used |= (uint8_t)ASID_BIT(asid);
	s->last = (uint8_t)(asid - DYN_ASIDS);
	rule_asid_reused(m, ASID_PCID(asid));
}

ROUTINE(consider_global_asid, "arch/x86/mm/tlb.c")
{
	BEGIN(struct consider_global_asid_l)
	STEP("is the mm active on many CPUs? then a broadcast would be cheaper than interrupts");
	if (mm_global_asid(r->m, l->mm) || !widely_active(r, l->mm))
		RETURN(RES_OK);
	CALL(use_global_asid, .mm = l->mm);
	END(RES_OK)
}

ROUTINE(use_global_asid, "arch/x86/mm/tlb.c")
{
	BEGIN(struct use_global_asid_l)
	LOCK(LOCK_ASID, LOCK_EXCLUSIVE, "take global_asid_lock, interrupts off");
	irq_disable(r);
	if (mm_global_asid(r->m, l->mm))
		goto out;
	l->asid = (uint8_t)asid_next(r->m);
	if (!l->asid && asid_freed_any(r->m)) {
		if (profile_is(r->m, SW_ASID_REUSE, REUSE_ROLLOVER)) {
			AWAIT(WAIT_INVAL_ROOM, 0, 0, "the space is used up: INVLPGB of everything, under every tag");
			inval_issue(r->m, (struct inval){ .end = FLUSH_ALL, .from = (uint8_t)r->cpu, .pcid = EVERY_PCID, .mm = NONE });
			AWAIT(WAIT_INVAL_DONE, 0, 0, "TLBSYNC, then freed ASIDs may be given out again");
		}
		asids_reset(r->m);
		l->asid = (uint8_t)asid_next(r->m);
	}
	if (!l->asid)
		goto out;
	asid_claim(r->m, l->asid);
	if (profile_is(r->m, SW_ASID_PUBLISH, PUBLISH_FLAG_FIRST)) {
		STEP("asid_transition = true: some CPUs run the mm on ASIDs of their own");
		write_asid(r->m, l->mm)->transition = 1;
	}
	STEP("the global ASID can be seen from here on");
	write_asid(r->m, l->mm)->global = l->asid;
	event_add(r->m, (struct event){ .kind = EV_ASID, .a = l->mm, .b = l->asid });
	if (profile_is(r->m, SW_ASID_PUBLISH, PUBLISH_ASID_FIRST)) {
		STEP("only now asid_transition = true");
		write_asid(r->m, l->mm)->transition = 1;
	}
out:
	UNLOCK(LOCK_ASID, "drop global_asid_lock, interrupts on");
	irq_enable(r);
	END(RES_OK)
}

/* destroy_context: the mm is gone. */
ROUTINE(mm_free_global_asid, "arch/x86/mm/tlb.c")
{
	BEGIN(struct mm_free_global_asid_l)
	LOCK(LOCK_ASID, LOCK_EXCLUSIVE, "global_asid_lock: the ASID is freed; nobody gets it before the space is used up");
	write_asids(r->m, 0)->freed |= (uint8_t)ASID_BIT(read_asid(r->m, l->mm)->global);
	*write_asid(r->m, l->mm) = (struct asid){ 0 };
	UNLOCK(LOCK_ASID, "drop global_asid_lock");
	END(RES_OK)
}
