/*
 * pane_actions.c - everything that can happen next, numbered.
 */
#include "pane.h"
#include "say.h"

enum {
	WIDE = 70,
	WORDS_LEFT = 6
};

static int draw(struct canvas *c, const struct scene *s)
{
	struct pen p = pen_at(c, 0, 0);
	struct action a[MAX_ACTIONS];
	unsigned n = machine_actions(s->m, a);
	int width = 0;

	for (unsigned i = 0; i < n; i++) {
		struct say label = { "" };
		struct text t = text_over(label.is, sizeof(label.is));

		label_text(&t, &s->m->names, &a[i]);
		width = text_width(label.is) > width ? text_width(label.is) : width;
	}
	for (unsigned i = 0; i < n; i++) {
		struct say label = { "" }, words = { "" };
		struct text t = text_over(label.is, sizeof(label.is)),
			    u = text_over(words.is, sizeof(words.is));
		bool is_next = s->next && action_same(s->next, &a[i]);

		label_text(&t, &s->m->names, &a[i]);
		action_text(&u, s->m, &a[i]);
		if (is_next)
			canvas_glyph(c, p.row, 0, STYLE_ARROW, glyph(GLYPH_POINTER));
		p.col = 1;
		pen_field(&p, STYLE_KEY, -3, "%u", i + 1);
		p.col += 2;
		if (c->cols >= WIDE) {
			pen_field(&p, is_next ? STYLE_ARROW : STYLE_ACTOR, width + 2, "%s",
				  label.is);
			pen_word(&p, STYLE_PLAIN, "%s", words.is);
		} else {
			pen_word(&p, is_next ? STYLE_ARROW : STYLE_ACTOR, "%s", label.is);
			pen_line(&p);
			p.col = WORDS_LEFT;
			pen_wrap(&p, STYLE_PLAIN, WORDS_LEFT + 2, words.is);
		}
		pen_line(&p);
	}
	if (!n)
		pen_word(&p, STYLE_DIM,
			 machine_finished(s->m) ? "every program has run to its end" :
						  "nobody can go on: a deadlock");
	return -1;
}

static void note(struct text *t, const struct scene *s)
{
	struct action a[MAX_ACTIONS];

	text_add(t, "%u possible", machine_actions(s->m, a));
}

const struct pane pane_actions = {
	.name = "actions",
	.title = "Actions",
	.help = "everything that can happen next: number, label, words",
	.wide = { SIDE_RIGHT, 3, 76, 1, 45 },
	.small = { SIDE_RIGHT, 3, 38, 1, 45 },
	.note = note,
	.draw = draw,
};
