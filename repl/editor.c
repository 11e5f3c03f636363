/*
 * Completion and history. Rule: file names are never completed by accident, and the history file
 * is appended to line by line, so that a killed session loses nothing and two sessions do not
 * overwrite each other.
 */
#include "editor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

enum { HISTORY_LINES = 5000 };

struct completions {
	const char *typed;
	size_t typed_size;
	char **word;
	size_t count, room;
	bool open;	/* some word wants no blank after it */
	size_t next;	/* for the generator */
};

static const struct client *the_client;
static char *history_path;
static bool history_said;

static void add(struct completions *out, const char *word)
{
	char *copy;

	if (strncmp(word, out->typed, out->typed_size))
		return;
	if (out->count == out->room) {
		size_t room = out->room ? out->room * 2 : 64;
		char **grown = realloc(out->word, room * sizeof(*grown));

		if (!grown)
			return;
		out->word = grown;
		out->room = room;
	}
	copy = strdup(word);
	if (copy)
		out->word[out->count++] = copy;
}

void completions_add(struct completions *out, const char *word)
{
	add(out, word);
}

void completions_add_open(struct completions *out, const char *word)
{
	size_t before = out->count;

	add(out, word);
	if (out->count > before)
		out->open = true;
}

static struct completions found;

/* Readline frees what it gets, so the words change hands one by one. */
static char *next_word(const char *text, int state)
{
	(void)text;
	if (!state)
		found.next = 0;
	return found.next < found.count ? found.word[found.next++] : NULL;
}

static char **attempt(const char *text, int start, int end)
{
	char **matches;

	rl_attempted_completion_over = 1;
	if (!the_client->complete)
		return NULL;
	found = (struct completions){ .typed = text, .typed_size = strlen(text) };
	the_client->complete(the_client->self, rl_line_buffer, start, end, &found);
	matches = rl_completion_matches(text, next_word);
	rl_completion_append_character = found.open && found.count == 1 ? '\0' : ' ';
	free(found.word);
	found = (struct completions){ 0 };
	return matches;
}

static void history_trouble(const char *what, int error)
{
	char sentence[512];

	if (history_said)
		return;
	history_said = true;
	snprintf(sentence, sizeof(sentence), "the history %s cannot be %s: %s", history_path, what,
		 strerror(error));
	the_client->say(the_client->self, sentence);
}

static void history_load(void)
{
	int fd = open(history_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int error;

	if (fd < 0) {
		history_trouble("opened", errno);
		return;
	}
	close(fd);
	error = read_history(history_path);
	if (error) {
		history_trouble("read", error);
		return;
	}
	if (history_length > HISTORY_LINES)
		history_truncate_file(history_path, HISTORY_LINES);
}

void editor_open(const struct client *client, const char *history)
{
	the_client = client;
	history_said = false;
	rl_readline_name = "shootdown";
	rl_attempted_completion_function = attempt;
	rl_completer_word_break_characters = " \t;=,";
	using_history();
	stifle_history(HISTORY_LINES);
	history_path = history ? strdup(history) : NULL;
	if (history_path)
		history_load();
	using_history();
}

void editor_remember(const char *line)
{
	HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;
	int error;

	if (!line[strspn(line, " \t")] || (last && !strcmp(last->line, line)))
		return;
	add_history(line);
	error = history_path ? append_history(1, history_path) : 0;
	if (error)
		history_trouble("written", error);
}

void editor_close(void)
{
	clear_history();
	free(history_path);
	history_path = NULL;
}
