/*
 * A table of verdicts, cell by cell: a search ends at the first rule that breaks, or when nothing is left to
 * look at. A row is shown when its last cell is known; what differs from what is argued is said below.
 */
#include "verdicts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hunt.h"
#include "verdict_table.h"

struct answer {
	enum verdict verdict;
	unsigned rule;
	uint64_t states;
	uint32_t depth;
	double seconds;
};

static struct {
	struct verdict_table table;
	struct answer answer[TABLE_ROWS][TABLE_COLUMNS];
	unsigned row, column;
	unsigned wrong, differ;
	bool running;
	struct hunt search;
} work;

/* What is argued: "safe", "broken", "-". */
static const char *argued_word(enum argued a)
{
	return a == ARGUED_SAFE ? "safe" : a == ARGUED_BROKEN ? "broken" : "-";
}

static const char *answer_word(const struct answer *a)
{
	return a->verdict == VERDICT_CLEAN ? "safe" : a->verdict == VERDICT_VIOLATION ? "broken" : "bound";
}

static bool as_argued(const struct verdict_cell *cell, const struct answer *a)
{
	return cell->argued == ARGUED_NOTHING || !strcmp(argued_word(cell->argued), answer_word(a));
}

/* Is the cell as the table has it: as argued, or otherwise where it says that the search says otherwise? */
static bool well(const struct verdict_cell *cell, const struct answer *a)
{
	return a->verdict != VERDICT_BOUND && as_argued(cell, a) == !cell->differs[0];
}

static const char *rule_word(const struct answer *a)
{
	return a->verdict == VERDICT_VIOLATION ? rule_table[a->rule].name : "-";
}

static void say_cell(struct session *s)
{
	const struct answer *a = &work.answer[work.row][work.column];
	const struct verdict_cell *cell = &work.table.row[work.row].cell[work.column];

	work.wrong += !well(cell, a);
	work.differ += !as_argued(cell, a);
	if (s->out.json)
		out_object(&s->out, "cell",
			   json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:f, s:s, s:b}", "table",
				     work.table.name, "row", work.table.row[work.row].name, "column",
				     work.table.column[work.column].name, "scenario", s->spare->name, "verdict", answer_word(a),
				     "found", rule_word(a), "argued", argued_word(cell->argued), "states",
				     (json_int_t)a->states, "depth", (json_int_t)a->depth, "seconds", a->seconds, "differs",
				     cell->differs, "ok", well(cell, a)));
}

/* "D1  safe  broken* ...  stale-leaf", and below it the danger in words. */
static void say_row(struct session *s)
{
	const struct verdict_table *t = &work.table;
	char buf[400], rules[200];
	struct text line = text_over(buf, sizeof(buf)), broken = text_over(rules, sizeof(rules));
	uint32_t seen = 0;

	for (unsigned c = 0; c < t->columns; c++) {
		const struct answer *a = &work.answer[work.row][c];

		text_add(&line, "%s%s%*s", answer_word(a), as_argued(&t->row[work.row].cell[c], a) ? " " : "*",
			 7 - (int)strlen(answer_word(a)), "");
		if (a->verdict == VERDICT_VIOLATION && !(seen & (1u << a->rule))) {
			seen |= 1u << a->rule;
			text_add(&broken, "%s%s", broken.len ? ", " : "", rule_word(a));
		}
	}
	out_line(&s->out, "%-8s %s%s", t->row[work.row].name, buf, rules);
	out_line(&s->out, "%-8s %s", "", t->row[work.row].what);
	s->failure |= !out_flush(&s->out);
}

static void say_head(struct session *s)
{
	const struct verdict_table *t = &work.table;
	char buf[400];
	struct text line = text_over(buf, sizeof(buf));

	out_line(&s->out, "%s: %s", t->name, t->title);
	for (unsigned c = 0; c < t->columns; c++)
		out_line(&s->out, "  %-8s %s", t->column[c].name, t->column[c].switches);
	for (unsigned c = 0; c < t->columns; c++)
		text_add(&line, "%-7s ", t->column[c].name);
	out_line(&s->out, "%-8s %s", "", buf);
}

