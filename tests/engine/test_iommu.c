/*
 * test_iommu.c - floor 2: the invalidation queue, DMA, and what an invalidation drops.
 */
#include "bare.h"

#include "iommu.h"
#include "memory.h"
#include "mmu.h"
#include "rules.h"

/* Device 0 with PASID 1 and these two accesses. */
static void bind_device(const struct op *a, const struct op *b)
{
	struct program *p = write_program(&m, MAX_TASKS);

	write_iommu(&m, 0)->used = 1;
	write_dev(&m, 0)->used = 1;
	write_dev(&m, 0)->pasid = 1;
	p->op[0] = *a;
	p->op[1] = *b;
	p->count = 2;
	iommu_pasid_set(&m, 1, PASID_PRESENT, 0);
}

static void test_queue(void **state)
{
	(void)state;
	iommu_post(&m, (struct qi_entry){ .kind = QI_IOTLB,
					  .pasid = 1,
					  .ctx = 2,
					  .start = VA,
					  .end = VA + PAGE_SIZE });
	iommu_post(&m, (struct qi_entry){ .kind = QI_WAIT, .ctx = 2 });
	assert_int_equal(read_iommu(&m, 0)->queued, 2);
	assert_false(read_iommu(&m, 0)->status & 1u << 2);
	rule_completion(&m, 3);
	assert_int_equal(fx.rules, 0);
	rule_completion(&m, 2);
	assert_int_equal(fx.finding.rule, RULE_COMPLETION);
	iommu_take(&m);
	assert_false(read_iommu(&m, 0)->status & 1u << 2);
	iommu_take(&m);
	assert_true(read_iommu(&m, 0)->status & 1u << 2);
	assert_int_equal(read_iommu(&m, 0)->queued, 0);
	/* A new wait takes the old answer back. */
	iommu_post(&m, (struct qi_entry){ .kind = QI_WAIT, .ctx = 2 });
	assert_false(read_iommu(&m, 0)->status & 1u << 2);
	assert_true(iommu_has_room(&m, QI_ENTRIES - 1));
	assert_false(iommu_has_room(&m, QI_ENTRIES));
}

static void test_dma(void **state)
{
	const struct op rd = { .kind = OP_DMA_READ, .va = VA },
			wr = { .kind = OP_DMA_WRITE, .va = VA, .value = 9 };
	unsigned pfn = map_page(VA, PTE_WRITE), steps = 0;

	(void)state;
	bind_device(&rd, &wr);
	write_frame(&m, pfn)->value = 7;
	assert_true(dev_can_step(&m, 0));
	for (; read_dev(&m, 0)->op == 0; steps++)
		dev_step(&m, 0);
	/* A lookup that misses, four levels, a lookup that hits. */
	assert_int_equal(steps, 6);
	assert_int_equal(read_dev(&m, 0)->value, 7);
	assert_int_equal(read_dev(&m, 0)->result, RES_OK);
	assert_int_equal(tlb_lookup(&m, MMU_DEV(0), 1, VA)->pfn, pfn);
	dev_step(&m, 0);
	assert_int_equal(read_frame(&m, pfn)->value, 9);
	assert_false(dev_can_step(&m, 0));
}

static void test_dma_abort(void **state)
{
	const struct op rd = { .kind = OP_DMA_READ, .va = VA + 3 * PAGE_SIZE };

	(void)state;
	bind_device(&rd, &rd);
	while (read_dev(&m, 0)->op == 0)
		dev_step(&m, 0);
	assert_int_equal(read_dev(&m, 0)->result, RES_ABORT);
	/* Quiesced: valid, and translates nothing. */
	iommu_pasid_set(&m, 1, PASID_QUIESCED, 0);
	dev_step(&m, 0);
	assert_int_equal(read_dev(&m, 0)->result, RES_ABORT);
	assert_false(dev_can_step(&m, 0));
}

/* An invalidation drops the range, the walk cache of the PASID, and a walk that is under way. */
static void test_iommu_invalidate(void **state)
{
	const struct op rd = { .kind = OP_DMA_READ, .va = VA },
			next = { .kind = OP_DMA_READ, .va = VA + PAGE_SIZE };

	(void)state;
	map_page(VA, 0);
	map_page(VA + PAGE_SIZE, 0);
	bind_device(&rd, &next);
	while (read_dev(&m, 0)->op == 0)
		dev_step(&m, 0);
	dev_step(&m, 0);
	assert_true(read_walker(&m, WALKER_DEV(0))->active);
	iommu_post(&m,
		   (struct qi_entry){ .kind = QI_IOTLB, .pasid = 1, .start = ~0ull, .end = ~0ull });
	iommu_take(&m);
	/* The sentinel names nothing: leaf and walk cache stay. */
	assert_non_null(tlb_lookup(&m, MMU_DEV(0), 1, VA));
	assert_int_equal(read_psc(&m, MMU_DEV(0))->count, 3);
	iommu_post(&m, (struct qi_entry){
			       .kind = QI_IOTLB, .pasid = 1, .start = VA, .end = VA + PAGE_SIZE });
	iommu_take(&m);
	assert_null(tlb_lookup(&m, MMU_DEV(0), 1, VA));
	assert_int_equal(read_psc(&m, MMU_DEV(0))->count, 0);
	assert_false(read_walker(&m, WALKER_DEV(0))->active);
	while (dev_can_step(&m, 0))
		dev_step(&m, 0);
	assert_int_equal(read_dev(&m, 0)->result, RES_OK);
	iommu_post(&m, (struct qi_entry){ .kind = QI_IOTLB_ALL, .pasid = 1, .end = FLUSH_ALL });
	iommu_take(&m);
	assert_int_equal(read_tlb(&m, MMU_DEV(0))->count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BARE_TEST(test_queue),
		BARE_TEST(test_dma),
		BARE_TEST(test_dma_abort),
		BARE_TEST(test_iommu_invalidate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
