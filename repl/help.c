/*
 * Help texts. Rule: nothing is written here that a table says already.
 */
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "history.h"
#include "info.h"
#include "task.h"

static void about_setup(struct session *s)
{
	out_line(&s->out,
		 "Lines that build a machine, in a scenario file or typed before the first step:");
	for (const struct setup_info *i = setup_table; i->word; i++)
		out_line(&s->out, "  %-66s %s", i->syntax, i->help);
}

static void about_switches(struct session *s)
{
	out_line(&s->out,
		 "Switches of the kernel; the first value is what the newest kernel does:");
	for (unsigned i = 0; i < SWITCH_COUNT; i++) {
		const struct switch_info *w = &switch_table[i];
		char values[200];
		struct text t = text_over(values, sizeof(values));

		for (unsigned v = 0; v < SWITCH_VALUES && w->value[v]; v++)
			text_add(&t, "%s%s", v ? " | " : "", w->value[v]);
		out_line(&s->out, "  %s = %s", w->name, values);
		out_line(&s->out, "      %s", w->note);
	}
}

/* The switches as they were until a release, which moved them. */
static void about_release(struct session *s, unsigned release)
{
	uint8_t since[SWITCH_COUNT];

	history_values(release, since);
	for (unsigned i = 0; i < history_rows; i++) {
		const struct history_row *h = &history[i];
		const struct switch_info *w = &switch_table[h->id];

		if (h->release == release)
			out_line(&s->out, "      %s=%s, before %s: %s", w->name, w->value[since[h->id]], w->value[h->before],
				 h->commit);
	}
}

static void about_kernels(struct session *s)
{
	out_line(&s->out,
		 "Releases for `kernel RELEASE`, and what changed in each; switches without a row are the same in all of them:");
	for (unsigned k = RELEASE_COUNT; k-- > 0;) {
		out_line(&s->out, "  %s", release_names[k]);
		about_release(s, k);
	}
}

static void about_rules(struct session *s)
{
	static const char *const severity[] = { "manifest", "latent", "lint" };

	for (unsigned r = 1; r < RULE_COUNT; r++) {
		out_line(&s->out, "  %s (%s): %s", rule_table[r].name,
			 severity[rule_table[r].severity], rule_table[r].claim);
		out_line(&s->out, "      else: %s", rule_table[r].harm);
	}
}

static void about_panes(struct session *s)
{
	for (unsigned i = 0; i < PANES; i++)
		out_line(&s->out, "  %-12s %s", pane_table[i]->name, pane_table[i]->help);
}

static void about_operations(struct session *s)
{
	for (unsigned i = 0; i < OP_KINDS; i++)
		if (op_table[i].word)
			out_line(&s->out, "  %-12s as in: %s%s", op_table[i].word,
				 op_table[i].example, op_table[i].device ? "  (devices)" : "");
}

static void about_expressions(struct session *s)
{
	out_line(&s->out, "What `print`, `display`, `break ... if`, `explore until` and outcomes (`expect V forbidden EXPR`) can ask:");
	for (const struct expr_term *t = expr_terms; t->head; t++) {
		char buf[60];
		struct text text = text_over(buf, sizeof(buf));
		const char *args = expr_args_words(t->args);

		text_add(&text, "%s%s%s%s%s%s", t->head, *args ? "(" : "", args, *args ? ")" : "",
			 *t->field ? "." : "", t->field);
		out_line(&s->out, "  %-26s %s%s", buf, t->help, t->path ? "; of the path" : "");
	}
	out_line(&s->out, "Numbers: 7 0x7f.  true false none.  == != < <= > >=  && || !  + -  ( )");
	out_line(&s->out, "An address is 0x7f0000001000 or REGION+PAGE.  What is not there is none: "
			  "it equals only none, and is not true.");
	out_line(&s->out, "Words are compared as they are printed: frame(5).owner == anon");
}

static void about_info(struct session *s)
{
	for (const struct info_topic *i = info_topics; i->name; i++)
		out_line(&s->out, "  %-12s %s%s%s", i->name, i->help, i->pane ? ": the pane " : "",
			 i->pane ? i->pane : "");
}

static const struct {
	const char *name, *help;
	void (*say)(struct session *s);
} topics[] = {
	{ "setup", "the lines that build a machine", about_setup },
	{ "switches", "what changed from one kernel to the next", about_switches },
	{ "kernels", "kernel releases, and which commits moved which switch", about_kernels },
	{ "rules", "what must hold", about_rules },
	{ "panes", "what `show` can draw", about_panes },
	{ "operations", "what tasks and devices can do", about_operations },
	{ "expressions", "what can be evaluated", about_expressions },
	{ "info", "what `info` can list beside panes", about_info },
};

#define TOPICS (sizeof(topics) / sizeof(topics[0]))

struct listing {
	struct session *s;
	const struct command_group *group, *only;
};

static void list_one(const struct command_group *g, const struct command *cmd, void *self)
{
	struct listing *l = self;
	size_t alias;

	if (l->only && l->only != g)
		return;
	if (g != l->group)
		out_line(&l->s->out, "%s:", g->title);
	l->group = g;
	alias = strcspn(cmd->aliases, " ");
	out_line(&l->s->out, "  %-11s %-8.*s %s", cmd->name, alias > 8 ? 0 : (int)alias,
		 cmd->aliases, cmd->help);
}

