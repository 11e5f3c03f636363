/*
 * The family "choosing": which action comes next, whose, and on which branch.
 */
#include <stdio.h>
#include <string.h>

#include "branches.h"
#include "commands.h"
#include "eager.h"
#include "follow.h"
#include "shell.h"

static void say_action(struct session *s, const char *number, const struct action *a,
		       const char *blocked)
{
	char label[MAX_LABEL], words[160];
	struct text lt = text_over(label, sizeof(label)), wt = text_over(words, sizeof(words));

	label_text(&lt, &s->m->names, a);
	action_text(&wt, s->m, a);
	if (s->out.json)
		out_object(&s->out, "action",
			   json_pack("{s:s, s:s, s:b, s:s}", "label", label, "text", words,
				     "enabled", !blocked, "reason", blocked ? blocked : ""));
	else if (blocked)
		out_line(&s->out, "%3s  %-26s (%s)", number, label, blocked);
	else
		out_line(&s->out, "%3s  %-26s %s", number, label, words);
}

/* What there could be, were it not for a reason. */
static void say_disabled(struct session *s)
{
	struct action a;

	for (unsigned lane = 0; lane < LANES; lane++) {
		static const struct {
			uint8_t kind, from, to, base;
		} kinds[] = {
			{ ACT_STEP, 0, MAX_CPUS, 0 },
			{ ACT_IPI, 0, MAX_CPUS, 0 },
			{ ACT_DMA, MAX_CPUS, LANE_IOMMU, MAX_CPUS },
			{ ACT_TAKE, LANE_IOMMU, LANES, LANE_IOMMU },
			{ ACT_WALK, 0, MAX_CPUS, 0 },
		};

		for (size_t k = 0; actor_exists(s, lane) && k < sizeof(kinds) / sizeof(kinds[0]);
		     k++) {
			a = (struct action){ .kind = kinds[k].kind,
					     .agent = (uint8_t)(lane - kinds[k].base) };
			if (lane >= kinds[k].from && lane < kinds[k].to && action_blocked(s->m, &a))
				say_action(s, "-", &a, action_blocked(s->m, &a));
		}
	}
	for (unsigned t = 0; t < MAX_TASKS; t++) {
		a = (struct action){ .kind = ACT_SWITCH,
				     .agent = peek_task(s->m, t)->cpu,
				     .task = (uint8_t)t };
		if (peek_task(s->m, t)->used && action_blocked(s->m, &a))
			say_action(s, "-", &a, action_blocked(s->m, &a));
	}
	/* Whims are offered as `machine spec=` says, but any that is possible may be taken by hand.
	 */
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++)
		for (unsigned i = 0; i < s->m->pages && actor_exists(s, cpu); i++) {
			a = (struct action){ .kind = ACT_FILL,
					     .agent = (uint8_t)cpu,
					     .va = s->m->universe[i] };
			say_action(s, "-", &a,
				   action_blocked(s->m, &a) ?
					   action_blocked(s->m, &a) :
					   "not offered, but its label can be taken");
		}
}

static enum status cmd_actions(struct session *s, const char *rest, struct complaint *c)
{
	struct action all[MAX_ACTIONS];
	unsigned n = machine_actions(s->m, all), shown = 0;
	bool everything = false;
	struct word w;
	char number[12];

	if (arg_next(&rest, &w)) {
		if (!word_is(w, "all"))
			return complain(c, BAD_SYNTAX, "'%.*s' should be `all` or nothing",
					(int)w.len, w.at);
		everything = true;
		if (arg_end(rest, c) != OK)
			return c->status;
	}
	for (unsigned i = 0; i < n; i++) {
		if (s->set.focus != LANES && action_lane(&all[i]) != s->set.focus)
			continue;
		snprintf(number, sizeof(number), "%u", i + 1);
		say_action(s, number, &all[i], NULL);
		shown++;
	}
	if (!shown)
		out_line(&s->out, "no action is possible");
	if (everything)
		say_disabled(s);
	return OK;
}

