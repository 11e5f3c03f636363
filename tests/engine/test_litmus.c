/*
 * test_litmus.c - every litmus test of our files: its verdict from the search with fewer whims, from the search with
 * all of them, and with the kernel's own flush; and texts that are refused.
 *
 * usage: test_litmus FILE ...
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "litmus.h"
#include "rng.h"
#include "searching.h"

#define MOST_BYTES (256u << 10)
#define MOST_STATES 200000u /* of a search with all whims; a test that needs more is left out */

static char text[4][MOST_BYTES];
static int texts;
static struct searching s;
static struct litmus test;
static struct effects fx;

/* ---- verdicts ---- */

struct question {
	bool shown; /* ends that show the outcome, or those that do not */
};

static bool is_answer(const struct machine *m, void *self)
{
	const struct question *q = self;

	return machine_finished(m) && litmus_holds(&test, m) == q->shown;
}

static void build(unsigned variant)
{
	struct complaint c;

	assert_int_equal(scenario_read(&s.scenario, test.name, test.scenario, &s.m, &fx, &c), OK);
	assert_int_equal(scenario_build(&s.scenario, variant, &s.m, &fx, &c), OK);
}

/* Is there such an end?  Its schedule is possible on the machine, and leads there. */
static bool reachable(unsigned variant, const struct explore_model *model, bool shown)
{
	struct question q = { shown };
	const struct explore_options o = {
		.model = model, .goal = is_answer, .goal_self = &q, .max_states = MOST_STATES,
	};

	build(variant);
	searching_explore(&s, &o);
	for (uint32_t i = 0; s.found.goal && i < s.found.trace_length; i++) {
		assert_null(action_blocked(&s.m, &s.found.trace[i]));
		machine_apply(&s.m, &s.found.trace[i], &fx);
	}
	if (s.found.goal)
		assert_true(is_answer(&s.m, &q));
	return s.found.goal;
}

/* UNSAID when there is no telling. */
static enum litmus_verdict decide(unsigned variant, const struct explore_model *model)
{
	bool shown = reachable(variant, model, true);

	if (s.found.verdict == VERDICT_BOUND)
		return LITMUS_UNSAID;
	if (!shown)
		return LITMUS_FORBIDDEN;
	if (reachable(variant, model, false))
		return LITMUS_ALLOWED;
	return s.found.verdict == VERDICT_BOUND ? LITMUS_UNSAID : LITMUS_REQUIRED;
}

static void each(void (*look)(void))
{
	for (int i = 0; i < texts; i++) {
		struct litmus_text at = { text[i], 1 };
		struct complaint c = { 0 };
		unsigned n = 0;

		for (; litmus_next(&at, &test, &s.m, &fx, &c); n++)
			look();
		if (c.status != OK)
			fail_msg("%u: %s", c.line, c.text);
		assert_true(n > 10);
	}
}

static void look_published(void)
{
	enum litmus_verdict v = decide(0, &raw_model);

	if (v != test.published && test.published)
		fail_msg("%s: %s, published %s", test.name, litmus_verdict_name(v), litmus_verdict_name(test.published));
}

static void test_published(void **state)
{
	(void)state;
	each(look_published);
}

static unsigned compared;

static void look_same(void)
{
	const struct {
		unsigned variant;
		const struct explore_model *model;
	} way[] = { { 0, &machine_model }, { 1, &raw_model }, { 1, &machine_model } };
	enum litmus_verdict v = decide(0, &raw_model);

	for (unsigned i = 0; i < 3; i++) {
		enum litmus_verdict other = decide(way[i].variant, way[i].model);

		compared += other != LITMUS_UNSAID;
		if (other != LITMUS_UNSAID && other != v)
			fail_msg("%s, way %u: %s, not %s", test.name, i, litmus_verdict_name(other), litmus_verdict_name(v));
	}
}

/* All whims of the hardware, and Linux's flush, change no verdict. */
static void test_same(void **state)
{
	(void)state;
	compared = 0;
	each(look_same);
	assert_true(compared > 150);
}

static void read_one(const char *words)
{
	struct litmus_text at = { words, 1 };
	struct complaint c = { 0 };

	if (!litmus_next(&at, &test, &s.m, &fx, &c))
		fail_msg("%u: %s", c.line, c.text);
}

/* Where the kernel's flush is not the notation's one instruction: a CPU that has flushed can cache what is written
 * before the other CPU flushes. */
static void test_flush_takes_time(void **state)
{
	(void)state;
	read_one("[x]\ninit: x=p:rw; p=1 q=2 r=3\nP0: pte x q rw; shoot x; ld r0 x; ldpte r2 x\n"
		 "P1: pte x r rw; ld r1 x\nask: P0.r0=2 & P1.r1=1 & P0.r2=r:rw\n");
	assert_int_equal(decide(0, &raw_model), LITMUS_FORBIDDEN);
	assert_int_equal(decide(1, &raw_model), LITMUS_ALLOWED);
}

