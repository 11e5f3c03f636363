/*
 * test_machine.c - floor 4: labels, scenario text good and bad.
 */
#include "all_kinds.h"

#include <string.h>

#include "rng.h"

static void test_scenario(void **state)
{
	uint64_t digest;

	(void)state;
	build_good(0);
	assert_string_equal(s.title, "a device and two CPUs");
	assert_string_equal(s.about, "All kinds of lines, and all kinds of actions.");
	assert_int_equal(s.variants, 2);
	assert_int_equal(s.expects, 2);
	assert_int_equal(s.beats, 2);
	assert_true(s.beat[0].say && !s.beat[1].say);
	assert_int_equal(strncmp(s.text + s.beat[1].at, "cpu0.step", s.beat[1].len), 0);
	assert_int_equal(s.beat[1].line, 30);
	assert_true(profile_is(&m, SW_NOTIFIER_HOOK, HOOK_RANGE_END));
	assert_int_equal(peek_cpu(&m, 0)->current, 0);
	assert_int_equal(peek_cpu(&m, 1)->current, 2);
	assert_int_equal(peek_mm(&m, 0)->cpumask, 3);
	digest = m.digest;
	build_good(0);
	assert_int_equal(m.digest, digest);
	build_good(1);
	assert_true(profile_is(&m, SW_NOTIFIER_HOOK, HOOK_ARCH));
	assert_true(m.digest != digest);
}

/* Each line below replaces the line of `good` with the same number, or is added behind the last one. */
#define LAST 31

#define OPS_24 "unpin; unpin; unpin; unpin; unpin; unpin; unpin; unpin; unpin; unpin; unpin; unpin; " \
	       "unpin; unpin; unpin; unpin; unpin; unpin; unpin; unpin; unpin; unpin; unpin; unpin; "

