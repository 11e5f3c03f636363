/*
 * What a search never reached.
 */
#include "cover.h"

#include <string.h>

#include "commands.h"
#include "coverage.h"
#include "mmu.h"
#include "routine.h"

static struct {
	bool known;
	bool merged; /* of searches elsewhere: their steps alone */
	unsigned builds; /* of session.builds */
	uint64_t lines[ROUTINE_COUNT];
	uint64_t offered, taken; /* see explore_action_bit */
	bool whole; /* the search looked at every state that it could reach */
	const char *stopped; /* by what, "" when it is whole */
	bool bound;	     /* by a bound on that */
} last;

void cover_search(const struct session *s, const struct explore_result *r, bool all)
{
	memset(&last, 0, sizeof(last));
	last.known = true;
	last.builds = s->builds;
	memcpy(last.lines, r->lines, sizeof(last.lines));
	last.offered = r->offered;
	last.taken = r->taken;
	last.whole = !r->bound && (all || r->verdict == VERDICT_CLEAN);
	last.bound = r->bound && strcmp(r->bound, "interrupted");
	last.stopped = r->bound ? r->bound : last.whole ? "" : r->goal ? "the goal" : "a broken rule";
}

void cover_merged(const uint64_t lines[ROUTINE_COUNT])
{
	memset(&last, 0, sizeof(last));
	last.known = last.merged = true;
	memcpy(last.lines, lines, sizeof(last.lines));
}

/* One routine: how many of its steps were taken, and the words of the others. */
static void cover_routine(struct session *s, unsigned routine, uint64_t taken)
{
	unsigned steps, reached;
	const char *words;
	bool call;

	coverage_count(routine, taken, &steps, &reached);
	if (s->out.json) {
		out_object(&s->out, "cover", json_pack("{s:s, s:i, s:i}", "routine", routine_table[routine]->name,
						       "steps", (int)steps, "reached", (int)reached));
		return;
	}
	out_line(&s->out, "%-32s %2u of %2u steps", routine_table[routine]->name, reached, steps);
	for (unsigned line = 1; routine_line(routine, line, &words, &call); line++)
		if (!call && !((taken >> line) & 1))
			out_line(&s->out, "    never: %s", words);
}

/* ---- actions ---- */

struct actions {
	const struct session *s;
	unsigned kinds, taken;
	char never[800], passed[800]; /* that never could be, and that could and were not taken */
	struct text never_text, passed_text;
};

/* "cpu1.ipi", "cpu0.switch cutter", "nic.evict": an action's label without its address. */
static void kind_name(const struct names *n, const struct action *a, struct text *t)
{
	char label[MAX_LABEL];
	struct text lt = text_over(label, sizeof(label));

	label_text(&lt, n, a);
	if (a->kind == ACT_FILL || a->kind == ACT_EVICT || a->kind == ACT_INVAL)
		label[strcspn(label, " ")] = '\0';
	text_add(t, "%s%s", t->len ? ", " : "", label);
}

static void look(struct actions *a, struct action action)
{
	uint64_t bit = 1ull << explore_action_bit(&action);

	a->kinds++;
	if (last.taken & bit)
		a->taken++;
	else
		kind_name(&a->s->m->names, &action,
			  last.offered & bit ? &a->passed_text : &a->never_text);
}

/* Is there another task for the CPU to be given to, or another CPU for the task? */
static bool shares_cpu(const struct machine *m, unsigned task)
{
	if (peek_task(m, task)->cpus)
		return true;
	for (unsigned i = 0; i < MAX_TASKS; i++)
		if (i != task && peek_task(m, i)->used && peek_task(m, i)->cpu == peek_task(m, task)->cpu)
			return true;
	return false;
}

