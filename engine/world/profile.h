/*
 * profile.h - the kernel's switches: what one change in Linux turned from one value to another.
 *
 * A scenario's variants set switches, and nothing else may differ between twins.  Value 0 is what
 * the newest kernel does.  To add a switch: one row here; read it with profile_is().
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stdint.h>

/* A row has up to four values: TWO("third", "fourth") stands where the third does. */
#define TWO(c, d) c, d
#define SWITCH_VALUES 4

#define SWITCHES(S) \
	S(MREMAP_FLUSH, "mremap.flush", "under-ptl", "dirty-only", "end", \
	  "when a moved entry is flushed; under-ptl since eb66ae030829 (v4.19), dirty ones earlier since 5d1904204c99 (v4.9), at the end before") \
	S(GATHER_NESTED, "gather.nested", "full", "range-without-bits", "none", \
	  "what tlb_finish_mmu does when another gather is in flight; full since 7a30df49f63a") \
	S(GATHER_SECONDARY, "gather.secondary_range", "full", "sentinel", 0, \
	  "range handed to secondary TLBs for a whole-mm flush; full since the 6.6 series") \
	S(NOTIFIER_HOOK, "notifier.hook", "arch", "range-end", 0, \
	  "where secondary TLBs of shared tables are flushed; arch since 6bbd42e2df8f (v6.6)") \
	S(NOTIFIER_END, "notifier.range_end", "pure", "flush", "only-end", \
	  "whether range_end flushes secondary TLBs too; pure since the 6.6 series") \
	S(ZAP_DIRTY, "zap.flush_dirty_under_ptl", "yes", "no", 0, \
	  "flush before the page-table lock drops when a dirty file entry went; 1cf35d47712d (v3.15)") \
	S(FORK_FLUSH, "fork.flush", "yes", "no", 0, \
	  "dup_mmap flushes the parent before it returns") \
	S(KVM_SEQ, "kvm.end_bumps_seq", "yes", "no", 0, \
	  "invalidate_range_end moves mmu_invalidate_seq") \
	S(VMA_MERGE, "vma.merge", "unfaulted", "strict", "next-first", \
	  "a mapping with private pages and a neighbour without join: unfaulted since v6.16; strict asks the neighbour alone, \
next-first (seen on 6.1) asks for mmap whether the one before fits the one behind") \
	S(MREMAP_CHECKS, "mremap.checks", "first", "late", 0, \
	  "arguments and the old range are checked before the new place is unmapped; first since v6.17") \
	S(MREMAP_MULTI, "mremap.multi", "yes", "no", 0, \
	  "a move of equal size may hold several mappings; yes since v6.17") \
	S(MADV_GATHER, "madvise.gather", "one", "per-vma", 0, \
	  "MADV_DONTNEED and MADV_FREE over several mappings gather once; seen on 6.18, not on 6.12") \
	S(PROT_UNACCOUNT, "mprotect.unaccount", "yes", "no", 0, \
	  "a mapping without private pages that loses the right to write is no longer accounted; not on 6.1") \
	S(FAULT_DIRTY, "fault.dirty", "as-page", "store-only", 0, \
	  "a load that maps a dirty page of a file writable makes its entry dirty; seen on 6.18, not on 6.12") \
	S(QI_WAITS, "iommu.wait", "yes", "no", 0, \
	  "the invalidation callback waits for the queue before it returns") \
	S(SWITCH_MARKER, "switch.marker", "flush-aware", "nmi-only", "none", \
	  "LOADED_MM_SWITCHING while CR3 is loaded: a sender takes it for a CPU that must flush since fea4e317f9e7 (v6.15, \
CVE-2025-37964); before that NMIs alone looked at it") \
	S(SWITCH_ORDER, "switch.order", "before-gen", "after-gen", 0, \
	  "the marker is set before the next mm's tlb_gen is read; fea4e317f9e7 (v6.15), but not its backports to stable kernels") \
	S(FLUSH_PARTIAL, "flush.partial", "next-gen", "any-gen", 0, \
	  "when a CPU may drop single pages: if the request is for the generation that follows its own, as ever since \
94b1b03b519b (v4.14) tells generations apart; or always") \
	S(CSD_ASYNC, "csd.async", "off", "unlock-before-func", "no-wait", \
	  "a flush without freed tables carries its range along and the target unlocks before it flushes, or the sender does \
not even wait for that; RFC v2 11/12 of May 2019, never merged") \
	S(NMI_GATE, "nmi.gate", "loaded-mm", "async", "none", \
	  "when nmi_uaccess_okay lets an NMI touch user memory: the task's mm must be loaded; async: and no asynchronous flush \
be in progress (the RFC of 2019)") \
	S(ASYNC_MARK, "async.mark", "before-unlock", "after-unlock", 0, \
	  "when the target notes that an asynchronous flush is in progress; before it unlocks in the RFC of 2019") \
	S(ASYNC_TABLES, "async.tables", "wait", "async", 0, \
	  "a flush that frees page tables waits, whatever csd.async says; wait in the RFC of 2019") \
	S(TABLE_FREE, "table.free", "rcu", "ipi-only", "rcu-without-invalidate", \
	  "when a page-table page is freed that was unhooked: after the flush and an RCU grace period since a37259732a7d (v6.15); \
after the flush and its interrupts before that on bare metal; 4.14 to 4.18 by RCU, but with no flush where there was no \
memory for a batch or where the mm had one user (d86564a2f085 and its neighbours, v4.19)") \
	S(TABLE_MEMORY, "table.memory", "batch", "none", 0, \
	  "whether there is memory for a batch of page-table pages; where there is none, each is freed by itself") \
	S(FLUSH_TARGETS, "flush.targets", "mask", "self", 0, \
	  "whom flush_tlb_mm_range has flush: every CPU of mm_cpumask, as always with more than one CPU; or its own CPU alone, \
all that an INVLPG or a load of CR3 reaches") \
	S(PROT_FLUSH, "mprotect.flush", "after", "before", 0, \
	  "whether mprotect flushes after it has changed the entries, the order that Documentation/core-api/cachetlb.rst \
asks for, or before") \
	S(GUP_RECHECK, "gup.recheck", "pmd-and-pte", "pte", 0, \
	  "what gup_fast looks at again once it has its reference; the PMD entry too since 70cbc3cc78a9 (v6.1)") \
	S(COLLAPSE_SYNC, "collapse.sync", "yes", "no", 0, \
	  "khugepaged sends an interrupt to all CPUs before it uses a page-table page anew that it has unhooked; 2ba99c5e0881 \
(v6.1)") \
	S(GEN_ZERO, "flush.gen_zero", "ignored", "compared", 0, \
	  "a flush for several address spaces asks for generation 0: not compared since 8f1d56f64f8d; aa44284960d5 (both in \
v6.0-rc1) compared it, and every CPU was newer") \
	S(BATCHED_PENDING, "batched.pending", "counters", "bool", "none", \
	  "how others learn that entries were taken out and are flushed later, with the batch: counters since 5ee2fa2f0636; bool \
since 3ea277194daa (v4.13); none when batches were new") \
	S(RECLAIM_BATCH, "reclaim.batch", "yes", "no", 0, \
	  "reclaim takes entries out and flushes once for all of them; no: each is flushed under the page-table lock") \
	S(RECLAIM_DIRTY, "reclaim.flush_dirty", "yes", "no", 0, \
	  "the batch is flushed before a page that had a dirty entry is written to the disk") \
	S(PTE_CLEAR, "pte.clear", "xchg", "load-store", 0, \
	  "reclaim takes an entry out with one locked exchange; or reads it and then stores 0") \
	S(MKCLEAN_FLUSH, "mkclean.flush", "yes", "no", 0, \
	  "page_mkclean flushes what it made clean before it drops the page-table lock") \
	S(GATHER_RMAP, "gather.rmap", "after-flush", "before", 0, \
	  "when a dirty page of a file stops to count as mapped: after the flush since 5df397dec7c4 (v6.2)") \
	S(DIRTY_ON_RO, "cpu.dirty_on_ro", "off", "on", 0, \
	  "whether a processor sets the dirty bit of an entry that has just lost the right to write: those before shadow stacks could") \
	S(MREMAP_RMAP, "mremap.pmd_rmap", "locked", "unlocked", 0, \
	  "the rmap locks are taken when a whole page-table page moves; since 97113eb39fa7 (v5.13.3, CVE-2022-41222)") \
	S(PMD_SPLIT, "pmd.split", "invalidate-first", "live", 0, \
	  "a 2 MiB entry is split by taking it out, flushing, and only then naming the page-table page, as Linux has ever done it; \
or in one go, and flushed afterwards") \
	S(RAW_SHOOT, "raw.shoot", "at-once", "ipi", 0, \
	  "the raw instruction shoot: every CPU drops in one step, or flush_tlb_mm_range and its IPIs") \
	BROADCAST_SWITCHES(S) \
	LAZY_SWITCHES(S) \
	COW_SWITCHES(S) \
	ASYNC_SWITCHES(S)

