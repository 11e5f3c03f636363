/*
 * One shard of a search that several processes share out: `explore --shard i/n`. What a shard guarantees is
 * said in explore.h and docs/scale.md.
 *
 * The JSON of a shard carries what it is (SHARD_KEYS): shards belong together when all of that is equal but
 * the shard's own number.
 */
#ifndef SHARD_H
#define SHARD_H

#include "explore.h"
#include "session.h"

#define MAX_SHARDS 65536u

/* Reads "i/n". */
enum status shard_read(struct word w, struct explore_options *o, struct complaint *c);
/* Can a search with these options be shared out? */
enum status shard_fits(const struct explore_options *o, struct complaint *c);

/* The search with these options begins at the session's present state; one that is no shard is forgotten. */
void shard_begin(const struct session *s, const struct explore_options *o, const char *until);
/* Adds "shard" and "coverage" to the answer of a search that is a shard. */
void shard_json(json_t *answer, const struct explore_result *r);
/* Says which shard it was, in text. */
void shard_say(struct output *o);

/* Digest of a scenario's text. */
uint64_t shard_text(const struct scenario *sc);

#endif
