/*
 * test_lazy.c - lazy TLB, the store buffer and the kernel releases: what the scenarios do not show by themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cpu.h"
#include "history.h"
#include "searching.h"

static struct searching s;

static void build(const char *text)
{
	struct complaint c;

	if (scenario_read(&s.scenario, "test", text, &s.m, &s.fx, &c) != OK)
		fail_msg("%u: %s", c.line, c.text);
	assert_int_equal(scenario_build(&s.scenario, 0, &s.m, &s.fx, &c), OK);
}

/* Takes the labelled action as often as told; the last step's effects are in s.fx. */
static void act(const char *label, unsigned times)
{
	struct complaint c;
	struct action a;

	assert_int_equal(label_read(&s.m, label, &a, &c), OK);
	for (; times; times--) {
		if (action_blocked(&s.m, &a))
			fail_msg("%s: %s", label, action_blocked(&s.m, &a));
		machine_apply(&s.m, &a, &s.fx);
	}
}

/* The same until it waits, or an event of the kind comes (EVENT_KINDS = none). */
static bool act_until(const char *label, enum event_kind kind)
{
	struct complaint c;
	struct action a;

	assert_int_equal(label_read(&s.m, label, &a, &c), OK);
	while (!action_blocked(&s.m, &a)) {
		machine_apply(&s.m, &a, &s.fx);
		for (unsigned i = 0; i < s.fx.events; i++)
			if (s.fx.event[i].kind == kind)
				return true;
	}
	return false;
}

static const struct cpu *cpu(unsigned c)
{
	return peek_cpu(&s.m, c);
}

static uint32_t rules_of(const char *text)
{
	const struct explore_options o = { .order = ORDER_BREADTH, .all = true };

	build(text);
	searching_explore(&s, &o);
	assert_int_not_equal(s.found.verdict, VERDICT_BOUND);
	return rules_broken(s.found.rules);
}

#define TWO_CPUS "machine cpus=2 spec=off store-buffer=on\nmm A\nmm kern kernel\n" \
	"vma A heap 0x7f0000001000 2p rw anon private\ntouch A heap+0 = 7\nwarm cpu1 A heap+0\n"

/* Others see a store when it drains: by itself, by the next store, by CR3, by an interrupt. */
static void test_buffer(void **state)
{
	(void)state;
	build(TWO_CPUS "task t on cpu1 in A: nop\n");
	step_begin(&s.m, &s.fx);
	cpu_store_lazy(&s.m, 1, true);
	assert_true(cpu(1)->is_lazy && cpu_seen_lazy(&s.m, 1, 1));
	assert_false(cpu_seen_lazy(&s.m, 0, 1));
	cpu_store_loaded_mm(&s.m, 1, MM_SWITCHING);
	assert_true(cpu_seen_lazy(&s.m, 0, 1));
	assert_int_equal(cpu_seen_loaded_mm(&s.m, 0, 1), 0);
	assert_int_equal(cpu_seen_loaded_mm(&s.m, 1, 1), MM_SWITCHING);
	cpu_load_cr3_noflush(&s.m, 1, cpu(1)->cr3, 0);
	assert_int_equal(cpu_seen_loaded_mm(&s.m, 0, 1), MM_SWITCHING);
	cpu_store_loaded_mm(&s.m, 1, 0);
	cpu_irq_enter(&s.m, 1);
	assert_int_equal(cpu_seen_loaded_mm(&s.m, 0, 1), 0);
	cpu_irq_exit(&s.m, 1);
	cpu_store_lazy(&s.m, 1, false);
	step_end(&s.m);
	act("cpu1.drain", 1);
	assert_int_equal(cpu(1)->buffer, BUFFER_EMPTY);
	assert_int_equal(s.fx.event[0].kind, EV_DRAIN);
	/* Where the machine has no such buffers, there is nothing to wait for. */
	build("machine cpus=1 spec=off\nmm A\ntask t on cpu0 in A: nop\n");
	step_begin(&s.m, &s.fx);
	cpu_store_lazy(&s.m, 0, true);
	assert_int_equal(cpu(0)->buffer, BUFFER_EMPTY);
	step_end(&s.m);
}

