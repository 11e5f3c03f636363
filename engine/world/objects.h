/*
 * objects.h - what the world is made of: one struct per kind of object.
 *
 * Objects are flat, without pointers and without padding, and name each other by index (NONE or
 * NO_FRAME = no object).  Sets are kept sorted and unused room is zero, so that equal states are
 * equal bytes; their size is a multiple of 8.  Fields marked ghost exist for the rules only: kernel and hw code never decide by them.
 */
#ifndef OBJECTS_H
#define OBJECTS_H

#include <stdint.h>

#include "arch.h"
#include "devices.h"
#include "limits.h"
#include "program.h"

/* ---- memory ---- */

enum frame_owner { FRAME_FREE, FRAME_ANON, FRAME_FILE, FRAME_TABLE, FRAME_ZERO, FRAME_OWNERS };

enum frame_flags {
	FRAME_DIRTY = 1, FRAME_EXCLUSIVE = 2, FRAME_LAZYFREE = 4,
	FRAME_LOCKED = 8,	/* PG_locked */
	FRAME_WRITEBACK = 16,	/* PG_writeback: on its way to the disk */
	FRAME_DISK = 32,	/* of a file that a disk keeps: mapping_can_writeback() */
	FRAME_UNSAVED = 64,	/* ghost: was stored to since the disk read it, or since it may be freed lazily */
	FRAME_COUNTED = 128,	/* ghost: who is to drop it has counted its references and goes by that */
	FRAME_NEWER = 256,	/* ghost: an address goes on here while its old page can still be reached */
	FRAME_TELLS = 512,	/* ghost: who stored here last knew of such an address, see struct news */
	FRAME_UNCACHED = 1024,	/* a driver made it uncached: no ordinary memory */
};

struct frame {
	uint8_t owner;		/* enum frame_owner */
	uint8_t level;		/* of a page-table page, 1..4 */
	uint8_t refcount;
	uint8_t mapcount;	/* page-table entries that map it */
	uint8_t pins;		/* of its references, those of devices */
	uint8_t owner_id;	/* the mm or the file */
	uint16_t generation;	/* moves at every free: an older copy of it is stale */
	uint32_t value;		/* what the page contains: its first byte, or one number for all of it */
	uint16_t flags;		/* enum frame_flags */
	uint16_t next;		/* of a free frame: that which goes after it, 0 = none */
};

/* Where free frames are kept: those for everything, those for page tables before all else, those for pages alone. */
enum free_zone { FREE_LOW, FREE_TABLES, FREE_PAGES, FREE_ZONES };

static inline enum free_zone free_zone_of(unsigned pfn)
{
	return pfn < LOW_FRAMES ? FREE_LOW : pfn < MAX_TABLES ? FREE_TABLES : FREE_PAGES;
}

/* Free frames as stacks: what was freed last goes first, as from the lists of a CPU (free_frozen_pages). */
struct free_list {
	uint16_t head[FREE_ZONES + 1];	/* 0 = empty; the last is not used */
};

/* What else the page in the frame of the same number contains: bytes that are not zero, sorted. */
struct content {
	uint16_t at[PAGE_BYTES];
	uint8_t value[PAGE_BYTES];
	uint8_t count;
	uint8_t unused[3];
};

/* The entries of the page-table page in the frame of the same number. */
struct table {
	uint64_t slot[TABLE_SLOTS];	/* sorted by index, which sits in the ignored bits 52..60 */
	uint8_t count;
	uint8_t deposits;
	uint16_t deposit[TABLE_DEPOSITS];	/* of a PMD table: page-table pages in reserve, for when its 2 MiB pages are split */
};

/* ---- translation caches ---- */

enum leaf_flags {
	LEAF_WRITE = 1, LEAF_USER = 2, LEAF_NX = 4, LEAF_DIRTY = 8, LEAF_HUGE = 16,
	LEAF_CONDEMNED = 32,	/* ghost: an operation that outlawed this entry has returned */
	LEAF_SUPERSEDED = 64,	/* ghost: the contents of its address have been copied to another page */
};

