/*
 * start.c - from the start of the program to its first prompt, in a pty of 200x50.
 *
 * With panes the prompt is there when the program answers the test driver's sync sequence, which
 * waits for it in the terminal from the beginning; with --plain when the first '>' comes.
 */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

enum {
	RUNS = 20,
	PATIENCE_MS = 5000
};

/* shootdown lies beside this program. */
static bool program_find(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - sizeof("shootdown"));
	char *slash;

	if (n <= 0)
		return false;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return false;
	strcpy(slash + 1, "shootdown");
	return access(path, X_OK) == 0;
}

static void program_run(const char *path, const char *home, bool plain)
{
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("HOME", home, 1);
	setenv("XDG_DATA_HOME", home, 1);
	setenv("INPUTRC", "/dev/null", 1);
	setenv("SHOOTDOWN_TEST", "1", 1);
	execl(path, path, plain ? "--plain" : (char *)NULL, (char *)NULL);
	_exit(127);
}

/* Seconds until `sign` has come out of the terminal; negative when it does not. */
static double start_run(const char *path, const char *home, bool plain)
{
	static const char sync[] = "\033[9999~";
	const char *sign = plain ? ">" : "sync 1";
	struct winsize size = { .ws_row = 50, .ws_col = 200 };
	char seen[1 << 20];
	size_t used = 0;
	double begin = seconds_now(), took = -1;
	int terminal;
	pid_t child = forkpty(&terminal, NULL, NULL, &size);
	struct pollfd readable;

	if (child == 0)
		program_run(path, home, plain);
	if (child < 0)
		return -1;
	if (!plain && write(terminal, sync, sizeof(sync) - 1) < 0)
		sign = "";
	readable = (struct pollfd){ .fd = terminal, .events = POLLIN };
	while (took < 0 && used < sizeof(seen) - 1 && poll(&readable, 1, PATIENCE_MS) > 0) {
		ssize_t n = read(terminal, seen + used, sizeof(seen) - 1 - used);

		if (n <= 0)
			break;
		used += (size_t)n;
		seen[used] = '\0';
		if (memmem(seen, used, sign, strlen(sign)))
			took = seconds_now() - begin;
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(terminal);
	return took;
}

static void start_figure(const char *what, const char *path, const char *home, bool plain,
			 const char *remark)
{
	double took[RUNS];

	for (unsigned i = 0; i < RUNS; i++) {
		took[i] = start_run(path, home, plain);
		if (took[i] < 0) {
			no_figure("start", "the program came to no prompt in a pty");
			return;
		}
	}
	figure("start", what, median(took, RUNS) * 1e3, "ms", "%s", remark);
}

void bench_start(void)
{
	char path[4096], home[200];

	if (!program_find(path, sizeof(path))) {
		no_figure("start", "there is no program shootdown beside this one");
		return;
	}
	directory_make(home, sizeof(home));
	start_figure("panes and prompt", path, home, false, "in a pty; aim < 20 ms");
	start_figure("--plain", path, home, true, "in a pty; aim < 20 ms");
	directory_remove(home);
}
