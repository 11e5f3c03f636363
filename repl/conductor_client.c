/*
 * What the user interfaces ask of the conductor: the prompt, lines, slices of long work.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "completion.h"
#include "conductor.h"
#include "lineui.h"
#include "shell.h"
#include "signals.h"
#include "stepper.h"

static void default_text(struct session *s, struct text *t)
{
	struct action a;

	if (s->playing)
		text_add(t, "play: the next beat");
	else if (stepper_default(s, &a)) {
		text_add(t, "s: ");
		lane_text(t, &s->m->names, action_lane(&a));
		text_add(t, " ");
		action_text(t, s->m, &a);
	} else {
		stepper_nothing(s, t);
	}
}

static const char *client_prompt(void *self)
{
	struct session *s = self;
	static char buf[200];
	struct text t = text_over(buf, sizeof(buf));
	char what[48];
	struct text wt = text_over(what, shell_words() + 1);
	unsigned rule;

	if (s->job.slice) {
		text_add(&t, "[%s] (^C stops) > ", s->job.progress(s));
		return buf;
	}
	if (!s->loaded)
		return "[no scenario] > ";
	rule = session_finding(s);
	default_text(s, &wt);
	text_add(&t, "[%u/%u ", timeline_depth(&s->t), timeline_last(&s->t));
	/* The screen's status line says what is loaded. */
	if (!s->out.sink)
		text_add(&t, "%s:%s ", s->sc->name, s->sc->variant[s->variant].name);
	text_add(&t, "%s%s] (%s%s) > ", rule ? "BAD:" : "ok", rule ? rule_table[rule].name : "",
		 what, wt.cut ? "..." : "");
	return buf;
}

static void client_line(void *self, const char *line, enum line_source source)
{
	struct session *s = self;

	(void)source;
	/* Enter alone is for people; in a script a blank line is a blank line. */
	if (line[strspn(line, " \t\r")])
		conductor_line(s, line);
	else if (s->interactive)
		conductor_line(s, s->playing ? "play" : "step 1");
}

static void client_end(void *self)
{
	((struct session *)self)->over = true;
}

static bool client_over(void *self)
{
	return ((struct session *)self)->over;
}

static bool client_busy(void *self)
{
	return conductor_busy(self);
}

/* Where no screen shows the prompt, progress goes to a terminal's standard error. */
static void client_slice(void *self, int ms)
{
	static unsigned turns;
	struct session *s = self;
	bool tell = !s->out.sink && isatty(STDERR_FILENO) && ++turns % 4 == 0;

	if (tell)
		fprintf(stderr, "\r%s\033[K", s->job.progress(s));
	conductor_slice(s, ms);
	if (tell)
		fprintf(stderr, "\r\033[K");
}

static void client_interrupt(void *self)
{
	conductor_interrupt(self);
}

static void client_say(void *self, const char *sentence)
{
	struct session *s = self;

	out_error(&s->out, "%s", sentence);
	s->mistake = true;
}

static void client_draw(void *self, struct canvas *body)
{
	shell_draw(self, body);
}

static void client_mouse(void *self, int row, int col, int lines)
{
	(void)self;
	shell_mouse(row, col, lines);
}

struct client conductor_client(struct session *s)
{
	return (struct client){
		.self = s,
		.prompt = client_prompt,
		.line = client_line,
		.end = client_end,
		.over = client_over,
		.busy = client_busy,
		.slice = client_slice,
		.interrupt = client_interrupt,
		.complete = complete,
		.say = client_say,
		.draw = client_draw,
		.mouse = client_mouse,
		.hint = complete_hint,
	};
}

void conductor_finish(struct session *s)
{
	const struct client client = conductor_client(s);

	signals_open(false);
	lineui_finish(&client);
	signals_close();
}
