/*
 * Reading the results of shards, line by line, and uniting them. Rule: nothing is taken from a line before
 * all of it was checked.
 */
#include "merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shard.h"

enum {
	LINE_MOST = 1 << 20,
	BOUND_MOST = sizeof((struct part){ 0 }.bound) - 1,
};

/* Counts above this are not exact in every reader of JSON, and no search comes near it. */
#define COUNT_MOST ((1ll << 53) - 1)

/* ---- the shape of a result ---- */

enum shape { TEXT, TEXT_OR_NULL, COUNT, TRUTH, LIST, OBJECT };

struct field {
	const char *name;
	enum shape shape;
};

static const struct field of_result[] = {
	{ "scenario", TEXT }, { "variant", TEXT }, { "verdict", TEXT }, { "rule", TEXT_OR_NULL },
	{ "bound", TEXT_OR_NULL }, { "goal", TRUTH }, { "states", COUNT }, { "transitions", COUNT },
	{ "depth", COUNT }, { "preemptions", COUNT }, { "finals", COUNT }, { "trace", LIST }, { "rules", LIST },
	{ "lints", LIST }, { "shard", OBJECT }, { "coverage", OBJECT }, { NULL, TEXT },
};

static const struct field of_shard[] = {
	{ "i", COUNT }, { "n", COUNT }, { "order", TEXT }, { "seed", TEXT }, { "walks", COUNT },
	{ "max_states", COUNT }, { "max_depth", COUNT }, { "all", TRUTH }, { "until", TEXT }, { "text", TEXT },
	{ "start", TEXT }, { "program", TEXT }, { NULL, TEXT },
};

static bool has_shape(const json_t *item, enum shape shape)
{
	switch (shape) {
	case TEXT:
		return json_is_string(item);
	case TEXT_OR_NULL:
		return json_is_string(item) || json_is_null(item);
	case COUNT:
		return json_is_integer(item) && json_integer_value(item) >= 0 &&
		       json_integer_value(item) <= COUNT_MOST;
	case TRUTH:
		return json_is_boolean(item);
	case LIST:
		return json_is_array(item);
	case OBJECT:
		return json_is_object(item);
	}
	return false;
}

static enum status fields_check(json_t *object, const struct field *field, struct complaint *c)
{
	static const char *const names[] = { "a text", "a text or null", "a whole number from 0 to 2^53 - 1",
					     "true or false", "an array", "an object" };

	for (; field->name; field++)
		if (!has_shape(json_object_get(object, field->name), field->shape))
			return complain(c, BAD_VALUE, "'%s' of the result should be %s", field->name, names[field->shape]);
	return OK;
}

static const char *text_of(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static uint64_t count_of(json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* ---- one result ---- */

static enum status rules_read(json_t *line, const char *key, bool lints, uint32_t *rules, struct complaint *c)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(line, key), i, item) {
		const char *name = json_is_string(item) ? json_string_value(item) : "";
		unsigned rule = rule_find((struct word){ name, strlen(name) });

		if (!rule || (rule_table[rule].severity == LINT) != lints)
			return complain(c, BAD_NAME, "'%.40s' in '%s' is no %s of this program: `rules` lists them", name,
					key, lints ? "lint" : "rule");
		*rules |= 1u << rule;
	}
	return OK;
}

static enum status verdict_read(json_t *line, struct part *p, struct complaint *c)
{
	const char *name = text_of(line, "verdict"), *rule = text_of(line, "rule");
	bool dfs = !strcmp(text_of(json_object_get(line, "shard"), "order"), order_name(ORDER_DEPTH));

