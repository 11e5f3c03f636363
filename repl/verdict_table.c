/*
 * Reading a table of verdicts, line by line.
 */
#include "verdict_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool verdict_table_find(const char *word, char path[SCENARIO_PATH])
{
	size_t n = strlen(word);

	if (n > 6 && !strcmp(word + n - 6, ".table")) {
		snprintf(path, SCENARIO_PATH, "%s", word);
		return true;
	}
	return !strchr(word, '/') && library_find_table(word, path);
}

/* The next word of the line, or one that says that there is none. */
static struct word take(const char **rest)
{
	struct word w;

	return word_next(rest, "", &w) ? w : (struct word){ "the end of the line", 19 };
}

static enum status wrong(struct complaint *c, struct word w, const char *want)
{
	return complain(c, BAD_VALUE, "'%.*s' should be %s", (int)(w.len < 60 ? w.len : 60), w.at, want);
}

/* What is left of the line, joined to what the field has already. */
static enum status words(char *field, size_t size, const char *rest, struct complaint *c)
{
	size_t used = strlen(field);
	int n;

	rest += strspn(rest, " \t");
	n = (int)strlen(rest);
	while (n && strchr(" \t\r", rest[n - 1]))
		n--;
	if (used + (size_t)n + 2 > size)
		return complain(c, BAD_LIMIT, "the words are longer than %zu bytes", size - 2);
	snprintf(field + used, size - used, "%s%.*s", used ? " " : "", n, rest);
	return OK;
}

static unsigned column_find(const struct verdict_table *t, struct word w)
{
	unsigned i = 0;

	while (i < t->columns && !word_is(w, t->column[i].name))
		i++;
	return i;
}

static unsigned row_find(const struct verdict_table *t, struct word w)
{
	unsigned i = 0;

	while (i < t->rows && !word_is(w, t->row[i].name))
		i++;
	return i;
}

static enum status column_line(struct verdict_table *t, const char *rest, struct complaint *c)
{
	struct word w = take(&rest);

	if (t->columns == TABLE_COLUMNS)
		return complain(c, BAD_LIMIT, "a table has at most %d columns", TABLE_COLUMNS);
	if (column_find(t, w) < t->columns || !word_copy(w, t->column[t->columns].name, MAX_NAME))
		return wrong(c, w, "a new name of 1 to 11 characters");
	return words(t->column[t->columns++].switches, sizeof(t->column[0].switches), rest, c);
}

/* A file of the table's own folder comes before a scenario of that name. */
static void scenario_path(struct verdict_table *t, const char *name, char out[SCENARIO_PATH])
{
	const char *slash = strrchr(t->path, '/');
	int folder = slash ? (int)(slash - t->path) + 1 : 0;
	static const char *const endings[] = { ".scn", "" };

	for (unsigned i = 0; i < 2; i++) {
		if (snprintf(out, SCENARIO_PATH, "%.*s%s%s", folder, t->path, name, endings[i]) < SCENARIO_PATH &&
		    !access(out, R_OK))
			return;
	}
	snprintf(out, SCENARIO_PATH, "%s", name);
}

static enum status row_line(struct verdict_table *t, const char *rest, struct complaint *c)
{
	struct word w = take(&rest);
	char name[200];

	if (t->rows == TABLE_ROWS)
		return complain(c, BAD_LIMIT, "a table has at most %d rows", TABLE_ROWS);
	if (row_find(t, w) < t->rows || !word_copy(w, t->row[t->rows].name, MAX_NAME))
		return wrong(c, w, "a new name of 1 to 11 characters");
	w = take(&rest);
	if (!word_copy(w, name, sizeof(name)))
		return wrong(c, w, "the name of a scenario");
	scenario_path(t, name, t->row[t->rows].scenario);
	return words(t->row[t->rows++].switches, sizeof(t->row[0].switches), rest, c);
}

static enum status row_named(struct verdict_table *t, const char **rest, unsigned *row, struct complaint *c)
{
	struct word w = take(rest);

	*row = row_find(t, w);
	return *row < t->rows ? OK : wrong(c, w, "a row that a `row` line made");
}

static enum status what_line(struct verdict_table *t, const char *rest, struct complaint *c)
{
	unsigned row;

	if (row_named(t, &rest, &row, c) != OK)
		return c->status;
	return words(t->row[row].what, sizeof(t->row[0].what), rest, c);
}

static enum status argued_line(struct verdict_table *t, const char *rest, struct complaint *c)
{
	struct word w, verdict;
	unsigned row, column;

	if (row_named(t, &rest, &row, c) != OK)
		return c->status;
	while (word_next(&rest, "", &w)) {
		column = column_find(t, word_split(w, '=', &verdict));
		if (column == t->columns || !verdict.at ||
		    (!word_is(verdict, "safe") && !word_is(verdict, "broken")))
			return wrong(c, w, "COLUMN=safe or COLUMN=broken");
		t->row[row].cell[column].argued = word_is(verdict, "safe") ? ARGUED_SAFE : ARGUED_BROKEN;
	}
	return OK;
}

static enum status differs_line(struct verdict_table *t, const char *rest, struct complaint *c)
{
	struct verdict_cell *cell;
	unsigned row, column;
	struct word w;

	if (row_named(t, &rest, &row, c) != OK)
		return c->status;
	w = take(&rest);
	column = column_find(t, w);
	if (column == t->columns)
		return wrong(c, w, "a column that a `column` line made");
	cell = &t->row[row].cell[column];
	if (cell->argued == ARGUED_NOTHING)
		return wrong(c, w, "a column of which the row's `argued` line, above, says something");
	return words(cell->differs, sizeof(cell->differs), rest, c);
}

static enum status line(struct verdict_table *t, const char *rest, struct complaint *c)
{
	struct word w;

	if (!word_next(&rest, "", &w))
		return OK;
	if (word_is(w, "title"))
		return words(t->title, sizeof(t->title), rest, c);
	if (word_is(w, "source"))
		return words(t->source, sizeof(t->source), rest, c);
	if (word_is(w, "about"))
		return words(t->about, sizeof(t->about), rest, c);
	if (word_is(w, "column"))
		return column_line(t, rest, c);
	if (word_is(w, "row"))
		return row_line(t, rest, c);
	if (word_is(w, "what"))
		return what_line(t, rest, c);
	if (word_is(w, "argued"))
		return argued_line(t, rest, c);
	if (word_is(w, "differs"))
		return differs_line(t, rest, c);
	return wrong(c, w, "title, source, about, column, row, what, argued or differs");
}

enum status verdict_table_read(struct verdict_table *t, const char *path, struct complaint *c)
{
	char *text = library_text(path, "a table", TABLE_BYTES, c), *at = text, *next;
	enum status status = OK;

	if (!text)
		return c->status;
	memset(t, 0, sizeof(*t));
	library_name(path, t->name);
	snprintf(t->path, sizeof(t->path), "%s", path);
	for (c->line = 1; status == OK && *at; at = next) {
		next = at + strcspn(at, "\n");
		if (*next)
			*next++ = '\0';
		status = line(t, at, c);
		if (status == OK)
			c->line++;
	}
	free(text);
	if (status != OK)
		return status;
	c->line = 0;
	if (!t->rows || !t->columns)
		return complain(c, BAD_FILE, "%.120s: a table needs a `row` line and a `column` line", path);
	return OK;
}
