/*
 * setup_words.c - the words that set-up lines are made of.
 */
#include <string.h>

#include "setup_words.h"

struct word setup_take(const char **rest, const char *alone)
{
	struct word w = { "the end of the line", 0 };

	if (word_next(rest, alone, &w))
		return w;
	return (struct word){ "the end of the line", 19 };
}

enum status setup_wrong(struct complaint *c, enum status status, struct word w, const char *want)
{
	return complain(c, status, "'%.*s' should be %s", (int)w.len, w.at, want);
}

enum status setup_limit(struct complaint *c, const char *name, unsigned value)
{
	return complain(c, BAD_LIMIT, "the machine is too small: %s is %u", name, value);
}

enum status setup_mm(struct machine *m, const char **rest, unsigned *mm, struct complaint *c)
{
	struct word w = setup_take(rest, "");

	*mm = name_find(&m->names, NAME_MM, w);
	if (*mm == NONE)
		return setup_wrong(c, BAD_NAME, w, "the name of an mm that an `mm` line made");
	if (read_mm(m, *mm)->state == MM_UNBORN)
		return complain(c, BAD_STATE, "'%.*s' is not born yet: it gets what its parent has when it is forked",
			(int)w.len, w.at);
	return OK;
}

enum status setup_address(struct machine *m, const char **rest, uint64_t *va, struct complaint *c)
{
	struct word w = setup_take(rest, "=;");

	if (!address_read(&m->names, w, va) || (*va & (PAGE_SIZE - 1)) || *va >= 1ull << 47 || !*va)
		return WRONG(w, "the address of a page, such as 0x7f0000001000 or REGION+PAGE");
	return OK;
}

enum status setup_pages(const char **rest, unsigned max, unsigned *n, struct complaint *c)
{
	struct word w = setup_take(rest, "");
	uint64_t v;

	if (w.len < 2 || w.at[w.len - 1] != 'p' || !word_number((struct word){ w.at, w.len - 1 }, &v) || !v || v > max)
		return complain(c, BAD_VALUE, "'%.*s' should be a number of pages from 1p to %up", (int)w.len, w.at, max);
	*n = (unsigned)v;
	return OK;
}

enum status setup_value(const char **rest, bool *given, uint64_t *value, struct complaint *c)
{
	struct word w = { 0 };

	*given = word_next(rest, "=", &w);
	if (*given && (!word_is(w, "=") || !word_next(rest, "", &w) || !word_number(w, value) || *value > UINT32_MAX))
		return WRONG(w, "`= VALUE`");
	return OK;
}

bool setup_name_fits(struct word w, char buf[MAX_NAME], struct complaint *c)
{
	if (word_copy(w, buf, MAX_NAME) && !strpbrk(buf, "=;:.+,\"'") && (buf[0] < '0' || buf[0] > '9'))
		return true;
	complain(c, BAD_VALUE, "'%.*s' should be a name of 1 to %u characters that begins with a letter",
		(int)w.len, w.at, MAX_NAME - 1);
	return false;
}

/* A new name of its kind, in the first free place below max. */
enum status setup_name(struct machine *m, const char **rest, enum name_kind kind, unsigned max, const char *what,
	unsigned *index, struct complaint *c)
{
	struct word w = setup_take(rest, "");
	char buf[MAX_NAME];

	if (!setup_name_fits(w, buf, c))
		return c->status;
	/* Frames are named only where nothing else can stand. */
	for (unsigned k = 0; k < NAME_FRAME; k++)
		if (name_find(&m->names, (enum name_kind)k, w) != NONE)
			return complain(c, BAD_NAME, "the name '%s' is taken", buf);
	for (unsigned i = 0; i < max; i++)
		if (!m->names.name[kind][i][0]) {
			memcpy(m->names.name[kind][i], buf, sizeof(buf));
			*index = i;
			return OK;
		}
	return setup_limit(c, what, max);
}
