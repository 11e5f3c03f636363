/*
 * Taking steps: which one comes by default, what is said about it, and where a run stops.
 */
#include "stepper.h"

#include "branches.h"
#include "displays.h"
#include "eager.h"
#include "follow.h"
#include "rng.h"
#include "stops.h"
#include "why.h"

static bool wanted(const struct session *s, const struct action *a)
{
	return s->set.focus == LANES || action_lane(a) == s->set.focus;
}

bool stepper_of_lane(const struct session *s, unsigned lane, struct action *a)
{
	struct action all[MAX_ACTIONS];
	unsigned n = machine_actions(s->m, all);

	for (unsigned i = 0; i < n; i++)
		if (action_is_progress(&all[i]) && action_lane(&all[i]) == lane) {
			*a = all[i];
			return true;
		}
	return false;
}

/* The first of the candidates whose lane is `lane` or comes after it, taking turns. */
static const struct action *in_turn(const struct action *all, unsigned n, unsigned lane)
{
	for (unsigned k = 0; k < LANES; k++)
		for (unsigned i = 0; i < n; i++)
			if (action_lane(&all[i]) == (lane + k) % LANES)
				return &all[i];
	return all;
}

static struct action by_policy(const struct session *s, const struct action *all, unsigned n)
{
	unsigned last = s->t.cursor ? action_lane(&s->t.node[s->t.cursor].action) : 0;
	struct rng seed;

	switch (s->set.policy) {
	case POLICY_STAY:
		return *in_turn(all, n, last);
	case POLICY_ROUND:
		return *in_turn(all, n, last + 1);
	case POLICY_RANDOM:
	case POLICIES:
		break;
	}
	/* Drawn from the state, so that going back and on again draws the same. */
	seed.state = s->m->digest ^ (s->set.seed * 0x9e3779b97f4a7c15u + timeline_depth(&s->t));
	return all[rng_below(&seed, n)];
}

bool stepper_default(const struct session *s, struct action *a)
{
	const struct timeline_node *here = &s->t.node[s->t.cursor];
	struct action all[MAX_ACTIONS], good[MAX_ACTIONS];
	unsigned n, count = 0;

	if (!s->loaded)
		return false;
	if (follow_next(s, a))
		return !action_blocked(s->m, a);
	if (here->next && wanted(s, &s->t.node[here->next].action)) {
		*a = s->t.node[here->next].action;
		return true;
	}
	n = machine_actions(s->m, all);
	for (unsigned i = 0; i < n; i++)
		if (action_is_progress(&all[i]) && wanted(s, &all[i]))
			good[count++] = all[i];
	/* Without a thread that can go on, the scheduler must act; a random policy also lets it. */
	for (unsigned i = 0; i < n && (!count || s->set.policy == POLICY_RANDOM); i++)
		if (all[i].kind == ACT_SWITCH && wanted(s, &all[i]))
			good[count++] = all[i];
	if (!count)
		return false;
	*a = by_policy(s, good, count);
	return true;
}

void stepper_nothing(const struct session *s, struct text *t)
{
	if (!s->loaded)
		text_add(t, "no scenario");
	else if (machine_stuck(s->m))
		text_add(t, "deadlock: nobody can go on");
	else if (follow_stuck(s, t))
		return;
	else if (machine_finished(s->m))
		text_add(t, "the end: every program has run");
	else if (s->set.focus != LANES)
		text_add(t, "the actor in focus waits");
	else
		text_add(t, "nobody can go on");
}

void finding_text(const struct session *s, const struct finding *f, struct text *t)
{
	struct event e = { .kind = EV_FINDING, .lane = f->lane, .a = f->rule, .va = f->va };

	if (f->lane < LANES) {
		lane_text(t, &s->m->names, f->lane);
		text_add(t, " breaks ");
	}
	event_text(t, &s->m->names, &e);
}

static const char *severity_name(enum severity severity)
{
	static const char *const names[] = { "manifest", "latent", "lint" };

	return names[severity];
}

static void say_finding(struct session *s, unsigned rule, const char *words)
{
	const struct rule_info *info = &rule_table[rule];

	tape_finding(&s->rec.tape, info->name, words);
	s->found = true;
	if (s->out.json) {
		out_object(&s->out, "violation",
			   json_pack("{s:I, s:s, s:s, s:s, s:s, s:s}", "n",
				     (json_int_t)timeline_depth(&s->t), "rule", info->name,
				     "severity", severity_name(info->severity), "text", words,
				     "claim", info->claim, "harm", info->harm));
		return;
	}
	out_line(&s->out, "!! finding: %s (%s)", words, severity_name(info->severity));
	/* The screen has a pane for them. */
	if (!s->out.sink) {
		out_line(&s->out, "   the rule: %s", info->claim);
		out_line(&s->out, "   the harm: %s", info->harm);
	}
	out_line(&s->out,
		 "   `why` explains it, `back` steps before it, `continue` goes on, `export now "
		 "race` draws it%s", s->sc->variants > 1 ? ", `twin` compares" : "");
}

static void say_stuck(struct session *s)
{
	struct why w = { 0 };

	say_finding(s, RULE_DEADLOCK, "deadlock: nobody can go on");
	why_blocked(s->m, &w);
	for (unsigned i = 0; i < w.lines; i++)
		out_line(&s->out, "   %s", w.line[i].text);
}

