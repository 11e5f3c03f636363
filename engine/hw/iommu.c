/*
 * iommu.c - the invalidation queue and the PASID table.
 */
#include <string.h>

#include "iommu.h"
#include "memory.h"
#include "mmu.h"

void iommu_pasid_set(struct machine *m, unsigned pasid, enum pasid_state state, unsigned mm)
{
	struct pasid *p;

	CHECK(pasid < MAX_PASIDS);
	p = &write_iommu(m, 0)->pasid[pasid];
	p->state = (uint8_t)state;
	p->mm = (uint8_t)mm;
	p->pgd = state == PASID_PRESENT ? read_mm_part(m, mm, MM_REST)->pgd : NO_FRAME;
	event_add(m, (struct event){ .kind = EV_PASID, .a = (uint8_t)pasid, .b = (uint8_t)state });
}

bool iommu_has_room(const struct machine *m, unsigned n)
{
	return peek_iommu(m, 0)->queued + n <= QI_ENTRIES;
}

void iommu_post(struct machine *m, struct qi_entry e)
{
	struct iommu *io = write_iommu(m, 0);

	CHECK(io->queued < QI_ENTRIES);
	io->queue[io->queued++] = e;
	if (e.kind == QI_WAIT)
		io->status &= (uint16_t)~(1u << e.ctx);
	event_add(m, (struct event){
		.kind = e.kind == QI_WAIT ? EV_QI_POST_WAIT : EV_QI_POST, .a = e.pasid, .va = e.start, .x = e.end,
	});
}

static void invalidate(struct machine *m, const struct qi_entry *e)
{
	for (unsigned d = 0; d < MAX_DEVS; d++) {
		if (!read_dev(m, d)->used)
			continue;
		tlb_drop(m, MMU_DEV(d), e->pasid, e->start, e->end);
		/* No leaf-only hint: what leads to the range goes too. */
		psc_drop(m, MMU_DEV(d), e->pasid, e->start, e->end);
		if (e->start != e->end && read_walker(m, WALKER_DEV(d))->pcid == e->pasid)
			walk_cancel(m, WALKER_DEV(d));
	}
	event_add(m, (struct event){ .kind = EV_QI_INV, .a = e->pasid, .va = e->start, .x = e->end });
}

void iommu_take(struct machine *m)
{
	struct qi_entry e = read_iommu(m, 0)->queue[0];
	struct iommu *io = write_iommu(m, 0);

	CHECK(io->queued > 0);
	memmove(&io->queue[0], &io->queue[1], (io->queued - 1u) * sizeof(e));
	memset(&io->queue[--io->queued], 0, sizeof(e));
	if (e.kind != QI_WAIT) {
		invalidate(m, &e);
		return;
	}
	io->status |= (uint16_t)(1u << e.ctx);
	event_add(m, (struct event){ .kind = EV_QI_DONE, .a = e.ctx });
}
