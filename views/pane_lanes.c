/*
 * pane_lanes.c - the timeline as swim lanes: a column per actor, a row per step, the future dimmed.
 */
#include "pane.h"
#include "say.h"

enum {
	PAST_STEPS = 600,
	FUTURE_STEPS = 200,
	LANES_LEFT = 7
};

struct lane_columns {
	int at[LANES]; /* -1 = the lane does not exist */
	int width;
};

static struct lane_columns lane_columns(const struct canvas *c, const struct scene *s)
{
	struct lane_columns l;
	int count = 0, n = 0;

	for (unsigned i = 0; i < LANES; i++)
		count += lane_exists(s->m, i);
	l.width = (c->cols - LANES_LEFT) / (count ? count : 1);
	for (unsigned i = 0; i < LANES; i++)
		l.at[i] = lane_exists(s->m, i) ? LANES_LEFT + n++ * l.width : -1;
	return l;
}

static void cell_draw(struct pen *p, const struct lane_columns *l, unsigned lane, enum style style,
		      const char *words)
{
	p->col = l->at[lane];
	pen_field(p, style, l->width - 1, "%s", words);
}

/* What the step did, in short: its events' brief forms. */
static struct say step_brief(const struct scene *s, const struct timeline_step *step,
			     enum style *style)
{
	const char *sep = "";
	struct say w = { "" };
	struct text t = text_over(w.is, sizeof(w.is));

	*style = STYLE_PLAIN;
	for (unsigned i = 0; i < step->events; i++) {
		const struct event *e = &s->t->event[step->event_at + i];
		struct say one = { "" };
		struct text u = text_over(one.is, sizeof(one.is));

		event_brief(&u, &s->m->names, e);
		if (!*one.is)
			continue;
		/* What broke comes first: it must not be cut. */
		if (e->kind == EV_FINDING && *style != STYLE_BAD) {
			struct say rest = w;

			t = text_over(w.is, sizeof(w.is));
			text_add(&t, "%s%s%s", one.is, *rest.is ? ", " : "", rest.is);
			*style = STYLE_BAD;
		} else {
			text_add(&t, "%s%s", sep, one.is);
		}
		sep = ", ";
	}
	return w;
}

static void past_draw(struct pen *p, const struct scene *s, const struct lane_columns *l,
		      uint32_t depth)
{
	const struct timeline_step *step = timeline_step(s->t, depth);
	unsigned lane = action_lane(&s->t->node[step->node].action);
	bool here = depth == timeline_depth(s->t);
	enum style style;
	struct say words = step_brief(s, step, &style);

	if (here)
		canvas_glyph(p->on, p->row, 0, STYLE_ARROW, glyph(GLYPH_POINTER));
	p->col = 1;
	pen_field(p, here ? STYLE_ARROW : STYLE_DIM, -4, "%u", depth);
	if (*words.is) {
		cell_draw(p, l, lane,
			  style == STYLE_BAD ? style :
			  here		     ? STYLE_ARROW :
					       style,
			  words.is);
	} else if (l->at[lane] >= 0) {
		canvas_glyph(p->on, p->row, l->at[lane], STYLE_DIM, glyph(GLYPH_DOT));
	}
	pen_line(p);
}

static void future_draw(struct pen *p, const struct scene *s, const struct lane_columns *l,
			uint32_t depth)
{
	const struct action *a = &s->t->node[timeline_at(s->t, depth)].action;
	struct say w = { "" };
	struct text t = text_over(w.is, sizeof(w.is));

	label_text(&t, &s->m->names, a);
	p->col = 1;
	pen_field(p, STYLE_DIM, -4, "%u", depth);
	cell_draw(p, l, action_lane(a), STYLE_DIM, w.is);
	pen_line(p);
}

static int draw(struct canvas *c, const struct scene *s)
{
	struct lane_columns l = lane_columns(c, s);
	struct pen p = pen_at(c, 0, 0);
	uint32_t depth = timeline_depth(s->t), last = timeline_last(s->t);
	uint32_t from = depth > PAST_STEPS ? depth - PAST_STEPS + 1 : 1;
	int row;

	pen_word(&p, STYLE_HEAD, " step");
	for (unsigned i = 0; i < LANES; i++)
		if (l.at[i] >= 0)
			cell_draw(&p, &l, i, STYLE_ACTOR, say_lane(s, i).is);
	pen_line(&p);
	for (uint32_t d = from; d <= depth; d++)
		past_draw(&p, s, &l, d);
	row = p.row - 1;
	for (uint32_t d = depth + 1; d <= last && d <= depth + FUTURE_STEPS; d++)
		future_draw(&p, s, &l, d);
	return row;
}

static void note(struct text *t, const struct scene *s)
{
	text_add(t, "step %u of %u", timeline_depth(s->t), timeline_last(s->t));
}

const struct pane pane_lanes = {
	.name = "lanes",
	.title = "Timeline",
	.help = "a lane per actor, a row per step; the kept future dimmed",
	.wide = { SIDE_BELOW, 4, 60, 3, 87 },
	.small = { SIDE_BELOW, 0, 0, 0, 0 },
	.heads = 1,
	.note = note,
	.draw = draw,
};
