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
