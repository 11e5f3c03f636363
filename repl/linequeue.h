/* Lines that wait to be carried out: typed, pasted, or sent by keys while something else runs. */
#ifndef LINEQUEUE_H
#define LINEQUEUE_H

#include "client.h"

struct waiting_line {
	char *text;
	enum line_source source;
	struct waiting_line *next;
};

struct linequeue {
	struct waiting_line *first, *last;
	int count;
};

/* Append a copy of `size` bytes; a line for which there is no memory is lost. */
void linequeue_add(struct linequeue *q, const char *text, size_t size, enum line_source source);

/* Append every line of a text. */
void linequeue_add_lines(struct linequeue *q, const char *text, enum line_source source);

/* Drop the first line, or all of them. */
void linequeue_drop(struct linequeue *q);
void linequeue_clear(struct linequeue *q);

#endif
