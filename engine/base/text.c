/*
 * text.c - bounded strings and words.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "text.h"

struct text text_over(char *storage, size_t cap)
{
	CHECK(cap > 0);
	storage[0] = '\0';
	return (struct text){ .at = storage, .cap = cap };
}

void text_add(struct text *t, const char *format, ...)
{
	size_t room = t->cap - t->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->at + t->len, room, format, args);
	va_end(args);
	CHECK(n >= 0);
	if ((size_t)n < room) {
		t->len += (size_t)n;
	} else {
		t->len = t->cap - 1;
		t->cut = true;
	}
}

bool word_next(const char **rest, const char *alone, struct word *out)
{
	const char *p = *rest;

	while (*p == ' ' || *p == '\t')
		p++;
	*rest = p;
	if (*p == '\0' || *p == '\n' || *p == '\r' || *p == '#')
		return false;
	out->at = p;
	if (strchr(alone, *p)) {
		p++;
	} else {
		while (*p && !strchr(" \t\r\n", *p) && !strchr(alone, *p))
			p++;
	}
	out->len = (size_t)(p - out->at);
	*rest = p;
	return true;
}

bool word_is(struct word w, const char *literal)
{
	return w.at && w.len == strlen(literal) && memcmp(w.at, literal, w.len) == 0;
}

struct word word_split(struct word w, char c, struct word *tail)
{
	const char *p = w.at ? memchr(w.at, c, w.len) : NULL;

	*tail = (struct word){ 0 };
	if (!p)
		return w;
	tail->at = p + 1;
	tail->len = w.len - (size_t)(p - w.at) - 1;
	return (struct word){ w.at, (size_t)(p - w.at) };
}

bool word_number(struct word w, uint64_t *out)
{
	unsigned base = 10;
	uint64_t v = 0;
	size_t i = 0;

	if (w.len > 2 && w.at[0] == '0' && (w.at[1] == 'x' || w.at[1] == 'X')) {
		base = 16;
		i = 2;
	}
	if (i >= w.len)
		return false;
	for (; i < w.len; i++) {
		int c = tolower((unsigned char)w.at[i]);
		unsigned d;

		if (c >= '0' && c <= '9')
			d = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			d = (unsigned)(c - 'a') + 10;
		else
			return false;
		if (d >= base || v > (UINT64_MAX - d) / base)
			return false;
		v = v * base + d;
	}
	*out = v;
	return true;
}

bool word_copy(struct word w, char *buf, size_t cap)
{
	if (w.len == 0 || w.len >= cap)
		return false;
	memcpy(buf, w.at, w.len);
	buf[w.len] = '\0';
	return true;
}
