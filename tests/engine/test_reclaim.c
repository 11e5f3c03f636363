/*
 * test_reclaim.c - reclaim, writeback and the dirty bit: what the scenarios do not show by themselves.
 *
 * Each test is a small machine whose programs run one after the other, as far as they can, to the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "memory.h"
#include "searching.h"

#define MAP 0x7f0000001000ull

static struct searching s;
static uint32_t broken; /* rules, a bit each */

static const char file_of_one[] = "machine arch=x86 cpus=2 spec=off\nmm A\nfile data 1p disk\n"
				  "vma A map 0x7f0000001000 1p rw data shared\n";
static const char private_page[] = "machine arch=x86 cpus=2 spec=off\nmm A\nvma A heap 0x7f0000001000 1p rw anon private\n"
				   "touch A heap+0 = 7\n";

/* The machine, and more lines, with one variant that has these switches. */
static void build(const char *machine, const char *lines, const char *switches)
{
	char text[1024];
	struct complaint c;

	snprintf(text, sizeof(text), "title t\nsource t\nabout t\n%s%s\nvariant v %s\nexpect v clean\n", machine, lines, switches);
	if (scenario_read(&s.scenario, "test", text, &s.m, &s.fx, &c) != OK)
		fail_msg("%u: %s", c.line, c.text);
	assert_int_equal(scenario_build(&s.scenario, 0, &s.m, &s.fx, &c), OK);
	broken = 0;
}

/* The first action that goes on, again and again, until every program has run. */
static void play(void)
{
	struct action a[MAX_ACTIONS];

	for (unsigned steps = 0; !machine_finished(&s.m); steps++) {
		assert_true(machine_actions(&s.m, a) > 0);
		assert_true(steps < 2000);
		machine_apply(&s.m, &a[0], &s.fx);
		broken |= s.fx.rules;
	}
	assert_int_equal(rules_broken(broken), 0);
}

static void run(const char *machine, const char *lines, const char *switches)
{
	build(machine, lines, switches);
	play();
}

static uint64_t entry(void)
{
	unsigned level;

	return table_walk(&s.m, peek_mm(&s.m, 0)->pgd, MAP, &level);
}

static unsigned cached_page(void)
{
	return peek_file(&s.m, 0)->page[0];
}

static uint32_t loaded(void)
{
	return peek_task(&s.m, 0)->value;
}

/* What the disk has of page 0 of file 0; -1 when nothing was written. */
static int64_t on_disk(void)
{
	for (unsigned b = 0; b < MAX_BLOCKS; b++)
		if (peek_block(&s.m, b)->used && peek_block(&s.m, b)->file == 0 && peek_block(&s.m, b)->index == 0)
			return peek_block(&s.m, b)->value;
	return -1;
}

static void test_clean_page_goes(void **state)
{
	(void)state;
	run(file_of_one, "touch A map+0\ntask t on cpu0 in A: reclaim map+0 1p", "reclaim.batch=yes");
	assert_int_equal(entry(), 0);
	assert_int_equal(cached_page(), NO_FRAME);
	assert_int_equal(on_disk(), -1);
	/* It is read again as it was. */
	run(file_of_one, "touch A map+0\ntask t on cpu0 in A: reclaim map+0 1p; load map+0", "reclaim.batch=no");
	assert_int_equal(loaded(), 100);
	assert_int_not_equal(cached_page(), NO_FRAME);
}

static void test_dirty_page_is_written_first(void **state)
{
	(void)state;
	run(file_of_one, "touch A map+0 = 7\ntask t on cpu0 in A: reclaim map+0 1p; load map+0", "reclaim.batch=yes");
	assert_int_equal(on_disk(), 7);
	assert_int_equal(loaded(), 7);
	assert_false(entry() & (PTE_WRITE | PTE_DIRTY));
}

/* Single bytes go to the disk and come back too, and a page that was punched out keeps what is written later. */
static void test_bytes_survive(void **state)
{
	(void)state;
	run(file_of_one, "task t on cpu0 in A: pwrite data 0p+5 = 9; load map+0; writeback data; reclaim map+0 1p; "
		"pread data 0p+5", "reclaim.batch=yes");
	assert_int_equal(loaded(), 9);
	run(file_of_one, "touch A map+0 = 7\ntask t on cpu0 in A: madvise map+0 1p remove; store map+0 = 5; writeback data; "
		"reclaim map+0 1p; load map+0", "reclaim.batch=yes");
	assert_int_equal(loaded(), 5);
	/* What was cut off is forgotten on the disk as well. */
	run(file_of_one, "touch A map+0 = 7\ntask t on cpu0 in A: writeback data; madvise map+0 1p remove; load map+0",
		"reclaim.batch=yes");
	assert_int_equal(loaded(), 0);
	assert_int_equal(on_disk(), -1);
}

