/*
 * A table of verdicts: dangers down, variants across, and what is argued of each pair. It is text, NAME.table,
 * beside the scenarios:
 *
 *	title    WORDS			source and about, as in a scenario
 *	column   NAME SWITCH=VALUE ...	a variant: the same switches for every row
 *	row      NAME SCENARIO [SWITCH=VALUE ...]	a danger: a machine, and the switches that are part of it
 *	what     ROW WORDS		the danger in a few words
 *	argued   ROW COLUMN=safe|broken ...		nothing is compared where nothing is argued
 *	differs  ROW COLUMN WORDS	the search is known to say otherwise than is argued, and why
 *
 * A cell is the row's machine with the row's switches, then the column's. SCENARIO is a name as `load` takes it,
 * or a file of the table's own folder; its own variants count for nothing.
 */
#ifndef VERDICT_TABLE_H
#define VERDICT_TABLE_H

#include "library.h"

enum {
	TABLE_COLUMNS = 8,
	TABLE_ROWS = 24,
	TABLE_BYTES = 65536
};

enum argued { ARGUED_NOTHING, ARGUED_SAFE, ARGUED_BROKEN };

struct verdict_cell {
	enum argued argued;
	char differs[240]; /* "" = the search is to say what is argued */
};

struct verdict_table {
	char name[48], path[SCENARIO_PATH];
	char title[120], source[200], about[900];
	struct {
		char name[MAX_NAME], switches[160];
	} column[TABLE_COLUMNS];
	struct {
		char name[MAX_NAME], scenario[SCENARIO_PATH], switches[160], what[80];
		struct verdict_cell cell[TABLE_COLUMNS];
	} row[TABLE_ROWS];
	unsigned columns, rows;
};

/* Is the word the name, or the path, of a table? */
bool verdict_table_find(const char *word, char path[SCENARIO_PATH]);
/* Reads the file; the sentence has the line. */
enum status verdict_table_read(struct verdict_table *t, const char *path, struct complaint *c);

#endif
