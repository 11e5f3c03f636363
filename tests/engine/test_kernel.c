/*
 * test_kernel.c - floor 3: each operation alone on one CPU, from its first step to its last.
 *
 * What it leaves in the page tables, and that everything adds up afterwards (see balance); then the listing
 * of every routine, which needs no world.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kit_case.h"
#define RW (VMA_READ | VMA_WRITE)

static unsigned run(struct op op)
{
	kit_start(&k, op);
	return kit_run(&k, NULL);
}

static struct op load(uint64_t va)
{
	return (struct op){ .kind = OP_LOAD, .va = va, .object = NONE };
}

static struct op store(uint64_t va, uint32_t value)
{
	return (struct op){ .kind = OP_STORE, .va = va, .value = value, .object = NONE };
}

static uint32_t loaded(void)
{
	return peek_task(&k.m, 0)->value;
}

static void file_make(unsigned pages)
{
	write_file(&k.m, 0)->used = 1;
	write_file(&k.m, 0)->size = (uint32_t)(pages * PAGE_SIZE);
}

static unsigned tables(void)
{
	unsigned n = 0;

	for (unsigned pfn = 0; pfn < MAX_FRAMES; pfn++)
		n += peek_frame(&k.m, pfn)->owner == FRAME_TABLE;
	return n;
}

static void test_mmap(void **state)
{
	(void)state;
	assert_int_equal(
		run((struct op){
			.kind = OP_MMAP, .va = HEAP, .len = 2 * PAGE_SIZE, .prot = RW, .object = NONE }),
		RES_OK);
	assert_int_equal(kit_pte(&k, 0, HEAP), 0);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_MMAP,
						    .va = HEAP + PAGE_SIZE,
						    .len = 2 * PAGE_SIZE,
						    .prot = RW,
						    .object = NONE }),
			 RES_EEXIST);
	assert_int_equal(kit_again(&k, store(HEAP, 4)), RES_OK);
	assert_int_equal(kit_again(&k, load(HEAP)), RES_OK);
	assert_int_equal(loaded(), 4);
}

static void test_fault_anon(void **state)
{
	(void)state;
	kit_vma(&k, HEAP, 2, RW, NONE);
	assert_int_equal(run(store(HEAP, 7)), RES_OK);
	assert_true(kit_pte(&k, 0, HEAP) & PTE_DIRTY);
	assert_int_equal(peek_frame(&k.m, pte_pfn(kit_pte(&k, 0, HEAP)))->value, 7);
	assert_int_equal(tables(), 4);
}

/* A load maps the zero page; a store to it copies and flushes. */
static void test_fault_zero(void **state)
{
	uint32_t gen;

	(void)state;
	kit_vma(&k, HEAP, 1, RW, NONE);
	assert_int_equal(run(load(HEAP)), RES_OK);
	assert_int_equal(loaded(), 0);
	assert_int_equal(pte_pfn(kit_pte(&k, 0, HEAP)), ZERO_PFN);
	assert_false(kit_pte(&k, 0, HEAP) & PTE_WRITE);
	gen = peek_mm(&k.m, 0)->tlb_gen;
	assert_int_equal(kit_again(&k, store(HEAP, 3)), RES_OK);
	assert_int_not_equal(pte_pfn(kit_pte(&k, 0, HEAP)), ZERO_PFN);
	assert_true(peek_mm(&k.m, 0)->tlb_gen > gen);
	assert_int_equal(kit_again(&k, load(HEAP)), RES_OK);
	assert_int_equal(loaded(), 3);
}

static void test_fault_file(void **state)
{
	unsigned pfn;

	(void)state;
	file_make(1);
	kit_vma(&k, HEAP, 2, RW | VMA_SHARED, 0);
	assert_int_equal(run(load(HEAP)), RES_OK);
	assert_int_equal(loaded(), 100);
	pfn = peek_file(&k.m, 0)->page[0];
	assert_int_equal(pte_pfn(kit_pte(&k, 0, HEAP)), pfn);
	assert_int_equal(kit_again(&k, store(HEAP, 5)), RES_OK);
	assert_int_equal(peek_frame(&k.m, pfn)->value, 5);
	assert_int_equal(kit_again(&k, load(HEAP + PAGE_SIZE)), RES_SIGBUS);
}

