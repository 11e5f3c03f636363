/*
 * A canvas as text: plain for pipes and files, ANSI for terminals, and a form for golden tests that
 * shows the styles as letters. Always UTF-8; without trailing blanks. Rule: nothing here depends on
 * the terminal, so the same canvas gives the same bytes everywhere.
 */
#ifndef PAINT_TEXT_H
#define PAINT_TEXT_H

#include <stdio.h>

#include "canvas.h"

/* Lines without styles. Trailing blank lines are left out. */
void paint_plain(FILE *out, const struct canvas *c);

/* The same with SGR sequences; with `color` false only bold, dim, underline and reverse. */
void paint_ansi(FILE *out, const struct canvas *c, enum theme theme, bool color);

/*
 * For golden tests: each row as "|text", followed by a row ":letters" (see style_letter) when
 * something in it is not plain. All rows, so that the height is part of the test.
 */
void paint_golden(FILE *out, const struct canvas *c);

#endif
