/*
 * The family "seeing": panes as text, expressions, translations, differences, explanations, the
 * timeline as a list.
 */
#include <string.h>

#include "commands.h"
#include "compare.h"
#include "displays.h"
#include "info.h"
#include "settings.h"
#include "steplist.h"
#include "why.h"

/* The page-table pane can be told whose tables, and which address. */
static enum status show_where(struct session *s, const char *rest, struct complaint *c)
{
	unsigned mm = s->mm;
	uint64_t va = 0;
	struct word w;

	while (arg_next(&rest, &w)) {
		unsigned named = name_find(&s->m->names, NAME_MM, w);

		if (named != NONE)
			mm = named;
		else if (!address_read(&s->m->names, w, &va) || va >= 1ull << 47)
			return complain(
				c, BAD_NAME,
				"'%.*s' should be an mm or an address, as in `show pagetable A "
				"heap+0`",
				(int)w.len, w.at);
	}
	s->mm = mm;
	s->va = va;
	return OK;
}

static void say_showable(struct session *s, const char *name, const char *help)
{
	if (s->out.json)
		out_object(&s->out, "topic", json_pack("{s:s, s:s}", "name", name, "text", help));
	else
		out_line(&s->out, "show %-12s %s", name, help);
}

static enum status cmd_show(struct session *s, const char *rest, struct complaint *c)
{
	const struct info_topic *topic;
	const struct pane *pane;
	struct word w;
	enum status status;

	if (!arg_next(&rest, &w)) {
		for (unsigned i = 0; i < PANES; i++)
			say_showable(s, pane_table[i]->name, pane_table[i]->help);
		for (topic = info_topics; topic->name; topic++)
			say_showable(s, topic->name, topic->help);
		return OK;
	}
	if (settings_show(s, w))
		return arg_end(rest, c);
	topic = info_find(w);
	if (topic && topic->say) {
		status = arg_end(rest, c);
		if (status == OK)
			topic->say(s);
		return status;
	}
	pane = topic ? pane_find((struct word){ topic->pane, strlen(topic->pane) }) : pane_find(w);
	if (!pane)
		return complain(c, BAD_NAME,
				"'%.*s' is nothing that can be shown: `show` lists what there is",
				(int)(w.len < 60 ? w.len : 60), w.at);
	status = !strcmp(pane->name, "pagetable") ? show_where(s, rest, c) : arg_end(rest, c);
	return status == OK ? pane_say(s, pane, c) : status;
}

/* ---- print, display ---- */

/* An expression without a comment and blanks at its end. */
static enum status text_read(const char *rest, char buf[EXPR_TEXT], struct complaint *c)
{
	size_t n = strcspn(rest, "#");

	while (n && strchr(" \t", rest[n - 1]))
		n--;
	if (n >= EXPR_TEXT)
		return complain(c, BAD_LIMIT, "an expression has at most %u bytes: EXPR_TEXT is %u",
				EXPR_TEXT - 1, EXPR_TEXT);
	memcpy(buf, rest, n);
	buf[n] = '\0';
	return OK;
}

static enum status cmd_print(struct session *s, const char *rest, struct complaint *c)
{
	char text[EXPR_TEXT];
	enum status status = text_read(rest, text, c);

	return status == OK ? print_say(s, text, c) : status;
}

static enum status cmd_display(struct session *s, const char *rest, struct complaint *c)
{
	struct display d = { .number = s->set.display_next };
	enum status status = text_read(rest, d.text, c);

	if (status == OK && !*d.text) {
		displays_say(s);
		return OK;
	}
	if (status == OK && s->set.displays == MAX_DISPLAYS)
		status = complain(
			c, BAD_LIMIT,
			"%u displays are set: MAX_DISPLAYS is %u, `undisplay N` makes room",
			MAX_DISPLAYS, MAX_DISPLAYS);
	if (status == OK)
		status = print_say(s, d.text, c);
	if (status != OK)
		return status;
	s->set.display_next++;
	s->set.display[s->set.displays++] = d;
	return OK;
}

static enum status cmd_undisplay(struct session *s, const char *rest, struct complaint *c)
{
	uint64_t n;
	enum status status = arg_count(rest, 0, UINT32_MAX, &n, c);
	unsigned kept = 0, all = s->set.displays;