/* A private store copies the file's page, before and after it was mapped for reading. */
static void test_fault_file_private(void **state)
{
	(void)state;
	file_make(2);
	kit_vma(&k, HEAP, 2, RW, 0);
	assert_int_equal(run(store(HEAP, 5)), RES_OK);
	assert_int_equal(kit_again(&k, load(HEAP + PAGE_SIZE)), RES_OK);
	assert_int_equal(kit_again(&k, store(HEAP + PAGE_SIZE, 6)), RES_OK);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_not_equal(pte_pfn(kit_pte(&k, 0, HEAP + i * PAGE_SIZE)),
				     peek_file(&k.m, 0)->page[i]);
		assert_int_equal(peek_frame(&k.m, peek_file(&k.m, 0)->page[i])->value, 100 + i);
	}
}

static void test_fault_refused(void **state)
{
	(void)state;
	kit_vma(&k, HEAP, 1, VMA_READ, NONE);
	assert_int_equal(run(load(FAR)), RES_SIGSEGV);
	assert_int_equal(kit_again(&k, store(HEAP, 1)), RES_ACCERR);
	assert_int_equal(kit_again(&k, load(HEAP)), RES_OK);
	assert_int_equal(kit_again(&k, store(HEAP, 1)), RES_ACCERR);
}

/* The entry allows more than the TLB: the fault finds nothing to do. */
static void test_fault_spurious(void **state)
{
	unsigned table;
	uint64_t pte;

	(void)state;
	kit_vma(&k, HEAP, 1, RW, NONE);
	kit_page(&k, HEAP, 7);
	kit_start(&k, load(HEAP));
	kit_run(&k, NULL);
	step_begin(&k.m, &k.fx);
	table = pte_table(&k.m, 0, HEAP);
	pte = table_read(&k.m, table, va_index(HEAP, LEVEL_PTE));
	write_tlb(&k.m, 0)->leaf[0].flags &= (uint8_t)~LEAF_WRITE;
	kit_start(&k, store(HEAP, 8));
	assert_int_equal(kit_run(&k, NULL), RES_OK);
	assert_int_equal(kit_pte(&k, 0, HEAP), pte);
}

static void test_munmap(void **state)
{
	unsigned pfn;

	(void)state;
	kit_vma(&k, HEAP, 3, RW, NONE);
	for (unsigned i = 0; i < 3; i++)
		kit_page(&k, HEAP + i * PAGE_SIZE, i);
	assert_int_equal(run(load(HEAP + PAGE_SIZE)), RES_OK);
	pfn = pte_pfn(kit_pte(&k, 0, HEAP + PAGE_SIZE));
	/* The middle page: the mapping is split, the tables stay. */
	assert_int_equal(
		kit_again(&k, (struct op){ .kind = OP_MUNMAP, .va = HEAP + PAGE_SIZE, .len = PAGE_SIZE }),
		RES_OK);
	assert_int_equal(kit_pte(&k, 0, HEAP + PAGE_SIZE), 0);
	assert_int_equal(peek_frame(&k.m, pfn)->owner, FRAME_FREE);
	assert_int_equal(tables(), 4);
	assert_int_equal(kit_again(&k, load(HEAP + PAGE_SIZE)), RES_SIGSEGV);
	assert_int_equal(kit_again(&k, load(HEAP + 2 * PAGE_SIZE)), RES_OK);
	assert_int_equal(loaded(), 2);
	/* The rest: the tables go too, the root stays. */
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_MUNMAP, .va = HEAP, .len = 3 * PAGE_SIZE }),
			 RES_OK);
	assert_int_equal(tables(), 1);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_MUNMAP, .va = HEAP, .len = 3 * PAGE_SIZE }),
			 RES_OK);
}

/* More pages than a gather holds: flushes in between. */
static void test_munmap_batches(void **state)
{
	(void)state;
	kit_vma(&k, HEAP, 2 * GATHER_BATCH + 1, RW, NONE);
	for (unsigned i = 0; i < 2 * GATHER_BATCH + 1; i++)
		kit_page(&k, HEAP + i * PAGE_SIZE, i);
	assert_int_equal(
		run((struct op){ .kind = OP_MUNMAP, .va = HEAP, .len = (2 * GATHER_BATCH + 1) * PAGE_SIZE }),
		RES_OK);
	assert_int_equal(tables(), 1);
}

static void test_dontneed(void **state)
{
	(void)state;
	kit_vma(&k, HEAP, 2, RW, NONE);
	kit_page(&k, HEAP, 7);
	assert_int_equal(run((struct op){ .kind = OP_MADVISE, .va = HEAP, .len = 2 * PAGE_SIZE }),
			 RES_OK);
	assert_int_equal(kit_pte(&k, 0, HEAP), 0);
	assert_int_equal(kit_again(&k, load(HEAP)), RES_OK);
	assert_int_equal(loaded(), 0);
}

