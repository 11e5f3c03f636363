/*
 * Outcomes that a scenario expects.
 */
#include "expected.h"

_Static_assert(MAX_OUTCOME_LINES <= 32, "a bit for each question of a search");

enum status expected_read(struct expected *x, const struct scenario *sc, unsigned variant, const struct machine *m,
			  struct complaint *c)
{
	x->count = 0;
	for (unsigned i = 0; i < sc->outcomes; i++) {
		const struct scenario_outcome *o = &sc->outcome[i];
		struct expr *e = &x->expr[x->count];

		if (variant != NONE && o->variant != variant)
			continue;
		c->line = o->line;
		if (expr_read(m, sc->text + o->at, e, c) != OK)
			return c->status;
		if (e->path)
			return complain(c, BAD_VALUE,
					"`step` and `broken` ask for the path to a state, but an outcome is a state alone");
		x->outcome[x->count++] = o;
	}
	c->line = 0;
	return OK;
}

uint32_t expected_ask(const struct machine *m, void *self)
{
	const struct expected *x = self;
	const struct expr_place place = { .m = m };
	uint32_t yes = 0;

	for (unsigned i = 0; i < x->count; i++)
		yes |= (uint32_t)expr_true(&x->expr[i], &place) << i;
	return yes;
}

enum litmus_verdict expected_verdict(unsigned i, const struct explore_result *r)
{
	bool yes = r->yes >> i & 1, no = r->no >> i & 1;

	if (yes && no)
		return LITMUS_ALLOWED;
	if (r->bound)
		return yes ? LITMUS_ALLOWED : LITMUS_UNSAID;
	return yes ? LITMUS_REQUIRED : LITMUS_FORBIDDEN;
}

static bool as_expected(const struct expected *x, unsigned i, const struct explore_result *r)
{
	enum litmus_verdict v = expected_verdict(i, r), want = (enum litmus_verdict)x->outcome[i]->verdict;

	/* Behind a bound there may be an end that does not show it. */
	if (v == LITMUS_UNSAID || (want == LITMUS_REQUIRED && r->bound))
		return false;
	return litmus_agrees(v, want);
}

bool expected_hold(const struct expected *x, const struct explore_result *r)
{
	for (unsigned i = 0; i < x->count; i++)
		if (!as_expected(x, i, r))
			return false;
	return true;
}

static const char *found_word(unsigned i, const struct explore_result *r)
{
	enum litmus_verdict v = expected_verdict(i, r);

	return v ? litmus_verdict_name(v) : "no answer";
}

json_t *expected_json(const struct expected *x, const struct scenario *sc, const struct explore_result *r)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < x->count; i++) {
		const struct scenario_outcome *o = x->outcome[i];

		json_array_append_new(all, json_pack("{s:s%, s:s, s:s, s:b}", "ask", sc->text + o->at, (size_t)o->len, "found",
						     found_word(i, r), "expected",
						     litmus_verdict_name((enum litmus_verdict)o->verdict), "ok",
						     as_expected(x, i, r)));
	}
	return all;
}

void expected_say(struct output *out, const struct expected *x, const struct scenario *sc, const struct explore_result *r)
{
	for (unsigned i = 0; i < x->count; i++) {
		const struct scenario_outcome *o = x->outcome[i];
		const char *want = litmus_verdict_name((enum litmus_verdict)o->verdict);

		if (as_expected(x, i, r))
			out_line(out, "    %-9s  %.*s", found_word(i, r), (int)o->len, sc->text + o->at);
		else
			out_line(out, "    %-9s  %.*s: WRONG, expected %s", found_word(i, r), (int)o->len,
				 sc->text + o->at, want);
	}
}
