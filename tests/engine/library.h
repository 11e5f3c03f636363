/*
 * library.h - the scenario files, read from the folder that a test is given.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include "scenario.h"

#define LIBRARY_MOST 256

struct library {
	char path[LIBRARY_MOST][256];
	unsigned count;
};

/* All .scn files below a folder, sorted by path.  False when there is none. */
bool library_list(struct library *l, const char *folder);
/*
 * A variant that is not in the test: says so.  library_kept counts one that is; at the end library_tell says how many were
 * in and how many were not, and ends the test when fewer were in than would show anything.
 */
void library_left_out(const struct scenario *s, unsigned variant, const char *why);
void library_kept(void);
void library_tell(const char *what, unsigned least);
/* Reads one; a scenario that does not read ends the test with its sentence. */
void library_read(const char *path, struct scenario *s, struct machine *m, struct effects *fx);

#endif