	for (p->verdict = VERDICT_VIOLATION; strcmp(name, verdict_name(p->verdict)); p->verdict++)
		if (p->verdict == VERDICT_BOUND)
			return complain(c, BAD_VALUE, "'%.40s' is no verdict: violation, clean or bound", name);
	p->goal = json_is_true(json_object_get(line, "goal"));
	p->rule = rule_find((struct word){ rule, strlen(rule) });
	if (*rule && (!p->rule || !(rules_broken(p->rules) & (1u << p->rule))))
		return complain(c, BAD_NAME, "'%.40s' as 'rule' should be one of those in 'rules'", rule);
	if (strlen(text_of(line, "bound")) > BOUND_MOST)
		return complain(c, BAD_VALUE, "'%.40s' is no bound: states, depth, memory, walks or interrupted",
				text_of(line, "bound"));
	strcpy(p->bound, text_of(line, "bound"));
	if ((p->verdict == VERDICT_VIOLATION) != (p->rule || p->goal) || (p->rule && p->goal) ||
	    (p->verdict != VERDICT_VIOLATION && rules_broken(p->rules)) ||
	    (p->verdict == VERDICT_BOUND && !p->bound[0]) || (p->verdict == VERDICT_CLEAN && (p->bound[0] || !dfs)))
		return complain(c, BAD_VALUE, "the verdict '%s' does not agree with the rest of the result: order, rule, rules, "
				"goal and bound", name);
	return OK;
}

static enum status trace_read(json_t *line, struct part *p, struct complaint *c)
{
	json_t *trace = json_object_get(line, "trace"), *item;
	bool violation = p->verdict == VERDICT_VIOLATION;
	size_t i;

	if (count_of(line, "depth") > MAX_TRACE || count_of(line, "preemptions") > json_array_size(trace) ||
	    json_array_size(trace) != (violation ? count_of(line, "depth") : 0))
		return complain(c, BAD_VALUE, "'trace' has %zu steps, which does not agree with depth and preemptions",
				json_array_size(trace));
	json_array_foreach(trace, i, item)
		if (!json_is_string(item) || json_string_length(item) >= MAX_LABEL)
			return complain(c, BAD_VALUE, "step %zu of 'trace' should be a label such as cpu0.step", i + 1);
	p->depth = (uint32_t)count_of(line, "depth");
	p->preemptions = (uint32_t)count_of(line, "preemptions");
	p->trace = trace;
	return OK;
}

static enum status part_read(json_t *line, struct part *p, struct coverage *cover, struct complaint *c)
{
	json_t *shard = json_object_get(line, "shard");

	if (json_integer_value(json_object_get(line, "v")) != 1)
		return complain(c, BAD_VALUE, "'v' should be 1: this program reads no other version of its results");
	if (!shard)
		return complain(c, BAD_VALUE, "this is the result of a whole search, not of a shard");
	if (fields_check(line, of_result, c) != OK || fields_check(shard, of_shard, c) != OK)
		return c->status;
	if (!count_of(shard, "n") || count_of(shard, "n") > MAX_SHARDS || !count_of(shard, "i") ||
	    count_of(shard, "i") > count_of(shard, "n"))
		return complain(c, BAD_VALUE, "shard %llu of %llu: there are 1 to %u shards, numbered from 1",
				(unsigned long long)count_of(shard, "i"), (unsigned long long)count_of(shard, "n"), MAX_SHARDS);
	if (rules_read(line, "rules", false, &p->rules, c) != OK || rules_read(line, "lints", true, &p->rules, c) != OK ||
	    verdict_read(line, p, c) != OK || trace_read(line, p, c) != OK)
		return c->status;
	p->states = count_of(line, "states");
	p->transitions = count_of(line, "transitions");
	p->finals = count_of(line, "finals");
	return coverage_read(json_object_get(line, "coverage"), cover, c);
}

/* ---- uniting ---- */

const char *merge_word(const struct merged *u, const char *key)
{
	return text_of(u->shared, key);
}

/* What the shards of one search have in common. */
static json_t *shared_of(json_t *line)
{
	json_t *shared = json_object();

	/* In this order, so that the first difference is the one that says most. */
	json_object_set(shared, "scenario", json_object_get(line, "scenario"));
	json_object_set(shared, "variant", json_object_get(line, "variant"));
	json_object_update(shared, json_object_get(line, "shard"));
	json_object_del(shared, "i");
	return shared;
}

