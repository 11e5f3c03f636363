/*
 * Shards: their words, and what they say of themselves. Rule: whatever decides what a shard finds is in its
 * JSON, so that results which do not belong together cannot be united.
 */
#include "shard.h"

#include <string.h>
#include <xxhash.h>

#include "coverage.h"

/* The shard that is searched; shards = 0 when none is. */
static struct {
	struct explore_options options;
	uint64_t text, start; /* digests: of the scenario's text, of the state where it began */
	char until[EXPR_TEXT];
} shard;

enum status shard_read(struct word w, struct explore_options *o, struct complaint *c)
{
	struct word of;
	struct word i = word_split(w, '/', &of);
	uint64_t number, count;

	if (!of.at || !word_number(i, &number) || !word_number(of, &count) || !number || number > count ||
	    count > MAX_SHARDS)
		return complain(c, BAD_VALUE, "'%.*s' after --shard should be I/N, such as 2/8, with I from 1 to N and N at most %u",
				(int)(w.len < 60 ? w.len : 60), w.at, MAX_SHARDS);
	o->shard = (uint32_t)number;
	o->shards = (uint32_t)count;
	return OK;
}

enum status shard_fits(const struct explore_options *o, struct complaint *c)
{
	uint64_t walks = o->walks ? o->walks : DEFAULT_WALKS;

	if (!o->shards)
		return OK;
	if (o->order != ORDER_DEPTH && o->order != ORDER_RANDOM)
		return complain(c, BAD_VALUE, "--shard goes with --order random or --order dfs: '%s' cannot be shared out",
				order_name(o->order));
	if (o->order == ORDER_RANDOM && walks < o->shards)
		return complain(c, BAD_VALUE, "%llu walks do not give each of %u shards one: --walks should be at least %u",
				(unsigned long long)walks, o->shards, o->shards);
	return OK;
}

uint64_t shard_text(const struct scenario *sc)
{
	return XXH3_64bits(sc->text, strlen(sc->text));
}

void shard_begin(const struct session *s, const struct explore_options *o, const char *until)
{
	shard.options = *o;
	shard.text = shard_text(s->sc);
	shard.start = s->m->digest;
	snprintf(shard.until, sizeof(shard.until), "%s", until);
}

/* Numbers of 64 bits are written as text: readers of JSON may not keep them. */
static json_t *big(const char *format, uint64_t n)
{
	char buf[32];

	snprintf(buf, sizeof(buf), format, (unsigned long long)n);
	return json_string(buf);
}

static json_t *identity(const struct explore_options *o)
{
	bool walks = o->order == ORDER_RANDOM;

	return json_pack("{s:i, s:i, s:s, s:o, s:I, s:I, s:I, s:b, s:s, s:o, s:o, s:s}", "i", (int)o->shard, "n",
			 (int)o->shards, "order", order_name(o->order), "seed", big("%llu", o->seed), "walks",
			 (json_int_t)(!walks ? 0 : o->walks ? o->walks : DEFAULT_WALKS), "max_states",
			 (json_int_t)o->max_states, "max_depth", (json_int_t)o->max_depth, "all", o->all, "until",
			 shard.until, "text", big("%016llx", shard.text), "start", big("%016llx", shard.start),
			 "program", PROGRAM_VERSION);
}

void shard_json(json_t *answer, const struct explore_result *r)
{
	struct coverage cover = { 0 };

	if (!shard.options.shards)
		return;
	coverage_add(&cover, r);
	json_object_set_new(answer, "shard", identity(&shard.options));
	json_object_set_new(answer, "coverage", coverage_json(&cover));
}

void shard_say(struct output *o)
{
	if (shard.options.shards)
		out_line(o, "shard %u of %u, drawn from seed %llu", shard.options.shard, shard.options.shards,
			 (unsigned long long)shard.options.seed);
}
