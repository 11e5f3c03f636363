/*
 * The family "moving": forth, back, and to places that have a name.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "displays.h"
#include "routine.h"
#include "stepper.h"
#include "stops.h"
#include "task.h"

static enum status cmd_step(struct session *s, const char *rest, struct complaint *c)
{
	uint64_t n;
	enum status status = arg_count(rest, 1, TIMELINE_NODES, &n, c);

	if (status != OK)
		return status;
	canonical(s, "step %llu", (unsigned long long)n);
	stepper_run(s, (uint32_t)n);
	return OK;
}

static enum status cmd_continue(struct session *s, const char *rest, struct complaint *c)
{
	enum status status = arg_end(rest, c);

	if (status == OK)
		stepper_run(s, TIMELINE_NODES);
	return status;
}

static enum status cmd_auto(struct session *s, const char *rest, struct complaint *c)
{
	uint64_t n;
	enum status status = arg_count(rest, TIMELINE_NODES, TIMELINE_NODES, &n, c);
	enum halt halt = HALT_NONE;

	if (status != OK)
		return status;
	/* What it runs into is said, but only the end stops it. */
	for (uint64_t i = 0; i < n && halt != HALT_END && halt != HALT_FULL && halt != HALT_STUCK;
	     i++)
		halt = stepper_run(s, 1);
	return OK;
}

/* The actor that is named, else the one that the default action moves. */
static enum status actor_or_default(struct session *s, const char *rest, unsigned *lane,
				    struct complaint *c)
{
	struct action a;
	struct word w;
	char why[120];
	struct text t = text_over(why, sizeof(why));

	if (arg_next(&rest, &w)) {
		enum status status = actor_read(s, w, lane, c);

		return status == OK ? arg_end(rest, c) : status;
	}
	if (!stepper_default(s, &a)) {
		stepper_nothing(s, &t);
		return complain(c, BAD_STATE, "there is no next step: %s", why);
	}
	*lane = action_lane(&a);
	return OK;
}

static void lane_name(const struct session *s, unsigned lane, char buf[32])
{
	struct text t = text_over(buf, 32);

	lane_text(&t, &s->m->names, lane);
}

static enum status cannot_go_on(struct session *s, unsigned lane, struct complaint *c)
{
	char name[32];

	lane_name(s, lane, name);
	return complain(c, BAD_STATE, "%s cannot go on now: `why blocked` says what it waits for",
			name);
}

/* Moves one actor while `more` says so; the others stay as they are. */
static void run_lane(struct session *s, unsigned lane,
		     bool (*more)(const struct session *s, unsigned lane, unsigned mark),
		     unsigned mark)
{
	struct action a;
	char name[32];

	do {
		if (!stepper_of_lane(s, lane, &a)) {
			lane_name(s, lane, name);
			out_line(&s->out,
				 "%s waits now: `why blocked` says for what, `continue` lets the "
				 "others run",
				 name);
			return;
		}
		if (stepper_take(s, &a) != HALT_NONE)
			return;
	} while (more(s, lane, mark));
}

static enum status cmd_stepi(struct session *s, const char *rest, struct complaint *c)
{
	unsigned lane;
	struct action a;
	enum status status = actor_or_default(s, rest, &lane, c);

	if (status != OK)
		return status;
	/* Without a name it is the default itself, which the scheduler's switch may be. */
	if (*rest ? !stepper_of_lane(s, lane, &a) : !stepper_default(s, &a))
		return cannot_go_on(s, lane, c);
	stepper_take(s, &a);
	return OK;
}

/* Which operation the actor is in: its context and its place in the program. */
static unsigned place(const struct session *s, unsigned lane)
{
	unsigned ctx;

	if (lane >= LANE_IOMMU)
		return peek_iommu(s->m, 0)->queued;
	if (lane >= MAX_CPUS)
		return peek_dev(s->m, lane - MAX_CPUS)->op;
	ctx = cpu_context(s->m, lane);
	if (ctx == NONE)
		return NONE << 16;
	return ctx << 16 | (ctx < MAX_TASKS ? peek_task(s->m, ctx)->op : 0u);
}

static bool same_place(const struct session *s, unsigned lane, unsigned mark)
{
	return place(s, lane) == mark;
}

/* The actor that is named, or the default one, as long as it can go on. */
static enum status actor_to_run(struct session *s, const char *rest, unsigned *lane, struct complaint *c)
{
	struct action a;
	enum status status = actor_or_default(s, rest, lane, c);

	if (status == OK && !stepper_of_lane(s, *lane, &a))
		status = cannot_go_on(s, *lane, c);
	return status;
}

static enum status cmd_next(struct session *s, const char *rest, struct complaint *c)
{
	unsigned lane;
	enum status status = actor_to_run(s, rest, &lane, c);

	if (status != OK)
		return status;
	run_lane(s, lane, same_place, place(s, lane));
	return OK;
}

static unsigned stack_depth(const struct session *s, unsigned lane)
{
	unsigned ctx = lane < MAX_CPUS ? cpu_context(s->m, lane) : NONE;

	return ctx == NONE ? 0 : ctx << 8 | peek_ctx(s->m, ctx)->depth;
}

