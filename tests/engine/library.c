/*
 * library.c - finding and reading scenario files.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library.h"

static void list(struct library *l, const char *folder)
{
	DIR *d = opendir(folder);

	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		size_t n = strlen(e->d_name);
		char path[256];

		if (e->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s", folder, e->d_name) >= (int)sizeof(path))
			continue;
		if (n > 4 && strcmp(e->d_name + n - 4, ".scn") == 0) {
			if (l->count == LIBRARY_MOST) {
				fprintf(stderr, "more than %u scenarios: LIBRARY_MOST is %u\n", LIBRARY_MOST, LIBRARY_MOST);
				abort();
			}
			memcpy(l->path[l->count++], path, sizeof(path));
		} else if (!strchr(e->d_name, '.'))
			list(l, path);
	}
	if (d)
		closedir(d);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(a, b);
}

bool library_list(struct library *l, const char *folder)
{
	l->count = 0;
	list(l, folder);
	qsort(l->path, l->count, sizeof(l->path[0]), by_path);
	return l->count > 0;
}

static unsigned kept, left_out;

void library_left_out(const struct scenario *s, unsigned variant, const char *why)
{
	printf("# left out: %s %s, %s\n", s->name, s->variant[variant].name, why);
	left_out++;
}

void library_kept(void)
{
	kept++;
}

void library_tell(const char *what, unsigned least)
{
	printf("# %s: %u in, %u left out\n", what, kept, left_out);
	if (kept < least) {
		fprintf(stderr, "%s: fewer than %u are too few: the scenarios are too large, or the bound too small\n", what, least);
		abort();
	}
	kept = left_out = 0;
}

void library_read(const char *path, struct scenario *s, struct machine *m, struct effects *fx)
{
	static char text[MAX_SCENARIO + 1];
	struct complaint c;
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = '\0';
	if (n && scenario_read(s, strrchr(path, '/') + 1, text, m, fx, &c) == OK)
		return;
	fprintf(stderr, "%s:%u: %s\n", path, n ? c.line : 0, n ? c.text : "cannot be read");
	abort();
}

static void walk(const struct library_walk *w, unsigned variant, unsigned seed)
{
	struct rng r = { seed };
	struct action a[MAX_ACTIONS];
	struct complaint c;
	unsigned n;

	if (scenario_build(w->scenario, variant, w->m, w->fx, &c) != OK)
		abort();
	for (unsigned i = 0; i < w->steps && (n = machine_actions(w->m, a)) > 0 && !machine_finished(w->m); i++)
		w->step(&r, a, n, &a[rng_below(&r, n)]);
}

void library_walks(const struct library *l, const struct library_walk *w)
{
	for (unsigned i = 0; i < l->count; i++) {
		library_read(l->path[i], w->scenario, w->m, w->fx);
		for (unsigned v = 0; v < w->scenario->variants; v++)
			for (unsigned seed = 1; seed <= w->walks; seed++)
				walk(w, v, seed);
	}
}
