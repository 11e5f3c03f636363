/*
 * Expressions at the prompt: where they are evaluated, what `print` and `display` say.
 */
#ifndef DISPLAYS_H
#define DISPLAYS_H

#include "session.h"

/* The cursor's state, and what the path to it has broken. */
struct expr_place place_of(const struct session *s);

/* Adds the expression's value in words; what cannot be evaluated here is "?". */
void print_value(const struct session *s, const char *text, struct text *t);
/* Says "EXPR = VALUE". */
enum status print_say(struct session *s, const char *text, struct complaint *c);

/* Says all displays, as after a step. */
void displays_say(struct session *s);
/* The displays in one column of a list: "3, true". */
void displays_column(const struct session *s, struct text *t);

#endif
