/*
 * explore.c - the search against SPIN, on the same transition system, in turn, in one run.
 *
 * First the same work: every state, nothing reduced, and the counts must be equal.  Then the
 * answer: each side with its best reductions, and what each of ours saves by itself.  Then the
 * library's own report of the mremap bug, with the real page tables and routines, against the model
 * of the same operations.
 */
#include <stdio.h>
#include <string.h>

#include "explore.h"
#include "measure.h"
#include "spin.h"

enum {
	RUNS = 3,
	SHORT_RUNS = 9
};

#define MEMORY ((size_t)6 << 30)

static const struct row {
	const char *name;
	struct ptlb setting;
} rows[] = {
	{ "2cpu", { .cpus = 2, .pages = 2, .frames = 2, .ops = 2, .others = 1 } },
	{ "3cpu",
	  { .cpus = 3, .pages = 2, .frames = 2, .ops = 1, .others = 1, .send_all = 1 } },
	{ "4cpu",
	  { .cpus = 4,
	    .pages = 1,
	    .frames = 1,
	    .ops = 1,
	    .others = 1,
	    .mapped = 1,
	    .send_all = 1 } },
};

enum {
	ROWS = sizeof(rows) / sizeof(rows[0]),
	GREAT_ROW = 1
}; /* the row of more than 10^7 states */

struct answer {
	double seconds, states, transitions, bytes, frontier;
	bool violation, bound;
};

static struct machine machine;
static struct effects effects;

/* Searches from the machine's present state. */
static struct answer search(const struct explore_options *o)
{
	double begin = seconds_now();
	void *memory = memory_map(MEMORY);
	struct explorer *x = explore_begin(&machine, o, memory, MEMORY);
	const struct explore_result *r = explore_result(x);
	struct answer a;

	while (explore_slice(x, 1000000) == VERDICT_RUNNING)
		;
	explore_end(x);
	a = (struct answer){
		.seconds = seconds_now() - begin,
		.states = (double)r->states,
		.transitions = (double)r->transitions,
		.bytes = (double)r->bytes / (double)r->states,
		.frontier = (double)r->frontier_bytes / (double)r->states,
		.violation = r->verdict == VERDICT_VIOLATION,
		.bound = r->verdict == VERDICT_BOUND,
	};
	memory_drop(memory, MEMORY);
	return a;
}

static struct answer search_ptlb(const struct ptlb *setting, unsigned threads)
{
	ptlb_init(&machine, setting, &effects);
	return search(&(struct explore_options){ .model = &ptlb_model, .all = true, .threads = threads });
}

static void side(const char *who, double seconds, double states, double bytes, double frontier)
{
	printf("explore    %-10s %8.3f s %8.2f M states/s %6.1f bytes/state", who, seconds,
	       states / seconds / 1e6, bytes);
	if (frontier > 0)
		printf(" and %.1f of frontier", frontier);
	putchar('\n');
	fflush(stdout);
}

/* One setting, every state, both sides in turn.  Returns how many times as fast as SPIN, 0 when it
 * cannot be said. */
