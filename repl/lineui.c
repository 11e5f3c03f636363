/*
 * The line interface. Rule: nothing is printed here that is not a prompt, so the output of a
 * session read from a pipe is the client's alone.
 */
#include "lineui.h"

#include "editor.h"
#include "signals.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/readline.h>

enum { SLICE_MS = 50 };

void lineui_finish(const struct client *client)
{
	while (client->busy && client->busy(client->self)) {
		client->slice(client->self, SLICE_MS);
		if (signals_interrupt_take())
			client->interrupt(client->self);
	}
}

/* ^C at the prompt: drop the line and start another. */
static void line_drop(void)
{
	rl_replace_line("", 0);
	rl_crlf();
	rl_on_new_line();
	rl_redisplay();
}

/* The next key; a ^C that comes before it drops the line. */
static int key_read(FILE *in)
{
	struct pollfd p = { .fd = fileno(in), .events = POLLIN };
	sigset_t free_set;

	for (;;) {
		p.revents = 0;
		signals_hold(&free_set);
		if (!signals_interrupted())
			ppoll(&p, 1, NULL, &free_set);
		signals_free(&free_set);
		if (signals_interrupt_take())
			line_drop();
		else if (p.revents)
			return rl_getc(in);
	}
}

static void run_terminal(const struct client *client, const char *history)
{
	rl_catch_signals = 0;
	rl_getc_function = key_read;
	rl_change_environment = 0;
	if (!isatty(STDOUT_FILENO))
		rl_outstream = stderr;
	editor_open(client, history);
	while (!client->over(client->self)) {
		char *line = readline(client->prompt(client->self));

		/* A ^C that comes from here on is meant for what the line starts. */
		if (!line) {
			client->end(client->self);
			break;
		}
		editor_remember(line);
		client->line(client->self, line, LINE_TYPED);
		free(line);
		lineui_finish(client);
	}
	editor_close();
}

struct reader {
	char line[LINEUI_LINE_MAX + 2];
	size_t size;
	bool too_long, has_nul;
};

/* One line without its end; false at the end of input. Interrupted reads go on. */
static bool line_read(struct reader *r)
{
	r->size = 0;
	r->too_long = false;
	r->has_nul = false;
	for (;;) {
		int c = getc(stdin);

		if (c == EOF && ferror(stdin) && errno == EINTR && !signals_interrupted()) {
			clearerr(stdin);
			continue;
		}
		if (c == EOF)
			return r->size || r->too_long || r->has_nul;
		if (c == '\n')
			return true;
		r->has_nul |= c == 0;
		r->too_long |= r->size == LINEUI_LINE_MAX;
		if (!r->too_long)
			r->line[r->size++] = (char)c;
	}
}

static void run_pipe(const struct client *client)
{
	struct reader *r = malloc(sizeof(*r));

	while (r && !client->over(client->self) && line_read(r)) {
		r->line[r->size] = 0;
		if (r->size && r->line[r->size - 1] == '\r')
			r->line[r->size - 1] = 0;
		if (r->too_long)
			client->say(client->self,
				    "a line is longer than 65536 bytes and was not read");
		else if (r->has_nul)
			client->say(client->self, "a line holds a zero byte and was not read");
		else
			client->line(client->self, r->line, LINE_TYPED);
		lineui_finish(client);
	}
	free(r);
	if (!client->over(client->self))
		client->end(client->self);
}

void lineui_run(const struct client *client, const char *history)
{
	signals_open(false);
	if (isatty(STDIN_FILENO))
		run_terminal(client, history);
	else
		run_pipe(client);
	signals_close();
}