struct leaf {
	uint64_t va;		/* of the page, low bits zero */
	uint16_t pfn;
	uint16_t generation;	/* of the frame when the entry was made */
	uint8_t pcid;		/* PCID, or PASID in an IOTLB */
	uint8_t mm;		/* ghost: whose translation this is */
	uint8_t flags;		/* enum leaf_flags */
	uint8_t outlawed;	/* ghost: tasks whose running operation must not return before it is gone */
};

/* Leaf entries of one translation agent: a CPU's TLB, a device's IOTLB, a subscriber's own table. */
struct tlb {
	struct leaf leaf[TLB_ENTRIES];	/* sorted by (pcid, va) */
	uint8_t count;
	uint8_t unused[7];
};

/* A cached entry that references a table: va prefix -> table page. */
struct psc_entry {
	uint64_t va;		/* prefix, low bits zero */
	uint16_t table;		/* frame of the next table */
	uint16_t generation;	/* of that frame when the entry was made */
	uint8_t level;		/* of that table, 1..3 */
	uint8_t pcid;
	uint8_t mm;		/* ghost */
	uint8_t rights;		/* accumulated LEAF_WRITE | LEAF_USER | LEAF_NX */
};

/* Paging-structure cache of a CPU, page-walk cache of the IOMMU for one device. */
struct psc {
	struct psc_entry entry[PSC_ENTRIES];	/* sorted by (pcid, level, va) */
	uint8_t count;
	uint8_t unused[7];
};

/* A walk in flight: the next read is of `table` at `level`. */
struct walker {
	uint64_t va;
	uint16_t table;
	uint16_t generation;	/* of that table when the walker learnt of it */
	uint8_t active;
	uint8_t level;
	uint8_t write;		/* the access that asked is a store */
	uint8_t pcid;
	uint8_t mm;		/* ghost */
	uint8_t rights;
	uint8_t unused[6];
};

/* ---- CPUs ---- */

#define MM_SWITCHING	0xfeu	/* loaded_mm between "about to write CR3" and "written" */

#define QUEUE_SINGLE	0x80u

enum cpu_pending { PENDING_IPI = 1, PENDING_TICK = 2 };

/* What a CPU has stored and others do not see yet. */
enum store_buffer { BUFFER_EMPTY, BUFFER_LOADED_MM, BUFFER_LAZY };

/* TIF_POLLING_NRFLAG and TIF_NEED_RESCHED of a CPU's idle thread. */
enum idle_polling { IDLE_NO_POLL, IDLE_POLLS, IDLE_TOLD };

struct cpu {
	uint32_t tlb_gen;	/* cpu_tlbstate.ctxs[loaded_mm_asid].tlb_gen */
	uint32_t other_gen;	/* with PCIDs: of the slot that is not loaded */
	uint16_t cr3;		/* frame of the PGD, NO_FRAME = none loaded */
	uint8_t online;
	uint8_t current;	/* task, NONE = idle */
	uint8_t irq_off;	/* RFLAGS.IF is clear */
	uint8_t in_irq;		/* the interrupt context runs */
	uint8_t loaded_mm;	/* cpu_tlbstate.loaded_mm, MM_SWITCHING, NONE */
	uint8_t ctx_mm;		/* cpu_tlbstate.ctxs[loaded_mm_asid].ctx_id */
	uint8_t pending;	/* enum cpu_pending */
	uint8_t queued;		/* length of call_single_queue */
	uint8_t queue[CALL_QUEUE];	/* senders, in order of arrival; QUEUE_SINGLE: of a call to this CPU alone */
	uint8_t in_nmi;		/* the NMI context runs */
	uint8_t async;		/* async_func_in_progress: a flush whose csd is unlocked, or about to be */
	uint8_t pcid;		/* of CR3: 1 or 2, a slot each; 0 = CR4.PCIDE is clear */
	uint8_t other_mm;	/* ctx_id of the slot that is not loaded */
	uint8_t leaving;	/* while CR3 is loaded for the next task: the one before, which is current still; NONE */
	uint8_t is_lazy;	/* cpu_tlbstate_shared.is_lazy: a kernel thread runs on the tables of loaded_mm */
	uint8_t active_mm;	/* what the current kernel thread has borrowed, NONE = a user task runs */
	uint8_t buffer;		/* enum store_buffer */
	uint8_t seen;		/* what other CPUs see in place of the store in the buffer */
	uint8_t polling;	/* enum idle_polling */
	uint8_t unused[6];
};

