/*
 * The family "stopping": where a run stops by itself.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "stops.h"

static enum status add_stop(struct session *s, const char *rest, struct stop stop,
			    enum status (*read)(struct session *s, const char *rest,
						struct stop *out, struct complaint *c),
			    const char *what, struct complaint *c)
{
	char buf[400];
	struct text t = text_over(buf, sizeof(buf));
	enum status status;

	if (!*rest)
		return complain(
			c, BAD_SYNTAX,
			"%s needs a word: `help %s` gives an example, `info breaks` lists those set",
			what, what);
	if (s->set.stops == MAX_STOPS)
		return complain(
			c, BAD_LIMIT,
			"%u breaks and watches are set: MAX_STOPS is %u, `delete N` makes room",
			s->set.stops, MAX_STOPS);
	status = read(s, rest, &stop, c);
	if (status != OK)
		return status;
	stop.number = s->set.stop_next++;
	stop_text(s, &stop, &t);
	out_line(&s->out, "%s", buf);
	s->set.stop[s->set.stops++] = stop;
	return OK;
}

static enum status cmd_break(struct session *s, const char *rest, struct complaint *c)
{
	return add_stop(s, rest, (struct stop){ 0 }, stop_read_break, "break", c);
}

static enum status cmd_tbreak(struct session *s, const char *rest, struct complaint *c)
{
	return add_stop(s, rest, (struct stop){ .once = true }, stop_read_break, "tbreak", c);
}

static enum status cmd_watch(struct session *s, const char *rest, struct complaint *c)
{
	return add_stop(s, rest, (struct stop){ 0 }, stop_read_watch, "watch", c);
}

static enum status cmd_rwatch(struct session *s, const char *rest, struct complaint *c)
{
	return add_stop(s, rest, (struct stop){ .access = STOP_READ }, stop_read_watch, "rwatch",
			c);
}

static enum status cmd_awatch(struct session *s, const char *rest, struct complaint *c)
{
	return add_stop(s, rest, (struct stop){ .access = STOP_ACCESS }, stop_read_watch, "awatch",
			c);
}

static enum status stop_number(struct session *s, const char *rest, unsigned *index,
			       struct complaint *c)
{
	uint64_t n;
	enum status status = arg_count(rest, 0, UINT32_MAX, &n, c);

	*index = MAX_STOPS;
	if (status != OK || !n)
		return status;
	for (unsigned i = 0; i < s->set.stops; i++)
		if (s->set.stop[i].number == n)
			*index = i;
	if (*index == MAX_STOPS)
		return complain(c, BAD_NAME,
				"there is no break or watch %llu: `info breaks` lists them",
				(unsigned long long)n);
	return OK;
}

static enum status cmd_delete(struct session *s, const char *rest, struct complaint *c)
{
	unsigned i;
	enum status status = stop_number(s, rest, &i, c);

	if (status != OK)
		return status;
	if (i == MAX_STOPS) {
		out_line(&s->out, "%u breaks and watches deleted", s->set.stops);
		s->set.stops = 0;
		return OK;
	}
	out_line(&s->out, "%u deleted", s->set.stop[i].number);
	s->set.stops--;
	memmove(&s->set.stop[i], &s->set.stop[i + 1], (s->set.stops - i) * sizeof(struct stop));
	return OK;
}

static enum status turn(struct session *s, const char *rest, bool off, struct complaint *c)
{
	char buf[400];
	unsigned which;
	enum status status = stop_number(s, rest, &which, c);

	for (unsigned i = 0; status == OK && i < s->set.stops; i++) {
		struct text t = text_over(buf, sizeof(buf));

		if (which != MAX_STOPS && which != i)
			continue;
		s->set.stop[i].off = off;
		stop_text(s, &s->set.stop[i], &t);
		out_line(&s->out, "%s", buf);
	}
	return status;
}

static enum status cmd_disable(struct session *s, const char *rest, struct complaint *c)
{
	return turn(s, rest, true, c);
}

static enum status cmd_enable(struct session *s, const char *rest, struct complaint *c)
{
	return turn(s, rest, false, c);
}

static const struct command rows[] = {
	{ "break", "b", "break EVENT|ROUTINE|ACTOR [if EXPR]", "stop a run there",
	  "After a step that reports the event (free, ipi-send, qi-post ...), before the first "
	  "step of the routine, or before the actor takes over. The condition is asked in the "
	  "state where it would stop.",
	  "break free if stale(heap+0); continue", CMD_MACHINE | CMD_CHANGE, cmd_break, "eRax" },
	{ "tbreak", "", "tbreak EVENT|ROUTINE|ACTOR [if EXPR]", "stop a run there once",
	  "As `break`; it is deleted when it is hit.", "tbreak flush_tlb_mm_range; continue",
	  CMD_MACHINE | CMD_CHANGE, cmd_tbreak, "eRax" },
	{ "watch", "", "watch pte MM ADDRESS | KIND NAME|N | EXPR [if EXPR]",
	  "stop a run when this changes",
	  "KIND is tlb, psc, frame, table, mm, vma, task, lock, sub, dev, iommu ... Locks are "
	  "written as the panes do, with _ for blanks. An expression stops it when its value "
	  "changes.",
	  "watch tlb cpu1; watch frame(5).refs; continue", CMD_MACHINE | CMD_CHANGE, cmd_watch,
	  "wx" },
	{ "rwatch", "", "rwatch pte MM ADDRESS | KIND NAME|N [if EXPR]",
	  "stop a run when this is read",
	  "The kernel's and the hardware's reads. Of an entry it is the table page that counts, "
	  "so its neighbours do, too.",
	  "rwatch pte A heap+0; continue", CMD_MACHINE | CMD_CHANGE, cmd_rwatch, "w" },
	{ "awatch", "", "awatch pte MM ADDRESS | KIND NAME|N [if EXPR]",
	  "stop a run when this is read or written", "As `rwatch`, and writes that change nothing.",
	  "awatch tlb cpu1; continue", CMD_MACHINE | CMD_CHANGE, cmd_awatch, "w" },
	{ "delete", "", "delete [N]", "delete a break or watch, or all of them",
	  "`info breaks` lists them.", "break free; delete 1", CMD_MACHINE | CMD_CHANGE, cmd_delete,
	  "" },
	{ "disable", "", "disable [N]", "keep a break or watch, or all, from stopping", "",
	  "break free; disable 1; continue", CMD_MACHINE | CMD_CHANGE, cmd_disable, "" },
	{ "enable", "", "enable [N]", "let a break or watch, or all, stop again", "",
	  "break free; disable 1; enable 1", CMD_MACHINE | CMD_CHANGE, cmd_enable, "" },
};

const struct command_group group_stopping = { "stopping", "Stopping", rows,
					      sizeof(rows) / sizeof(rows[0]) };
