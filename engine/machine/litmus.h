/*
 * litmus.h - enhanced litmus tests: threads of raw instructions, an outcome, a published verdict.
 *
 *	[NAME] SOURCE | what it is about
 *	init: VA=FRAME:RIGHTS ...; FRAME=VALUE ...	RIGHTS: rw, ro, none (not present)
 *	Pn: ld R VA; st VA V; pte VA FRAME RIGHTS; inv VA; shoot VA; shoot *; ldpte R VA
 *	ask: TERM & TERM ...	TERM: Pn.R=V, Pn.R=FRAME:RIGHTS, fault(Pn,VA), FRAME=V; ! before one denies it
 *	verdict: forbidden (nobody can see the outcome), allowed (somebody can), required (everybody does)
 *
 * A test becomes a scenario: init: becomes frame, vma and entry lines, Pn: a task on cpu n whose operations are
 * the thread's own words.  What is searched, stepped and recorded is that scenario.  Frames hold 0 and addresses
 * have no entry where init says nothing, as long as a `pte` somewhere names them; registers begin with 0.
 */
#ifndef LITMUS_H
#define LITMUS_H

#include "scenario.h"

enum litmus_verdict { LITMUS_UNSAID, LITMUS_FORBIDDEN, LITMUS_ALLOWED, LITMUS_REQUIRED, LITMUS_VERDICTS };

enum litmus_term_kind { TERM_REGISTER, TERM_FAULT, TERM_MEMORY };

struct litmus_term {
	uint64_t value;		/* of the register, or of the frame */
	uint64_t va;		/* TERM_FAULT */
	uint8_t kind;		/* enum litmus_term_kind */
	uint8_t denied;
	uint8_t task;
	uint8_t reg;
	uint8_t frame;
};

#define LITMUS_TERMS 24

struct litmus {
	char name[48];
	unsigned line;			/* of the file */
	unsigned terms;
	struct litmus_term term[LITMUS_TERMS];
	enum litmus_verdict published;
	char title[200];		/* what stands behind the name */
	char ask[200];			/* as it was written */
	uint8_t task[MAX_CPUS];		/* of each thread, NONE */
	char scenario[MAX_SCENARIO];
};

/* Where a reader of many tests stands. */
struct litmus_text {
	const char *at;
	unsigned line;		/* of *at, from 1 */
};

/*
 * Reads the next test, with m as scratch; l->scenario then holds it as a scenario of two variants: at-once, as the
 * notation has it, and ipi, where shoot is Linux's own flush.  False at the end of the text and when something is wrong: then
 * c->status is not OK, and c->line says where.
 */
bool litmus_next(struct litmus_text *text, struct litmus *l, struct machine *m, struct effects *fx, struct complaint *c);

/* Does the outcome hold now?  Meant for a machine that has finished. */
bool litmus_holds(const struct litmus *l, const struct machine *m);

const char *litmus_verdict_name(enum litmus_verdict v);
/* UNSAID when the word is none. */
enum litmus_verdict litmus_verdict_find(struct word w);
/* What everybody sees, somebody sees: is a verdict the one that was given out? */
bool litmus_agrees(enum litmus_verdict found, enum litmus_verdict given);

#endif
