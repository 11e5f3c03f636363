/*
 * profile.c - the rows of the switch table as data.
 */
#include "profile.h"

const struct switch_info switch_table[SWITCH_COUNT] = {
#define SWITCH_ROW(id, n, v0, v1, v2, words) [SW_##id] = { n, { v0, v1, v2 }, words },
	SWITCHES(SWITCH_ROW)
#undef SWITCH_ROW
};

_Static_assert(SWITCH_COUNT <= sizeof(((struct profile *)0)->value), "profile.value is too short");

/* What each release did, from the history in the switches' notes. */
#define LATE_MREMAP { SW_MREMAP_CHECKS, CHECKS_LATE }, { SW_MREMAP_MULTI, SW_NO }
#define BEFORE_6_16 LATE_MREMAP, { SW_MADV_GATHER, GATHER_PER_VMA }, { SW_FAULT_DIRTY, SW_NO }
#define UP_TO_6_1 BEFORE_6_16, { SW_VMA_MERGE, MERGE_NEXT_FIRST }, { SW_PROT_UNACCOUNT, SW_NO }
#define OLD_HOOKS { SW_NOTIFIER_HOOK, HOOK_RANGE_END }, { SW_NOTIFIER_END, END_FLUSH }

const struct kernel_info kernel_table[KERNELS] = {
	{ "latest", { { 0, 0 } }, 0 },
	{ "7.2", { { 0, 0 } }, 0 },
	{ "6.18", { { 0, 0 } }, 0 },
	{ "6.12", { BEFORE_6_16, { SW_VMA_MERGE, MERGE_STRICT } }, 5 },
	{ "6.6", { BEFORE_6_16, { SW_VMA_MERGE, MERGE_STRICT } }, 5 },
	{ "6.1", { UP_TO_6_1, { SW_GATHER_SECONDARY, SECONDARY_SENTINEL }, OLD_HOOKS }, 9 },
	{ "5.15", { UP_TO_6_1, { SW_GATHER_SECONDARY, SECONDARY_SENTINEL }, OLD_HOOKS }, 9 },
	{ "5.0", { UP_TO_6_1, { SW_GATHER_NESTED, NESTED_RANGE }, OLD_HOOKS }, 9 },
	{ "4.14", { UP_TO_6_1, { SW_MREMAP_FLUSH, MREMAP_DIRTY_ONLY }, { SW_GATHER_NESTED, NESTED_RANGE }, OLD_HOOKS }, 10 },
};
