/*
 * scenario.c - scenario text, line by line.
 */
#include <stdio.h>
#include <string.h>

#include "litmus.h"
#include "routines.h"
#include "scenario.h"
#include "task.h"

/* ---- what names.h asks of the floors that know ---- */

static void words_of_step(struct text *t, unsigned routine, unsigned pc)
{
	const char *words = "";
	bool call;

	text_add(t, "%s: ", routine_table[routine]->name);
	if (pc && routine_line(routine, pc, &words, &call))
		text_add(t, "%s", words);
}

static void words_of_op(struct text *t, const struct names *n, unsigned task, unsigned op)
{
	const struct machine *m = n->op_source;

	if (task < MAX_TASKS && op < peek_program(m, task)->count)
		op_text(t, n, &peek_program(m, task)->op[op]);
}

static const char *words_of_rule(unsigned rule)
{
	return rule < RULE_COUNT && rule ? rule_table[rule].name : "no rule";
}

void scenario_begin(struct machine *m)
{
	world_init(m);
	m->names.routine_words = words_of_step;
	m->names.op_words = words_of_op;
	m->names.rule_words = words_of_rule;
	m->names.op_source = m;
}

/* ---- lines about the scenario ---- */

static const char *skip_blank(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

static size_t length_before(const char *p, const char *ends)
{
	size_t n = strcspn(p, ends);

	while (n && strchr(" \t\r", p[n - 1]))
		n--;
	return n;
}

static size_t line_length(const char *p)
{
	return length_before(p, "\n");
}

/* The rest of a line as a sentence into a field; more lines of the word are joined by a blank. */
static enum status sentence(char *field, size_t size, const char *rest, const char *what, struct complaint *c)
{
	size_t used = strlen(field), n;

	rest = skip_blank(rest);
	n = line_length(rest);
	if (used + n + 2 > size)
		return complain(c, BAD_LIMIT, "the %s is longer than %u bytes", what, (unsigned)size - 2);
	if (used)
		field[used++] = ' ';
	memcpy(field + used, rest, n);
	field[used + n] = '\0';
	return OK;
}

unsigned scenario_variant_find(const struct scenario *s, struct word name)
{
	for (unsigned i = 0; i < s->variants; i++)
		if (word_is(name, s->variant[i].name))
			return i;
	return NONE;
}

static enum status line_variant(struct scenario *s, const char *rest, struct complaint *c)
{
	struct scenario_variant *v = &s->variant[s->variants];
	struct word w = { "the end of the line", 19 };

	if (s->variants == MAX_VARIANTS)
		return complain(c, BAD_LIMIT, "MAX_VARIANTS is %u", MAX_VARIANTS);
	word_next(&rest, "", &w);
	if (!word_copy(w, v->name, sizeof(v->name)) || scenario_variant_find(s, w) != NONE)
		return complain(c, BAD_VALUE, "'%.*s' should be a new name of 1 to %u characters", (int)w.len, w.at, MAX_NAME - 1);
	v->switches[0] = '\0';
	s->variants++;
	return sentence(v->switches, sizeof(v->switches), rest, "variant", c);
}

/* expect VARIANT forbidden|allowed|required EXPR */
static enum status line_outcome(struct scenario *s, unsigned variant, enum litmus_verdict verdict, const char *rest,
	unsigned line, struct complaint *c)
{
	const char *words = skip_blank(rest);
	size_t len = length_before(words, "#\n");

	if (s->outcomes == MAX_OUTCOME_LINES)
		return complain(c, BAD_LIMIT, "MAX_OUTCOME_LINES is %u", MAX_OUTCOME_LINES);
	if (!len)
		return complain(c, BAD_SYNTAX, "%s needs an expression behind it: `help expressions`", litmus_verdict_name(verdict));
	s->outcome[s->outcomes++] = (struct scenario_outcome){
		(uint8_t)variant, (uint8_t)verdict, (uint16_t)(words - s->text), (uint16_t)len, line,
	};
	return OK;
}

static enum status line_expect(struct scenario *s, const char *rest, unsigned line, struct complaint *c)
{
	struct word w = { "the end of the line", 19 };
	enum litmus_verdict verdict;
	unsigned variant, rule;

	/* A scenario without variants has one, `plain`; naming it makes it. */
	if (word_next(&rest, "", &w) && !s->variants && word_is(w, "plain"))
		strcpy(s->variant[s->variants++].name, "plain");
	variant = scenario_variant_find(s, w);
	if (variant == NONE)
		return complain(c, BAD_NAME, "'%.*s' should be a variant that a `variant` line made", (int)w.len, w.at);
	w = (struct word){ "the end of the line", 19 };
	if (!word_next(&rest, "", &w))
		return complain(c, BAD_SYNTAX, "expect needs a rule, `clean`, or forbidden, allowed or required after the variant");
	verdict = litmus_verdict_find(w);
	if (verdict)
		return line_outcome(s, variant, verdict, rest, line, c);
	do {
		rule = rule_find(w);
		if (rule == RULE_NONE && !word_is(w, "clean"))
			return complain(c, BAD_NAME, "'%.*s' is no rule: `help rules` lists them, `clean` means none", (int)w.len, w.at);
		if (s->expects == MAX_EXPECTS)
			return complain(c, BAD_LIMIT, "MAX_EXPECTS is %u", MAX_EXPECTS);
		s->expect[s->expects++] = (struct scenario_expect){ (uint8_t)variant, (uint8_t)rule, line };
	} while (word_next(&rest, "", &w));
	return OK;
}

static enum status line_beat(struct scenario *s, bool say, const char *rest, unsigned line, struct complaint *c)
{
	const char *words = skip_blank(rest);

	if (s->beats == MAX_BEATS)
		return complain(c, BAD_LIMIT, "MAX_BEATS is %u", MAX_BEATS);
	if (!line_length(words))
		return complain(c, BAD_SYNTAX, "%s needs %s", say ? "say" : "do", say ? "a sentence" : "a label");
	s->beat[s->beats++] = (struct scenario_beat){
		say, (uint16_t)(words - s->text), (uint16_t)line_length(words), line,
	};
	return OK;
}

/* A line about the scenario: *mine tells whether it was one. */
static enum status scenario_line(struct scenario *s, const char *line, unsigned number, bool *mine, struct complaint *c)
{
	const char *rest = line;
	struct word w = { "", 0 };

	*mine = true;
	if (!word_next(&rest, "", &w))
		return OK;
	if (word_is(w, "title"))
		return sentence(s->title, sizeof(s->title), rest, "title", c);
	if (word_is(w, "source"))
		return sentence(s->source, sizeof(s->source), rest, "source", c);
	if (word_is(w, "about"))
		return sentence(s->about, sizeof(s->about), rest, "about text", c);
	if (word_is(w, "variant"))
		return line_variant(s, rest, c);
	if (word_is(w, "expect"))
		return line_expect(s, rest, number, c);
	if (word_is(w, "say") || word_is(w, "do"))
		return line_beat(s, word_is(w, "say"), rest, number, c);
	*mine = false;
	if (!setup_find(w))
		return complain(c, BAD_NAME, "'%.*s' is no line of a scenario: title, source, about, variant, expect, say, do, or a "
			"set-up line (`help setup`)", (int)w.len, w.at);
	return OK;
}

/* Cuts a line out of the text; NULL at the end or when it is too long. */
static const char *line_cut(const char **at, char buf[MAX_LINE], struct complaint *c)
{
	size_t n = strcspn(*at, "\n");

	if (!**at)
		return NULL;
	if (n >= MAX_LINE) {
		complain(c, BAD_LIMIT, "the line is longer than %u bytes", MAX_LINE - 1);
		return NULL;
	}
	memcpy(buf, *at, n);
	buf[n] = '\0';
	*at += n + ((*at)[n] == '\n');
	return buf;
}

/* A task in an mm that nobody forks would wait for ever. */
static enum status all_born(const struct machine *m, struct complaint *c)
{
	for (unsigned mm = 0; mm < MAX_MMS; mm++) {
		bool forked = false;

		for (unsigned p = 0; p < MAX_TASKS; p++)
			for (unsigned i = 0; i < peek_program(m, p)->count; i++)
				forked |= peek_program(m, p)->op[i].kind == OP_FORK &&
					peek_program(m, p)->op[i].object == mm;
		if (peek_mm(m, mm)->users && peek_mm(m, mm)->state == MM_UNBORN && !forked)
			return complain(c, BAD_STATE, "the mm '%s' is unborn and no task forks it, but a task runs in it",
				m->names.name[NAME_MM][mm]);
	}
	return OK;
}

enum status scenario_build(const struct scenario *s, unsigned variant, struct machine *m, struct effects *fx,
	struct complaint *c)
{
	const char *at = s->text, *line, *rest;
	char buf[MAX_LINE];
	struct word w;
	enum status status = OK;

	scenario_begin(m);
	c->status = OK;
	for (c->line = 1; status == OK && (line = line_cut(&at, buf, c)); c->line++) {
		rest = line;
		if (word_next(&rest, "", &w) && setup_find(w))
			status = setup_apply(m, line, fx, c);
		if (status != OK)
			return status;
	}
	if (c->status != OK)
		return c->status;
	c->line = 0;
	status = setup_switches(m, s->variant[variant].switches, fx, c);
	if (status != OK)
		return status;
	status = all_born(m, c);
	if (status != OK)
		return status;
	for (unsigned i = 0; i < MAX_CPUS; i++)
		if (peek_cpu(m, i)->online) {
			setup_finish(m, fx);
			return OK;
		}
	return complain(c, BAD_SYNTAX, "there is no `machine cpus=N` line, so the machine has no CPU");
}

enum status scenario_read(struct scenario *s, const char *name, const char *text, struct machine *m, struct effects *fx,
	struct complaint *c)
{
	const char *at;
	char buf[MAX_LINE];
	enum status status;
	bool mine;

	memset(s, 0, sizeof(*s));
	c->status = OK;
	c->line = 0;
	snprintf(s->name, sizeof(s->name), "%s", name);
	if (strlen(text) >= sizeof(s->text))
		return complain(c, BAD_LIMIT, "a scenario has at most %u bytes", MAX_SCENARIO - 1);
	strcpy(s->text, text);
	at = s->text;
	for (c->line = 1;; c->line++) {
		const char *start = at;

		if (!line_cut(&at, buf, c))
			break;
		status = scenario_line(s, start, c->line, &mine, c);
		if (status != OK)
			return status;
	}
	if (c->status != OK)
		return c->status;
	if (!s->variants) {
		strcpy(s->variant[0].name, "plain");
		s->variants = 1;
	}
	for (unsigned v = 0; v < s->variants; v++) {
		status = scenario_build(s, v, m, fx, c);
		if (status != OK)
			return status;
	}
	c->line = 0;
	return OK;
}
