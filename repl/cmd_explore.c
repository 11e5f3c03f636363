/*
 * The family "exploring": every order of steps.
 */
#include <stdlib.h>
#include <string.h>

#include "another.h"
#include "commands.h"
#include "cover.h"
#include "library.h"
#include "outcome.h"
#include "runner.h"
#include "shorten.h"
#include "twin.h"
#include "verify.h"

/* explore [NAME] [all] and options, in any order, and until EXPR behind them. */
struct wish {
	char name[1024], variant[MAX_NAME + 1], until[EXPR_TEXT];
	struct explore_options options;
	bool json, as_found, outcomes;
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
		} else if (word_is(w, "outcomes")) {
			wish->outcomes = true;
		} else if (word_is(w, "--json")) {
			wish->json = true;
		} else if (word_is(w, "--no-minimise")) {
			wish->as_found = true;
		} else if (word_is(w, "--variant")) {
			if (!arg_next(&rest, &w) ||
			    !word_copy(w, wish->variant, sizeof(wish->variant)))
				status = complain(c, BAD_SYNTAX,
						  "--variant needs the name of a variant");
		} else if (word_is(w, "--order")) {
			status = order_read(&rest, &wish->options.order, c);
		} else if (word_is(w, "--threads")) {
			status = number(&rest, "--threads", 2, &n, c);
			wish->options.threads = (unsigned)n;
		} else if (word_is(w, "--seed")) {
			status = number(&rest, "--seed", UINT64_MAX, &wish->options.seed, c);
		} else if (word_is(w, "--walks")) {
			status = number(&rest, "--walks", UINT64_MAX, &wish->options.walks, c);
		} else if (word_is(w, "--max-states")) {
			status = number(&rest, "--max-states", UINT32_MAX,
					&wish->options.max_states, c);
		} else if (word_is(w, "--max-depth")) {
			status = number(&rest, "--max-depth", MAX_TRACE, &n, c);
			wish->options.max_depth = (uint32_t)n;
		} else if (word_is(w, "until")) {
			rest += strspn(rest, " \t");
			if (strlen(rest) >= sizeof(wish->until))
				return complain(
					c, BAD_LIMIT,
					"an expression has at most %u bytes: EXPR_TEXT is %u",
					EXPR_TEXT - 1, EXPR_TEXT);
			if (!*rest)
				return complain(c, BAD_SYNTAX,
						"until needs an expression: `help expressions`");
			strcpy(wish->until, rest);
			rest += strlen(rest);
		} else if (wish->name[0] || (w.len && *w.at == '-')) {
			status = complain(
				c, BAD_SYNTAX,
				"'%.*s' is not understood: `help explore` lists the options",
				(int)(w.len < 60 ? w.len : 60), w.at);
		} else {
			arg_copy(w, wish->name, sizeof(wish->name));
		}
		if (status != OK)
			return status;
	}
	return OK;
}

static enum status outcomes_check(const struct wish *wish, struct complaint *c)
{
	if (wish->outcomes && (wish->options.order != ORDER_BREADTH || wish->until[0]))
		return complain(c, BAD_SYNTAX, "'%s' does not go with outcomes: they come from a whole search, "
			"breadth first", wish->until[0] ? "until" : "--order");
	return OK;
}

static struct expr goal; /* of the search that goes on */

static bool goal_reached(const struct machine *m, void *self)
{
	const struct expr_place place = { .m = m };

	return expr_true(self, &place);
}

/* Builds the machine that is asked for in session.probe, so that the goal can be read before
 * anything changes. */
static bool machine_try(struct session *s, const struct wish *wish)
{
	char path[SCENARIO_PATH], name[48];
	struct complaint no;
	char *text;
	unsigned v = 0;
	bool well;

	if (library_find(wish->name, path, name, &no) != OK || !(text = library_read(path, &no)))
		return false;
	well = scenario_read(s->spare, name, text, s->probe, &s->fx, &no) == OK;
	free(text);
	if (well && wish->variant[0])
		v = scenario_variant_find(s->spare,
					  (struct word){ wish->variant, strlen(wish->variant) });
	return well && v != NONE && scenario_build(s->spare, v, s->probe, &s->fx, &no) == OK;
}

static enum status goal_read(struct session *s, struct wish *wish, struct complaint *c)
{
	const struct machine *m = s->m;
	enum status status;

	if (!wish->until[0])
		return OK;
	/* What is wrong with a scenario is said when it is loaded. */
	if (wish->name[0] && !machine_try(s, wish))
		return OK;
	if (wish->name[0])
		m = s->probe;
	else if (session_need(s, c) != OK)
		return c->status;
	status = expr_read(m, wish->until, &goal, c);
	if (status == OK && goal.path)
		status = complain(c, BAD_VALUE,
				  "`step` and `broken` ask for the path to a state, but a search "
				  "looks at states alone");
	wish->options.goal = goal_reached;
	wish->options.goal_self = &goal;
	return status;
}

