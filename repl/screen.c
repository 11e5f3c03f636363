/*
 * The screen loop. Rule: each turn reads what there is, lets the editor and the client work for a
 * few milliseconds, and paints everything; so no key is dead for long and nothing has to be
 * invalidated.
 */
#include "screen.h"

#include "keyhelp.h"
#include "keys.h"
#include "lineedit.h"
#include "linequeue.h"
#include "paint_curses.h"
#include "popup.h"
#include "signals.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	SLICE_MS = 5,		/* of long work between two looks at the keyboard */
	LINES_MS = 30,		/* of lines that wait to be carried out */
	FRAME_MS = 33,
	WAITING_MAX = 4096,	/* lines that may wait */
	HINT_MIN_ROWS = 10, INDENT_MIN_COLS = 30
};

static struct {
	const struct client *client;
	struct screen_options options;
	bool running, gone;
	int rows, cols;
	struct canvas *canvas;
	struct popup popup;
	struct keyhelp help;
	char *paste;			/* several lines, to be asked about */
	int paste_lines;
	struct linequeue lines;
	long painted_ms;
	int popup_back;			/* columns from the cursor back to where its words begin */
} screen;

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool busy(void)
{
	return screen.client->busy && screen.client->busy(screen.client->self);
}

static bool over(void)
{
	return screen.gone || screen.client->over(screen.client->self);
}

/* --- lines that wait ------------------------------------------------------------------------ */

static void lines_run(void)
{
	long end = now_ms() + LINES_MS;

	while (screen.lines.first && !busy() && !over()) {
		const struct waiting_line *line = screen.lines.first;

		screen.client->line(screen.client->self, line->text, line->source);
		linequeue_drop(&screen.lines);
		if (now_ms() >= end)
			return;
	}
}

static void on_entered(const char *line)
{
	if (line)
		linequeue_add(&screen.lines, line, strlen(line), LINE_TYPED);
	else
		screen.client->end(screen.client->self);
}

/* --- painting ------------------------------------------------------------------------------- */

static bool has_hints(void)
{
	return screen.options.hints && screen.rows >= HINT_MIN_ROWS;
}

static int body_rows(void)
{
	return screen.rows - 1 - has_hints();
}

static void hint_draw(struct canvas *row)
{
	const char *syntax = NULL;

	if (lineedit_searching()) {
		canvas_put(row, 0, 1, STYLE_LABEL, "^R older   Enter take   ^G leave");
		return;
	}
	if (busy()) {
		canvas_put(row, 0, 1, STYLE_LABEL, "working: ^C stops and keeps the results");
		return;
	}
	if (screen.client->hint && *lineedit_line())
		syntax = screen.client->hint(screen.client->self, lineedit_line());
	if (syntax)
		canvas_put(row, 0, 1, STYLE_LABEL, syntax);
	else
		hints_draw(row);
}

static int prompt_row_draw(struct canvas *row)
{
	if (screen.paste)
		return canvas_printf(row, 0, 0, STYLE_PROMPT, "run %d pasted lines? (y/n) ",
				     screen.paste_lines);
	lineedit_prompt(screen.client->prompt(screen.client->self));
	return lineedit_draw(row);
}

static void paint(void)
{
	struct canvas body, hint, prompt;
	struct canvas *c = screen.canvas;
	int indent, cursor;

	terminal_size(&screen.rows, &screen.cols);
	if (!c || c->rows != screen.rows || c->cols != screen.cols) {
		canvas_free(c);
		c = screen.canvas = canvas_new(screen.rows, screen.cols);
	}
	if (!c)
		return;
	canvas_clear(c);
	body = canvas_sub(c, (struct rect){ 0, 0, body_rows(), c->cols });
	hint = canvas_sub(c, (struct rect){ c->rows - 2, 0, has_hints(), c->cols });
	/* Flush with the text of the panes where there is room. */
	indent = c->cols > INDENT_MIN_COLS;
	prompt = canvas_sub(c, (struct rect){ c->rows - 1, indent, 1, c->cols - indent });
	screen.client->draw(screen.client->self, &body);
	hint_draw(&hint);
	cursor = indent + prompt_row_draw(&prompt);
	if (cursor >= c->cols)
		cursor = c->cols - 1;
	popup_draw(&screen.popup, &body, cursor - screen.popup_back);
	if (screen.help.open)
		keyhelp_draw(&screen.help, &body);
	terminal_paint(c, c->rows - 1, cursor);
	screen.painted_ms = now_ms();
	if (!screen.lines.first || busy())
		terminal_sync();
}

/* --- input ---------------------------------------------------------------------------------- */

static void on_matches(const char *prefix, char **words, int count)
{
	screen.popup_back = text_width(prefix);
	popup_open(&screen.popup, words, count);
}