/* Set-up lines and operations that are no litmus test: entries of every kind, named frames alone. */
static void test_lines(void **state)
{
	static const char start[] = "machine cpus=1 spec=whole\nmm A\nvma A x 0x7f0000001000 2p rw anon private\nframe p = 3\n";
	static const struct {
		const char *words, *says;
	} lines[] = {
		{ "entry A x+0 p rw\ntask t on cpu0 in A: ld r1 x; pte x+1 p ro; ldpte r2 x+1; inv *\n", "" },
		{ "entry A x+0 p none\n", "" },
		{ "frame p\n", "a frame 'p' already" },
		{ "frame p2 = 4294967296\n", "should be" },
		{ "entry A x+0 p wr\n", "'wr' should be rw, ro or none" },
		{ "entry A x+0 p rw more\n", "'more'" },
		{ "task t on cpu0 in A: load x\n", "'load' cannot be" },
		{ "task t on cpu0 in A: ld r1 x; munmap x 1p\n", "'munmap' cannot be" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char words[400];
		struct complaint c = { 0 };

		snprintf(words, sizeof(words), "%s%s", start, lines[i].words);
		scenario_read(&s.scenario, "lines", words, &s.m, &fx, &c);
		if ((c.status == OK) != !*lines[i].says || !strstr(c.text, lines[i].says))
			fail_msg("%s: '%s'", lines[i].words, c.text);
	}
}

/* ---- texts ---- */

/* What follows "[t]\ninit: x=p:rw; p=1\nP0: ld r1 x\n"; a text that begins with '[' stands alone. */
#define FOUR(words) words words words words

static const struct {
	const char *words;
	unsigned line;
	const char *says;
} refused[] = {
	{ "[a", 1, "[name]" },
	{ "[]\nP0: ld r1 x\n", 1, "[name]" },
	{ "[0123456789012345678901234567890123456789012345678]\n", 1, "1 to 47" },
	{ "[a] no threads\n", 1, "no thread" },
	{ "[a]\ninit: x=p:rw\nP0: ld r1 x\n", 1, "`ask:`" },
	{ "[a]\nP0: ld r1 x\nask: p=1\n", 2, "'x' should be an address" },
	{ "[a]\ninit: x\n\nP0: ld r1 x\nask: p=1\n", 2, "'='" },
	{ "[a]\ninit: x=\nP0: ld r1 x\nask: p=1\n", 2, "a value" },
	{ "[a]\ninit: x=p:\nP0: ld r1 x\nask: p=1\n", 2, "rw, ro or none" },
	{ "[a]\ninit: x=p:wr\nP0: ld r1 x\nask: p=1\n", 2, "'wr' should be rw, ro or none" },
	{ "[a]\ninit: x=p:rw x=q:rw\nP0: ld r1 x\nask: p=1\n", 2, "'x'" },
	{ "[a]\ninit: p=1 p=1\nP0: ld r1 x\nask: p=1\n", 2, "'p' already" },
	{ "[a]\ninit: 1=2:rw\nP0: ld r1 x\nask: p=1\n", 2, "begins with a letter" },
	{ "[a]\ninit: p=4294967296\nP0: ld r1 x\nask: p=1\n", 2, "'4294967296'" },
	{ "[a]\ninit: a=p:rw b=p:rw c=p:rw d=p:rw e=p:rw f=p:rw g=p:rw h=p:rw i=p:rw\nP0: ld r1 a\nask: p=1\n", 2,
	  "'i' is one address too many: TLB_ENTRIES is 8" },
	{ "P0: ld r1 x\nask: p=1\n", 4, "its line already" },
	{ "P4: ld r1 x\nask: p=1\n", 4, "MAX_CPUS is 4" },
	{ "P: ld r1 x\nask: p=1\n", 4, "'P' should be a thread" },
	{ "P1: load x\nask: p=1\n", 4, "'load' should be an instruction" },
	{ "P1: ld r1 x;; ld r1 x\nask: p=1\n", 4, "';' should be an instruction" },
	{ "P1: ld r1 x ld r2 x\nask: p=1\n", 4, "'ld' should be ';'" },
	{ "P1: ld r16 x\nask: p=1\n", 4, "'r16' should be a register" },
	{ "P1: ld r1 y\nask: p=1\n", 4, "'y' should be an address" },
	{ "P1: ld r1 x+1\nask: p=1\n", 4, "no address of this test" },
	{ "P1: ld r1 0x1000\nask: p=1\n", 4, "0x1000" },
	{ "P1: ld r1\nask: p=1\n", 4, "the end of the line" },
	{ "P1: st x 4294967296\nask: p=1\n", 4, "'4294967296'" },
	{ "P1: pte x\nask: p=1\n", 4, "the end of the line" },
	{ "P1: pte x q rx\nask: p=1\n", 4, "'rx' should be rw, ro or none" },
	{ "P1: shoot\nask: p=1\n", 4, "or *" },
	{ "P1: inv x; " FOUR(FOUR(FOUR("inv x; "))) FOUR(FOUR("inv x; ")) FOUR(FOUR("inv x; ")) "inv x\nask: p=1\n", 4,
	  "MAX_OPS is 96" },
	{ "nothing: x\nask: p=1\n", 4, "'nothing' should be" },
	{ "ask p=1\n", 4, "':'" },
	{ "ask:\n", 4, "the end of the line" },
	{ "ask: p=1\nask: p=1\n", 5, "once" },
	{ "ask: p=1 p=2\n", 4, "'&'" },
	{ "ask: p=1 &\n", 4, "the end of the line" },
	{ "ask: q=1\n", 4, "'q'" },
	{ "ask: p\n", 4, "'='" },
	{ "ask: p=-1\n", 4, "'-1'" },
	{ "ask: P0.r1\n", 4, "'='" },
	{ "ask: P0.r2=1\n", 4, "'r2' should be a register that the thread loads" },
	{ "ask: P1.r1=1\n", 4, "'P1' should be a thread of this test" },
	{ "ask: P0.r1=q:rw\n", 4, "'q' should be a frame" },
	{ "ask: P0.r1=p:r\n", 4, "'r' should be rw, ro or none" },
	{ "ask: fault(P0,y)\n", 4, "'y' should be an address" },
	{ "ask: fault(P0 x)\n", 4, "','" },
	{ "ask: fault(P0,x\n", 4, "')'" },
	{ "ask: !\n", 4, "the end of the line" },
	{ "ask: p=1\nverdict: maybe\n", 5, "'maybe' should be forbidden, allowed or required" },
	{ "ask: p=1\nverdict: allowed required\n", 5, "'required'" },
	{ "ask: p=1\nverdict: allowed\nverdict: allowed\n", 6, "once" },
	{ "ask: p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & "
	  "p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & p=1 & p=1\n", 4, "at most 24" },
};

static void test_refused(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		char words[1024];
		struct litmus_text at = { words, 1 };
		struct complaint c = { 0 };

		snprintf(words, sizeof(words), "%s%s", *refused[i].words == '[' ? "" : "[t]\ninit: x=p:rw; p=1\nP0: ld r1 x\n",
			 refused[i].words);
		assert_false(litmus_next(&at, &test, &s.m, &fx, &c));
		if (c.status == OK || c.line != refused[i].line || !strstr(c.text, refused[i].says))
			fail_msg("%s: line %u, '%s'", refused[i].words, c.line, c.text);
	}
}