static void look_cpu(struct actions *a, unsigned cpu, enum spec spec)
{
	const uint8_t agent = (uint8_t)cpu;

	look(a, (struct action){ .kind = ACT_STEP, .agent = agent });
	look(a, (struct action){ .kind = ACT_IPI, .agent = agent });
	if (peek_nmi(a->s->m, cpu)->count)
		look(a, (struct action){ .kind = ACT_NMI, .agent = agent });
	if (peek_profile(a->s->m, 0)->store_buffer)
		look(a, (struct action){ .kind = ACT_DRAIN, .agent = agent });
	if (!arch_is(a->s->m, ARCH_X86))
		look(a, (struct action){ .kind = ACT_INVAL, .agent = agent });
	if (spec != SPEC_OFF && spec != SPEC_SATURATE)
		look(a, (struct action){ .kind = ACT_FILL, .agent = agent });
	if (spec == SPEC_FILL || spec == SPEC_FULL)
		look(a, (struct action){ .kind = ACT_WALK, .agent = agent });
	if (spec >= SPEC_FULL)
		look(a, (struct action){ .kind = ACT_EVICT, .agent = (uint8_t)MMU_CPU(agent) });
}

/* Everything that a machine of these actors can do at all. */
static void look_all(struct actions *a, enum spec spec)
{
	const struct machine *m = a->s->m;

	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++)
		if (peek_cpu(m, cpu)->online)
			look_cpu(a, cpu, spec);
	for (unsigned t = 0; t < MAX_TASKS; t++)
		if (peek_task(m, t)->used && shares_cpu(m, t))
			look(a, (struct action){ .kind = ACT_SWITCH, .agent = peek_task(m, t)->cpu, .task = (uint8_t)t });
	for (unsigned d = 0; d < MAX_DEVS; d++) {
		if (!peek_dev(m, d)->used)
			continue;
		look(a, (struct action){ .kind = ACT_DMA, .agent = (uint8_t)d });
		if (spec >= SPEC_FULL)
			look(a, (struct action){ .kind = ACT_EVICT, .agent = (uint8_t)MMU_DEV(d) });
	}
	if (peek_iommu(m, 0)->used)
		look(a, (struct action){ .kind = ACT_TAKE });
}

static const char *const whims[] = {
	[SPEC_OFF] = "speculative walks and evictions were not offered (machine spec=off)",
	[SPEC_FILL] = "speculative walks were offered, evictions were not (machine spec=fill)",
	[SPEC_FULL] = "speculative walks and evictions were offered (machine spec=full)",
	[SPEC_WHOLE] = "whole speculative walks and evictions were offered (machine spec=whole)",
	[SPEC_SATURATE] = "caches held all that may be in them, evictions chose among it (machine spec=saturate)",
};

static void say_actions(struct session *s)
{
	enum spec spec = (enum spec)peek_profile(s->m, 0)->spec;
	struct actions a = { .s = s };

	a.never_text = text_over(a.never, sizeof(a.never));
	a.passed_text = text_over(a.passed, sizeof(a.passed));
	look_all(&a, spec);
	if (s->out.json) {
		out_object(&s->out, "cover-actions",
			   json_pack("{s:i, s:i, s:s, s:s, s:s, s:b, s:s}", "kinds", (int)a.kinds, "taken",
				     (int)a.taken, "never", a.never, "passed", a.passed, "hardware",
				     whims[spec], "whole", last.whole, "stopped_by", last.stopped));
		return;
	}
	out_line(&s->out, "%-32s %2u of %2u kinds", "actions", a.taken, a.kinds);
	if (*a.never)
		out_line(&s->out, "    never %s: %s", last.whole ? "possible" : "seen", a.never);
	if (*a.passed)
		out_line(&s->out, "    possible, never taken: %s", a.passed);
	out_line(&s->out, "    %s", whims[spec]);
	if (!last.whole)
		out_line(&s->out, "    the search did not look at everything: it was ended by %s%s",
			 last.bound ? "the bound on " : "", last.stopped);
}

enum status cmd_cover(struct session *s, const char *rest, struct complaint *c)
{
	if (arg_end(rest, c) != OK)
		return c->status;
	if (!last.known)
		return complain(c, BAD_STATE, "nothing was searched yet: `explore` comes first");
	if (!last.merged && last.builds != s->builds)
		return complain(c, BAD_STATE, "this machine was not searched yet: `explore` comes first");
	for (unsigned routine = 0; routine < ROUTINE_COUNT; routine++)
		if (last.lines[routine])
			cover_routine(s, routine, last.lines[routine]);
	if (!last.merged)
		say_actions(s);
	return OK;
}
