/*
 * The family "exploring": every order of steps.
 */
#include <stdlib.h>
#include <string.h>

#include "another.h"
#include "commands.h"
#include "cost.h"
#include "cover.h"
#include "gains.h"
#include "hunt.h"
#include "library.h"
#include "litmus_job.h"
#include "merge.h"
#include "outcome.h"
#include "runner.h"
#include "shard.h"
#include "shorten.h"
#include "twin.h"
#include "verify.h"

/* explore [NAME] [all] and options, in any order, and until EXPR behind them. */
struct wish {
	char name[1024], variant[MAX_NAME + 1], until[EXPR_TEXT], spec[SPEC_LINE]; /* spec: a set-up line, "" = as it is */
	struct explore_options options;
	bool json, seed, as_found, outcomes, whole;
	uint64_t seconds;
	json_t *files; /* to merge, NULL = this is a search */
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
	if (word_is(w, "dfs")) {
		*order = ORDER_DEPTH;
		return OK;
	}
	return complain(c, BAD_VALUE,
			"'%.*s' after --order should be breadth, preemption, depth (or dfs) or random",
			(int)(w.len < 60 ? w.len : 60), w.at);
}

static struct expr goal; /* of the search that goes on */

static bool goal_reached(const struct machine *m, void *self)
{
	const struct expr_place place = { .m = m };

	return expr_true(self, &place);
}

static enum status reduce_read(const char **rest, unsigned *reduce, struct complaint *c)
{
	struct word w = { "the end of the line", 19 };

	if (arg_next(rest, &w) && reductions_read(w, reduce))
		return OK;
	return complain(c, BAD_VALUE, "'%.*s' after --reduce should be all, or a list of whims, ample, fuse, symmetry, counters, sleep",
			(int)(w.len < 60 ? w.len : 60), w.at);
}

static enum status fingerprint_read(const char **rest, bool *wide, struct complaint *c)
{
	struct word w = { "the end of the line", 19 };

	arg_next(rest, &w);
	*wide = word_is(w, "128");
	if (*wide || word_is(w, "64"))
		return OK;
	return complain(c, BAD_VALUE, "'%.*s' after --fingerprint should be 64 or 128", (int)(w.len < 60 ? w.len : 60),
			w.at);
}

/* What does not go together. */
static enum status reduce_check(const struct wish *wish, struct complaint *c)
{
	struct explore_options o = wish->options;

	o.goal = wish->until[0] ? goal_reached : NULL;
	if (o.reduce && wish->whole)
		return complain(c, BAD_SYNTAX, "'--no-reduce' does not go with --reduce");
	if (o.reduce && (wish->outcomes || hunt_whole(&o)))
		return complain(c, BAD_SYNTAX, "'%s' does not go with --reduce: that looks at some states only, breadth first",
				wish->outcomes ? "outcomes" : hunt_whole(&o));
	if (o.wide && (o.order == ORDER_DEPTH || o.order == ORDER_RANDOM))
		return complain(c, BAD_SYNTAX, "'--fingerprint' of 128 bits goes with the orders breadth and preemption");
	return OK;
}

/* Outcomes come from a whole search. */
static enum status outcomes_check(const struct wish *wish, struct complaint *c)
{
	if (wish->outcomes && wish->seconds)
		return complain(c, BAD_SYNTAX, "'--max-seconds' does not go with outcomes: they come from a whole search");
	if (wish->outcomes && (wish->options.order != ORDER_BREADTH || wish->until[0]))
		return complain(c, BAD_SYNTAX, "'%s' does not go with outcomes: they come from a whole search, "
			"breadth first", wish->until[0] ? "until" : "--order");
	return OK;
}

static enum status wish_read(struct wish *wish, const char *rest, struct complaint *c)
{
	struct word w;
	uint64_t n = 0;

