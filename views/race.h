/*
 * race.h - the race diagram: a column per actor, an event per row, as it is pasted into a bug
 * report.
 *
 * ASCII only and at most 75 columns wherever the number of columns allows it, so that it survives a
 * mail client.  Events without a short form are left out; remarks stand in brackets below the act
 * they are about; what broke has a row that begins with "!!".
 */
#ifndef RACE_H
#define RACE_H

#include <stdio.h>

#include "step_tree.h"

/*
 * Writes the events of the steps after depth `from` up to depth `to` of the path (0 and
 * timeline_depth() for all of it; a `to` behind the cursor means the cursor).  First a line for
 * each program, then the columns of the actors that have a row.  Writes nothing when no event has
 * one.
 */
void race_write(FILE *out, const struct timeline *t, uint32_t from, uint32_t to);

#endif
