/*
 * pte.h - x86-64 page-table entries and addresses: 4 levels of 512 entries, 4 KiB pages.
 *
 * An entry is the 64-bit word the hardware reads.  Levels are numbered as the hardware walks them:
 * 4 = PGD (PML4), 3 = PUD, 2 = PMD, 1 = PTE.
 */
#ifndef PTE_H
#define PTE_H

#include <stdbool.h>
#include <stdint.h>

#include "limits.h"

#define PTE_PRESENT	(1ull << 0)
#define PTE_WRITE	(1ull << 1)
#define PTE_USER	(1ull << 2)
#define PTE_ACCESSED	(1ull << 5)
#define PTE_DIRTY	(1ull << 6)
#define PTE_HUGE	(1ull << 7)	/* PS: a leaf at level 2 */
#define PTE_MIGRATION	(1ull << 9)	/* ours, not present: its page is being copied to another */
#define PTE_NX		(1ull << 63)
#define PTE_PFN_MASK	0x000ffffffffff000ull

#define LEVEL_PGD	4u
#define LEVEL_PMD	2u
#define LEVEL_PTE	1u

static inline uint64_t pte_make(unsigned pfn, uint64_t flags)
{
	return ((uint64_t)pfn << PAGE_SHIFT) | flags;
}

static inline unsigned pte_pfn(uint64_t pte)
{
	return (unsigned)((pte & PTE_PFN_MASK) >> PAGE_SHIFT);
}

static inline bool pte_present(uint64_t pte)
{
	return (pte & PTE_PRESENT) != 0;
}

/* Does this entry end the walk at this level? */
static inline bool pte_leaf(uint64_t pte, unsigned level)
{
	return level == LEVEL_PTE || (level == LEVEL_PMD && (pte & PTE_HUGE));
}

/* Index of va in a table of the given level, 0..511. */
static inline unsigned va_index(uint64_t va, unsigned level)
{
	return (unsigned)(va >> (PAGE_SHIFT + 9 * (level - 1))) & 511u;
}

/* Bytes that one entry of the level covers: 4 KiB at 1, 2 MiB at 2, ... */
static inline uint64_t level_size(unsigned level)
{
	return 1ull << (PAGE_SHIFT + 9 * (level - 1));
}

static inline uint64_t va_page(uint64_t va)
{
	return va & ~(PAGE_SIZE - 1);
}

static inline const char *level_name(unsigned level)
{
	static const char *const names[] = { "?", "PTE", "PMD", "PUD", "PGD" };

	return names[level <= LEVEL_PGD ? level : 0];
}

#endif