static void key_act(const struct key_row *row)
{
	if (!row || (busy() && !row->view))
		return;
	switch (row->deed) {
	case DEED_LINE:
		/* A view key does not wait for the lines that do. */
		if (row->view)
			screen.client->line(screen.client->self, row->line, LINE_KEY);
		else
			linequeue_add(&screen.lines, row->line, strlen(row->line), LINE_KEY);
		break;
	case DEED_HELP:
		keyhelp_open(&screen.help);
		break;
	case DEED_MOUSE:
		screen_mouse(!screen.options.mouse);
		break;
	case DEED_EDITOR:
		break;
	}
}

static void key_feed(enum input_key key)
{
	static const char *const bytes[TERM_KEYS] = {
		[TERM_UP] = "\033[A", [TERM_DOWN] = "\033[B", [TERM_RIGHT] = "\033[C",
		[TERM_LEFT] = "\033[D", [TERM_HOME] = "\033[H", [TERM_END] = "\033[F",
		[TERM_DELETE] = "\033[3~", [TERM_INSERT] = "\033[2~", [TERM_BACKSPACE] = "\177",
		[TERM_ENTER] = "\r", [TERM_WORD_LEFT] = "\033b", [TERM_WORD_RIGHT] = "\033f",
	};

	if (bytes[key])
		lineedit_feed(bytes[key], strlen(bytes[key]));
}

/* Whether the input is one of these characters. */
static bool is_typed(const struct input *in, const char *characters)
{
	return in->kind == INPUT_TEXT && in->bytes[0] && strchr(characters, in->bytes[0]);
}

/* The overlay has the keyboard while it is open; true when the input was for it. */
static bool help_takes(const struct input *in)
{
	struct keyhelp *h = &screen.help;
	int page = body_rows() - 4;

	if (!h->open || in->kind == INPUT_RESIZE || in->kind == INPUT_SYNC)
		return false;
	if (in->kind == INPUT_ESCAPE || in->kind == INPUT_CLICK || is_typed(in, "\r\n") ||
	    (in->kind == INPUT_KEY && (in->key == TERM_F1 || in->key == TERM_ENTER)) ||
	    (in->kind == INPUT_ALT && in->bytes[0] == 'h'))
		h->open = false;
	else if (in->kind == INPUT_WHEEL)
		h->offset += in->lines;
	else if (in->kind == INPUT_KEY && (in->key == TERM_UP || in->key == TERM_DOWN))
		h->offset += in->key == TERM_UP ? -1 : 1;
	else if (in->kind == INPUT_KEY && (in->key == TERM_PAGE_UP || in->key == TERM_PAGE_DOWN))
		h->offset += in->key == TERM_PAGE_UP ? -page : page;
	else if ((in->kind == INPUT_KEY && in->key == TERM_BACKSPACE) || is_typed(in, "\177\b"))
		keyhelp_type(h, NULL, 0);
	else if (in->kind == INPUT_TEXT && (unsigned char)in->bytes[0] >= ' ')
		keyhelp_type(h, in->bytes, in->size);
	return true;
}

static void paste_forget(void)
{
	free(screen.paste);
	screen.paste = NULL;
}

static void paste_run(void)
{
	linequeue_add_lines(&screen.lines, screen.paste, LINE_PASTED);
	paste_forget();
}

/* The question about a paste takes one answer. */
static bool paste_takes(const struct input *in)
{
	if (!screen.paste || in->kind == INPUT_RESIZE || in->kind == INPUT_SYNC ||
	    in->kind == INPUT_WHEEL)
		return false;
	if (is_typed(in, "yY\r") || (in->kind == INPUT_KEY && in->key == TERM_ENTER))
		paste_run();
	else if (in->kind == INPUT_ESCAPE || is_typed(in, "nN"))
		paste_forget();
	return true;
}

static void paste_take(const struct input *in)
{
	size_t size = strlen(in->paste);
	int lines = 1;

	if (in->cut)
		screen.client->say(screen.client->self,
				   "the paste is longer than 64 KiB and was cut");
	/* A single line with its line end is still one line. */
	while (size && in->paste[size - 1] == '\n')
		size--;
	for (size_t i = 0; i < size; i++)
		lines += in->paste[i] == '\n';
	paste_forget();
	screen.paste = strndup(in->paste, size);
	screen.paste_lines = lines;
	if (screen.paste && lines == 1) {
		lineedit_insert(screen.paste);
		paste_forget();
	}
}

static void escape_take(void)
{
	if (lineedit_is_vi())
		lineedit_feed("\033", 1);
	else if (lineedit_searching())
		lineedit_feed("\a", 1);
}

static void alt_take(const struct input *in)
{
	const struct key_row *row = lineedit_is_vi() ? NULL : key_find_alt(in->bytes[0]);

	if (row) {
		key_act(row);
		return;
	}
	lineedit_feed("\033", 1);
	lineedit_feed(in->bytes, (size_t)in->size);
}

static void text_take(const struct input *in)
{
	if (in->bytes[0] == '\f')
		terminal_repaint();
	else
		lineedit_feed(in->bytes, (size_t)in->size);
}

static void key_take(const struct input *in)
{
	const struct key_row *row = key_find(in->key);

	if (row)
		key_act(row);
	else
		key_feed(in->key);
}

