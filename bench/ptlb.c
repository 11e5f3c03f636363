/*
 * ptlb.c - the protocol's threads as routines.
 */
#include "ptlb_state.h"
#include "routine.h"

#define ALL_CPUS	((1u << MAX_CPUS) - 1)

#define PTL LOCK_PTL(0)

/* A hit ends the access, a walk that finds a sufficient entry too; else there is no entry left. */
static bool translate(struct run *r, unsigned page, unsigned write)
{
	unsigned cached = cached_read(r->m, r->cpu, page);
	unsigned entry;

	if (sufficient(cached, write)) {
		freshness_check(r->m, cached, page, write);
		return true;
	}
	entry = entry_read(r->m, page);
	if (sufficient(entry, write)) {
		cached_write(r->m, r->cpu, page, walked(r->m, entry));
		return true;
	}
	cached_write(r->m, r->cpu, page, 0);
	return false;
}

/* The local flush; returns the CPUs that are to be sent to, one a step. */
static uint8_t flush_begin(struct run *r, unsigned page)
{
	const struct ptlb *p = setting_of(r->m);

	cached_write(r->m, r->cpu, page, 0);
	write_call(r->m, r->cpu)->start = p->may ? page + 1 : page;
	return (uint8_t)(p->send_all ? 0 : ((1u << p->cpus) - 1) & ~(1u << r->cpu));
}

/* Sends to the lowest CPU of those to do, or to all at once; returns what is left to do. */
static uint8_t flush_send(struct run *r, unsigned todo)
{
	const struct ptlb *p = setting_of(r->m);
	unsigned to = p->send_all ? ((1u << p->cpus) - 1) & ~(1u << r->cpu) : todo & -todo;

	write_call(r->m, r->cpu)->locked |= (uint8_t)to;
	return (uint8_t)(todo & ~to);
}

/* ---- the routines ---- */

ROUTINE(ptlb_access, "ptlb.pml")
{
	unsigned entry;

	BEGIN(struct ptlb_access_l)
	for (;;) {
		STEP("through the TLB, else through the table");
		if (translate(r, l->page, l->write))
			break;
		LOCK(LOCK_MMAP(0), LOCK_SHARED, "mmap_read_lock");
		STEP("no entry: take a frame");
		if (!entry_read(r->m, l->page)) {
			l->frame = frame_take(r->m);
			if (!l->frame) {
				lock_drop(r, LOCK_MMAP(0));
				RETURN(RES_ENOMEM);
			}
		}
		LOCK(PTL, LOCK_EXCLUSIVE, "lock the table");
		STEP("set the entry, or make it writable and forget the cached one");
		entry = entry_read(r->m, l->page);
		if (!entry && l->frame) {
			entry_write(r->m, l->page, l->frame * 2u | l->write);
			l->frame = 0;
		} else if (entry && l->write && !(entry & 1)) {
			entry_write(r->m, l->page, entry | 1);
			cached_write(r->m, r->cpu, l->page, 0);
		}
		UNLOCK(PTL, "unlock the table");
		if (l->frame) {
			STEP("somebody else was first: free the frame");
			frame_free(r->m, l->frame);
			l->frame = 0;
		}
		UNLOCK(LOCK_MMAP(0), "mmap_read_unlock; try again");
	}
	END(RES_OK)
}

ROUTINE(ptlb_zap, "ptlb.pml")
{
	unsigned entry;

	BEGIN(struct ptlb_zap_l)
	LOCK(PTL, LOCK_EXCLUSIVE, "lock the table");
	STEP("get and clear the entry");
	entry = entry_read(r->m, l->page);
	if (!entry) {
		lock_drop(r, PTL);
		RETURN(RES_OK);
	}
	l->frame = (uint8_t)(entry >> 1);
	entry_write(r->m, l->page, 0);
	STEP("a flush is pending");
	write_mm(r->m, 0)->flush_pending++;
	UNLOCK(PTL, "unlock the table");
	STEP("flush here, note the page for the others");
	l->todo = flush_begin(r, l->page);
	do {
		STEP("send to the next CPU");
		l->todo = flush_send(r, l->todo);
	} while (l->todo);
	if (setting_of(r->m)->bug == 2) {
		STEP("free the frame");
		frame_free(r->m, l->frame);
		l->frame = 0;
		AWAIT(WAIT_CSD, r->cpu, ALL_CPUS, "wait for the acks, too late");
	} else {
		AWAIT(WAIT_CSD, r->cpu, ALL_CPUS, "wait for the acks");
		STEP("free the frame");
		frame_free(r->m, l->frame);
		l->frame = 0;
	}
	STEP("the flush is no longer pending");
	write_mm(r->m, 0)->flush_pending--;
	write_call(r->m, r->cpu)->start = 0;
	END(RES_OK)
}

ROUTINE(ptlb_mremap, "ptlb.pml")
{
	BEGIN(struct ptlb_mremap_l)
	LOCK(LOCK_MMAP(0), LOCK_EXCLUSIVE, "mmap_write_lock");
	LOCK(PTL, LOCK_EXCLUSIVE, "lock the table");
	STEP("get and clear the entry, unless there is none or the new place is taken");
	if (entry_read(r->m, l->page) && !entry_read(r->m, l->to)) {
		l->entry = entry_read(r->m, l->page);
		entry_write(r->m, l->page, 0);
		STEP("set it at the new place");
		entry_write(r->m, l->to, l->entry);
		l->entry = 0;
		if (setting_of(r->m)->bug == 1)
			UNLOCK(PTL, "unlock the table, too early");
		STEP("flush here, note the page for the others");
		l->todo = flush_begin(r, l->page);
		do {
			STEP("send to the next CPU");
			l->todo = flush_send(r, l->todo);
		} while (l->todo);
		AWAIT(WAIT_CSD, r->cpu, ALL_CPUS, "wait for the acks");
		if (setting_of(r->m)->bug != 1)
			UNLOCK(PTL, "unlock the table");
	} else {
		lock_drop(r, PTL);
	}
	UNLOCK(LOCK_MMAP(0), "mmap_write_unlock");
	write_call(r->m, r->cpu)->start = 0;
	END(RES_OK)
}

/* Somebody else, who reuses frames. */
ROUTINE(ptlb_other, "ptlb.pml")
{
	BEGIN(struct ptlb_other_l)
	l->frame = frame_take(r->m);
	STEP("free the frame again");
	frame_free(r->m, l->frame);
	END(RES_OK)
}

const struct routine *const ptlb_routines[] = {
	[R_ptlb_access] = &routine_ptlb_access,
	[R_ptlb_zap] = &routine_ptlb_zap,
	[R_ptlb_mremap] = &routine_ptlb_mremap,
	[R_ptlb_other] = &routine_ptlb_other,
};
