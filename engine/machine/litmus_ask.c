/*
 * litmus_ask.c - the outcome that a litmus test asks for, and its verdict.
 */
#include <stdio.h>
#include <string.h>

#include "litmus_read.h"
#include "pte.h"
#include "task.h"

static const char *const verdicts[LITMUS_VERDICTS] = {
	[LITMUS_UNSAID] = "-", [LITMUS_FORBIDDEN] = "forbidden", [LITMUS_ALLOWED] = "allowed",
	[LITMUS_REQUIRED] = "required",
};

const char *litmus_verdict_name(enum litmus_verdict v)
{
	return verdicts[v];
}

enum litmus_verdict litmus_verdict_find(struct word w)
{
	for (unsigned v = LITMUS_FORBIDDEN; v < LITMUS_VERDICTS; v++)
		if (word_is(w, verdicts[v]))
			return (enum litmus_verdict)v;
	return LITMUS_UNSAID;
}

bool litmus_agrees(enum litmus_verdict found, enum litmus_verdict given)
{
	return found == given || given == LITMUS_UNSAID || (found == LITMUS_REQUIRED && given == LITMUS_ALLOWED);
}

/* ---- ask, verdict ---- */

#define MARKS "=:&().,!"

static bool expect(struct reader *r, const char **rest, const char *mark, const char *want)
{
	struct word w = setup_take(rest, MARKS);

	return word_is(w, mark) || litmus_wrong(r, w, want);
}

static bool thread_of_test(struct reader *r, struct word w, uint8_t *task)
{
	unsigned thread;

	if (!litmus_thread(r, w, &thread))
		return false;
	*task = r->l->task[thread];
	return *task != NONE || litmus_wrong(r, w, "a thread of this test");
}

/* Does the task put anything into this register? */
static bool register_used(const struct reader *r, unsigned task, unsigned reg)
{
	const struct program *p = peek_program(r->m, task);

	for (unsigned i = 0; i < p->count; i++)
		if ((p->op[i].kind == OP_LD || p->op[i].kind == OP_LDPTE) && p->op[i].reg == reg)
			return true;
	return false;
}

/* Behind "Pn.": R=V or R=FRAME:RIGHTS. */
static bool term_register(struct reader *r, const char **rest, struct litmus_term *t)
{
	struct word w = setup_take(rest, MARKS);
	const char *ahead;
	unsigned pfn;
	uint8_t prot;

	t->kind = TERM_REGISTER;
	if (!register_read(w, &t->reg) || !register_used(r, t->task, t->reg))
		return litmus_wrong(r, w, "a register that the thread loads, such as r1");
	if (!expect(r, rest, "=", "'=' and a value"))
		return false;
	w = setup_take(rest, MARKS);
	ahead = *rest;
	if (!word_is(setup_take(&ahead, MARKS), ":"))
		return (word_number(w, &t->value) && t->value <= UINT32_MAX) || litmus_wrong(r, w, "a value or FRAME:RIGHTS");
	*rest = ahead;
	pfn = name_find(&r->m->names, NAME_FRAME, w);
	if (pfn == NONE)
		return litmus_wrong(r, w, "a frame of this test");
	if (!litmus_rights(r, rest, MARKS, &prot, &w))
		return false;
	t->value = REG_ENTRY | pte_make(pfn, prot ? PTE_PRESENT : 0) | (prot & VMA_WRITE ? PTE_WRITE : 0);
	return true;
}

/* Behind "fault(": Pn,VA). */
static bool term_fault(struct reader *r, const char **rest, struct litmus_term *t)
{
	const struct region *va;
	struct word w;

	t->kind = TERM_FAULT;
	if (!thread_of_test(r, setup_take(rest, MARKS), &t->task) || !expect(r, rest, ",", "',' and an address"))
		return false;
	w = setup_take(rest, MARKS);
	va = litmus_address(r, w);
	if (!va)
		return litmus_wrong(r, w, "an address of this test");
	t->va = va->start;
	return expect(r, rest, ")", "')'");
}