/* Calls across CPUs that are acknowledged early, and who reads user memory meanwhile. */
#define ASYNC_SWITCHES(S) \
	S(CSD_UNLOCK, "csd.unlock", "each", "all-first", 0, \
	  "when calls that are not waited for are unlocked: each right before its function, or all before the first function") \
	S(CSD_MM, "csd.mm", "bare", "held", "ctx-id", \
	  "how an asynchronous flush names its mm: by a bare pointer, as in the RFC of 2019; with a reference; or by the ctx_id alone") \
	S(CSD_IRQS, "csd.irqs", "on", "off", 0, \
	  "whether whoever calls a function on other CPUs and waits has interrupts on; off is the caller's bug") \
	S(CSD_ASSERT, "csd.assert", "yes", "no", 0, \
	  "smp_call_function_many_cond asserts that interrupts are on (with lockdep)") \
	S(NOFAULT_GATE, "nofault.gate", "asks", "none", 0, \
	  "copy_from_user_nofault, by which handlers of probes read user memory, asks nmi_uaccess_okay as NMIs do; \
probe_kernel_read of 2019 asked nothing") \
	S(MEMTYPE_FLUSH, "memtype.flush", "waits", "none", 0, \
	  "before a page is used by another memory type every CPU drops the kernel's own entry of it and is waited for \
(cpa_flush), or nobody is told") \
	S(PROTOCOL, "shootdown.protocol", "linux", "mach", "latr", \
	  "how TLBs are kept coherent: change, interrupt, wait; Mach's of 1989, park all, then change; or by states that each CPU \
sweeps at its next tick or switch, after LATR of 2018") \
	S(LATR_SYNC, "latr.sync", "needed", "none", 0, \
	  "with lazy states: what takes a right away, moves a page or frees tables still interrupts and waits, or nothing does")

