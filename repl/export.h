/*
 * Sessions in forms that others can read.
 *
 *	script	a scenario that does what was done: `load` it, or `source` it
 *	race	the two-column diagram, for a mail
 *	jsonl	one JSON object per line, for programs
 *	html	the panes where the session stands, one file that can be mailed or put on a slide
 */
#ifndef EXPORT_H
#define EXPORT_H

#include "session.h"

enum export_format {
	EXPORT_SCRIPT,
	EXPORT_RACE,
	EXPORT_JSONL,
	EXPORT_HTML,
	EXPORT_FORMATS
};

extern const char *const export_names[EXPORT_FORMATS];

/* The session that is open, as far as the cursor. */
void export_now(struct session *s, enum export_format format, FILE *to);
/* A recorded session. */
enum status export_recorded(struct session *s, const char *word, enum export_format format,
			    FILE *to, struct complaint *c);

#endif
