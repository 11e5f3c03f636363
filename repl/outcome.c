/*
 * The histogram of outcomes. Rule: its rows are forgotten when another machine is built.
 */
#include "outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cover.h"
#include "task.h"

/* Address space for the final states; only what is used becomes memory. */
#define FINALS_BYTES ((size_t)256 << 20)

static struct {
	struct runner search; /* while it goes on */
	struct outcomes found;
	void *memory;
	/* The last answer: a way to each row. */
	unsigned builds; /* of session.builds */
	uint32_t origin;
	struct way {
		struct action *action;
		uint32_t length;
	} *way;
	uint32_t ways;
} work;

static void ways_forget(void)
{
	for (uint32_t i = 0; i < work.ways; i++)
		free(work.way[i].action);
	free(work.way);
	work.way = NULL;
	work.ways = 0;
}

/* ---- what a user sees ---- */

static bool program_has(const struct program *p, enum op_kind a, enum op_kind b)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->op[i].kind == a || p->op[i].kind == b)
			return true;
	return false;
}

static void task_words(const struct machine *m, unsigned i, struct text *t)
{
	const struct program *p = peek_program(m, i);
	const struct task *task = peek_task(m, i);
	char words[120];
	struct text registers = text_over(words, sizeof(words));

	text_add(t, "%s", t->len ? ", " : "");
	name_text(t, &m->names, NAME_TASK, i);
	if (task->state == TASK_DONE) {
		text_add(t, " %s", result_name(task->result));
	} else {
		text_add(t, " stuck in ");
		op_text(t, &m->names, &p->op[task->op]);
	}
	if (program_has(p, OP_LOAD, OP_VCPU_LOAD))
		text_add(t, " read %u", task->value);
	text_add(&registers, " ");
	registers_text(&registers, &m->names, peek_regs(m, i));
	if (registers.len > 1)
		text_add(t, "%s", words);
}

static void dev_words(const struct machine *m, unsigned i, struct text *t)
{
	const struct program *p = peek_program(m, MAX_TASKS + i);
	const struct dev *d = peek_dev(m, i);

	text_add(t, "%s", t->len ? ", " : "");
	name_text(t, &m->names, NAME_DEV, i);
	if (d->op)
		text_add(t, " %s", result_name(d->result));
	if (d->op < p->count)
		text_add(t, d->op ? " %u of %u" : " %u of %u accesses", d->op, p->count);
	if (program_has(p, OP_DMA_READ, OP_DMA_READ))
		text_add(t, " read %u", d->value);
}

static void file_words(const struct machine *m, unsigned i, struct text *t)
{
	const struct file *f = peek_file(m, i);

	text_add(t, "%s", t->len ? ", " : "");
	name_text(t, &m->names, NAME_FILE, i);
	text_add(t, f->size ? " holds" : " is empty");
	for (unsigned k = 0; k < FILE_PAGES && k * PAGE_SIZE < f->size; k++)
		if (f->page[k] == NO_FRAME)
			text_add(t, " -");
		else
			text_add(t, " %u", peek_frame(m, f->page[k])->value);
}

static void frame_words(const struct machine *m, unsigned i, struct text *t)
{
	text_add(t, ", ");
	name_text(t, &m->names, NAME_FRAME, i);
	text_add(t, "=%u", peek_frame(m, i)->value);
}

static void user_words(const struct machine *m, struct text *t)
{
	for (unsigned i = 0; i < MAX_TASKS; i++)
		if (peek_task(m, i)->used)
			task_words(m, i, t);
	for (unsigned i = 0; i < MAX_DEVS; i++)
		if (peek_dev(m, i)->used)
			dev_words(m, i, t);
	for (unsigned i = 0; i < MAX_FILES; i++)
		if (peek_file(m, i)->used)
			file_words(m, i, t);
	for (unsigned i = 0; i < MAX_FRAMES; i++)
		if (m->names.name[NAME_FRAME][i][0])
			frame_words(m, i, t);
}

/* ---- rows ---- */

static const char *ways_name(const struct sight *sight)
{
	return !sight->broken ? "none" : sight->whole ? "some" : "all";
}

/* The way to a row is the search's trace: keeps it, and says what it leads to. */
static void say_row(struct session *s, uint32_t i)
{
	const struct sight *sight = &work.found.sight[i];
	const struct explore_result *r = work.search.result;
	struct way *way = &work.way[i];
	uint32_t rules = 0;
	char words[400];
	struct text t = text_over(words, sizeof(words));

	way->action = malloc((r->trace_length + 1) * sizeof(*way->action));
	way->length = way->action ? r->trace_length : 0;
	s->probe->quiet = true;
	for (uint32_t k = 0; k < r->trace_length; k++) {
		if (way->action)
			way->action[k] = r->trace[k];
		machine_apply(s->probe, &r->trace[k], &s->fx);
		rules |= rules_broken(s->fx.rules);
	}
	if (machine_stuck(s->probe))
		rules |= 1u << RULE_DEADLOCK;
	user_words(s->probe, &t);
	if (s->out.json)
		out_object(&s->out, "outcome",
			   json_pack("{s:I, s:I, s:s, s:b, s:I, s:I, s:s, s:o}", "row",
				     (json_int_t)(i + 1), "finals", (json_int_t)sight->finals,
				     "ways_broken", ways_name(sight), "way_broken", rules != 0, "steps",
				     (json_int_t)r->trace_length, "preemptions",
				     (json_int_t)r->preemptions, "text", words, "trace",
				     runner_labels(s, r)));
	else
		out_line(&s->out, "%4u %7llu %6u%c %-7s %s", i + 1, (unsigned long long)sight->finals,
			 r->trace_length, rules ? '!' : ' ', ways_name(sight), words);
}

