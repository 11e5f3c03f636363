/*
 * Reading expressions. Rule: what a stranger types is cut into words here and
 * nowhere else, and every nesting and every list has a limit.
 */
#include "expr.h"

#include <ctype.h>
#include <string.h>

enum {
	DEEPEST = 24
};

/* What a part of an expression is, beside the types of values. */
enum {
	PART_NONE = TYPES, /* `none` */
	PART_WORD,	   /* a word that only a comparison gives a meaning */
	PART_BAD,
};

struct part {
	unsigned type;
	struct word word; /* as it was typed */
	unsigned op;	  /* PART_WORD: where its number goes */
};

struct reader {
	const struct machine *m;
	const char *at;
	struct expr *e;
	struct complaint *c;
	unsigned depth;
};

static const struct part bad = { .type = PART_BAD };

static struct part either(struct reader *r);

static int shown(struct word w)
{
	return (int)(w.len < 60 ? w.len : 60);
}

static bool at_end(const char *p)
{
	return !*p || *p == '#' || *p == '\n';
}

static struct part wrong(struct reader *r, enum status status, struct word w, const char *want)
{
	if (w.len || !at_end(r->at))
		complain(r->c, status, "'%.*s' %s", shown(w), w.at, want);
	else
		complain(r->c, status, "the end of the line %s", want);
	return bad;
}

static void skip(struct reader *r)
{
	r->at += strspn(r->at, " \t\r");
}

/* What stands here, for a complaint: up to the next blank. */
static struct word here(struct reader *r)
{
	skip(r);
	return (struct word){ r->at, at_end(r->at) ? 0 : strcspn(r->at, " \t\r\n") };
}

/* From a place up to here. */
static struct word since(const struct reader *r, const char *start)
{
	return (struct word){ start, (size_t)(r->at - start) };
}

static bool take(struct reader *r, const char *sign)
{
	size_t n = strlen(sign);

	skip(r);
	if (strncmp(r->at, sign, n))
		return false;
	r->at += n;
	return true;
}

static bool emit(struct reader *r, struct expr_op op)
{
	if (r->e->ops == EXPR_OPS) {
		complain(r->c, BAD_LIMIT, "the expression is too long: EXPR_OPS is %u", EXPR_OPS);
		return false;
	}
	r->e->op[r->e->ops++] = op;
	return true;
}

static struct part value_part(struct reader *r, unsigned type, struct word w, struct expr_op op)
{
	struct part p = { .type = type, .word = w, .op = r->e->ops };

	return emit(r, op) ? p : bad;
}

/* Letters, digits and '_'; a '-' only between letters: `dma-write` is one word, `step-1` is not. */
static struct word name_take(struct reader *r)
{
	const char *start = r->at, *p = start;

	while (isalnum((unsigned char)*p) || *p == '_' ||
	       (*p == '-' && p > start && isalpha((unsigned char)p[-1]) &&
		isalpha((unsigned char)p[1])))
		p++;
	r->at = p;
	return since(r, start);
}

/* ---- terms ---- */

/* An argument: up to ',' or ')', parentheses of its own left whole. */
static struct word arg_take(struct reader *r)
{
	const char *start;
	int open = 0;
	struct word w;

	skip(r);
	for (start = r->at; !at_end(r->at) && (open > 0 || (*r->at != ',' && *r->at != ')'));
	     r->at++)
		open += (*r->at == '(') - (*r->at == ')');
	w = since(r, start);
	while (w.len && strchr(" \t", w.at[w.len - 1]))
		w.len--;
	return w;
}

static struct part no_frame(struct reader *r, struct word w)
{
	complain(r->c, BAD_VALUE, "'%.*s' is no frame: MAX_FRAMES is %u", shown(w), w.at,
		 MAX_FRAMES);
	return bad;
}

