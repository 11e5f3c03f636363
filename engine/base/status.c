/*
 * status.c - one sentence for one mistake.
 */
#include <stdarg.h>
#include <stdio.h>

#include "status.h"

enum status complain(struct complaint *c, enum status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->text, sizeof(c->text), format, args);
	va_end(args);
	c->status = status;
	return status;
}
