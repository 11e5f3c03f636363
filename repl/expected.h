/*
 * What a scenario expects of the states in which its machine ends: `expect VARIANT forbidden EXPR`, and allowed and
 * required. The expressions are those of `print`; a full search answers them.
 */
#ifndef EXPECTED_H
#define EXPECTED_H

#include "expr.h"
#include "explore.h"
#include "litmus.h"
#include "output.h"

struct expected {
	struct expr expr[MAX_OUTCOME_LINES];
	const struct scenario_outcome *outcome[MAX_OUTCOME_LINES]; /* of the scenario */
	unsigned count;
};

/* Those of one variant, read for a machine of the scenario (whichever variant's: names are the same); NONE = of all. The
 * complaint says which line was wrong. */
enum status expected_read(struct expected *x, const struct scenario *sc, unsigned variant, const struct machine *m,
			  struct complaint *c);
/* explore_options.ask; self is the struct expected. */
uint32_t expected_ask(const struct machine *m, void *self);
/* What a search that asked says about the i-th; UNSAID when a bound came before an answer. */
enum litmus_verdict expected_verdict(unsigned i, const struct explore_result *r);
/* Are all as they were expected? */
bool expected_hold(const struct expected *x, const struct explore_result *r);

/* An object for each, and a line for each. */
json_t *expected_json(const struct expected *x, const struct scenario *sc, const struct explore_result *r);
void expected_say(struct output *o, const struct expected *x, const struct scenario *sc, const struct explore_result *r);

#endif
