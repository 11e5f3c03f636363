/*
 * What commands say. Rule: a command never prints; it adds lines or objects here, and they come out
 * together once the command is on the disk.
 *
 * Text mode: lines of UTF-8. JSON mode: one object per line, each with "v":1 and "t":KIND; plain
 * lines become objects of the kind "text", so every command has an answer in both modes.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "canvas.h"

struct output {
	bool json;
	bool color; /* canvases are painted with colours */
	enum theme theme;
	/* Where finished lines go instead of standard output; NULL for standard output. */
	void (*sink)(void *self, const char *line, bool bad);
	void *self;
	FILE *mem; /* what has been said and not shown */
	char *bytes;
	size_t size;
};

/* False when memory is out. */
bool output_open(struct output *o);
void output_close(struct output *o);

/* One line of text; control characters become '?'. */
void out_line(struct output *o, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One object of a kind, in JSON mode only; takes the object over. Text mode: nothing. */
void out_object(struct output *o, const char *kind, json_t *object);

/* A drawing under its name. */
void out_canvas(struct output *o, const char *name, const struct canvas *c);

/* Text that is already lines and must come out as it is (an exported file); also in JSON mode. */
void out_raw(struct output *o, const char *text);

/* Show everything said; false when it could not be written. */
bool out_flush(struct output *o);

/* Forget everything said. */
void out_drop(struct output *o);

/* One sentence about what went wrong: at once, to standard error or to the sink. */
void out_error(struct output *o, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
