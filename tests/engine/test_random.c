/*
 * test_random.c - the newest kernel, with programs made at random: no rule may ever fire.
 *
 * A rule that fires in a correct kernel is worth less than no rule.  Each machine is walked at random to its end;
 * nothing but lints may break, nobody may be stuck, and everything must add up (see balance).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rng.h"
#include "scenario.h"
#include "world_of.h"

#define MACHINES 600u
#define WALKS	 6u
#define STEPS	 4000u

struct maker {
	struct rng r;
	bool file, shadow, sva, child;
	struct text t;
	char text[4096];
};

static struct machine m;
static struct effects fx;
static struct scenario s;
static struct maker maker;

static unsigned pick(unsigned n)
{
	return rng_below(&maker.r, n);
}

static const char *page(bool mapped)
{
	static const char *const pages[] = { "heap+0", "heap+1", "view+0", "view+1",
					     "0x7f0000600000" };

	if (!maker.file)
		return pages[mapped || pick(3) ? pick(2) : 4];
	return pages[pick(mapped ? 4 : 5)];
}

static const char *one_of(const char *const *words, unsigned n)
{
	return words[pick(n)];
}

/* Raw instructions that leave the entries to the kernel. */
static void raw(const char *at)
{
	static const char *const before[] = { "ld r1 ", "st ", "inv ", "shoot ", "ldpte r2 " };
	unsigned kind = pick(5);

	text_add(&maker.t, "%s%s%s", before[kind], at, kind == 1 ? " 8" : "");
}

static void operation(bool child)
{
	static const char *const rights[] = { "r", "rw", "none" };
	static const char *const places[] = { "0x7f0000600000", "0x7f0000800000",
					      "0x7e0000009000" };
	struct text *t = &maker.t;

	switch (pick(14)) {
	case 0:
		text_add(t, "munmap %s 1p", page(false));
		break;
	case 1:
		text_add(t, "madvise %s 1p dontneed", page(false));
		break;
	case 2:
		text_add(t, "mprotect %s 1p %s", page(false), one_of(rights, 3));
		break;
	case 3:
		text_add(t, "mremap %s 1p to %s", page(false), one_of(places, 3));
		break;
	case 4:
		text_add(t, "mmap 0x7f0000600000 1p rw anon private");
		break;
	case 5:
	case 6:
		text_add(t, "load %s", page(false));
		break;
	case 7:
		if (maker.file)
			text_add(t, "truncate data %up", pick(3));
		else
			text_add(t, "load %s", page(false));
		break;
	case 8:
		if (maker.shadow && !child)
			text_add(t, pick(3) ? "guest-load %s kvm" : "guest-store %s = 3 kvm",
				 page(false));
		else
			text_add(t, "store %s = 2", page(false));
		break;
	case 9:
		if (maker.shadow && !child)
			text_add(t, pick(2) ? "register kvm" : "unregister kvm");
		else if (maker.sva && !child)
			text_add(t, pick(2) ? "bind sva0" : "unbind sva0");
		else
			text_add(t, "store %s = 4", page(false));
		break;
	case 10:
		raw(page(false));
		break;
	default:
		text_add(t, "store %s = %u", page(false), pick(9));
		break;
	}
}

static void task(unsigned n, unsigned cpus)
{
	bool child = maker.child && n > 0 && pick(2);
	struct text *t = &maker.t;

	text_add(t, "task t%u on cpu%u in %s: ", n, pick(cpus), child ? "B" : "A");
	if (maker.child && n == 0)
		text_add(t, "fork B; ");
	for (unsigned ops = 1 + pick(3); ops; ops--) {
		operation(child);
		text_add(t, "%s", ops > 1 ? "; " : "");
	}
	text_add(t, "%s\n", pick(4) ? "" : "; exit");
}

