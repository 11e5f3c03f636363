/*
 * searching.c - building a variant, running a search.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "searching.h"

void searching_build(struct searching *s, unsigned variant, enum spec spec)
{
	struct complaint c;

	assert_int_equal(scenario_build(&s->scenario, variant, &s->m, &s->fx, &c), OK);
	step_begin(&s->m, &s->fx);
	write_profile(&s->m, 0)->spec = (uint8_t)spec;
	step_end(&s->m);
}

void searching_explore(struct searching *s, const struct explore_options *o)
{
	void *memory = calloc(1, SEARCHING_MEMORY);
	uint64_t digest = s->m.digest;
	struct explorer *x;

	assert_non_null(memory);
	x = explore_begin(&s->m, o, memory, SEARCHING_MEMORY);
	while (explore_slice(x, 1000) == VERDICT_RUNNING)
		;
	explore_end(x);
	s->found = *explore_result(x);
	assert_int_equal(s->m.digest, digest);
	free(memory);
}
