/*
 * Completion. Rule: a command names the kinds of words that may follow it (command.completes), and
 * each kind is one function here.
 */
#include "completion.h"

#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "eager.h"
#include "export.h"
#include "info.h"
#include "library.h"
#include "pane.h"
#include "routines.h"
#include "settings.h"
#include "task.h"

static void add_command(const struct command_group *g, const struct command *cmd, void *self)
{
	(void)g;
	completions_add(self, cmd->name);
}

static void commands(struct session *s, struct completions *out)
{
	(void)s;
	command_each(add_command, out);
}

static void first_words(struct session *s, struct completions *out)
{
	commands(s, out);
	for (const struct setup_info *i = setup_table; s->t.nodes <= 1 && i->word; i++)
		completions_add(out, i->word);
}

static void actors(struct session *s, struct completions *out)
{
	char buf[40];

	for (unsigned lane = 0; s->loaded && lane < LANES; lane++) {
		struct text t = text_over(buf, sizeof(buf));

		if (!actor_exists(s, lane))
			continue;
		lane_text(&t, &s->m->names, lane);
		completions_add(out, buf);
	}
	for (unsigned t = 0; s->loaded && t < MAX_TASKS; t++)
		if (peek_task(s->m, t)->used)
			completions_add(out, s->m->names.name[NAME_TASK][t]);
}

static void labels(struct session *s, struct completions *out)
{
	struct action all[MAX_ACTIONS];
	char buf[MAX_LABEL];
	unsigned n = s->loaded ? machine_actions(s->m, all) : 0;

	for (unsigned i = 0; i < n; i++) {
		struct text t = text_over(buf, sizeof(buf));

		label_text(&t, &s->m->names, &all[i]);
		completions_add(out, buf);
	}
}

static void regions(struct session *s, struct completions *out)
{
	char buf[40];

	for (unsigned i = 0; s->loaded && i < s->m->names.regions; i++) {
		const struct region *r = &s->m->names.region[i];

		for (unsigned page = 0; page < r->pages && page < 8; page++) {
			snprintf(buf, sizeof(buf), "%s+%u", r->name, page);
			completions_add(out, buf);
		}
		snprintf(buf, sizeof(buf), "0x%llx", (unsigned long long)r->start);
		completions_add(out, buf);
	}
	for (unsigned i = 0; s->loaded && i < MAX_MMS; i++)
		if (peek_mm(s->m, i)->used)
			completions_add(out, s->m->names.name[NAME_MM][i]);
}

static bool add_scenario(const char *path, const char *name, void *self)
{
	(void)path;
	completions_add(self, name);
	return true;
}

static void scenarios(struct session *s, struct completions *out)
{
	(void)s;
	library_each(NULL, add_scenario, out);
}

static void variants(struct session *s, struct completions *out)
{
	for (unsigned v = 0; s->loaded && v < s->sc->variants; v++)
		completions_add(out, s->sc->variant[v].name);
}

static void panes(struct session *s, struct completions *out)
{
	(void)s;
	for (unsigned i = 0; i < PANES; i++)
		completions_add(out, pane_table[i]->name);
}

static void settings(struct session *s, struct completions *out)
{
	(void)s;
	for (const struct setting *row = setting_table; row->name; row++)
		completions_add(out, row->name);
}

static void marks(struct session *s, struct completions *out)
{
	char buf[40];

	completions_add(out, "@start");
	completions_add(out, "@end");
	for (unsigned i = 0; s->loaded && i < s->t.marks; i++) {
		snprintf(buf, sizeof(buf), "@%s", s->t.mark[i].name);
		completions_add(out, buf);
	}
}

static void rules(struct session *s, struct completions *out)
{
	(void)s;
	for (unsigned r = 1; r < RULE_COUNT; r++)
		completions_add(out, rule_table[r].name);
}

static void infos(struct session *s, struct completions *out)
{
	(void)s;
	for (const struct info_topic *i = info_topics; i->name; i++)
		completions_add(out, i->name);
}

static void eager_words(struct session *s, struct completions *out)
{
	(void)s;
	for (unsigned e = 0; e < EAGERS; e++)
		completions_add(out, eager_table[e].name);
	completions_add(out, "on");
	completions_add(out, "off");
}