static const struct {
	unsigned line;
	const char *text;
	enum status status;
	const char *word; /* stands in the sentence */
} bad[] = {
	{ 1, "titel    x", BAD_NAME, "titel" },
	{ 5, "machine  arch=arm cpus=2", BAD_VALUE, "arch=arm" },
	{ 5, "machine  cpus=2 pcid=maybe", BAD_VALUE, "pcid=maybe" },
	{ 5, "machine  cpus=0", BAD_VALUE, "cpus=0" },
	{ 5, "machine  cpus=99", BAD_VALUE, "cpus=99" },
	{ 5, "machine  cpus=two", BAD_VALUE, "cpus=two" },
	{ 5, "machine  cpus=2 spec=some", BAD_VALUE, "spec=some" },
	{ 5, "machine  cpus=2 tlb", BAD_VALUE, "tlb" },
	{ 6, "kernel   2.4", BAD_NAME, "2.4" },
	{ 6, "kernel", BAD_NAME, "end of the line" },
	{ 6, "kernel   6.1 6.6", BAD_SYNTAX, "6.6" },
	{ 7, "switch   gather.nestled=full", BAD_NAME, "gather.nestled" },
	{ 7, "switch   gather.nested=fully", BAD_VALUE, "gather.nested=fully" },
	{ 7, "switch   gather.nested", BAD_VALUE, "gather.nested" },
	{ 8, "mm", BAD_VALUE, "end of the line" },
	{ 8, "mm       9A", BAD_VALUE, "9A" },
	{ 8, "mm       averyveryverylongname", BAD_VALUE, "averyveryverylongname" },
	{ 8, "mm       a=b", BAD_VALUE, "a=b" },
	{ 9, "mm       A", BAD_NAME, "'A'" },
	{ 9, "mm       B dead", BAD_VALUE, "dead" },
	{ 10, "file     data 99p", BAD_VALUE, "99p" },
	{ 10, "file     data 0p", BAD_VALUE, "0p" },
	{ 10, "file     data 2", BAD_VALUE, "'2'" },
	{ 10, "file     A 2p", BAD_NAME, "'A'" },
	{ 11, "vma      C heap 0x7f0000001000 2p rw anon private", BAD_NAME, "'C'" },
	{ 11, "vma      A heap 0x7f0000001001 2p rw anon private", BAD_VALUE, "0x7f0000001001" },
	{ 11, "vma      A heap 0xffff800000000000 2p rw anon private", BAD_VALUE,
	  "0xffff800000000000" },
	{ 11, "vma      A heap nowhere 2p rw anon private", BAD_VALUE, "nowhere" },
	{ 11, "vma      A heap 0x7f0000001000 2p rq anon private", BAD_VALUE, "rq" },
	{ 11, "vma      A heap 0x7f0000001000 2p rw disk private", BAD_NAME, "disk" },
	{ 11, "vma      A heap 0x7f0000001000 2p rw anon shared", BAD_VALUE, "shared" },
	{ 11, "vma      A heap 0x7f0000001000 2p rw anon", BAD_VALUE, "end of the line" },
	{ 12, "vma      A text 0x7f0000002000 1p r data@1 shared", BAD_VALUE, "text" },
	{ 12, "vma      A text 0x7f0000201000 1p r data@77 shared", BAD_VALUE, "77" },
	{ 13, "touch    A 0x7f0000009000 = 7", BAD_VALUE, "0x7f0000009000" },
	{ 13, "touch    A heap+0 = lots", BAD_VALUE, "lots" },
	{ 13, "touch    A heap+0 : 7", BAD_VALUE, ":" },
	{ 13, "touch    B heap+0 = 7", BAD_STATE, "not born" },
	{ 14, "touch    A text = 1", BAD_VALUE, "writable" },
	{ 14, "touch    A heap+0", BAD_VALUE, "touched already" },
	{ 15, "device   nic dma-read heap+0", BAD_SYNTAX, "nic" },
	{ 15, "device   nic: load heap+0", BAD_VALUE, "load" },
	{ 15, "device   nic: dma-write heap+0", BAD_VALUE, "dma-write" },
	{ 16, "sva      sva0 for disk in A", BAD_NAME, "disk" },
	{ 16, "sva      sva0 in A", BAD_SYNTAX, "in" },
	{ 16, "sva      sva0 for nic in A bound", BAD_SYNTAX, "bound" },
	{ 17, "shadow   kvm on A", BAD_SYNTAX, "on" },
	{ 18, "warm     cpu3 A heap+0", BAD_NAME, "cpu3" },
	{ 18, "warm     cpu1 A heap+1", BAD_STATE, "touch" },
	{ 20, "nmi      cpu1 load heap+0", BAD_SYNTAX, "'cpu1'" },
	{ 20, "nmi      cpu2: load heap+0", BAD_SYNTAX, "'cpu2'" },
	{ 20, "nmi      cpu1: store heap+0 = 1", BAD_SYNTAX, "'store'" },
	{ 20, "nmi      cpu1: load", BAD_VALUE, "end of the line" },
	{ 20, "nmi      cpu1: load heap+0 load heap+0", BAD_SYNTAX, "'load'" },
	{ 20, "nmi      cpu1: load heap; load heap; load heap; load heap; load heap", BAD_LIMIT, "MAX_NMIS" },
	{ 21, "task     owner on cpu7 in A: load heap+0", BAD_VALUE, "cpu7" },
	{ 21, "task     owner in A: load heap+0", BAD_SYNTAX, "in" },
	{ 21, "task     owner on cpu0 in A load heap+0", BAD_SYNTAX, "A" },
	{ 21, "task     owner on cpu0 in Z: load heap+0", BAD_NAME, "Z" },
	{ 21, "task     owner on cpu0 in A: lode heap+0", BAD_VALUE, "lode" },
	{ 21, "task     owner on cpu0 in A: load", BAD_VALUE, "end of the line" },
	{ 21, "task     owner on cpu0 in A: load heap+0 store heap+0 = 1", BAD_SYNTAX, "store" },
	{ 21, "task     owner on cpu0 in A: munmap heap+0 two", BAD_VALUE, "two" },
	{ 21, "task     owner on cpu0 in A: mremap heap+0 1p into text", BAD_VALUE, "into" },
	{ 21, "task     owner on cpu0 in A: mprotect heap+0 1p all", BAD_VALUE, "all" },
	{ 21, "task     owner on cpu0 in A: truncate A 1p", BAD_VALUE, "A" },
	{ 21, "task     owner on cpu0 in A: fork data", BAD_VALUE, "data" },
	{ 17, "shadow   kvm in B", BAD_STATE, "not born" },
	{ 18, "warm     cpu1 B heap+0", BAD_STATE, "not born" },
	{ 21, "task     owner on cpu0 in A: munmap heap+0 2p+4096", BAD_VALUE, "2p+4096" },
	{ 21, "task     owner on cpu0 in A: truncate data 34p", BAD_VALUE, "34p" },
	{ 21, "task     owner on cpu0 in A: mmap 0x7f0000401000 1p rw anon public", BAD_VALUE,
	  "public" },
	{ 21, "task     owner on cpu0 in A: madvise heap+0 1p please", BAD_VALUE, "please" },
	{ 21, "task     owner on cpu0 in A: msync heap+0 1p never", BAD_VALUE, "never" },
	{ 21, "task     owner on cpu0 in A: mremap heap+0 1p size big", BAD_VALUE, "size LENGTH" },
	{ 21, "task     owner on cpu0 in A: pread data 33p", BAD_VALUE, "33p" },
	{ 21, "task     owner on cpu0 in A: guest-load heap+0 sva0", BAD_NAME, "shadow" },
	{ 21, "task     owner on cpu0 in A: bind kvm", BAD_NAME, "sva" },
	{ 21, "task     owner on cpu0 in A: exit; load heap+0", BAD_VALUE, "exit" },
	{ 21,
	  "task     owner on cpu0 in A: "
	  OPS_24 OPS_24 OPS_24 OPS_24 "unpin",
	  BAD_LIMIT, "MAX_OPS" },
	{ 22, "task     owner on cpu0 in A: load heap+0", BAD_NAME, "owner" },
	{ 26, "variant  old gather.nested=none", BAD_VALUE, "old" },
	{ 27, "expect   older double-flush", BAD_NAME, "older" },
	{ 27, "expect   old", BAD_SYNTAX, "expect" },
	{ 27, "expect   old double-flash", BAD_NAME, "double-flash" },
	{ 27, "expect   old allowed", BAD_SYNTAX, "needs an expression" },
	{ 27, "expect   old forbidden   # true", BAD_SYNTAX, "needs an expression" },
	{ 27, "expect   older allowed true", BAD_NAME, "older" },
	{ 29, "say", BAD_SYNTAX, "say" },
	{ 30, "do", BAD_SYNTAX, "do" },
	{ 15, "frame    1p", BAD_VALUE, "1p" },
	{ 15, "frame    p 7", BAD_VALUE, "7" },
	{ 15, "frame    p = many", BAD_VALUE, "many" },
	{ 15, "entry    A heap+0 p rw", BAD_NAME, "'p'" },
	{ 15, "entry    A", BAD_VALUE, "end of the line" },
	{ 15, "entry    B heap+0 p rw", BAD_STATE, "not born" },
	{ LAST, "frame    p", BAD_STATE, "'madvise' cannot be" },
	{ 21, "task     owner on cpu0 in A: ld r1", BAD_VALUE, "end of the line" },
	{ 21, "task     owner on cpu0 in A: ld heap+0", BAD_VALUE, "'heap+0' should be a register" },
	{ 21, "task     owner on cpu0 in A: st heap+0 lots", BAD_VALUE, "lots" },
	{ 21, "task     owner on cpu0 in A: pte heap+0 p rw", BAD_VALUE, "'p' should be a frame" },
	{ 21, "task     owner on cpu0 in A: shoot all", BAD_VALUE, "'all'" },
	{ LAST, "nonsense", BAD_NAME, "nonsense" },
	{ LAST, "\x01\xff", BAD_NAME, "is no line" },
};

