/*
 * pane_findings.c - the rules that broke on the path, what they claim, why it harms, and how it
 * came.
 */
#include "pane.h"
#include "rules.h"
#include "say.h"
#include "why.h"

static void finding_draw(struct pen *p, const struct scene *s, uint32_t depth,
			 const struct timeline_node *n, unsigned rule)
{
	const struct rule_info *info = &rule_table[rule];

	pen_value(p, STYLE_BAD, text_width(info->name), "%s", info->name);
	pen_word(p, STYLE_DIM, " step ");
	pen_word(p, STYLE_PLAIN, "%u ", depth);
	pen_word(p, STYLE_ACTOR, "%s ", say_lane(s, action_lane(&n->action)).is);
	if (n->finding.rule == rule && n->finding.va)
		pen_word(p, STYLE_ADDRESS, "%s ", say_address(s, n->finding.va).is);
	if (info->severity == LATENT)
		pen_word(p, STYLE_DIM, "(harm is possible now)");
	pen_line(p);
	p->col = 2;
	pen_word(p, STYLE_DIM, "must hold: ");
	pen_wrap(p, STYLE_PLAIN, 4, info->claim);
	pen_line(p);
	p->col = 2;
	pen_word(p, STYLE_DIM, "else: ");
	pen_wrap(p, STYLE_PLAIN, 4, info->harm);
	pen_line(p);
}

static void why_draw(struct pen *p, const struct scene *s)
{
	struct why w;

	if (!why_finding(s->t, &w))
		return;
	pen_word(p, STYLE_HEAD, "why");
	pen_line(p);
	for (unsigned i = 0; i < w.lines; i++) {
		pen_field(p, STYLE_DIM, -4, "%u", w.line[i].depth);
		p->col++;
		pen_field(p, STYLE_ACTOR, 7, "%s",
			  w.line[i].lane < LANES ? say_lane(s, w.line[i].lane).is : "");
		pen_wrap(p, STYLE_PLAIN, 14, w.line[i].text);
		pen_line(p);
	}
}

static int draw(struct canvas *c, const struct scene *s)
{
	struct pen p = pen_at(c, 0, 0);
	unsigned lints[RULE_COUNT] = { 0 };
	uint32_t first[RULE_COUNT] = { 0 };
	bool any = false;

	for (uint32_t d = 1; d <= timeline_depth(s->t); d++) {
		const struct timeline_node *n = &s->t->node[timeline_step(s->t, d)->node];

		for (unsigned r = 1; n->rules && r < RULE_COUNT; r++) {
			if (!(n->rules & (1u << r)))
				continue;
			if (rule_table[r].severity != LINT) {
				finding_draw(&p, s, d, n, r);
				any = true;
			} else if (!lints[r]++) {
				first[r] = d;
			}
		}
	}
	if (any)
		why_draw(&p, s);
	else
		pen_word(&p, STYLE_GOOD, "no rule is broken so far"), pen_line(&p);
	for (unsigned r = 1; r < RULE_COUNT; r++)
		if (lints[r]) {
			pen_word(&p, STYLE_DIM, "lint %s, %u time%s, first at step %u",
				 rule_table[r].name, lints[r], lints[r] == 1 ? "" : "s", first[r]);
			pen_line(&p);
		}
	return -1;
}

static bool broken(const struct scene *s)
{
	for (uint32_t d = 1; d <= timeline_depth(s->t); d++)
		if (rules_broken(s->t->node[timeline_step(s->t, d)->node].rules))
			return true;
	return false;
}

static void note(struct text *t, const struct scene *s)
{
	unsigned broken = 0, lints = 0;

	for (uint32_t d = 1; d <= timeline_depth(s->t); d++) {
		uint32_t rules = s->t->node[timeline_step(s->t, d)->node].rules;
		uint32_t bad = rules_broken(rules);

		broken += (unsigned)__builtin_popcount(bad);
		lints += (unsigned)__builtin_popcount(rules & ~bad);
	}
	text_add(t, "%u broken", broken);
	if (lints)
		text_add(t, ", %u lint%s", lints, lints == 1 ? "" : "s");
}

const struct pane pane_findings = {
	.name = "findings",
	.title = "Findings",
	.help = "rules broken on the path, and why",
	.wide = { SIDE_RIGHT, 5, 76, 4, 58 },
	.small = { SIDE_RIGHT, 4, 38, 3, 58 },
	.urgent = broken,
	.note = note,
	.draw = draw,
};
