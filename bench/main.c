/*
 * main.c - shootdown-bench [WHAT]: how fast and how big.
 */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "measure.h"

static void check_report(const char *file, int line, const char *cond)
{
	fflush(stdout);
	fprintf(stderr, "shootdown-bench: our own bug: %s:%d: %s\n", file, line, cond);
}

static const struct part {
	const char *name;
	const char *help;
	void (*run)(void);
} parts[] = {
	{ "engine", "steps, undo, and the search over every scenario of the library",
	  bench_engine },
	{ "litmus", "deciding litmus tests", bench_litmus },
	{ "store", "recording: commands and moves onto the disk", bench_store },
	{ "replay", "feeding a recorded session back", bench_replay },
	{ "screen", "drawing all panes at 200x50", bench_screen },
	{ "start", "from the start of the program to its first prompt", bench_start },
	{ "conform", "programs of system calls, as kernels answered them", bench_conform },
	{ "explore", "the search against SPIN on the same protocol", bench_explore },
};

enum {
	PARTS = sizeof(parts) / sizeof(parts[0])
};

static int usage(FILE *to)
{
	fputs("usage: shootdown-bench [WHAT]\n\nWHAT is all (also when it is left out) or one of\n",
	      to);
	for (unsigned i = 0; i < PARTS; i++)
		fprintf(to, "  %-8s %s\n", parts[i].name, parts[i].help);
	return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "all";
	bool any = false;

	setlocale(LC_ALL, "");
	check_handler_set(check_report);
	if (strcmp(what, "--help") == 0 || strcmp(what, "-h") == 0)
		return usage(stdout);
	for (unsigned i = 0; i < PARTS && argc <= 2; i++)
		if (strcmp(what, "all") == 0 || strcmp(what, parts[i].name) == 0) {
			any = true;
			parts[i].run();
		}
	if (any)
		return 0;
	fprintf(stderr, "shootdown-bench: '%s' is nothing to measure\n", argc > 2 ? argv[2] : what);
	return usage(stderr);
}
