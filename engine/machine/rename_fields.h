/*
 * rename_fields.h - rows that say what a field names; private to rename.c.
 */
#ifndef RENAME_FIELDS_H
#define RENAME_FIELDS_H

#include <stddef.h>

#include "rename.h"

/* Where a counter's mm or frame is: WITH_NONE for what counts nothing. */
#define WITH_NONE	0xffffu
#define WITH_SELF	0xfffeu		/* the object's own number */
#define WITH_POSITION	0xfffdu		/* the position in the array */

struct name_field {
	uint8_t type;		/* enum name_type */
	uint8_t wide;		/* bytes of one */
	uint16_t at;		/* of the first */
	uint16_t size;		/* of all, 0 = no more rows */
	uint16_t stride;	/* from one to the next, 0 = side by side */
	uint16_t with;		/* of the first one's mm (uint8_t) or frame (uint16_t) */
	uint16_t upto;		/* where a uint8_t says how many, 0 = all */
};

/* Rows up to one of size 0; NULL = there are none. */
const struct name_field *fields_of_kind(unsigned kind);
const struct name_field *fields_of_locals(const struct act *a);
const struct name_field *fields_of_wait(const struct act *a);

#endif