static void branch_names(struct session *s, struct completions *out)
{
	completions_add(out, "main");
	for (unsigned i = 0; s->loaded && i < s->names; i++)
		completions_add(out, s->named[i].name);
}

static void events(struct session *s, struct completions *out)
{
	(void)s;
	for (unsigned e = 0; e < EVENT_KINDS; e++)
		completions_add(out, event_name((enum event_kind)e));
}

static void routines(struct session *s, struct completions *out)
{
	(void)s;
	for (unsigned r = 0; r < ROUTINE_COUNT; r++)
		completions_add(out, routine_table[r]->name);
}

static void watchables(struct session *s, struct completions *out)
{
	completions_add(out, "pte");
	for (unsigned k = 0; k < KIND_COUNT; k++)
		completions_add(out, kind_names[k]);
	actors(s, out);
	regions(s, out);
}

static void formats(struct session *s, struct completions *out)
{
	(void)s;
	completions_add(out, "now");
	completions_add(out, "last");
	for (unsigned i = 0; i < EXPORT_FORMATS; i++)
		completions_add(out, export_names[i]);
}

static void topics(struct session *s, struct completions *out)
{
	static const char *const words[] = { "setup",	   "switches",	  "rules", "panes",
					     "operations", "expressions", "info" };

	commands(s, out);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		completions_add(out, words[i]);
}

static void term_add(struct completions *out, const char *head, const char *open, const char *arg,
		     const char *tail)
{
	char buf[80];
	struct text t = text_over(buf, sizeof(buf));

	text_add(&t, "%s%s%s%s", head, open, arg, tail);
	if (!t.cut)
		completions_add_open(out, buf);
}

/* A term with each of the names that its argument can be; `tail` comes behind. */
static void arguments(struct session *s, const char *head, enum expr_args args, const char *tail,
		      struct completions *out)
{
	static const struct {
		enum expr_args args;
		enum name_kind kind;
	} named[] = {
		{ ARGS_MM, NAME_MM },	{ ARGS_MM_VA, NAME_MM },     { ARGS_TASK, NAME_TASK },
		{ ARGS_REGISTER, NAME_TASK }, { ARGS_PAGE, NAME_FILE },
		{ ARGS_DEV, NAME_DEV }, { ARGS_AGENT_VA, NAME_DEV }, { ARGS_SUB, NAME_SUB },
		{ ARGS_AGENT_VA, NAME_SUB },
	};
	static const char *const cpus[MAX_CPUS] = { "cpu0", "cpu1", "cpu2", "cpu3" };
	const struct names *names = &s->m->names;

	for (size_t k = 0; k < sizeof(named) / sizeof(named[0]); k++)
		for (unsigned i = 0; named[k].args == args && i < MAX_TASKS; i++)
			if (*names->name[named[k].kind][i])
				term_add(out, head, "(", names->name[named[k].kind][i], tail);
	for (unsigned i = 0; (args == ARGS_CPU || args == ARGS_AGENT_VA) && i < MAX_CPUS; i++)
		if (actor_exists(s, i))
			term_add(out, head, "(", cpus[i], tail);
	for (unsigned r = 1; args == ARGS_RULE && r < RULE_COUNT; r++)
		term_add(out, head, "(", rule_table[r].name, tail);
	for (unsigned i = 0; args == ARGS_VA && i < names->regions; i++)
		term_add(out, head, "(", names->region[i].name, "+0)");
}

static void expressions(struct session *s, struct completions *out)
{
	char tail[32];

	for (const struct expr_term *e = expr_terms; s->loaded && e->head; e++) {
		bool comma = e->args == ARGS_MM_VA || e->args == ARGS_AGENT_VA ||
			     e->args == ARGS_REGISTER || e->args == ARGS_PAGE;
		struct text t = text_over(tail, sizeof(tail));

		text_add(&t, "%s%s%s", e->args == ARGS_NONE ? "" : ")", *e->field ? "." : "",
			 e->field);
		if (e->args == ARGS_NONE)
			term_add(out, e->head, "", "", tail);
		else if (e->args == ARGS_FRAME || e->args == ARGS_LOCK)
			term_add(out, e->head, "(", "", "");
		else
			arguments(s, e->head, e->args, comma ? "," : tail, out);
	}
}