/* Invalidation by broadcast: global ASIDs and INVLPGB of x86, TLBI and DSB of arm64. */
#define BROADCAST_SWITCHES(S) \
	S(ASID_TRANSITION, "asid.transition", "ipi", "none", 0, \
	  "a flush by INVLPGB while CPUs may still run the mm on ASIDs of their own: interrupts make them move; be88a1dd6112 (v6.15)") \
	S(ASID_SWITCHING, "asid.switching", "wait", "skip", 0, \
	  "a CPU that is switching while such a flush looks for those: wait until it has; be88a1dd6112 (v6.15)") \
	S(ASID_PUBLISH, "asid.publish", "flag-first", "asid-first", 0, \
	  "mm_assign_global_asid sets asid_transition before the ASID can be seen; be88a1dd6112 (v6.15)") \
	S(ASID_REUSE, "asid.reuse", "rollover", "at-once", 0, \
	  "when a global ASID that was freed is given out again: after a flush of everything; d504d1247e36 (v6.15)") \
	S(INVLPGB_SYNC, "invlpgb.sync", "pinned", "preemptible", 0, \
	  "TLBSYNC waits for what its own CPU has issued: no migration between INVLPGB and TLBSYNC; b7aa05cbdc52 (v6.15)") \
	S(INVLPGB_LEVELS, "invlpgb.levels", "all", "final-only", 0, \
	  "a flush that frees page tables drops what is cached of tables too: without the flag FINAL_ONLY; b7aa05cbdc52 (v6.15)") \
	S(EXIT_FLUSH, "exit.flush", "yes", "no", 0, \
	  "exit_mmap flushes what it takes out, if no CPU of the mm runs user code any more") \
	S(TLBI_SYNC, "tlbi.sync", "dsb", "none", 0, \
	  "arm64: a flush waits by DSB until every CPU has done its TLBI") \
	S(TLBI_BATCHED, "tlbi.batched", "flush-mm", "dsb", 0, \
	  "arm64: what who finds an entry gone whose flush is left to a batch does: a flush of his own since 4b634918384c (v6.16); or DSB, \
which does not complete the TLBI of another CPU") \
	S(SWITCH_DSB, "arm64.switch_dsb", "yes", "no", 0, \
	  "a context switch waits by DSB for what its CPU has issued: a task that is moved between TLBI and DSB loses nothing") \
	S(TLBI_ACK, "tlbi.ack", "done", "early", 0, \
	  "hardware, arm64: a CPU may acknowledge a TLBI before its last access through the entry is over, as in the errata that \
ARM64_WORKAROUND_REPEAT_TLBI is for") \
	S(TLBI_REPEAT, "tlbi.repeat", "if-needed", "never", 0, \
	  "ARM64_WORKAROUND_REPEAT_TLBI: TLBI and DSB twice on CPUs that acknowledge early")

