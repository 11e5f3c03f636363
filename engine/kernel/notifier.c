/*
 * notifier.c - mmu_notifier: subscribers hear of changes: mm/mmu_notifier.c.
 *
 * Models: the list under SRCU, start and end as a bracket, the flush hook for shared tables in both
 * of its places, release before teardown.  Omits: interval notifiers, non-blocking starts,
 * get (a subscriber has one user).
 */
#include "kernel.h"

static void srcu_enter(struct run *r)
{
	write_srcu(r->m, 0)->readers |= (uint16_t)(1u << r->ctx);
}

static void srcu_exit(struct run *r)
{
	write_srcu(r->m, 0)->readers &= (uint16_t)~(1u << r->ctx);
}

/* The first subscriber of a kind at or after `from` that is registered with mm, NONE at the end. */
static unsigned sub_next(struct machine *m, unsigned mm, unsigned from, enum sub_kind kind)
{
	for (unsigned s = from; s < MAX_SUBS; s++)
		if ((read_mm_part(m, mm, MM_REST)->subs & (1u << s)) && read_sub(m, s)->kind == kind)
			return s;
	return NONE;
}

ROUTINE(invalidate_range_start, "mm/mmu_notifier.c")
{
	BEGIN(struct invalidate_range_start_l)
	write_mm_part(r->m, l->mm, MM_RANGES)->active_ranges++;
	if (!read_mm_part(r->m, l->mm, MM_REST)->subs)
		RETURN(RES_OK);
	STEP("invalidate_range_start: enter SRCU, go through the list");
	srcu_enter(r);
	event_add(r->m, (struct event){ .kind = EV_RANGE_START, .va = l->start, .x = l->end });
	for (l->sub = 0; (l->sub = (uint8_t)sub_next(r->m, l->mm, l->sub, SUB_SHADOW)) != NONE; l->sub++) {
		CALL(shadow_range_start, .start = l->start, .end = l->end, .sub = l->sub);
		rule_notifier_complete(r->m, l->sub, l->start, l->end);
	}
	srcu_exit(r);
	END(RES_OK)
}

ROUTINE(invalidate_range_end, "mm/mmu_notifier.c")
{
	BEGIN(struct invalidate_range_end_l)
	if (read_mm_part(r->m, l->mm, MM_RANGES)->active_ranges == 0)
		rule_broken(r->m, (struct finding){ .rule = RULE_PAIRING, .mm = l->mm, .pfn = NO_FRAME, .va = l->start });
	else
		write_mm_part(r->m, l->mm, MM_RANGES)->active_ranges--;
	if (!read_mm_part(r->m, l->mm, MM_REST)->subs)
		RETURN(RES_OK);
	if (profile_is(r->m, SW_NOTIFIER_END, END_FLUSH))
		CALL(invalidate_secondary_tlbs, .start = l->start, .end = l->end, .cpu_start = l->start,
			.cpu_end = l->end, .mm = l->mm);
	STEP("invalidate_range_end: enter SRCU, go through the list");
	srcu_enter(r);
	event_add(r->m, (struct event){ .kind = EV_RANGE_END, .va = l->start, .x = l->end });
	for (l->sub = 0; (l->sub = (uint8_t)sub_next(r->m, l->mm, l->sub, SUB_SHADOW)) != NONE; l->sub++)
		CALL(shadow_range_end, .sub = l->sub);
	srcu_exit(r);
	END(RES_OK)
}

/* invalidate_range up to 6.5, arch_invalidate_secondary_tlbs since: subscribers that share the tables. */
ROUTINE(invalidate_secondary_tlbs, "mm/mmu_notifier.c")
{
	BEGIN(struct invalidate_secondary_tlbs_l)
	if (sub_next(r->m, l->mm, 0, SUB_SVA) == NONE)
		RETURN(RES_OK);
	srcu_enter(r);
	for (l->sub = 0; (l->sub = (uint8_t)sub_next(r->m, l->mm, l->sub, SUB_SVA)) != NONE; l->sub++) {
		event_add(r->m, (struct event){ .kind = EV_SECONDARY, .a = l->sub, .va = l->start, .x = l->end });
		rule_secondary_range(r->m, l->sub, l->cpu_start, l->cpu_end, l->start, l->end);
		rule_double_flush(r->m, l->sub, l->start, l->end);
		CALL(sva_invalidate, .start = l->start, .end = l->end, .sub = l->sub);
	}
	srcu_exit(r);
	END(RES_OK)
}