static enum status differs(const struct merged *u, const char *key, json_t *here, struct complaint *c)
{
	char *now = json_dumps(here, JSON_ENCODE_ANY);
	char *then = json_dumps(json_object_get(u->shared, key), JSON_ENCODE_ANY);
	const struct part *first = &u->part[u->first - 1];

	complain(c, BAD_VALUE, "'%.20s' is %.40s, but %.40s in %.60s:%u: these are not shards of one search", key,
		 now ? now : "?", then ? then : "?", first->file, first->line);
	free(now);
	free(then);
	return c->status;
}

/* The first result says what the others must be. */
static enum status same_search(struct merged *u, json_t *line, struct complaint *c)
{
	json_t *shared = shared_of(line), *item;
	const char *key;

	if (!u->shared) {
		u->shared = shared;
		u->parts = (unsigned)count_of(shared, "n");
		u->first = (unsigned)count_of(json_object_get(line, "shard"), "i");
		u->part = calloc(u->parts, sizeof(*u->part));
		return u->part ? OK : complain(c, BAD_LIMIT, "there is no memory for %u shards", u->parts);
	}
	json_object_foreach(u->shared, key, item)
		if (!json_equal(item, json_object_get(shared, key))) {
			differs(u, key, json_object_get(shared, key), c);
			json_decref(shared);
			return c->status;
		}
	json_decref(shared);
	return OK;
}

/* Stopped from outside, so that the same shard may have come farther elsewhere. */
static bool cut_short(const struct part *p)
{
	return !strcmp(p->bound, "interrupted") || !strcmp(p->bound, "memory") || !strcmp(p->bound, "time");
}

static bool same_answer(const struct part *a, const struct part *b)
{
	return a->verdict == b->verdict && a->goal == b->goal && a->rule == b->rule && a->rules == b->rules &&
	       a->states == b->states && a->transitions == b->transitions && a->finals == b->finals &&
	       a->depth == b->depth && a->preemptions == b->preemptions && json_equal(a->trace, b->trace);
}

/* Puts a result in its place; of one that is there twice, the one that came farther counts. */
static enum status place(struct merged *u, const struct part *p, unsigned i, struct complaint *c)
{
	struct part *have = &u->part[i - 1];
	unsigned given = have->given + 1;

	if (have->file && !cut_short(p) && !cut_short(have) && !same_answer(p, have))
		return complain(c, BAD_VALUE, "shard %u has another answer here than in %.90s:%u, and a shard has one answer",
				i, have->file, have->line);
	if (!have->file || (cut_short(have) && (!cut_short(p) || p->states > have->states)))
		*have = *p;
	have->given = given;
	u->there += given == 1;
	return OK;
}

static enum status line_take(struct merged *u, json_t *line, const char *file, unsigned number, struct complaint *c)
{
	struct part p = { .file = file, .line = number };
	unsigned i;

	if (part_read(line, &p, &u->cover, c) != OK || same_search(u, line, c) != OK)
		return c->status;
	i = (unsigned)count_of(json_object_get(line, "shard"), "i");
	json_array_append(u->lines, line);
	return place(u, &p, i, c);
}

/* ---- files ---- */

static bool is_blank(const char *text, size_t n)
{
	return strspn(text, " \t\r\n") >= n;
}

static enum status text_take(struct merged *u, const char *text, size_t n, const char *file, unsigned number,
			     struct complaint *c)
{
	json_error_t error;
	json_t *line;
	enum status status = OK;

	if (n == LINE_MOST)
		return complain(c, BAD_LIMIT, "a line of results has at most %d bytes", LINE_MOST - 1);
	if (is_blank(text, n))
		return OK;
	line = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
	if (!line)
		return complain(c, BAD_SYNTAX, "this is not the JSON of a shard, or not all of it: %.120s", error.text);
	if (!json_is_object(line) || !json_is_string(json_object_get(line, "t")))
		status = complain(c, BAD_SYNTAX, "this is JSON, but no line of `explore --json`: it has no 't'");
	else if (!strcmp(text_of(line, "t"), "explore"))
		status = line_take(u, line, file, number, c);
	json_decref(line);
	return status;
}

