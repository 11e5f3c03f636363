/*
 * The family "seeing": panes as text, translations, differences, explanations, the timeline as a
 * list.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "board.h"
#include "change.h"
#include "commands.h"
#include "compare.h"
#include "settings.h"
#include "stepper.h"
#include "stops.h"
#include "why.h"

/* The terminal's width, 80 where there is none. */
static int width(void)
{
	struct winsize size;

	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col >= 40)
		return size.ws_col;
	return 80;
}

static enum status show_pane(struct session *s, const struct pane *pane, struct complaint *c)
{
	static struct change change;
	struct scene scene = session_scene(s);
	uint32_t depth = timeline_depth(&s->t);
	struct action next;
	struct canvas *canvas;

	change_find(&change, &s->t, depth ? depth - 1 : 0);
	scene.change = &change;
	scene.next = stepper_default(s, &next) ? &next : NULL;
	if (pane->applies && !pane->applies(&scene))
		return complain(c, BAD_STATE, "this machine has nothing for the pane %s",
				pane->name);
	canvas = board_single(pane, &scene, width());
	if (!canvas)
		return complain(c, BAD_LIMIT, "there is no memory for the drawing");
	out_canvas(&s->out, pane->name, canvas);
	canvas_free(canvas);
	return OK;
}

static void show_marks(struct session *s)
{
	for (unsigned i = 0; i < s->t.marks; i++)
		out_line(&s->out, "@%-12s step %u", s->t.mark[i].name,
			 s->t.node[s->t.mark[i].node].depth);
	if (!s->t.marks)
		out_line(&s->out,
			 "no marks: `mark NAME` makes one; @start and @end are always there");
}

static void show_stops(struct session *s)
{
	char buf[160];

	for (unsigned i = 0; i < s->set.stops; i++) {
		struct text t = text_over(buf, sizeof(buf));

		stop_text(s, &s->set.stop[i], &t);
		out_line(&s->out, "%s", buf);
	}
	if (!s->set.stops)
		out_line(&s->out,
			 "no breaks or watches: `break WHERE` and `watch OBJECT` set some");
}

static void show_session(struct session *s)
{
	const char *status = recording_status(&s->rec);

	out_line(&s->out, "scenario %s, variant %s: %s", s->sc->name,
		 s->sc->variant[s->variant].name, s->sc->title);
	if (s->sc->source[0])
		out_line(&s->out, "from %s", s->sc->source);
	if (s->sc->about[0])
		out_line(&s->out, "%s", s->sc->about);
	out_line(&s->out, "step %u of %u, %u branches, %s, digest %016llx", timeline_depth(&s->t),
		 timeline_last(&s->t), s->branches + 1, *status ? status : "not yet recorded",
		 (unsigned long long)s->m->digest);
}

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

static enum status cmd_show(struct session *s, const char *rest, struct complaint *c)
{
	static const struct {
		const char *name;
		void (*show)(struct session *s);
	} lists[] = {
		{ "marks", show_marks },       { "stops", show_stops },
		{ "breaks", show_stops },      { "session", show_session },
		{ "settings", settings_list },
	};
	const struct pane *pane;
	struct word w;
	enum status status;

	if (!arg_next(&rest, &w)) {
		for (unsigned i = 0; i < PANES; i++)
			out_line(&s->out, "show %-12s %s", pane_table[i]->name,
				 pane_table[i]->help);
		out_line(&s->out, "show %-12s %s", "marks", "names given to states");
		out_line(&s->out, "show %-12s %s", "stops", "breaks and watches");
		out_line(&s->out, "show %-12s %s", "session",
			 "what is loaded and where it is recorded");
		out_line(&s->out, "show %-12s %s", "settings",
			 "what `set` can change; `show NAME` for one");
		return OK;
	}
	if (settings_show(s, w))
		return arg_end(rest, c);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (word_is(w, lists[i].name)) {
			status = arg_end(rest, c);
			if (status == OK)
				lists[i].show(s);
			return status;
		}
	pane = pane_find(w);
	if (!pane)
		return complain(c, BAD_NAME,
				"'%.*s' is nothing that can be shown: `show` lists what there is",
				(int)w.len, w.at);
	status = !strcmp(pane->name, "pagetable") ? show_where(s, rest, c) : arg_end(rest, c);
	return status == OK ? show_pane(s, pane, c) : status;
}

/* ---- why, rules, list ---- */

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

static enum status cmd_list(struct session *s, const char *rest, struct complaint *c)
{
	uint32_t depth = timeline_depth(&s->t), last = timeline_last(&s->t), from, to;
	uint64_t n;
	enum status status = arg_count(rest, 11, TIMELINE_NODES, &n, c);