/* A kernel thread borrows what is loaded, hands it on, and gives it back; the last reference takes the root along. */
static void test_borrow(void **state)
{
	(void)state;
	build(TWO_CPUS "mm B\ntask t on cpu1 in A: exit\ntask k on cpu1 in kern: nop; nop\ntask l on cpu1 in kern: nop\n"
		       "task u on cpu1 in B: nop\n");
	assert_int_equal(peek_mm(&s.m, 0)->count, 1);
	act("cpu1.switch k", 1);
	assert_int_equal(cpu(1)->active_mm, 0);
	assert_int_equal(peek_mm(&s.m, 0)->count, 2);
	act("cpu1.step", 1);
	/* Lazy already, and the process's thread is still current. */
	assert_true(cpu(1)->is_lazy && cpu(1)->loaded_mm == 0 && cpu(1)->irq_off && cpu(1)->leaving == 0);
	act("cpu1.step", 1);
	assert_true(cpu(1)->is_lazy && cpu(1)->leaving == NONE && !cpu(1)->irq_off);
	act("cpu1.switch l", 1);
	assert_int_equal(peek_mm(&s.m, 0)->count, 2);
	act("cpu1.switch t", 1);
	act_until("cpu1.step", EV_OP);
	assert_int_equal(peek_task(&s.m, 0)->state, TASK_DONE);
	assert_int_equal(peek_mm(&s.m, 0)->state, MM_DEAD);
	assert_int_equal(peek_mm(&s.m, 0)->count, 1);
	assert_int_not_equal(peek_mm(&s.m, 0)->pgd, NO_FRAME);
	assert_int_equal(cpu(1)->loaded_mm, init_mm(&s.m));
	act("cpu1.switch u", 1);
	act_until("cpu1.step", EV_OP);
	assert_int_equal(peek_mm(&s.m, 0)->pgd, NO_FRAME);
	assert_int_equal(cpu(1)->active_mm, NONE);
	assert_int_equal(cpu(1)->leaving, NONE);
}

/* A lazy CPU: no interrupt for pages; going back it compares, and drops what it missed. */
static void test_catch_up(void **state)
{
	(void)state;
	build(TWO_CPUS "task d on cpu0 in A: madvise heap+0 1p dontneed\ntask k on cpu1 in kern: nop\n"
		       "task t on cpu1 in A: load heap+0\nlazy cpu1 A\n");
	assert_true(act_until("cpu0.step", EV_IPI_SKIP));
	assert_false(act_until("cpu0.step", EV_IPI_SEND));
	assert_int_equal(peek_task(&s.m, 0)->state, TASK_DONE);
	assert_int_equal(peek_tlb(&s.m, 1)->count, 1);
	act("cpu1.switch t", 1);
	assert_true(act_until("cpu1.step", EV_CR3));
	assert_int_equal(peek_tlb(&s.m, 1)->count, 0);
	assert_int_equal(cpu(1)->tlb_gen, peek_mm(&s.m, 0)->tlb_gen);
	assert_false(cpu(1)->is_lazy);
}

/* Before it sleeps deeply an idle CPU leaves the process; nobody calls it for that any more, tables or not. */
static void test_idle(void **state)
{
	(void)state;
	build(TWO_CPUS "switch kernel=6.13\ntask d on cpu0 in A: munmap heap+0 2p\ntask k on cpu1 in kern: idle\nlazy cpu1 A\n");
	act_until("cpu1.step", EVENT_KINDS);
	assert_int_equal(cpu(1)->loaded_mm, init_mm(&s.m));
	assert_false(cpu(1)->is_lazy);
	assert_int_equal(peek_mm(&s.m, 0)->cpumask, 1);
	assert_false(act_until("cpu0.step", EV_IPI_SEND));
	assert_int_equal(peek_task(&s.m, 0)->state, TASK_DONE);
}

#define RETRACT TWO_CPUS "task d on cpu0 in A: madvise heap+0 1p dontneed; retract heap+0\n" \
	"task k on cpu1 in kern: prefetch heap+1\nlazy cpu1 A\n"

#define FREED (1u << RULE_TABLE_FREED | 1u << RULE_STALE_TABLE)