/* What the step reported: taped, and shown when asked for. */
static void say_events(struct session *s, json_t *changes)
{
	const struct effects *fx = &s->t.fx;
	char buf[200];

	for (unsigned i = 0; i < fx->events; i++) {
		struct text t = text_over(buf, sizeof(buf));

		event_text(&t, &s->m->names, &fx->event[i]);
		tape_event(&s->rec.tape, buf);
		if (changes)
			json_array_append_new(changes, json_string(buf));
		else if (s->set.verbose && !s->quiet && fx->event[i].kind != EV_STEP)
			out_line(&s->out, "        %s", buf);
	}
}

static void say_step(struct session *s, const struct action *a, const char *label,
		     const char *words, uint64_t before)
{
	json_t *changes = s->out.json && !s->quiet ? json_array() : NULL;
	unsigned long depth = timeline_depth(&s->t);
	char lane[32], pre[20], post[20];
	struct text t = text_over(lane, sizeof(lane));

	/* The screen has a log of its own. */
	if (!changes && !s->quiet && !s->out.sink)
		out_line(&s->out, "%5lu  %-22s %s", depth, label, words);
	say_events(s, changes);
	if (!changes)
		return;
	lane_text(&t, &s->m->names, action_lane(a));
	snprintf(pre, sizeof(pre), "%016llx", (unsigned long long)before);
	snprintf(post, sizeof(post), "%016llx", (unsigned long long)s->m->digest);
	out_object(&s->out, "step",
		   json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:o}", "n", (json_int_t)depth, "agent",
			     lane, "label", label, "src", words, "pre", pre, "post", post,
			     "changes", changes));
}

static enum halt look_at_stops(struct session *s, const uint64_t before[MAX_STOPS])
{
	enum halt halt = HALT_NONE;
	unsigned kept = 0;
	char buf[400];

	for (unsigned i = 0; i < s->set.stops; i++) {
		struct text t = text_over(buf, sizeof(buf));
		bool hit = stop_hit(s, &s->set.stop[i], before[i]);

		if (hit) {
			stop_text(s, &s->set.stop[i], &t);
			out_line(&s->out, "stopped by %s", buf);
			halt = HALT_STOP;
		}
		if (!hit || !s->set.stop[i].once)
			s->set.stop[kept++] = s->set.stop[i];
	}
	s->set.stops = kept;
	return halt;
}

enum halt stepper_take(struct session *s, const struct action *a)
{
	uint64_t digest = s->m->digest, before[MAX_STOPS];
	uint32_t nodes = s->t.nodes;
	char label[MAX_LABEL], words[160], finding[200];
	struct text lt = text_over(label, sizeof(label)), wt = text_over(words, sizeof(words));
	struct text ft = text_over(finding, sizeof(finding));
	const struct timeline_node *node;
	struct action wish;
	bool well, follows = follow_next(s, &wish), ended;

	CHECK(!action_blocked(s->m, a));
	label_text(&lt, &s->m->names, a);
	action_text(&wt, s->m, a);
	for (unsigned i = 0; i < s->set.stops; i++)
		before[i] = stop_value(s, &s->set.stop[i]);
	s->taking = a;
	well = timeline_do(&s->t, a);
	s->taking = NULL;
	if (!well) {
		out_line(&s->out, "the timeline is full: it holds %u steps; `restart` empties it",
			 TIMELINE_NODES);
		return HALT_FULL;
	}
	tape_move(&s->rec.tape, MOVE_DO, label, s->m->digest);
	if (s->t.nodes > nodes)
		branches_grown(s);
	say_step(s, a, label, words, digest);
	if (!s->quiet && !s->out.sink)
		displays_say(s);
	ended = follows && !s->quiet && follow_taken(s, &wish, a);
	node = &s->t.node[s->t.cursor];
	if (node->finding.rule) {
		finding_text(s, &node->finding, &ft);
		say_finding(s, node->finding.rule, finding);
		return HALT_FINDING;
	}
	if (machine_stuck(s->m)) {
		say_stuck(s);
		return HALT_STUCK;
	}
	/* On the way to a violation nothing else is of interest. */
	if (s->quiet)
		return HALT_NONE;
	return look_at_stops(s, before) == HALT_NONE && !ended ? HALT_NONE : HALT_STOP;
}

/* The schedule that is followed wants something else here than when it was recorded. */
static bool diverges(struct session *s, const struct action *a)
{
	char words[160];
	struct text t = text_over(words, sizeof(words));

	action_text(&t, s->m, a);
	return follow_differs(s, a, words);
}

enum halt stepper_run(struct session *s, uint32_t n)
{
	struct action a;
	char buf[120];

	for (uint32_t i = 0; i < n; i++) {
		struct text t = text_over(buf, sizeof(buf));
		enum halt halt;

		if (!stepper_default(s, &a)) {
			stepper_nothing(s, &t);
			out_line(&s->out, "%s", buf);
			return HALT_END;
		}
		if (diverges(s, &a))
			return HALT_STOP;
		halt = stepper_take(s, &a);
		if (halt == HALT_NONE)
			halt = eager_run(s);
		if (halt != HALT_NONE)
			return halt;
	}
	return HALT_NONE;
}
