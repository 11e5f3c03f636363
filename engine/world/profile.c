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
const struct kernel_info kernel_table[KERNELS] = {
	{ "latest", { { 0, 0 } }, 0 },
	{ "6.6", { { 0, 0 } }, 0 },
	{ "6.1", { { SW_GATHER_SECONDARY, SECONDARY_SENTINEL }, { SW_NOTIFIER_HOOK, HOOK_RANGE_END },
		   { SW_NOTIFIER_END, END_FLUSH } }, 3 },
	{ "5.15", { { SW_GATHER_SECONDARY, SECONDARY_SENTINEL }, { SW_NOTIFIER_HOOK, HOOK_RANGE_END },
		    { SW_NOTIFIER_END, END_FLUSH } }, 3 },
	{ "5.0", { { SW_GATHER_NESTED, NESTED_RANGE }, { SW_NOTIFIER_HOOK, HOOK_RANGE_END },
		   { SW_NOTIFIER_END, END_FLUSH } }, 3 },
	{ "4.14", { { SW_MREMAP_FLUSH, MREMAP_DIRTY_ONLY }, { SW_GATHER_NESTED, NESTED_RANGE },
		    { SW_NOTIFIER_HOOK, HOOK_RANGE_END }, { SW_NOTIFIER_END, END_FLUSH } }, 4 },
};
