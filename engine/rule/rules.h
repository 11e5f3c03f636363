/*
 * rules.h - what must hold: one table of rules, and the places that ask them.
 *
 * A rule is asked where its claim can become false (an access, a return, a grant), never by scanning
 * the world after every step.  To add one: a row here, a function in a file of this folder, a call
 * at the place where it can break.
 */
#ifndef RULES_H
#define RULES_H

#include "world.h"

enum severity {
	MANIFEST,	/* harm is done */
	LATENT,		/* harm is possible now */
	LINT,		/* waste or noise; never a violation */
};

#define RULES(R) \
	R(STALE_LEAF, "stale-leaf", MANIFEST, \
	  "no access through a cached translation lands on a frame that was freed since the entry was made", \
	  "reads another owner's data, or overwrites it") \
	R(STALE_TABLE, "stale-table", MANIFEST, \
	  "no walk reads a page-table page that was freed or reused", \
	  "whoever owns the frame now decides where the walker goes") \
	R(TABLE_FREED, "table-freed", LATENT, \
	  "a page-table page is freed only when no CPU can read it any more", \
	  "the next walk that starts from the paging-structure cache reads what is somebody else's by then") \
	R(MULTI_HIT, "multi-hit", MANIFEST, \
	  "no access finds a 4 KiB and a 2 MiB entry of its address in one TLB", \
	  "what the CPU does then is not defined; some stop with a machine check") \
	R(STALE_USE, "stale-use", MANIFEST, \
	  "after an operation that promised otherwise has returned, nobody uses the old translation or right", \
	  "a store lands after write access was taken away, or a load sees a page that was unmapped") \
	R(LOST_DIRTY, "lost-dirty", MANIFEST, \
	  "what is stored to a page that was declared clean sets a dirty bit, or faults", \
	  "the disk never gets the store, and once memory is short the page is thrown away with it") \
	R(FLUSH_LOST, "flush-lost", LATENT, \
	  "a CPU that has loaded an address space is as new as each flush of it that has returned, or has one to come", \
	  "its next access may go through an entry that the flush was for") \
	R(WRONG_REF, "wrong-ref", MANIFEST, \
	  "a page that gup_fast takes was mapped at the address meanwhile, and who drops it can still see the reference", \
	  "a device or the kernel uses a page that the process no longer has, or never had") \
	R(WRONG_MM, "wrong-mm", MANIFEST, \
	  "what reads user memory reads that of the current task's process", \
	  "a profiler records, or a probe acts on, the memory of another process") \
	R(GEN_LIE, "gen-lie", LATENT, \
	  "a CPU that claims a tlb_gen has no entry left that a flush of that generation, or an older one, was for", \
	  "the flush that would have dropped the entry will find nothing to do") \
	R(KERNEL_WARN, "kernel-warn", MANIFEST, \
	  "none of the kernel's own warnings about address spaces comes true", \
	  "the kernel logs a warning: what it relies on does not hold") \
	R(COHERENCE, "coherence", MANIFEST, \
	  "an address means one page to all threads: nobody who knows of its new page reads the old one, nobody stores to \
the old one once it was copied, and nobody reads it once another process has it to itself", \
	  "a thread sees time go backwards, a store is lost, or one process reads what another one writes") \
	R(ASID_STRAGGLER, "asid-straggler", LATENT, \
	  "once an address space has moved to its global ASID, no CPU runs it under another tag", \
	  "broadcast flushes do not reach what that CPU has cached") \
	R(ASID_REUSED, "asid-reused", LATENT, \
	  "a global ASID is given out only when no CPU holds an entry under it", \
	  "the new process reaches the pages of the old one") \
	R(SECONDARY_FAULT, "secondary-fault", MANIFEST, \
	  "a secondary mapping is made only from a live entry, and never inside range_start..range_end", \
	  "the subscriber maps a frame that the process no longer has, and nobody will tell it again") \
	R(NOTIFIER_COMPLETE, "notifier-complete", MANIFEST, \
	  "once range_start or release has returned, the subscriber no longer reaches a page of the range", \
	  "the page is freed while the subscriber still uses it") \
	R(SECONDARY_RANGE, "secondary-range", LATENT, \
	  "the range handed to a secondary flush covers the CPU range of the same flush", \
	  "the device keeps translations that the CPUs have dropped") \
	R(RELEASE_FIRST, "release-first", MANIFEST, \
	  "after release the secondary has no translation and cannot make one", \
	  "the device walks tables that exit is freeing") \
	R(COMPLETION, "completion", MANIFEST, \
	  "when an invalidation callback returns, the IOMMU has done what was posted", \
	  "the page is freed while the command that forgets it still waits in the queue") \
	R(PAIRING, "pairing", MANIFEST, \
	  "each range_start that succeeded has exactly one range_end", \
	  "secondary faults spin for ever, or mappings appear inside a range") \
	R(STALE_MM, "stale-mm", MANIFEST, \
	  "nothing is written into an mm_struct that was freed", \
	  "a bit flips in memory that belongs to somebody else by now") \
	R(TYPE_CONFLICT, "type-conflict", LATENT, \
	  "while a page is used uncached, or is no memory any more, no CPU has an entry loaded that maps it as ordinary memory", \
	  "a speculative load is enough for a machine check, or for a stale line in a cache") \
	R(IPI_DEADLOCK, "ipi-deadlock", MANIFEST, \
	  "CPUs with interrupts off do not wait in a circle for calls that each of them would have to take", \
	  "none of them ever takes its interrupt: the machine hangs, CPU after CPU") \
	R(CALL_IRQS_OFF, "call-irqs-off", LATENT, \
	  "who calls a function on other CPUs and waits for it has interrupts on", \
	  "two CPUs that do so at the same time wait for each other") \
	R(DEADLOCK, "deadlock", MANIFEST, \
	  "somebody can always go on", \
	  "the machine hangs") \
	R(LOCK_ORDER, "lock-order", LATENT, \
	  "locks are taken in the documented order", \
	  "another order on another CPU can hang the machine") \
	R(ATOMIC_SLEEP, "atomic-sleep", LATENT, \
	  "nothing sleeps while preemption or interrupts are off", \
	  "the CPU sleeps with a spinlock held") \
	R(CACHE_FULL, "cache-full", LINT, \
	  "no translation cache of the model has to forget, for want of room, what a real one could still hold", \
	  "a search may have missed an order in which that is used") \
	R(DOUBLE_FLUSH, "double-flush", LINT, \
	  "no range is flushed twice with nothing changed in between", \
	  "an interrupt or a queue wait for nothing") \
	R(USELESS_FLUSH, "useless-flush", LINT, \
	  "every flush covers an entry that changed", \
	  "an interrupt or a queue wait for nothing")

