/*
 * test_broadcast.c - operations that hardware carries to every CPU: who does what when, what goes and what stays, who waits
 * for whom; and that half of a fix is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "broadcast.h"
#include "mmu.h"
#include "searching.h"

static struct searching s;

static void build(const char *lines)
{
	static char text[4096];
	struct complaint c;

	snprintf(text, sizeof(text), "title t\nsource s\nabout a\n%s", lines);
	if (scenario_read(&s.scenario, "test", text, &s.m, &s.fx, &c) != OK ||
	    scenario_build(&s.scenario, 0, &s.m, &s.fx, &c) != OK)
		fail_msg("%u: %s", c.line, c.text);
}

/* The rules that any order breaks, lints left aside. */
static uint32_t rules_of(const char *lines)
{
	const struct explore_options all = { .all = true };

	build(lines);
	searching_explore(&s, &all);
	assert_int_not_equal(s.found.verdict, VERDICT_BOUND);
	return rules_broken(s.found.rules);
}

#define ARM "machine arch=arm64 cpus=2 spec=off\nmm A\nvma A heap 0x7f0000001000 2p rw anon private\n" \
	"touch A heap+0 = 1\ntouch A heap+1 = 2\nwarm cpu1 A heap+0\nwarm cpu1 A heap+1\ntask t on cpu0 in A: nop\ntask u on cpu1 in A: nop\n"

static struct inval page(unsigned from, unsigned tag, unsigned n, bool final_only)
{
	return (struct inval){
		.start = 0x7f0000001000 + n * PAGE_SIZE, .end = 0x7f0000002000 + n * PAGE_SIZE, .from = (uint8_t)from,
		.pcid = (uint8_t)tag, .final_only = final_only,
	};
}

static void issue(struct inval op)
{
	step_begin(&s.m, &s.fx);
	inval_issue(&s.m, op);
	step_end(&s.m);
}

static void take(unsigned cpu, struct inval op)
{
	const struct action a = { .kind = ACT_INVAL, .agent = (uint8_t)cpu, .task = op.from, .va = inval_key(&op) };

	assert_null(action_blocked(&s.m, &a));
	machine_apply(&s.m, &a, &s.fx);
}

/* An operation touches its page, its tag and its CPU; who waits, waits for his own. */
static void test_one(void **state)
{
	const struct inval zero = page(0, 1, 0, true), one = page(1, 1, 1, true), other = page(0, 2, 1, true);

	(void)state;
	build(ARM);
	assert_int_equal(peek_tlb(&s.m, MMU_CPU(1))->count, 2);
	issue(zero);
	issue(one);
	issue(other);
	assert_false(inval_done(&s.m, 0));
	take(1, other);
	assert_int_equal(peek_tlb(&s.m, MMU_CPU(1))->count, 2);
	take(1, zero);
	assert_int_equal(peek_tlb(&s.m, MMU_CPU(1))->count, 1);
	assert_true(peek_psc(&s.m, MMU_CPU(1))->count > 0);
	take(0, other);
	assert_false(inval_done(&s.m, 0));
	take(0, zero);
	assert_true(inval_done(&s.m, 0));
	assert_false(inval_done(&s.m, 1));
	assert_false(machine_finished(&s.m));
	/* Without FINAL_ONLY what is cached of tables goes too, and a walk under way starts over. */
	issue(page(0, 1, 0, false));
	step_begin(&s.m, &s.fx);
	write_walker(&s.m, WALKER_CPU(1))->active = 1;
	write_walker(&s.m, WALKER_CPU(1))->pcid = 1;
	step_end(&s.m);
	take(1, page(0, 1, 0, false));
	assert_int_equal(peek_psc(&s.m, MMU_CPU(1))->count, 0);
	assert_false(peek_walker(&s.m, WALKER_CPU(1))->active);
}

/* Six are pending at most: who issues one more waits for room. */
static void test_room(void **state)
{
	(void)state;
	build(ARM);
	for (unsigned i = 0; i < INVALS; i++) {
		assert_true(inval_room(&s.m));
		issue(page(0, 1, i % 2, true));
	}
	assert_false(inval_room(&s.m));
	take(0, page(0, 1, 0, true));
	assert_false(inval_room(&s.m));
	take(1, page(0, 1, 1, true));
	assert_true(inval_room(&s.m));
}

