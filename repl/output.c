/*
 * Buffered output. Rule: only out_flush() and out_error() reach the outside.
 */
#include "output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "paint_text.h"

bool output_open(struct output *o)
{
	o->bytes = NULL;
	o->size = 0;
	o->mem = open_memstream(&o->bytes, &o->size);
	return o->mem != NULL;
}

void output_close(struct output *o)
{
	if (o->mem)
		fclose(o->mem);
	free(o->bytes);
	o->mem = NULL;
	o->bytes = NULL;
}

/* Terminals obey control characters, so none gets through; a tab is a blank. */
static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = *text == '\t' ? ' ' : '?';
}

/* A clean line, freed by the caller; NULL when memory is out. */
static char *line_of(const char *format, va_list args)
{
	char *line = NULL;

	if (vasprintf(&line, format, args) < 0)
		return NULL;
	clean(line);
	return line;
}

void out_line(struct output *o, const char *format, ...)
{
	va_list args;
	char *line;

	va_start(args, format);
	line = line_of(format, args);
	va_end(args);
	if (!line)
		return;
	if (o->json)
		out_object(o, "text", json_pack("{s:s%}", "text", line, strlen(line)));
	else
		fprintf(o->mem, "%s\n", line);
	free(line);
}

void out_object(struct output *o, const char *kind, json_t *object)
{
	json_t *line;
	char *text;

	if (!o->json) {
		json_decref(object);
		return;
	}
	/* The kind comes first, so that a person can read the lines too. */
	line = json_pack("{s:i, s:s}", "v", 1, "t", kind);
	if (object)
		json_object_update(line, object);
	text = json_dumps(line, JSON_COMPACT);
	if (text)
		fprintf(o->mem, "%s\n", text);
	free(text);
	json_decref(line);
	json_decref(object);
}

static void canvas_object(struct output *o, const char *name, const char *text)
{
	json_t *lines = json_array();

	while (*text) {
		size_t n = strcspn(text, "\n");

		json_array_append_new(lines, json_stringn(text, n));
		text += n + (text[n] == '\n');
	}
	out_object(o, "pane", json_pack("{s:s, s:o}", "name", name, "lines", lines));
}

void out_canvas(struct output *o, const char *name, const struct canvas *c)
{
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return;
	if (o->color && !o->json && !o->sink)
		paint_ansi(mem, c, o->theme, true);
	else
		paint_plain(mem, c);
	fclose(mem);
	if (o->json)
		canvas_object(o, name, text);
	else
		fputs(text, o->mem);
	free(text);
}

void out_raw(struct output *o, const char *text)
{
	fputs(text, o->mem);
}

static void to_sink(struct output *o)
{
	char *at = o->bytes, *end;

	for (; *at; at = end) {
		end = at + strcspn(at, "\n");
		if (*end)
			*end++ = '\0';
		o->sink(o->self, at, false);
	}
}

bool out_flush(struct output *o)
{
	bool well = true;

	fflush(o->mem);
	if (o->size) {
		if (o->sink)
			to_sink(o);
		else
			well = fwrite(o->bytes, 1, o->size, stdout) == o->size;
	}
	if (!o->sink && fflush(stdout))
		well = false;
	out_drop(o);
	return well;
}

void out_drop(struct output *o)
{
	output_close(o);
	if (!output_open(o))
		abort();
}

void out_error(struct output *o, const char *format, ...)
{
	va_list args;
	char *line;

	va_start(args, format);
	line = line_of(format, args);
	va_end(args);
	if (!line)
		return;
	if (o->sink) {
		o->sink(o->self, line, true);
	} else {
		fprintf(stderr, "shootdown: %s\n", line);
		fflush(stderr);
	}
	free(line);
}
