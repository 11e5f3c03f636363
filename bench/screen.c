/*
 * screen.c - redrawing at 200x50: all panes onto the canvas, the canvas as text, and both together
 * with what curses then sends to a terminal, which a pty stands for.
 *
 * A frame is drawn after each step of a schedule, as when a person steps.
 */
#include <locale.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board.h"
#include "change.h"
#include "measure.h"
#include "paint_curses.h"
#include "paint_text.h"
#include "rng.h"

enum {
	HEIGHT = 50,
	WIDTH = 200,
	STEPS = 200,
	NODES = 1000,
	RUNS = 7
};

struct stage {
	struct built b;
	struct timeline t;
	struct change change;
	struct board board;
	struct canvas *canvas;
	void *storage;
};

enum painter {
	PAINT_NOTHING,
	PAINT_TEXT,
	PAINT_TERMINAL
};

static void frame(struct stage *g, enum painter painter, FILE *out)
{
	struct action next[MAX_ACTIONS];
	struct scene scene = {
		.m = &g->b.m,
		.t = &g->t,
		.s = &g->b.s,
		.change = &g->change,
		.recording = "REC 1",
		.next = machine_actions(&g->b.m, next) ? next : NULL,
	};

	change_find(&g->change, &g->t, timeline_depth(&g->t) ? timeline_depth(&g->t) - 1 : 0);
	canvas_clear(g->canvas);
	board_draw(&g->board, g->canvas, &scene);
	switch (painter) {
	case PAINT_NOTHING:
		break;
	case PAINT_TEXT:
		paint_ansi(out, g->canvas, THEME_DARK, true);
		break;
	case PAINT_TERMINAL:
		terminal_paint(g->canvas, HEIGHT - 1, 0);
		break;
	}
}

/* Seconds for a frame, the median of some rides through the schedule. */
static double frames(struct stage *g, enum painter painter, FILE *out)
{
	double took[RUNS];

	for (unsigned run = 0; run < RUNS; run++) {
		struct rng r = { 1 };
		double begin;
		uint32_t drawn = 0;

		timeline_init(&g->t, &g->b.m, g->storage, NODES);
		begin = seconds_now();
		for (unsigned i = 0; i < STEPS; i++) {
			struct action a[MAX_ACTIONS];
			unsigned n = machine_actions(&g->b.m, a);

			if (!n || !timeline_do(&g->t, &a[rng_below(&r, n)]))
				break;
			frame(g, painter, out);
			drawn++;
		}
		took[run] = (seconds_now() - begin) / drawn;
		timeline_goto(&g->t, 0);
	}
	return median(took, RUNS);
}

/* The same in a child that has the terminal; this side reads what a terminal would. */
static double frames_on_terminal(struct stage *g)
{
	struct winsize size = { .ws_row = HEIGHT, .ws_col = WIDTH };
	struct terminal_options options = { .color = COLOR_ALWAYS, .theme = THEME_DARK };
	double second = 0;
	char seen[65536];
	int answer[2], terminal;
	pid_t child;

	if (pipe(answer))
		return 0;
	child = forkpty(&terminal, NULL, NULL, &size);
	if (child == 0) {
		close(answer[0]);
		setenv("TERM", "xterm-256color", 1);
		if (!terminal_open(&options)) {
			second = frames(g, PAINT_TERMINAL, NULL);
			terminal_close();
		}
		_exit(write(answer[1], &second, sizeof(second)) != sizeof(second));
	}
	close(answer[1]);
	if (child > 0) {
		while (read(terminal, seen, sizeof(seen)) > 0)
			;
		close(terminal);
		if (read(answer[0], &second, sizeof(second)) != sizeof(second))
			second = 0;
		waitpid(child, NULL, 0);
	}
	close(answer[0]);
	return second;
}

void bench_screen(void)
{
	static struct stage g;
	FILE *nowhere = fopen("/dev/null", "w");
	double second;

	setlocale(LC_ALL, "C.UTF-8");
	glyphs_choose(true);
	g.canvas = canvas_new(HEIGHT - 2, WIDTH);
	g.storage = malloc(timeline_bytes(NODES));
	if (nowhere && g.canvas && g.storage && built_open(&g.b, "mremap-late-iommu", 0)) {
		board_show(&g.board, &board_sets[0]);
		figure("screen", "panes onto the canvas", frames(&g, PAINT_NOTHING, NULL) * 1e6,
		       "us", "200x50, a step and a frame");
		figure("screen", "and the canvas as text", frames(&g, PAINT_TEXT, nowhere) * 1e6,
		       "us", "with colours, to /dev/null");
		second = frames_on_terminal(&g);
		if (second > 0)
			figure("screen", "or to a terminal", second * 1e6, "us",
			       "by curses, in a pty");
		else
			no_figure("screen", "there is no pty to be had here");
	}
	canvas_free(g.canvas);
	free(g.storage);
	if (nowhere)
		fclose(nowhere);
}
