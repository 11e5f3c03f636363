/*
 * limits.h - every size of the machine, in one place.
 *
 * The world is flat and of fixed size, so a machine that is too big is refused when it is set up,
 * with the name and the value found here.  Nothing else in the program states a size of its own.
 */
#ifndef LIMITS_H
#define LIMITS_H

#define MAX_CPUS	4	/* logical CPUs */
#define MAX_DEVS	2	/* devices that do DMA, each behind the one IOMMU */
#define MAX_SUBS	3	/* mmu_notifier subscribers */
#define MAX_TASKS	8	/* threads of user processes */
#define MAX_MMS		4	/* address spaces */
#define MAX_VMAS	80	/* mappings, over all address spaces */
#define MM_VMAS		23	/* mappings of one address space */
#define MAX_FILES	24	/* files that can be mapped, shared anonymous memory included */
#define FILE_LOCKS	3	/* files with an i_mmap lock of their own, and one for the rest */
#define MAX_ANON_VMAS	64	/* anon_vmas, over all address spaces */
#define MAX_FRAMES	200	/* physical page frames */
#define MAX_TABLES	40	/* the first of them: only these can hold page tables */
#define LOW_FRAMES	24	/* the first of those: pages come from here before they come from above MAX_TABLES */

#define TABLE_SLOTS	16	/* non-empty entries of one page-table page */
#define HUGE_PAGES	8	/* of the 512 pages of a 2 MiB page, those that keep their place when it is split */
#define TABLE_DEPOSITS	3	/* 2 MiB pages under one PMD table that have a page-table page in reserve */
#define FILE_PAGES	33	/* pages of one file in the page cache */
#define PAGE_BYTES	20	/* bytes of a page, its first apart, that can differ from zero */
#define LRU_BATCH	31	/* pages whose move between LRU lists one CPU puts off */
#define PIN_PAGES	16	/* pages that one pin holds */
#define TLB_ENTRIES	8	/* leaf translations one TLB, IOTLB or shadow table holds */
#define PSC_ENTRIES	6	/* non-leaf entries one paging-structure cache holds */
#define QI_ENTRIES	8	/* descriptors in the invalidation queue */
#define INVALS		6	/* broadcast invalidations that one CPU can have pending */
#define MAX_ASIDS	4	/* global ASIDs */
#define MAX_PASIDS	4	/* entries of the PASID table */
#define GATHER_PAGES	20	/* pages one mmu_gather can collect; before it must flush: see struct profile */
#define GATHER_BATCH	4	/* pages one mmu_gather collects unless the `machine` line says otherwise */
#define RECLAIM_PAGES	8	/* pages that one reclaimer unmaps before it must flush */
#define MAX_BLOCKS	12	/* pages on the disk that were written */
#define GATHER_TABLES	8	/* page-table pages one mmu_gather collects */

#define MAX_OPS		96	/* operations of one program */
#define MAX_NMIS	4	/* NMIs that one CPU can take */
#define LATR_STATES	2	/* lazy states that one CPU's buffer holds */
#define LATR_PAGES	4	/* pages that one of them keeps */
#define CALL_QUEUE	6	/* calls that wait for one CPU: a flush and a single one from each of the others */
#define MAX_DEPTH	12	/* nested routines on one stack */
#define ACT_LOCALS	48	/* bytes of local variables of one routine frame */
#define MAX_REGS	16	/* registers of one thread that raw instructions name: r0, r1 ... */
#define MAX_NAME	12	/* bytes of a name, the final zero included */

#define MAX_EVENTS	24	/* events one step reports */
#define MAX_ACTIONS	160	/* actions offered in one state */
#define UNDO_BYTES	12288	/* old bytes one step can save */

#define MAX_REGIONS	12	/* named mappings of a scenario */
#define MAX_NEWS	2	/* addresses at a time that have a new page while the old one can still be reached */
#define UNFLUSHED_RANGES 4	/* ranges without a flush that a lint can tell apart, per mm */

#define MAX_SCENARIO	32768	/* bytes of a scenario's text */
#define MAX_LINE	8192	/* bytes of one line of it, the final zero included */
#define MAX_BEATS	96	/* say and do lines of one scenario */
#define MAX_VARIANTS	6	/* variants of one scenario */
#define MAX_EXPECTS	24	/* expect lines of one scenario */
#define MAX_OUTCOME_LINES 12	/* of them, those about outcomes */
#define MAX_SETUPS	64	/* set-up lines of one scenario */
#define MAX_LABEL	48	/* bytes of an action's label, the final zero included */
#define MAX_MARKS	64	/* bookmarks on one timeline */
#define MAX_TRACE	4096	/* steps of a counterexample */

#define MMAP_BASE	0x7ffff7f00000ull	/* below this mappings that ask for no place are put */

#define PAGE_SHIFT	12
#define PAGE_SIZE	0x1000ul
#define PMD_SHIFT	21
#define PMD_SIZE	0x200000ul

/* Contexts that own a stack of routine frames: every task, then per CPU one for its interrupts, then one for its NMIs. */
#define CTX_IRQ(cpu)	(MAX_TASKS + (unsigned)(cpu))
#define CTX_NMI(cpu)	(MAX_TASKS + MAX_CPUS + (unsigned)(cpu))
#define MAX_CTX		(MAX_TASKS + 2 * MAX_CPUS)
#define MAX_ACTS	(MAX_CTX * MAX_DEPTH)
/* Translation agents, each with a set of leaf entries: CPUs, devices (IOTLB), shadow subscribers. */
#define MAX_MMUS	(MAX_CPUS + MAX_DEVS + MAX_SUBS)
/* Page walkers: one per CPU for its instructions, one per CPU for speculation, one per device. */
#define MAX_WALKERS	(2 * MAX_CPUS + MAX_DEVS)

#define NONE		0xffu	/* "no object": an index that names nothing */
#define NO_FRAME	0xffffu	/* no page frame */
#define ZERO_PFN	(MAX_TABLES - 1)	/* the shared page of zeroes */

#endif
