/*
 * routines.c - the table of routines.
 */
#include "routines.h"

const struct routine *const routine_table[ROUTINE_COUNT] = {
#define ROUTINE_ROW(name) [R_##name] = &routine_##name,
	ROUTINES(ROUTINE_ROW)
#undef ROUTINE_ROW
};
