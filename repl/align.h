/*
 * Following a path of the session under another variant: line by line where both have the line.
 *
 * The other machine takes the path's actions in the path's order. Where one of its actors stands at
 * another line than it did on the path, it takes the lines that it has more, or leaves out those
 * that it has not, whichever are fewer; where an action is impossible, what makes it possible comes
 * first, if little is enough.
 */
#ifndef ALIGN_H
#define ALIGN_H

#include "session.h"

enum align_kind {
	ALIGN_BOTH,  /* the same line, or the same action */
	ALIGN_OTHER, /* the same actor at another line */
	ALIGN_HERE,  /* of the path alone; why = why not there, "" = the line is not there */
	ALIGN_THERE, /* of the other machine alone */
};

struct align_row {
	enum align_kind kind;
	uint32_t step[2];	    /* number of the step on the path, and there; 0 = none */
	char label[2][MAX_LABEL];
	char words[2][128];
	unsigned rule[2];	    /* that the step breaks */
	const char *why;
};

/* An object that is not the same after a step. */
struct align_object {
	char name[64], words[2][120];
};

enum {
	ALIGN_OBJECTS = 4
};

struct alignment {
	struct align_row *row;
	uint32_t rows, cap;
	uint32_t steps[2];
	bool before; /* they differ before the first step */
	/* The first row that differs, or (unless `before`) whose step leaves other contents; = rows:
	 * none. */
	uint32_t differ;
	/* What differs after that row, or before the first; those above the bound are counted only. */
	struct align_object object[ALIGN_OBJECTS];
	unsigned objects;
};

/* Follows the path to the cursor on the machine m, which stands at its variant's start. False when
 * memory is out. align_free in any case. */
bool align(struct session *s, struct machine *m, struct alignment *a);
void align_free(struct alignment *a);

#endif