/* The text with one line replaced. */
static const char *good_but(unsigned line, const char *other)
{
	static char text[8192];
	struct text t = text_over(text, sizeof(text));
	const char *at = good;

	for (unsigned n = 1; *at || n == line; n++) {
		size_t len = strcspn(at, "\n");

		if (n == line)
			text_add(&t, "%s\n", other);
		else
			text_add(&t, "%.*s\n", (int)len, at);
		at += len + (at[len] == '\n');
	}
	return text;
}

static void test_bad_lines(void **state)
{
	struct complaint c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		enum status got = read_text(good_but(bad[i].line, bad[i].text), &c);

		if (got != bad[i].status || c.status != got || c.line != bad[i].line ||
		    !strstr(c.text, bad[i].word))
			fail_msg("'%s' gave %u at line %u: %s", bad[i].text, got, c.line, c.text);
	}
}

/* A switch that only the variant's line names is refused with the variant, without a machine, and so on. */
static void test_bad_whole(void **state)
{
	static char longest[MAX_SCENARIO + 10];
	struct complaint c;

	(void)state;
	assert_int_equal(read_text(good_but(25, "variant  old gather.nested=maybe"), &c),
			 BAD_VALUE);
	assert_non_null(strstr(c.text, "gather.nested=maybe"));
	assert_int_equal(read_text("", &c), BAD_SYNTAX);
	assert_non_null(strstr(c.text, "machine"));
	assert_int_equal(read_text("machine cpus=1", &c), OK);
	assert_string_equal(s.variant[0].name, "plain");
	memset(longest, '#', sizeof(longest) - 1);
	assert_int_equal(read_text(longest, &c), BAD_LIMIT);
	longest[MAX_LINE + 90] = '\0';
	assert_int_equal(read_text(longest, &c), BAD_LIMIT);
	assert_int_equal(c.line, 1);
}

