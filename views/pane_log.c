/*
 * pane_log.c - what happened, newest at the bottom.
 */
#include "pane.h"
#include "say.h"

#include <string.h>

enum {
	LOG_STEPS = 600,
	TEXT_LEFT = 12
}; /* older steps are out of a pane's reach */

static enum style event_style(const struct event *e)
{
	if (e->kind == EV_FINDING)
		return STYLE_BAD;
	return e->kind == EV_OP || e->kind == EV_RETURN ? STYLE_STRONG : STYLE_PLAIN;
}

/* "name: name: the rest" says the name of a routine twice: without the first. */
static const char *words_of(const char *text)
{
	size_t len = strcspn(text, ": ") + 2;

	return text[len - 2] == ':' && text[len - 1] == ' ' && !strncmp(text, text + len, len) ?
		       text + len : text;
}

static void event_draw(struct pen *p, const struct scene *s, const struct event *e,
		       enum style style)
{
	struct say w = { "" };
	struct text t = text_over(w.is, sizeof(w.is));
	const char *said;

	event_text(&t, &s->m->names, e);
	said = words_of(w.is);
	p->col = TEXT_LEFT;
	if (e->kind == EV_FINDING)
		pen_word(p, style, "%c ", style_mark(STYLE_BAD));
	pen_wrap(p, style, TEXT_LEFT + 2, said);
	pen_line(p);
}

static void step_draw(struct pen *p, const struct scene *s, uint32_t depth)
{
	const struct timeline_step *step = timeline_step(s->t, depth);
	const struct action *a = &s->t->node[step->node].action;
	const struct event *e = s->t->event + step->event_at;
	bool last = depth == timeline_depth(s->t);

	pen_field(p, last ? STYLE_ARROW : STYLE_DIM, -4, "%u", depth);
	p->col++;
	pen_field(p, STYLE_ACTOR, TEXT_LEFT - 5, "%s", say_lane(s, action_lane(a)).is);
	if (!step->events) {
		struct say w = { "" };
		struct text t = text_over(w.is, sizeof(w.is));

		label_text(&t, &s->m->names, a);
		p->col = TEXT_LEFT;
		pen_word(p, STYLE_DIM, "%s", w.is);
		pen_line(p);
	}
	for (unsigned i = 0; i < step->events; i++)
		event_draw(p, s, &e[i],
			   e[i].kind == EV_STEP ? last ? STYLE_ARROW : STYLE_DIM :
						  event_style(&e[i]));
}

static int draw(struct canvas *c, const struct scene *s)
{
	struct pen p = pen_at(c, 0, 0);
	uint32_t depth = timeline_depth(s->t);
	uint32_t from = depth > LOG_STEPS ? depth - LOG_STEPS + 1 : 1;

	if (!depth) {
		pen_word(&p, STYLE_DIM, "nothing has happened yet");
		return -1;
	}
	for (uint32_t d = from; d <= depth; d++)
		step_draw(&p, s, d);
	return p.row - 1;
}

const struct pane pane_log = {
	.name = "log",
	.title = "Log",
	.help = "the events of the path, newest at the bottom",
	.wide = { SIDE_BELOW, 4, 60, 3, 88 },
	.small = { SIDE_BELOW, 3, 60, 3, 88 },
	.draw = draw,
};
