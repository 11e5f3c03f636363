/*
 * Readline through its callback interface. Rule: rl_redisplay_function is set before anything that
 * initialises readline, which then never looks at the terminal's description; its output stream is
 * the null device all the same.
 */
#include "lineedit.h"

#include "editor.h"
#include "prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>

enum { QUEUE_SIZE = 64 * 1024 };

static struct {
	const struct lineedit_hooks *hooks;
	char bytes[QUEUE_SIZE];
	size_t first, count;
	FILE *nowhere;
	struct prompt_view view;
	char *prompt;
	bool gone;
} edit;

bool lineedit_pending(void)
{
	return edit.count > 0;
}

bool lineedit_has_room(void)
{
	return edit.count < QUEUE_SIZE / 2;
}

void lineedit_feed(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size && edit.count < QUEUE_SIZE; i++)
		edit.bytes[(edit.first + edit.count++) % QUEUE_SIZE] = bytes[i];
}

static int queue_get(FILE *unused)
{
	unsigned char byte;

	(void)unused;
	while (!edit.count) {
		if (edit.gone || !edit.hooks->wait()) {
			edit.gone = true;
			return EOF;
		}
	}
	byte = (unsigned char)edit.bytes[edit.first];
	edit.first = (edit.first + 1) % QUEUE_SIZE;
	edit.count--;
	return byte;
}

static int queue_pending(void)
{
	return edit.count > 0;
}

static void on_line(char *line)
{
	if (line)
		editor_remember(line);
	edit.hooks->entered(line);
	edit.view.offset = 0;
	free(line);
}

static void on_matches(char **matches, int count, int longest)
{
	(void)longest;
	edit.hooks->matches(matches[0], matches + 1, count);
}

/* The screen is drawn as a whole by the main loop. */
static void redisplay_later(void)
{
}

bool lineedit_open(const struct client *client, const struct lineedit_hooks *hooks,
		   const char *history, int cols)
{
	memset(&edit, 0, sizeof(edit));
	edit.hooks = hooks;
	edit.nowhere = fopen("/dev/null", "w");
	edit.prompt = strdup(client->prompt(client->self));
	if (!edit.nowhere || !edit.prompt) {
		if (edit.nowhere)
			fclose(edit.nowhere);
		free(edit.prompt);
		return false;
	}
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_prep_term_function = NULL;
	rl_deprep_term_function = NULL;
	rl_getc_function = queue_get;
	rl_input_available_hook = queue_pending;
	rl_redisplay_function = redisplay_later;
	rl_completion_display_matches_hook = on_matches;
	rl_outstream = edit.nowhere;
	editor_open(client, history);
	rl_initialize();
	/* The user's inputrc may say otherwise; these would write or wait. */
	rl_variable_bind("bell-style", "none");
	rl_variable_bind("enable-bracketed-paste", "off");
	rl_variable_bind("blink-matching-paren", "off");
	rl_variable_bind("show-all-if-ambiguous", "on");
	rl_set_screen_size(1, cols);
	rl_callback_handler_install(edit.prompt, on_line);
	return true;
}

void lineedit_close(void)
{
	rl_callback_handler_remove();
	editor_close();
	rl_outstream = NULL;
	fclose(edit.nowhere);
	free(edit.prompt);
	edit.prompt = NULL;
}

void lineedit_next(void)
{
	rl_callback_read_char();
}

void lineedit_clear(void)
{
	edit.count = 0;
	rl_callback_sigcleanup();
	rl_free_line_state();
	rl_restore_prompt();
	rl_clear_message();
	rl_replace_line("", 1);
	using_history();
	rl_set_prompt(edit.prompt);
	edit.view.offset = 0;
}

void lineedit_insert(const char *text)
{
	rl_insert_text(text);
}

void lineedit_prompt(const char *prompt)
{
	char *copy;

	if (!strcmp(prompt, edit.prompt) ||
	    RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_NUMERICARG))
		return;
	copy = strdup(prompt);
	if (!copy)
		return;
	rl_set_prompt(copy);
	free(edit.prompt);
	edit.prompt = copy;
}

void lineedit_width(int cols)
{
	rl_set_screen_size(1, cols);
}

bool lineedit_searching(void)
{
	return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH);
}

bool lineedit_is_vi(void)
{
	return rl_editing_mode == 0;
}

const char *lineedit_line(void)
{
	return rl_line_buffer ? rl_line_buffer : "";
}

int lineedit_draw(struct canvas *row)
{
	return prompt_draw(row, &edit.view, rl_display_prompt ? rl_display_prompt : "",
			   lineedit_line(), (size_t)rl_end, (size_t)rl_point);
}
