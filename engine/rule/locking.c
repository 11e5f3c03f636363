/*
 * locking.c - lock-order and atomic-sleep.
 *
 * The order, outermost first: iommu_sva_lock, mmap_lock, i_mmap, anon_vma, a subscriber's mmu_lock, page_table_lock, ptl, a
 * second ptl (nested: mremap and fork), the IOMMU's queue lock, global_asid_lock.
 */
#include "rules.h"

enum {
	RANK_SVA, RANK_MMAP, RANK_I_MMAP, RANK_ANON_VMA, RANK_SUB, RANK_PAGE_TABLE, RANK_PTL, RANK_PTL_NESTED, RANK_QI, RANK_ASID, RANKS
};

_Static_assert(RANKS <= 16, "ctx.ranks holds a bit per rank");

static unsigned lock_rank(unsigned lock)
{
	if (lock < LOCK_MMAP(0))
		return RANK_SVA;
	if (lock < LOCK_I_MMAP(0))
		return RANK_MMAP;
	if (lock < LOCK_ANON_VMA(0))
		return RANK_I_MMAP;
	if (lock < LOCK_PAGE_TABLE(0))
		return RANK_ANON_VMA;
	if (lock < LOCK_PTL(0))
		return RANK_PAGE_TABLE;
	if (lock < LOCK_SUB(0))
		return RANK_PTL;
	if (lock < LOCK_QI)
		return RANK_SUB;
	return lock < LOCK_ASID ? RANK_QI : RANK_ASID;
}

unsigned lock_rank_held(unsigned ranks, unsigned lock)
{
	unsigned rank = lock_rank(lock);

	/* The second ptl of a pair is taken nested. */
	return rank == RANK_PTL && (ranks & (1u << RANK_PTL)) ? RANK_PTL_NESTED : rank;
}

unsigned lock_ranks_without(unsigned ranks, unsigned lock)
{
	unsigned rank = lock_rank(lock);

	if (rank == RANK_PTL && (ranks & (1u << RANK_PTL_NESTED)))
		rank = RANK_PTL_NESTED;
	return ranks & ~(1u << rank);
}

void rule_lock_order(struct machine *m, unsigned ctx, unsigned lock)
{
	unsigned held = read_ctx_part(m, ctx, CTX_REST)->ranks;

	if (held >> (lock_rank_held(held, lock) + 1))
		rule_broken(m, (struct finding){
			.rule = RULE_LOCK_ORDER, .mm = NONE, .pfn = NO_FRAME, .object = (uint16_t)lock, .detail = held,
		});
}

void rule_atomic_sleep(struct machine *m, unsigned ctx, unsigned lock)
{
	const struct ctx *c = read_ctx_part(m, ctx, CTX_REST | CTX_ATOMIC);

	/* An interrupt that comes first leaves IF as it was: it has no part in this. */
	if (c->atomic || peek_cpu_part(m, c->cpu, CPU_TURN)->irq_off)
		rule_broken(m, (struct finding){
			.rule = RULE_ATOMIC_SLEEP, .mm = NONE, .pfn = NO_FRAME, .object = (uint16_t)lock,
		});
}
