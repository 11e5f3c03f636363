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
/* Reads one; a scenario that does not read ends the test with its sentence. */
void library_read(const char *path, struct scenario *s, struct machine *m, struct effects *fx);

#endif
