/*
 * Finding scenarios. A word with a '/' in it, or one that ends in .scn, is a path; anything else is
 * the name of a file in one of the scenario folders, without its ending, at any depth.
 *
 * Folders, in this order: those of $SHOOTDOWN_SCENARIOS (separated by ':'; when it is set, the
 * others are not looked at), the one that the program was built from, the one it is installed to.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "scenario.h"

#define SCENARIO_PATH 1024

/* The path of a scenario's file, and its name. */
enum status library_find(const char *word, char path[SCENARIO_PATH], char name[48],
			 struct complaint *c);

/* The path of the table of verdicts that is called so, NAME.table in a scenario folder; see verdict_table.h. */
bool library_find_table(const char *word, char path[SCENARIO_PATH]);

/* The file's name without folder, .scn and .table. */
void library_name(const char *path, char name[48]);

/* The text of a file of at most that many bytes, or of standard input for "-"; the caller frees it. NULL with a
 * sentence when it cannot be read, is longer (`what` names what should not be), or holds a zero byte. */
char *library_text(const char *path, const char *what, size_t most, struct complaint *c);

/* Reads the file's text; the caller frees it. NULL with a sentence when it cannot be read, is
 * longer than a scenario may be, or holds a zero byte. */
char *library_read(const char *path, struct complaint *c);

/* Calls back for every scenario file: of a folder, or of all scenario folders when it is NULL; in
 * the order of their paths. Stops when the visitor returns false. */
void library_each(const char *folder, bool (*visit)(const char *path, const char *name, void *self),
		  void *self);

#endif
