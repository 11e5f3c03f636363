/*
 * Every variant of every scenario against its expect lines.
 *
 * A variant holds when each rule it expects is broken in some order and, where it expects `clean`,
 * no manifest and no latent rule is, with a complete search. A variant without expect lines always
 * holds.
 */
#ifndef VERIFY_H
#define VERIFY_H

#include "session.h"

/* Starts it as the session's job. words: names, files or folders; none = all scenarios. */
enum status verify_start(struct session *s, const char *words, struct complaint *c);

#endif
