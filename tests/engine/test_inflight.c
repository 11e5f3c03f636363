/*
 * test_inflight.c - what is said of flushes in flight, on random walks through every scenario and variant.
 *
 * Every locked csd belongs to one flush; nothing is said of CPUs that no flush concerns; a CPU that has done its part is
 * as new as the flush; how far a CPU has come with a flush never goes back; at the end nothing is in flight.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "inflight.h"
#include "library.h"
#include "rng.h"

#define WALKS 60u
#define STEPS 1500u

static struct library library;
static struct scenario scenario;
static struct machine m;
static struct effects fx;
static unsigned seen[INFLIGHT_STAGES];	/* how often, over all walks */

static const struct inflight *flush_of(const struct inflight *f, unsigned n, const struct inflight *like)
{
	for (unsigned i = 0; i < n; i++)
		if (f[i].sender == like->sender && f[i].info.mm == like->info.mm &&
			f[i].info.new_tlb_gen == like->info.new_tlb_gen && f[i].info.start == like->info.start)
			return &f[i];
	return NULL;
}

/* Stages in which the csd is locked. */
static bool stage_is_locked(unsigned stage)
{
	return stage >= INFLIGHT_LOCKED && stage <= INFLIGHT_HELD;
}

static void csds_hold(const struct inflight *f, unsigned n)
{
	for (unsigned s = 0; s < MAX_CPUS; s++)
		for (unsigned c = 0; c < MAX_CPUS; c++) {
			unsigned locked = 0;

			for (unsigned i = 0; i < n; i++)
				locked += f[i].sender == s && c != s && (f[i].cpus >> c & 1) && stage_is_locked(f[i].stage[c]);
			assert_int_equal(locked, peek_call(&m, s)->locked >> c & 1);
		}
}

static void flush_holds(const struct inflight *f, const struct inflight *was)
{
	for (unsigned c = 0; c < MAX_CPUS; c++) {
		const struct cpu *cpu = peek_cpu(&m, c);

		if (!(f->cpus >> c & 1)) {
			assert_int_equal(f->stage[c], 0);
			continue;
		}
		assert_true(cpu->online);
		seen[f->stage[c]]++;
		/* A lazy CPU may do nothing about it, as some scenarios have it; with a global ASID no generation is kept. */
		if (f->stage[c] == INFLIGHT_DONE && cpu->loaded_mm == f->info.mm && !cpu->is_lazy && !peek_parked(&m, c)->pcid)
			if (cpu->tlb_gen < f->info.new_tlb_gen)
				fail_msg("%s: cpu%u has done the flush of cpu%u, and is not as new", scenario.name, c, f->sender);
		/* A broadcast that finds CPUs on their way to a global ASID asks the same CPUs twice. */
		if (was && arch_is(&m, ARCH_X86) && (was->cpus >> c & 1) && f->stage[c] < was->stage[c])
			fail_msg("%s: the flush of cpu%u, cpu%u: after '%s' comes '%s'", scenario.name, f->sender, c,
				 inflight_word((enum inflight_stage)was->stage[c]), inflight_word((enum inflight_stage)f->stage[c]));
	}
}

static void walk(struct rng *r)
{
	struct inflight f[MAX_INFLIGHT], old[MAX_INFLIGHT];
	struct action a[MAX_ACTIONS], last = { 0 };
	unsigned n, k, olds = 0;

	for (unsigned steps = 0; steps < STEPS && (n = machine_actions(&m, a)) > 0; steps++) {
		const struct action *next = &a[rng_below(r, n)];

		for (unsigned i = 0; i < n && rng_below(r, 3); i++)
			if (action_is_progress(&a[i]) && action_same(&a[i], &last))
				next = &a[i];
		last = *next;
		machine_apply(&m, next, &fx);
		k = inflight_list(&m, f);
		csds_hold(f, k);
		for (unsigned i = 0; i < k; i++)
			flush_holds(&f[i], flush_of(old, olds, &f[i]));
		memcpy(old, f, sizeof(f));
		olds = k;
	}
	if (machine_finished(&m))
		assert_int_equal(inflight_list(&m, f), 0);
}

static void test_walks(void **state)
{
	struct complaint c;

	(void)state;
	for (unsigned i = 0; i < library.count; i++) {
		library_read(library.path[i], &scenario, &m, &fx);
		for (unsigned v = 0; v < scenario.variants; v++)
			for (unsigned seed = 1; seed <= WALKS; seed++) {
				assert_int_equal(scenario_build(&scenario, v, &m, &fx, &c), OK);
				walk(&(struct rng){ seed });
			}
	}
	for (unsigned s = 0; s < INFLIGHT_STAGES; s++) {
		if (!seen[s])
			print_error("no walk came to '%s'\n", inflight_word((enum inflight_stage)s));
		assert_true(seen[s] > 0);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_walks) };

	if (!library_list(&library, argc > 1 ? argv[1] : "scenarios")) {
		fprintf(stderr, "no scenarios\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