/* NMIs to come on a CPU, in order; each handler loads one address of user memory. */
struct nmi {
	uint64_t va[MAX_NMIS];
	uint32_t value;		/* what the last one saw */
	uint8_t count;
	uint8_t next;
	uint8_t result;		/* enum op_result of the last one */
	uint8_t unused;
};

/* A probe on flush_tlb_func of a CPU: its handler loads one address of user memory each time. */
struct probe {
	uint64_t va;
	uint32_t value;		/* what the last one saw */
	uint8_t armed;
	uint8_t result;		/* enum op_result of the last one */
	uint8_t unused[2];
};

/* csd_data of a CPU: a call to one CPU, not waited for, whose function loads one address of user memory there. */
struct single {
	uint64_t va;
	uint8_t locked;
	uint8_t unused[7];
};

/* What a call across CPUs does on its target. */
enum call_func { CALL_FLUSH, CALL_TABLE_SYNC, CALL_SHOOT_LAZY, CALL_CPA, CALL_LOAD };

/* What an asynchronous call carries from one CPU to another: flush_tlb_info, copied into the csd. */
struct csd {
	uint64_t start, end;
	uint32_t new_tlb_gen;
	uint8_t mm;
	uint8_t freed_tables;
	uint8_t stride_shift;
	uint8_t func;		/* enum call_func */
	uint8_t inlined;	/* the target has no other source: its sender may be gone */
	uint8_t mm_held;	/* with a reference to the mm, which the target drops */
	uint8_t unused[6];
};

/* What a handler has copied from csds that it unlocked before any function ran: flushes by sender, then single calls. */
struct taken {
	struct csd info[2 * MAX_CPUS];
};

/* cfd_data and flush_tlb_info of one sending CPU: at most one multi-CPU call in flight. */
struct call {
	uint64_t start, end;	/* flush_tlb_info; end = FLUSH_ALL for everything */
	uint32_t new_tlb_gen;
	uint8_t mm;
	uint8_t freed_tables;
	uint8_t stride_shift;
	uint8_t locked;		/* targets whose csd is still locked, a bit per CPU */
	uint8_t raise;		/* targets whose queue was empty: they get the interrupt */
	uint8_t func;		/* enum call_func */
	uint8_t unused[6];
};

#define FLUSH_ALL	(~0ull)	/* TLB_FLUSH_ALL */

/* ---- processes ---- */

enum mm_state { MM_UNBORN, MM_LIVE, MM_EXITING, MM_DEAD };

struct mm {
	uint32_t tlb_gen;	/* context.tlb_gen */
	uint32_t done_gen;	/* ghost: the highest that a flush which has returned asked for */
	uint16_t pgd;
	uint8_t used;
	uint8_t state;		/* enum mm_state */
	uint8_t users;		/* tasks that run in it */
	uint8_t cpumask;	/* mm_cpumask */
	uint8_t flush_pending;	/* tlb_flush_pending */
	uint8_t subs;		/* registered subscribers, a bit each */
	uint16_t changes;	/* ghost: entries taken out or weakened so far */
	uint8_t active_ranges;	/* ghost: range_start calls that have not ended */
	uint8_t has_pinned;	/* MMF_HAS_PINNED: a device has pinned pages of it once */
	uint8_t count;		/* mm_count: one for all users, one for each kernel thread that borrows it */
	uint8_t held;		/* further references, of flushes on their way */
};

/* tlb_flush_batched of an mm: how many unmaps left their flush to a batch, and how many of these are known to be flushed. */
struct batched {
	uint16_t pending, flushed;
	uint8_t unused[4];
};

/* tlb_ubc of a task, and the pages that it reclaims: out of every table, freed after the batch's flush. */
struct ubc {
	uint32_t gen[MAX_MMS];	/* ghost: tlb_gen of each mm as of its last entry in the batch, 0 = none */
	uint16_t page[RECLAIM_PAGES];
	uint8_t pages;
	uint8_t cpumask;	/* arch.cpumask */
	uint8_t flush_required;
	uint8_t writable;	/* one of the entries was dirty: who still has it cached can store */
	uint8_t unused[4];
};