static enum status cmd_explore(struct session *s, const char *rest, struct complaint *c)
{
	struct wish wish = { 0 };
	enum status status = wish_read(&wish, rest, c);
	bool was = s->out.json;

	if (status == OK)
		status = outcomes_check(&wish, c);
	if (status == OK)
		status = goal_read(s, &wish, c);
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
	if (!wish.options.seed)
		wish.options.seed = s->set.seed;
	s->out.json |= wish.json;
	s->json_once = wish.json && !was;
	if (wish.outcomes)
		return outcomes_start(s, &wish.options, c);
	return explore_start(s, &wish.options, !wish.as_found, c);
}

static enum status cmd_next_bad(struct session *s, const char *rest, struct complaint *c)
{
	return arg_end(rest, c) == OK ? another_start(s, c) : c->status;
}

static enum status cmd_outcome(struct session *s, const char *rest, struct complaint *c)
{
	uint64_t n;

	return arg_count(rest, 0, MAX_OUTCOMES, &n, c) == OK ? outcome_goto(s, n, c) : c->status;
}

static enum status cmd_minimise(struct session *s, const char *rest, struct complaint *c)
{
	return arg_end(rest, c) == OK ? minimise_start(s, c) : c->status;
}

static enum status cmd_verify(struct session *s, const char *rest, struct complaint *c)
{
	return verify_start(s, rest, c);
}

static const struct command rows[] = {
	{ "explore", "search",
	  "explore [NAME] [all|outcomes] [--variant V] [--order O] [--threads N] [--seed N] [--walks N] "
	  "[--max-states N] [--max-depth N] [--no-minimise] [--json] [until EXPR]",
	  "search every order of steps for one that breaks a rule",
	  "Breadth first from this state (or from the start of NAME), so the violation it finds "
	  "is a shortest one; you land "
	  "in the bad state, marked @bad. `all` goes on and collects every rule that can be "
	  "broken; `outcomes` lists what every order ends in, by what the user sees, for `outcome N` to go to. "
	  "The order may be breadth "
	  "(fewest steps), preemption (fewest preemptions), depth or random (--walks runs drawn "
	  "from --seed); what the last two find is minimised unless --no-minimise is there. Two threads give the answer of one. `until` looks for a state where an "
	  "expression is true, too, and marks it @goal. ^C stops it.",
	  "explore mremap-late-flush --variant fixed", CMD_CHANGE | CMD_KEEP, cmd_explore, "svx" },
	{ "next-bad", "", "next-bad", "go to another counterexample",
	  "It begins where the last `explore` began, or here. First the rules that were not shown "
	  "yet, a shortest way to each; then the way with the fewest preemptions, then a random "
	  "one, if it is another one than those shown. That none is found proves nothing.",
	  "explore; next-bad", CMD_MACHINE | CMD_CHANGE | CMD_KEEP, cmd_next_bad, "" },
	{ "outcome", "", "outcome N", "go to one of the ends that `explore outcomes` found",
	  "By a shortest way from where that search began. The end is marked @outcome.",
	  "explore outcomes; outcome 1", CMD_MACHINE | CMD_CHANGE | CMD_KEEP, cmd_outcome, "" },
	{ "minimise", "minimize", "minimise", "find a shorter way to the finding of this branch",
	  "Steps are left out and moved for as long as the same rule breaks: fewest steps first, then "
	  "fewest preemptions, then fewest switches. A shorter way is a branch of its own from the "
	  "start; you land at its end, @bad.",
	  "explore --order depth --no-minimise; minimise",
	  CMD_MACHINE | CMD_CHANGE | CMD_KEEP, cmd_minimise, "" },
	{ "twin", "", "twin [VARIANT] [all]", "follow the same schedule under another variant",
	  "The first step that differs and what differs then, the steps that only one of the two has, and "
	  "what each breaks. `fixed` is the twin of `buggy`. Where an actor has other lines to run, it "
	  "runs them until it is where it was here; `all` shows the steps that are alike, too.",
	  "explore; twin", CMD_MACHINE, cmd_twin, "v" },
	{ "cover", "", "cover", "what the last search never reached",
	  "Of every routine that it entered: the steps that no order took; then the actors' and the hardware's "
	  "actions that never came. A search that found nothing says little about them.",
	  "explore; cover", CMD_UNRECORDED, cmd_cover, "" },
	{ "verify", "", "verify [NAME|FILE|FOLDER ...]",
	  "search every variant of every scenario and compare with its expect lines",
	  "A row for each, with ok or WRONG at its end. Scenarios without a word are all there "
	  "are.",
	  "verify shootdown-tutorial", CMD_UNRECORDED, cmd_verify, "s" },
};

const struct command_group group_exploring = { "exploring", "Exploring", rows,
					       sizeof(rows) / sizeof(rows[0]) };
