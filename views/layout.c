/*
 * Placing panes. Rule: the focus and what is essential are open first; the rows that are left go to
 * who uses them, by priority, and what nobody uses is shared by weight.
 */
#include "layout.h"

#include "frame.h"

#include <string.h>

struct job {
	struct layout *out;
	const struct pane_wish *wish;
	const struct pane_rows *rows;
	int count;
	int focus;
	bool beside;		/* the panes below stand side by side */
};

/* The screen's size is the body plus the prompt and, from 10 rows on, the hint bar. */
enum { WIDE_ROWS = 28, WIDE_COLS = 120, NORMAL_ROWS = 18, NORMAL_COLS = 80, SHORT_ROWS = 12,
       TINY_ROWS = 5, TINY_COLS = 30 };

/* The panes below have one row in this many at the least. */
enum { LEAST_BELOW = 5 };

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

/* The fewest rows of text the pane is open with: never more than it has ever used. */
static int least_text(const struct job *j, int i)
{
	return most(1, least(j->wish[i].min_rows, j->rows[i].most));
}

static bool essential(const struct job *j, int i)
{
	return i == j->focus || j->wish[i].priority >= PRIORITY_ESSENTIAL;
}

/* Rows of a side with the titles of all its panes: `all` with what each has ever used, else with
 * the least text of those that must be open. */
static int side_rows(const struct job *j, enum layout_side side, bool all)
{
	int rows = 0;

	for (int i = 0; i < j->count; i++) {
		if (j->wish[i].side != side || j->out->pane[i].state == PANE_ABSENT)
			continue;
		rows += 1;
		if (all)
			rows += most(least_text(j, i), j->rows[i].most);
		else if (essential(j, i))
			rows += least_text(j, i);
	}
	return rows;
}

/* Rows of the panes below when `all` of them, or those that must be, are open with their least
 * text. */
