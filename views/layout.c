/*
 * Placing panes. Rule: first decide who is open (by priority, until the minimum fits), then share
 * what is left by weight. Both work on the wishes alone.
 */
#include "layout.h"

#include "frame.h"

#include <string.h>

struct job {
	struct layout *out;
	const struct pane_wish *wish;
	int count;
	int focus;
	bool beside;		/* the panes below stand side by side */
};

/* The screen's size is the body plus the prompt and, from 10 rows on, the hint bar. */
enum { WIDE_ROWS = 28, WIDE_COLS = 120, NORMAL_ROWS = 18, NORMAL_COLS = 80, SHORT_ROWS = 12,
       TINY_ROWS = 5, TINY_COLS = 30 };

enum layout_class layout_classify(int rows, int cols)
{
	if (rows < TINY_ROWS || cols < TINY_COLS)
		return LAYOUT_TINY;
	if (rows < SHORT_ROWS)
		return LAYOUT_SHORT;
	if (rows < NORMAL_ROWS || cols < NORMAL_COLS)
		return LAYOUT_NARROW;
	if (rows < WIDE_ROWS || cols < WIDE_COLS)
		return LAYOUT_NORMAL;
	return LAYOUT_WIDE;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int most(int a, int b)
{
	return a > b ? a : b;
}

static int pane_need(const struct job *j, int i)
{
	switch (j->out->pane[i].state) {
	case PANE_ABSENT:
		return 0;
	case PANE_SHUT:
		return 1;
	case PANE_OPEN:
		return 1 + j->wish[i].min_rows;
	}
	return 0;
}

static int side_need(const struct job *j, enum layout_side side)
{
	int need = 0;

	for (int i = 0; i < j->count; i++)
		if (j->wish[i].side == side) {
			int rows = pane_need(j, i);

			need = side == SIDE_BELOW && j->beside ? most(need, rows) : need + rows;
		}
	return need;
}

/* Shut the least important open pane whose column is the tallest; when all are shut, drop one. */
static bool give_way(const struct job *j)
{
	int left = side_need(j, SIDE_LEFT), right = side_need(j, SIDE_RIGHT);
	enum pane_state *loser;
	int victim = -1;

	for (int i = 0; i < j->count; i++) {
		enum pane_state state = j->out->pane[i].state;
		bool tall = j->wish[i].side == SIDE_BELOW ||
			    (j->wish[i].side == SIDE_LEFT ? left >= right : right >= left);

		if (i == j->focus || state == PANE_ABSENT || !tall)
			continue;
		if (victim < 0 || state > j->out->pane[victim].state ||
		    (state == j->out->pane[victim].state &&
		     j->wish[i].priority < j->wish[victim].priority))
			victim = i;
	}
	if (victim < 0)
		return false;
	loser = &j->out->pane[victim].state;
	*loser = *loser == PANE_OPEN ? PANE_SHUT : PANE_ABSENT;
	return true;
}

static int side_weight(const struct job *j, enum layout_side side)
{
	int weight = 0;

	for (int i = 0; i < j->count; i++)
		if (j->wish[i].side == side && j->out->pane[i].state == PANE_OPEN)
			weight += j->wish[i].weight;
	return weight;
}

static int side_cols(const struct job *j, enum layout_side side)
{
	int cols = 0;

	for (int i = 0; i < j->count; i++)
		if (j->wish[i].side == side && j->out->pane[i].state != PANE_ABSENT)
			cols = most(cols, j->wish[i].min_cols);
	return cols;
}

/* Stack the panes of a side in `r`; what is left over goes to the open ones by weight. */
static void stack(const struct job *j, enum layout_side side, struct rect r)
{
	int spare = r.rows - side_need(j, side), weight = side_weight(j, side);
	int row = r.row, end = r.row + r.rows;

	for (int i = 0; i < j->count; i++) {
		struct pane_place *pane = &j->out->pane[i];
		int rows = pane_need(j, i), more = 0;

		if (j->wish[i].side != side || pane->state == PANE_ABSENT)
			continue;
		if (pane->state == PANE_OPEN && spare > 0 && weight > 0) {
			more = spare * j->wish[i].weight / weight;
			spare -= more;
			weight -= j->wish[i].weight;
		}
		rows = least(rows + more, end - row);
		pane->place = (struct rect){ row, r.col, rows, r.cols };
		row += rows;
		if (rows < 1)
			pane->state = PANE_ABSENT;
		else if (rows < 2)
			pane->state = PANE_SHUT;
	}
}

/* Two sides by side in the ratio of their widest wishes; the line between them takes a column. */
static int split(int cols, int left, int right)
{
	if (!left || !right)
		return left ? cols : 0;
	return most(1, least(cols - 2, (cols - 1) * left / (left + right)));
}

static void place_beside(const struct job *j, struct rect r)
{
	int last = -1, cols = 0, col = r.col, shown = 0;

	for (int i = 0; i < j->count; i++)
		if (j->wish[i].side == SIDE_BELOW && j->out->pane[i].state != PANE_ABSENT) {
			cols += j->wish[i].min_cols;
			last = i;
		}
	for (int i = 0; i < j->count; i++) {
		struct rect *place = &j->out->pane[i].place;

		if (j->wish[i].side != SIDE_BELOW || j->out->pane[i].state == PANE_ABSENT)
			continue;
		*place = r;
		place->col = col;
		place->cols = i == last ? r.col + r.cols - col :
			      most(1, (r.cols - 1) * j->wish[i].min_cols / most(cols, 1));
		col += place->cols + 1;
		if (i != last && !shown++)
			j->out->line_below = (struct rect){ r.row, col - 1, r.rows, 1 };
	}
}

static void place_columns(const struct job *j, struct rect r)
{
	int upper, below, spare, left_cols, weight, upper_weight;

	while (most(side_need(j, SIDE_LEFT), side_need(j, SIDE_RIGHT)) + side_need(j, SIDE_BELOW) >
	       r.rows && give_way(j))
		;
	below = side_need(j, SIDE_BELOW);
	upper = most(side_need(j, SIDE_LEFT), side_need(j, SIDE_RIGHT));
	spare = most(0, r.rows - upper - below);
	weight = side_weight(j, SIDE_BELOW);
	upper_weight = most(side_weight(j, SIDE_LEFT), side_weight(j, SIDE_RIGHT));
	if (!upper)
		below += spare;
	else if (weight + upper_weight > 0)
		below += spare * weight / (weight + upper_weight);
	upper = most(0, r.rows - below);

	left_cols = split(r.cols, side_cols(j, SIDE_LEFT), side_cols(j, SIDE_RIGHT));
	stack(j, SIDE_LEFT, (struct rect){ r.row, r.col, upper, left_cols });
	if (left_cols && left_cols < r.cols) {
		j->out->line = (struct rect){ r.row, r.col + left_cols, upper, 1 };
		left_cols++;
	}
	stack(j, SIDE_RIGHT, (struct rect){ r.row, r.col + left_cols, upper, r.cols - left_cols });
	r.row += upper;
	r.rows -= upper;
	if (j->beside)
		place_beside(j, r);
	else
		stack(j, SIDE_BELOW, r);
}

/* One column: the focused pane gets all that the titles of the others leave. */
static void place_accordion(const struct job *j, struct rect r)
{
	int shut = 0, row = r.row, wanted = 1 + j->wish[j->focus].min_rows;

	for (int i = 0; i < j->count; i++)
		shut += i != j->focus;
	while (shut > most(0, r.rows - wanted)) {
		int victim = -1;

		for (int i = 0; i < j->count; i++)
			if (i != j->focus && j->out->pane[i].state != PANE_ABSENT &&
			    (victim < 0 || j->wish[i].priority < j->wish[victim].priority))
				victim = i;
		j->out->pane[victim].state = PANE_ABSENT;
		shut--;
	}
	for (int i = 0; i < j->count; i++) {
		struct pane_place *pane = &j->out->pane[i];
		int rows = i == j->focus ? r.rows - shut : 1;

		if (pane->state == PANE_ABSENT)
			continue;
		pane->state = i == j->focus ? PANE_OPEN : PANE_SHUT;
		pane->place = (struct rect){ row, r.col, rows, r.cols };
		row += rows;
	}
}

static void place_alone(const struct job *j, struct rect r)
{
	for (int i = 0; i < j->count; i++)
		j->out->pane[i].state = i == j->focus ? PANE_OPEN : PANE_ABSENT;
	j->out->pane[j->focus].place = r;
}

/* The focused pane in the upper half over the full width, the others as usual below it. */
static void place_half(struct job *j, struct rect r)
{
	struct pane_place *pane = &j->out->pane[j->focus];
	struct rect half = r;

	half.rows = (r.rows + 1) / 2;
	pane->state = PANE_ABSENT;
	r.row += half.rows;
	r.rows -= half.rows;
	place_columns(j, r);
	pane->state = PANE_OPEN;
	pane->place = half;
}

void layout_compute(struct layout *out, int rows, int cols, const struct pane_wish *wish, int count,
		    int focus, enum zoom zoom)
{
	struct job j = { .out = out, .wish = wish, .count = least(count, LAYOUT_PANES) };
	struct rect r = { 1, 0, rows - 1, cols };

	j.focus = focus < 0 || focus >= j.count ? 0 : focus;
	memset(out, 0, sizeof(*out));
	out->class = layout_classify(rows, cols);
	out->panes = j.count;
	if (rows > 0)
		out->status = (struct rect){ 0, 0, 1, cols };
	if (!j.count || out->class == LAYOUT_TINY)
		return;
	for (int i = 0; i < j.count; i++)
		out->pane[i].state = PANE_OPEN;
	j.beside = out->class == LAYOUT_WIDE;

	if (zoom == ZOOM_FULL || out->class == LAYOUT_SHORT)
		place_alone(&j, r);
	else if (out->class == LAYOUT_NARROW)
		place_accordion(&j, r);
	else if (zoom == ZOOM_HALF)
		place_half(&j, r);
	else
		place_columns(&j, r);
	for (int i = 0; i < j.count; i++)
		if (out->pane[i].state == PANE_ABSENT)
			out->pane[i].place = (struct rect){ 0, 0, 0, 0 };
}

void layout_draw(const struct layout *layout, struct canvas *body)
{
	if (layout->class == LAYOUT_TINY) {
		canvas_printf(body, 0, 0, STYLE_PLAIN, "needs %dx%d", TINY_COLS, TINY_ROWS + 1);
		return;
	}
	rule_down(body, layout->line.row, layout->line.col, layout->line.rows);
	rule_down(body, layout->line_below.row, layout->line_below.col, layout->line_below.rows);
}

int layout_find(const struct layout *layout, int row, int col)
{
	for (int i = 0; i < layout->panes; i++) {
		struct rect r = layout->pane[i].place;

		if (row >= r.row && row < r.row + r.rows && col >= r.col && col < r.col + r.cols)
			return i;
	}
	return -1;
}