/* A number of `actions`, or a label. */
static enum status action_read(struct session *s, const char *rest, struct action *a,
			       struct complaint *c)
{
	struct action all[MAX_ACTIONS];
	unsigned n = machine_actions(s->m, all);
	const char *at = rest, *why;
	struct word w;
	uint64_t number;

	if (word_next(&at, "", &w) && word_number(w, &number)) {
		if (number < 1 || number > n)
			return complain(c, BAD_VALUE,
					"'%.*s' is no action: `actions` lists 1 to %u", (int)w.len,
					w.at, n);
		*a = all[number - 1];
		return arg_end(at, c);
	}
	if (label_read(s->m, rest, a, c) != OK)
		return c->status;
	why = action_blocked(s->m, a);
	return why ? complain(c, BAD_STATE, "'%.60s' is not possible now: %s", rest, why) : OK;
}

static enum status cmd_do(struct session *s, const char *rest, struct complaint *c)
{
	struct action a;
	char label[MAX_LABEL];
	struct text t = text_over(label, sizeof(label));
	enum status status = action_read(s, rest, &a, c);

	if (status != OK)
		return status;
	label_text(&t, &s->m->names, &a);
	canonical(s, "do %s", label);
	if (stepper_take(s, &a) == HALT_NONE)
		eager_run(s);
	return OK;
}

static enum status cmd_peek(struct session *s, const char *rest, struct complaint *c)
{
	struct action a;
	struct finding f;
	char buf[200];
	enum status status = action_read(s, rest, &a, c);

	if (status != OK)
		return status;
	machine_apply(s->m, &a, &s->fx);
	for (unsigned i = 0; i < s->fx.events; i++) {
		struct text t = text_over(buf, sizeof(buf));

		lane_text(&t, &s->m->names, s->fx.event[i].lane);
		text_add(&t, ": ");
		event_text(&t, &s->m->names, &s->fx.event[i]);
		out_line(&s->out, "  would: %s", buf);
	}
	f = s->fx.finding;
	if (f.rule) {
		struct text t = text_over(buf, sizeof(buf));

		finding_text(s, &f, &t);
		out_line(&s->out, "  and: %s", buf);
	} else {
		out_line(&s->out, "  every rule still holds");
	}
	step_undo(s->m, &s->fx);
	return OK;
}

static enum status cmd_focus(struct session *s, const char *rest, struct complaint *c)
{
	struct word w = { "", 0 };
	unsigned lane;
	enum status status;

	/* The screen's keys use the same word for panes. */
	if (shell_focus(rest)) {
		s->canon[0] = '\0';
		return OK;
	}
	arg_next(&rest, &w);
	status = session_need(s, c);
	if (status != OK)
		return status;
	if (word_is(w, "off")) {
		s->set.focus = LANES;
		out_line(&s->out, "every actor may go on");
		return arg_end(rest, c);
	}
	status = actor_read(s, w, &lane, c);
	if (status == OK)
		status = arg_end(rest, c);
	if (status != OK)
		return status;
	s->set.focus = lane;
	out_line(&s->out, "only %.*s goes on by default and is listed: `focus off` ends it",
		 (int)w.len, w.at);
	return OK;
}

static enum status cmd_follow(struct session *s, const char *rest, struct complaint *c)
{
	return follow_read(s, rest, c);
}

static void say_eager(struct session *s, unsigned class)
{
	const char *state = s->set.eager & (1u << class) ? "on" : "off";

	if (s->out.json)
		out_object(&s->out, "eager",
			   json_pack("{s:s, s:s, s:s}", "class", eager_table[class].name, "value",
				     state, "text", eager_table[class].help));
	else
		out_line(&s->out, "%-8s %-4s %s", eager_table[class].name, state,
			 eager_table[class].help);
}

static enum status cmd_eager(struct session *s, const char *rest, struct complaint *c)
{
	struct word w, value = { "", 0 };
	unsigned class = 0;
	bool on;