	if (status != OK)
		return status;
	for (unsigned i = 0; i < all; i++)
		if (n && s->set.display[i].number != n)
			s->set.display[kept++] = s->set.display[i];
	if (n && kept == all)
		return complain(c, BAD_NAME, "there is no display %llu: `display` lists them",
				(unsigned long long)n);
	s->set.displays = kept;
	out_line(&s->out, "%u displays left", kept);
	return OK;
}

/* ---- why, rules ---- */

static enum status cmd_why(struct session *s, const char *rest, struct complaint *c)
{
	struct why why = { 0 };
	struct word w = { "", 0 };
	bool blocked = arg_next(&rest, &w);

	if (blocked && !word_is(w, "blocked"))
		return complain(c, BAD_SYNTAX, "'%.*s' should be `blocked` or nothing", (int)w.len,
				w.at);
	if (arg_end(rest, c) != OK)
		return c->status;
	if (machine_stuck(s->m)) {
		if (!s->out.json)
			out_line(&s->out, "deadlock: nobody can go on");
		blocked = true;
	}
	if (blocked ? !why_blocked(s->m, &why) : !why_finding(&s->t, &why))
		return complain(
			c, BAD_STATE,
			blocked ? "nobody waits" :
				  "no step up to here broke a rule: `explore` looks for one that "
				  "does");
	for (unsigned i = 0; i < why.lines; i++) {
		char lane[32] = "";
		struct text t = text_over(lane, sizeof(lane));

		if (why.line[i].lane < LANES)
			lane_text(&t, &s->m->names, why.line[i].lane);
		if (s->out.json)
			out_object(&s->out, "why",
				   json_pack("{s:I, s:s, s:s}", "n", (json_int_t)why.line[i].depth,
					     "agent", lane, "text", why.line[i].text));
		else if (blocked)
			out_line(&s->out, "%-6s %s", lane, why.line[i].text);
		else
			out_line(&s->out, "%5u  %-6s %s", why.line[i].depth, lane,
				 why.line[i].text);
	}
	return OK;
}

static const char *severity_word(unsigned rule)
{
	static const char *const words[] = { "manifest", "latent", "lint" };

	return words[rule_table[rule].severity];
}

static enum status cmd_rules(struct session *s, const char *rest, struct complaint *c)
{
	enum status status = arg_end(rest, c);

	for (unsigned r = 1; status == OK && r < RULE_COUNT; r++) {
		const struct rule_info *i = &rule_table[r];

		if (s->out.json)
			out_object(&s->out, "rule",
				   json_pack("{s:s, s:s, s:s, s:s}", "rule", i->name, "severity",
					     severity_word(r), "claim", i->claim, "harm", i->harm));
		else
			out_line(&s->out, "%-18s %-9s %s", i->name, severity_word(r), i->claim);
	}
	return status;
}

/* Does the rule break in the step to this depth of the path?  A deadlock is there from the last
 * step of a thread on, which may be none. */
static bool breaks_at(const struct session *s, unsigned rule, uint32_t depth)
{
	uint32_t last = s->t.cursor;

	if (rule != RULE_DEADLOCK)
		return s->t.node[timeline_at(&s->t, depth)].rules & (1u << rule);
	while (last && !action_is_progress(&s->t.node[last].action))
		last = s->t.node[last].parent;
	return machine_stuck(s->m) && s->t.node[last].depth == depth;
}

static void say_holds(struct session *s, unsigned rule, bool whole)
{
	char steps[120];
	struct text t = text_over(steps, sizeof(steps));
	uint32_t first = 0, depth = timeline_depth(&s->t);

	for (uint32_t d = 0; d <= depth && (whole || !t.len); d++)
		if (breaks_at(s, rule, d)) {
			first = t.len ? first : d;
			text_add(&t, "%s%u", t.len ? ", " : "", d);
		}
	if (s->out.json)
		out_object(&s->out, "inv",
			   json_pack("{s:s, s:s, s:b, s:I}", "rule", rule_table[rule].name,
				     "severity", severity_word(rule), "holds", !t.len, "broken",
				     (json_int_t)first));
	else
		out_line(&s->out, "%-18s %-9s %s%s%s", rule_table[rule].name, severity_word(rule),
			 t.len ? "false" : "true",
			 !t.len ? "" :
			 whole	? ", broken at step " :
				  " since step ",
			 steps);
}

