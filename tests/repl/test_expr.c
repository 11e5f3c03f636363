/*
 * test_expr.c - expressions on a small machine: values, precedence, what is none, and that no text
 * whatever crashes the reader or moves the machine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "expr.h"
#include "rng.h"
#include "scenario.h"

static const char text[] = "machine  arch=x86 cpus=2 spec=off\n"
			   "mm       A\n"
			   "file     data 1p\n"
			   "vma      A heap 0x7f0000001000 2p rw anon private\n"
			   "touch    A heap+0 = 7\n"
			   "warm     cpu1 A heap+0\n"
			   "device   nic: dma-read heap+0\n"
			   "sva      sva0 for nic in A\n"
			   "shadow   kvm in A\n"
			   "task     owner on cpu0 in A: munmap heap+0 1p\n"
			   "task     reader on cpu1 in A: load heap+0\n";

static struct machine m;
static struct scenario s;
static struct effects fx;

static int build(void **state)
{
	struct complaint c = { 0 };

	(void)state;
	if (scenario_read(&s, "test", text, &m, &fx, &c) != OK ||
	    scenario_build(&s, 0, &m, &fx, &c) != OK) {
		print_error("line %u: %s\n", c.line, c.text);
		return -1;
	}
	return 0;
}

/* The value in words, or the sentence that refuses the text. */
static const char *said(const char *expression)
{
	static char buf[240];
	const struct expr_place place = { .m = &m, .step = 12, .rules = 1u << RULE_STALE_LEAF };
	struct text t = text_over(buf, sizeof(buf));
	struct complaint c = { 0 };
	struct expr e;

	if (expr_read(&m, expression, &e, &c) != OK) {
		assert_int_not_equal(c.status, OK);
		text_add(&t, "%s", c.text);
		return buf;
	}
	value_text(&m, e.type, expr_value(&e, &place), &t);
	return buf;
}

