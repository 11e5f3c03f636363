/*
 * searching.c - building a variant, running a search.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "searching.h"

void searching_build(struct searching *s, unsigned variant, enum spec spec)
{
	struct complaint c;

	assert_int_equal(scenario_build(&s->scenario, variant, &s->m, &s->fx, &c), OK);
	step_begin(&s->m, &s->fx);
	s->own = (enum spec)read_profile(&s->m, 0)->spec;
	write_profile(&s->m, 0)->spec = (uint8_t)spec;
	step_end(&s->m);
}

/* Zeroed pages of the system's own: an allocator that checks would touch its notes of all of them. */
void *searching_memory(void)
{
	void *memory = mmap(NULL, SEARCHING_MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_true(memory != MAP_FAILED);
	return memory;
}

void searching_explore(struct searching *s, const struct explore_options *o)
{
	void *memory = searching_memory();
	uint64_t digest = s->m.digest;
	struct explorer *x;

	x = explore_begin(&s->m, o, memory, SEARCHING_MEMORY);
	while (explore_slice(x, 1000) == VERDICT_RUNNING)
		;
	explore_end(x);
	s->found = *explore_result(x);
	assert_int_equal(s->m.digest, digest);
	munmap(memory, SEARCHING_MEMORY);
}

bool searching_within(struct searching *s, unsigned variant, const struct explore_options *o, uint64_t most)
{
	struct explore_options bounded = *o;
	char why[48];

	bounded.max_states = most;
	searching_explore(s, &bounded);
	if (s->found.verdict == VERDICT_BOUND) {
		snprintf(why, sizeof(why), "speculation %u: more than %llu states", peek_profile(&s->m, 0)->spec,
			(unsigned long long)most);
		library_left_out(&s->scenario, variant, why);
		return false;
	}
	library_kept();
	return true;
}

const char *searching_follow(struct searching *s)
{
	const struct explore_result *f = &s->found;

	for (uint32_t i = 0; i < f->trace_length; i++) {
		bool end = i + 1 == f->trace_length && f->rule != RULE_DEADLOCK;

		if (action_blocked(&s->m, &f->trace[i]))
			return "the trace is not possible";
		machine_apply(&s->m, &f->trace[i], &s->fx);
		if ((rules_broken(s->fx.rules) != 0) != end)
			return end ? "nothing breaks at the end of the trace" : "the trace breaks a rule before its end";
	}
	if (f->rule == RULE_DEADLOCK ? !machine_stuck(&s->m) : s->fx.finding.rule != f->rule)
		return "the trace ends in another rule";
	return NULL;
}
