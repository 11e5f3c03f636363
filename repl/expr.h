/*
 * Expressions over a machine: what `print`, `display`, `break ... if`, `explore until` are given.
 *
 *	pte(A,heap+0).write && tlb(cpu1,heap+0).stale || step > 20
 *
 * An expression is read once for a machine, whose names it takes, and can then be evaluated for any
 * state of it. Evaluation is pure: it only looks. Something that is not there (no entry, no task)
 * is `none`: it equals nothing but `none`, is neither less nor more than anything, and is not true.
 */
#ifndef EXPR_H
#define EXPR_H

#include "machine.h"

#define EXPR_TEXT 120 /* bytes of an expression that is kept, the final zero included */
#define EXPR_OPS  64  /* values and operators in one expression */

/* What a value is: how it is printed, and what it can be compared with. */
enum expr_type {
	TYPE_NUMBER,
	TYPE_BOOL,
	TYPE_FRAME, /* a page frame's number */
	TYPE_ENTRY, /* a page-table entry */
	TYPE_CPUS,  /* a bit per CPU */
	/* From here on: words. */
	TYPE_OWNER,
	TYPE_MM_STATE,
	TYPE_TASK_STATE,
	TYPE_RESULT,
	TYPE_OPERATION,
	TYPE_ROUTINE,
	TYPE_MM,
	TYPE_TASK,
	TYPE_CTX,
	TYPES
};

struct value {
	bool none;
	int64_t n;
};

/* Where an expression is evaluated. */
struct expr_place {
	const struct machine *m;
	uint32_t step;	/* of the timeline */
	uint32_t rules; /* that the path here has broken, a bit per enum rule_id */
};

/* What is done, in the order of expr.op. */
enum expr_code {
	CODE_NUMBER,
	CODE_NONE,
	CODE_TERM,	 /* of an object that is known */
	CODE_TERM_INDEX, /* of an object that the value before it numbers */
	CODE_NOT,
	CODE_NEGATE,
	CODE_ADD,
	CODE_SUB,
	CODE_EQ,
	CODE_NE,
	CODE_LE,
	CODE_GE,
	CODE_LT,
	CODE_GT,
	CODE_AND,
	CODE_OR,
};

struct expr_op {
	uint8_t code; /* enum expr_code */
	uint8_t term; /* a row of expr_terms */
	uint16_t object;
	uint64_t value; /* of a number, or an address */
};

struct expr {
	struct expr_op op[EXPR_OPS]; /* values first, then what is done with them */
	unsigned ops;
	enum expr_type type;
	bool path; /* it asks for the step or for what the path has broken */
};

/* Reads a whole line. The sentence says which word was wrong; then *e is of no use. */
enum status expr_read(const struct machine *m, const char *text, struct expr *e,
		      struct complaint *c);
struct value expr_value(const struct expr *e, const struct expr_place *p);
/* Is it true: not none, not 0, not false? */
bool expr_true(const struct expr *e, const struct expr_place *p);
/* The value in words: "pfn 5 RW D", "true", "0x3 (0,1)", "none". */
void value_text(const struct machine *m, enum expr_type type, struct value v, struct text *t);

/* ---- what there is to ask for: expr_terms.c; its words: expr_names.c ---- */

enum expr_args {
	ARGS_NONE,
	ARGS_MM,
	ARGS_MM_VA,
	ARGS_AGENT_VA,
	ARGS_VA,
	ARGS_FRAME, /* an expression */
	ARGS_CPU,
	ARGS_TASK,
	ARGS_REGISTER, /* of a task; the number comes as the address */
	ARGS_PAGE,     /* of a file; likewise */
	ARGS_LOCK,
	ARGS_DEV,
	ARGS_SUB,
	ARGS_RULE,
};

struct expr_term {
	const char *head;  /* "pte" */
	const char *field; /* "write", or "" */
	enum expr_args args;
	enum expr_type type;
	/* object: of the arguments; va: 0 without an address. */
	struct value (*get)(const struct expr_place *p, unsigned object, uint64_t va);
	const char *help;
	bool path;
};

extern const struct expr_term expr_terms[]; /* ended by a row without a head */

/* The object that the word of an argument means (0 where it is an address alone); NULL, or what is
 * wrong with the word. */
const char *expr_object(const struct machine *m, enum expr_args args, struct word w,
			unsigned *object);
/* "MM,ADDRESS": the arguments as help writes them, "" for none. */
const char *expr_args_words(enum expr_args args);
/* The n-th word of a type, false past the last; types before TYPE_OWNER have none. */
bool type_word(const struct machine *m, enum expr_type type, unsigned n, struct text *t);

#endif
