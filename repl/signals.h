/*
 * ^C and ^Z as flags. Rule: a handler only sets its flag; whoever loops asks. The handlers do not
 * restart system calls, so a wait ends when one of them comes.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Install the handlers; `stop` also takes ^Z. After curses, which has handlers of its own. */
void signals_open(bool stop);

/* What was installed before comes back. */
void signals_close(void);

/* Whether ^C (^Z) came since it was last taken. */
bool signals_interrupted(void);
bool signals_interrupt_take(void);
bool signals_stop_take(void);

/*
 * Between hold and free, ^C, ^Z and resizes wait; `free_set` is the mask to give to ppoll(), which
 * lets them in. So none can slip in between the last look at a flag and the wait.
 */
void signals_hold(sigset_t *free_set);
void signals_free(const sigset_t *free_set);

#endif
