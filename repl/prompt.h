/*
 * The prompt row: any prompt and line in one row of any width, with horizontal scroll. Knows
 * nothing of readline, so it can be tested without a terminal.
 */
#ifndef PROMPT_H
#define PROMPT_H

#include <stddef.h>

#include "canvas.h"

struct prompt_view {
	int offset;	/* first column shown; kept between frames, it slides only when it must */
};

/*
 * Draw `prompt` (only its last line; the brackets \001 \002 that readline knows are dropped) and
 * `size` bytes of `line`; returns the column of the cursor, which stands before byte `point`.
 * Control characters show as ^X. Cut ends are marked '<' and '>'.
 */
int prompt_draw(struct canvas *row, struct prompt_view *view, const char *prompt, const char *line,
		size_t size, size_t point);

#endif
