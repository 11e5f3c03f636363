/*
 * A conformance program as a scenario: its machine's set-up lines, and a task per process. The tasks take turns as the program
 * says (`after N`), so that what is stepped is what `conform` runs.
 */
#include "conform_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform.h"
#include "task.h"

#define TASKS (THREAD + 1)

struct loader {
	char words[TASKS][MAX_LINE]; /* the operations of each task */
	struct text text[TASKS];
	bool used[TASKS], forked[TASKS];
	unsigned last, turns;		/* whose operation came last; operations so far, turns included */
	bool begun;
	const struct names *names;
	struct text out;
};

/* The line of the file that begins the program; false when there is none. */
static bool find(FILE *f, const char *name, unsigned *number)
{
	char line[4096];

	while (fgets(line, sizeof(line), f)) {
		const char *at = line + 1;
		struct word w;

		++*number;
		if (line[0] == '#' && (line[strcspn(line, "\r\n")] = '\0', word_next(&at, "", &w)) && word_is(w, name))
			return true;
	}
	return false;
}

static void add_op(struct loader *l, unsigned task, const struct op *op)
{
	/* T is asked by A, which waits for it on its own CPU. */
	if (task == THREAD && l->begun && l->last && l->last != THREAD) {
		text_add(&l->text[0], "%safter %u", l->text[0].len ? "; " : "", l->turns++);
		l->used[0] = true;
		l->last = 0;
	}
	if (l->begun && task != l->last)
		text_add(&l->text[task], "%safter %u", l->text[task].len ? "; " : "", l->turns++);
	text_add(&l->text[task], "%s", l->text[task].len ? "; " : "");
	op_text(&l->text[task], l->names, op);
	l->turns++;
	l->last = task;
	l->begun = l->used[task] = true;
}

static enum status add_line(struct loader *l, char *line, struct complaint *c)
{
	struct conform_line op;

	line[strcspn(line, "|")] = '\0';
	if (!line[strspn(line, " \t")])
		return OK;
	if (conform_read(line, &op, c) != OK)
		return c->status;
	if (op.kind != CONFORM_OP || (op.process && op.process != THREAD && !l->forked[op.process]))
		return OK;
	if (op.op.kind == OP_FORK) {
		if (l->forked[op.op.object])
			return complain(c, BAD_STATE, "%c is forked a second time here: such a program can be run by `conform` "
					"but not stepped", (int)('A' + op.op.object));
		l->forked[op.op.object] = true;
	}
	add_op(l, op.process, &op.op);
	return OK;
}

static enum status setup_line(void *self, const char *words)
{
	struct loader *l = self;
	unsigned task = THREAD;

	/* A task gets its operations; one that has none is left out, and so is an mm that is never born. */
	if (!strncmp(words, "task proc", 9))
		task = (unsigned)(words[9] - 'A');
	else if (!strncmp(words, "mm ", 3) && strlen(words) > 4)
		return l->used[words[3] - 'A'] || l->forked[words[3] - 'A'] ? (text_add(&l->out, "%s\n", words), OK) : OK;
	else if (strncmp(words, "task ", 5))
		return text_add(&l->out, "%s\n", words), OK;
	if (l->used[task])
		text_add(&l->out, "%s %s\n", words, l->text[task].at);
	return OK;
}

static enum status program_text(struct loader *l, FILE *f, const char *path, const char *name, unsigned *number,
				struct complaint *c)
{
	char line[4096];
	enum status status = OK;

	while (status == OK && fgets(line, sizeof(line), f)) {
		++*number;
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '#' || !line[0])
			break;
		status = add_line(l, line, c);
	}
	if (status != OK)
		return status;
	text_add(&l->out, "title    %s\nsource   %s\n", name, path);
	conform_lines("6.18", l->used[THREAD], setup_line, l);
	for (unsigned t = 0; t < TASKS; t++)
		l->out.cut |= l->text[t].cut;
	return l->out.cut ? complain(c, BAD_LIMIT, "%s is too long to be stepped", name) : OK;
}

char *conform_scenario(const char *path, const char *name, unsigned *line, struct complaint *c)
{
	struct conform_machine *cm = calloc(1, sizeof(*cm));
	struct loader *l = calloc(1, sizeof(*l));
	char *text = malloc(MAX_SCENARIO);
	FILE *f = NULL;
	enum status status = cm && l && text ? conform_open(cm, "6.18", true, c) :
					       complain(c, BAD_STATE, "there is not enough memory");

	*line = 0;
	if (status == OK && !(f = fopen(path, "r")))
		status = complain(c, BAD_FILE, "%.120s: %s", path, strerror(errno));
	if (status == OK && !find(f, name, line)) {
		*line = 0;
		status = complain(c, BAD_NAME, "%.100s holds no program '%.40s'", path, name);
	}
	if (status == OK) {
		l->names = &cm->m.names;
		l->out = text_over(text, MAX_SCENARIO);
		for (unsigned t = 0; t < TASKS; t++)
			l->text[t] = text_over(l->words[t], MAX_LINE - 40);
		status = program_text(l, f, path, name, line, c);
	}
	if (f)
		fclose(f);
	free(cm);
	free(l);
	if (status == OK)
		return text;
	free(text);
	return NULL;
}
