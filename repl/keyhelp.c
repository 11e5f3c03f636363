/*
 * The help overlay. Rule: nothing is written here that a table says already.
 */
#include "keyhelp.h"

#include "frame.h"
#include "keys.h"

#include <string.h>

void keyhelp_open(struct keyhelp *h)
{
	*h = (struct keyhelp){ .open = true };
}

void keyhelp_type(struct keyhelp *h, const char *bytes, int size)
{
	size_t used = strlen(h->filter);

	h->offset = 0;
	if (bytes && used + (size_t)size < sizeof(h->filter)) {
		memcpy(h->filter + used, bytes, (size_t)size);
		h->filter[used + (size_t)size] = 0;
	}
	/* A character may be several bytes: its last ones begin with the bits 10. */
	while (!bytes && used > 0) {
		char last = h->filter[--used];

		h->filter[used] = 0;
		if ((last & 0xc0) != 0x80)
			break;
	}
}

/* The one mark that is no style's: it stands before a cached entry. */
static const char condemned[] = "condemned: outlived the operation that had to drop it";

static bool matches(const struct keyhelp *h, const char *a, const char *b)
{
	return strcasestr(a, h->filter) || strcasestr(b, h->filter);
}

static void list(const struct keyhelp *h, struct canvas *c)
{
	struct pen p = pen_at(c, 0, 0);

	for (int i = 0; i < key_count; i++) {
		const struct key_row *row = &key_table[i];

		if (!row->name || !(matches(h, row->name, row->help) ||
				    matches(h, row->alias, row->line ? row->line : "")))
			continue;
		pen_field(&p, STYLE_KEY, 10, "%s", row->name);
		pen_field(&p, STYLE_KEY, 7, "%s", row->alias);
		pen_say(&p, "%s", row->help);
		if (row->line)
			pen_word(&p, STYLE_DIM, "  %s", row->line);
		pen_line(&p);
	}
	for (int style = 0; style < STYLES; style++) {
		const char *meaning = style_meaning((enum style)style);

		if (!meaning || !matches(h, meaning, style_name((enum style)style)))
			continue;
		pen_word(&p, (enum style)style, "%s%c", style_name((enum style)style),
			 style_mark((enum style)style));
		pen_to(&p, 17);
		pen_say(&p, "%s", meaning);
		pen_line(&p);
	}
	if (matches(h, condemned, "condemned")) {
		pen_word(&p, STYLE_BAD, "entry x");
		pen_to(&p, 17);
		pen_say(&p, "%s", condemned);
		pen_line(&p);
	}
	if (!p.row)
		pen_word(&p, STYLE_DIM, "nothing with \"%s\"", h->filter);
}

void keyhelp_draw(struct keyhelp *h, struct canvas *body)
{
	int cols = body->cols < 84 ? body->cols : 84;
	struct canvas *c = canvas_new_tall(cols > 4 ? cols - 4 : 0);
	const struct keyhelp all = { .open = true };
	int used, rows, most;
	struct canvas inside;

	if (!c)
		return;
	/* The box keeps its height while the filter changes. */
	list(&all, c);
	rows = canvas_used(c) + 3 < body->rows ? canvas_used(c) + 3 : body->rows;
	canvas_clear(c);
	list(h, c);
	used = canvas_used(c);
	inside = box_draw(body, (struct rect){ (body->rows - rows) / 2, (body->cols - cols) / 2,
					       rows, cols }, "Keys and marks");
	most = used > inside.rows - 1 ? used - inside.rows + 1 : 0;
	if (h->offset > most)
		h->offset = most;
	if (h->offset < 0)
		h->offset = 0;
	if (inside.rows > 0) {
		struct pen p = pen_at(&inside, inside.rows - 1, 1);
		struct canvas text = canvas_sub(&inside, (struct rect){ 0, 1, inside.rows - 1,
									inside.cols - 2 });

		canvas_blit(&text, c, h->offset, 0);
		if (*h->filter)
			pen_word(&p, STYLE_STRONG, "/%s", h->filter);
		else
			pen_word(&p, STYLE_DIM, "type to filter, Esc closes");
		if (most > h->offset)
			pen_word(&p, STYLE_DIM, "   %d more below: PgDn", most - h->offset);
	}
	canvas_free(c);
}
