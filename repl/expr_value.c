/*
 * Evaluating expressions: a stack of values. Rule: nothing here can fail, because what could was
 * refused when the expression was read.
 */
#include "expr.h"

static bool is_true(struct value v)
{
	return !v.none && v.n;
}

static bool holds(enum expr_code code, struct value a, struct value b)
{
	bool some = !a.none && !b.none, same = a.none == b.none && (a.none || a.n == b.n);

	return code == CODE_EQ	? same :
	       code == CODE_NE	? !same :
	       code == CODE_LE	? some && a.n <= b.n :
	       code == CODE_GE	? some && a.n >= b.n :
	       code == CODE_LT	? some && a.n < b.n :
	       code == CODE_GT	? some && a.n > b.n :
	       code == CODE_AND ? is_true(a) && is_true(b) :
				  is_true(a) || is_true(b);
}

static struct value two(enum expr_code code, struct value a, struct value b)
{
	uint64_t x = (uint64_t)a.n, y = (uint64_t)b.n;

	if (code != CODE_ADD && code != CODE_SUB)
		return (struct value){ .n = holds(code, a, b) };
	if (a.none || b.none)
		return (struct value){ .none = true };
	return (struct value){ .n = (int64_t)(code == CODE_ADD ? x + y : x - y) };
}

static struct value one(enum expr_code code, struct value a)
{
	if (code == CODE_NOT)
		return (struct value){ .n = !is_true(a) };
	return a.none ? a : (struct value){ .n = (int64_t)(0 - (uint64_t)a.n) };
}

static struct value indexed(const struct expr_op *op, const struct expr_place *p, struct value i)
{
	if (i.none || i.n < 0 || i.n >= MAX_FRAMES)
		return (struct value){ .none = true };
	return expr_terms[op->term].get(p, (unsigned)i.n, 0);
}

struct value expr_value(const struct expr *e, const struct expr_place *p)
{
	struct value stack[EXPR_OPS + 1] = { { 0 } };
	unsigned top = 0; /* stack[1..top] */

	for (unsigned i = 0; i < e->ops; i++) {
		const struct expr_op *op = &e->op[i];
		enum expr_code code = (enum expr_code)op->code;

		if (code == CODE_NUMBER)
			stack[++top] = (struct value){ .n = (int64_t)op->value };
		else if (code == CODE_NONE)
			stack[++top] = (struct value){ .none = true };
		else if (code == CODE_TERM)
			stack[++top] = expr_terms[op->term].get(p, op->object, op->value);
		else if (code == CODE_TERM_INDEX)
			stack[top] = indexed(op, p, stack[top]);
		else if (code == CODE_NOT || code == CODE_NEGATE)
			stack[top] = one(code, stack[top]);
		else {
			top--;
			stack[top] = two(code, stack[top], stack[top + 1]);
		}
	}
	CHECK(top == 1);
	return stack[top];
}

bool expr_true(const struct expr *e, const struct expr_place *p)
{
	return is_true(expr_value(e, p));
}