/* After writeback the next store faults, makes the page dirty, and the next writeback has it. */
static void test_writeback_again(void **state)
{
	(void)state;
	run(file_of_one, "touch A map+0 = 7\ntask t on cpu0 in A: writeback data", "reclaim.batch=yes");
	assert_int_equal(on_disk(), 7);
	assert_false(entry() & (PTE_WRITE | PTE_DIRTY));
	assert_false(peek_frame(&s.m, cached_page())->flags & FRAME_DIRTY);
	run(file_of_one, "touch A map+0 = 7\ntask t on cpu0 in A: writeback data; store map+0 = 8", "reclaim.batch=yes");
	assert_int_equal(on_disk(), 7);
	assert_true(peek_frame(&s.m, cached_page())->flags & FRAME_DIRTY);
	assert_true(entry() & PTE_WRITE);
	run(file_of_one, "touch A map+0 = 7\ntask t on cpu0 in A: writeback data; store map+0 = 8; writeback data",
		"reclaim.batch=yes");
	assert_int_equal(on_disk(), 8);
}

/* msync writes the pages of its range, and no others. */
static void test_msync(void **state)
{
	static const char two[] = "machine arch=x86 cpus=1 spec=off\nmm A\nfile data 2p disk\n"
				  "vma A map 0x7f0000001000 2p rw data shared\n";

	(void)state;
	run(two, "touch A map+0 = 7\ntouch A map+1 = 8\ntask t on cpu0 in A: msync map+1 1p sync", "reclaim.batch=yes");
	assert_int_equal(on_disk(), -1);
	assert_int_equal(peek_block(&s.m, 0)->index, 1);
	assert_int_equal(peek_block(&s.m, 0)->value, 8);
	run(two, "touch A map+0 = 7\ntouch A map+1 = 8\ntask t on cpu0 in A: msync map+0 2p async", "reclaim.batch=yes");
	assert_false(peek_block(&s.m, 0)->used);
	run(two, "touch A map+0 = 7\ntouch A map+1 = 8\ntask t on cpu0 in A: msync map+0 2p sync", "reclaim.batch=yes");
	assert_int_equal(on_disk(), 7);
	assert_true(peek_block(&s.m, 1)->used);
}

/* The first store to an empty entry makes the page dirty; a load does not, and its entry grants no store. */
static void test_first_store(void **state)
{
	(void)state;
	run(file_of_one, "task t on cpu0 in A: load map+0", "reclaim.batch=yes");
	assert_false(entry() & PTE_WRITE);
	assert_false(peek_frame(&s.m, cached_page())->flags & FRAME_DIRTY);
	run(file_of_one, "task t on cpu0 in A: store map+0 = 3", "reclaim.batch=yes");
	assert_true(entry() & PTE_WRITE);
	assert_true(peek_frame(&s.m, cached_page())->flags & FRAME_DIRTY);
	/* mprotect gives the right back only where the entry is dirty. */
	run(file_of_one, "task t on cpu0 in A: load map+0; mprotect map+0 1p r; mprotect map+0 1p rw", "reclaim.batch=yes");
	assert_false(entry() & PTE_WRITE);
	run(file_of_one, "task t on cpu0 in A: store map+0 = 3; mprotect map+0 1p r; mprotect map+0 1p rw", "reclaim.batch=yes");
	assert_true(entry() & PTE_WRITE);
}

static void test_who_stays(void **state)
{
	(void)state;
	run(file_of_one, "touch A map+0\ntask t on cpu0 in A: mlock map+0 1p; reclaim map+0 1p", "reclaim.batch=yes");
	assert_int_not_equal(entry(), 0);
	/* A device holds it: unmapped, but not thrown away. */
	run(file_of_one, "touch A map+0 = 7\ntask t on cpu0 in A: pin map+0 1p; reclaim map+0 1p", "reclaim.batch=yes");
	assert_int_equal(entry(), 0);
	assert_int_not_equal(cached_page(), NO_FRAME);
	/* There is no swap. */
	run(private_page, "task t on cpu0 in A: reclaim heap+0 1p", "reclaim.batch=yes");
	assert_int_not_equal(entry(), 0);
	run("machine arch=x86 cpus=1 spec=off\nmm A\nfile data 1p\nvma A map 0x7f0000001000 1p rw data shared\n",
		"touch A map+0\ntask t on cpu0 in A: reclaim map+0 1p; writeback data", "reclaim.batch=yes");
	assert_int_not_equal(entry(), 0);
	assert_int_equal(peek_task(&s.m, 0)->result, RES_EINVAL);
}

static void test_given_up(void **state)
{
	(void)state;
	run(private_page, "task t on cpu0 in A: madvise heap+0 1p free; reclaim heap+0 1p; load heap+0", "pte.clear=xchg");
	assert_int_equal(loaded(), 0);
	run(private_page, "task t on cpu0 in A: madvise heap+0 1p free; store heap+0 = 9; reclaim heap+0 1p; load heap+0",
		"pte.clear=xchg");
	assert_int_equal(loaded(), 9);
	/* With nobody in between, reading and then clearing is as good. */
	run(private_page, "task t on cpu0 in A: madvise heap+0 1p free; store heap+0 = 9; reclaim heap+0 1p; load heap+0",
		"pte.clear=load-store");
	assert_int_equal(loaded(), 9);
}

