/*
 * Uniting the results of shards: `explore --merge FILE...`.
 *
 * Rule: a file of results comes from elsewhere and may hold anything. A line that is not what a shard writes,
 * or is of another search than the first one, is refused as FILE:LINE with one sentence, and nothing changes.
 * Other lines of the same stream (objects with another "t") are passed over.
 */
#ifndef MERGE_H
#define MERGE_H

#include "coverage.h"
#include "session.h"

/* The answer of one shard. */
struct part {
	const char *file; /* NULL = the shard is missing */
	unsigned line;
	unsigned given; /* how often it was there */
	enum verdict verdict;
	bool goal;
	unsigned rule;
	uint32_t rules;
	char bound[24]; /* "" = it was not stopped */
	uint64_t states, transitions, finals;
	uint32_t depth, preemptions;
	json_t *trace; /* labels, for a violation */
};

struct merged {
	json_t *lines;	/* the objects that were read: names and traces are kept by them */
	json_t *shared; /* what the shards have in common, see shard.h, with scenario and variant */
	struct part *part;
	unsigned parts, there; /* n, and how many of them were given */
	unsigned first, proof, best; /* shards, from 1: read first, complete without a violation, best trace */
	enum verdict verdict;
	uint32_t rules;
	uint64_t states, transitions, finals; /* sums over the shards */
	uint32_t depth;			      /* deepest */
	unsigned verdicts[VERDICT_BOUND + 1];
	struct coverage cover;
};

/* Reads the files (an array of paths) and unites what they hold. *u is to be freed, whatever comes back. */
enum status merge_read(struct session *s, json_t *files, struct merged *u, struct complaint *c);
void merge_free(struct merged *u);
/* One of the words that the shards have in common: "scenario", "variant", "until", "seed" ... */
const char *merge_word(const struct merged *u, const char *key);

/* Is this machine, built from that scenario, the one that the shards searched, where they began? `name` is
 * what the sentence calls it. */
enum status merge_same(const struct merged *u, const char *name, const struct scenario *sc, unsigned variant,
		       const struct machine *m, struct complaint *c);
/* Takes the best trace on m: every step must be possible and the last one break its rule, or reach the goal.
 * The trace's actions and its measures come back in *r. */
enum status merge_take(struct session *s, const struct merged *u, struct machine *m, struct explore_result *r,
		       struct complaint *c);

/* Says the whole answer; with a trace to land on (r is not NULL), goes there from the present state. */
void merge_finish(struct session *s, const struct merged *u, const struct explore_result *r);

#endif