ROUTINE(mmu_notifier_register, "mm/mmu_notifier.c")
{
	BEGIN(struct mmu_notifier_register_l)
	LOCK(LOCK_MMAP(l->mm), LOCK_EXCLUSIVE, "mmap_write_lock");
	/* The last stands for all files beyond it. */
	for (l->file = 0; l->file < FILE_LOCKS; l->file++)
		if (read_file(r->m, l->file)->used)
			LOCK(LOCK_I_MMAP(l->file), LOCK_EXCLUSIVE, "mm_take_all_locks: every file's rmap lock");
	LOCK(LOCK_ANON_VMA(l->mm), LOCK_EXCLUSIVE, "mm_take_all_locks: and the anon_vma lock");
	STEP("add the subscriber to the list: nobody is between a start and an end now");
	/* Until its grace period is over, a subscriber that was taken off a list is not there to be added. */
	l->refused = read_sub(r->m, l->sub)->mm != NONE;
	if (!l->refused) {
		struct sub *s = write_sub(r->m, l->sub);

		s->mm = l->mm;
		s->released = 0;
		/* A bracket that was open when it was taken off the list never reached it. */
		s->in_progress = 0;
		s->start = s->end = 0;
		write_mm_part(r->m, l->mm, MM_REST)->subs |= (uint8_t)(1u << l->sub);
	}
	lock_drop(r, LOCK_ANON_VMA(l->mm));
	for (unsigned f = 0; f < FILE_LOCKS; f++)
		if (read_lock(r->m, LOCK_I_MMAP(f))->owner == r->ctx)
			lock_drop(r, LOCK_I_MMAP(f));
	lock_drop(r, LOCK_MMAP(l->mm));
	END(l->refused ? RES_EINVAL : RES_OK)
}

/* The subscriber belongs to no mm from here on. */
static void sub_forget(struct run *r, unsigned mm, unsigned sub)
{
	if (read_sub(r->m, sub)->mm == mm && !(read_mm_part(r->m, mm, MM_REST)->subs & (1u << sub)))
		write_sub(r->m, sub)->mm = NONE;
}

ROUTINE(mmu_notifier_unregister, "mm/mmu_notifier.c")
{
	BEGIN(struct mmu_notifier_unregister_l)
	if (read_mm_part(r->m, l->mm, MM_REST)->subs & (1u << l->sub)) {
		STEP("still on the list: call release under SRCU");
		srcu_enter(r);
		if (read_sub(r->m, l->sub)->kind == SUB_SVA)
			CALL(sva_release, .sub = l->sub);
		else
			CALL(shadow_release, .sub = l->sub);
		srcu_exit(r);
		STEP("unlink the subscriber");
		write_mm_part(r->m, l->mm, MM_REST)->subs &= (uint8_t)~(1u << l->sub);
	}
	AWAIT(WAIT_SRCU, 0, read_srcu(r->m, 0)->readers, "synchronize_srcu: callbacks that run must end");
	sub_forget(r, l->mm, l->sub);
	event_add(r->m, (struct event){ .kind = EV_SRCU });
	END(RES_OK)
}

/* The last put: off the list at once, freed after the grace period; release is not called. */
ROUTINE(mmu_notifier_put, "mm/mmu_notifier.c")
{
	BEGIN(struct mmu_notifier_put_l)
	STEP("take the subscriber off the list, under the subscriptions' lock");
	write_mm_part(r->m, l->mm, MM_REST)->subs &= (uint8_t)~(1u << l->sub);
	AWAIT(WAIT_SRCU, 0, read_srcu(r->m, 0)->readers, "free_notifier runs after the SRCU grace period");
	sub_forget(r, l->mm, l->sub);
	event_add(r->m, (struct event){ .kind = EV_SRCU });
	END(RES_OK)
}

ROUTINE(mmu_notifier_release, "mm/mmu_notifier.c")
{
	BEGIN(struct mmu_notifier_release_l)
	STEP("release: enter SRCU, go through the list");
	srcu_enter(r);
	for (l->sub = 0; (l->sub = (uint8_t)sub_next(r->m, l->mm, l->sub, SUB_SVA)) != NONE; l->sub++)
		CALL(sva_release, .sub = l->sub);
	for (l->sub = 0; (l->sub = (uint8_t)sub_next(r->m, l->mm, l->sub, SUB_SHADOW)) != NONE; l->sub++)
		CALL(shadow_release, .sub = l->sub);
	STEP("unlink every subscriber: nobody is told of what follows");
	write_mm_part(r->m, l->mm, MM_REST)->subs = 0;
	srcu_exit(r);
	AWAIT(WAIT_SRCU, 0, read_srcu(r->m, 0)->readers, "synchronize_srcu: callbacks that run must end");
	event_add(r->m, (struct event){ .kind = EV_SRCU });
	END(RES_OK)
}
