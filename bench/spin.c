/*
 * spin.c - spin, gcc and the searcher as child processes in a directory of their own.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"
#include "spin.h"

#define FLAGS "-w -O3 -march=native -DSFH -DNOVSZ -DNOBOUNDCHECK -DSAFETY -DNOFAIR -DMEMLIM=12000"

/* Runs a shell command in a directory; what it says goes to `log` there.  True when it succeeds. */
static bool command_run(const char *dir, const char *command)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		int log;

		if (chdir(dir) || (log = open("log", O_WRONLY | O_CREAT | O_TRUNC, 0600)) < 0)
			_exit(126);
		dup2(log, 1);
		dup2(log, 2);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

bool spin_there(void)
{
	return system("command -v spin >/dev/null && command -v gcc >/dev/null") == 0;
}

bool spin_build(const char *dir, const char *name, const struct ptlb *setting, const char *more,
		enum spin_mode mode)
{
	static const char *const search[] = {
		[SPIN_PLAIN] = "-DNOREDUCE",
		[SPIN_REDUCED] = "",
		[SPIN_SHORTEST] = "-DBFS -DNOREDUCE",
	};
	char defines[200], command[1000];
	struct text d = text_over(defines, sizeof(defines));

	ptlb_defines(setting, &d);
	setenv("PTLB_MODEL", PTLB_MODEL, 1);
	snprintf(command, sizeof(command),
		 "spin -a %s %s \"$PTLB_MODEL\" && gcc " FLAGS " %s -o %s pan.c -lm", defines, more,
		 search[mode], name);
	return command_run(dir, command);
}

/* The number that stands before or after words of the searcher's report; 0 when they are not there.
 */
static double number_before(const char *report, const char *words)
{
	const char *at = strstr(report, words);

	if (!at)
		return 0;
	while (at > report && at[-1] != '\n')
		at--;
	return strtod(at, NULL);
}

static double number_after(const char *report, const char *words)
{
	const char *at = strstr(report, words);

	return at ? strtod(at + strlen(words), NULL) : 0;
}

bool spin_run(const char *dir, const char *name, double states, struct spin_result *out)
{
	unsigned bits = 16;
	char command[200], path[300], report[16384];
	double begin;
	size_t n;
	FILE *log;

	while (bits < 30 && (double)(1ull << bits) < states)
		bits++;
	snprintf(command, sizeof(command), "./%s -n -m200000 -w%u", name, bits);
	begin = seconds_now();
	if (!command_run(dir, command))
		return false;
	out->seconds = seconds_now() - begin;
	snprintf(path, sizeof(path), "%s/log", dir);
	log = fopen(path, "r");
	if (!log)
		return false;
	/* Only the end matters; progress lines come before it. */
	if (fseek(log, -(long)sizeof(report) + 1, SEEK_END))
		rewind(log);
	n = fread(report, 1, sizeof(report) - 1, log);
	fclose(log);
	report[n] = '\0';
	out->states = number_before(report, "states, stored");
	/* SPIN counts the step to the first state as a transition. */
	out->transitions = number_before(report, "transitions (= stored+matched)") - 1;
	out->error = number_after(report, "errors: ") > 0;
	out->bytes = (number_before(report, "actual memory usage for states") +
		      number_before(report, "memory used for hash table")) *
		     (1 << 20) / out->states;
	return out->states > 0;
}
