/*
 * scenario.h - a scenario: a machine, its variants, what each is expected to show, and a narration.
 *
 * A scenario is text; every line is a command that can be typed.  This file reads the lines that
 * are about the scenario itself (title, source, about, variant, expect, say, do); the machine's lines
 * are those of setup.h.  The expression of an `expect VARIANT forbidden EXPR` is kept as text: the floor that evaluates
 * expressions reads it.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "machine.h"
#include "setup.h"

struct scenario_variant {
	char name[MAX_NAME];
	char switches[160];
};

struct scenario_expect {
	uint8_t variant;
	uint8_t rule;		/* enum rule_id; RULE_NONE = clean */
	unsigned line;
};

/* What a user may, cannot or must see in the end. */
struct scenario_outcome {
	uint8_t variant;
	uint8_t verdict;	/* enum litmus_verdict */
	uint16_t at, len;	/* of the expression, in text */
	unsigned line;
};

struct scenario_beat {
	bool say;		/* else do */
	uint16_t at, len;	/* of the words, in text */
	unsigned line;
};

struct scenario {
	char name[48];
	char title[120];
	char source[200];
	char about[900];	/* about lines, joined */
	struct scenario_variant variant[MAX_VARIANTS];
	unsigned variants;	/* at least 1: a scenario without any has `plain` */
	struct scenario_expect expect[MAX_EXPECTS];
	unsigned expects;
	struct scenario_outcome outcome[MAX_OUTCOME_LINES];
	unsigned outcomes;
	struct scenario_beat beat[MAX_BEATS];
	unsigned beats;
	char text[MAX_SCENARIO];
};

/* An empty machine that can name what is in it: where set-up begins. */
void scenario_begin(struct machine *m);
/* Reads the text, checks that every variant's machine can be built.  m is scratch space. */
enum status scenario_read(struct scenario *s, const char *name, const char *text, struct machine *m, struct effects *fx,
	struct complaint *c);
/* Builds the machine of one variant, ready for its first step. */
enum status scenario_build(const struct scenario *s, unsigned variant, struct machine *m, struct effects *fx,
	struct complaint *c);
/* Index of a variant, NONE when there is none of that name. */
unsigned scenario_variant_find(const struct scenario *s, struct word name);

#endif