/* A ',' ends what is completed: behind the one of pte(A, there are addresses, and what may follow
 * them. */
static void second_arguments(struct session *s, struct completions *out)
{
	char page[40];

	for (unsigned i = 0; s->loaded && i < s->m->names.regions; i++)
		for (unsigned n = 0; n < s->m->names.region[i].pages && n < 4; n++) {
			struct text t = text_over(page, sizeof(page));

			text_add(&t, "%s+%u)", s->m->names.region[i].name, n);
			for (const struct expr_term *e = expr_terms; e->head; e++)
				if (e->args == ARGS_MM_VA || e->args == ARGS_AGENT_VA)
					term_add(out, page, *e->field ? "." : "", e->field, "");
		}
}

static void operations(struct session *s, struct completions *out)
{
	(void)s;
	for (unsigned i = 0; i < OP_KINDS; i++)
		if (op_table[i].word)
			completions_add(out, op_table[i].word);
}

static const struct {
	char kind;
	void (*add)(struct session *s, struct completions *out);
} kinds[] = {
	{ 'a', actors },   { 'l', labels },   { 'r', regions },	   { 's', scenarios },
	{ 'v', variants }, { 'p', panes },    { 'S', settings },   { 'm', marks },
	{ 'e', events },   { 'R', routines }, { 'w', watchables }, { 'f', formats },
	{ 'c', topics },   { 'u', rules },    { 'i', infos },	   { 'E', eager_words },
	{ 'b', branch_names }, { 'x', expressions },
};

/* The values of a setting, or of whatever lists them with '|'. */
static void alternatives(const char *values, struct completions *out)
{
	char word[32];

	while (*values) {
		size_t n = strcspn(values, "|");

		if (n < sizeof(word)) {
			snprintf(word, sizeof(word), "%.*s", (int)n, values);
			completions_add(out, word);
		}
		values += n + (values[n] == '|');
	}
}

/* Where the command begins that holds this place of the line: after the last ';' before it. */
static const char *command_start(const char *line, int start)
{
	const char *at = line;

	for (int i = 0; i < start; i++)
		if (line[i] == ';')
			at = line + i + 1;
	return at + strspn(at, " \t");
}

void complete(void *self, const char *line, int start, int end, struct completions *out)
{
	struct session *s = self;
	const char *at = command_start(line, start), *rest = at;
	const struct command *cmd;
	struct complaint c;
	struct word w = { "", 0 }, second = { "", 0 };

	(void)end;
	word_next(&rest, ";", &w);
	if (at >= line + start) {
		first_words(s, out);
		return;
	}
	if (setup_find(w) && !(command_named(w) && s->t.nodes > 1)) {
		actors(s, out);
		regions(s, out);
		operations(s, out);
		return;
	}
	if (command_find(w, &cmd, &c) != OK)
		return;
	word_next(&rest, ";", &second);
	if (cmd->completes[0] == 'S' && second.len && second.at + second.len < line + start)
		for (const struct setting *row = setting_table; row->name; row++)
			if (word_is(second, row->name))
				alternatives(row->values, out);
	if (strchr(cmd->completes, 'x') && line[start - 1] == ',') {
		second_arguments(s, out);
		return;
	}
	for (const char *k = cmd->completes; *k; k++)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (kinds[i].kind == *k)
				kinds[i].add(s, out);
}

const char *complete_hint(void *self, const char *line)
{
	const char *at = command_start(line, (int)strlen(line));
	const struct session *s = self;
	static char buf[200];
	const struct command *cmd;
	struct complaint c;
	struct word w = { "", 0 };

	if (!word_next(&at, ";", &w))
		return NULL;
	if (setup_find(w) && !(command_named(w) && s->t.nodes > 1))
		return setup_find(w)->syntax;
	/* A word that is still being typed may yet become another one. */
	if (command_find(w, &cmd, &c) != OK)
		return NULL;
	snprintf(buf, sizeof(buf), "%s   %s", cmd->syntax, cmd->help);
	return buf;
}