static double compare(const char *dir, const struct row *row)
{
	double ours[RUNS], pair[RUNS], theirs[RUNS], our_second, pair_second, their_second;
	struct answer a = { 0 }, b = { 0 };
	struct spin_result s = { 0 };
	char defines[200];
	struct text d = text_over(defines, sizeof(defines));

	ptlb_defines(&row->setting, &d);
	if (!spin_build(dir, row->name, &row->setting, "", SPIN_PLAIN)) {
		no_figure("explore", "spin or gcc could not make the searcher");
		return 0;
	}
	for (unsigned i = 0; i < RUNS; i++) {
		/* Nobody measures the first: where a machine is a guest, what SPIN gave back went to the host, and who
		 * comes first waits until it is given again.  Two threads use more than one. */
		search_ptlb(&row->setting, 2);
		b = search_ptlb(&row->setting, 2);
		pair[i] = b.seconds;
		a = search_ptlb(&row->setting, 1);
		ours[i] = a.seconds;
		if (!spin_run(dir, row->name, a.states, &s)) {
			no_figure("explore", "the searcher that spin made failed");
			return 0;
		}
		theirs[i] = s.seconds;
	}
	our_second = median(ours, RUNS);
	pair_second = median(pair, RUNS);
	their_second = median(theirs, RUNS);
	printf("explore  %s\n", defines);
	side("shootdown", our_second, a.states, a.bytes, a.frontier);
	side("2 threads", pair_second, b.states, b.bytes, b.frontier);
	side("spin", their_second, s.states, s.bytes, 0);
	if (a.states != s.states || a.transitions != s.transitions || b.states != s.states) {
		printf("explore    the counts differ: %.0f states, %.0f transitions; "
		       "in spin %.0f, %.0f\n",
		       a.states, a.transitions, s.states, s.transitions);
		return 0;
	}
	printf("explore    equal: %.0f states, %.0f transitions; ratio %.2f; two threads %.2f of one\n",
	       a.states, a.transitions, their_second / our_second, our_second / pair_second);
	return their_second / our_second;
}

static struct answer search_reduced(const struct ptlb *setting, bool may, unsigned reduce)
{
	struct ptlb p = *setting;

	p.may = may;
	ptlb_init(&machine, &p, &effects);
	return search(&(struct explore_options){ .model = &ptlb_model, .all = true, .reduce = reduce });
}

/* What one way to reduce saves; `whole` are the states without. */
static void gain(const char *name, const struct answer *a, double whole)
{
	if (a->bound)
		printf("explore    %-24s ends for want of memory\n", name);
	else
		printf("explore    %-24s %10.0f states %10.0f transitions %8.3f s %8.1f times fewer states\n",
		       name, a->states, a->transitions, a->seconds, whole / a->states);
	fflush(stdout);
}

/* What each reduction saves by itself, and all together. */
static void gains(const struct ptlb *setting)
{
	static const struct {
		const char *name;
		bool may;
		unsigned reduce;
	} ways[] = {
		{ "nothing", false, 0 },
		{ "late whims", false, REDUCE_WHIMS },
		{ "may-TLBs", true, 0 },
		{ "ample", false, REDUCE_AMPLE },
		{ "ample, fuse", false, REDUCE_AMPLE | REDUCE_FUSE },
		{ "symmetry", false, REDUCE_SYMMETRY },
		{ "may-TLBs, sleep", true, REDUCE_SLEEP },
		{ "late whims and the rest", false, REDUCE_STATES },
		{ "may-TLBs and the rest", true, REDUCE_STATES },
	};
	double whole = 0;

	printf("explore  what each reduction saves\n");
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct answer a = search_reduced(setting, ways[i].may, ways[i].reduce);

		whole = i ? whole : a.states;
		gain(ways[i].name, &a, whole);
	}
}

/* The same of a machine of the library, in which three threads do the same. */
static void library_gains(void)
{
	static const struct {
		const char *name;
		unsigned reduce;
	} ways[] = {
		{ "nothing", 0 },
		{ "symmetry", REDUCE_SYMMETRY },
		{ "symmetry, counters", REDUCE_SYMMETRY | REDUCE_COUNTERS },
		{ "ample, fuse", REDUCE_AMPLE | REDUCE_FUSE },
		{ "all of these", REDUCE_STATES },
	};
	static struct built b;
	double whole = 0;

	if (!built_open(&b, "racing-faults", 0))
		return;
	printf("explore  what they save of racing-faults, a machine of the library\n");
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct answer a;

		machine = b.m;
		a = search(&(struct explore_options){ .all = true, .reduce = ways[i].reduce });
		whole = i ? whole : a.states;
		gain(ways[i].name, &a, whole);
	}
}

/* To the verdict, each side with its best reductions.  Returns how many times as fast as SPIN, 0
 * when it cannot be said. */