static bool term_read(struct reader *r, const char **rest, struct litmus_term *t)
{
	struct word w, next;
	unsigned pfn;

	*t = (struct litmus_term){ .kind = TERM_MEMORY };
	for (w = setup_take(rest, MARKS); word_is(w, "!"); w = setup_take(rest, MARKS))
		t->denied ^= 1;
	next = setup_take(rest, MARKS);
	if (word_is(next, "."))
		return thread_of_test(r, w, &t->task) && term_register(r, rest, t);
	if (word_is(w, "fault") && word_is(next, "("))
		return term_fault(r, rest, t);
	pfn = name_find(&r->m->names, NAME_FRAME, w);
	if (pfn == NONE)
		return litmus_wrong(r, w, "Pn.R=V, Pn.R=FRAME:RIGHTS, fault(Pn,VA) or FRAME=V, of this test");
	if (!word_is(next, "="))
		return litmus_wrong(r, next, "'=' and a value");
	t->frame = (uint8_t)pfn;
	w = setup_take(rest, MARKS);
	return (word_number(w, &t->value) && t->value <= UINT32_MAX) || litmus_wrong(r, w, "a value");
}

static bool ask_line(struct reader *r, const char *rest)
{
	size_t n = strcspn(rest, "\r\n");
	struct word w;

	if (r->l->terms)
		return litmus_wrong(r, (struct word){ "ask", 3 }, "there once only");
	rest += strspn(rest, " \t");
	snprintf(r->l->ask, sizeof(r->l->ask), "%.*s", (int)n, rest);
	r->l->ask[strcspn(r->l->ask, "\r\n")] = '\0';
	do {
		if (r->l->terms == LITMUS_TERMS) {
			complain(r->c, BAD_LIMIT, "an outcome has at most %u terms", LITMUS_TERMS);
			return false;
		}
		if (!term_read(r, &rest, &r->l->term[r->l->terms++]))
			return false;
		if (!word_next(&rest, MARKS, &w))
			return true;
	} while (word_is(w, "&"));
	return litmus_wrong(r, w, "'&' or the end of the line");
}

static bool verdict_line(struct reader *r, const char *rest)
{
	struct word w = setup_take(&rest, ""), more;

	if (r->l->published)
		return litmus_wrong(r, (struct word){ "verdict", 7 }, "there once only");
	r->l->published = litmus_verdict_find(w);
	if (!r->l->published)
		return litmus_wrong(r, w, "forbidden, allowed or required");
	return !word_next(&rest, "", &more) || litmus_wrong(r, more, "the end of the line");
}

bool litmus_outcome(struct reader *r, struct litmus_text t)
{
	struct word head;
	const char *rest;

	while (litmus_line(r, &t, &head, &rest)) {
		if (word_is(head, "ask") && !ask_line(r, rest))
			return false;
		if (word_is(head, "verdict") && !verdict_line(r, rest))
			return false;
	}
	if (r->l->terms)
		return true;
	r->c->line = r->l->line;
	complain(r->c, BAD_SYNTAX, "the test has no `ask:` line");
	return false;
}

/* ---- the outcome ---- */

static bool term_holds(const struct litmus_term *t, const struct machine *m)
{
	const struct task *task = peek_task(m, t->task);

	switch ((enum litmus_term_kind)t->kind) {
	case TERM_REGISTER:
		return peek_regs(m, t->task)->r[t->reg] == t->value;
	case TERM_FAULT:
		return task->state == TASK_DONE && task->result == RES_SIGSEGV && peek_program(m, t->task)->op[task->op].va == t->va;
	case TERM_MEMORY:
		return peek_frame(m, t->frame)->value == t->value;
	}
	CHECK_NEVER("no such term");
}

bool litmus_holds(const struct litmus *l, const struct machine *m)
{
	for (unsigned i = 0; i < l->terms; i++)
		if (term_holds(&l->term[i], m) == l->term[i].denied)
			return false;
	return true;
}
