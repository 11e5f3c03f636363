/*
 * Values of expressions, once and after each step.
 */
#include "displays.h"

struct expr_place place_of(const struct session *s)
{
	struct expr_place p = { .m = s->m, .step = timeline_depth(&s->t) };

	for (uint32_t n = s->t.cursor; n; n = s->t.node[n].parent)
		p.rules |= s->t.node[n].rules;
	if (machine_stuck(s->m))
		p.rules |= 1u << RULE_DEADLOCK;
	return p;
}

void print_value(const struct session *s, const char *text, struct text *t)
{
	const struct expr_place place = place_of(s);
	struct complaint no;
	struct expr e;

	if (expr_read(s->m, text, &e, &no) == OK)
		value_text(s->m, e.type, expr_value(&e, &place), t);
	else
		text_add(t, "?");
}

static void say(struct session *s, unsigned number, const char *text)
{
	char buf[80];
	struct text t = text_over(buf, sizeof(buf));

	print_value(s, text, &t);
	if (s->out.json)
		out_object(&s->out, "value",
			   json_pack("{s:I, s:o*, s:s}", "display", (json_int_t)number, "text",
				     json_string(text), "value", buf));
	else if (number)
		out_line(&s->out, "%8u: %s = %s", number, text, buf);
	else
		out_line(&s->out, "%s = %s", text, buf);
}

enum status print_say(struct session *s, const char *text, struct complaint *c)
{
	struct expr e;
	enum status status = expr_read(s->m, text, &e, c);

	if (status == OK)
		say(s, 0, text);
	return status;
}

void displays_say(struct session *s)
{
	for (unsigned i = 0; i < s->set.displays; i++)
		say(s, s->set.display[i].number, s->set.display[i].text);
}

void displays_column(const struct session *s, struct text *t)
{
	for (unsigned i = 0; i < s->set.displays; i++) {
		text_add(t, "%s", i ? ", " : "");
		print_value(s, s->set.display[i].text, t);
	}
}
