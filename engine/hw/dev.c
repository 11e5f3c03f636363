/*
 * dev.c - a device that does DMA: its program's accesses go through the IOMMU.
 */
#include "iommu.h"
#include "memory.h"
#include "mmu.h"
#include "rules.h"

static const struct op *dev_op(const struct machine *m, unsigned dev)
{
	const struct program *p = peek_program(m, MAX_TASKS + dev);
	unsigned at = peek_dev(m, dev)->op;

	return at < p->count ? &p->op[at] : NULL;
}

bool dev_can_step(const struct machine *m, unsigned dev)
{
	const struct dev *d = peek_dev(m, dev);

	/* A device that is not bound yet has not been given its work. */
	return d->used && dev_op(m, dev) && d->pasid != NONE;
}

static void dev_done(struct machine *m, unsigned dev, enum op_result result)
{
	struct dev *d = write_dev(m, dev);

	d->op++;
	d->phase = DEV_IDLE;
	d->result = (uint8_t)result;
}

static void dev_abort(struct machine *m, unsigned dev, uint64_t va)
{
	event_add(m, (struct event){ .kind = EV_DMA_ABORT, .va = va });
	dev_done(m, dev, RES_ABORT);
}

static void dev_transfer(struct machine *m, unsigned dev, const struct op *op, const struct leaf *e)
{
	bool write = op->kind == OP_DMA_WRITE;
	unsigned pfn = e->pfn;

	event_add(m, (struct event){ .kind = EV_IOTLB_HIT, .va = op->va, .c = (uint16_t)pfn, .d = e->generation });
	rule_access(m, e, op->va, write);
	rule_release_first(m, e->pcid, op->va);
	if (write)
		write_frame(m, pfn)->value = op->value;
	else
		write_dev(m, dev)->value = read_frame(m, pfn)->value;
	event_add(m, (struct event){
		.kind = write ? EV_DMA_WRITE : EV_DMA_READ, .va = op->va, .c = (uint16_t)pfn,
		.x = read_frame(m, pfn)->value,
	});
	dev_done(m, dev, RES_OK);
}

static void dev_lookup(struct machine *m, unsigned dev, const struct op *op)
{
	bool write = op->kind == OP_DMA_WRITE;
	unsigned pasid = read_dev(m, dev)->pasid;
	const struct pasid *p = &read_iommu(m, 0)->pasid[pasid];
	const struct leaf *e = tlb_lookup(m, MMU_DEV(dev), pasid, op->va);

	if (e && (!write || (e->flags & LEAF_WRITE))) {
		dev_transfer(m, dev, op, e);
		return;
	}
	if (p->state != PASID_PRESENT) {
		dev_abort(m, dev, op->va);
		return;
	}
	if (e)
		tlb_drop(m, MMU_DEV(dev), pasid, va_page(op->va), va_page(op->va) + PAGE_SIZE);
	walk_start(m, WALKER_DEV(dev), MMU_DEV(dev), p->pgd, pasid, p->mm, op->va, write);
	write_dev(m, dev)->phase = DEV_WALK;
}

void dev_step(struct machine *m, unsigned dev)
{
	const struct op *op = dev_op(m, dev);

	CHECK(op);
	read_program(m, MAX_TASKS + dev);
	if (read_dev(m, dev)->phase == DEV_WALK && !read_walker(m, WALKER_DEV(dev))->active)
		write_dev(m, dev)->phase = DEV_IDLE;	/* an invalidation stopped the walk */
	if (read_dev(m, dev)->phase == DEV_IDLE) {
		dev_lookup(m, dev, op);
		return;
	}
	switch (walk_step(m, WALKER_DEV(dev), MMU_DEV(dev))) {
	case WALK_MORE:
		break;
	case WALK_FILLED:
		write_dev(m, dev)->phase = DEV_IDLE;
		break;
	case WALK_FAULT:
		dev_abort(m, dev, op->va);
		break;
	}
}