/* Lines that are long, names that are: one sentence. */
static void test_long(void **state)
{
	static char words[8192];
	struct litmus_text at = { words, 1 };
	struct complaint c = { 0 };
	int n = sprintf(words, "[t] ");

	(void)state;
	memset(words + n, 0xc3, 3000);
	n += 3000;
	n += sprintf(words + n, "\ninit: x=p:rw\nP0: ld r1 x\nask: p=0\n");
	assert_true(litmus_next(&at, &test, &s.m, &fx, &c));
	assert_true(strlen(test.title) < sizeof(test.title));
	n = sprintf(words, "[t]\ninit: x=p:rw\nP0: ld r1 x");
	memset(words + n, ' ', 2100);
	n += 2100;
	sprintf(words + n, "; ld r1 x\nask: p=0\n");
	at = (struct litmus_text){ words, 1 };
	assert_false(litmus_next(&at, &test, &s.m, &fx, &c));
	assert_int_equal(c.line, 3);
	assert_non_null(strstr(c.text, "too long"));
	n = sprintf(words, "[t]\ninit: ");
	memset(words + n, 'x', 4000);
	sprintf(words + n + 4000, "=p:rw\nP0: ld r1 x\nask: p=0\n");
	at = (struct litmus_text){ words, 1 };
	assert_false(litmus_next(&at, &test, &s.m, &fx, &c));
	assert_int_equal(c.line, 2);
}

/* Bytes are changed, cut and doubled: a test is read or refused, and what is read can be built. */
static void test_mutated(void **state)
{
	static const char marks[] = "\n\t #;:=&!().,[]P0rx*p1\xc3|";
	static char words[MOST_BYTES];
	struct rng r = { 5 };
	unsigned read = 0, bad = 0;

	(void)state;
	for (unsigned round = 0; round < 400; round++) {
		struct litmus_text at = { words, 1 };
		struct complaint c = { 0 };
		size_t n;

		strcpy(words, text[round % (unsigned)texts]);
		n = strlen(words);
		for (unsigned i = 0; i < 1 + round % 8; i++)
			words[rng_below(&r, (unsigned)n)] = marks[rng_below(&r, sizeof(marks) - 1)];
		if (round % 5 == 0)
			words[rng_below(&r, (unsigned)n)] = '\0';
		for (; litmus_next(&at, &test, &s.m, &fx, &c); read++)
			build(read % 2);
		bad += c.status != OK;
		assert_true(c.status == OK || (c.line && c.text[0]));
	}
	assert_true(read > 1000 && bad > 100);
}

static void load(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text[texts], 1, MOST_BYTES - 1, f) : 0;

	if (!n) {
		fprintf(stderr, "%s cannot be read\n", path);
		exit(1);
	}
	fclose(f);
	text[texts++][n] = '\0';
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_flush_takes_time),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_mutated),
	};

	for (int i = 1; i < argc && texts < 4; i++)
		load(argv[i]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