/* ", r1)", ", 0)": a register of a task, a page of a file. */
static bool number_in(struct reader *r, enum expr_args args, struct expr_op *op)
{
	bool reg = args == ARGS_REGISTER;
	unsigned most = reg ? MAX_REGS : FILE_PAGES;
	struct word w = { "", 0 }, digits;

	if (!take(r, ",")) {
		wrong(r, BAD_SYNTAX, here(r), reg ? "should be a comma and a register" : "should be a comma and a page");
		return false;
	}
	w = digits = arg_take(r);
	if (reg && w.len && w.at[0] == 'r')
		digits = (struct word){ w.at + 1, w.len - 1 };
	if ((reg && digits.at == w.at) || !word_number(digits, &op->value) || op->value >= most) {
		complain(r->c, BAD_VALUE, reg ? "'%.*s' should be a register: r0 to r%u" : "'%.*s' should be a page: 0 to %u",
			 shown(w), w.at, most - 1);
		return false;
	}
	if (take(r, ")"))
		return true;
	wrong(r, BAD_SYNTAX, here(r), "should be ')'");
	return false;
}

/* The arguments between the parentheses, into op; a frame's number becomes a value before it. */
static bool args_read(struct reader *r, enum expr_args args, struct expr_op *op)
{
	unsigned object = 0;

	if (args == ARGS_FRAME) {
		unsigned first = r->e->ops;
		struct part p = either(r);

		op->code = CODE_TERM_INDEX;
		if (p.type == PART_WORD && name_find(&r->m->names, NAME_FRAME, p.word) != NONE) {
			r->e->op[p.op].value = name_find(&r->m->names, NAME_FRAME, p.word);
			p.type = TYPE_FRAME;
		}
		if (p.type != PART_BAD && p.type >= TYPE_OWNER)
			p = wrong(r, BAD_VALUE, p.word, "should be the number of a frame");
		else if (r->e->ops == first + 1 && r->e->op[first].code == CODE_NUMBER &&
			 r->e->op[first].value >= MAX_FRAMES)
			p = no_frame(r, p.word);
		if (p.type == PART_BAD)
			return false;
	} else if (args != ARGS_NONE) {
		struct word w = args == ARGS_VA ? (struct word){ "", 0 } : arg_take(r);
		const char *want = expr_object(r->m, args, w, &object);

		if (want) {
			wrong(r, BAD_NAME, w, want);
			return false;
		}
		op->object = (uint16_t)object;
	}
	if (args == ARGS_REGISTER || args == ARGS_PAGE)
		return number_in(r, args, op);
	if ((args == ARGS_MM_VA || args == ARGS_AGENT_VA) && !take(r, ",")) {
		wrong(r, BAD_SYNTAX, here(r), "should be a comma and an address");
		return false;
	}
	if (args == ARGS_VA || args == ARGS_MM_VA || args == ARGS_AGENT_VA) {
		struct word w = arg_take(r);

		if (!address_read(&r->m->names, w, &op->value) || op->value >= 1ull << 47) {
			wrong(r, BAD_VALUE, w,
			      "should be an address, such as 0x7f0000001000 or REGION+PAGE");
			return false;
		}
	}
	if (take(r, ")"))
		return true;
	wrong(r, BAD_SYNTAX, here(r), "should be ')'");
	return false;
}

static unsigned term_of(struct word head)
{
	unsigned i = 0;

	while (expr_terms[i].head && !word_is(head, expr_terms[i].head))
		i++;
	return i;
}

/* The row of the field that is asked for, among those of the head that begin at `row`. */
static struct part field_read(struct reader *r, unsigned row, struct word whole, struct expr_op op)
{
	char names[100];
	struct text t = text_over(names, sizeof(names));
	const char *head = expr_terms[row].head;
	struct word field = { "", 0 };
	bool dot = *r->at == '.';

	if (dot) {
		r->at++;
		field = name_take(r);
	}
	for (; expr_terms[row].head && !strcmp(expr_terms[row].head, head); row++) {
		const struct expr_term *term = &expr_terms[row];

		if (word_is(field, term->field) && dot == (field.len > 0)) {
			op.term = (uint8_t)row;
			r->e->path |= term->path;
			whole = since(r, whole.at);
			return value_part(r, term->type, whole, op);
		}
		text_add(&t, "%s%s", t.len ? ", ." : ".", term->field);
	}
	if (field.len)
		complain(r->c, BAD_NAME, "'%.*s' has no field '%.*s': it has %s", shown(whole),
			 whole.at, shown(field), field.at, names);
	else
		complain(r->c, BAD_NAME, "'%.*s' needs a field: %s", shown(whole), whole.at, names);
	return bad;
}

