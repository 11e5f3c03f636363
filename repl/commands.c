/*
 * Finding commands and reading their words.
 */
#include "commands.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct command_group *const groups[] = {
	&group_moving,	  &group_choosing, &group_stopping,  &group_seeing,
	&group_exploring, &group_conforming, &group_scenario, &group_recording, &group_settings,
};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

void command_each(void (*visit)(const struct command_group *g, const struct command *cmd,
				void *self),
		  void *self)
{
	for (size_t g = 0; g < GROUPS; g++)
		for (unsigned i = 0; i < groups[g]->count; i++)
			visit(groups[g], &groups[g]->command[i], self);
}

static bool is_named(const struct command *cmd, struct word w)
{
	const char *rest = cmd->aliases;
	struct word alias;

	if (word_is(w, cmd->name))
		return true;
	while (word_next(&rest, "", &alias))
		if (alias.len == w.len && !memcmp(alias.at, w.at, w.len))
			return true;
	return false;
}

struct search {
	struct word want;
	const struct command *exact, *prefix;
	unsigned prefixes;
	struct text names;
};

static void look(const struct command_group *g, const struct command *cmd, void *self)
{
	struct search *s = self;

	(void)g;
	if (is_named(cmd, s->want))
		s->exact = cmd;
	if (!s->want.len || strncmp(cmd->name, s->want.at, s->want.len))
		return;
	s->prefix = cmd;
	text_add(&s->names, "%s%s", s->prefixes++ ? ", " : "", cmd->name);
}

const struct command *command_named(struct word w)
{
	char buf[400];
	struct search s = { .want = w, .names = text_over(buf, sizeof(buf)) };

	command_each(look, &s);
	return s.exact;
}

enum status command_find(struct word w, const struct command **out, struct complaint *c)
{
	char buf[120];
	struct search s = { .want = w, .names = text_over(buf, sizeof(buf)) };

	command_each(look, &s);
	*out = s.exact ? s.exact : s.prefix;
	if (s.exact || s.prefixes == 1)
		return OK;
	if (s.prefixes)
		return complain(c, BAD_NAME, "'%.*s' could be %s", (int)w.len, w.at, buf);
	return complain(c, BAD_NAME, "'%.*s' is no command: `help` lists them",
			(int)(w.len < 60 ? w.len : 60), w.at);
}

bool arg_next(const char **rest, struct word *w)
{
	const char *p = *rest, *end;

	p += strspn(p, " \t");
	if (*p != '"')
		return word_next(rest, "", w);
	end = strchr(p + 1, '"');
	if (!end)
		end = p + strlen(p);
	*w = (struct word){ p + 1, (size_t)(end - p - 1) };
	*rest = end + (*end == '"');
	return true;
}

void arg_copy(struct word w, char *buf, size_t size)
{
	snprintf(buf, size, "%.*s", (int)w.len, w.at);
}

enum status arg_end(const char *rest, struct complaint *c)
{
	struct word w;

	if (!arg_next(&rest, &w))
		return OK;
	return complain(c, BAD_SYNTAX, "'%.*s' is one word too many",
			(int)(w.len < 80 ? w.len : 80), w.at);
}

enum status arg_spec(const char **rest, char line[SPEC_LINE], struct complaint *c)
{
	struct word w = { "the end of the line", 19 };
	enum spec spec;

	if (!arg_next(rest, &w) || !spec_named(w, &spec))
		return complain(c, BAD_VALUE, "'%.*s' after --spec should be off, fill, explicit, whole or saturate",
				(int)(w.len < 60 ? w.len : 60), w.at);
	snprintf(line, SPEC_LINE, "machine spec=%.*s", (int)w.len, w.at);
	return OK;
}

enum status arg_count(const char *rest, uint64_t absent, uint64_t most, uint64_t *n,
		      struct complaint *c)
{
	struct word w;

	*n = absent;
	if (!arg_next(&rest, &w))
		return OK;
	if (!word_number(w, n) || *n < 1 || *n > most)
		return complain(c, BAD_VALUE, "'%.*s' should be a number from 1 to %llu",
				(int)(w.len < 80 ? w.len : 80), w.at, (unsigned long long)most);
	return arg_end(rest, c);
}

enum status arg_bool(struct word w, bool *on, struct complaint *c)
{
	static const char *const words[] = { "off", "on", "no", "yes", "false", "true", "0", "1" };

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (word_is(w, words[i])) {
			*on = i & 1;
			return OK;
		}
	return complain(c, BAD_VALUE, "'%.*s' should be on or off", (int)w.len, w.at);
}

void canonical(struct session *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->canon, sizeof(s->canon), format, args);
	va_end(args);
}
