/*
 * A canvas as HTML: spans with the style's name as class. Rule: no scripts, no links, nothing
 * loaded from elsewhere; a document is one file that can be mailed.
 */
#ifndef PAINT_HTML_H
#define PAINT_HTML_H

#include <stdio.h>

#include "canvas.h"

/* The rules for the classes in a theme, without the <style> element around them. */
void paint_html_style(FILE *out, enum theme theme);

/* One <pre class="canvas"> element; trailing blank rows are left out. */
void paint_html(FILE *out, const struct canvas *c);

/* A whole document with a title (any text; it is escaped). */
void paint_html_document(FILE *out, const struct canvas *c, enum theme theme, const char *title);

#endif