	if (!arg_next(&rest, &w)) {
		for (class = 0; class < EAGERS; class ++)
			say_eager(s, class);
		return OK;
	}
	while (class < EAGERS && !word_is(w, eager_table[class].name))
		class ++;
	if (class == EAGERS)
		return complain(c, BAD_NAME,
				"'%.*s' is no class of steps: walks, locks, unlocks, returns or "
				"single",
				(int)(w.len < 60 ? w.len : 60), w.at);
	arg_next(&rest, &value);
	if (arg_bool(value, &on, c) != OK || arg_end(rest, c) != OK)
		return c->status;
	s->set.eager = on ? s->set.eager | 1u << class : s->set.eager & ~(1u << class);
	say_eager(s, class);
	return OK;
}

/* ---- branches ---- */

/* Nodes without a child: the ends of the branches. */
static unsigned leaves(const struct session *s, uint32_t *out, unsigned most)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < s->t.nodes && n < most; i++)
		if (!s->t.node[i].child)
			out[n++] = i;
	return n;
}

static bool is_ancestor(const struct session *s, uint32_t node, uint32_t of)
{
	while (s->t.node[of].depth > s->t.node[node].depth)
		of = s->t.node[of].parent;
	return of == node;
}

static void say_branch(struct session *s, unsigned number, uint32_t leaf)
{
	uint32_t from = leaf;
	const char *rule = "";

	while (from && s->branch[s->t.node[from].parent] == s->branch[leaf])
		from = s->t.node[from].parent;
	for (uint32_t n = leaf; n && !*rule; n = s->t.node[n].parent)
		if (s->t.node[n].finding.rule)
			rule = rule_table[s->t.node[n].finding.rule].name;
	if (s->out.json)
		out_object(&s->out, "branch",
			   json_pack("{s:I, s:I, s:I, s:b, s:s}", "number", (json_int_t)number,
				     "last", (json_int_t)s->t.node[leaf].depth, "from",
				     (json_int_t)s->t.node[s->t.node[from].parent].depth, "here",
				     is_ancestor(s, s->t.cursor, leaf), "finding", rule));
	else
		out_line(&s->out, "%c%3u  steps to %u, leaves the line before it at step %u%s%s",
			 is_ancestor(s, s->t.cursor, leaf) ? '*' : ' ', number,
			 s->t.node[leaf].depth, s->t.node[s->t.node[from].parent].depth,
			 *rule ? ", breaks " : "", rule);
}

#define MAX_LEAVES 512

static enum status cmd_branch(struct session *s, const char *rest, struct complaint *c)
{
	uint32_t leaf[MAX_LEAVES];
	unsigned count = leaves(s, leaf, MAX_LEAVES);
	uint64_t n;
	enum status status = arg_count(rest, 0, count, &n, c);

	if (status != OK)
		return status;
	if (!n) {
		for (unsigned i = 0; i < count; i++)
			say_branch(s, i + 1, leaf[i]);
		return OK;
	}
	/* To the state where the two lines part: from there the chosen one is the kept future. */
	for (uint32_t node = leaf[n - 1];; node = s->t.node[node].parent)
		if (is_ancestor(s, node, s->t.cursor)) {
			uint32_t part = node;

			session_goto(s, leaf[n - 1]);
			session_goto(s, part);
			out_line(&s->out, "at step %u of %u, on branch %u", timeline_depth(&s->t),
				 timeline_last(&s->t), (unsigned)n);
			return OK;
		}
}

static enum status cmd_fork(struct session *s, const char *rest, struct complaint *c)
{
	char name[MAX_NAME + 1] = "", buf[40];
	struct text t = text_over(buf, sizeof(buf));
	struct word w;

	if (arg_next(&rest, &w))
		arg_copy(w, name, sizeof(name));
	if (arg_end(rest, c) != OK || branches_fork(s, name, c) != OK)
		return c->status;
	/* What was done here before is no longer the default; `switch` goes back to it. */
	s->t.node[s->t.cursor].next = 0;
	branches_name(s, s->forked, &t);
	out_line(&s->out,
		 "branch %s leaves at step %u: the next step that was not taken here "
		 "before begins it",
		 buf, timeline_depth(&s->t));
	return OK;
}

static enum status cmd_tree(struct session *s, const char *rest, struct complaint *c)
{
	return arg_end(rest, c) == OK ? branches_say(s, c) : c->status;
}