/* Half a fix is none: the argument does not help a CPU that ignores interrupts, nor the barrier one that is told late. */
static void test_halves(void **state)
{
	(void)state;
	assert_int_equal(rules_of(RETRACT), 0);
	assert_int_equal(rules_of(RETRACT "switch flush.freed_tables=no\n"), FREED);
	assert_int_equal(rules_of(RETRACT "switch lazy.mode=ignore\n"), FREED);
	assert_int_equal(rules_of(RETRACT "switch flush.freed_tables=no lazy.mode=ipi-init-mm\n"), 0);
#define SWITCHED "machine cpus=2 spec=off pcid=on store-buffer=on\nmm A\nmm B\nvma A heap 0x7f0000001000 1p rw anon private\n" \
	"touch A heap+0 = 7\nwarm cpu1 A heap+0\ntask d on cpu0 in A: madvise heap+0 1p dontneed\ntask o on cpu1 in B: nop\n" \
	"task v on cpu1 in A: after 1; load heap+0\n"
	assert_int_equal(rules_of(SWITCHED), 0);
	assert_true(rules_of(SWITCHED "switch switch.order=after-gen\n") & 1u << RULE_STALE_LEAF);
	assert_true(rules_of(SWITCHED "switch switch.marker=nmi-only\n") & 1u << RULE_STALE_LEAF);
	/* A CPU that leaves the mask sets its bit again, with a barrier, before it looks: no marker is needed. */
	assert_int_equal(rules_of(SWITCHED "switch cpumask.leave=cleared switch.marker=nmi-only switch.order=after-gen\n"), 0);
}

/* Up to 5.12 the sender drops its own entries before it sends. */
static void test_local_first(void **state)
{
#define BOTH "machine cpus=2 spec=off\nmm A\nvma A heap 0x7f0000001000 1p rw anon private\ntouch A heap+0 = 7\n" \
	"warm cpu0 A heap+0\ntask d on cpu0 in A: madvise heap+0 1p dontneed\ntask v on cpu1 in A: nop\n"
	(void)state;
	build(BOTH);
	assert_true(act_until("cpu0.step", EV_IPI_SEND));
	assert_int_equal(peek_tlb(&s.m, 0)->count, 1);
	build(BOTH "switch flush.local=first\n");
	assert_true(act_until("cpu0.step", EV_IPI_SEND));
	assert_int_equal(peek_tlb(&s.m, 0)->count, 0);
	act("cpu1.ipi", 1);
	act_until("cpu1.step", EV_IPI_ACK);
	act_until("cpu0.step", EVENT_KINDS);
	assert_int_equal(peek_task(&s.m, 0)->state, TASK_DONE);
}

/* A CPU answers synchronous calls of its queue first, up to 5.7 all in the order in which they came. */
static void test_queue(void **state)
{
#define QUEUE "machine cpus=3 spec=off\nmm A\nvma A heap 0x7f0000001000 2p rw anon private\ntouch A heap+0 = 7\n" \
	"touch A heap+1 = 8\nswitch csd.async=no-wait\n" \
	"task d on cpu0 in A: madvise heap+0 1p dontneed\ntask u on cpu1 in A: munmap heap+0 2p\ntask v on cpu2 in A: nop\n"
	static const char *const text[] = { QUEUE, QUEUE "switch csd.queue=fifo\n" };

	(void)state;
	for (unsigned fifo = 0; fifo < 2; fifo++) {
		build(text[fifo]);
		act_until("cpu0.step", EVENT_KINDS);
		assert_int_equal(peek_task(&s.m, 0)->state, TASK_DONE);
		act_until("cpu1.step", EVENT_KINDS);
		act("cpu0.ipi", 1);
		act_until("cpu0.step", EVENT_KINDS);
		assert_int_equal(cpu(2)->queued, 2);
		act("cpu2.ipi", 1);
		assert_true(act_until("cpu2.step", EV_IPI_ACK));
		for (unsigned i = 0; i < s.fx.events; i++)
			if (s.fx.event[i].kind == EV_IPI_ACK)
				assert_int_equal(s.fx.event[i].a, fifo ? 0 : 1);
	}
}

static const char *value_in(const char *release, const char *name)
{
	uint8_t value[SWITCH_COUNT];
	unsigned k = 0, i = 0;

	while (strcmp(release_names[k], release))
		k++;
	while (strcmp(switch_table[i].name, name))
		i++;
	history_values(k, value);
	return switch_table[i].value[value[i]];
}