enum rule_id {
	RULE_NONE,
#define RULE_ID(id, name, severity, claim, harm) RULE_##id,
	RULES(RULE_ID)
#undef RULE_ID
	RULE_COUNT
};

struct rule_info {
	const char *name;
	enum severity severity;
	const char *claim;
	const char *harm;
};

extern const struct rule_info rule_table[RULE_COUNT];	/* row 0 is empty */

/* Index by name, RULE_NONE when there is none. */
unsigned rule_find(struct word w);
/* The rules in `mask` that are no lints. */
uint32_t rules_broken(uint32_t mask);

/* Reports that a rule broke in this step; the first that is no lint becomes the step's finding. */
void rule_broken(struct machine *m, struct finding f);

/* An access goes through `leaf` (hit, rights sufficient): stale-leaf, stale-use. */
void rule_access(struct machine *m, const struct leaf *leaf, uint64_t va, bool write);
/* A store went through `leaf`: lost-dirty. */
void rule_stored(struct machine *m, const struct leaf *leaf, uint64_t va);
/* The CPU has set the dirty bit of an entry of this page. */
void rule_dirtied(struct machine *m, unsigned pfn);
/* What the page holds so far may be lost. */
void rule_given_up(struct machine *m, unsigned pfn);
/* The kernel throws the page away because it takes it for clean: lost-dirty. */
void rule_discarded(struct machine *m, unsigned mm, unsigned pfn, uint64_t va);
/* A flush of mm up to this generation returns to its caller. */
void rule_flush_done(struct machine *m, unsigned mm, uint32_t tlb_gen);
/* The CPU has just loaded an address space: flush-lost. */
void rule_flush_lost(struct machine *m, unsigned cpu);
/* asid_transition of mm has just ended; a CPU has just loaded an address space under a tag of its own: asid-straggler. */
void rule_asid_straggler(struct machine *m, unsigned mm);
void rule_asid_loaded(struct machine *m, unsigned cpu);
/* A global ASID is given out: asid-reused. */
void rule_asid_reused(struct machine *m, unsigned pcid);
/* An NMI of the CPU has read user memory at va for that of mm, the current task's: wrong-mm. */
void rule_wrong_mm(struct machine *m, unsigned cpu, unsigned mm, uint64_t va);
/* The CPU has recorded how new the entries of its loaded slot are: gen-lie. */
void rule_gen_lie(struct machine *m, unsigned cpu);
enum warning { WARN_CTX, WARN_CPU_AHEAD, WARN_REQUEST_AHEAD, WARN_NOT_IN_MASK, WARN_NOT_LAZY, WARNINGS };
extern const char *const warning_words[WARNINGS];
/* The kernel would warn here: kernel-warn. */
void rule_kernel_warn(struct machine *m, unsigned cpu, unsigned mm, enum warning warning);
/* Does the process's table, now, grant what the cached entry grants? */
bool leaf_granted(struct machine *m, const struct leaf *e);
/* A walker is about to read a table it knows by (table, generation): false when it is stale. */
bool rule_walk(struct machine *m, unsigned table, unsigned generation, unsigned mm, uint64_t va);
/* The CPU's caches are too small for what they would have to hold. */
void rule_cache_full(struct machine *m, unsigned cpu);
/* An access of the CPU goes through an entry for va: multi-hit. */
void rule_multi_hit(struct machine *m, unsigned cpu, unsigned pcid, uint64_t va);
/* A page-table page is about to be freed: table-freed. */
void rule_table_freed(struct machine *m, unsigned table);
/* A walk without a lock on this CPU: it begins; it is about to read `table`; it reads it now (stale-table when that was
 * freed); it takes the page (wrong-ref); it is over. */
