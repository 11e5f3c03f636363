/*
 * bare.h - a machine without a kernel for the tests of hw/: one CPU with tables for VA, doors open.
 */
#ifndef TEST_BARE_H
#define TEST_BARE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "world.h"

#define VA	  0x7f0000001000ull
#define LEAF_BITS (PTE_PRESENT | PTE_USER)

/* A test with such a machine of its own; its digest is checked when the test is over. */
#define BARE_TEST(name) cmocka_unit_test_setup_teardown(name, bare_open, bare_close)

extern struct machine m;
extern struct effects fx;
extern unsigned table[5]; /* by level, of VA */

int bare_open(void **state);
int bare_close(void **state);

/* Maps a new frame at va, in the page table of VA; its number. */
unsigned map_page(uint64_t va, uint64_t flags);

#endif
