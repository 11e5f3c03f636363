/*
 * test_coherence.c - the rule coherence: who knows of a new page, and what is legal while the old one is cached still.
 *
 * Two pages of one process on four CPUs, a task each: `box`, whose contents move to another page, and `flag`, through which the
 * tasks talk.  Kernels are left out: the tests say what is copied and what goes on where.
 */
#include "bare.h"

#include "cpu.h"
#include "memory.h"
#include "mmu.h"
#include "rules.h"

#define BOX  VA
#define FLAG (VA + PAGE_SIZE)

static unsigned old_page, new_page, flag_page;

static void cache(unsigned cpu, uint64_t va, unsigned pfn, uint8_t flags)
{
	tlb_insert(&m, MMU_CPU(cpu), (struct leaf){
		.va = va, .pfn = (uint16_t)pfn, .generation = read_frame(&m, pfn)->generation, .flags = LEAF_USER | flags,
	});
}

static int open_pages(void **state)
{
	bare_open(state);
	for (unsigned c = 0; c < MAX_CPUS; c++) {
		write_cpu(&m, c)->online = 1;
		write_cpu(&m, c)->current = (uint8_t)c;
		write_cpu(&m, c)->ctx_mm = 0;
	}
	old_page = map_page(BOX, PTE_WRITE | PTE_DIRTY);
	flag_page = map_page(FLAG, PTE_WRITE | PTE_DIRTY);
	new_page = frame_alloc(&m, FRAME_ANON, 0);
	for (unsigned c = 0; c < MAX_CPUS; c++)
		cache(c, FLAG, flag_page, LEAF_WRITE | LEAF_DIRTY);
	return 0;
}

/* The access is possible; did it break the rule? */
static bool breaks(unsigned cpu, uint64_t va, bool write)
{
	uint32_t value = 1;

	fx.rules = 0;
	assert_int_equal(cpu_access(&m, cpu, va, write, &value), ACCESS_DONE);
	assert_true(!fx.rules || fx.rules == 1u << RULE_COHERENCE);
	return fx.rules != 0;
}

/* CPU 0 has nothing cached of the box, CPU 2 the old page, and the entry names the new one. */
static void move_box(void)
{
	cache(2, BOX, old_page, 0);
	rule_goes_on(&m, 0, BOX, new_page);
	cache(0, BOX, new_page, LEAF_WRITE | LEAF_DIRTY);
}

static void test_flushed_first(void **state)
{
	const struct news nothing = { 0 };

	(void)state;
	rule_copied(&m, 0, BOX);
	rule_goes_on(&m, 0, BOX, new_page);
	cache(0, BOX, new_page, LEAF_WRITE | LEAF_DIRTY);
	assert_false(breaks(0, BOX, true));
	assert_false(breaks(0, FLAG, true));
	assert_memory_equal(read_news(&m, 0), &nothing, sizeof(nothing));
	assert_int_equal(read_frame(&m, new_page)->flags, 0);
	assert_int_equal(read_frame(&m, flag_page)->flags, 0);
}

static void test_nobody_told(void **state)
{
	(void)state;
	move_box();
	/* What nobody has told the reader of, it may read. */
	assert_false(breaks(0, BOX, false));
	assert_false(breaks(2, BOX, false));
}

static void test_turn(void **state)
{
	(void)state;
	move_box();
	rule_turn(&m, 2);
	assert_false(breaks(2, BOX, false));
	assert_false(breaks(0, BOX, true));
	rule_turn(&m, 2);
	assert_true(breaks(2, BOX, false));
}

static void test_told_through_memory(void **state)
{
	(void)state;
	move_box();
	assert_false(breaks(0, FLAG, true));
	assert_false(breaks(2, FLAG, false));
	assert_false(breaks(0, BOX, false));
	/* The flag was stored before. */
	assert_false(breaks(2, FLAG, false));
	assert_false(breaks(2, BOX, false));
	/* By a detour: 0 tells 1, and 1 tells 2. */
	assert_false(breaks(0, FLAG, true));
	assert_false(breaks(1, FLAG, false));
	assert_false(breaks(1, FLAG, true));
	assert_false(breaks(2, FLAG, false));
	assert_true(breaks(2, BOX, false));
}

static void test_told_of_something_else(void **state)
{
	(void)state;
	move_box();
	assert_false(breaks(0, BOX, false));
	assert_false(breaks(0, FLAG, true));
	/* Who stores after it and knows nothing tells nothing; so does a device. */
	assert_false(breaks(3, FLAG, true));
	assert_false(breaks(2, FLAG, false));
	assert_false(breaks(2, BOX, false));
	assert_false(breaks(0, FLAG, true));
	page_write(&m, flag_page, 0, 5);
	assert_false(breaks(2, FLAG, false));
	assert_false(breaks(2, BOX, false));
}

static void test_flushed_late(void **state)
{
	(void)state;
	move_box();
	assert_false(breaks(0, BOX, false));
	rule_turn(&m, 2);
	tlb_drop(&m, MMU_CPU(2), ANY_PCID, BOX, BOX + PAGE_SIZE);
	/* Nobody reaches the old page any more: the next access forgets that there was one. */
	assert_false(breaks(0, BOX, false));
	assert_int_equal(read_news(&m, 0)->used, 0);
	assert_int_equal(read_frame(&m, new_page)->flags & FRAME_NEWER, 0);
}

static void test_moved_twice(void **state)
{
	unsigned third = frame_alloc(&m, FRAME_ANON, 0);

	(void)state;
	move_box();
	assert_false(breaks(0, BOX, false));
	tlb_drop(&m, MMU_CPU(2), ANY_PCID, BOX, BOX + PAGE_SIZE);
	cache(3, BOX, new_page, 0);
	rule_turn(&m, 3);
	rule_goes_on(&m, 0, BOX, third);
	/* It knew of the second page, of the third it does not. */
	assert_false(breaks(3, BOX, false));
	cache(1, BOX, third, 0);
	assert_false(breaks(1, BOX, false));
	rule_turn(&m, 3);
	assert_true(breaks(3, BOX, false));
}

static void test_lost_store(void **state)
{
	(void)state;
	cache(1, BOX, old_page, LEAF_WRITE | LEAF_DIRTY);
	assert_false(breaks(1, BOX, true));
	rule_copied(&m, 0, BOX);
	assert_false(breaks(1, BOX, false));
	assert_true(breaks(1, BOX, true));
}

static void test_reused(void **state)
{
	(void)state;
	cache(1, BOX, old_page, 0);
	write_frame(&m, old_page)->flags |= FRAME_EXCLUSIVE;
	/* Its own process may. */
	rule_reused(&m, 0, old_page);
	assert_false(breaks(1, BOX, false));
	rule_reused(&m, 1, old_page);
	assert_true(breaks(1, BOX, false));
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, open_pages, bare_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(test_flushed_first),
		ROW(test_nobody_told),
		ROW(test_turn),
		ROW(test_told_through_memory),
		ROW(test_told_of_something_else),
		ROW(test_flushed_late),
		ROW(test_moved_twice),
		ROW(test_lost_store),
		ROW(test_reused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
