/*
 * The family "settings and help", the screen's commands among them.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "help.h"
#include "pane.h"
#include "settings.h"
#include "shell.h"

static enum status cmd_set(struct session *s, const char *rest, struct complaint *c)
{
	struct word name, v = { "", 0 };

	if (!arg_next(&rest, &name)) {
		settings_list(s);
		return OK;
	}
	if (!arg_next(&rest, &v)) {
		if (settings_show(s, name))
			return OK;
		return settings_put(s, name, v, c);
	}
	if (arg_end(rest, c) != OK)
		return c->status;
	return settings_put(s, name, v, c);
}

static enum status cmd_pane(struct session *s, const char *rest, struct complaint *c)
{
	struct word name = { "", 0 }, w = { "on", 2 };
	const struct pane *pane;
	bool on = true;

	if (!arg_next(&rest, &name)) {
		for (unsigned i = 0; i < PANES; i++)
			out_line(&s->out, "%-12s %s", pane_table[i]->name, pane_table[i]->help);
		return OK;
	}
	pane = pane_find(name);
	if (!pane)
		return complain(c, BAD_NAME, "'%.*s' is no pane: `pane` lists them", (int)name.len,
				name.at);
	if (arg_next(&rest, &w) && arg_bool(w, &on, c) != OK)
		return c->status;
	if (!shell_pane(pane, on))
		return complain(c, BAD_STATE, "the pane %s is %s already", pane->name,
				on ? "shown" : "hidden");
	return arg_end(rest, c);
}

static enum status cmd_scroll(struct session *s, const char *rest, struct complaint *c)
{
	(void)s;
	if (shell_scroll(rest))
		return OK;
	return complain(c, BAD_VALUE, "'%.40s' should be up, down, pageup or pagedown", rest);
}

static enum status cmd_zoom(struct session *s, const char *rest, struct complaint *c)
{
	(void)s;
	if (arg_end(rest, c) != OK)
		return c->status;
	shell_zoom();
	return OK;
}

static enum status cmd_help(struct session *s, const char *rest, struct complaint *c)
{
	return help_say(s, rest, c);
}

static enum status cmd_apropos(struct session *s, const char *rest, struct complaint *c)
{
	return help_apropos(s, rest, c);
}

static enum status cmd_version(struct session *s, const char *rest, struct complaint *c)
{
	if (arg_end(rest, c) != OK)
		return c->status;
	out_line(&s->out, "shootdown %s", PROGRAM_VERSION);
	return OK;
}

static enum status cmd_quit(struct session *s, const char *rest, struct complaint *c)
{
	if (arg_end(rest, c) != OK)
		return c->status;
	s->over = true;
	return OK;
}

static const struct command rows[] = {
	{ "set", "", "set [NAME VALUE]", "change a setting, or list them all",
	  "policy, seed and verbose are about stepping; the others about the terminal.",
	  "set policy random", CMD_CHANGE, cmd_set, "S" },
	{ "pane", "", "pane [NAME on|off]", "show or hide a pane on the screen",
	  "`set layout NAME` chooses a set of panes.", "pane frames on", CMD_UNRECORDED, cmd_pane,
	  "p" },
	{ "scroll", "", "scroll up|down|pageup|pagedown",
	  "scroll the focused pane, or what a command said",
	  "PgUp, PgDn, Alt-Up and Alt-Down do it too.", "scroll pagedown",
	  CMD_UNRECORDED | CMD_VIEW, cmd_scroll, "" },
	{ "zoom", "", "zoom", "the focused pane: normal, half, full", "F2 does it too.", "zoom",
	  CMD_UNRECORDED | CMD_VIEW, cmd_zoom, "" },
	{ "help", "?", "help [COMMAND|GROUP|TOPIC]",
	  "explain a command or a topic", "Without a word it lists the commands by group, and the topics.",
	  "help explore", CMD_UNRECORDED, cmd_help, "c" },
	{ "apropos", "", "apropos WORD",
	  "find commands, rules, switches and set-up lines about a word", "", "apropos flush",
	  CMD_UNRECORDED, cmd_apropos, "" },
	{ "version", "", "version", "print the program's version", "", "version", CMD_UNRECORDED,
	  cmd_version, "" },
	{ "quit", "exit", "quit", "end the session",
	  "It is kept: `sessions` lists it, `replay last` opens it again.", "quit", CMD_UNRECORDED,
	  cmd_quit, "" },
};

const struct command_group group_settings = { "settings", "Settings and help", rows,
					      sizeof(rows) / sizeof(rows[0]) };