/* Counters: what was pending counts as flushed once somebody has asked; the bool goes with the first who asks. */
static void test_pending(void **state)
{
	const struct batched *b = peek_batched(&s.m, 0);
	const char *lines = "touch A map+0\ntask t on cpu0 in A: reclaim map+0 1p; mprotect map+0 1p r\n"
			    "task other on cpu1 in A: after 2; load map+0";

	(void)state;
	run(file_of_one, "touch A map+0\ntask t on cpu0 in A: reclaim map+0 1p\ntask other on cpu1 in A: nop",
		"batched.pending=counters");
	assert_int_equal(b->pending, 1);
	assert_int_equal(b->flushed, 0);
	run(file_of_one, lines, "batched.pending=counters");
	assert_int_equal(b->pending, 1);
	assert_int_equal(b->flushed, 1);
	run(file_of_one, lines, "batched.pending=bool");
	assert_int_equal(b->pending, 0);
	run(file_of_one, lines, "batched.pending=none");
	assert_int_equal(b->pending, 0);
	/* A process whose CPU is the reclaimer's is flushed at once: nothing is left to a batch. */
	run("machine arch=x86 cpus=1 spec=off\nmm A\nfile data 1p disk\nvma A map 0x7f0000001000 1p rw data shared\n",
		"touch A map+0\ntask t on cpu0 in A: reclaim map+0 1p", "batched.pending=counters");
	assert_int_equal(b->pending, 0);
}

/* A batch names no mm: nothing of an mm is looked up for it, however its request travels. */
static void test_batch_travels(void **state)
{
	static const char *const ways[] = { "csd.async=off", "csd.async=unlock-before-func", "csd.async=no-wait",
					    "csd.async=unlock-before-func csd.mm=held", "kernel=6.12", "kernel=5.8", "kernel=4.14" };
	static const char two[] = "mm B\nvma B its 0x7f0000002000 1p r data shared\ntouch A map+0\ntouch B its+0\n"
				  "task t on cpu0 in A: reclaim map+0 1p\ntask other on cpu1 in B: nop";

	(void)state;
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		build(file_of_one, two, ways[i]);
		play();
		assert_int_equal(entry(), 0);
		assert_int_equal(cached_page(), NO_FRAME);
	}
}

/* A processor that does not look at W again sets D in an entry that has just lost it. */
static void test_dirty_on_read_only(void **state)
{
	static const char lines[] = "touch A heap+0 = 7\ntask t on cpu0 in A: madvise heap+0 1p free; load heap+0; mprotect heap+0 1p r\n"
				    "task other on cpu1 in A: after 2; load heap+0; store heap+0 = 9";
	struct complaint c;
	struct action a;

	(void)state;
	for (unsigned on = 0; on < 2; on++) {
		build("machine arch=x86 cpus=2 spec=off\nmm A\nvma A heap 0x7f0000001000 1p rw anon private\n", lines,
			on ? "cpu.dirty_on_ro=on" : "cpu.dirty_on_ro=off");
		/* cpu0 up to its mprotect, cpu1 up to the update before its store, then the entry loses W, then the update. */
		assert_int_equal(label_read(&s.m, "cpu1.step", &a, &c), OK);
		while (peek_task(&s.m, 0)->op < 2) {
			struct action first[MAX_ACTIONS];

			machine_actions(&s.m, first);
			machine_apply(&s.m, &first[0], &s.fx);
		}
		while (peek_task(&s.m, 1)->op < 2)
			machine_apply(&s.m, &a, &s.fx);
		machine_apply(&s.m, &a, &s.fx);
		assert_int_equal(label_read(&s.m, "cpu0.step", &a, &c), OK);
		while (entry() & PTE_WRITE)
			machine_apply(&s.m, &a, &s.fx);
		assert_false(entry() & PTE_DIRTY);
		assert_int_equal(label_read(&s.m, "cpu1.step", &a, &c), OK);
		machine_apply(&s.m, &a, &s.fx);
		assert_int_equal(!!(entry() & PTE_DIRTY), on);
		assert_false(entry() & PTE_WRITE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean_page_goes),
		cmocka_unit_test(test_dirty_page_is_written_first),
		cmocka_unit_test(test_bytes_survive),
		cmocka_unit_test(test_writeback_again),
		cmocka_unit_test(test_msync),
		cmocka_unit_test(test_first_store),
		cmocka_unit_test(test_who_stays),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_pending),
		cmocka_unit_test(test_batch_travels),
		cmocka_unit_test(test_dirty_on_read_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