/* Lazy TLB and the way from one address space to another. */
#define LAZY_SWITCHES(S) \
	S(LAZY_MODE, "lazy.mode", "skip-unless-freed", "ipi-init-mm", TWO("ignore", "old"), \
	  "a CPU that is lazy and a flush: none is sent unless tables are freed, since 145f573b89a6 (v4.20, not verified); before that it was sent, \
and the CPU went to init_mm, since b956575bed91 (v4.14, not verified); in v4.14-rc (94b1b03b519b) it ignored the interrupt; before generations \
the first interrupt made it leave, and every switch flushed (old)") \
	S(LAZY_BARRIER, "lazy.barrier", "yes", "no", 0, \
	  "a full barrier between is_lazy = false and the look at tlb_gen, when a CPU goes back to the process it was lazy in") \
	S(LAZY_READ_ORDER, "lazy.read_order", "mm-first", "lazy-first", 0, \
	  "should_flush_tlb reads loaded_mm, then is_lazy, since fea4e317f9e7 (v6.15); before that is_lazy came first") \
	S(LAZY_REFCOUNT, "lazy.refcount", "refcount", "shootdown", 0, \
	  "how an address space outlives its lazy users: each holds a reference, or the last user sends interrupts to mm_cpumask \
(2655421ae69f, v6.4: powerpc; not x86)") \
	S(LAZY_MASK, "lazy.mask", "kept", "cleared", 0, \
	  "a CPU that goes lazy stays in mm_cpumask; cleared was never in Linux, and the kernel warns when it sees it") \
	S(NMI_LAZY, "nmi.lazy", "allowed", "refused", 0, \
	  "nmi_uaccess_okay looks at loaded_mm alone; refused, where it looks at is_lazy too, is a proposal of ours, not Linux") \
	S(SWITCH_BARRIER, "switch.barrier", "always", "conditional", "implied", \
	  "the full barrier between loaded_mm = LOADED_MM_SWITCHING and the read of tlb_gen: always since 83b0177a6c48 (v6.18, 6.17.5); \
only where the bit in mm_cpumask had to be set, since 209954cbc7d0 (v6.14); before that it was always set (implied)") \
	S(CPUMASK_LEAVE, "cpumask.leave", "kept", "cleared", 0, \
	  "a CPU that switches away stays in mm_cpumask, senders look at what it has loaded, and a flush that reaches it for \
nothing takes it out; since 209954cbc7d0 (v6.14)") \
	S(CPUMASK_TRIM, "cpumask.trim", "not-due", "due", 0, \
	  "once a second a flush goes to CPUs that have loaded another mm, so that they leave mm_cpumask; 6db2526c1d69 (v6.14)") \
	S(FLUSH_FREED, "flush.freed_tables", "yes", "no", 0, \
	  "flush_tlb_range says that page tables may be freed, so that lazy CPUs are not skipped; 3ef938c35035 (v6.15, CVE-2025-22045)") \
	S(FLUSH_LOCAL, "flush.local", "overlaps", "first", 0, \
	  "the sender flushes itself while its targets do, since 4ce94eabac16 (v5.13); before that it did so first, and sent then") \
	S(CSD_POLL, "csd.poll", "flag", "interrupt", 0, \
	  "one CPU alone is called whose idle loop polls: its flag NEED_RESCHED is set and no interrupt is sent, since \
b2a02fc43a1f (v5.8)") \
	S(IDLE_QUEUE, "idle.queue", "yes", "no", 0, \
	  "the idle loop runs the calls that came while it polled, when it stops; no was never in Linux") \
	S(CSD_QUEUE, "csd.queue", "sync-first", "fifo", 0, \
	  "a CPU runs the synchronous calls of its queue first, since 52103be07d8b (v5.8); before that all in order of arrival")

