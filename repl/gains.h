/*
 * What each reduction of the search saves on the machine at hand.
 */
#ifndef GAINS_H
#define GAINS_H

#include "session.h"

/* Starts `gains` as the session's job. */
enum status gains_start(struct session *s, struct complaint *c);

#endif
