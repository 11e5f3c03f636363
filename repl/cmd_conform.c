/*
 * The family "conforming": programs that real kernels have answered, and how many lines we answer alike.
 *
 * A transcript is read whole: headers are echoed, what stands behind '|' is what was expected.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "conform.h"

enum {
	LINE_BYTES = 4096,
	MOST_SECTIONS = 64
};

struct section {
	char name[24];
	unsigned good, programs;
};

/* What is asked for, and how far it has come. */
struct job_state {
	char path[1024], kernel[16];
	bool flushes, diff;
	FILE *in;
	unsigned line;
	struct conform_machine *cm, *plain, *both; /* of this program; fresh ones without T and with it */
	bool have_plain, have_both;
	char program[64];
	unsigned ops;			    /* lines of this program so far */
	bool begun, differs;
	struct section section[MOST_SECTIONS];
	unsigned sections;
	uint64_t lines_good, lines;
};

static enum status wish_read(struct job_state *j, const char *rest, struct complaint *c)
{
	struct word w;

	strcpy(j->kernel, "6.18");
	while (arg_next(&rest, &w)) {
		if (word_is(w, "--kernel")) {
			if (!arg_next(&rest, &w) || !word_copy(w, j->kernel, sizeof(j->kernel)))
				return complain(c, BAD_SYNTAX, "--kernel needs a release, such as 6.18");
		} else if (word_is(w, "--flushes")) {
			j->flushes = true;
		} else if (word_is(w, "--diff")) {
			j->diff = true;
		} else if (w.len > 1 && w.at[0] == '-') {
			return complain(c, BAD_SYNTAX, "'%.*s' should be --kernel V, --flushes or --diff",
					(int)(w.len < 60 ? w.len : 60), w.at);
		} else if (j->path[0]) {
			return complain(c, BAD_SYNTAX, "'%.*s' is one word too many: one file, or - for standard input",
					(int)(w.len < 60 ? w.len : 60), w.at);
		} else {
			arg_copy(w, j->path, sizeof(j->path));
		}
	}
	if (!j->path[0])
		return complain(c, BAD_SYNTAX, "conform needs a file of programs, or - for standard input");
	return OK;
}

/* A fresh machine of the kind that the program wants. */
static enum status machine_fresh(struct job_state *j, struct complaint *c)
{
	bool both = j->flushes || !strncmp(j->program, "flush-", 6);
	struct conform_machine *of = both ? j->both : j->plain;
	bool *have = both ? &j->have_both : &j->have_plain;
	enum status s = *have ? OK : conform_open(of, j->kernel, both, c);

	*have = s == OK;
	if (s == OK)
		*j->cm = *of;
	return s;
}

/* The score of what ends here; the section is the name up to its last '-', or the suite's word. */
static void program_end(struct job_state *j)
{
	const char *cut = strrchr(j->program, '-');
	size_t n = !strncmp(j->program, "ltp", 3) || !strncmp(j->program, "ksft", 4) ? strcspn(j->program, "-") :
		   cut ? (size_t)(cut - j->program) : strlen(j->program);
	unsigned i = 0;

	if (!j->begun || !j->ops)
		return;
	if (n >= sizeof(j->section[0].name))
		n = sizeof(j->section[0].name) - 1;
	while (i < j->sections && (strlen(j->section[i].name) != n || strncmp(j->section[i].name, j->program, n)))
		i++;
	if (i == MOST_SECTIONS)
		return;
	if (i == j->sections) {
		memcpy(j->section[i].name, j->program, n);
		j->section[i].name[n] = '\0';
		j->sections++;
	}
	j->section[i].programs++;
	j->section[i].good += !j->differs;
}

static void program_begin(struct job_state *j, const char *header)
{
	struct word w = { "program", 7 };

	header++;
	word_next(&header, "", &w);
	word_copy((struct word){ w.at, w.len < sizeof(j->program) ? w.len : sizeof(j->program) - 1 }, j->program,
		  sizeof(j->program));
	j->begun = j->differs = false;
	j->ops = 0;
}

/* Behind the operation: what was expected, without blanks around it; NULL when nothing was. */
static char *split_expected(char *line)
{
	char *bar = strchr(line, '|'), *end;

	if (bar) {
		*bar++ = '\0';
		bar += strspn(bar, " \t");
		for (end = bar + strlen(bar); end > bar && strchr(" \t", end[-1]); end--)
			end[-1] = '\0';
	}
	for (end = line + strlen(line); end > line && strchr(" \t", end[-1]); end--)
		end[-1] = '\0';
	return bar;
}

static enum status do_line(struct session *s, struct job_state *j, char *line, struct complaint *c)
{
	char *expected = split_expected(line), result[4096];
	struct text t = text_over(result, sizeof(result));
	struct conform_line op;

