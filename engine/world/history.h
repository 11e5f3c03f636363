/*
 * history.h - kernel releases, and the changes between them that moved a switch.
 *
 * A row says which value a switch had before a release, and which commit ended that.  The values of a release follow from
 * all rows of the releases after it: so one row per commit serves every release.  Rows go from new to old; where a row
 * says "seen", kernels of both sides were asked and the release between is the nearest that was not.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include "profile.h"

#define RELEASES(R) \
	R(4_12, "4.12") R(4_13, "4.13") R(4_14_RC, "4.14-rc") R(4_14, "4.14") R(4_19, "4.19") R(4_20, "4.20") R(5_0, "5.0") R(5_2, "5.2") \
	R(5_8, "5.8") R(5_13, "5.13") R(5_15, "5.15") R(5_17, "5.17") R(5_19, "5.19") R(6_1, "6.1") R(6_2, "6.2") R(6_6, "6.6") R(6_12, "6.12") R(6_13, "6.13") R(6_14, "6.14") \
	R(6_15, "6.15") R(6_16, "6.16") R(6_17, "6.17") R(6_18, "6.18") R(7_2, "7.2") R(LATEST, "latest")

/* Release, switch, its value before, commit. */
#define HISTORY(H) \
	H(6_18, SWITCH_BARRIER, BARRIER_CONDITIONAL, "83b0177a6c48, also in 6.17.5") \
	H(6_17, MREMAP_CHECKS, CHECKS_LATE, "the mremap rework of that release") \
	H(6_17, MREMAP_MULTI, SW_NO, "the mremap rework of that release") \
	H(6_16, TLBI_BATCHED, TLBI_BATCH_DSB, "4b634918384c (arm64)") \
	H(6_16, VMA_MERGE, MERGE_STRICT, "mergeability of unfaulted mappings") \
	H(6_16, MADV_GATHER, GATHER_PER_VMA, "seen: not on 6.12, on 6.18") \
	H(6_16, FAULT_DIRTY, SW_NO, "seen: not on 6.12, on 6.18") \
	H(6_15, SWITCH_MARKER, MARKER_NMI_ONLY, "fea4e317f9e7, CVE-2025-37964") \
	H(6_15, SWITCH_ORDER, MARKER_AFTER_GEN, "fea4e317f9e7; its backports to stable kernels left the old order") \
	H(6_15, LAZY_READ_ORDER, READ_LAZY_FIRST, "fea4e317f9e7") \
	H(6_15, FLUSH_FREED, SW_NO, "3ef938c35035, CVE-2025-22045") \
	H(6_15, TABLE_FREE, TABLE_FREE_IPI_ONLY, "a37259732a7d") \
	H(6_14, CPUMASK_LEAVE, MASK_CLEARED, "209954cbc7d0, 6db2526c1d69") \
	H(6_14, SWITCH_BARRIER, BARRIER_IMPLIED, "209954cbc7d0") \
	H(6_6, NOTIFIER_HOOK, HOOK_RANGE_END, "6bbd42e2df8f") \
	H(6_6, NOTIFIER_END, END_FLUSH, "the series of 6bbd42e2df8f") \
	H(6_6, GATHER_SECONDARY, SECONDARY_SENTINEL, "the series of 6bbd42e2df8f") \
	H(6_6, VMA_MERGE, MERGE_NEXT_FIRST, "seen: on 6.1, not on 6.12") \
	H(6_6, PROT_UNACCOUNT, SW_NO, "seen: not on 6.1, on 6.12") \
	H(6_2, GATHER_RMAP, RMAP_BEFORE, "5df397dec7c4") \
	H(6_1, GUP_RECHECK, RECHECK_PTE, "70cbc3cc78a9") \
	H(6_1, COLLAPSE_SYNC, SW_NO, "2ba99c5e0881") \
	H(5_19, GATHER_PFNMAP, PFNMAP_DEFERRED, "b67fbebd4cf9, CVE-2022-39188") \
	H(5_17, BATCHED_PENDING, BATCHED_BOOL, "5ee2fa2f0636; release not verified") \
	H(5_15, MREMAP_RMAP, RMAP_UNLOCKED, "97113eb39fa7 (v5.13.3), CVE-2022-41222") \
	H(5_13, FLUSH_LOCAL, LOCAL_FIRST, "4ce94eabac16") \
	H(5_8, CSD_QUEUE, QUEUE_FIFO, "52103be07d8b") \
	H(5_8, CSD_POLL, POLL_INTERRUPT, "b2a02fc43a1f") \
	H(5_2, GATHER_NESTED, NESTED_RANGE, "7a30df49f63a") \
	H(5_2, GATHER_SECONDARY, SECONDARY_FULL, "7a30df49f63a brought the empty range that was handed on") \
	H(5_0, MREMAP_RMAP, RMAP_LOCKED, "moves of whole tables came; not verified") \
	H(4_20, LAZY_MODE, LAZY_IPI, "145f573b89a6; release not verified") \
	H(4_20, FLUSH_FREED, SW_YES, "016c4d92cd16 brought the argument; release not verified") \
	H(4_19, SWITCH_MARKER, MARKER_NONE, "4012e77a903d; commit and release not verified") \
	H(4_19, MREMAP_FLUSH, MREMAP_DIRTY_ONLY, "eb66ae030829") \
	H(4_19, TABLE_FREE, TABLE_FREE_NO_INVALIDATE, "d86564a2f085, 48a8b97cfd80") \
	H(4_14, LAZY_MODE, LAZY_IGNORE, "b956575bed91; release not verified") \
	H(4_14_RC, TABLE_FREE, TABLE_FREE_IPI_ONLY, "9e52fc2b50de; commit and release not verified") \
	H(4_14_RC, LAZY_MODE, LAZY_OLD, "94b1b03b519b") \
	H(4_13, FLUSH_PENDING, PENDING_BOOL, "16af97dc5a89, 56236a59556c") \
	H(4_13, GATHER_NESTED, NESTED_NONE, "99baac21e458") \
	H(4_13, BATCHED_PENDING, BATCHED_NONE, "3ea277194daa")

enum release {
#define RELEASE_ID(id, name) RELEASE_##id,
	RELEASES(RELEASE_ID)
#undef RELEASE_ID
	RELEASE_COUNT
};

struct history_row {
	uint8_t release;	/* enum release: the first that is not so */
	uint8_t id;		/* enum profile_switch */
	uint8_t before;
	const char *commit;
};

extern const char *const release_names[RELEASE_COUNT];
extern const struct history_row history[];
extern const unsigned history_rows;

/* What the switches were in a release. */
void history_values(unsigned release, uint8_t value[SWITCH_COUNT]);

#endif