	while (arg_next(&rest, &w)) {
		enum status status = OK;

		if (wish->files && !(w.len && *w.at == '-')) {
			json_array_append_new(wish->files, json_stringn_nocheck(w.at, w.len));
		} else if (word_is(w, "all")) {
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
			wish->seed = true;
		} else if (word_is(w, "--walks")) {
			status = number(&rest, "--walks", 1ull << 53, &wish->options.walks, c);
		} else if (word_is(w, "--shard")) {
			w = (struct word){ "the end of the line", 19 };
			arg_next(&rest, &w);
			status = shard_read(w, &wish->options, c);
		} else if (word_is(w, "--merge")) {
			wish->files = wish->files ? wish->files : json_array();
		} else if (word_is(w, "--reduce")) {
			status = reduce_read(&rest, &wish->options.reduce, c);
		} else if (word_is(w, "--no-reduce")) {
			wish->whole = true;
		} else if (word_is(w, "--spec")) {
			status = arg_spec(&rest, wish->spec, c);
		} else if (word_is(w, "--fingerprint")) {
			status = fingerprint_read(&rest, &wish->options.wide, c);
		} else if (word_is(w, "--max-states")) {
			status = number(&rest, "--max-states", UINT32_MAX,
					&wish->options.max_states, c);
		} else if (word_is(w, "--max-seconds")) {
			status = number(&rest, "--max-seconds", 1u << 30, &wish->seconds, c);
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
	if (reduce_check(wish, c) != OK || shard_fits(&wish->options, c) != OK)
		return c->status;
	return outcomes_check(wish, c);
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

static enum status search(struct session *s, struct wish *wish, struct complaint *c)
{
	enum status status = goal_read(s, wish, c);

	if (status == OK && wish->name[0])
		status = session_load(s, wish->name, wish->variant, c);
	else if (status == OK)
		status = session_need(s, c);
	if (status == OK && !wish->name[0] && wish->variant[0]) {
		unsigned v = scenario_variant_find(
			s->sc, (struct word){ wish->variant, strlen(wish->variant) });

		status = v == NONE ? complain(c, BAD_NAME,
					      "'%s' is no variant of %s: `variant` lists them",
					      wish->variant, s->sc->name) :
				     session_restart(s, v, c);
	}
	if (status == OK && wish->spec[0])
		status = session_setup(s, wish->spec, c);
	if (status != OK)
		return status;
	if (!wish->seed)
		wish->options.seed = s->set.seed;
	shard_begin(s, &wish->options, wish->until);
	if (wish->outcomes)
		return outcomes_start(s, &wish->options, c);
	return explore_start(s, &wish->options, &(struct explore_manner){ !wish->as_found, !wish->whole, (double)wish->seconds }, c);
}

static bool asks_for_search(const struct wish *wish)
{
	const struct explore_options *o = &wish->options;

	return o->order || wish->seed || o->walks || o->threads || o->max_states || o->max_depth || o->shards ||
	       o->all || wish->seconds || o->reduce || o->wide || wish->until[0] || wish->outcomes || wish->as_found || wish->whole ||
	       wish->spec[0];
}

/* Makes session.probe the machine that the shards searched, where they began, when that is asked for or
 * at hand; *there is whether it was. */
static enum status merge_machine(struct session *s, struct wish *wish, const struct merged *u, bool *there,
				 struct complaint *c)
{
	struct complaint no;
	enum status status = OK;

	if (wish->variant[0] && strcmp(wish->variant, merge_word(u, "variant")))
		return complain(c, BAD_NAME, "the shards searched the variant '%.12s', not '%s'",
				merge_word(u, "variant"), wish->variant);
	snprintf(wish->variant, sizeof(wish->variant), "%s", merge_word(u, "variant"));
	if (!wish->name[0]) {
		*there = s->loaded && merge_same(u, "", s->sc, s->variant, s->m, &no) == OK;
		if (*there)
			memcpy(s->probe, s->m, sizeof(*s->probe));
		return OK;
	}
	*there = machine_try(s, wish);
	if (*there)
		status = merge_same(u, wish->name, s->spare,
				    scenario_variant_find(s->spare, (struct word){ wish->variant, strlen(wish->variant) }),
				    s->probe, c);
	return status;
}

static enum status merge(struct session *s, struct wish *wish, struct complaint *c)
{
	static struct explore_result trace;
	struct merged u = { 0 };
	bool there = false;
	enum status status = OK;

	if (asks_for_search(wish))
		return complain(c, BAD_SYNTAX, "--merge takes files, NAME, --variant and --json: the rest is in the files");
	status = merge_read(s, wish->files, &u, c);
	if (status == OK)
		status = merge_machine(s, wish, &u, &there, c);
	if (status == OK && there && u.best)
		status = merge_take(s, &u, s->probe, &trace, c);
	/* What is wrong with a scenario is said when it is loaded. */
	if (status == OK && wish->name[0])
		status = session_load(s, wish->name, wish->variant, c);
	if (status == OK)
		merge_finish(s, &u, there && u.best ? &trace : NULL);
	merge_free(&u);
	return status;
}

static enum status cmd_explore(struct session *s, const char *rest, struct complaint *c)
{
	struct wish wish = { 0 };
	enum status status = wish_read(&wish, rest, c);
	bool was = s->out.json;

	s->out.json |= wish.json;
	if (status == OK)
		status = wish.files ? merge(s, &wish, c) : search(s, &wish, c);
	json_decref(wish.files);
	if (status == OK)
		s->json_once = wish.json && !was;
	else
		s->out.json = was;
	return status;
}

static enum status cmd_next_bad(struct session *s, const char *rest, struct complaint *c)
{
	struct word w = { "", 0 };
	bool here = arg_next(&rest, &w) && word_is(w, "here");

	if (w.len && !here)
		return complain(c, BAD_SYNTAX, "'%.*s' after next-bad should be here, or nothing", (int)(w.len < 60 ? w.len : 60),
				w.at);
	return arg_end(rest, c) == OK ? another_start(s, here, c) : c->status;
}

static enum status cmd_gains(struct session *s, const char *rest, struct complaint *c)
{
	return arg_end(rest, c) == OK ? gains_start(s, c) : c->status;
}

static enum status cmd_cost(struct session *s, const char *rest, struct complaint *c)
{
	uint64_t n;

	return arg_count(rest, COST_WALKS, 1000000, &n, c) == OK ? cost_start(s, n, c) : c->status;
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

static enum status cmd_litmus(struct session *s, const char *rest, struct complaint *c)
{
	return litmus_start(s, rest, c);
}

static enum status cmd_verify(struct session *s, const char *rest, struct complaint *c)
{
	return verify_start(s, rest, c);
}

static const struct command rows[] = {
	{ "explore", "search",
	  "explore [NAME] [all|outcomes] [--variant V] [--order O] [--threads N] [--seed N] [--walks N] "
	  "[--max-states N] [--max-depth N] [--max-seconds N] [--reduce LIST] [--no-reduce] [--fingerprint BITS] [--no-minimise] [--spec S] "
	  "[--shard I/N] [--json] [until EXPR], or "
	  "explore [NAME] --merge FILE ... [--json]",
	  "search every order of steps for one that breaks a rule",
	  "Breadth first from this state (or from the start of NAME), so the violation it finds "
	  "is a shortest one; you land "
	  "in the bad state, marked @bad. `all` goes on and collects every rule that can be "
	  "broken; `outcomes` lists what every order ends in, by what the user sees, for `outcome N` to go to. "
	  "The order may be breadth "
	  "(fewest steps), preemption (fewest preemptions), depth or random (--walks runs drawn "
	  "from --seed); what the last two find is minimised unless --no-minimise is there. "
	  "Two threads give the answer of one. A search that becomes long begins again and looks at fewer states "
	  "for the same verdict: --reduce does so at once, by all or a list of whims, ample, fuse, symmetry, counters, sleep (`gains` says "
	  "what each saves); --no-reduce never. `--spec` builds the machine with other speculation first, as the set-up line `machine spec=` does: saturate is the "
	  "one for searches. `until` looks for a state where an "
	  "expression is true, too, and marks it @goal. ^C stops it. `--shard I/N` is one of N processes that share "
	  "out a random or a depth-first search (dfs is depth); `--merge` unites what they printed with --json, and "
	  "with NAME goes to where the best trace ends.",
	  "explore mremap-late-flush --variant fixed", CMD_CHANGE | CMD_KEEP, cmd_explore, "svx" },
	{ "gains", "", "gains", "what each reduction of the search saves here",
	  "From this state the whole search, then the same with each reduction: whims of the hardware as late as "
	  "they matter; ample, where a step commutes with all others may do first, that step alone; fuse, such steps in one go; "
	  "symmetry, states that differ in which CPU, task or frame is which counted once; counters, the same of how far tlb_gen and "
	  "generations of frames have moved; sleep, of two steps that commute one order, which saves steps and "
	  "no states. The verdict is the same in each row.",
	  "load mremap-late-flush fixed; gains", CMD_UNRECORDED, cmd_gains, "" },
	{ "cost", "", "cost [N]", "what keeping TLBs coherent takes under each variant",
	  "From its start the scenario runs N times (1000) under each variant, in orders drawn from the seed, whims of the "
	  "hardware left out. Means of a run: interrupts sent and taken, ticks that mattered, steps in their handlers, steps that "
	  "CPUs spent waiting for others to flush or to park, steps during which a CPU held an entry that the tables no longer "
	  "grant, and steps in all; then how many runs broke a rule. Counts of steps, not times.",
	  "load protocol-munmap; cost", CMD_UNRECORDED, cmd_cost, "" },
	{ "next-bad", "", "next-bad [here]", "go to another counterexample",
	  "It begins where the last `explore` began, or at this state. First the rules that were not shown "
	  "yet, a shortest way to each; then the way with the fewest preemptions, then a random "
	  "one, then one found depth first, if it is another one than those shown. That none is found proves nothing.",
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
	{ "litmus", "", "litmus FILE|- [NAME ...] [--ipi] [--max-states N]",
	  "decide each litmus test of a file by a complete search and compare with its verdict",
	  "Threads of raw instructions on TLBs and page tables: an outcome is forbidden when no order ends with it, "
	  "allowed when one does, required when all do. A row for each test, and a way to the outcome where there is "
	  "one; `load litmus FILE NAME` steps it. With --ipi, shoot is the kernel's own flush with its interrupts.",
	  "litmus elt.txt", CMD_UNRECORDED, cmd_litmus, "" },
	{ "verify", "", "verify [NAME|FILE|FOLDER ...] [--spec S], or verify TABLE",
	  "search every variant of every scenario and compare with its expect lines",
	  "A row for each, with ok or WRONG; below it a line for each outcome that the variant expects: forbidden when the "
	  "expression is true in no state in which the machine ends, allowed when in one, required when in all. Scenarios "
	  "without a word are all there are. `--spec saturate` has speculation fill caches in all of them, whatever they say. "
	  "A table, NAME.table beside the scenarios, has dangers down and variants across: "
	  "every pair is decided by searching, safe or broken, and * marks what is argued otherwise; async-verdict is one.",
	  "verify shootdown-tutorial", CMD_UNRECORDED, cmd_verify, "s" },
};

const struct command_group group_exploring = { "exploring", "Exploring", rows,
					       sizeof(rows) / sizeof(rows[0]) };