static double verdict(const char *dir, const struct row *row)
{
	double ours[SHORT_RUNS], theirs[RUNS], our_second, their_second;
	struct answer a = { 0 };
	struct spin_result s = { 0 };

	if (!spin_build(dir, row->name, &row->setting, "", SPIN_REDUCED)) {
		no_figure("explore", "spin or gcc could not make the searcher");
		return 0;
	}
	for (unsigned i = 0; i < RUNS; i++) {
		for (unsigned k = 0; k < SHORT_RUNS / RUNS; k++) {
			a = search_reduced(&row->setting, true, REDUCE_STATES);
			ours[i * (SHORT_RUNS / RUNS) + k] = a.seconds;
		}
		if (!spin_run(dir, row->name, 1 << 24, &s)) {
			no_figure("explore", "the searcher that spin made failed");
			return 0;
		}
		theirs[i] = s.seconds;
	}
	our_second = median(ours, SHORT_RUNS);
	their_second = median(theirs, RUNS);
	printf("explore  to the verdict, each side's best reductions\n");
	side("shootdown", our_second, a.states, a.bytes, a.frontier);
	side("spin", their_second, s.states, s.bytes, 0);
	if (a.violation != s.error) {
		printf("explore    the verdicts differ\n");
		return 0;
	}
	return their_second / our_second;
}

/*
 * The library's mremap report against the model with the same three operations, each of them on a
 * CPU of its own there.
 */
static void compare_library(const char *dir, unsigned variant, unsigned bug, const char *what)
{
	static const struct ptlb operations = {
		.cpus = 3,
		.pages = 2,
		.frames = 2,
		.ops = 1,
		.others = 1,
		.mapped = 1,
	};
	static struct built b;
	struct ptlb setting = operations;
	double ours[SHORT_RUNS], theirs[RUNS], our_second, their_second;
	struct answer a = { 0 };
	struct spin_result s = { 0 };

	setting.bug = (uint8_t)bug;
	if (!built_open(&b, "mremap-late-flush", variant) ||
	    !spin_build(dir, what, &setting, "-DROLES", bug ? SPIN_SHORTEST : SPIN_REDUCED))
		return;
	for (unsigned i = 0; i < SHORT_RUNS; i++) {
		machine = b.m;
		a = search(&(struct explore_options){ 0 });
		ours[i] = a.seconds;
	}
	for (unsigned i = 0; i < RUNS; i++) {
		if (!spin_run(dir, what, 1 << 20, &s))
			return;
		theirs[i] = s.seconds;
	}
	our_second = median(ours, SHORT_RUNS);
	their_second = median(theirs, RUNS);
	printf("explore  mremap to the %s\n", what);
	printf("explore    %-10s %8.4f s %10.0f states  %s\n", "shootdown", our_second, a.states,
	       a.violation ? "found" : "clean");
	printf("explore    %-10s %8.4f s %10.0f states  %s\n", "spin", their_second, s.states,
	       s.error ? "found" : "clean");
	printf("explore    ratio %.1f\n", their_second / our_second);
}

void bench_explore(void)
{
	char dir[200];
	double states_ratio = 0, verdict_ratio;

	if (!spin_there()) {
		no_figure("explore", "spin and gcc are needed here, and one of them is missing");
		return;
	}
	directory_make(dir, sizeof(dir));
	for (unsigned i = 0; i < ROWS; i++) {
		double ratio = compare(dir, &rows[i]);

		if (i == GREAT_ROW)
			states_ratio = ratio;
	}
	gains(&rows[GREAT_ROW].setting);
	library_gains();
	verdict_ratio = verdict(dir, &rows[GREAT_ROW]);
	compare_library(dir, 0, 1, "bug");
	compare_library(dir, 1, 0, "proof");
	directory_remove(dir);
	printf("vs-spin states/s %.2f\n", states_ratio);
	printf("vs-spin verdict %.2f\n", verdict_ratio);
}
