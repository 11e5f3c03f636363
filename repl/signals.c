/* Flags for ^C and ^Z, and waiting without losing one. */
#include "signals.h"

#include <stddef.h>

static volatile sig_atomic_t interrupted, stopped;
static struct sigaction old_int, old_stop;
static bool watching_stop;

static void on_int(int sig)
{
	(void)sig;
	interrupted = 1;
}

static void on_stop(int sig)
{
	(void)sig;
	stopped = 1;
}

void signals_open(bool stop)
{
	struct sigaction action = { .sa_handler = on_int };

	interrupted = 0;
	stopped = 0;
	watching_stop = stop;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, &old_int);
	action.sa_handler = on_stop;
	if (stop)
		sigaction(SIGTSTP, &action, &old_stop);
}

void signals_close(void)
{
	sigaction(SIGINT, &old_int, NULL);
	if (watching_stop)
		sigaction(SIGTSTP, &old_stop, NULL);
}

bool signals_interrupted(void)
{
	return interrupted;
}

bool signals_interrupt_take(void)
{
	bool was = interrupted;

	interrupted = 0;
	return was;
}

bool signals_stop_take(void)
{
	bool was = stopped;

	stopped = 0;
	return was;
}

void signals_hold(sigset_t *free_set)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTSTP);
	sigaddset(&held, SIGWINCH);
	sigprocmask(SIG_BLOCK, &held, free_set);
}

void signals_free(const sigset_t *free_set)
{
	sigprocmask(SIG_SETMASK, free_set, NULL);
}
