/*
 * kernel.h - what the routines of this folder share: mappings, entries, the gather, CPU flags.
 *
 * Plain functions, no steps: they run inside the step that calls them.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include "cpu.h"
#include "memory.h"
#include "mmu.h"
#include "routines.h"
#include "rules.h"

/* ---- the running context ---- */

/* The task whose stack this is; only task contexts call it. */
static inline unsigned run_task(const struct run *r)
{
	CHECK(r->ctx < MAX_TASKS);
	return r->ctx;
}

static inline unsigned run_mm(const struct run *r)
{
	return read_task(r->m, run_task(r))->mm;
}

static inline void irq_disable(struct run *r)
{
	CHECK(!read_cpu_part(r->m, r->cpu, CPU_IRQS)->irq_off);
	write_cpu_part(r->m, r->cpu, CPU_IRQS)->irq_off = 1;
}

static inline void irq_enable(struct run *r)
{
	CHECK(read_cpu_part(r->m, r->cpu, CPU_IRQS)->irq_off);
	write_cpu_part(r->m, r->cpu, CPU_IRQS)->irq_off = 0;
}

/* ---- vma.c: the mappings of an mm ---- */

/* The attached mapping that holds va, NONE when there is none. */
unsigned vma_find(struct machine *m, unsigned mm, uint64_t va);
/* The attached mapping with the lowest start that overlaps [start, end), NONE when there is none. */
unsigned vma_first(struct machine *m, unsigned mm, uint64_t start, uint64_t end);
/* A new mapping, at once: set-up; routines call vma_link or vma_new.  NONE when MAX_VMAS are in use. */
unsigned vma_insert(struct machine *m, struct vma v);
/* The attached mapping with the highest start below va, NONE when there is none. */
unsigned vma_before(struct machine *m, unsigned mm, uint64_t va);
/* Out of the tree: it is there for the reverse map only, and for context `ctx`, which frees it. */
void vma_detach(struct machine *m, unsigned vma, unsigned ctx);
/* It is no more; the file of shared anonymous memory goes with its last mapping. */
void vma_free(struct machine *m, unsigned vma);
/* Cuts a mapping in two at an address inside it; false when MAX_VMAS are in use. */
bool vma_split(struct machine *m, unsigned vma, uint64_t at);
/* May it ever be written: not a shared mapping of a file that was opened for reading (VM_MAYWRITE). */
bool vma_may_write(const struct vma *v);
/* Do its entries grant stores from the first: shared, writable memory? */
bool vma_maps_writable(const struct vma *v);
/* The lock under which the pages of a mapping are found: i_mmap of its file, or anon_vma. */
unsigned vma_rmap_lock(const struct vma *v);
/* Mapping whose pages are copied when one is written: private and writable in principle. */
bool vma_is_cow(const struct vma *v);
/* Page of the file behind va. */
unsigned vma_file_page(const struct vma *v, uint64_t va);

/* ---- merge.c: who joins whom ---- */

/* A range that is to become a mapping, and what decides whom it may join. */
struct vma_range {
	uint64_t start, end, pgoff;
	uint32_t flags;
	uint8_t mm, file, anon_vma;
	bool mapped;			/* by mmap */
	const struct vma *from;		/* the mapping whose pages it has or gets, NULL when it is new */
};

/* The neighbour that has grown to hold the new range, NONE when there is none that fits. */
unsigned vma_merge_new(struct machine *m, const struct vma_range *g);
/* The part of `vma` gets its flags: the mapping that has it now, NONE when MAX_VMAS are in use. */
unsigned vma_modify_now(struct machine *m, unsigned vma, uint64_t start, uint64_t end, uint32_t flags);
/* The mapping is about to get its first private page; false when there is no anon_vma left. */
bool anon_vma_prepare(struct machine *m, unsigned vma);
/* The child's mapping, a copy of its parent's, gets an anon_vma of its own. */
bool anon_vma_fork(struct machine *m, struct vma *child, const struct vma *parent);

/* ---- file.c, pin.c, populate.c ---- */

/* Pages up to the end of the file. */
unsigned file_pages(const struct file *f);
/* The page of a file in the page cache, put there if it has to be; NO_FRAME when memory is full. */
unsigned file_page_get(struct machine *m, unsigned file, unsigned index);
/* Takes it out, to read as zeroes from now on; false, and it stays, while something maps it. */
bool file_page_drop(struct machine *m, unsigned file, unsigned index);
/* The pin of an mm ends: its references are dropped. */
void pin_drop(struct machine *m, unsigned mm);
/* The page of an entry is unmapped: out of a locked mapping it is held by the CPU's batch for a while. */
void page_leaves(struct run *r, unsigned vma, unsigned pfn);
/* The CPU's batch holds the page until it is drained. */
void lru_batch_add(struct run *r, unsigned pfn);
/* Drops what the CPU's batch holds. */
void lru_add_drain(struct run *r);
/* Does the entry of va serve an access of this kind? */
bool entry_serves(struct machine *m, unsigned mm, uint64_t va, bool write);
/* The next mapping after `after` (NONE: the first) that shows pages of [first, last) of the file. */
unsigned file_mapping_next(struct machine *m, unsigned file, uint64_t first, uint64_t last, unsigned after);
/* Does a disk keep what is stored through this mapping, so that the kernel must hear of the first store to a clean page? */
bool file_wants_notify(struct machine *m, unsigned file, uint32_t flags);

/* ---- rmap.c, writeback.c ---- */

static inline void folio_unlock(struct machine *m, unsigned page)
{
	CHECK(read_frame(m, page)->flags & FRAME_LOCKED);
	write_frame(m, page)->flags &= (uint16_t)~FRAME_LOCKED;
}

