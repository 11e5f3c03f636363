/*
 * The family "exploring": every order of steps.
 */
#include <string.h>

#include "commands.h"
#include "runner.h"
#include "verify.h"

/* explore [NAME] [all] [--variant V] [--order O] [--max-states N] [--max-depth N] [--json], in any
 * order. */
struct wish {
	char name[1024], variant[MAX_NAME + 1];
	struct explore_options options;
	bool json;
};

static enum status number(const char **rest, const char *what, uint64_t most, uint64_t *n,
			  struct complaint *c)
{
	struct word w = { "the end of the line", 19 };

	if (!arg_next(rest, &w) || !word_number(w, n) || !*n || *n > most)
		return complain(c, BAD_VALUE, "'%.*s' after %s should be a number from 1 to %llu",
				(int)(w.len < 60 ? w.len : 60), w.at, what,
				(unsigned long long)most);
	return OK;
}

static enum status order_read(const char **rest, enum explore_order *order, struct complaint *c)
{
	struct word w = { "the end of the line", 19 };

	arg_next(rest, &w);
	for (unsigned o = 0; o < EXPLORE_ORDERS; o++)
		if (word_is(w, order_name((enum explore_order)o))) {
			*order = (enum explore_order)o;
			return OK;
		}
	return complain(c, BAD_VALUE,
			"'%.*s' after --order should be breadth, preemption, depth or random",
			(int)(w.len < 60 ? w.len : 60), w.at);
}

static enum status wish_read(struct wish *wish, const char *rest, struct complaint *c)
{
	struct word w;
	uint64_t n = 0;

	while (arg_next(&rest, &w)) {
		enum status status = OK;

		if (word_is(w, "all")) {
			wish->options.all = true;
		} else if (word_is(w, "--json")) {
			wish->json = true;
		} else if (word_is(w, "--variant")) {
			if (!arg_next(&rest, &w) ||
			    !word_copy(w, wish->variant, sizeof(wish->variant)))
				status = complain(c, BAD_SYNTAX,
						  "--variant needs the name of a variant");
		} else if (word_is(w, "--order")) {
			status = order_read(&rest, &wish->options.order, c);
		} else if (word_is(w, "--max-states")) {
			status = number(&rest, "--max-states", UINT32_MAX,
					&wish->options.max_states, c);
		} else if (word_is(w, "--max-depth")) {
			status = number(&rest, "--max-depth", MAX_TRACE, &n, c);
			wish->options.max_depth = (uint32_t)n;
		} else if (wish->name[0] || (w.len && *w.at == '-')) {
			status = complain(
				c, BAD_SYNTAX,
				"'%.*s' is not understood: explore [NAME] [all] [--variant V] "
				"[--max-states N] "
				"[--max-depth N] [--json]",
				(int)(w.len < 60 ? w.len : 60), w.at);
		} else {
			arg_copy(w, wish->name, sizeof(wish->name));
		}
		if (status != OK)
			return status;
	}
	return OK;
}

static enum status cmd_explore(struct session *s, const char *rest, struct complaint *c)
{
	struct wish wish = { 0 };
	enum status status = wish_read(&wish, rest, c);
	bool was = s->out.json;

	if (status == OK && wish.name[0])
		status = session_load(s, wish.name, wish.variant, c);
	else if (status == OK)
		status = session_need(s, c);
	if (status == OK && !wish.name[0] && wish.variant[0]) {
		unsigned v = scenario_variant_find(
			s->sc, (struct word){ wish.variant, strlen(wish.variant) });

		status = v == NONE ? complain(c, BAD_NAME,
					      "'%s' is no variant of %s: `variant` lists them",
					      wish.variant, s->sc->name) :
				     session_restart(s, v, c);
	}
	if (status != OK)
		return status;
	wish.options.seed = s->set.seed;
	s->out.json |= wish.json;
	s->json_once = wish.json && !was;
	return explore_start(s, &wish.options, c);
}

static enum status cmd_verify(struct session *s, const char *rest, struct complaint *c)
{
	return verify_start(s, rest, c);
}

static const struct command rows[] = {
	{ "explore", "search",
	  "explore [NAME] [all] [--variant V] [--order O] [--max-states N] [--max-depth N] "
	  "[--json]",
	  "search every order of steps for one that breaks a rule",
	  "Breadth first from this state (or from the start of NAME), so the violation it finds "
	  "is a shortest one; you land "
	  "in the bad state, marked @bad. `all` goes on and collects every rule that can be "
	  "broken. The order may be breadth "
	  "(fewest steps), preemption (fewest preemptions), depth or random. ^C stops it.",
	  "explore mremap-late-flush --variant fixed", CMD_CHANGE | CMD_KEEP, cmd_explore, "sv" },
	{ "verify", "", "verify [NAME|FILE|FOLDER ...]",
	  "search every variant of every scenario and compare with its expect lines",
	  "A row for each, with ok or WRONG at its end. Scenarios without a word are all there "
	  "are.",
	  "verify tutorial", CMD_UNRECORDED, cmd_verify, "s" },
};

const struct command_group group_exploring = { "exploring", "Exploring", rows,
					       sizeof(rows) / sizeof(rows[0]) };