static bool not_returned(const struct session *s, unsigned lane, unsigned mark)
{
	unsigned now = stack_depth(s, lane);

	/* Another context on the CPU is an interrupt in between, or the end of this one. */
	return now >> 8 == mark >> 8 ? now >= mark : now >> 8 >= MAX_TASKS;
}

static enum status cmd_finish(struct session *s, const char *rest, struct complaint *c)
{
	unsigned lane;
	enum status status = actor_to_run(s, rest, &lane, c);

	if (status != OK)
		return status;
	if (lane >= MAX_CPUS)
		run_lane(s, lane, same_place, place(s, lane));
	else
		run_lane(s, lane, not_returned, stack_depth(s, lane));
	return OK;
}

static void say_position(struct session *s)
{
	char label[MAX_LABEL] = "";
	struct text t = text_over(label, sizeof(label));

	if (s->t.cursor)
		label_text(&t, &s->m->names, &s->t.node[s->t.cursor].action);
	if (s->out.json)
		out_object(&s->out, "position",
			   json_pack("{s:I, s:I, s:s}", "n", (json_int_t)timeline_depth(&s->t),
				     "last", (json_int_t)timeline_last(&s->t), "label", label));
	else
		out_line(&s->out, "at step %u of %u%s%s", timeline_depth(&s->t),
			 timeline_last(&s->t), *label ? ", after " : "", label);
	/* The screen says them by itself wherever the cursor has moved. */
	if (!s->out.sink)
		displays_say(s);
}

static enum status cmd_back(struct session *s, const char *rest, struct complaint *c)
{
	uint32_t depth = timeline_depth(&s->t);
	uint64_t n;
	enum status status = arg_count(rest, 1, TIMELINE_NODES, &n, c);

	if (status != OK)
		return status;
	if (!depth)
		return complain(c, BAD_STATE, "this is the start: there is nothing to go back to");
	canonical(s, "back %llu", (unsigned long long)n);
	session_goto(s, timeline_at(&s->t, n < depth ? depth - (uint32_t)n : 0));
	say_position(s);
	return OK;
}

static enum status cmd_forward(struct session *s, const char *rest, struct complaint *c)
{
	uint32_t depth = timeline_depth(&s->t), last = timeline_last(&s->t);
	uint64_t n;
	enum status status = arg_count(rest, 1, TIMELINE_NODES, &n, c);

	if (status != OK)
		return status;
	if (depth == last)
		return complain(c, BAD_STATE, "no future is kept here: `step` makes one");
	canonical(s, "forward %llu", (unsigned long long)n);
	session_goto(s, timeline_at(&s->t, n < last - depth ? depth + (uint32_t)n : last));
	say_position(s);
	return OK;
}

static bool stops_here(struct session *s)
{
	uint64_t before[MAX_STOPS];
	uint32_t here = s->t.cursor;
	bool hit = s->t.node[here].finding.rule != RULE_NONE;

	timeline_back(&s->t, 1);
	for (unsigned i = 0; i < s->set.stops; i++)
		before[i] = stop_value(s, &s->set.stop[i]);
	timeline_goto(&s->t, here);
	for (unsigned i = 0; i < s->set.stops; i++)
		hit = hit || stop_hit(s, &s->set.stop[i], before[i]);
	return hit;
}

static enum status cmd_rc(struct session *s, const char *rest, struct complaint *c)
{
	uint32_t start = s->t.cursor, target;
	enum status status = arg_end(rest, c);

	if (status != OK)
		return status;
	if (!start)
		return complain(c, BAD_STATE, "this is the start: there is nothing to go back to");
	do
		timeline_back(&s->t, 1);
	while (s->t.cursor && !stops_here(s));
	target = s->t.cursor;
	timeline_goto(&s->t, start);
	session_goto(s, target);
	say_position(s);
	return OK;
}

static enum status where_read(struct session *s, struct word w, uint32_t *node, struct complaint *c)
{
	uint32_t depth = timeline_depth(&s->t), last = timeline_last(&s->t);
	struct word tail = { w.at + 1, w.len ? w.len - 1 : 0 };
	uint64_t n = 0;
	bool plus = w.len && *w.at == '+', minus = w.len && *w.at == '-';

	if (w.len && *w.at == '@') {
		*node = word_is(tail, "start") ? 0 :
			word_is(tail, "end")   ? timeline_at(&s->t, last) :
						 timeline_mark_find(&s->t, tail);
		if (*node == NO_NODE)
			return complain(
				c, BAD_NAME,
				"'%.*s' is no mark: `show marks` lists them; @start and @end are "
				"always there",
				(int)w.len, w.at);
		return OK;
	}
	if (!word_number(plus || minus ? tail : w, &n) || n > TIMELINE_NODES)
		return complain(
			c, BAD_VALUE,
			"'%.*s' should be a step's number, @MARK, @start, @end, @bad, +N or -N",
			(int)w.len, w.at);
	n = plus ? depth + n : minus ? (n <= depth ? depth - n : UINT32_MAX) : n;
	if (n > last)
		return complain(c, BAD_VALUE,
				"'%.*s' is outside of this line of steps, which has 0 to %u",
				(int)w.len, w.at, last);
	*node = timeline_at(&s->t, (uint32_t)n);
	return OK;
}

