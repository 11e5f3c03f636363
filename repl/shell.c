/*
 * Screen state. Rule: nothing here changes the machine or is recorded.
 */
#include "shell.h"

#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "frame.h"
#include "say.h"
#include "stepper.h"

enum {
	KEPT = 4096,
	LEAST_WORDS = 20,
	MOST_WORDS = 47
};

struct said {
	char *text;
	bool bad;
};

static struct {
	bool on;
	struct board board;
	const char *layout;
	struct said said[KEPT]; /* by the last command; the oldest fall out */
	unsigned count, first;
	int offset; /* first line shown in the box */
	int page;
	int cols; /* of the last drawing */
	char command[80];
	uint32_t stop,
		stop_before; /* depths of the last two stops: what lies between has changed */
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

/* One line that fits has a row of its own on the board; more needs the box. */
static bool boxed(void)
{
	return shell.count > 1 || (shell.count == 1 && said_at(0)->text &&
				   text_width(said_at(0)->text) > shell.cols - 4);
}

/* A line is broken between words; what follows stands under its first word. */
static void line_draw(struct pen *p, const struct said *line)
{
	const char *text = line->text ? line->text : "";
	int indent = (int)strspn(text, " ");

	p->col = indent;
	pen_wrap(p, line->bad ? STYLE_BAD : STYLE_PLAIN, indent + 2, text + indent);
	pen_line(p);
}

/* What was said, as lines that fit the box; NULL without memory. */
static struct canvas *box_text(const struct canvas *body, int *lines)
{
	struct canvas *text = canvas_new_tall(body->cols > 4 ? body->cols - 4 : 0);
	struct pen p;

	if (!text)
		return NULL;
	p = pen_at(text, 0, 0);
	for (unsigned i = 0; i < shell.count; i++)
		line_draw(&p, said_at(i));
	*lines = p.row;
	return text;
}

/* Rows that a box of so many lines takes; 0 when there is no room for any. */
static int box_rows(const struct canvas *body, int lines)
{
	int most = body->rows * 2 / 3, rows = lines + 2 < most ? lines + 2 : most;

	return rows < 3 ? 0 : rows;
}

/* What was said, at the bottom. */
static void box(struct canvas *body, const struct canvas *text, int lines)
{
	int rows = box_rows(body, lines), last;
	struct canvas inside;

	if (rows) {
		inside = box_draw(body, (struct rect){ body->rows - rows, 0, rows, body->cols },
				  shell.command);
		inside = canvas_sub(&inside, (struct rect){ 0, 1, inside.rows, inside.cols - 2 });
		shell.page = inside.rows;
		last = lines - inside.rows;
		shell.offset = shell.offset > last ? last : shell.offset;
		shell.offset = shell.offset < 0 ? 0 : shell.offset;
		canvas_blit(&inside, text, shell.offset, 0);
		if (last > 0)
			canvas_printf(body, body->rows - 1, 2, STYLE_DIM,
				      " %d of %d lines, PgUp PgDn ", shell.offset + inside.rows,
				      lines);
	}
}

unsigned shell_words(void)
{
	int room = shell.cols - 50;

	return !shell.on || room > MOST_WORDS ? MOST_WORDS :
	       room < LEAST_WORDS	      ? LEAST_WORDS :
						(unsigned)room;
}

void shell_draw(struct session *s, struct canvas *body)
{
	static struct change change;
	struct scene scene = session_scene(s);
	struct action next;
	uint32_t depth = s->loaded ? timeline_depth(&s->t) : 0;
	struct canvas *text = NULL, panes = *body;
	int lines = 0;

	shell.cols = body->cols;
	if (depth != shell.stop) {
		shell.stop_before = shell.stop;
		shell.stop = depth;
	}
	if (s->loaded) {
		/* After going back, the last step of the path is what brought this state about. */
		uint32_t since = shell.stop_before < depth ? shell.stop_before :
				 depth			   ? depth - 1 :
							     0;

		change_find(&change, &s->t, since);
		scene.change = &change;
		scene.next = stepper_default(s, &next) ? &next : NULL;
	}
	if (shell.count && !boxed() && said_at(0)->text)
		scene.message = said_at(0)->text;
	if (boxed())
		text = box_text(body, &lines);
	/* The panes make room for a box that leaves them enough, so that it hides nothing; else it lies over
	 * the lower ones, and the others stay where they are. */
	if (text && layout_classify(body->rows - box_rows(body, lines), body->cols) ==
			    layout_classify(body->rows, body->cols))
		panes = canvas_sub(body, (struct rect){ 0, 0, body->rows - box_rows(body, lines), body->cols });
	board_draw(&shell.board, &panes, &scene);
	if (text)
		box(body, text, lines);
	canvas_free(text);
}

void shell_mouse(int row, int col, int lines)
{
	int pane = layout_find(&shell.board.layout, row, col);

	if (lines && boxed())
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
	static const struct {
		const char *word;
		int pages, rows;
	} ways[] = {
		{ "up", 0, -1 },
		{ "down", 0, 1 },
		{ "pageup", -1, 0 },
		{ "pagedown", 1, 0 },
	};
	const struct layout *l = &shell.board.layout;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int focus = shell.board.focus, page;

		if (strcmp(word, ways[i].word))
			continue;
		if (boxed()) {
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