static void test_mprotect(void **state)
{
	struct op op = { .kind = OP_MPROTECT, .va = HEAP, .len = PAGE_SIZE, .prot = VMA_READ };

	(void)state;
	kit_vma(&k, HEAP, 2, RW, NONE);
	kit_page(&k, HEAP, 7);
	assert_int_equal(run(store(HEAP, 8)), RES_OK);
	assert_int_equal(kit_again(&k, op), RES_OK);
	assert_false(kit_pte(&k, 0, HEAP) & PTE_WRITE);
	assert_int_equal(kit_again(&k, store(HEAP, 9)), RES_ACCERR);
	op.prot = 0;
	assert_int_equal(kit_again(&k, op), RES_OK);
	assert_int_equal(kit_again(&k, load(HEAP)), RES_ACCERR);
	op.prot = RW;
	assert_int_equal(kit_again(&k, op), RES_OK);
	assert_int_equal(kit_again(&k, load(HEAP)), RES_OK);
	assert_int_equal(loaded(), 8);
	assert_int_equal(kit_again(&k, store(HEAP, 9)), RES_OK);
	assert_int_equal(kit_again(&k, store(HEAP + PAGE_SIZE, 1)), RES_OK);
	op.va = FAR;
	assert_int_equal(kit_again(&k, op), RES_ENOMEM);
}

static void test_mremap(void **state)
{
	struct op op = { .kind = OP_MREMAP, .va = HEAP, .to = FAR, .len = 2 * PAGE_SIZE, .value = 2 * PAGE_SIZE,
			 .flags = MOVE_MAYMOVE | MOVE_FIXED };
	unsigned pfn;

	(void)state;
	kit_vma(&k, HEAP, 3, RW, NONE);
	pfn = kit_page(&k, HEAP, 7);
	kit_page(&k, HEAP + 2 * PAGE_SIZE, 5);
	assert_int_equal(run(load(HEAP)), RES_OK);
	assert_int_equal(kit_again(&k, op), RES_OK);
	assert_int_equal(kit_pte(&k, 0, HEAP), 0);
	assert_int_equal(pte_pfn(kit_pte(&k, 0, FAR)), pfn);
	assert_int_equal(kit_again(&k, load(HEAP)), RES_SIGSEGV);
	assert_int_equal(kit_again(&k, load(FAR)), RES_OK);
	assert_int_equal(loaded(), 7);
	assert_int_equal(kit_again(&k, load(HEAP + 2 * PAGE_SIZE)), RES_OK);
	assert_int_equal(kit_again(&k, op), RES_EFAULT);
}

/* 2 MiB, aligned, with a table there and none here: the table itself moves. */
static void test_mremap_pmd(void **state)
{
	const uint64_t from = 0x7f0000200000, to = 0x7f0000600000;
	unsigned table;

	(void)state;
	kit_vma(&k, from, 512, RW, NONE);
	kit_page(&k, from + 3 * PAGE_SIZE, 7);
	table = pte_table(&k.m, 0, from);
	assert_int_equal(run(load(from + 3 * PAGE_SIZE)), RES_OK);
	assert_int_equal(
		kit_again(&k, (struct op){ .kind = OP_MREMAP, .va = from, .to = to, .len = 512 * PAGE_SIZE,
					   .value = 512 * PAGE_SIZE, .flags = MOVE_MAYMOVE | MOVE_FIXED }),
		RES_OK);
	assert_int_equal(kit_pte(&k, 0, from + 3 * PAGE_SIZE), 0);
	step_begin(&k.m, &k.fx);
	assert_int_equal(pte_table(&k.m, 0, to), table);
	step_end(&k.m);
	assert_int_equal(kit_again(&k, load(from + 3 * PAGE_SIZE)), RES_SIGSEGV);
	assert_int_equal(kit_again(&k, load(to + 3 * PAGE_SIZE)), RES_OK);
	assert_int_equal(loaded(), 7);
}

