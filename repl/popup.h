/* The list of completions that floats above the prompt. */
#ifndef POPUP_H
#define POPUP_H

#include <stdbool.h>

#include "canvas.h"

struct popup {
	char **item;
	int count;
	int width;	/* of the widest item */
	int first;	/* first item shown */
	int shown;	/* how many were shown by the last popup_draw() */
};

/* Show copies of `count` words; the same words again turn the page. Without memory: no popup. */
void popup_open(struct popup *p, char **words, int count);
void popup_close(struct popup *p);
bool popup_is_open(const struct popup *p);

/* Draw it at the bottom of `body`, its text at column `col` where there is room. */
void popup_draw(struct popup *p, struct canvas *body, int col);

#endif
