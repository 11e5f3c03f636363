/*
 * sva.c - a shared-table subscriber: a device walks the process's own page tables.
 *
 * Models: the callback that posts an IOTLB invalidation and a wait descriptor and spins for the
 * status word; bind with the notifier live before the PASID entry is present; release that quiesces the entry and
 * empties the caches, because nobody calls later.  Omits: device TLBs, page requests, PASID
 * allocation (the PASID is the subscriber's number).
 */
#include "iommu.h"
#include "kernel.h"

/* Posts one invalidation and the wait behind it: one doorbell, the IOMMU sees both at once. */
static void qi_submit(struct run *r, unsigned pasid, uint64_t start, uint64_t end)
{
	bool all = start == 0 && end == FLUSH_ALL;

	iommu_post(r->m, (struct qi_entry){
		.kind = all ? QI_IOTLB_ALL : QI_IOTLB, .pasid = (uint8_t)pasid, .ctx = (uint8_t)r->ctx, .start = start,
		.end = end,
	});
	if (profile_is(r->m, SW_QI_WAITS, SW_YES))
		iommu_post(r->m, (struct qi_entry){ .kind = QI_WAIT, .ctx = (uint8_t)r->ctx });
	lock_drop(r, LOCK_QI);
}

ROUTINE(sva_invalidate, "drivers/iommu (SVA)")
{
	BEGIN(struct sva_invalidate_l)
	LOCK(LOCK_QI, LOCK_EXCLUSIVE, "the driver's callback: take the queue lock");
	AWAIT(WAIT_QI_ROOM, 0, 2, "write an IOTLB invalidation and a wait descriptor, ring the doorbell, drop the lock");
	qi_submit(r, l->sub, l->start, l->end);
	if (profile_is(r->m, SW_QI_WAITS, SW_YES))
		AWAIT(WAIT_QI, r->ctx, 0, "spin until the IOMMU has written the status word");
	rule_completion(r->m, r->ctx);
	END(RES_OK)
}

ROUTINE(sva_bind, "drivers/iommu/iommu-sva.c")
{
	BEGIN(struct sva_bind_l)
	LOCK(LOCK_SVA, LOCK_EXCLUSIVE, "take iommu_sva_lock");
	CALL(mmu_notifier_register, .mm = l->mm, .sub = l->sub);
	STEP("the notifier is live: now the PASID entry may point at the process's tables; drop iommu_sva_lock");
	if (r->a->result == RES_OK) {
		iommu_pasid_set(r->m, l->sub, PASID_PRESENT, l->mm);
		write_dev(r->m, read_sub(r->m, l->sub)->dev)->pasid = l->sub;
	}
	lock_drop(r, LOCK_SVA);
	END(r->a->result)
}

ROUTINE(sva_unbind, "drivers/iommu/iommu-sva.c")
{
	BEGIN(struct sva_unbind_l)
	LOCK(LOCK_SVA, LOCK_EXCLUSIVE, "take iommu_sva_lock");
	STEP("the PASID entry is torn down");
	if (read_sub(r->m, l->sub)->mm != l->mm || !(read_mm_part(r->m, l->mm, MM_REST)->subs & (1u << l->sub))) {
		lock_drop(r, LOCK_SVA);
		RETURN(RES_EINVAL);
	}
	iommu_pasid_set(r->m, l->sub, PASID_ABSENT, l->mm);
	CALL(sva_invalidate, .start = 0, .end = FLUSH_ALL, .sub = l->sub);
	write_dev(r->m, read_sub(r->m, l->sub)->dev)->pasid = NONE;
	CALL(mmu_notifier_put, .mm = l->mm, .sub = l->sub);
	UNLOCK(LOCK_SVA, "drop iommu_sva_lock");
	END(RES_OK)
}

ROUTINE(sva_release, "drivers/iommu (SVA)")
{
	BEGIN(struct sva_release_l)
	STEP("release: the PASID entry stays valid but translates nothing");
	iommu_pasid_set(r->m, l->sub, PASID_QUIESCED, read_sub(r->m, l->sub)->mm);
	CALL(sva_invalidate, .start = 0, .end = FLUSH_ALL, .sub = l->sub);
	write_sub(r->m, l->sub)->released = 1;
	event_add(r->m, (struct event){ .kind = EV_RELEASE, .a = l->sub });
	END(RES_OK)
}