/* Ghost: what was taken out or weakened in an mm and no CPU flush has covered yet. */
struct unflushed {
	uint64_t start[UNFLUSHED_RANGES], end[UNFLUSHED_RANGES];	/* sorted */
	uint8_t count;
	uint8_t overflow;	/* there was more: nothing is known */
	uint8_t unused[6];
};

/* Ghost: an address that goes on in a new page while the old one can still be reached, and who knows of the new one. */
struct news {
	uint64_t va;		/* of the page */
	uint64_t page[(MAX_FRAMES + 63) / 64];	/* pages whose contents tell of it, a bit each */
	uint8_t mm;
	uint8_t tasks;		/* that have seen it, or what tells of it, a bit each */
	uint8_t used;
	uint8_t unused[5];
};

/* The attached mappings of an mm, by address: its maple tree. */
struct tree {
	uint8_t vma[MM_VMAS];
	uint8_t count;
};

enum vma_flags {
	VMA_READ = 1, VMA_WRITE = 2, VMA_EXEC = 4,
	VMA_SHARED = 8,		/* MAP_SHARED, through whatever descriptor: VM_MAYSHARE */
	VMA_DETACHED = 0x10,	/* no longer in the tree */
	VMA_RDONLY = 0x20,	/* its file was opened for reading only */
	VMA_LOCKED = 0x40, VMA_ACCOUNT = 0x80, VMA_NORESERVE = 0x100, VMA_DONTCOPY = 0x200, VMA_WIPEONFORK = 0x400,
	VMA_SEQ_READ = 0x800, VMA_RAND_READ = 0x1000, VMA_DONTDUMP = 0x2000, VMA_HUGEPAGE = 0x4000,
	VMA_NOHUGEPAGE = 0x8000,
	VMA_NOTIFY = 0x10000,	/* vma_wants_writenotify: the first store to a clean page faults */
	VMA_PFNMAP = 0x20000,	/* memory of a driver: nobody counts who uses its pages */
	VMA_DETACHER = 0x1000000,	/* from here on: the context that detached it */
	VMA_ACCESS = VMA_READ | VMA_WRITE | VMA_EXEC,
};

struct vma {
	uint64_t start, end;
	uint64_t pgoff;		/* page of the file at start; anonymous: the page number of start when it was made */
	uint64_t chain;		/* anon_vma_chain: the anon_vmas through which its pages are found, a bit each */
	uint32_t flags;		/* enum vma_flags */
	uint8_t used;
	uint8_t mm;
	uint8_t file;		/* NONE = anonymous */
	uint8_t anon_vma;	/* of new anonymous pages, 0 = none yet */
};

/* The anon_vmas, numbered from 1: whose child each is (a root is its own). */
struct anon_vmas {
	uint8_t parent[MAX_ANON_VMAS];
};

enum file_kind { FILE_NONE, FILE_NAMED, FILE_SHMEM, FILE_DISK, FILE_DRIVER };

struct file {
	uint16_t page[FILE_PAGES];	/* page cache: frame or NO_FRAME */
	uint8_t used;			/* enum file_kind; FILE_SHMEM goes with its last mapping; the driver's own: see pfnmap.c */
	uint8_t unused;
	uint32_t size;			/* in bytes */
	uint64_t hole;			/* pages that read as zeroes when they are not in the page cache, a bit each */
};

/* A page as the disk has it, once it was written there. */
struct block {
	struct content bytes;
	uint32_t value;
	uint8_t used;
	uint8_t file;
	uint8_t index;		/* page of the file */
	uint8_t unused;
};

/* Pages of an mm that a device may write at any time (FOLL_WRITE | FOLL_LONGTERM). */
struct pin {
	uint64_t start, end;		/* bytes */
	uint16_t page[PIN_PAGES];
	uint8_t used;
	uint8_t pages;
	uint8_t unused[6];
};

/* Folio batches of a CPU: pages that left a locked mapping or may be freed lazily; each is held until they are drained. */
struct lru_batch {
	uint16_t page[LRU_BATCH];
	uint8_t count;
	uint8_t unused;
};

/* ---- execution ---- */

enum task_state { TASK_READY, TASK_DONE };