/* The cells in which the search and the argument say different things. */
static void say_differences(struct session *s)
{
	const struct verdict_table *t = &work.table;

	for (unsigned r = 0; r < t->rows; r++)
		for (unsigned c = 0; c < t->columns; c++) {
			const struct verdict_cell *cell = &t->row[r].cell[c];
			const struct answer *a = &work.answer[r][c];

			if (as_argued(cell, a) && !cell->differs[0])
				continue;
			out_line(&s->out, "%s %s %s: argued %s, searched %s (%s, %llu states)%s", well(cell, a) ? "*" : "WRONG",
				 t->row[r].name, t->column[c].name, argued_word(cell->argued), answer_word(a), rule_word(a),
				 (unsigned long long)a->states, cell->differs[0] ? ":" : "");
			if (cell->differs[0])
				out_line(&s->out, "    %s", cell->differs);
		}
	out_line(&s->out, "%u cells, %u otherwise than argued, %u wrong", t->rows * t->columns, work.differ, work.wrong);
}

/* The cell's machine in session.probe. */
static enum status cell_build(struct session *s, struct complaint *c)
{
	const struct verdict_table *t = &work.table;
	char path[SCENARIO_PATH], name[48], *text;
	struct scenario_variant *v;
	enum status status;

	if (library_find(t->row[work.row].scenario, path, name, c) != OK || !(text = library_read(path, c)))
		return c->status;
	status = scenario_read(s->spare, name, text, s->probe, &s->fx, c);
	free(text);
	if (status != OK)
		return status;
	v = &s->spare->variant[0];
	if (snprintf(v->switches, sizeof(v->switches), "%s %s", t->row[work.row].switches,
		     t->column[work.column].switches) >= (int)sizeof(v->switches))
		return complain(c, BAD_LIMIT, "the switches of %s and %s together are longer than %zu bytes",
				t->row[work.row].name, t->column[work.column].name, sizeof(v->switches) - 1);
	return scenario_build(s->spare, 0, s->probe, &s->fx, c);
}

/* Begins the search of a cell; false, said, when it cannot be. */
static bool begin(struct session *s)
{
	static const struct explore_options options = { 0 };
	struct complaint c = { 0 };

	if (cell_build(s, &c) == OK) {
		work.running = hunt_begin(&work.search, s->probe, &options, true);
		if (work.running)
			return true;
		complain(&c, BAD_LIMIT, "there is no memory for a search");
	}
	out_error(&s->out, "%s, row %s, column %s: %s", work.table.name, work.table.row[work.row].name,
		  work.table.column[work.column].name, c.text);
	s->mistake = true;
	return false;
}

static void end(struct session *s)
{
	if (work.running) {
		hunt_stop(&work.search);
		hunt_free(&work.search);
		work.running = false;
	}
	s->job = (struct job){ 0 };
}

static void stop(struct session *s)
{
	end(s);
	s->bound = true;
	out_line(&s->out, "interrupted in row %s", work.table.row[work.row].name);
}

static void note(void)
{
	const struct explore_result *r = work.search.result;

	work.answer[work.row][work.column] = (struct answer){
		.verdict = runner_verdict(r), .rule = r->rule, .states = r->states, .depth = r->depth,
		.seconds = work.search.seconds,
	};
	hunt_free(&work.search);
	work.running = false;
}

static bool slice(struct session *s, int ms)
{
	if (work.running) {
		bool over = hunt_slice(&work.search, ms);

		/* A violation is enough: its shortest way is not asked for. */
		if (!over && work.search.phase != HUNT_SHORTEST)
			return false;
		if (!over)
			hunt_stop(&work.search);
		note();
		say_cell(s);
		if (++work.column == work.table.columns) {
			if (!s->out.json)
				say_row(s);
			work.column = 0;
			work.row++;
		}
	}
	if (work.row < work.table.rows) {
		if (begin(s))
			return false;
		end(s);
		return true;
	}
	end(s);
	if (!s->out.json)
		say_differences(s);
	s->failure |= work.wrong > 0;
	return true;
}

static const char *progress(struct session *s)
{
	static char buf[120];

	(void)s;
	snprintf(buf, sizeof(buf), "%.40s %s %s: %llu states", work.table.name, work.table.row[work.row].name,
		 work.table.column[work.column].name,
		 work.running ? (unsigned long long)work.search.search.result->states : 0ull);
	return buf;
}

enum status verdicts_start(struct session *s, const char *path, struct complaint *c)
{
	memset(&work, 0, sizeof(work));
	if (verdict_table_read(&work.table, path, c) != OK) {
		struct complaint in = *c;

		return in.line ? complain(c, in.status, "%.80s:%u: %.100s", path, in.line, in.text) : in.status;
	}
	if (!s->out.json)
		say_head(s);
	s->job = (struct job){ .slice = slice, .stop = stop, .progress = progress };
	return OK;
}
