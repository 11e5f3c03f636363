/*
 * reducing.c - the same verdict, the same rules (lints too), the same lines of routines; a trace that holds.
 */
#include <string.h>

#include "reducing.h"

bool reducing_whole(struct searching *s, uint64_t most, struct explore_result *whole)
{
	searching_explore(s, &(struct explore_options){ .all = true, .max_states = most });
	*whole = s->found;
	return whole->verdict != VERDICT_BOUND;
}

const char *reducing_differs(struct searching *s, unsigned reduce, const struct explore_result *whole)
{
	const struct explore_result *f = &s->found;

	/* As many states again are enough to see that it does not end. */
	searching_explore(s, &(struct explore_options){ .all = true, .reduce = reduce, .max_states = 2 * whole->states + 2 });
	if (f->verdict != whole->verdict)
		return "the verdict differs";
	if (f->rules != whole->rules)
		return "the rules differ";
	if (f->states > whole->states)
		return "there are more states";
	if (f->transitions > whole->transitions && reduce == REDUCE_SLEEP)
		return "there are more transitions";
	if (f->states != whole->states && reduce == REDUCE_SLEEP)
		return "a state was slept through";
	if (memcmp(f->lines, whole->lines, sizeof(f->lines)) != 0)
		return "the lines that were reached differ";
	if (f->taken & ~whole->taken)
		return "an action was taken that was never possible";
	return NULL;
}

/* A trace of a reduced search need not be the shortest, but it must be possible and end in the rule. */
const char *reducing_first(struct searching *s, unsigned reduce)
{
	searching_explore(s, &(struct explore_options){ .reduce = reduce });
	return s->found.verdict == VERDICT_VIOLATION ? searching_follow(s) : "no violation was found first";
}