/* An early acknowledgement ends the wait and drops nothing; the next comes only when that is done. */
static void test_early(void **state)
{
	const struct inval zero = page(0, 1, 0, true), one = page(0, 1, 1, true);
	const struct action next = { .kind = ACT_INVAL, .agent = 1, .va = inval_key(&one) };

	(void)state;
	build(ARM "switch tlbi.ack=early\n");
	issue(zero);
	take(0, zero);
	take(1, zero);
	assert_true(inval_done(&s.m, 0));
	assert_int_equal(peek_tlb(&s.m, MMU_CPU(1))->count, 2);
	issue(one);
	assert_non_null(action_blocked(&s.m, &next));
	take(1, zero);
	assert_int_equal(peek_tlb(&s.m, MMU_CPU(1))->count, 1);
	assert_null(action_blocked(&s.m, &next));
	assert_false(inval_done(&s.m, 0));
}

#define GLOBAL "machine arch=x86-invlpgb cpus=2 spec=off global-asid=2\nmm A\nvma A heap 0x7f0000001000 2p rw anon private\n" \
	"touch A heap+0 = 1\ntouch A heap+1 = 2\n"
#define TWICE GLOBAL "warm cpu1 A heap+1\ntask d on cpu0 in A: madvise heap+0 1p dontneed; madvise heap+1 1p dontneed\n" \
	"task v on cpu1 in A: load heap+1\n"

/* An mm gets its ASID only when it is active on enough CPUs, and all of them move to it. */
static void test_moves(void **state)
{
	struct action a[MAX_ACTIONS];

	(void)state;
	for (unsigned wide = 0; wide < 2; wide++) {
		build(wide ? TWICE : TWICE "machine global-asid=3\n");
		for (unsigned n = 0; n < 300 && machine_actions(&s.m, a); n++)
			machine_apply(&s.m, &a[0], &s.fx);
		assert_true(machine_finished(&s.m));
		assert_int_equal(peek_asid(&s.m, 0)->global, wide ? DYN_ASIDS : 0);
		for (unsigned cpu = 0; cpu < 2; cpu++)
			assert_int_equal(peek_cpu(&s.m, cpu)->pcid, wide ? ASID_PCID(DYN_ASIDS) : 1u);
	}
	assert_int_equal(rules_of(TWICE), 0);
	assert_int_equal(rules_of(TWICE "machine global-asid=3\n"), 0);
}

/* The DSB of a context switch does not make up for that of the flush, nor for CPUs that acknowledge early. */
static void test_halves(void **state)
{
#define MOVED "machine arch=arm64 cpus=3 spec=off\nmm A\nvma A heap 0x7f0000001000 1p rw anon private\ntouch A heap+0 = 1\n" \
	"warm cpu1 A heap+0\ntask d on cpu0,cpu2 in A: madvise heap+0 1p dontneed\ntask v on cpu1 in A: load heap+0\n"
	(void)state;
	assert_int_equal(rules_of(MOVED), 0);
	assert_int_equal(rules_of(MOVED "switch arm64.switch_dsb=no\n"), 1u << RULE_STALE_LEAF);
	assert_int_equal(rules_of(MOVED "switch tlbi.sync=none\n"), 1u << RULE_STALE_LEAF);
	assert_int_equal(rules_of(MOVED "switch tlbi.ack=early\n"), 0);
	assert_int_equal(rules_of(MOVED "switch tlbi.ack=early tlbi.repeat=never\n"), 1u << RULE_STALE_LEAF);
}

/* COW takes the old entry out, waits, and only then sets the new one: nobody reads the old page afterwards. */
static void test_cow(void **state)
{
#define COW "machine arch=arm64 cpus=2 spec=off\nmm A\nmm B unborn\nvma A heap 0x7f0000001000 1p rw anon private\n" \
	"touch A heap+0 = 7\ntask f on cpu0 in A: fork B; store heap+0 = 9\ntask v on cpu1 in A: after 1; load heap+0; load heap+0\n"
	(void)state;
	assert_int_equal(rules_of(COW), 0);
	assert_true(rules_of(COW "switch tlbi.sync=none\n") != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),   cmocka_unit_test(test_room),   cmocka_unit_test(test_early),
		cmocka_unit_test(test_moves), cmocka_unit_test(test_halves), cmocka_unit_test(test_cow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