void rule_gup_begins(struct machine *m, unsigned cpu, unsigned mm, uint64_t va);
void rule_gup_stands(struct machine *m, unsigned cpu, unsigned table);
void rule_gup_reads(struct machine *m, unsigned cpu);
void rule_gup_took(struct machine *m, unsigned cpu, unsigned pfn);
void rule_gup_ends(struct machine *m, unsigned cpu);
/* An entry of some table was stored. */
void rule_table_written(struct machine *m);
/* The operation of a task has looked at the entries of [start, end) of mm, their lock held: what is cached
 * now and not granted by them must be gone when the operation returns. */
void rule_outlaw(struct machine *m, unsigned task, unsigned mm, uint64_t start, uint64_t end);
/* The operation returns: what it outlawed and what is cached still is condemned if it claims success. */
void rule_promise(struct machine *m, unsigned task, bool success);

/* What breaks coherence: finding.detail. */
enum incoherence {
	INCOHERENT_LOST = 1,	/* a store to a page that was copied before */
	INCOHERENT_KNOWN,	/* a load of the old page by a thread that knows of the new one */
	INCOHERENT_GIVEN,	/* an access to a page that another process has to itself */
};

/* An instruction of the task that runs on the CPU goes through `leaf`: coherence. */
void rule_coherence(struct machine *m, unsigned cpu, const struct leaf *leaf, uint64_t va, bool write);
/* The page of va in mm has been copied, and the copy will take its place: what is stored to the old one is lost. */
void rule_copied(struct machine *m, unsigned mm, uint64_t va);
/* The address goes on in page `pfn`: whoever sees that, and whoever hears of it, must not see the old one. */
void rule_goes_on(struct machine *m, unsigned mm, uint64_t va, unsigned pfn);
/* mm has the page to itself and may write it in place: nobody else may look at it. */
void rule_reused(struct machine *m, unsigned mm, unsigned pfn);
/* The task goes on after operations of others that have ended: it knows what they knew. */
void rule_turn(struct machine *m, unsigned task);

/* A subscriber is handed [start, end) for a CPU flush of [cpu_start, cpu_end). */
void rule_secondary_range(struct machine *m, unsigned sub, uint64_t cpu_start, uint64_t cpu_end,
	uint64_t start, uint64_t end);
/* A shadow subscriber maps va to pfn. */
void rule_secondary_fault(struct machine *m, unsigned sub, uint64_t va, unsigned pfn, unsigned generation);
/* range_start for [start, end) has returned from a shadow subscriber, or release from any. */
void rule_notifier_complete(struct machine *m, unsigned sub, uint64_t start, uint64_t end);
/* An invalidation callback of context ctx returns. */
void rule_completion(struct machine *m, unsigned ctx);
/* A device access of a process whose subscriber has been released hits the IOTLB. */
void rule_release_first(struct machine *m, unsigned pasid, uint64_t va);

/* A CPU is about to wait, interrupts off, until these CPUs have unlocked its calls: ipi-deadlock. */
void rule_ipi_deadlock(struct machine *m, unsigned cpu, unsigned targets);
/* A CPU sends a call that it will wait for: call-irqs-off. */
void rule_call_irqs_off(struct machine *m, unsigned cpu);
/* The kernel is about to write into the mm_struct: stale-mm.  False when it is gone. */
bool rule_mm_alive(struct machine *m, unsigned mm);
/* From here on the page is no ordinary memory: type-conflict. */
void rule_type_conflict(struct machine *m, unsigned pfn);

/* Context ctx takes a lock. */
void rule_lock_order(struct machine *m, unsigned ctx, unsigned lock);
/* Context ctx may sleep here. */
void rule_atomic_sleep(struct machine *m, unsigned ctx, unsigned lock);
/* Rank of a lock in the documented order, 0 = outermost, for a context that holds `ranks`. */
unsigned lock_rank_held(unsigned ranks, unsigned lock);
/* The ranks a context still holds once it has dropped the lock. */
unsigned lock_ranks_without(unsigned ranks, unsigned lock);

/* Entries for [start, end) of mm were taken out or weakened. */
void rule_changed(struct machine *m, unsigned mm, uint64_t start, uint64_t end);
/* The CPUs are told to flush [start, end) of mm. */
void rule_useless_flush(struct machine *m, unsigned mm, uint64_t start, uint64_t end);
/* A subscriber is told to drop [start, end). */
void rule_double_flush(struct machine *m, unsigned sub, uint64_t start, uint64_t end);

#endif
