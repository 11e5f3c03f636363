/*
 * rules.c - the table of rules, and how a broken one is reported.
 */
#include "rules.h"

const struct rule_info rule_table[RULE_COUNT] = {
#define RULE_ROW(id, n, s, c, h) [RULE_##id] = { n, s, c, h },
	RULES(RULE_ROW)
#undef RULE_ROW
};

_Static_assert(RULE_COUNT <= 32, "effects.rules holds a bit per rule");

unsigned rule_find(struct word w)
{
	for (unsigned r = 1; r < RULE_COUNT; r++)
		if (word_is(w, rule_table[r].name))
			return r;
	return RULE_NONE;
}

#define BIT_UNLESS_LINT(id, n, s, c, h) | ((s) != LINT ? 1u << RULE_##id : 0u)

uint32_t rules_broken(uint32_t mask)
{
	return mask & (0u RULES(BIT_UNLESS_LINT));
}

void rule_broken(struct machine *m, struct finding f)
{
	f.lane = m->lane;
	m->fx->rules |= 1u << f.rule;
	if (rule_table[f.rule].severity != LINT && m->fx->finding.rule == RULE_NONE)
		m->fx->finding = f;
	event_add(m, (struct event){ .kind = EV_FINDING, .a = f.rule, .c = f.pfn, .va = f.va });
}