	if (!line[strspn(line, " \t")])
		return OK;
	if (conform_read(line, &op, c) != OK)
		return c->status;
	if (!j->begun && machine_fresh(j, c) != OK)
		return c->status;
	j->begun = true;
	j->ops++;
	conform_run(j->cm, &op, &t);
	if (!j->diff) {
		out_line(&s->out, "%s | %s", line, result);
		return OK;
	}
	if (j->differs)
		return OK;
	j->lines++;
	if (expected && strcmp(expected, result)) {
		j->differs = true;
		out_line(&s->out, "%s line %u: %s", j->program, j->ops, line);
		out_line(&s->out, "  want %s", expected);
		out_line(&s->out, "  got  %s", result);
	} else {
		j->lines_good++;
	}
	return OK;
}

static enum status read_all(struct session *s, struct job_state *j, struct complaint *c)
{
	char line[LINE_BYTES];

	program_begin(j, "#");
	while (fgets(line, sizeof(line), j->in)) {
		size_t n = strcspn(line, "\r\n");
		enum status status = OK;

		j->line++;
		if (!line[n] && n == sizeof(line) - 1)
			status = complain(c, BAD_LIMIT, "the line is longer than %u bytes", LINE_BYTES - 2);
		line[n] = '\0';
		if (status == OK && (line[0] == '#' || !line[0])) {
			program_end(j);
			program_begin(j, line[0] ? line : "#");
			if (!j->diff)
				out_line(&s->out, "%s", line);
		} else if (status == OK) {
			status = do_line(s, j, line, c);
		}
		if (status != OK) {
			c->line = j->line;
			snprintf(s->bad_file, sizeof(s->bad_file), "%.190s", strcmp(j->path, "-") ? j->path : "standard input");
			return status;
		}
	}
	program_end(j);
	return ferror(j->in) ? complain(c, BAD_FILE, "%.120s: it cannot be read", j->path) : OK;
}

static void say_score(struct session *s, const struct job_state *j)
{
	unsigned good = 0, programs = 0;

	for (unsigned i = 0; i < j->sections; i++) {
		out_line(&s->out, "%-8s %5u / %5u programs", j->section[i].name, j->section[i].good, j->section[i].programs);
		good += j->section[i].good;
		programs += j->section[i].programs;
	}
	out_line(&s->out, "%-8s %5u / %5u programs = %.2f%%   lines before the first difference %llu / %llu", "all", good,
		 programs, programs ? 100.0 * good / programs : 100.0, (unsigned long long)j->lines_good,
		 (unsigned long long)j->lines);
	s->found |= good != programs;
}

static enum status open_input(struct job_state *j, struct complaint *c)
{
	struct stat st;

	if (!strcmp(j->path, "-")) {
		j->in = stdin;
		return OK;
	}
	if (!stat(j->path, &st) && S_ISDIR(st.st_mode))
		return complain(c, BAD_FILE, "%.120s: this is a folder", j->path);
	j->in = fopen(j->path, "r");
	return j->in ? OK : complain(c, BAD_FILE, "%.120s: %s", j->path, strerror(errno));
}

static enum status cmd_conform(struct session *s, const char *rest, struct complaint *c)
{
	struct job_state *j = calloc(1, sizeof(*j));
	struct conform_machine *machines = calloc(3, sizeof(*machines));
	enum status status = j && machines ? wish_read(j, rest, c) : complain(c, BAD_STATE, "there is not enough memory");

	if (status == OK)
		status = open_input(j, c);
	if (status == OK) {
		j->cm = &machines[0];
		j->plain = &machines[1];
		j->both = &machines[2];
		status = read_all(s, j, c);
		if (status == OK && j->diff)
			say_score(s, j);
		if (j->in != stdin)
			fclose(j->in);
	}
	free(machines);
	free(j);
	return status;
}

static const struct command rows[] = {
	{ "conform", "", "conform FILE|- [--kernel V] [--flushes] [--diff]",
	  "run programs of system calls as a kernel would, and print their results",
	  "Reads a transcript or bare programs (docs/model.md names the language), runs each on a fresh machine through the "
	  "routines that are stepped everywhere else, and prints the transcript with the results of this model. --kernel "
	  "chooses the release (6.18 without it), --flushes lists the TLB flushes of every program and not only of those named "
	  "flush-..., --diff prints only what differs from the transcript's own results, and a score per section.",
	  "conform programs.txt --diff", CMD_UNRECORDED, cmd_conform, "" },
};

const struct command_group group_conforming = { "conforming", "Conforming", rows, sizeof(rows) / sizeof(rows[0]) };