static void test_releases(void **state)
{
	static const struct {
		const char *release, *name, *value;
	} row[] = {
		{ "4.13", "lazy.mode", "old" }, { "4.14-rc", "lazy.mode", "ignore" }, { "4.14", "lazy.mode", "ipi-init-mm" },
		{ "4.19", "lazy.mode", "ipi-init-mm" }, { "5.8", "lazy.mode", "skip-unless-freed" },
		{ "4.14", "mremap.flush", "dirty-only" }, { "4.19", "mremap.flush", "under-ptl" },
		{ "4.19", "flush.freed_tables", "yes" }, { "5.0", "flush.freed_tables", "no" }, { "6.14", "flush.freed_tables", "no" },
		{ "6.15", "flush.freed_tables", "yes" }, { "5.0", "csd.queue", "fifo" }, { "5.8", "csd.queue", "sync-first" },
		{ "5.8", "flush.local", "first" }, { "5.13", "flush.local", "overlaps" },
		{ "6.13", "cpumask.leave", "cleared" }, { "6.14", "cpumask.leave", "kept" },
		{ "6.12", "switch.barrier", "implied" }, { "6.14", "switch.barrier", "conditional" },
		{ "6.17", "switch.barrier", "conditional" }, { "6.18", "switch.barrier", "always" },
		{ "4.14", "switch.marker", "none" }, { "6.12", "switch.marker", "nmi-only" }, { "6.15", "switch.marker", "flush-aware" },
		{ "6.14", "switch.order", "after-gen" }, { "6.15", "switch.order", "before-gen" },
		{ "6.14", "lazy.read_order", "lazy-first" }, { "5.0", "gather.nested", "range-without-bits" },
		{ "5.0", "gather.secondary_range", "full" }, { "5.15", "gather.secondary_range", "sentinel" },
		{ "6.1", "vma.merge", "next-first" }, { "6.6", "vma.merge", "strict" }, { "6.15", "vma.merge", "strict" },
		{ "4.12", "batched.pending", "none" }, { "4.13", "batched.pending", "bool" }, { "6.1", "batched.pending", "counters" },
		{ "4.12", "flush.pending", "bool" }, { "5.8", "mremap.pmd_rmap", "unlocked" }, { "4.19", "mremap.pmd_rmap", "locked" },
		{ "6.1", "gather.rmap", "before" }, { "6.2", "gather.rmap", "after-flush" }, { "5.15", "gather.pfnmap", "deferred" },
		{ "6.18", "vma.merge", "unfaulted" }, { "6.1", "notifier.range_end", "flush" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (strcmp(value_in(row[i].release, row[i].name), row[i].value))
			fail_msg("%s: %s=%s", row[i].release, row[i].name, value_in(row[i].release, row[i].name));
}

/* Lines that cannot be, each with the word that its sentence must hold. */
static void test_refused(void **state)
{
	static const struct {
		const char *line, *word;
	} row[] = {
		{ "lazy cpu1 A", "first task" }, { "lazy cpu7 A", "cpu7" }, { "mm l kernel", "one such mm" },
		{ "task x on cpu1 in kern: load heap+0", "kernel thread" }, { "task x on cpu1 in A: idle", "kernel thread" },
		{ "task x on cpu1 in kern: exit", "kernel thread" }, { "machine store-buffer=deep", "store-buffer" },
		{ "switch lazy.mode=eager", "skip-unless-freed, ipi-init-mm, ignore or old" }, { "switch kernel=9.9", "4.14-rc" },
		{ "task k on cpu1 in kern: nop\nlazy cpu1 kern", "not lazy" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char text[600];
		struct text t = text_over(text, sizeof(text));
		struct complaint c = { .status = OK };

		text_add(&t, "%s%s\n", TWO_CPUS, row[i].line);
		assert_int_not_equal(scenario_read(&s.scenario, "test", text, &s.m, &s.fx, &c), OK);
		if (!strstr(c.text, row[i].word))
			fail_msg("%s: %s", row[i].line, c.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buffer),	    cmocka_unit_test(test_borrow),   cmocka_unit_test(test_catch_up),
		cmocka_unit_test(test_idle),	    cmocka_unit_test(test_halves),   cmocka_unit_test(test_local_first),
		cmocka_unit_test(test_queue),	    cmocka_unit_test(test_releases), cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
