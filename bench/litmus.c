/*
 * litmus.c - how many litmus tests are decided in a second: read, built, searched to the end, for and against.
 */
#include <stdio.h>
#include <stdlib.h>

#include "explore.h"
#include "library.h"
#include "litmus.h"
#include "measure.h"

#define SEARCH_MEMORY ((size_t)EXPLORE_MIN)

enum {
	RUNS = 11,
	MOST_BYTES = 1 << 20
};

static struct built b;
static struct litmus test;

struct sum {
	unsigned tests, differ;
	uint64_t states;
};

static bool is_answer(const struct machine *m, void *self)
{
	const bool *shown = self;

	return machine_finished(m) && litmus_holds(&test, m) == *shown;
}

static bool reachable(struct sum *sum, bool shown)
{
	const struct explore_options o = { .model = &raw_model, .goal = is_answer, .goal_self = &shown };
	void *memory = calloc(1, SEARCH_MEMORY); /* small pages: a search touches few of them */
	struct explorer *x;
	bool goal;

	CHECK(memory);
	x = explore_begin(&b.m, &o, memory, SEARCH_MEMORY);
	while (explore_slice(x, 100000) == VERDICT_RUNNING)
		;
	explore_end(x);
	goal = explore_result(x)->goal;
	sum->states += explore_result(x)->states;
	free(memory);
	return goal;
}

static double decide_all(const char *text, struct sum *sum)
{
	struct litmus_text at = { text, 1 };
	struct complaint c = { 0 };
	double begin = seconds_now();

	*sum = (struct sum){ 0 };
	for (; litmus_next(&at, &test, &b.m, &b.fx, &c); sum->tests++) {
		enum litmus_verdict v = LITMUS_FORBIDDEN;

		if (scenario_read(&b.s, test.name, test.scenario, &b.m, &b.fx, &c) != OK ||
		    scenario_build(&b.s, 0, &b.m, &b.fx, &c) != OK)
			break;
		if (reachable(sum, true))
			v = reachable(sum, false) ? LITMUS_ALLOWED : LITMUS_REQUIRED;
		sum->differ += test.published && v != test.published;
	}
	return seconds_now() - begin;
}

void bench_litmus(void)
{
	static const char *const files[] = { LITMUS_TESTS "/elt-sample.txt", LITMUS_TESTS "/elt-own.txt" };

	for (unsigned f = 0; f < sizeof(files) / sizeof(files[0]); f++) {
		struct complaint c = { 0 };
		char *text = library_text(files[f], "a file of litmus tests", MOST_BYTES, &c);
		double took[RUNS];
		struct sum sum;

		if (!text) {
			no_figure("litmus", c.text);
			continue;
		}
		for (unsigned i = 0; i < RUNS; i++)
			took[i] = decide_all(text, &sum);
		free(text);
		figure("litmus", f ? "own tests" : "sample", sum.tests / median(took, RUNS), "tests/s",
		       "%u tests, %llu states, %u differ from their verdict", sum.tests,
		       (unsigned long long)sum.states, sum.differ);
	}
}
