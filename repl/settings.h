/*
 * What `set` can change: one table for setting, showing, completing and explaining.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "session.h"

struct setting {
	const char *name;
	const char *values; /* what may be given: words by '|', or a kind in capitals */
	const char *help;
	void (*get)(const struct session *s, struct text *t);
	enum status (*put)(struct session *s, struct word w, struct complaint *c);
};

extern const struct setting setting_table[]; /* ended by a row without a name */

/* Adds a line for each setting. */
void settings_list(struct session *s);
/* Adds the line of one; false when there is none of that name. */
bool settings_show(struct session *s, struct word name);
/* Changes one. */
enum status settings_put(struct session *s, struct word name, struct word value,
			 struct complaint *c);

/* What the command line and `set` share: how things are painted. */
void settings_color(struct session *s, enum color_wish wish);

#endif