static void test_fork(void **state)
{
	unsigned pfn;

	(void)state;
	file_make(1);
	kit_vma(&k, HEAP, 1, RW, NONE);
	kit_vma(&k, FAR, 1, RW | VMA_SHARED, 0);
	kit_unborn(&k, 1);
	pfn = kit_page(&k, HEAP, 7);
	assert_int_equal(run(store(FAR, 5)), RES_OK);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_FORK, .object = 1 }), RES_OK);
	assert_int_equal(peek_mm(&k.m, 1)->state, MM_LIVE);
	assert_int_equal(pte_pfn(kit_pte(&k, 0, HEAP)), pfn);
	assert_int_equal(pte_pfn(kit_pte(&k, 1, HEAP)), pfn);
	assert_false(kit_pte(&k, 0, HEAP) & PTE_WRITE || kit_pte(&k, 1, HEAP) & PTE_WRITE);
	assert_int_equal(peek_frame(&k.m, pfn)->mapcount, 2);
	/* The parent's store copies, the child keeps the old page. */
	assert_int_equal(kit_again(&k, store(HEAP, 9)), RES_OK);
	assert_int_not_equal(pte_pfn(kit_pte(&k, 0, HEAP)), pfn);
	assert_int_equal(peek_frame(&k.m, pfn)->value, 7);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_FORK, .object = 1 }), RES_EINVAL);
}

static void test_exit(void **state)
{
	(void)state;
	file_make(1);
	kit_vma(&k, HEAP, 2, RW, NONE);
	kit_vma(&k, FAR, 1, RW | VMA_SHARED, 0);
	kit_page(&k, HEAP, 7);
	assert_int_equal(run(load(FAR)), RES_OK);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_EXIT }), RES_OK);
	assert_int_equal(peek_mm(&k.m, 0)->state, MM_DEAD);
	assert_int_equal(tables(), 1);
	for (unsigned v = 0; v < MAX_VMAS; v++)
		assert_false(peek_vma(&k.m, v)->used);
	/* The page cache outlives the process. */
	assert_int_not_equal(peek_file(&k.m, 0)->page[0], NO_FRAME);
}

static void test_truncate(void **state)
{
	unsigned gone;

	(void)state;
	file_make(3);
	kit_vma(&k, HEAP, 3, RW | VMA_SHARED, 0);
	assert_int_equal(run(load(HEAP)), RES_OK);
	assert_int_equal(kit_again(&k, load(HEAP + 2 * PAGE_SIZE)), RES_OK);
	gone = peek_file(&k.m, 0)->page[2];
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_TRUNCATE, .len = PAGE_SIZE, .object = 0 }),
			 RES_OK);
	assert_int_equal(peek_file(&k.m, 0)->size, PAGE_SIZE);
	assert_int_equal(peek_file(&k.m, 0)->page[2], NO_FRAME);
	assert_int_equal(peek_frame(&k.m, gone)->owner, FRAME_FREE);
	assert_int_equal(kit_again(&k, load(HEAP)), RES_OK);
	assert_int_equal(kit_again(&k, load(HEAP + 2 * PAGE_SIZE)), RES_SIGBUS);
}

static void test_shadow(void **state)
{
	struct op guest = { .kind = OP_VCPU_STORE, .va = HEAP, .value = 9, .object = 0 };
	uint8_t seq;

	(void)state;
	kit_vma(&k, HEAP, 1, RW, NONE);
	kit_page(&k, HEAP, 7);
	*write_sub(&k.m, 0) = (struct sub){ .kind = SUB_SHADOW, .mm = NONE, .dev = NONE };
	assert_int_equal(run((struct op){ .kind = OP_REGISTER, .object = 0 }), RES_OK);
	assert_int_equal(peek_mm(&k.m, 0)->subs, 1);
	assert_int_equal(kit_again(&k, guest), RES_OK);
	assert_int_equal(peek_tlb(&k.m, MMU_SUB(0))->count, 1);
	assert_int_equal(peek_frame(&k.m, peek_tlb(&k.m, MMU_SUB(0))->leaf[0].pfn)->value, 9);
	seq = peek_sub(&k.m, 0)->seq;
	assert_int_equal(
		kit_again(&k, (struct op){ .kind = OP_MADVISE, .va = HEAP, .len = PAGE_SIZE }),
		RES_OK);
	assert_int_equal(peek_tlb(&k.m, MMU_SUB(0))->count, 0);
	assert_int_equal(peek_sub(&k.m, 0)->seq, seq + 1);
	/* The page is gone: the guest's fault faults in the process, too. */
	assert_int_equal(kit_again(&k, guest), RES_OK);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_UNREGISTER, .object = 0 }), RES_OK);
	assert_int_equal(peek_tlb(&k.m, MMU_SUB(0))->count, 0);
	assert_int_equal(peek_mm(&k.m, 0)->subs, 0);
	assert_int_equal(kit_again(&k, (struct op){ .kind = OP_UNREGISTER, .object = 0 }), RES_OK);
}