/* The lock under which the reverse map finds the page. */
unsigned rmap_lock(const struct rmap_page *of);
/* The disk's copy of the page, NONE when it was never written there. */
unsigned block_find(struct machine *m, unsigned file, unsigned index);
/* What the file has there from now on is not what the disk has. */
void block_forget(struct machine *m, unsigned file, unsigned index);

/* ---- entry.c: single entries and the frames behind them ---- */

/* Of an entry that names a table. */
#define TABLE_FLAGS (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED)

/* Stores the leaf entry of va in a PTE table, which must have room, and reports it. */
void entry_set(struct machine *m, unsigned mm, unsigned table, uint64_t va, uint64_t pte);
/* Takes the entry out and returns what it was; counts as a change that needs a flush. */
uint64_t entry_get_and_clear(struct machine *m, unsigned mm, unsigned table, uint64_t va);
/* Stores an entry without a mapping behind it, not present when prot grants nothing: accessed, and dirty when it
 * is writable, so that the hardware has no update of its own to make.  False when there is no room. */
bool entry_raw(struct machine *m, unsigned mm, uint64_t va, unsigned pfn, unsigned prot);
/* PTE for a page of this mapping: present, user, accessed, and what the arguments add. */
uint64_t entry_make(const struct vma *v, unsigned pfn, bool write, bool dirty);
/* What the entry becomes under the rights of its mapping. */
uint64_t entry_protected(struct machine *m, const struct vma *v, uint64_t pte);
/* The page gains or loses a mapping; the zero page does not count. */
void page_mapped(struct machine *m, unsigned pfn);
void page_unmapped(struct machine *m, unsigned pfn);
/* The PTE table that maps va, NO_FRAME when a level is missing. */
unsigned pte_table(struct machine *m, unsigned mm, uint64_t va);
/* The PMD table for va, NO_FRAME when there is none. */
unsigned pmd_table(struct machine *m, unsigned mm, uint64_t va);
/* The table of level `down_to` for va, missing ones allocated at once: for set-up and for an mm that
 * nobody else sees.  NO_FRAME when memory is full. */
unsigned table_make(struct machine *m, unsigned mm, uint64_t va, unsigned down_to);
/* Is there a 2 MiB page in the range; would a border of the range cut one? */
bool huge_inside(struct machine *m, unsigned mm, uint64_t start, uint64_t end);
bool huge_cut(struct machine *m, unsigned mm, uint64_t start, uint64_t end);

/* ---- flush.c ---- */

/* What a call carries, and that of a sender's: what flush_tlb_func is to do for it. */
struct csd call_info(const struct call *c);
struct csd flush_info(struct machine *m, unsigned sender);

#define FLUSH_CEILING 33u	/* tlb_single_page_flush_ceiling */

/* ---- mach.c, latr.c ---- */

/* Are tables changed with all who use them parked? */
bool mach_protocol(const struct machine *m);
/* The CPU drops what it has cached of the range in the loaded address space. */
void cpu_flush_range(struct machine *m, unsigned cpu, uint64_t start, uint64_t end);

struct latr_range { uint64_t start, end; uint8_t mm; };
/* Is a flush of these CPUs left to a state?  `frees`: pages are freed after it, and nothing else is promised. */
bool latr_defers(struct run *r, unsigned targets, bool freed_tables, bool frees);
void latr_note(struct run *r, const struct latr_range *range, unsigned targets, bool frees);
/* The gathered pages wait with the state that their flush has left; false when it left none. */
bool latr_takes_pages(struct run *r);

/* ---- uaccess.c ---- */

/* Who reads user memory other than a program, so where the value goes. */
enum reader { READER_NMI, READER_PROBE, READER_CALL, READER_KERNEL };
/* nmi_uaccess_okay: may user memory be touched from where no fault can be handled? */
bool nmi_uaccess_okay(struct run *r);

/* ---- lazy.c ---- */

/* The CPU's kernel thread borrows an address space, and holds a reference where they are counted. */
void lazy_borrow(struct machine *m, unsigned cpu, unsigned mm);
/* It is given back: whose reference is to be dropped, NONE for nobody's. */
unsigned lazy_return(struct machine *m, unsigned cpu);
/* enter_lazy_tlb, within a step: the loaded address space stays loaded, unused. */
void lazy_enter(struct machine *m, unsigned cpu);
/* ---- arm64.c ---- */

/* The ASID of an mm on arm64. */
#define ARM64_ASID(mm)	((unsigned)(mm) + 1)
/* A TLBI of a range that this CPU issues. */
struct inval asid_inval(unsigned cpu, unsigned mm, uint64_t start, uint64_t end, bool freed_tables);

/* ---- gather.c ---- */

/* tlb_gather_mmu: an empty range, and tlb_flush_pending goes up. */
void gather_begin(struct run *r, unsigned mm, bool fullmm);
/* The same for a change of protection, which told others of its flush long before other gathers did. */
void gather_begin_protect(struct run *r, unsigned mm);
/* The range grows to hold [start, end); level 1 = entries of pages, 2 = of tables. */
void gather_range(struct run *r, uint64_t start, uint64_t end, unsigned level);
/* The page joins the batch; true when the batch is full now. */
bool gather_page(struct run *r, unsigned pfn);
/* The page that joined last counts as mapped until gather_flush_rmaps. */
void gather_delay_rmap(struct run *r);
/* tlb_flush_rmaps: what was flushed does not count as mapped any more. */
void gather_flush_rmaps(struct run *r, unsigned vma);
/* The table at va was unhooked from an entry of `level`: its range joins, and the flush is one that frees tables. */
void gather_table(struct run *r, uint64_t va, unsigned level);

#endif