static void values(void **state)
{
	static const struct {
		const char *expression, *value;
	} table[] = {
		{ "1 + 2 - 4", "-1" },
		{ "0x10==16", "true" },
		{ "1 + 1 == 2 && 2 < 1 || true", "true" },
		{ "true || false && false", "true" },
		{ "(true || false) && false", "false" },
		{ "!1 == 0", "true" },
		{ "- 3 < -2", "true" },
		{ "step - 2", "10" },
		{ "step-2", "10" },
		{ "broken(stale-leaf) && !broken(deadlock)", "true" },
		{ "pte(A,heap+0).pfn == tlb(cpu1,heap+0)", "true" },
		{ "pte(A, 0x7f0000001000).write", "true" },
		{ "pte(A,heap+1)", "none" },
		{ "pte(A,heap+1).present", "false" },
		{ "pte(A,heap+1).pfn > 0", "false" },
		{ "pte(A,heap+1).pfn + 1", "none" },
		{ "tlb(cpu0,heap+0) == none", "true" },
		{ "none == none", "true" },
		{ "none", "none" },
		{ "!none", "true" },
		{ "tlb(cpu1,heap+0).stale || stale(heap+0)", "false" },
		{ "tlb(nic,heap+0)", "none" },
		{ "tlb(sva0,heap+0)", "none" },
		{ "tlb(kvm,heap+0)", "none" },
		{ "frame(pte(A,heap+0).pfn).owner", "anon" },
		{ "frame(pte(A,heap+0).pfn).owner == anon", "true" },
		{ "anon != frame(pte(A,heap+1).pfn).owner", "true" },
		{ "frame(pte(A,heap+0).pfn).value", "7" },
		{ "frame(5 - 9).refs", "none" },
		{ "reg(owner,r15)", "0" },
		{ "reg(reader, r0).pfn", "none" },
		{ "page(data,0)", "none" },
		{ "page(data,0).dirty || page(data, 0).value > 0", "false" },
		{ "mm(A).state == live", "true" },
		{ "mm(A).cpumask", "0x3 (cpus 0,1)" },
		{ "cpu(0).task == owner && cpu(cpu1).task == reader", "true" },
		{ "cpu(1).loaded", "A" },
		{ "task(owner).doing == munmap", "true" },
		{ "task(owner).routine == do_munmap", "true" },
		{ "task(owner).op", "1" },
		{ "task(reader).state == ready", "true" },
		{ "lock(mmap_lock_of_A).held", "false" },
		{ "lock(ptl(pfn_4)).waiters", "0" },
		{ "lock(mmap_lock_of_A).owner", "none" },
		{ "sub(kvm).seq + sub(sva0).in_progress", "0" },
		{ "sub(kvm).mm == A", "true" },
		{ "dev(nic).op", "1" },
		{ "iommu.queued + pending", "0" },
		{ "stuck || finished", "false" },
		{ "1 # a comment", "1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(said(table[i].expression), table[i].value))
			print_error("%s\n", table[i].expression);
		assert_string_equal(said(table[i].expression), table[i].value);
	}
}

static void refusals(void **state)
{
	static const struct {
		const char *expression, *word;
	} table[] = {
		{ "", "the end of the line" },
		{ "teapot", "'teapot'" },
		{ "teapot == kettle", "'teapot'" },
		{ "step == teapot", "'teapot'" },
		{ "1 +", "the end of the line" },
		{ "1 ++", "'+'" },
		{ "(1", "')'" },
		{ "1)", "')'" },
		{ "1 = 2", "'='" },
		{ "1 & 2", "'&'" },
		{ "pte", "'pte'" },
		{ "pte(", "the end of the line" },
		{ "pte(A", "comma" },
		{ "pte(,heap+0)", "''" },
		{ "pte(A,heap+0", "')'" },
		{ "pte(A,heap+0).", "needs a field" },
		{ "pte(A,0xffff800000000000)", "'0xffff800000000000'" },
		{ "frame(200).refs", "'200'" },
		{ "frame(anon).refs", "'anon'" },
		{ "frame(1)", "needs a field: .owner" },
		{ "frame(heap).value", "'heap'" },
		{ "reg(owner)", "comma and a register" },
		{ "reg(owner,1)", "'1' should be a register: r0 to r15" },
		{ "reg(owner,r16)", "r0 to r15" },
		{ "reg(owner,r1", "')'" },
		{ "reg(nobody,r1)", "is no task" },
		{ "page(date,0)", "is no file" },
		{ "page(data,33)", "should be a page: 0 to 32" },
		{ "page(data)", "comma and a page" },
		{ "mm(A).state < live", "order" },
		{ "mm(A).state == 1", "'1'" },
		{ "mm(A).state == cpu(0).task", "'cpu(0).task'" },
		{ "mm(A).state + 1", "'mm(A).state'" },
		{ "lock(mmap_lock of A).held", "'mmap_lock of A'" },
		{ "18446744073709551616", "'18446744073709551616'" },
		{ "12x", "'12x'" },
		{ "!anon", "'anon'" },
		{ "-anon", "'anon'" },
		{ "\x80", "stands where a value should" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!strstr(said(table[i].expression), table[i].word))
			print_error("%s: %s\n", table[i].expression, said(table[i].expression));
		assert_non_null(strstr(said(table[i].expression), table[i].word));
	}
}

static void every_term_answers(void **state)
{
	static const char *const args[] = {
		[ARGS_NONE] = "",
		[ARGS_MM] = "(A)",
		[ARGS_MM_VA] = "(A,heap+0)",
		[ARGS_VA] = "(heap+0)",
		[ARGS_AGENT_VA] = "(nic,heap+0)",
		[ARGS_FRAME] = "(3)",
		[ARGS_CPU] = "(cpu1)",
		[ARGS_TASK] = "(owner)",
		[ARGS_REGISTER] = "(owner,r3)",
		[ARGS_PAGE] = "(data,0)",
		[ARGS_LOCK] = "(ptl(pfn_3))",
		[ARGS_DEV] = "(nic)",
		[ARGS_SUB] = "(kvm)",
		[ARGS_RULE] = "(pairing)",
	};
	char buf[120];
	struct complaint c;
	struct expr e;

	(void)state;
	for (const struct expr_term *t = expr_terms; t->head; t++) {
		snprintf(buf, sizeof(buf), "%s%s%s%s", t->head, args[t->args], *t->field ? "." : "",
			 t->field);
		assert_int_equal(expr_read(&m, buf, &e, &c), OK);
		assert_int_equal(e.type, t->type);
		assert_int_equal(e.path, t->path);
	}
}

/* A search asks in many states of one machine: the same expression must follow it. */
static void follows_the_machine(void **state)
{
	struct action all[MAX_ACTIONS];
	struct expr_place place = { .m = &m };
	struct complaint c;
	struct expr e;
	unsigned steps = 0;

	(void)state;
	assert_int_equal(expr_read(&m, "stale(heap+0) && task(reader).op == 1", &e, &c), OK);
	assert_false(e.path);
	while (!expr_true(&e, &place) && steps++ < 100) {
		assert_true(machine_actions(&m, all) > 0);
		machine_apply(&m, &all[0], &fx);
	}
	assert_true(expr_true(&e, &place));
	assert_string_equal(said("pte(A,heap+0) == none && tlb(cpu1,heap+0).stale"), "true");
}

static void any_text(void **state)
{
	static const char *const pieces[] = {
		"pte",	    "tlb",
		"(",	    ")",
		",",	    "A",
		"heap+0",   "heap",
		".pfn",	    ".",
		"&&",	    "||",
		"==",	    "!=",
		"<",	    "<=",
		"!",	    "-",
		"+",	    "1",
		"frame",    "mm",
		"none",	    "true",
		"lock",	    "ptl(",
		"#",	    "cpu1",
		"0x",	    " ",
		"broken",   "stale-leaf",
		"step",	    "99999999999999999999",
		"anon",	    ".owner",
		"frame(5)", "tlb(cpu1,heap+0)",
		"\xff",	    "%s%n",
	};
	struct rng rng = { .state = 7 };
	const uint64_t digest = m.digest;
	char line[400];
	unsigned right = 0;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		struct text t = text_over(line, sizeof(line));
		unsigned n = 1 + rng_below(&rng, 12);

		for (unsigned k = 0; k < n; k++)
			text_add(&t, "%s",
				 pieces[rng_below(&rng, sizeof(pieces) / sizeof(pieces[0]))]);
		right += !strchr(said(line), '\'') && !strstr(said(line), "end of the line");
	}
	assert_true(right > 100);
	assert_true(m.digest == digest && world_digest(&m) == digest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(values, build),
		cmocka_unit_test_setup(refusals, build),
		cmocka_unit_test_setup(every_term_answers, build),
		cmocka_unit_test_setup(follows_the_machine, build),
		cmocka_unit_test_setup(any_text, build),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
