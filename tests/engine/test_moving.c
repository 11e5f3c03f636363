/*
 * test_moving.c - pages that move (NUMA balancing), are copied, or that nobody counts (a driver's): each operation alone.
 *
 * What becomes of entries and pages, and that everything adds up afterwards (see balance).  The races are in the scenarios.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kit_case.h"

#define RW (VMA_READ | VMA_WRITE)

static unsigned run(struct op op)
{
	kit_start(&k, op);
	return kit_run(&k, NULL);
}

static struct op on_page(unsigned kind, uint64_t va, uint32_t value)
{
	return (struct op){ .kind = (uint8_t)kind, .va = va, .value = value, .len = PAGE_SIZE, .object = NONE };
}

static uint32_t loaded(void)
{
	return peek_task(&k.m, 0)->value;
}

static unsigned page_of(uint64_t va)
{
	return pte_pfn(kit_pte(&k, 0, va));
}

/* A page of the process whose entry makes whoever uses it fault; its number. */
static unsigned hinted(unsigned flags)
{
	unsigned pfn;

	kit_vma(&k, HEAP, 1, RW, NONE);
	pfn = kit_page(&k, HEAP, 7);
	write_vma(&k.m, vma_find(&k.m, 0, HEAP))->flags = flags;
	assert_int_equal(run(on_page(OP_NUMA, HEAP, 0)), RES_OK);
	assert_false(pte_present(kit_pte(&k, 0, HEAP)));
	assert_int_equal(page_of(HEAP), pfn);
	return pfn;
}

static void test_page_moves(void **state)
{
	unsigned old = hinted(RW);

	(void)state;
	assert_int_equal(kit_again(&k, on_page(OP_LOAD, HEAP, 0)), RES_OK);
	assert_int_equal(loaded(), 7);
	assert_int_not_equal(page_of(HEAP), old);
	assert_int_equal(peek_frame(&k.m, old)->owner, FRAME_FREE);
	/* It is still the process's alone: a store copies nothing. */
	assert_true(kit_pte(&k, 0, HEAP) & PTE_WRITE);
	old = page_of(HEAP);
	assert_int_equal(kit_again(&k, on_page(OP_STORE, HEAP, 9)), RES_OK);
	assert_int_equal(page_of(HEAP), old);
}

/* A page under a read-only mapping comes back as it was. */
static void test_rights_come_back(void **state)
{
	(void)state;
	hinted(VMA_READ);
	assert_int_equal(kit_again(&k, on_page(OP_LOAD, HEAP, 0)), RES_OK);
	assert_true(pte_present(kit_pte(&k, 0, HEAP)));
	assert_false(kit_pte(&k, 0, HEAP) & PTE_WRITE);
	assert_int_equal(kit_again(&k, on_page(OP_STORE, HEAP, 9)), RES_ACCERR);
}

/* Who is asked for the entry with the page held by somebody else leaves the page where it is. */
static void test_held_page_stays(void **state)
{
	unsigned old;

	(void)state;
	kit_vma(&k, HEAP, 1, RW, NONE);
	old = kit_page(&k, HEAP, 7);
	assert_int_equal(run(on_page(OP_PIN, HEAP, 0)), RES_OK);
	assert_int_equal(kit_again(&k, on_page(OP_NUMA, HEAP, 0)), RES_OK);
	assert_int_equal(kit_again(&k, on_page(OP_STORE, HEAP, 8)), RES_OK);
	assert_int_equal(page_of(HEAP), old);
	assert_int_equal(peek_frame(&k.m, old)->value, 8);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_UNPIN, .object = NONE }), RES_OK);
}

static void test_nothing_to_hint(void **state)
{
	uint32_t gen;

	(void)state;
	kit_vma(&k, HEAP, 1, RW, NONE);
	kit_vma(&k, FAR, 1, 0, NONE);
	assert_int_equal(run(on_page(OP_LOAD, HEAP, 0)), RES_OK);
	gen = peek_mm(&k.m, 0)->tlb_gen;
	/* The zero page is where it is, and what nobody may use needs no hint: nothing is flushed. */
	assert_int_equal(kit_again(&k, on_page(OP_NUMA, HEAP, 0)), RES_OK);
	assert_int_equal(page_of(HEAP), ZERO_PFN);
	assert_int_equal(kit_again(&k, on_page(OP_NUMA, FAR, 0)), RES_OK);
	assert_int_equal(peek_mm(&k.m, 0)->tlb_gen, gen);
}

static void test_hinted_page_goes(void **state)
{
	unsigned old = hinted(RW);

	(void)state;
	assert_int_equal(kit_again(&k, on_page(OP_MADVISE, HEAP, 0)), RES_OK);
	assert_int_equal(kit_pte(&k, 0, HEAP), 0);
	assert_int_equal(peek_frame(&k.m, old)->owner, FRAME_FREE);
}

static void test_protect_ends_hint(void **state)
{
	(void)state;
	hinted(RW);
	assert_int_equal(kit_again(&k, (struct op){
		.kind = OP_MPROTECT, .va = HEAP, .len = PAGE_SIZE, .prot = VMA_READ, .object = NONE }), RES_OK);
	assert_true(pte_present(kit_pte(&k, 0, HEAP)));
	assert_false(kit_pte(&k, 0, HEAP) & PTE_WRITE);
}

