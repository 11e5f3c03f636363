/*
 * The timeline as a list of steps. Events are kept up to the cursor only, so what is asked of a
 * later step is looked up there: the timeline goes to it and comes back.
 */
#include "steplist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "displays.h"
#include "info.h"
#include "race.h"

/* ---- list ---- */

struct row {
	char label[MAX_LABEL], words[160], values[120];
	unsigned rule;
};

/* The row of the step that led to the cursor. */
static void row_read(const struct session *s, struct row *row)
{
	const struct timeline_node *node = &s->t.node[s->t.cursor];
	struct text lt = text_over(row->label, sizeof(row->label)),
		    wt = text_over(row->words, sizeof(row->words)),
		    vt = text_over(row->values, sizeof(row->values));

	row->rule = node->finding.rule;
	displays_column(s, &vt);
	if (!node->depth) {
		text_add(&lt, "the start");
		return;
	}
	label_text(&lt, &s->m->names, &node->action);
	if (timeline_step(&s->t, node->depth)->events)
		event_text(&wt, &s->m->names,
			   &s->t.event[timeline_step(&s->t, node->depth)->event_at]);
}

static void say_row(struct session *s, uint32_t depth, bool here, const struct row *row)
{
	const char *rule = row->rule ? rule_table[row->rule].name : "";

	if (s->out.json)
		out_object(&s->out, "step",
			   json_pack("{s:I, s:s, s:s, s:b, s:s, s:s}", "n", (json_int_t)depth,
				     "label", row->label, "src", row->words, "here", here, "rule",
				     rule, "values", row->values));
	else
		out_line(&s->out, "%s%5u  %-22s %s%s%s%s%s", here ? ">" : " ", depth, row->label,
			 row->words, *rule ? "  !! " : "", rule, *row->values ? "  | " : "",
			 row->values);
}

enum status cmd_list(struct session *s, const char *rest, struct complaint *c)
{
	uint32_t depth = timeline_depth(&s->t), last = timeline_last(&s->t), from, to,
		 here = s->t.cursor;
	uint64_t n;
	enum status status = arg_count(rest, 11, TIMELINE_NODES, &n, c);
	char heads[400];
	struct text t = text_over(heads, sizeof(heads));
	struct row row;

	if (status != OK)
		return status;
	from = depth > n / 2 ? depth - (uint32_t)(n / 2) : 0;
	to = from + (uint32_t)n - 1 < last ? from + (uint32_t)n - 1 : last;
	for (unsigned i = 0; i < s->set.displays; i++)
		text_add(&t, "%s%s", i ? ", " : "", s->set.display[i].text);
	if (t.len && !s->out.json)
		out_line(&s->out, "behind the |: %s", heads);
	timeline_goto(&s->t, timeline_at(&s->t, from));
	for (uint32_t d = from; d <= to; d++) {
		row_read(s, &row);
		say_row(s, d, d == depth, &row);
		timeline_forward(&s->t, 1);
	}
	timeline_goto(&s->t, here);
	return OK;
}

/* ---- find ---- */

/* Is the text in the label, or in what the step reported, the events' names included? */
static bool holds(const struct session *s, const char *text)
{
	const struct timeline_node *node = &s->t.node[s->t.cursor];
	const struct timeline_step *step;
	char buf[200];
	struct text t = text_over(buf, sizeof(buf));

	if (!node->depth)
		return false;
	label_text(&t, &s->m->names, &node->action);
	if (strcasestr(buf, text))
		return true;
	step = timeline_step(&s->t, node->depth);
	for (uint32_t i = 0; i < step->events; i++) {
		const struct event *e = &s->t.event[step->event_at + i];

		t = text_over(buf, sizeof(buf));
		text_add(&t, "%s: ", event_name((enum event_kind)e->kind));
		event_text(&t, &s->m->names, e);
		if (strcasestr(buf, text))
			return true;
	}
	return node->finding.rule && strcasestr(rule_table[node->finding.rule].name, text);
}

static enum status find(struct session *s, const char *rest, bool ahead, struct complaint *c)
{
	uint32_t here = s->t.cursor, found = NO_NODE;
	char text[sizeof(s->sought)];
	struct row row;

	if (strlen(rest) >= sizeof(text))
		return complain(c, BAD_LIMIT, "a text to look for has at most %zu bytes",
				sizeof(text) - 1);
	strcpy(text, *rest ? rest : s->sought);
	if (!*text)
		return complain(c, BAD_SYNTAX, "find needs a text to look for, such as `/unlock`");
	while (found == NO_NODE && (ahead ? timeline_forward(&s->t, 1) : timeline_back(&s->t, 1)))
		if (holds(s, text))
			found = s->t.cursor;
	timeline_goto(&s->t, here);
	if (found == NO_NODE)
		return complain(c, BAD_STATE,
				ahead ? "no step ahead has '%.60s': `?%.60s` looks behind" :
					"no step behind has '%.60s': `/%.60s` looks ahead",
				text, text);
	strcpy(s->sought, text);
	session_goto(s, found);
	row_read(s, &row);
	say_row(s, timeline_depth(&s->t), true, &row);
	return OK;
}

enum status cmd_find(struct session *s, const char *rest, struct complaint *c)
{
	return find(s, rest, true, c);
}

enum status cmd_rfind(struct session *s, const char *rest, struct complaint *c)
{
	return find(s, rest, false, c);
}

/* ---- seq ---- */

static enum status race_say(struct session *s, uint32_t from, uint32_t to, struct complaint *c)
{
	uint32_t here = s->t.cursor;
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return complain(c, BAD_LIMIT, "there is no memory for the diagram");
	timeline_goto(&s->t, timeline_at(&s->t, to));
	race_write(mem, &s->t, from, to);
	timeline_goto(&s->t, here);
	fclose(mem);
	if (!size)
		out_line(&s->out, "nothing in these steps is worth a row");
	for (char *line = text, *end; *line; line = end + (*end != '\0')) {
		end = line + strcspn(line, "\n");
		out_line(&s->out, "%.*s", (int)(end - line), line);
		if (!*end)
			break;
	}
	free(text);
	return OK;
}

enum status cmd_seq(struct session *s, const char *rest, struct complaint *c)
{
	uint32_t last = timeline_last(&s->t);
	uint64_t step[2];
	struct word w;
	unsigned n = 0;

	for (; arg_next(&rest, &w); n++) {
		if (n == 2)
			return complain(c, BAD_SYNTAX, "'%.*s' is one word too many",
					(int)(w.len < 60 ? w.len : 60), w.at);
		if (!word_number(w, &step[n]) || step[n] > last || (n && step[1] < step[0]))
			return complain(c, BAD_VALUE, "'%.*s' should be a step from %u to %u",
					(int)(w.len < 60 ? w.len : 60), w.at,
					n ? (unsigned)step[0] : 0, last);
	}
	if (n == 1)
		return complain(c, BAD_SYNTAX, "seq needs the last step, too: `seq 3 9`");
	if (n == 2)
		return race_say(s, step[0] ? (uint32_t)step[0] - 1 : 0, (uint32_t)step[1], c);
	return pane_say(s, pane_find((struct word){ "lanes", 5 }), c);
}