static int below_rows(const struct job *j, bool all)
{
	int rows = 0;

	for (int i = 0; i < j->count; i++)
		if (j->wish[i].side == SIDE_BELOW && j->out->pane[i].state != PANE_ABSENT) {
			int need = 1 + (all || essential(j, i) ? least_text(j, i) : 0);

			rows = j->beside ? most(rows, need) : rows + need;
		}
	return rows;
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

/* The panes of a side, the most important first. */
static int side_order(const struct job *j, enum layout_side side, int order[LAYOUT_PANES])
{
	int count = 0;

	for (int i = 0; i < j->count; i++) {
		int at = count;

		if (j->wish[i].side != side || j->out->pane[i].state == PANE_ABSENT)
			continue;
		for (; at > 0 && order[at - 1] != j->focus &&
		       (i == j->focus || j->wish[i].priority > j->wish[order[at - 1]].priority); at--)
			order[at] = order[at - 1];
		order[at] = i;
		count++;
	}
	return count;
}

/* More text for an open pane, up to `wanted` rows of it. */
static void grow(int *text, int wanted, int *rest)
{
	int more = most(0, least(wanted - *text, *rest));

	*text += more;
	*rest -= more;
}

/* Who of a side is open, with how many rows of text: what must be open, the titles of the others,
 * what the first use by now, the others, what each has ever used, and the rest by weight. */
static void share(const struct job *j, enum layout_side side, int rest, int text[LAYOUT_PANES])
{
	int order[LAYOUT_PANES], count = side_order(j, side, order), weight;
	struct pane_place *pane = j->out->pane;

	for (int k = 0; k < count; k++) {
		int i = order[k], first = i == j->focus ? least(least_text(j, i), most(1, rest - 1)) :
							  least_text(j, i);

		text[i] = 0;
		pane[i].state = PANE_ABSENT;
		if (!essential(j, i) || rest < 1 + first)
			continue;
		pane[i].state = PANE_OPEN;
		text[i] = first;
		rest -= 1 + first;
	}
	for (int k = 0; k < count; k++)
		if (pane[order[k]].state == PANE_ABSENT && rest > 0) {
			pane[order[k]].state = PANE_SHUT;
			rest--;
		}
	for (int k = 0; k < count; k++) {
		int i = order[k];

		if (pane[i].state == PANE_SHUT && rest >= least_text(j, i)) {
			pane[i].state = PANE_OPEN;
			grow(&text[i], least_text(j, i), &rest);
		}
		if (pane[i].state == PANE_OPEN)
			grow(&text[i], j->rows[i].now, &rest);
	}
	for (int k = 0; k < count; k++)
		if (pane[order[k]].state == PANE_OPEN)
			grow(&text[order[k]], j->rows[order[k]].most, &rest);
	weight = side_weight(j, side);
	for (int k = 0; k < count; k++) {
		int i = order[k], more = 0;

		if (pane[i].state == PANE_OPEN && weight > 0) {
			more = rest * j->wish[i].weight / weight;
			weight -= j->wish[i].weight;
		}
		text[i] += more;
		rest -= more;
	}
}

/* Stack the panes of a side in `r`. */
static void stack(const struct job *j, enum layout_side side, struct rect r)
{
	int text[LAYOUT_PANES] = { 0 }, row = r.row;

	share(j, side, r.rows, text);
	for (int i = 0; i < j->count; i++) {
		struct pane_place *pane = &j->out->pane[i];

		if (j->wish[i].side != side)
			continue;
		pane->cols = r.cols;
		if (pane->state == PANE_ABSENT)
			continue;
		pane->place = (struct rect){ row, r.col, 1 + text[i], r.cols };
		row += 1 + text[i];
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
		j->out->pane[i].cols = place->cols;
		j->out->pane[i].state = r.rows > 1 ? PANE_OPEN : r.rows ? PANE_SHUT : PANE_ABSENT;
		col += place->cols + 1;
		if (i != last && !shown++)
			j->out->line_below = (struct rect){ r.row, col - 1, r.rows, 1 };
	}
}

/* Rows for the panes below: theirs, a fifth at the least, and a share by weight of what the panes
 * above do not use. */
static int below_share(const struct job *j, int rows)
{
	int above = most(side_rows(j, SIDE_LEFT, true), side_rows(j, SIDE_RIGHT, true));
	int must = most(side_rows(j, SIDE_LEFT, false), side_rows(j, SIDE_RIGHT, false));
	int weight = side_weight(j, SIDE_BELOW), below = below_rows(j, true);
	int upper_weight = most(side_weight(j, SIDE_LEFT), side_weight(j, SIDE_RIGHT));

	if (!above || !below)
		return above ? 0 : rows;
	below = most(least(below, most(below_rows(j, false), rows - above)), rows / LEAST_BELOW);
	if (weight + upper_weight > 0)
		below += most(0, rows - above - below) * weight / (weight + upper_weight);
	return least(below, most(rows - must, rows / LEAST_BELOW));
}

static void place_columns(const struct job *j, struct rect r)
{
	int below = below_share(j, r.rows), upper = r.rows - below, left_cols;

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
		pane->cols = r.cols;
		row += rows;
	}
}

static void place_alone(const struct job *j, struct rect r)
{
	for (int i = 0; i < j->count; i++)
		j->out->pane[i].state = i == j->focus ? PANE_OPEN : PANE_ABSENT;
	j->out->pane[j->focus].place = r;
	j->out->pane[j->focus].cols = r.cols;
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
	pane->cols = half.cols;
}

void layout_compute(struct layout *out, int rows, int cols, const struct pane_wish *wish, int count,
		    int focus, enum zoom zoom)
{
	struct pane_rows used[LAYOUT_PANES];

	for (int i = 0; i < count && i < LAYOUT_PANES; i++)
		used[i] = (struct pane_rows){ wish[i].min_rows, wish[i].min_rows };
	layout_fit(out, rows, cols, wish, used, count, focus, zoom);
}

void layout_fit(struct layout *out, int rows, int cols, const struct pane_wish *wish,
		const struct pane_rows *used, int count, int focus, enum zoom zoom)
{
	struct job j = { .out = out, .wish = wish, .rows = used,
			 .count = least(count, LAYOUT_PANES) };
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
