/*
 * The handler of `twin`, as a command's (see commands.h).
 */
#ifndef TWIN_H
#define TWIN_H

#include "session.h"

/* [VARIANT] [all]: the path to here under another variant. */
enum status cmd_twin(struct session *s, const char *rest, struct complaint *c);

#endif