static struct part name_read(struct reader *r)
{
	const char *start = r->at;
	struct word head = name_take(r);
	unsigned row = term_of(head);
	struct expr_op op = { .code = CODE_TERM };

	if (word_is(head, "true") || word_is(head, "false"))
		return value_part(r, TYPE_BOOL, head,
				  (struct expr_op){ .value = word_is(head, "true") });
	if (word_is(head, "none"))
		return value_part(r, PART_NONE, head, (struct expr_op){ .code = CODE_NONE });
	/* A task may well be called `mm`: what should have arguments and has none is a word. */
	if (!expr_terms[row].head || (expr_terms[row].args != ARGS_NONE && *r->at != '('))
		return value_part(r, PART_WORD, head, (struct expr_op){ .code = CODE_NUMBER });
	if (expr_terms[row].args != ARGS_NONE) {
		r->at++;
		if (!args_read(r, expr_terms[row].args, &op))
			return bad;
	}
	return field_read(r, row, since(r, start), op);
}

static struct part number_read(struct reader *r)
{
	struct word w = name_take(r);
	uint64_t n;

	if (!word_number(w, &n))
		return wrong(r, BAD_VALUE, w, "should be a number");
	return value_part(r, TYPE_NUMBER, w, (struct expr_op){ .value = n });
}

/* ---- what is done with values ---- */

/* A word that no comparison has given a meaning is a mistake. */
static struct part known(struct reader *r, struct part p)
{
	if (p.type != PART_WORD)
		return p;
	return wrong(r, BAD_NAME, p.word,
		     "is nothing that can be evaluated: `help expressions` lists what is");
}

static struct part single(struct reader *r)
{
	struct word w = here(r);
	struct part p;

	if (r->depth == DEEPEST) {
		complain(r->c, BAD_LIMIT, "the expression is nested too deep");
		return bad;
	}
	r->depth++;
	if (isdigit((unsigned char)*r->at)) {
		p = number_read(r);
	} else if (isalpha((unsigned char)*r->at) || *r->at == '_') {
		p = name_read(r);
	} else if (take(r, "!") || take(r, "-")) {
		bool not = r->at[-1] == '!';

		p = known(r, single(r));
		if (p.type != PART_BAD && !not &&p.type >= TYPE_OWNER)
			p = wrong(r, BAD_VALUE, p.word, "is no number");
		if (p.type != PART_BAD)
			p = value_part(r, not ? TYPE_BOOL : TYPE_NUMBER, since(r, w.at),
				       (struct expr_op){ .code = not ? CODE_NOT : CODE_NEGATE });
	} else if (take(r, "(")) {
		p = either(r);
		if (p.type != PART_BAD && !take(r, ")"))
			p = wrong(r, BAD_SYNTAX, here(r), "should be ')'");
	} else {
		p = wrong(r, BAD_SYNTAX, w, "stands where a value should: `help expressions`");
	}
	r->depth--;
	return p;
}

static struct part sum(struct reader *r)
{
	struct part left = single(r);

	while (left.type != PART_BAD && (take(r, "+") || take(r, "-"))) {
		bool plus = r->at[-1] == '+';
		struct part right;

		left = known(r, left);
		right = left.type == PART_BAD ? bad : known(r, single(r));
		if (right.type == PART_BAD)
			return bad;
		if (left.type >= TYPE_OWNER || right.type >= TYPE_OWNER)
			return wrong(r, BAD_VALUE, left.type >= TYPE_OWNER ? left.word : right.word,
				     "is no number");
		left = value_part(r, TYPE_NUMBER, since(r, left.word.at),
				  (struct expr_op){ .code = plus ? CODE_ADD : CODE_SUB });
	}
	return left;
}