static enum status cmd_switch(struct session *s, const char *rest, struct complaint *c)
{
	struct word w = { "", 0 };
	char name[40];
	struct text t = text_over(name, sizeof(name));
	uint32_t tip;
	unsigned id;

	if (!arg_next(&rest, &w))
		return complain(c, BAD_SYNTAX, "switch needs a branch: `tree` shows them");
	if (branches_find(s, w, &id, &tip, c) != OK || arg_end(rest, c) != OK)
		return c->status;
	session_goto(s, tip);
	/* Here the branch ends, even where another one leaves it. */
	s->t.node[tip].next = 0;
	/* A branch without a step is begun by the next one. */
	s->forked = s->branch[tip] == id ? 0 : id;
	branches_name(s, id, &t);
	out_line(&s->out, "on branch %s, at its end, step %u", name, timeline_depth(&s->t));
	return OK;
}

static const struct command rows[] = {
	{ "actions", "a", "actions [all]", "list what can happen next, with numbers and labels",
	  "`all` adds what cannot happen, with the reason.", "actions all", CMD_MACHINE,
	  cmd_actions, "" },
	{ "do", "", "do N|LABEL", "take the action of that number or label",
	  "A number alone does the same. Numbers are those of `actions`; what is recorded is the "
	  "label.",
	  "do cpu1.step", CMD_MACHINE | CMD_CHANGE, cmd_do, "l" },
	{ "peek", "", "peek N|LABEL", "say what an action would do, without taking it",
	  "Its events, and whether it would break a rule.", "peek 2", CMD_MACHINE, cmd_peek, "l" },
	{ "focus", "", "focus ACTOR|off",
	  "only this actor's actions are listed and taken by default",
	  "On the screen, `focus next`, `focus prev` and `focus 1`..`9` choose a pane.",
	  "focus cpu0", CMD_CHANGE | CMD_VIEW, cmd_focus, "a" },
	{ "eager", "", "eager [CLASS on|off]", "take a class of steps of itself after another step",
	  "The classes are walks, locks, unlocks, returns and single; of the actor that moved, "
	  "and never a step that breaks a rule. `stepi` ignores them.",
	  "eager walks on; step 3", CMD_CHANGE, cmd_eager, "E" },
	{ "follow", "", "follow [LABEL LABEL ...|FILE|SESSION|off]",
	  "make a schedule the default, step by step",
	  "Labels begin here; the `do` lines of a file (one that is there, or a name with a /) "
	  "and the line of a recorded session begin at the start. A run stops where the machine "
	  "cannot or does not do what the schedule says, and at its end.",
	  "follow cpu1.step cpu0.step cpu0.step; continue", CMD_MACHINE | CMD_KEEP, cmd_follow,
	  "l" },
	{ "fork", "", "fork [NAME]", "begin a branch of the timeline here",
	  "Its first step is the next one that was not taken here before. Choosing otherwise after "
	  "`back` begins one without being told.",
	  "step 5; fork early; do cpu1.step", CMD_MACHINE | CMD_KEEP, cmd_fork, "" },
	{ "tree", "", "tree", "show the branches, each below the one that it leaves",
	  "The star is where we are. Branches without a name are b1, b2 ...", "tree", CMD_MACHINE,
	  cmd_tree, "" },
	{ "switch", "", "switch NAME", "go to the end of a branch", "The first one is main.",
	  "step 2; fork early; do cpu1.step; switch main", CMD_MACHINE | CMD_CHANGE, cmd_switch,
	  "b" },
	{ "branch", "", "branch [N]", "list the ends of the timeline, or choose one",
	  "The line with a star goes through this state. Choosing goes to the state where the "
	  "branch leaves this line; `step` then follows it.",
	  "do cpu0.step; back; do cpu1.step; branch 2", CMD_MACHINE | CMD_CHANGE, cmd_branch, "" },
};

const struct command_group group_choosing = {
	"choosing",
	"Choosing",
	rows,
	sizeof(rows) / sizeof(rows[0]),
};