/* Pages that move or are copied under their users. */
#define COW_SWITCHES(S) \
	S(FLUSH_PENDING, "flush.pending", "counter", "bool", "none", \
	  "tlb_flush_pending: counted, and by every mmu_gather, since 16af97dc5a89 and 56236a59556c (v4.13); a flag of \
change_protection alone since 20841405940e (v3.13); none before") \
	S(GATHER_PFNMAP, "gather.pfnmap", "force-flush", "deferred", 0, \
	  "munmap of a driver's memory flushes before the mapping leaves the reverse map; b67fbebd4cf9 (v5.19, CVE-2022-39188)") \
	S(COW_ORDER, "cow.order", "clear-flush-set", "set-then-flush", "drop-before-flush", \
	  "how copy-on-write changes an entry: the old page leaves every TLB before anybody can see the new one and before it is \
let go; comments in wp_page_copy tell of both other orders")

enum profile_switch {
#define SWITCH_ID(id, name, v0, v1, v2, note) SW_##id,
	SWITCHES(SWITCH_ID)
#undef SWITCH_ID
	SWITCH_COUNT
};

/* Values by name: enum of the row's values. */
enum { MREMAP_UNDER_PTL, MREMAP_DIRTY_ONLY, MREMAP_END };
enum { NESTED_FULL, NESTED_RANGE, NESTED_NONE };
enum { SECONDARY_FULL, SECONDARY_SENTINEL };
enum { HOOK_ARCH, HOOK_RANGE_END };
enum { MERGE_UNFAULTED, MERGE_STRICT, MERGE_NEXT_FIRST };
enum { CHECKS_FIRST, CHECKS_LATE };
enum { GATHER_ONE, GATHER_PER_VMA };
enum { END_PURE, END_FLUSH, END_ONLY };
enum { SW_YES, SW_NO };
enum { SHOOT_AT_ONCE, SHOOT_IPI };
enum { TARGETS_MASK, TARGETS_SELF };
enum { PROT_FLUSH_AFTER, PROT_FLUSH_BEFORE };
enum { ZERO_IGNORED, ZERO_COMPARED };
enum { BATCHED_COUNTERS, BATCHED_BOOL, BATCHED_NONE };
enum { CLEAR_XCHG, CLEAR_LOAD_STORE };
enum { ON_RO_OFF, ON_RO_ON };
enum { RMAP_AFTER_FLUSH, RMAP_BEFORE };
enum { RMAP_LOCKED, RMAP_UNLOCKED };
enum { MARKER_FLUSH_AWARE, MARKER_NMI_ONLY, MARKER_NONE };
enum { MARKER_BEFORE_GEN, MARKER_AFTER_GEN };
enum { POLL_FLAG, POLL_INTERRUPT };
enum { PARTIAL_NEXT_GEN, PARTIAL_ANY_GEN };
enum { ASYNC_OFF, ASYNC_UNLOCK_FIRST, ASYNC_NO_WAIT };
enum { GATE_LOADED_MM, GATE_ASYNC, GATE_NONE };
enum { TABLES_WAIT, TABLES_ASYNC };
enum { MARK_BEFORE_UNLOCK, MARK_AFTER_UNLOCK };
enum { LAZY_SKIP, LAZY_IPI, LAZY_IGNORE, LAZY_OLD };
enum { NMI_LAZY_ALLOWED, NMI_LAZY_REFUSED };
enum { READ_MM_FIRST, READ_LAZY_FIRST };
enum { LAZY_REFCOUNTED, LAZY_SHOOTDOWN };
enum { MASK_KEPT, MASK_CLEARED };
enum { BARRIER_ALWAYS, BARRIER_CONDITIONAL, BARRIER_IMPLIED };
enum { TRIM_NOT_DUE, TRIM_DUE };
enum { LOCAL_OVERLAPS, LOCAL_FIRST };
enum { QUEUE_SYNC_FIRST, QUEUE_FIFO };
enum { UNLOCK_EACH, UNLOCK_ALL_FIRST };
enum { CSD_MM_BARE, CSD_MM_BY_REF, CSD_MM_BY_ID };
enum { IRQS_ON, IRQS_OFF };
enum { NOFAULT_ASKS, NOFAULT_NO_GATE };
enum { MEMTYPE_WAITS, MEMTYPE_NONE };
enum { PROTOCOL_LINUX, PROTOCOL_MACH, PROTOCOL_LATR };
enum { LATR_SYNC_NEEDED, LATR_SYNC_NONE };