/* Finds the number that a word has among those of a type. */
static bool word_meant(struct reader *r, const struct part *word, const struct part *other)
{
	char buf[40], names[100] = "";
	struct text list = text_over(names, sizeof(names));

	for (unsigned n = 0; other->type >= TYPE_OWNER && other->type < TYPES; n++) {
		struct text t = text_over(buf, sizeof(buf));

		if (!type_word(r->m, (enum expr_type)other->type, n, &t))
			break;
		if (t.len && word_is(word->word, buf)) {
			r->e->op[word->op].value = n;
			return true;
		}
		if (t.len && list.len + t.len + 6 < sizeof(names))
			text_add(&list, "%s%s", list.len ? ", " : "", buf);
		else if (t.len && !list.cut)
			list.cut = true;
	}
	if (!*names)
		known(r, *word);
	else
		complain(r->c, BAD_NAME, "'%.*s' is nothing that %.*s can be: %s%s",
			 shown(word->word), word->word.at, shown(other->word), other->word.at,
			 names, list.cut ? ", ..." : "");
	return false;
}

static bool comparable(struct reader *r, struct part left, struct part right, enum expr_code code)
{
	bool words = left.type >= TYPE_OWNER || right.type >= TYPE_OWNER;

	if (left.type == PART_WORD && right.type == PART_WORD) {
		known(r, left);
		return false;
	}
	if (left.type == PART_WORD)
		return word_meant(r, &left, &right);
	if (right.type == PART_WORD && !word_meant(r, &right, &left))
		return false;
	if (words && code != CODE_EQ && code != CODE_NE) {
		wrong(r, BAD_VALUE, left.type >= TYPE_OWNER ? left.word : right.word,
		      "has no order: compare with == or !=");
		return false;
	}
	if (right.type == PART_WORD || left.type == PART_NONE || right.type == PART_NONE ||
	    !words || left.type == right.type)
		return true;
	wrong(r, BAD_VALUE, right.word, "is not of the kind that it is compared with");
	return false;
}

static struct part comparison(struct reader *r)
{
	static const char *const signs[] = { "==", "!=", "<=", ">=", "<", ">" };
	struct part left = sum(r), right;
	unsigned i = 0;

	if (left.type == PART_BAD)
		return bad;
	while (i < sizeof(signs) / sizeof(signs[0]) && !take(r, signs[i]))
		i++;
	if (i == sizeof(signs) / sizeof(signs[0]))
		return left;
	right = sum(r);
	if (right.type == PART_BAD || !comparable(r, left, right, (enum expr_code)(CODE_EQ + i)))
		return bad;
	return value_part(r, TYPE_BOOL, since(r, left.word.at),
			  (struct expr_op){ .code = (uint8_t)(CODE_EQ + i) });
}

static struct part joined(struct reader *r, struct part (*part)(struct reader *r), const char *sign,
			  enum expr_code code)
{
	struct part left = part(r);

	while (left.type != PART_BAD && take(r, sign)) {
		struct part right;

		left = known(r, left);
		right = left.type == PART_BAD ? bad : known(r, part(r));
		if (right.type == PART_BAD)
			return bad;
		left = value_part(r, TYPE_BOOL, since(r, left.word.at),
				  (struct expr_op){ .code = (uint8_t)code });
	}
	return left;
}

static struct part both(struct reader *r)
{
	return joined(r, comparison, "&&", CODE_AND);
}

static struct part either(struct reader *r)
{
	return joined(r, both, "||", CODE_OR);
}

enum status expr_read(const struct machine *m, const char *text, struct expr *e,
		      struct complaint *c)
{
	struct reader r = { .m = m, .at = text, .e = e, .c = c };
	struct part p;

	e->ops = 0;
	e->path = false;
	e->type = TYPE_NUMBER;
	p = known(&r, either(&r));
	if (p.type == PART_BAD)
		return c->status;
	if (here(&r).len) {
		wrong(&r, BAD_SYNTAX, here(&r),
		      "stands where an operator should, such as == && || + -");
		return c->status;
	}
	if (p.type < TYPES)
		e->type = (enum expr_type)p.type;
	return OK;
}