static void mouse_take(const struct input *in)
{
	if (in->row < body_rows() && screen.client->mouse)
		screen.client->mouse(screen.client->self, in->row, in->col, in->lines);
	else if (in->kind == INPUT_CLICK && in->row == screen.rows - 2 && has_hints())
		key_act(hints_find(screen.cols, in->col));
}

static void take(const struct input *in)
{
	bool tab = in->kind == INPUT_TEXT && in->bytes[0] == '\t';
	bool was_open = popup_is_open(&screen.popup);

	if (help_takes(in) || paste_takes(in))
		return;
	if (!tab && in->kind != INPUT_SYNC)
		popup_close(&screen.popup);
	switch (in->kind) {
	case INPUT_NONE:
	case INPUT_SYNC:
		break;
	case INPUT_TEXT:
		text_take(in);
		break;
	case INPUT_ALT:
		alt_take(in);
		break;
	case INPUT_ESCAPE:
		if (!was_open)
			escape_take();
		break;
	case INPUT_KEY:
		key_take(in);
		break;
	case INPUT_WHEEL:
	case INPUT_CLICK:
		mouse_take(in);
		break;
	case INPUT_PASTE:
		paste_take(in);
		break;
	case INPUT_RESIZE:
		terminal_size(&screen.rows, &screen.cols);
		lineedit_width(screen.cols);
		terminal_repaint();
		break;
	}
}

/* Wait up to `ms` (-1: for ever) for input or a signal and take in what is there. */
static void pump(int ms)
{
	struct timespec limit = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };
	struct pollfd fd = { .fd = 0, .events = POLLIN };
	struct input in;
	sigset_t free_set;

	signals_hold(&free_set);
	in = terminal_read();
	if (in.kind == INPUT_NONE && !signals_interrupted() &&
	    ppoll(&fd, 1, ms < 0 ? NULL : &limit, &free_set) > 0 && !(fd.revents & POLLIN))
		screen.gone = true;
	signals_free(&free_set);
	if (in.kind == INPUT_NONE)
		in = terminal_read();
	/* What does not fit into the queue waits in the terminal. */
	for (; in.kind != INPUT_NONE; in = terminal_read()) {
		take(&in);
		if (!lineedit_has_room() || screen.lines.count >= WAITING_MAX)
			break;
	}
}

/* The editor wants the rest of a key sequence. */
static bool wait_for_more(void)
{
	paint();
	pump(-1);
	if (signals_interrupted())
		lineedit_feed("\a", 1);
	return !screen.gone;
}

static void interrupt_take(void)
{
	if (!signals_interrupt_take())
		return;
	terminal_paste_drop();
	paste_forget();
	popup_close(&screen.popup);
	screen.help.open = false;
	linequeue_clear(&screen.lines);
	if (busy())
		screen.client->interrupt(screen.client->self);
	else
		lineedit_clear();
}

/* --- the loop ------------------------------------------------------------------------------- */

static void turn(void)
{
	bool work = busy() || screen.lines.first || lineedit_pending();

	pump(work ? 0 : -1);
	interrupt_take();
	if (signals_stop_take())
		terminal_stop();
	while (lineedit_pending() && screen.lines.count < WAITING_MAX && !over())
		lineedit_next();
	lines_run();
	if (busy())
		screen.client->slice(screen.client->self, SLICE_MS);
	if (!over() && (!busy() || now_ms() - screen.painted_ms >= FRAME_MS))
		paint();
}

const char *screen_run(const struct client *client, const struct screen_options *options)
{
	static const struct lineedit_hooks hooks = {
		.entered = on_entered, .matches = on_matches, .wait = wait_for_more,
	};
	const char *test = getenv("SHOOTDOWN_TEST");
	struct terminal_options terminal = {
		.color = options->color, .theme = options->theme, .mouse = options->mouse,
		.test = test && !strcmp(test, "1"),
	};
	const char *trouble = terminal_open(&terminal);

	if (trouble)
		return trouble;
	memset(&screen, 0, sizeof(screen));
	screen.client = client;
	screen.options = *options;
	terminal_size(&screen.rows, &screen.cols);
	if (!lineedit_open(client, &hooks, options->history, screen.cols)) {
		terminal_close();
		return "the line editor cannot be set up: no memory or no null device";
	}
	signals_open(true);
	screen.running = true;
	for (paint(); !over();)
		turn();
	screen.running = false;
	signals_close();
	lineedit_close();
	terminal_close();
	linequeue_clear(&screen.lines);
	popup_close(&screen.popup);
	paste_forget();
	canvas_free(screen.canvas);
	screen.canvas = NULL;
	return NULL;
}

bool screen_mouse(bool on)
{
	if (screen.running)
		screen.options.mouse = terminal_mouse(on) && on;
	return screen.options.mouse;
}

void screen_hints(bool on)
{
	screen.options.hints = on;
}

void screen_colors(enum theme theme, enum color_wish wish)
{
	if (screen.running)
		terminal_colors(theme, wish);
}

void screen_help(void)
{
	if (screen.running)
		keyhelp_open(&screen.help);
}
