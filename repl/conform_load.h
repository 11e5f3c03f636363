/*
 * `load conform FILE NAME`: a program of a transcript as the text of a scenario.
 */
#ifndef CONFORM_LOAD_H
#define CONFORM_LOAD_H

#include "status.h"

/* The text, which the caller frees; NULL with a sentence when there is none, *line being the line of the file that was wrong
 * or 0. */
char *conform_scenario(const char *path, const char *name, unsigned *line, struct complaint *c);

#endif
