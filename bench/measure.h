/*
 * measure.h - what every measurement shares: the clock, medians, one line per figure, memory.
 *
 * Figures are printed, never asserted.  A line reads: part, what, value, unit, remark.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#include "scenario.h"

#define MAX_RUNS 101

/* Seconds of the monotonic clock. */
double seconds_now(void);
/* The middle of n values, n >= 1; sorts them. */
double median(double *value, unsigned n);

/* Prints one figure; rates are shortened to k, M, G.  The remark is printf style and may be "". */
void figure(const char *part, const char *what, double value, const char *unit, const char *remark,
	    ...) __attribute__((format(printf, 5, 6)));
/* Says why a part has no figures. */
void no_figure(const char *part, const char *why);

/* Zeroed memory that is touched as it is used, in big pages where there are any; ends the program
 * when there is none.  Given back with memory_drop. */
void *memory_map(size_t bytes);
void memory_drop(void *memory, size_t bytes);

/* A directory for files of one measurement, on a disk where there is one: under $TMPDIR or
 * /var/tmp. */
void directory_make(char *path, size_t size);
/* Removes it and everything in it. */
void directory_remove(const char *path);

/* A machine built from the library. */
struct built {
	struct machine m;
	struct effects fx;
	struct scenario s;
};

/* Builds a variant of the scenario in a file or of a name; false when there is none of that number
 * or the scenario is refused. */
bool built_open(struct built *b, const char *word, unsigned variant);

/* The parts. */
void bench_engine(void);
void bench_explore(void);
void bench_litmus(void);
void bench_store(void);
void bench_replay(void);
void bench_screen(void);
void bench_start(void);
void bench_conform(void);

#endif