static enum status cmd_goto(struct session *s, const char *rest, struct complaint *c)
{
	struct word w = { "", 0 };
	uint32_t node = 0;
	enum status status;

	arg_next(&rest, &w);
	status = where_read(s, w, &node, c);
	if (status == OK)
		status = arg_end(rest, c);
	if (status != OK)
		return status;
	session_goto(s, node);
	say_position(s);
	return OK;
}

static enum status cmd_when(struct session *s, const char *rest, struct complaint *c)
{
	enum status status = arg_end(rest, c);

	if (status == OK)
		say_position(s);
	return status;
}

static enum status cmd_mark(struct session *s, const char *rest, struct complaint *c)
{
	char made[MAX_NAME];
	struct word w = { made, 0 };
	enum status status;

	if (!word_next(&rest, "", &w)) {
		snprintf(made, sizeof(made), "m%u", s->t.marks + 1);
		w = (struct word){ made, strlen(made) };
	}
	if (word_is(w, "start") || word_is(w, "end"))
		return complain(
			c, BAD_NAME,
			"@start and @end name the ends of the line already: take another name");
	rest += strspn(rest, " \t");
	status = session_mark(s, w, rest, c);
	if (status == OK)
		out_line(&s->out, "step %u is @%.*s", timeline_depth(&s->t), (int)w.len, w.at);
	return status;
}

static const struct command rows[] = {
	{ "step", "s", "step [N]", "take the default action N times",
	  "The default action stands in the prompt; Enter alone takes it too. After `back` it is "
	  "the step that was taken "
	  "before, else what the policy says (`help set`).",
	  "step 5", CMD_MACHINE | CMD_CHANGE, cmd_step, "" },
	{ "stepi", "si", "stepi [ACTOR]", "take one step of one actor",
	  "The smallest step: the code between two markers of a routine, one level of a walk, one "
	  "descriptor.",
	  "stepi cpu1", CMD_MACHINE | CMD_CHANGE, cmd_stepi, "a" },
	{ "next", "n", "next [ACTOR]", "run one actor to the end of its operation",
	  "The others stay still. It ends early when the actor has to wait for one of them, or a "
	  "rule breaks.",
	  "next cpu0", CMD_MACHINE | CMD_CHANGE, cmd_next, "a" },
	{ "finish", "fin", "finish [ACTOR]", "run one actor until its routine returns",
	  "As `next`, but only to the end of the innermost routine, as the code pane shows it.",
	  "finish cpu0", CMD_MACHINE | CMD_CHANGE, cmd_finish, "a" },
	{ "continue", "c", "continue", "run on until something stops it",
	  "What stops it: a broken rule, a deadlock, a `break` or `watch`, the end of all "
	  "programs.",
	  "continue", CMD_MACHINE | CMD_CHANGE, cmd_continue, "" },
	{ "auto", "", "auto [N]", "take defaults without stopping, N or to the end",
	  "Findings and breaks are said but do not stop it.", "auto 20", CMD_MACHINE | CMD_CHANGE,
	  cmd_auto, "" },
	{ "back", "rs", "back [N]", "go back N steps; the future is kept",
	  "`step` and `forward` then repeat it; another choice starts a branch and keeps this one.",
	  "step 3; back 2", CMD_MACHINE | CMD_CHANGE, cmd_back, "" },
	{ "forward", "", "forward [N]", "go on N steps along the kept future",
	  "Nothing is said of the steps on the way.", "step 3; back 3; forward 2",
	  CMD_MACHINE | CMD_CHANGE, cmd_forward, "" },
	{ "rc", "reverse-continue", "rc", "go back to where a run would have stopped",
	  "To the last step that broke a rule or hit a `break` or `watch`, else to the start.",
	  "watch tlb cpu1; step 9; rc", CMD_MACHINE | CMD_CHANGE, cmd_rc, "" },
	{ "goto", "g", "goto N|@MARK|@start|@end|@bad|+N|-N", "go to a step or a mark",
	  "Step numbers count from 0, the start. A mark may be on another branch; @bad is where "
	  "`explore` found a "
	  "violation.",
	  "explore; back 5; goto @bad", CMD_MACHINE | CMD_CHANGE, cmd_goto, "m" },
	{ "when", "", "when", "say which step this is", "And how many the line has.", "when",
	  CMD_MACHINE, cmd_when, "" },
	{ "mark", "checkpoint bookmark", "mark [NAME [TEXT]]", "give this state a name",
	  "`goto @NAME` comes back to it, from any branch. A mark of that name moves here.",
	  "mark flushed before the second IPI", CMD_MACHINE | CMD_CHANGE | CMD_KEEP, cmd_mark, "" },
};

const struct command_group group_moving = { "moving", "Moving", rows,
					    sizeof(rows) / sizeof(rows[0]) };
