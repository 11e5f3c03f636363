/*
 * Coverage by name. Rule: what is read was written elsewhere, so every name and line is looked up.
 */
#include "coverage.h"

#include <string.h>

void coverage_count(unsigned routine, uint64_t taken, unsigned *steps, unsigned *reached)
{
	const char *words;
	bool call;

	*steps = *reached = 0;
	for (unsigned line = 1; routine_line(routine, line, &words, &call); line++)
		if (!call) {
			++*steps;
			*reached += (unsigned)(taken >> line) & 1u;
		}
}

void coverage_add(struct coverage *cover, const struct explore_result *r)
{
	for (unsigned i = 0; i < ROUTINE_COUNT; i++)
		cover->lines[i] |= r->lines[i];
	cover->kinds |= explore_kinds(r->taken);
}

static json_t *lines_json(uint64_t taken)
{
	json_t *lines = json_array();

	for (; taken; taken &= taken - 1)
		json_array_append_new(lines, json_integer(__builtin_ctzll(taken)));
	return lines;
}

json_t *coverage_json(const struct coverage *cover)
{
	json_t *lines = json_object(), *kinds = json_array();

	for (unsigned i = 0; i < ROUTINE_COUNT; i++)
		if (cover->lines[i])
			json_object_set_new(lines, routine_table[i]->name, lines_json(cover->lines[i]));
	for (unsigned k = 0; k < ACTION_KINDS; k++)
		if (cover->kinds & (1u << k))
			json_array_append_new(kinds, json_string(action_kind_name((enum action_kind)k)));
	return json_pack("{s:o, s:o}", "lines", lines, "actions", kinds);
}

/* ---- reading ---- */

static enum status kinds_read(json_t *kinds, struct coverage *cover, struct complaint *c)
{
	json_t *item;
	size_t i;

	json_array_foreach(kinds, i, item) {
		const char *name = json_is_string(item) ? json_string_value(item) : "";
		unsigned k = 0;

		while (k < ACTION_KINDS && strcmp(name, action_kind_name((enum action_kind)k)))
			k++;
		if (k == ACTION_KINDS)
			return complain(c, BAD_NAME, "'%.40s' in 'actions' is no kind of action: step, ipi, switch ...",
					name);
		cover->kinds |= 1u << k;
	}
	return OK;
}

static enum status lines_read(const char *name, json_t *lines, struct coverage *cover, struct complaint *c)
{
	unsigned routine = 0;
	const char *words;
	json_t *item;
	size_t i;
	bool call;

	while (routine < ROUTINE_COUNT && strcmp(name, routine_table[routine]->name))
		routine++;
	if (routine == ROUTINE_COUNT)
		return complain(c, BAD_NAME, "'%.40s' in 'coverage' is no routine of this program", name);
	if (!json_is_array(lines))
		return complain(c, BAD_VALUE, "the lines of '%s' should be an array of numbers", name);
	json_array_foreach(lines, i, item) {
		json_int_t line = json_is_integer(item) ? json_integer_value(item) : 0;

		if (line < 1 || line > 63 || !routine_line(routine, (unsigned)line, &words, &call) || call)
			return complain(c, BAD_VALUE, "'%s' has no step %lld in this program", name, (long long)line);
		cover->lines[routine] |= 1ull << line;
	}
	return OK;
}

enum status coverage_read(json_t *object, struct coverage *cover, struct complaint *c)
{
	json_t *lines = json_object_get(object, "lines"), *kinds = json_object_get(object, "actions"), *item;
	const char *name;

	if (!json_is_object(lines) || !json_is_array(kinds))
		return complain(c, BAD_VALUE, "'coverage' should hold an object 'lines' and an array 'actions'");
	json_object_foreach(lines, name, item)
		if (lines_read(name, item, cover, c) != OK)
			return c->status;
	return kinds_read(kinds, cover, c);
}