static void say_rows(struct session *s)
{
	struct machine *start = malloc(sizeof(*start));

	work.way = calloc(work.found.count + 1u, sizeof(*work.way));
	if (!start || !work.way) {
		out_line(&s->out, "there is no memory for the rows");
		free(start);
		return;
	}
	work.ways = work.found.count;
	memcpy(start, s->probe, sizeof(*start));
	if (!s->out.json && work.ways)
		out_line(&s->out, "%4s %7s %6s  %-7s %s", "row", "finals", "steps", "breaks",
			 "what a user sees");
	for (uint32_t i = 0; i < work.ways; i++) {
		explore_trace_state(work.search.x, work.found.sight[i].state);
		say_row(s, i);
		memcpy(s->probe, start, sizeof(*start));
	}
	free(start);
}

static void say_sum(struct session *s)
{
	const struct explore_result *r = work.search.result;
	bool whole = r->verdict != VERDICT_BOUND && !work.found.full;

	if (s->out.json) {
		out_object(&s->out, "outcomes",
			   json_pack("{s:s, s:s, s:b, s:s?, s:I, s:I, s:I, s:I}", "scenario", s->sc->name,
				     "variant", s->sc->variant[s->variant].name, "complete", whole,
				     "bound", r->bound, "outcomes", (json_int_t)work.ways, "finals",
				     (json_int_t)work.found.finals.count, "states",
				     (json_int_t)r->states, "transitions", (json_int_t)r->transitions));
		return;
	}
	if (work.found.full)
		out_line(&s->out, "there are more: only so many are kept");
	if (r->verdict == VERDICT_BOUND)
		out_line(&s->out, "not complete: %s; there may be more",
			 strcmp(r->bound, "interrupted") ? r->bound : "it was interrupted");
	else
		out_line(&s->out, "complete: no order of steps ends otherwise; %llu final states",
			 (unsigned long long)work.found.finals.count);
	out_line(&s->out, "breaks: which of the ways there break a rule; !: the way of `outcome ROW` does");
}

/* ---- the job ---- */

static void finish(struct session *s)
{
	const struct explore_result *r = work.search.result;

	runner_end(&work.search);
	ways_forget();
	cover_search(s, r, true);
	work.builds = s->builds;
	say_rows(s);
	say_sum(s);
	s->found |= rules_broken(r->rules) != 0;
	s->bound |= r->verdict == VERDICT_BOUND;
	runner_free(&work.search);
	munmap(work.memory, FINALS_BYTES);
	s->job = (struct job){ 0 };
}

static bool slice(struct session *s, int ms)
{
	if (!runner_slice(&work.search, ms))
		return false;
	finish(s);
	return true;
}

static const char *progress(struct session *s)
{
	static char buf[120];

	(void)s;
	snprintf(buf, sizeof(buf), "%llu states, %llu final, %u outcomes",
		 (unsigned long long)work.search.result->states,
		 (unsigned long long)work.found.finals.count, work.found.count);
	return buf;
}

enum status outcomes_start(struct session *s, const struct explore_options *o, struct complaint *c)
{
	struct explore_options options = *o;

	work.memory = mmap(NULL, FINALS_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (work.memory == MAP_FAILED)
		return complain(c, BAD_LIMIT, "there is no memory for the final states");
	outcomes_init(&work.found, work.memory, FINALS_BYTES);
	options.all = true;
	options.outcomes = &work.found;
	work.origin = s->t.cursor;
	memcpy(s->probe, s->m, sizeof(*s->probe));
	s->probe->names.op_source = s->probe;
	if (!runner_begin(&work.search, s->probe, &options)) {
		munmap(work.memory, FINALS_BYTES);
		return complain(c, BAD_LIMIT, "there is no memory for a search");
	}
	s->job = (struct job){ .slice = slice, .stop = finish, .progress = progress };
	return OK;
}

enum status outcome_goto(struct session *s, uint64_t n, struct complaint *c)
{
	static struct explore_result r;

	if (!work.ways || work.builds != s->builds)
		return complain(c, BAD_STATE, "no outcomes of this machine are known: `explore outcomes` "
					      "comes first");
	if (n < 1 || n > work.ways)
		return complain(c, BAD_VALUE, "'%llu' is no row: the outcomes are 1 to %u",
				(unsigned long long)n, work.ways);
	memset(&r, 0, sizeof(r));
	r.trace_length = work.way[n - 1].length;
	memcpy(r.trace, work.way[n - 1].action, r.trace_length * sizeof(*r.trace));
	session_goto(s, work.origin);
	runner_land(s, &r, "outcome", "");
	out_line(&s->out, "the end of outcome %llu, %u steps on, @outcome", (unsigned long long)n,
		 r.trace_length);
	return OK;
}