static void test_locks(void **state)
{
	(void)state;
	kit_vma(&k, HEAP, 1, RW, NONE);
	kit_start(&k, load(FAR));
	assert_true(lock_free_for(&k.m, LOCK_MMAP(0), LOCK_EXCLUSIVE));
	while (!peek_lock(&k.m, LOCK_MMAP(0))->readers) {
		step_begin(&k.m, &k.fx);
		cpu_step(&k.m, 0);
		step_end(&k.m);
	}
	assert_false(lock_free_for(&k.m, LOCK_MMAP(0), LOCK_EXCLUSIVE));
	assert_true(lock_free_for(&k.m, LOCK_MMAP(0), LOCK_SHARED));
	assert_true(lock_spins(LOCK_PTL(1)) && lock_spins(LOCK_PAGE_TABLE(0)) &&
		    lock_spins(LOCK_QI));
	assert_false(lock_spins(LOCK_MMAP(0)) || lock_spins(LOCK_I_MMAP(0)));
	assert_int_equal(kit_run(&k, NULL), RES_SIGSEGV);
}

/* Every routine lists itself: words on every line, and every line once. */
static void test_listing(void **state)
{
	(void)state;
	kit_start(&k, load(FAR));
	kit_run(&k, NULL);
	for (unsigned r = 0; r < ROUTINE_COUNT; r++) {
		const char *words, *seen[64];
		unsigned line = 1;
		bool call;

		assert_true(strlen(routine_table[r]->name) > 0 &&
			    strlen(routine_table[r]->path) > 0);
		for (; routine_line(r, line, &words, &call); line++) {
			assert_true(line < 64);
			assert_true(strlen(words) > 3 && strlen(words) <= 100);
			seen[line] = words;
			for (unsigned i = 1; i < line; i++)
				assert_true(call || strcmp(seen[i], words) != 0);
		}
		assert_true(line > 1);
		assert_false(routine_line(r, line + 1, &words, &call));
	}
}

/* Operations are printed as they are read. */
static void test_ops(void **state)
{
	char buf[100], why[160];

	(void)state;
	strcpy(k.m.names.name[NAME_MM][1], "B");
	strcpy(k.m.names.name[NAME_FILE][0], "data");
	strcpy(k.m.names.name[NAME_FILE][1], "gpu");
	strcpy(k.m.names.name[NAME_SUB][0], "kvm");
	strcpy(k.m.names.name[NAME_SUB][1], "sva0");
	strcpy(k.m.names.name[NAME_FRAME][7], "p");
	k.m.names.region[0] = (struct region){ "heap", HEAP, 4, 0 };
	k.m.names.regions = 1;
	for (unsigned o = OP_NONE + 1; o < OP_KINDS; o++) {
		const char *rest = op_table[o].example;
		struct text t = text_over(buf, sizeof(buf));
		struct op op, again;

		assert_true(op_read(&k.m.names, &rest, op_table[o].device, &op, why, sizeof(why)));
		assert_int_equal(op.kind, o);
		op_text(&t, &k.m.names, &op);
		rest = buf;
		assert_true(
			op_read(&k.m.names, &rest, op_table[o].device, &again, why, sizeof(why)));
		assert_memory_equal(&op, &again, sizeof(op));
		rest = op_table[o].example;
		assert_false(
			op_read(&k.m.names, &rest, !op_table[o].device, &op, why, sizeof(why)));
	}
	k.m.names.name[NAME_FRAME][7][0] = '\0';
	kit_start(&k, load(FAR));
	kit_run(&k, NULL);
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, open_kit, adds_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(test_mmap),
		ROW(test_fault_anon),
		ROW(test_fault_zero),
		ROW(test_fault_file),
		ROW(test_fault_file_private),
		ROW(test_fault_refused),
		ROW(test_fault_spurious),
		ROW(test_munmap),
		ROW(test_munmap_batches),
		ROW(test_dontneed),
		ROW(test_mprotect),
		ROW(test_mremap),
		ROW(test_mremap_pmd),
		ROW(test_fork),
		ROW(test_exit),
		ROW(test_truncate),
		ROW(test_shadow),
		ROW(test_locks),
		ROW(test_listing),
		ROW(test_ops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
