/*
 * Searching as long work: in slices, with progress and ^C. The search has a machine of its own
 * (session.probe), so panes can be drawn while it runs.
 */
#ifndef RUNNER_H
#define RUNNER_H

#include "explore.h"
#include "session.h"

/* A search of one machine, with its memory and its clock. */
struct runner {
	struct explorer *x;
	enum explore_order order;
	void *memory;
	size_t bytes;
	double started, seconds;
	const struct explore_result *result;
};

/* Begins at the state of m, which is not touched. False when there is no memory for a search. */
bool runner_begin(struct runner *r, struct machine *m, const struct explore_options *o);
/* Works for about ms milliseconds; true when the search is over. */
bool runner_slice(struct runner *r, int ms);
/* Ends it: the result is whole now, and stays until runner_free. */
void runner_end(struct runner *r);
void runner_free(struct runner *r);


/* The search that is under way, NULL when none is: for the report of a bug. */
const struct explorer *runner_current(void);

/* "0.8 ms", "2.31 s". */
void duration_text(struct text *t, double seconds);

/* A broken rule outweighs a bound that was hit later. */
enum verdict runner_verdict(const struct explore_result *r);

/* Takes the steps of the result's trace from here without a word; what breaks at its end is said,
 * and the end gets a mark. */
void runner_land(struct session *s, const struct explore_result *r, const char *mark,
		 const char *text);
/* The trace as an array of labels, for JSON. */
json_t *runner_labels(const struct session *s, const struct explore_result *r);

/* The rules of a mask, lints or the others, as an array of names; a line of text for each. */
json_t *runner_rule_names(uint32_t mask, bool lints);
void runner_say_rules(struct output *o, uint32_t mask);

/* Seconds of a clock that never goes back. */
double runner_clock(void);

/* How `explore` goes about it, beside what is searched. */
struct explore_manner {
	bool shorter;	     /* a way that is not a shortest one is minimised */
	bool may_reduce;     /* see hunt.h */
	double most_seconds; /* 0 = no bound */
};

/* Starts `explore` from the present state as the session's job; it ends at the violation. */
enum status explore_start(struct session *s, const struct explore_options *o, const struct explore_manner *how,
			  struct complaint *c);

#endif
