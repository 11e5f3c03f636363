/*
 * shadow.c - a shadow subscriber: a minimal KVM-like secondary MMU with tables of its own.
 *
 * Models: mmu_lock, mmu_invalidate_in_progress, the range, mmu_invalidate_seq, and the fault path that
 * samples the sequence before it asks for the page and checks it again under the lock.
 * Omits: memslots (guest addresses are host addresses), a guest TLB (an entry that is zapped is gone),
 * dirty logging.
 */
#include "kernel.h"

ROUTINE(shadow_range_start, "virt/kvm/kvm_main.c")
{
	struct sub *s;

	BEGIN(struct shadow_range_start_l)
	LOCK(LOCK_SUB(l->sub), LOCK_EXCLUSIVE, "subscriber: take mmu_lock for writing");
	STEP("subscriber: mmu_invalidate_in_progress goes up, the range is noted");
	s = write_sub(r->m, l->sub);
	if (s->in_progress++ == 0) {
		s->start = l->start;
		s->end = l->end;
	} else {
		s->start = l->start < s->start ? l->start : s->start;
		s->end = l->end > s->end ? l->end : s->end;
	}
	STEP("subscriber: zap its own entries of the range");
	if (tlb_drop(r->m, MMU_SUB(l->sub), ANY_PCID, l->start, l->end))
		event_add(r->m, (struct event){ .kind = EV_SPTE_ZAP, .a = l->sub, .va = l->start });
	UNLOCK(LOCK_SUB(l->sub), "subscriber: drop mmu_lock");
	END(RES_OK)
}

ROUTINE(shadow_range_end, "virt/kvm/kvm_main.c")
{
	struct sub *s;

	BEGIN(struct shadow_range_end_l)
	LOCK(LOCK_SUB(l->sub), LOCK_EXCLUSIVE, "subscriber: take mmu_lock for writing");
	if (profile_is(r->m, SW_KVM_SEQ, SW_YES)) {
		STEP("subscriber: mmu_invalidate_seq goes up, before the count goes down");
		write_sub(r->m, l->sub)->seq++;
	}
	STEP("subscriber: mmu_invalidate_in_progress goes down");
	s = write_sub(r->m, l->sub);
	CHECK(s->in_progress > 0);
	if (--s->in_progress == 0)
		s->start = s->end = 0;
	UNLOCK(LOCK_SUB(l->sub), "subscriber: drop mmu_lock");
	END(RES_OK)
}

ROUTINE(shadow_release, "virt/kvm/kvm_main.c")
{
	BEGIN(struct shadow_release_l)
	LOCK(LOCK_SUB(l->sub), LOCK_EXCLUSIVE, "subscriber: take mmu_lock for writing");
	STEP("subscriber: zap everything");
	tlb_drop(r->m, MMU_SUB(l->sub), ANY_PCID, 0, FLUSH_ALL);
	write_sub(r->m, l->sub)->released = 1;
	event_add(r->m, (struct event){ .kind = EV_RELEASE, .a = l->sub });
	UNLOCK(LOCK_SUB(l->sub), "subscriber: drop mmu_lock");
	rule_notifier_complete(r->m, l->sub, 0, FLUSH_ALL);
	END(RES_OK)
}

/* The guest's access through its entry; false when there is none that grants it. */
static bool guest_access(struct run *r, struct shadow_fault_l *l)
{
	const struct leaf *e = tlb_lookup(r->m, MMU_SUB(l->sub), 0, l->va);

	if (!e || (l->write && !(e->flags & LEAF_WRITE)))
		return false;
	rule_access(r->m, e, l->va, l->write);
	if (l->write)
		write_frame(r->m, e->pfn)->value = l->value;
	else
		write_task(r->m, run_task(r))->value = read_frame(r->m, e->pfn)->value;
	event_add(r->m, (struct event){
		.kind = l->write ? EV_WRITE : EV_READ, .va = l->va, .c = e->pfn, .x = read_frame(r->m, e->pfn)->value,
	});
	return true;
}

/* A guest access and the fault it takes when the subscriber has no entry: direct_page_fault. */
ROUTINE(shadow_fault, "arch/x86/kvm/mmu")
{
	const struct sub *s;
	unsigned level;
	uint64_t pte;

	BEGIN(struct shadow_fault_l)
again:
	STEP("the guest's access: is there an entry in the subscriber's own tables?");
	if (read_sub(r->m, l->sub)->mm != run_mm(r) || read_sub(r->m, l->sub)->released)
		RETURN(RES_EINVAL);
	if (guest_access(r, l))
		RETURN(RES_OK);
	STEP("subscriber fault: sample mmu_invalidate_seq");
	l->seq = read_sub(r->m, l->sub)->seq;
	STEP("get_user_pages: read the process's entry, take a reference on the page");
	pte = table_walk(r->m, read_mm_part(r->m, run_mm(r), MM_REST)->pgd, l->va, &level);
	if (!pte_present(pte) || (l->write && !(pte & PTE_WRITE))) {
		CALL(do_user_addr_fault, .va = l->va, .write = l->write);
		if (r->a->result != RES_OK)
			RETURN(r->a->result);
		goto again;
	}
	l->page = (uint16_t)pte_pfn(pte);
	l->generation = read_frame(r->m, l->page)->generation;
	l->writable = (pte & PTE_WRITE) != 0;
	frame_get(r->m, l->page);
	LOCK(LOCK_SUB(l->sub), LOCK_SHARED, "subscriber: take mmu_lock for reading");
	STEP("is the fault stale? range in progress, or the sequence has moved");
	s = read_sub(r->m, l->sub);
	if (s->mm != run_mm(r) || (s->in_progress && va_page(l->va) < s->end && va_page(l->va) + PAGE_SIZE > s->start) ||
	    s->seq != l->seq || s->released) {
		lock_drop(r, LOCK_SUB(l->sub));
		frame_put(r->m, l->page);
		goto again;
	}
	STEP("install the entry");
	rule_secondary_fault(r->m, l->sub, va_page(l->va), l->page, l->generation);
	tlb_insert(r->m, MMU_SUB(l->sub), (struct leaf){
		.va = va_page(l->va), .pfn = l->page, .generation = l->generation, .mm = (uint8_t)run_mm(r),
		.flags = l->writable ? LEAF_USER | LEAF_WRITE | LEAF_DIRTY : LEAF_USER,
	});
	event_add(r->m, (struct event){ .kind = EV_SPTE, .a = l->sub, .va = l->va, .c = l->page });
	UNLOCK(LOCK_SUB(l->sub), "subscriber: drop mmu_lock");
	STEP("put the reference on the page: the notifier protects the entry from here on");
	frame_put(r->m, l->page);
	goto again;
	END(RES_OK)
}
