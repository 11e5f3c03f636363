/*
 * What `show` and `info` can tell: panes under several names, and lists.
 */
#ifndef INFO_H
#define INFO_H

#include "pane.h"
#include "session.h"

/* One row per topic that is no pane of its own. */
struct info_topic {
	const char *name;
	const char *help;
	const char *pane;		/* another name for a pane, or NULL */
	void (*say)(struct session *s); /* else a list */
};

extern const struct info_topic info_topics[]; /* ended by a row without a name */

/* The topic of a word, NULL when there is none. */
const struct info_topic *info_find(struct word w);

/* Columns that a line of an answer may have: the terminal's, 80 where there is none. */
int info_width(const struct session *s);

/* Draws a pane as text. */
enum status pane_say(struct session *s, const struct pane *pane, struct complaint *c);

#endif
