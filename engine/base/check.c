/*
 * check.c - the last words of a failed CHECK.
 */
#include <stddef.h>
#include <stdlib.h>

#include "check.h"

static void (*report)(const char *file, int line, const char *cond);

void check_handler_set(void (*handler)(const char *file, int line, const char *cond))
{
	report = handler;
}

_Noreturn void check_fail(const char *file, int line, const char *cond)
{
	if (report)
		report(file, line, cond);
	abort();
}
