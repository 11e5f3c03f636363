/* bare.c - see bare.h */
#include "bare.h"

#include "cpu.h"
#include "memory.h"
#include "mmu.h"

struct machine m;
struct effects fx;
unsigned table[5];

int bare_open(void **state)
{
	(void)state;
	world_init(&m);
	step_begin(&m, &fx);
	write_cpu(&m, 0)->online = 1;
	for (unsigned level = LEVEL_PGD; level >= LEVEL_PTE; level--) {
		table[level] = table_alloc(&m, 0, level);
		if (level < LEVEL_PGD)
			table_write(&m, table[level + 1], va_index(VA, level + 1),
				    pte_make(table[level], LEAF_BITS | PTE_WRITE));
	}
	*write_mm(&m, 0) = (struct mm){
		.used = 1, .state = MM_LIVE, .pgd = (uint16_t)table[LEVEL_PGD], .tlb_gen = 1
	};
	cpu_load_cr3(&m, 0, table[LEVEL_PGD], 0);
	write_cpu(&m, 0)->ctx_mm = write_cpu(&m, 0)->loaded_mm = 0;
	return 0;
}

int bare_close(void **state)
{
	(void)state;
	step_end(&m);
	assert_int_equal(m.digest, world_digest(&m));
	return 0;
}

unsigned map_page(uint64_t va, uint64_t flags)
{
	unsigned pfn = frame_alloc(&m, FRAME_ANON, 0);

	table_write(&m, table[LEVEL_PTE], va_index(va, LEVEL_PTE),
		    pte_make(pfn, LEAF_BITS | flags));
	return pfn;
}
