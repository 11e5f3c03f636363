/*
 * check.h - our own bugs, told apart from the user's mistakes and from the model's findings.
 *
 * CHECK() is always compiled in.  When it fails, the handler set by the program (if any) is given
 * the place and the condition, prints what reproduces the failure, and the process aborts.
 */
#ifndef CHECK_H
#define CHECK_H

#define CHECK(cond) ((cond) ? (void)0 : check_fail(__FILE__, __LINE__, #cond))

/* For places that no state can reach: says what was believed. */
#define CHECK_NEVER(words) check_fail(__FILE__, __LINE__, words)

/* Install the function that reports a failed CHECK; it may return, the process aborts anyway. */
void check_handler_set(void (*handler)(const char *file, int line, const char *cond));

_Noreturn void check_fail(const char *file, int line, const char *cond);

#endif