/* The order of a copy is for others to see: alone, each leaves the same page, rights and counts. */
static void test_copy_orders(void **state)
{
	(void)state;
	write_file(&k.m, 0)->used = FILE_NAMED;
	write_file(&k.m, 0)->size = 2 * PAGE_SIZE;
	kit_vma(&k, HEAP, 2, RW, 0);
	kit_vma(&k, FAR, 1, RW, NONE);
	assert_int_equal(run(on_page(OP_LOAD, FAR, 0)), RES_OK);
	for (unsigned order = COW_CLEAR_FLUSH_SET; order <= COW_DROP_BEFORE_FLUSH; order++) {
		unsigned old;

		step_begin(&k.m, &k.fx);
		write_profile(&k.m, 0)->value[SW_COW_ORDER] = (uint8_t)order;
		step_end(&k.m);
		assert_int_equal(kit_again(&k, on_page(OP_MADVISE, HEAP, 0)), RES_OK);
		assert_int_equal(kit_again(&k, on_page(OP_LOAD, HEAP, 0)), RES_OK);
		old = page_of(HEAP);
		assert_int_equal(peek_file(&k.m, 0)->page[0], old);
		assert_int_equal(kit_again(&k, on_page(OP_STORE, HEAP, 5 + order)), RES_OK);
		assert_int_not_equal(page_of(HEAP), old);
		assert_true(kit_pte(&k, 0, HEAP) & PTE_WRITE);
		assert_int_equal(kit_again(&k, on_page(OP_LOAD, HEAP, 0)), RES_OK);
		assert_int_equal(loaded(), 5 + order);
		assert_int_equal(peek_frame(&k.m, old)->value, 100);
		assert_int_equal(peek_frame(&k.m, old)->refcount, 1);
		/* Of the page of zeroes nobody counts anything. */
		assert_int_equal(kit_again(&k, on_page(OP_MADVISE, FAR, 0)), RES_OK);
		assert_int_equal(kit_again(&k, on_page(OP_LOAD, FAR, 0)), RES_OK);
		assert_int_equal(page_of(FAR), ZERO_PFN);
		assert_int_equal(kit_again(&k, on_page(OP_STORE, FAR, 1)), RES_OK);
		assert_int_not_equal(page_of(FAR), ZERO_PFN);
	}
}

/* A driver's page, mapped shared at HEAP; its number. */
static unsigned driver(void)
{
	write_file(&k.m, 0)->used = FILE_DRIVER;
	write_file(&k.m, 0)->size = PAGE_SIZE;
	kit_vma(&k, HEAP, 1, RW | VMA_SHARED | VMA_PFNMAP, 0);
	return file_page_get(&k.m, 0, 0);
}

static void test_driver_page(void **state)
{
	unsigned pfn = driver();

	(void)state;
	assert_int_equal(run(on_page(OP_STORE, HEAP, 9)), RES_OK);
	assert_int_equal(page_of(HEAP), pfn);
	assert_int_equal(peek_frame(&k.m, pfn)->value, 9);
	assert_int_equal(peek_frame(&k.m, pfn)->refcount, 1);
	assert_int_equal(peek_frame(&k.m, pfn)->mapcount, 0);
	assert_int_equal(kit_again(&k, on_page(OP_PIN, HEAP, 0)), RES_EFAULT);
	assert_int_equal(kit_again(&k, on_page(OP_MADVISE, HEAP, 0)), RES_EINVAL);
	assert_int_equal(kit_again(&k, on_page(OP_MUNMAP, HEAP, 0)), RES_OK);
	assert_int_equal(peek_frame(&k.m, pfn)->refcount, 1);
}

static void test_revoke(void **state)
{
	unsigned pfn = driver();

	(void)state;
	assert_int_equal(run(on_page(OP_LOAD, HEAP, 0)), RES_OK);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_REVOKE, .object = 0 }), RES_OK);
	assert_int_equal(kit_pte(&k, 0, HEAP), 0);
	assert_int_equal(peek_frame(&k.m, pfn)->owner, FRAME_FREE);
	assert_int_equal(kit_again(&k, on_page(OP_LOAD, HEAP, 0)), RES_SIGBUS);
}

/* A mapping of a driver's memory is shared, whoever asks for it. */
static void test_driver_mmap(void **state)
{
	struct op op = on_page(OP_MMAP, FAR, 0);

	(void)state;
	driver();
	op.object = 0;
	op.prot = RW;
	assert_int_equal(run(op), RES_EINVAL);
	op.prot = RW | VMA_SHARED;
	assert_int_equal(kit_again(&k, op), RES_OK);
	assert_int_equal(kit_again(&k, on_page(OP_STORE, FAR, 3)), RES_OK);
	assert_int_equal(kit_again(&k, on_page(OP_LOAD, HEAP, 0)), RES_OK);
	assert_int_equal(loaded(), 3);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_REVOKE, .object = 0 }), RES_OK);
	assert_int_equal(kit_pte(&k, 0, FAR), 0);
	assert_int_equal(kit_pte(&k, 0, HEAP), 0);
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, open_kit, adds_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(test_page_moves),
		ROW(test_rights_come_back),
		ROW(test_held_page_stays),
		ROW(test_nothing_to_hint),
		ROW(test_hinted_page_goes),
		ROW(test_protect_ends_hint),
		ROW(test_copy_orders),
		ROW(test_driver_page),
		ROW(test_revoke),
		ROW(test_driver_mmap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