struct task {
	uint32_t value;		/* what its last load saw */
	uint8_t used;
	uint8_t cpu;
	uint8_t mm;
	uint8_t state;		/* enum task_state */
	uint8_t op;		/* index of the operation it is in */
	uint8_t result;		/* enum op_result of its last operation */
	uint8_t cpus;		/* CPUs that the scheduler may move it to, a bit each; 0 = it stays */
	uint8_t unused[5];
};

/* One stack of routine frames. */
struct ctx {
	uint8_t depth;		/* frames on the stack, 0 = nothing runs */
	uint8_t cpu;
	uint8_t atomic;		/* preempt count: spinlocks held, preemption disabled */
	uint8_t unused;
	uint16_t ranks;		/* ghost: ranks of the locks it holds, see rule_lock_order */
	uint8_t unused2[2];
};

enum wait_kind {
	WAIT_NONE,	/* parked at a step that may be taken */
	WAIT_CALL,	/* not parked: the frame above it runs */
	WAIT_LOCK,	/* object = lock, detail = enum lock_mode */
	WAIT_CSD,	/* object = sending cpu, detail = targets: until each of these has unlocked */
	WAIT_QI,	/* object = context: until the IOMMU has written its status word */
	WAIT_SRCU,	/* detail = contexts that were inside when the wait began */
	WAIT_BORN,	/* object = mm */
	WAIT_QI_ROOM,	/* detail = descriptors: until the queue has room for them */
	WAIT_PMAP,	/* Mach: object = mm: until its tables are unlocked; detail = 1 + cpu: and those it was asked about */
	WAIT_PARKED,	/* detail = CPUs: until each has parked (Mach) */
	WAIT_SINGLE,	/* object = cpu: until its csd_data is unlocked */
	WAIT_TURN,	/* detail = operations of all tasks that must have ended */
	WAIT_ACCESS,	/* for nothing: the step looks up the address in its first local */
	WAIT_FOLIO,	/* object = frame, detail = flags of it that must be clear */
	WAIT_INVAL_ROOM, /* until every CPU has room for one more broadcast invalidation */
	WAIT_INVAL_DONE, /* until every CPU has done what this CPU, the one the context is on, has issued */
	WAIT_LOADED,	/* object = cpu: until it is not between two address spaces */
	WAIT_KINDS
};

/* A frame of a routine: where it stands, what it waits for, its locals. */
struct act {
	uint8_t routine;
	uint8_t pc;		/* the step that comes next */
	uint8_t wait;		/* enum wait_kind */
	uint8_t result;		/* what the routine it called returned */
	uint16_t wait_object;
	uint16_t wait_detail;
	uint64_t local[ACT_LOCALS / 8];
};

enum lock_mode { LOCK_SHARED, LOCK_EXCLUSIVE };

struct lock {
	uint16_t readers;	/* contexts, a bit each */
	uint8_t owner;		/* context that holds it exclusively, NONE */
	uint8_t unused[5];
};

/* struct mmu_gather of the operation a task is in. */
struct gather {
	uint64_t start, end;	/* empty: start > end, see gather.c */
	uint16_t page[GATHER_PAGES];
	uint16_t table[GATHER_TABLES];
	uint8_t mm;
	uint8_t pages, tables;
	uint8_t fullmm;
	uint8_t freed_tables;
	uint8_t cleared;	/* bit 0 cleared_ptes, 1 cleared_pmds, 2 cleared_puds, 3 cleared_p4ds */
	uint8_t protects;	/* it is change_protection's */
	uint8_t unused;
	uint32_t delayed;	/* of `page`, a bit each: the map count goes down after the flush */
	uint32_t unused2;
};

/* A walk in software, without a lock, on the CPU of the same number. */
struct gup {
	uint64_t va;
	uint64_t mapped[(MAX_FRAMES + 63) / 64];	/* ghost: frames that va has mapped since it began */
	uint16_t table;		/* ghost: where it reads */
	uint16_t generation;	/* ghost: of that table when it was found */
	uint8_t active;		/* ghost */
	uint8_t mm;		/* ghost */
	uint8_t unused[2];
};

/* Page-table pages that call_rcu was given: each is freed when the CPUs that were reading then have been seen outside. */
struct rcu {
	uint16_t table[MAX_TABLES];
	uint8_t readers[MAX_TABLES];
	uint8_t count;
	uint8_t unused[7];
};

#endif