	if (status != OK)
		return status;
	from = depth > n / 2 ? depth - (uint32_t)(n / 2) : 0;
	to = from + (uint32_t)n - 1 < last ? from + (uint32_t)n - 1 : last;
	for (uint32_t d = from; d <= to; d++) {
		const struct timeline_node *node = &s->t.node[timeline_at(&s->t, d)];
		char label[MAX_LABEL], words[160];
		struct text lt = text_over(label, sizeof(label)),
			    wt = text_over(words, sizeof(words));

		if (d)
			label_text(&lt, &s->m->names, &node->action);
		else
			text_add(&lt, "the start");
		/* Events are kept up to the cursor only; the future has its labels. */
		if (d && d <= depth && timeline_step(&s->t, d)->events)
			event_text(&wt, &s->m->names,
				   &s->t.event[timeline_step(&s->t, d)->event_at]);
		if (s->out.json)
			out_object(
				&s->out, "step",
				json_pack("{s:I, s:s, s:s, s:b, s:s}", "n", (json_int_t)d, "label",
					  label, "src", words, "here", d == depth, "rule",
					  node->finding.rule ? rule_table[node->finding.rule].name :
							       ""));
		else
			out_line(&s->out, "%s%5u  %-22s %s%s%s", d == depth ? ">" : " ", d, label,
				 words, node->finding.rule ? "  !! " : "",
				 node->finding.rule ? rule_table[node->finding.rule].name : "");
	}
	return OK;
}

static enum status cmd_seq(struct session *s, const char *rest, struct complaint *c)
{
	enum status status = arg_end(rest, c);

	return status == OK ? show_pane(s, pane_find((struct word){ "lanes", 5 }), c) : status;
}

static enum status cmd_rules(struct session *s, const char *rest, struct complaint *c)
{
	static const char *const severity[] = { "manifest", "latent", "lint" };
	enum status status = arg_end(rest, c);

	for (unsigned r = 1; status == OK && r < RULE_COUNT; r++) {
		const struct rule_info *i = &rule_table[r];
		uint32_t first = 0;

		for (uint32_t d = 1; s->loaded && !first && d <= timeline_depth(&s->t); d++)
			if (s->t.node[timeline_at(&s->t, d)].rules & (1u << r))
				first = d;
		if (s->out.json)
			out_object(&s->out, "rule",
				   json_pack("{s:s, s:s, s:s, s:s, s:I}", "rule", i->name,
					     "severity", severity[i->severity], "claim", i->claim,
					     "harm", i->harm, "broken", (json_int_t)first));
		else if (first)
			out_line(&s->out, "%-18s %-9s broken at step %u: %s", i->name,
				 severity[i->severity], first, i->claim);
		else
			out_line(&s->out, "%-18s %-9s %s", i->name, severity[i->severity],
				 i->claim);
	}
	return status;
}

static const struct command rows[] = {
	{ "show", "info i", "show [PANE|marks|stops|session|settings|NAME]",
	  "draw a pane as text, or list something",
	  "Without a word it lists what can be shown. `show pagetable` takes an mm and an address.",
	  "show pagetable A heap+0", CMD_MACHINE, cmd_show, "pSmr" },
	{ "walk", "vtop tr", "walk ACTOR ADDRESS",
	  "translate as an actor would, and say if cache and tables differ",
	  "The actor is a CPU, a device, a task or a subscriber. Nothing is filled by it.",
	  "walk cpu1 heap+0", CMD_MACHINE, cmd_walk, "ar" },
	{ "diff", "", "diff [A [B]]",
	  "what differs between two steps; the last step when none is given",
	  "One number compares that step with this state.", "diff 3 7", CMD_MACHINE, cmd_diff, "" },
	{ "why", "", "why [blocked]", "explain the last finding, or who waits for whom",
	  "A chain of causes: who filled the entry, what made it stale, which flush should have "
	  "dropped it.",
	  "why", CMD_MACHINE, cmd_why, "" },
	{ "rules", "inv", "rules", "list the rules, and which are broken on the way here",
	  "Manifest: harm is done. Latent: harm is possible now. Lint: waste, never a violation.",
	  "rules", 0, cmd_rules, "" },
	{ "seq", "lanes", "seq", "draw the timeline, a lane for each actor",
	  "`export now race` writes it for a mail.", "seq", CMD_MACHINE, cmd_seq, "" },
	{ "list", "l", "list [N]", "list the steps around this one",
	  "The arrow is this state; below it is the kept future.", "list 20", CMD_MACHINE, cmd_list,
	  "" },
};

const struct command_group group_seeing = { "seeing", "Seeing", rows,
					    sizeof(rows) / sizeof(rows[0]) };