/* A refused line changes nothing. */
static void test_setup_undone(void **state)
{
	static struct machine before;
	struct complaint c;

	(void)state;
	world_init(&m);
	assert_int_equal(setup_apply(&m, "machine cpus=2", &fx, &c), OK);
	assert_int_equal(setup_apply(&m, "mm A", &fx, &c), OK);
	memcpy(&before, &m, sizeof(m));
	assert_int_equal(setup_apply(&m, "vma A heap 0x1000 1p rw anon private extra", &fx, &c),
			 BAD_SYNTAX);
	assert_memory_equal(&before, &m, sizeof(m));
	assert_int_equal(setup_apply(&m, "task t on cpu0 in A: load 0x1000; nonsense", &fx, &c),
			 BAD_VALUE);
	assert_memory_equal(&before, &m, sizeof(m));
	assert_int_equal(setup_switches(&m, "fork.flush=no kvm.end_bumps_seq=perhaps", &fx, &c),
			 BAD_VALUE);
	assert_memory_equal(&before, &m, sizeof(m));
}

/* Words deleted, doubled and exchanged at random: a sentence or a machine that runs, never a crash. */
static void test_mutants(void **state)
{
	struct rng r = { 7 };
	unsigned refused = 0, ran = 0;
	struct complaint c;

	(void)state;
	for (unsigned n = 0; n < 3000; n++) {
		struct action a[MAX_ACTIONS];
		char text[MAX_SCENARIO];
		unsigned count, words = 0, victim, i;
		size_t at = 0;

		strcpy(text, good);
		for (i = 0; text[i]; i++)
			words += text[i] == ' ' && text[i + 1] != ' ';
		victim = rng_below(&r, words);
		for (at = 0; victim || text[at] != ' ' || text[at + 1] == ' '; at++)
			victim -= text[at] == ' ' && text[at + 1] != ' ';
		at++;
		count = (unsigned)strcspn(text + at, " \n");
		switch (rng_below(&r, 4)) {
		case 0:
			memmove(text + at, text + at + count, strlen(text + at + count) + 1);
			break;
		case 1:
			if (count < 60) {
				memmove(text + at + count + 1, text + at, strlen(text + at) + 1);
				text[at + count] = ' ';
			}
			break;
		case 2:
			text[at + rng_below(&r, count ? count : 1)] = "0a+=;:p~"[rng_below(&r, 8)];
			break;
		default: {
			/* A line goes. */
			char *line = text + at, *end;

			while (line > text && line[-1] != '\n')
				line--;
			end = line + strcspn(line, "\n");
			memmove(line, end + (*end == '\n'), strlen(end + (*end == '\n')) + 1);
			break;
		}
		}
		if (read_text(text, &c) != OK) {
			assert_true(strlen(c.text) > 10);
			refused++;
			continue;
		}
		assert_int_equal(scenario_build(&s, 0, &m, &fx, &c), OK);
		for (i = 0; i < 600 && (count = machine_actions(&m, a)) > 0; i++)
			machine_apply(&m, &a[rng_below(&r, count)], &fx);
		ran++;
	}
	assert_true(refused > 500 && ran > 500);
}

static void build_text(const char *text)
{
	struct complaint c;

	assert_int_equal(read_text(text, &c), OK);
	assert_int_equal(scenario_build(&s, 0, &m, &fx, &c), OK);
}

