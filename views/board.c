/*
 * board.c - panes on the screen.  Where they stand depends on the size, the set and the rows that
 * the panes have used since the scenario was loaded.
 */
#include "board.h"

#include <stdio.h>
#include <string.h>

#include "frame.h"
#include "rules.h"
#include "say.h"

const struct board_set board_sets[] = {
	{ "default", "CPUs, page table, code, what is pending, log and timeline",
	  "cpus pagetable gather flush code iommu tasks findings log lanes" },
	{ "memory", "page table, cached translations, frames, mappings",
	  "pagetable tlb frames vmas code log" },
	{ "devices", "the IOMMU and its devices beside the CPUs",
	  "cpus pagetable iommu gather flush log lanes" },
	{ "locks", "tasks and locks beside the code", "cpus code tasks log lanes" },
	{ "story", "the timeline and the findings", "lanes findings log" },
	{ NULL, NULL, NULL },
};

/* Bodies from this height on keep rows for a message. */
enum { MESSAGE_TWO_ROWS = 28, MESSAGE_ROW = 16 };

/* What a pane's priority gains while it is urgent: more than any other pane has. */
enum { URGENT = 100 };

void board_show(struct board *b, const struct board_set *set)
{
	const char *rest = set->panes;
	struct word w;

	memset(b, 0, sizeof(*b));
	while (word_next(&rest, "", &w) && b->panes < LAYOUT_PANES)
		b->pane[b->panes++] = pane_find(w);
}

static int board_index(const struct board *b, const struct pane *pane)
{
	for (int i = 0; i < b->panes; i++)
		if (b->pane[i] == pane)
			return i;
	return -1;
}

bool board_add(struct board *b, const struct pane *pane)
{
	if (b->panes == LAYOUT_PANES || board_index(b, pane) >= 0)
		return false;
	b->pane[b->panes] = pane;
	b->offset[b->panes] = 0;
	b->held[b->panes] = false;
	b->used[b->panes] = 0;
	b->panes++;
	return true;
}

bool board_remove(struct board *b, const struct pane *pane)
{
	int at = board_index(b, pane);

	if (at < 0)
		return false;
	b->panes--;
	for (int i = at; i < b->panes; i++) {
		b->pane[i] = b->pane[i + 1];
		b->offset[i] = b->offset[i + 1];
		b->held[i] = b->held[i + 1];
		b->used[i] = b->used[i + 1];
	}
	if (b->focus > at || b->focus == b->panes)
		b->focus = b->focus > 0 ? b->focus - 1 : 0;
	return true;
}

void board_scroll(struct board *b, int pane, int rows)
{
	if (pane < 0 || pane >= b->panes)
		return;
	b->offset[pane] += rows;
	b->held[pane] = true;
}

void board_focus(struct board *b, int by)
{
	if (b->panes)
		b->focus = ((b->focus + by) % b->panes + b->panes) % b->panes;
}

/* The first finding of the path, or the deadlock that it ends in; RULE_NONE when nothing broke yet. */
static unsigned first_finding(const struct scene *s)
{
	for (uint32_t d = 1; d <= timeline_depth(s->t); d++) {
		const struct timeline_node *n = &s->t->node[timeline_step(s->t, d)->node];

		if (n->finding.rule)
			return n->finding.rule;
	}
	return machine_stuck(s->m) ? RULE_DEADLOCK : RULE_NONE;
}

static void status_draw(struct canvas *body, struct rect r, const struct scene *s)
{
	struct canvas row = canvas_sub(body, r);
	struct pen p = pen_at(&row, 0, 1);
	unsigned rule = first_finding(s);

	canvas_fill(&row, (struct rect){ 0, 0, 1, row.cols }, STYLE_STATUS, L' ');
	if (s->s)
		pen_word(&p, STYLE_STATUS, "%s (%s)  ", s->s->name, s->s->variant[s->variant].name);
	pen_word(&p, STYLE_STATUS, "step %u/%u  ", timeline_depth(s->t), timeline_last(s->t));
	if (rule)
		pen_word(&p, STYLE_ALARM, "! %s", rule_table[rule].name);
	else
		pen_word(&p, STYLE_STATUS, "ok");
	if (s->recording && p.col + 2 + text_width(s->recording) < row.cols)
		canvas_put(&row, 0, row.cols - 1 - text_width(s->recording), STYLE_STATUS,
			   s->recording);
}

/* Moves the pane so that the row it wants in sight is there, and two rows around it where there is
 * room: one sees where it comes from and goes.  Scrolled to its end, a pane follows what is new
 * again. */
static void follow(struct board *b, int i, int row, int used, int rows)
{
	int heads = b->pane[i]->heads, around = rows > 6 + heads ? 2 : 0;

	if (row >= 0 && b->offset[i] >= used - rows)
		b->held[i] = false;
	if (row >= 0 && !b->held[i]) {
		if (row - around - heads < b->offset[i])
			b->offset[i] = row - around - heads;
		if (row + around >= b->offset[i] + rows)
			b->offset[i] = row + around - rows + 1;
	}
	if (b->offset[i] > used - rows)
		b->offset[i] = used - rows;
	if (b->offset[i] < 0)
		b->offset[i] = 0;
}

