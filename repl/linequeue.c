/* A queue as a list. */
#include "linequeue.h"

#include <stdlib.h>
#include <string.h>

void linequeue_add(struct linequeue *q, const char *text, size_t size, enum line_source source)
{
	struct waiting_line *line = malloc(sizeof(*line));
	char *copy = line ? strndup(text, size) : NULL;

	if (!copy) {
		free(line);
		return;
	}
	*line = (struct waiting_line){ .text = copy, .source = source };
	if (q->last)
		q->last->next = line;
	else
		q->first = line;
	q->last = line;
	q->count++;
}

void linequeue_add_lines(struct linequeue *q, const char *text, enum line_source source)
{
	while (*text) {
		size_t size = strcspn(text, "\n");

		linequeue_add(q, text, size, source);
		text += size + (text[size] == '\n');
	}
}

void linequeue_drop(struct linequeue *q)
{
	struct waiting_line *line = q->first;

	q->first = line->next;
	if (!q->first)
		q->last = NULL;
	q->count--;
	free(line->text);
	free(line);
}

void linequeue_clear(struct linequeue *q)
{
	while (q->first)
		linequeue_drop(q);
}
