/*
 * measure.c - clock, medians, figures, memory, files.
 */
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "library.h"
#include "measure.h"

double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double median(double *value, unsigned n)
{
	qsort(value, n, sizeof(*value), ascending);
	return n % 2 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
}

void figure(const char *part, const char *what, double value, const char *unit, const char *remark,
	    ...)
{
	static const char prefix[] = { ' ', 'k', 'M', 'G' };
	unsigned thousands = 0;
	va_list args;

	for (; value >= 9999.5 && thousands + 1 < sizeof(prefix); thousands++)
		value /= 1000;
	printf("%-8s %-34s %10.*f %c%-10s ", part, what,
	       value < 100  ? 2 :
	       value < 1000 ? 1 :
			      0,
	       value, prefix[thousands], unit);
	va_start(args, remark);
	vprintf(remark, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

void no_figure(const char *part, const char *why)
{
	printf("%-8s %s\n", part, why);
	fflush(stdout);
}

static void give_up(const char *what)
{
	perror(what);
	exit(1);
}

void *memory_map(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		give_up("shootdown-bench: no memory to search in");
	madvise(memory, bytes, MADV_HUGEPAGE);
	return memory;
}

void memory_drop(void *memory, size_t bytes)
{
	munmap(memory, bytes);
}

void directory_make(char *path, size_t size)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(path, size, "%s/shootdown-bench-XXXXXX", tmp && *tmp ? tmp : "/var/tmp");
	if (!mkdtemp(path))
		give_up(path);
}

static int entry_remove(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void directory_remove(const char *path)
{
	nftw(path, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

bool built_open(struct built *b, const char *word, unsigned variant)
{
	char path[SCENARIO_PATH], name[48];
	struct complaint c;
	char *text;
	bool fine;

	if (library_find(word, path, name, &c) != OK || !(text = library_read(path, &c))) {
		no_figure(word, c.text);
		return false;
	}
	fine = scenario_read(&b->s, name, text, &b->m, &b->fx, &c) == OK;
	free(text);
	if (!fine) {
		no_figure(word, c.text);
		return false;
	}
	return variant < b->s.variants && scenario_build(&b->s, variant, &b->m, &b->fx, &c) == OK;
}