static void list_all(struct session *s)
{
	struct listing l = { .s = s };

	command_each(list_one, &l);
	out_line(&s->out, "Topics:");
	for (size_t i = 0; i < TOPICS; i++)
		out_line(&s->out, "  %-11s          %s", topics[i].name, topics[i].help);
	out_line(&s->out,
		 "Names may be cut short, `;` joins commands, `#` begins a comment, Enter alone "
		 "does what the prompt shows.");
	out_line(&s->out, "`help NAME` says more, with an example.");
}

static void one(struct session *s, const struct command *cmd)
{
	if (s->out.json) {
		out_object(&s->out, "help",
			   json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "name", cmd->name, "aliases",
				     cmd->aliases, "syntax", cmd->syntax, "help", cmd->help,
				     "about", cmd->about, "example", cmd->example));
		return;
	}
	out_line(&s->out, "%s", cmd->syntax);
	out_line(&s->out, "  %s%s%s%s", cmd->help, *cmd->aliases ? " (also: " : "", cmd->aliases,
		 *cmd->aliases ? ")" : "");
	if (*cmd->about)
		out_line(&s->out, "  %s", cmd->about);
	out_line(&s->out, "  Example: %s", cmd->example);
}

struct group_search {
	struct word want;
	const struct command_group *found;
};

static void look_group(const struct command_group *g, const struct command *cmd, void *self)
{
	struct group_search *search = self;

	(void)cmd;
	if (word_is(search->want, g->name))
		search->found = g;
}

enum status help_say(struct session *s, const char *topic, struct complaint *c)
{
	struct group_search group = { 0 };
	struct listing l = { .s = s };
	const struct command *cmd;
	struct word w;

	if (!arg_next(&topic, &w)) {
		list_all(s);
		return OK;
	}
	if (arg_end(topic, c) != OK)
		return c->status;
	group.want = w;
	command_each(look_group, &group);
	/* `rules` is a command and a topic; the command's own help is short, so both are said. */
	cmd = command_named(w);
	if (cmd)
		one(s, cmd);
	for (size_t i = 0; i < TOPICS; i++)
		if (word_is(w, topics[i].name)) {
			topics[i].say(s);
			return OK;
		}
	if (cmd)
		return OK;
	if (group.found) {
		l.only = group.found;
		command_each(list_one, &l);
		return OK;
	}
	if (setup_find(w)) {
		out_line(&s->out, "%s", setup_find(w)->syntax);
		out_line(&s->out, "  %s (a set-up line: `help setup`)", setup_find(w)->help);
		return OK;
	}
	if (rule_find(w)) {
		out_line(&s->out, "%s: %s", rule_table[rule_find(w)].name,
			 rule_table[rule_find(w)].claim);
		out_line(&s->out, "  else: %s", rule_table[rule_find(w)].harm);
		return OK;
	}
	if (command_find(w, &cmd, c) != OK)
		return complain(c, BAD_NAME,
				"there is no help on '%.*s': `help` lists what there is",
				(int)(w.len < 60 ? w.len : 60), w.at);
	one(s, cmd);
	return OK;
}

struct hunt {
	struct session *s;
	const char *want;
	unsigned hits;
};

static void hunt_line(struct hunt *h, const char *name, const char *what, const char *text,
		      const char *more)
{
	if (!strcasestr(name, h->want) && !strcasestr(text, h->want) && !strcasestr(more, h->want))
		return;
	h->hits++;
	out_line(&h->s->out, "  %-18s %-8s %s", name, what, text);
}

static void hunt_command(const struct command_group *g, const struct command *cmd, void *self)
{
	(void)g;
	hunt_line(self, cmd->name, "command", cmd->help, cmd->about);
}

enum status help_apropos(struct session *s, const char *word, struct complaint *c)
{
	struct hunt h = { .s = s, .want = word };

	if (!*word)
		return complain(c, BAD_SYNTAX, "apropos needs a word to look for");
	command_each(hunt_command, &h);
	for (const struct setup_info *i = setup_table; i->word; i++)
		hunt_line(&h, i->word, "set-up", i->help, i->syntax);
	for (unsigned i = 0; i < SWITCH_COUNT; i++)
		hunt_line(&h, switch_table[i].name, "switch", switch_table[i].note, "");
	for (unsigned r = 1; r < RULE_COUNT; r++)
		hunt_line(&h, rule_table[r].name, "rule", rule_table[r].claim, rule_table[r].harm);
	for (unsigned i = 0; i < PANES; i++)
		hunt_line(&h, pane_table[i]->name, "pane", pane_table[i]->help, "");
	for (unsigned i = 0; i < OP_KINDS; i++)
		if (op_table[i].word)
			hunt_line(&h, op_table[i].word, "operation", op_table[i].example, "");
	for (const struct expr_term *t = expr_terms; t->head; t++) {
		char name[40];

		snprintf(name, sizeof(name), "%s%s%s", t->head, *t->field ? "." : "", t->field);
		hunt_line(&h, name, "expr", t->help, "");
	}
	for (const struct info_topic *i = info_topics; i->name; i++)
		hunt_line(&h, i->name, "info", i->help, "");
	if (!h.hits)
		out_line(&s->out, "nothing is about '%.60s'", word);
	return OK;
}
