/*
 * The completion popup: one column of words while they fit in half the body, else several columns,
 * else pages that Tab turns.
 */
#include "popup.h"

#include "frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void popup_close(struct popup *p)
{
	for (int i = 0; i < p->count; i++)
		free(p->item[i]);
	free(p->item);
	*p = (struct popup){ 0 };
}

bool popup_is_open(const struct popup *p)
{
	return p->count > 0;
}

static bool popup_same(const struct popup *p, char **words, int count)
{
	if (p->count != count)
		return false;
	for (int i = 0; i < count; i++)
		if (strcmp(p->item[i], words[i]))
			return false;
	return true;
}

void popup_open(struct popup *p, char **words, int count)
{
	if (popup_same(p, words, count)) {
		p->first = p->first + p->shown < count ? p->first + p->shown : 0;
		return;
	}
	popup_close(p);
	p->item = calloc((size_t)count, sizeof(*p->item));
	for (int i = 0; p->item && i < count; i++) {
		int width = text_width(words[i]);

		p->item[i] = strdup(words[i]);
		if (!p->item[i])
			break;
		p->count++;
		if (width > p->width)
			p->width = width;
	}
}

void popup_draw(struct popup *p, struct canvas *body, int col)
{
	int height = body->rows / 2, gap = 2, columns, rows, per_column, width;
	char title[48];
	struct canvas inside;

	if (!popup_is_open(p) || height < 3 || body->cols < 8)
		return;
	rows = p->count < height - 2 ? p->count : height - 2;
	columns = (p->count + rows - 1) / rows;
	while (columns > 1 && columns * (p->width + gap) + 2 > body->cols)
		columns--;
	per_column = (p->count + columns - 1) / columns;
	rows = rows < per_column ? rows : per_column;
	p->shown = rows * columns;
	snprintf(title, sizeof(title), "%d words", p->count);
	if (p->count > p->shown)
		snprintf(title, sizeof(title), "+%d more: Tab", p->count - p->shown);

	width = columns * (p->width + gap) - gap;
	if (width < text_width(title))
		width = text_width(title);
	width += 4;
	if (width > body->cols)
		width = body->cols;
	col -= 2;
	if (col > body->cols - width)
		col = body->cols - width;
	if (col < 0)
		col = 0;
	inside = box_draw(body, (struct rect){ body->rows - rows - 2, col, rows + 2, width },
			  title);
	for (int i = p->first; i < p->count && i < p->first + p->shown; i++) {
		int at = i - p->first;

		canvas_put_within(&inside, at % rows, 1 + at / rows * (p->width + gap),
				  p->width, STYLE_PLAIN, p->item[i]);
	}
}