static enum status cmd_inv(struct session *s, const char *rest, struct complaint *c)
{
	struct word w;
	unsigned rule;

	if (!arg_next(&rest, &w)) {
		for (rule = 1; rule < RULE_COUNT; rule++)
			say_holds(s, rule, false);
		return OK;
	}
	rule = rule_find(w);
	if (!rule)
		return complain(c, BAD_NAME, "'%.*s' is no rule: `rules` lists them",
				(int)(w.len < 60 ? w.len : 60), w.at);
	if (arg_end(rest, c) != OK)
		return c->status;
	say_holds(s, rule, true);
	if (!s->out.json)
		out_line(&s->out, "the claim: %s", rule_table[rule].claim);
	return OK;
}

static const struct command rows[] = {
	{ "show", "info i", "show [PANE|TOPIC|NAME]", "draw a pane as text, or list something",
	  "Without a word it lists what can be shown. `show pagetable` takes an mm and an address.",
	  "show pagetable A heap+0", CMD_MACHINE, cmd_show, "pSimr" },
	{ "print", "p", "print EXPR", "evaluate an expression",
	  "`help expressions` lists what can be asked. What is not there is none.",
	  "print pte(A,heap+0).write && !stale(heap+0)", CMD_MACHINE, cmd_print, "x" },
	{ "display", "", "display [EXPR]", "print an expression after each step",
	  "It is a column of `list`, too. Without an expression all displays are said.",
	  "display tlb(cpu1,heap+0); step 2", CMD_MACHINE | CMD_CHANGE, cmd_display, "x" },
	{ "undisplay", "", "undisplay [N]", "end a display, or all of them",
	  "`display` lists them with their numbers.", "display pending; undisplay 1",
	  CMD_MACHINE | CMD_CHANGE, cmd_undisplay, "" },
	{ "walk", "vtop tr", "walk ACTOR ADDRESS",
	  "translate as an actor would, and say if cache and tables differ",
	  "The actor is a CPU, a device, a task or a subscriber. Nothing is filled by it.",
	  "walk cpu1 heap+0", CMD_MACHINE, cmd_walk, "ar" },
	{ "diff", "", "diff [A [B]]",
	  "what differs between two steps; the last step when none is given",
	  "One number compares that step with this state.", "step 7; diff 3 7", CMD_MACHINE,
	  cmd_diff, "" },
	{ "why", "", "why [blocked]", "explain the last finding, or who waits for whom",
	  "A chain of causes: who filled the entry, what made it stale, which flush should have "
	  "dropped it.",
	  "explore; why", CMD_MACHINE, cmd_why, "" },
	{ "rules", "", "rules", "list the rules and what they claim",
	  "Manifest: harm is done. Latent: harm is possible now. Lint: waste, never a violation.",
	  "rules", 0, cmd_rules, "" },
	{ "inv", "", "inv [RULE]", "which rules hold on the way here, and since when others do not",
	  "With a rule: all steps that broke it.", "inv stale-leaf", CMD_MACHINE, cmd_inv, "u" },
	{ "seq", "lanes", "seq [FROM TO]", "draw the timeline, a lane for each actor",
	  "With two steps: these as the race diagram. `export now race` writes it for a mail.",
	  "step 9; seq 3 9", CMD_MACHINE, cmd_seq, "" },
	{ "list", "l", "list [N]", "list the steps around this one",
	  "The arrow is this state; below it is the kept future. Displays stand behind a |.",
	  "list 20", CMD_MACHINE, cmd_list, "" },
	{ "find", "", "find [TEXT] or /TEXT", "go to the next step with this text in its line",
	  "Labels, what the steps reported and broken rules are looked at. Without a text it is "
	  "the last one.",
	  "step 9; back 9; /lock", CMD_MACHINE | CMD_CHANGE, cmd_find, "" },
	{ "rfind", "", "rfind [TEXT] or ?TEXT", "go to the last step before with this text",
	  "As `find`, the other way.", "step 9; ?lock", CMD_MACHINE | CMD_CHANGE, cmd_rfind, "" },
};

const struct command_group group_seeing = { "seeing", "Seeing", rows,
					    sizeof(rows) / sizeof(rows[0]) };
