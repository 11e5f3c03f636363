/*
 * conform.c - how fast programs of system calls run: the sample that kernels answered, over and over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform.h"
#include "measure.h"

enum {
	RUNS = 9,
	MOST_LINES = 20000
};

struct sample {
	struct conform_line line[MOST_LINES];
	bool first[MOST_LINES]; /* of its program */
	unsigned lines, programs;
};

static bool sample_read(struct sample *s)
{
	FILE *f = fopen(CONFORM_SAMPLE, "r");
	char line[4096];
	bool first = true;

	while (f && fgets(line, sizeof(line), f)) {
		struct complaint c;

		line[strcspn(line, "|\r\n")] = '\0';
		if (line[0] == '#' || !line[0]) {
			first = true;
			continue;
		}
		if (s->lines == MOST_LINES || conform_read(line, &s->line[s->lines], &c) != OK)
			break;
		s->first[s->lines++] = first;
		s->programs += first;
		first = false;
	}
	if (f)
		fclose(f);
	return s->programs > 0;
}

static uint64_t sample_run(const struct sample *s, struct conform_machine *cm, const struct conform_machine *fresh)
{
	char result[4096];
	uint64_t steps = 0;

	for (unsigned i = 0; i < s->lines; i++) {
		struct text t = text_over(result, sizeof(result));

		if (s->first[i]) {
			steps += cm->steps;
			*cm = *fresh;
		}
		conform_run(cm, &s->line[i], &t);
	}
	return steps + cm->steps;
}

void bench_conform(void)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct conform_machine *cm = calloc(2, sizeof(*cm));
	double took[RUNS];
	struct complaint c;
	uint64_t steps = 0;

	if (!s || !cm || !sample_read(s) || conform_open(&cm[1], "6.18", false, &c) != OK) {
		no_figure("conform", "there is no sample to run");
	} else {
		for (unsigned i = 0; i < RUNS; i++) {
			double begin = seconds_now();

			cm->steps = 0;
			steps = sample_run(s, cm, &cm[1]);
			took[i] = seconds_now() - begin;
		}
		figure("conform", "programs", s->programs / median(took, RUNS), "/s", "%u programs, %u lines, %llu steps",
		       s->programs, s->lines, (unsigned long long)steps);
		figure("conform", "all of the sample", median(took, RUNS) * 1e3, "ms", "aim < 1000 ms");
	}
	free(s);
	free(cm);
}