/* Puts the head rows where the first rows in sight would be. */
static void keep_heads(struct canvas *content, int heads, int offset)
{
	if (heads && offset > 0) {
		struct canvas place =
			canvas_sub(content, (struct rect){ offset, 0, heads, content->cols });
		const struct canvas from = *content;

		canvas_blit(&place, &from, 0, 0);
	}
}

/* What is shown of one pane this time. */
struct shown {
	int pane;		/* index on the board */
	struct canvas *content; /* NULL = it has no width here, or memory is out */
	int row;		/* that should be in sight, -1 = any */
};

static void pane_place_draw(struct board *b, struct canvas *body, const struct scene *s,
			    const struct shown *shown, const struct pane_place *at)
{
	int i = shown->pane;
	const struct pane *pane = b->pane[i];
	struct rect text = pane_text(at->place);
	char words[120] = "";
	struct text t = text_over(words, sizeof(words));
	struct pane_head head = {
		.title = pane->title,
		.note = words,
		.focused = i == b->focus,
		.shut = at->state == PANE_SHUT,
	};
	struct canvas *content = at->state == PANE_OPEN ? shown->content : NULL;

	if (at->state == PANE_ABSENT)
		return;
	if (pane->note)
		pane->note(&t, s);
	if (content) {
		follow(b, i, shown->row, canvas_used(content), text.rows);
		keep_heads(content, pane->heads, b->offset[i]);
	}
	pane_show(body, at->place, head, content, &b->offset[i]);
}

/* Draws the pane at the width it has and notes how many rows it takes. */
static struct pane_rows pane_measure(struct board *b, const struct scene *s, struct shown *shown,
				     int cols)
{
	int now = 0, *used = &b->used[shown->pane];

	shown->row = -1;
	shown->content = cols > 2 ? canvas_new_tall(cols - 2) : NULL;
	if (shown->content) {
		shown->row = b->pane[shown->pane]->draw(shown->content, s);
		now = canvas_used(shown->content);
	}
	*used = now > *used ? now : *used;
	return (struct pane_rows){ now, *used };
}

static void used_forget(struct board *b, const struct scene *s, int cols)
{
	const char *name = s->s ? s->s->name : "";

	if (!strcmp(b->scenario, name) && b->variant == s->variant && b->cols == cols)
		return;
	snprintf(b->scenario, sizeof(b->scenario), "%s", name);
	b->variant = s->variant;
	b->cols = cols;
	memset(b->used, 0, sizeof(b->used));
}

static int message_rows(const struct canvas *body)
{
	return body->rows >= MESSAGE_TWO_ROWS ? 2 : body->rows >= MESSAGE_ROW ? 1 : 0;
}

void board_draw(struct board *b, struct canvas *body, const struct scene *s)
{
	struct pane_wish wish[LAYOUT_PANES];
	struct pane_rows used[LAYOUT_PANES];
	struct shown shown[LAYOUT_PANES];
	int count = 0, focus = 0, rows = body->rows - message_rows(body);
	bool wide = layout_classify(rows, body->cols) == LAYOUT_WIDE;

	/* What this machine does not have, or a small screen has no room for, is shown to who looks
	 * at it. */
	for (int i = 0; i < b->panes; i++) {
		const struct pane *pane = b->pane[i];
		bool use_wide = wide || !pane->small.min_cols;

		if (i != b->focus && ((pane->applies && !pane->applies(s)) || use_wide != wide))
			continue;
		if (i == b->focus)
			focus = count;
		wish[count] = use_wide ? pane->wide : pane->small;
		if (pane->urgent && pane->urgent(s))
			wish[count].priority += URGENT;
		shown[count++] = (struct shown){ .pane = i };
	}
	/* How wide a pane is does not depend on the rows it uses, but these on its width. */
	layout_compute(&b->layout, rows, body->cols, wish, count, focus, b->zoom);
	used_forget(b, s, body->cols);
	for (int i = 0; i < count; i++)
		used[i] = pane_measure(b, s, &shown[i], b->layout.pane[i].cols);
	layout_fit(&b->layout, rows, body->cols, wish, used, count, focus, b->zoom);
	if (b->layout.class != LAYOUT_TINY && b->layout.status.rows)
		status_draw(body, b->layout.status, s);
	for (int i = 0; i < count; i++) {
		pane_place_draw(b, body, s, &shown[i], &b->layout.pane[i]);
		canvas_free(shown[i].content);
	}
	layout_draw(&b->layout, body);
	if (s->message && message_rows(body)) {
		struct canvas place = canvas_sub(
			body, (struct rect){ rows, 1, body->rows - rows, body->cols - 2 });
		struct pen p = pen_at(&place, 0, 0);

		pen_wrap(&p, STYLE_STRONG, 0, s->message);
	}
}

struct canvas *board_single(const struct pane *pane, const struct scene *s, int cols)
{
	struct canvas *content = canvas_new_tall(cols - 2), *out = NULL;
	char words[120] = "";
	struct text t = text_over(words, sizeof(words));
	struct pane_head head = { .title = pane->title, .note = words };
	int offset = 0;

	if (content) {
		pane->draw(content, s);
		if (pane->note)
			pane->note(&t, s);
		out = canvas_new(content->rows + 1, cols);
		if (out)
			pane_show(out, (struct rect){ 0, 0, content->rows + 1, cols }, head,
				  content, &offset);
	}
	canvas_free(content);
	return out;
}
