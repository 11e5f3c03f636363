/*
 * kit_case.h - what the tests of single operations share: one kit, opened before each case; after it everything adds up.
 *
 * Included once by a test's own file, behind cmocka.h.
 */
#ifndef KIT_CASE_H
#define KIT_CASE_H

#include "world_of.h"

static struct kit k;

static int open_kit(void **state)
{
	(void)state;
	kit_open(&k);
	return 0;
}

static int adds_up(void **state)
{
	const char *bad = balance(&k.m, k.wrong, sizeof(k.wrong));

	(void)state;
	if (bad)
		fail_msg("%s", bad);
	assert_int_equal(k.m.digest, world_digest(&k.m));
	return 0;
}

#endif