enum { TABLE_FREE_RCU, TABLE_FREE_IPI_ONLY, TABLE_FREE_NO_INVALIDATE };
enum { TABLE_MEMORY_BATCH, TABLE_MEMORY_NONE };
enum { RECHECK_PMD_AND_PTE, RECHECK_PTE };
enum { PENDING_COUNTER, PENDING_BOOL, PENDING_NONE };
enum { PFNMAP_FORCE_FLUSH, PFNMAP_DEFERRED };
enum { COW_CLEAR_FLUSH_SET, COW_SET_THEN_FLUSH, COW_DROP_BEFORE_FLUSH };
enum { SPLIT_INVALIDATE_FIRST, SPLIT_LIVE };
enum { TRANSITION_IPI, TRANSITION_NONE };
enum { SWITCHING_WAIT, SWITCHING_SKIP };
enum { PUBLISH_FLAG_FIRST, PUBLISH_ASID_FIRST };
enum { REUSE_ROLLOVER, REUSE_AT_ONCE };
enum { SYNC_PINNED, SYNC_PREEMPTIBLE };
enum { LEVELS_ALL, LEVELS_FINAL };
enum { TLBI_DSB, TLBI_NO_DSB };
enum { TLBI_BATCH_FLUSH, TLBI_BATCH_DSB };
enum { ACK_DONE, ACK_EARLY };
enum { REPEAT_IF_NEEDED, REPEAT_NEVER };

/* Which hardware whims are offered as actions; any of them may be taken by hand at any time. */
enum spec {
	SPEC_OFF,
	SPEC_FILL,	/* speculative walks, a level at a time */
	SPEC_FULL,	/* and evictions */
	SPEC_WHOLE,	/* the same, but a speculative walk is one action: it reads every level */
	SPEC_SATURATE,	/* walks are no actions: caches hold all that may be in them, see saturate.c; evictions choose */
};

struct profile {
	uint8_t value[90];	/* by enum profile_switch */
	uint8_t multi_hit;	/* a machine check where an access finds entries of both sizes */
	uint8_t init_mm;	/* 1 + the mm of the kernel's own threads, 0 = there are none */
	uint8_t store_buffer;	/* stores to loaded_mm and is_lazy wait in a buffer before others see them */
	uint8_t pcid;		/* CR4.PCIDE: a CPU keeps the translations of two address spaces */
	uint8_t batch;		/* pages one mmu_gather collects before it must flush */
	uint8_t spec;		/* enum spec */
	uint8_t arch;		/* enum arch */
	uint8_t asid_cpus;	/* an mm that is active on so many CPUs gets a global ASID */
	uint8_t asids;		/* global ASIDs that there are */
	uint8_t unused[5];
};

struct switch_info {
	const char *name;
	const char *value[SWITCH_VALUES];	/* NULL where there are fewer */
	const char *note;
};

extern const struct switch_info switch_table[SWITCH_COUNT];

#endif
