/*
 * Scenario folders. Rule: a file is named by its file name without .scn; the first one found
 * counts.
 */
#include "library.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	DEEPEST = 6
};

static bool ends_in(const char *file, const char *ending)
{
	size_t n = strlen(file), e = strlen(ending);

	return n > e && !strcmp(file + n - e, ending);
}

static bool is_scenario(const char *file)
{
	return ends_in(file, ".scn");
}

void library_name(const char *path, char name[48])
{
	const char *base = strrchr(path, '/');
	const char *dot;

	base = base ? base + 1 : path;
	dot = ends_in(base, ".scn") || ends_in(base, ".table") ? strrchr(base, '.') : NULL;
	snprintf(name, 48, "%.*s", (int)(dot ? (size_t)(dot - base) : strlen(base)), base);
}

static bool walk(const char *folder, unsigned depth, const char *ending,
		 bool (*visit)(const char *path, const char *name, void *self), void *self)
{
	struct dirent **entry = NULL;
	int n = scandir(folder, &entry, NULL, alphasort);
	bool go_on = true;

	for (int i = 0; i < n; i++) {
		char path[SCENARIO_PATH], name[48];
		struct stat st;

		if (go_on && entry[i]->d_name[0] != '.' &&
		    snprintf(path, sizeof(path), "%s/%s", folder, entry[i]->d_name) <
			    SCENARIO_PATH &&
		    !stat(path, &st)) {
			library_name(path, name);
			if (S_ISDIR(st.st_mode) && depth < DEEPEST)
				go_on = walk(path, depth + 1, ending, visit, self);
			else if (S_ISREG(st.st_mode) && ends_in(path, ending))
				go_on = visit(path, name, self);
		}
		free(entry[i]);
	}
	free(entry);
	return go_on;
}

static void each(const char *folder, const char *ending,
		 bool (*visit)(const char *path, const char *name, void *self), void *self)
{
	const char *wish = getenv("SHOOTDOWN_SCENARIOS");
	char path[SCENARIO_PATH];

	if (folder) {
		walk(folder, 0, ending, visit, self);
		return;
	}
	if (!wish || !*wish) {
		struct stat st;

		/* Where it was built, the installed copies would only be the same names again. */
		if (!stat(SCENARIOS_BUILT, &st))
			walk(SCENARIOS_BUILT, 0, ending, visit, self);
		else
			walk(SCENARIOS_INSTALLED, 0, ending, visit, self);
		return;
	}
	while (*wish) {
		size_t n = strcspn(wish, ":");

		if (n && n < sizeof(path)) {
			snprintf(path, sizeof(path), "%.*s", (int)n, wish);
			if (!walk(path, 0, ending, visit, self))
				return;
		}
		wish += n + (wish[n] == ':');
	}
}

void library_each(const char *folder, bool (*visit)(const char *path, const char *name, void *self),
		  void *self)
{
	each(folder, ".scn", visit, self);
}

struct search {
	const char *want;
	char *path;
};

static bool matches(const char *path, const char *name, void *self)
{
	struct search *s = self;

	if (strcmp(name, s->want))
		return true;
	snprintf(s->path, SCENARIO_PATH, "%s", path);
	return false;
}

bool library_find_table(const char *word, char path[SCENARIO_PATH])
{
	struct search s = { .want = word, .path = path };

	path[0] = '\0';
	each(NULL, ".table", matches, &s);
	return path[0] != '\0';
}

enum status library_find(const char *word, char path[SCENARIO_PATH], char name[48],
			 struct complaint *c)
{
	struct search s = { .want = word, .path = path };

	if (strlen(word) >= SCENARIO_PATH)
		return complain(c, BAD_FILE, "a path of %zu bytes is too long", strlen(word));
	path[0] = '\0';
	if (strchr(word, '/') || is_scenario(word)) {
		snprintf(path, SCENARIO_PATH, "%s", word);
	} else {
		library_each(NULL, matches, &s);
		if (!path[0])
			return complain(
				c, BAD_NAME,
				"there is no scenario '%.60s': `scenarios` lists them, or give "
				"the path "
				"of a .scn file",
				word);
	}
	library_name(path, name);
	return OK;
}

/* All of a stream; NULL when it cannot be read or is longer than `most`. */
static char *read_all(FILE *f, size_t most, size_t *n)
{
	size_t cap = 1 << 16;
	char *text = malloc(cap), *grown;

	*n = 0;
	while (text) {
		*n += fread(text + *n, 1, cap - *n, f);
		if (*n < cap || *n > most)
			break;
		cap *= 2;
		grown = realloc(text, cap);
		if (!grown)
			free(text);
		text = grown;
	}
	if (text)
		text[*n < cap ? *n : cap - 1] = '\0';
	return text;
}

char *library_text(const char *path, const char *what, size_t most, struct complaint *c)
{
	bool input = !strcmp(path, "-");
	char *text = NULL;
	FILE *f = input ? stdin : NULL;
	struct stat st;
	size_t n = 0;

	/* Opening a pipe would wait for whoever writes into it, so look first. */
	if (!input && !stat(path, &st) && !S_ISREG(st.st_mode)) {
		complain(c, BAD_FILE, "%.120s: this is no regular file", path);
		return NULL;
	}
	if (!input)
		f = fopen(path, "r");
	if (f)
		text = read_all(f, most, &n);
	if (!text)
		complain(c, BAD_FILE, "%.120s: %s", path, strerror(errno));
	else if (ferror(f))
		complain(c, BAD_FILE, "%.120s: it cannot be read", path);
	else if (n > most)
		complain(c, BAD_LIMIT, "%.120s: %s has at most %zu bytes", path, what, most);
	else if (strlen(text) != n)
		complain(c, BAD_FILE, "%.120s: it holds a zero byte, so it is no text", path);
	else
		c->status = OK;
	if (f && !input)
		fclose(f);
	if (text && c->status != OK) {
		free(text);
		text = NULL;
	}
	return text;
}

char *library_read(const char *path, struct complaint *c)
{
	return library_text(path, "a scenario", MAX_SCENARIO - 1, c);
}