static enum status stream_take(struct session *s, struct merged *u, FILE *f, const char *file, struct complaint *c)
{
	char *text = malloc(LINE_MOST + 1);
	enum status status = text ? OK : complain(c, BAD_LIMIT, "there is no memory for a line");
	unsigned number = 0;
	size_t n = 0;
	int ch;

	while (status == OK && n != SIZE_MAX) {
		number++;
		for (n = 0; n < LINE_MOST && (ch = getc_unlocked(f)) != EOF && ch != '\n';)
			text[n++] = (char)ch;
		text[n] = '\0';
		status = text_take(u, text, n, file, number, c);
		if (n < LINE_MOST && ch == EOF)
			n = SIZE_MAX;
	}
	free(text);
	c->line = 0;
	if (status != OK) {
		c->line = number;
		snprintf(s->bad_file, sizeof(s->bad_file), "%.199s", file);
	} else if (ferror(f)) {
		status = complain(c, BAD_FILE, "%.120s: it cannot be read", file);
	}
	return status;
}

static enum status file_take(struct session *s, struct merged *u, const char *file, struct complaint *c)
{
	size_t before = json_array_size(u->lines);
	struct stat st;
	enum status status;
	FILE *f;

	/* Opening a pipe would wait for whoever writes into it, so look first. */
	if (!stat(file, &st) && !S_ISREG(st.st_mode))
		return complain(c, BAD_FILE, "%.120s: this is no regular file", file);
	f = fopen(file, "r");
	if (!f)
		return complain(c, BAD_FILE, "%.120s: %s", file, strerror(errno));
	status = stream_take(s, u, f, file, c);
	fclose(f);
	if (status == OK && json_array_size(u->lines) == before)
		return complain(c, BAD_FILE, "%.100s: it holds no result of `explore --shard I/N --json`", file);
	return status;
}

/* ---- the whole ---- */

/* Fewest steps, then fewest preemptions; called in the order of the shards. */
static bool is_better(const struct part *p, const struct part *best)
{
	return p->depth < best->depth || (p->depth == best->depth && p->preemptions < best->preemptions);
}

static void sum(uint64_t *sum, uint64_t n)
{
	if (__builtin_add_overflow(*sum, n, sum))
		*sum = UINT64_MAX;
}

static void unite(struct merged *u)
{
	for (unsigned i = 1; i <= u->parts; i++) {
		const struct part *p = &u->part[i - 1];

		if (!p->file)
			continue;
		u->rules |= p->rules;
		u->verdicts[p->verdict]++;
		sum(&u->states, p->states);
		sum(&u->transitions, p->transitions);
		sum(&u->finals, p->finals);
		if (p->depth > u->depth)
			u->depth = p->depth;
		if (p->verdict == VERDICT_CLEAN && !u->proof)
			u->proof = i;
		if (p->verdict == VERDICT_VIOLATION && (!u->best || is_better(p, &u->part[u->best - 1])))
			u->best = i;
	}
	u->verdict = u->best ? VERDICT_VIOLATION : u->proof ? VERDICT_CLEAN : VERDICT_BOUND;
}

enum status merge_read(struct session *s, json_t *files, struct merged *u, struct complaint *c)
{
	json_t *file;
	size_t i;

	memset(u, 0, sizeof(*u));
	u->lines = json_array();
	if (!json_array_size(files))
		return complain(c, BAD_SYNTAX, "--merge needs the files that the shards have written");
	json_array_foreach(files, i, file)
		if (file_take(s, u, json_string_value(file), c) != OK)
			return c->status;
	unite(u);
	return OK;
}

void merge_free(struct merged *u)
{
	json_decref(u->lines);
	json_decref(u->shared);
	free(u->part);
}