static void scenario_make(unsigned seed)
{
	static const char *const spec[] = { "off", "fill", "full", "whole" };
	struct text *t = &maker.t;
	unsigned cpus, tasks;

	maker.r.state = seed;
	maker.t = text_over(maker.text, sizeof(maker.text));
	cpus = 1 + pick(3);
	maker.file = pick(3);
	maker.shadow = !pick(3);
	maker.sva = pick(2);
	maker.child = !pick(3);
	text_add(t, "machine cpus=%u spec=%s\nmm A\n%s%s", cpus, one_of(spec, 4),
		 maker.child ? "mm B unborn\n" : "", maker.file ? "file data 2p\n" : "");
	text_add(t, "vma A heap 0x7f0000001000 2p rw anon private\ntouch A heap+0 = 7\n%s",
		 pick(2) ? "touch A heap+1\n" : "");
	if (maker.file)
		text_add(t, "vma A view 0x7f0000200000 2p rw data %s\ntouch A view+0%s\n",
			 pick(2) ? "shared" : "private", pick(2) ? " = 5" : "");
	if (maker.sva) {
		text_add(t, "device nic: ");
		for (unsigned ops = 1 + pick(3); ops; ops--)
			text_add(t, pick(2) ? "dma-read %s%s" : "dma-write %s = 6%s", page(true),
				 ops > 1 ? "; " : "\n");
		text_add(t, "sva sva0 for nic in A%s\n", pick(2) ? "" : " unbound");
	}
	if (maker.shadow)
		text_add(t, "shadow kvm in A%s\n", pick(2) ? "" : " unbound");
	text_add(t, "switch raw.shoot=%s\n", pick(2) ? "ipi" : "at-once");
	tasks = 1 + pick(4);
	for (unsigned n = 0; n < tasks; n++)
		task(n, cpus);
}

static void walk(unsigned seed, unsigned n)
{
	struct action a[MAX_ACTIONS];
	unsigned count, last = MAX_CPUS, steps = 0;
	const char *bad;
	char wrong[160];

	while (steps++ < STEPS && !machine_finished(&m) && (count = machine_actions(&m, a)) > 0) {
		const struct action *next = &a[pick(count)];

		/* Who runs goes on, most of the time; whims stay rare enough for walks to end. */
		for (unsigned i = 0; i < count && pick(3); i++)
			if (a[i].kind == ACT_STEP && a[i].agent == last)
				next = &a[i];
		if (next->kind == ACT_FILL || next->kind == ACT_EVICT)
			next = &a[pick(count)];
		if (next->kind == ACT_STEP)
			last = next->agent;
		machine_apply(&m, next, &fx);
		if (rules_broken(fx.rules))
			fail_msg("machine %u, walk %u: %s\n%s", seed, n,
				 rule_table[fx.finding.rule].name, maker.text);
	}
	if (!machine_finished(&m))
		fail_msg("machine %u, walk %u: %s\n%s", seed, n,
			 machine_stuck(&m) ? "stuck" : "no end", maker.text);
	bad = balance(&m, wrong, sizeof(wrong));
	if (bad)
		fail_msg("machine %u, walk %u: %s\n%s", seed, n, bad, maker.text);
}

static void test_random(void **state)
{
	struct complaint c;

	(void)state;
	for (unsigned seed = 1; seed <= MACHINES; seed++) {
		scenario_make(seed);
		if (scenario_read(&s, "random", maker.text, &m, &fx, &c) != OK)
			fail_msg("machine %u, line %u: %s\n%s", seed, c.line, c.text, maker.text);
		for (unsigned n = 0; n < WALKS; n++) {
			assert_int_equal(scenario_build(&s, 0, &m, &fx, &c), OK);
			walk(seed, n);
		}
	}
}

/* A failed CHECK names the machine that did it. */
static void on_check(const char *file, int line, const char *cond)
{
	fprintf(stderr, "%s:%d: %s\n%s", file, line, cond, maker.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };

	check_handler_set(on_check);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
