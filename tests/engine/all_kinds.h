/*
 * all_kinds.h - one scenario with all kinds of lines, and all kinds of actions to take in it.
 */
#ifndef TEST_ALL_KINDS_H
#define TEST_ALL_KINDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scenario.h"

extern const char good[];

extern struct machine m;
extern struct effects fx;
extern struct scenario s;

/* Reads text as a scenario into s. */
enum status read_text(const char *text, struct complaint *c);

/* m becomes the machine of that variant of `good`. */
void build_good(unsigned variant);

#endif