/* Every action that is offered has a label that reads back, and words. */
static void test_labels(void **state)
{
	struct rng r = { 3 };
	unsigned kinds = 0;

	(void)state;
	for (unsigned walk = 0; walk < 60; walk++) {
		build_good(walk % 2);
		/* Two address spaces on one CPU, so that stores to loaded_mm wait in its buffer. */
		if (walk % 5 == 4)
			build_text("machine cpus=1 store-buffer=on\nmm A\nmm B\ntask a on cpu0 in A: nop\ntask b on cpu0 in B: nop\n");
		if (walk % 5 == 3)
			build_text("machine arch=x86-invlpgb cpus=2\nmm A\nasid A global\nvma A heap 0x7f0000001000 2p rw anon private\n"
				"touch A heap+0 = 1\nwarm cpu1 A heap+0\ntask b on cpu1 in A: load heap+0\n"
				"task a on cpu0,cpu1 in A: madvise heap+0 1p dontneed; munmap heap+0 2p\n");
		for (unsigned i = 0; i < 300; i++) {
			struct action a[MAX_ACTIONS], back;
			unsigned n = machine_actions(&m, a);
			struct complaint c;

			for (unsigned k = 0; k < n; k++) {
				char label[MAX_LABEL], words[200];
				struct text t = text_over(label, sizeof(label)),
					    w = text_over(words, sizeof(words));

				label_text(&t, &m.names, &a[k]);
				assert_false(t.cut);
				if (label_read(&m, label, &back, &c) != OK)
					fail_msg("%s: %s", label, c.text);
				assert_true(action_same(&a[k], &back));
				assert_null(action_blocked(&m, &back));
				action_text(&w, &m, &a[k]);
				assert_true(w.len > 0 && !w.cut);
				kinds |= 1u << a[k].kind;
			}
			if (!n)
				break;
			machine_apply(&m, &a[rng_below(&r, n)], &fx);
		}
	}
	assert_int_equal(kinds, (1u << ACTION_KINDS) - 1);
}

static void test_bad_labels(void **state)
{
	static const struct {
		const char *label;
		enum status status;
		const char *word;
	} row[] = {
		{ "", BAD_NAME, "actor" },
		{ "cpu0", BAD_NAME, "cpu0" },
		{ "cpu9.step", BAD_NAME, "cpu9" },
		{ "cpu0.jump", BAD_NAME, "cpu0.jump" },
		{ "nobody.step", BAD_NAME, "nobody" },
		{ "cpu0.take", BAD_NAME, "take" },
		{ "iommu.step", BAD_NAME, "iommu" },
		{ "nic.ipi", BAD_NAME, "nic" },
		{ "cpu0.switch", BAD_NAME, "task" },
		{ "cpu0.switch reader", BAD_NAME, "reader" },
		{ "cpu0.fill", BAD_VALUE, "address" },
		{ "cpu0.fill 0x7f0000001001", BAD_VALUE, "0x7f0000001001" },
		{ "cpu0.step now", BAD_SYNTAX, "now" },
		{ "cpu0.fill heap+0 heap+1", BAD_SYNTAX, "heap+1" },
		{ "iommu.evict heap+0", BAD_NAME, "iommu" },
	};
	struct complaint c;
	struct action a;

	(void)state;
	build_good(0);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (label_read(&m, row[i].label, &a, &c) != row[i].status ||
		    !strstr(c.text, row[i].word))
			fail_msg("'%s': %s", row[i].label, c.text);
	/* Well spelled, but not now. */
	assert_int_equal(label_read(&m, "iommu.take", &a, &c), OK);
	assert_non_null(action_blocked(&m, &a));
	assert_int_equal(label_read(&m, "cpu0.ipi", &a, &c), OK);
	assert_non_null(action_blocked(&m, &a));
	assert_int_equal(label_read(&m, "cpu3.step", &a, &c), OK);
	assert_non_null(action_blocked(&m, &a));
	assert_int_equal(label_read(&m, "cpu0.evict heap+0", &a, &c), OK);
	assert_non_null(action_blocked(&m, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenario),   cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_bad_whole),  cmocka_unit_test(test_setup_undone),
		cmocka_unit_test(test_mutants),	   cmocka_unit_test(test_labels),
		cmocka_unit_test(test_bad_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
