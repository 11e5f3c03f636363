/* The help overlay: the key table and the meaning of the marks, filtered by what is typed. */
#ifndef KEYHELP_H
#define KEYHELP_H

#include <stdbool.h>

#include "canvas.h"

struct keyhelp {
	bool open;
	char filter[32];
	int offset;
};

void keyhelp_open(struct keyhelp *h);

/* Add a character to the filter, or take the last one away (NULL). */
void keyhelp_type(struct keyhelp *h, const char *bytes, int size);

void keyhelp_draw(struct keyhelp *h, struct canvas *body);

#endif
