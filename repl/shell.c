/*
 * Screen state. Rule: nothing here changes the machine or is recorded.
 */
#include "shell.h"

#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "frame.h"
#include "stepper.h"

enum { KEPT = 4096, MESSAGE_LINES = 1 };

struct said {
	char *text;
	bool bad;
};

static struct {
	bool on;
	struct board board;
	const char *layout;
	struct said said[KEPT];		/* by the last command; the oldest fall out */
	unsigned count, first;
	int offset;			/* first line shown in the box */
	int page;
	char command[80];
	uint32_t stop, stop_before;	/* depths of the last two stops: what lies between has changed */
} shell;

static struct said *said_at(unsigned i)
{
	return &shell.said[(shell.first + i) % KEPT];
}

static void hear(void *self, const char *line, bool bad)
{
	struct said *s;

	(void)self;
	if (shell.count == KEPT) {
		shell.first = (shell.first + 1) % KEPT;
		shell.count--;
	}
	s = said_at(shell.count++);
	free(s->text);
	s->text = strdup(line);
	s->bad = bad;
}

static void board_make(const struct board_set *set)
{
	shell.layout = set->name;
	board_show(&shell.board, set);
}

void shell_open(struct session *s)
{
	shell.on = true;
	board_make(&board_sets[0]);
	s->out.sink = hear;
	s->out.self = s;
}

void shell_close(struct session *s)
{
	shell.on = false;
	s->out.sink = NULL;
	for (unsigned i = 0; i < KEPT; i++) {
		free(shell.said[i].text);
		shell.said[i].text = NULL;
	}
	shell.count = 0;
}

void shell_clear(const char *command)
{
	shell.count = 0;
	shell.offset = 0;
	snprintf(shell.command, sizeof(shell.command), "%s", command);
}

/* What was said, over the lower part of the panes. */
static void box(struct canvas *body)
{
	int rows = (int)shell.count + 2, most = body->rows * 2 / 3;
	int last;
	struct canvas inside;

	if (rows > most)
		rows = most;
	if (rows < 3)
		return;
	inside = box_draw(body, (struct rect){ body->rows - rows, 0, rows, body->cols }, shell.command);
	shell.page = inside.rows;
	last = (int)shell.count - inside.rows;
	if (shell.offset > last)
		shell.offset = last;
	if (shell.offset < 0)
		shell.offset = 0;
	for (int i = 0; i < inside.rows && shell.offset + i < (int)shell.count; i++) {
		const struct said *line = said_at((unsigned)(shell.offset + i));

		canvas_put(&inside, i, 1, line->bad ? STYLE_BAD : STYLE_PLAIN, line->text ? line->text : "");
	}
	if (last > 0)
		canvas_printf(body, body->rows - 1, 2, STYLE_DIM, " %d of %u lines, PgUp PgDn ", shell.offset + inside.rows,
			shell.count);
}

void shell_draw(struct session *s, struct canvas *body)
{
	static struct change change;
	struct scene scene = session_scene(s);
	struct action next;
	uint32_t depth = s->loaded ? timeline_depth(&s->t) : 0;

	if (depth != shell.stop) {
		shell.stop_before = shell.stop;
		shell.stop = depth;
	}
	if (s->loaded) {
		/* After going back, the last step of the path is what brought this state about. */
		uint32_t since = shell.stop_before < depth ? shell.stop_before : depth ? depth - 1 : 0;

		change_find(&change, &s->t, since);
		scene.change = &change;
		scene.next = stepper_default(s, &next) ? &next : NULL;
	}
	if (shell.count > 0 && shell.count <= MESSAGE_LINES && said_at(0)->text)
		scene.message = said_at(shell.count - 1)->text;
	board_draw(&shell.board, body, &scene);
	if (shell.count > MESSAGE_LINES)
		box(body);
}

void shell_mouse(int row, int col, int lines)
{
	int pane = layout_find(&shell.board.layout, row, col);

	if (lines && shell.count > MESSAGE_LINES)
		shell.offset += lines;
	else if (lines && pane >= 0)
		board_scroll(&shell.board, pane, lines);
	else if (pane >= 0)
		shell.board.focus = pane;
	else if (!lines)
		shell.count = 0;
}

bool shell_focus(const char *word)
{
	if (!strcmp(word, "next"))
		board_focus(&shell.board, 1);
	else if (!strcmp(word, "prev"))
		board_focus(&shell.board, -1);
	else if (*word >= '1' && *word <= '9' && !word[1] && *word - '1' < shell.board.panes)
		shell.board.focus = *word - '1';
	else
		return *word >= '1' && *word <= '9' && !word[1];
	return true;
}

bool shell_scroll(const char *word)
{
	static const struct { const char *word; int pages, rows; } ways[] = {
		{ "up", 0, -1 }, { "down", 0, 1 }, { "pageup", -1, 0 }, { "pagedown", 1, 0 },
	};
	const struct layout *l = &shell.board.layout;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int focus = shell.board.focus, page;

		if (strcmp(word, ways[i].word))
			continue;
		if (shell.count > MESSAGE_LINES) {
			shell.offset += ways[i].rows + ways[i].pages * shell.page;
			return true;
		}
		page = focus < l->panes ? l->pane[focus].place.rows - 2 : 1;
		board_scroll(&shell.board, focus, ways[i].rows + ways[i].pages * page);
		return true;
	}
	return false;
}

void shell_zoom(void)
{
	shell.board.zoom = (enum zoom)((shell.board.zoom + 1) % ZOOMS);
}

bool shell_layout(const char *name)
{
	for (const struct board_set *set = board_sets; set->name; set++)
		if (!strcmp(set->name, name)) {
			board_make(set);
			return true;
		}
	return false;
}

const char *shell_layout_name(void)
{
	return shell.layout ? shell.layout : board_sets[0].name;
}

bool shell_pane(const struct pane *pane, bool on)
{
	return on ? board_add(&shell.board, pane) : board_remove(&shell.board, pane);
}
