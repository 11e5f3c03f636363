/*
 * The screen: whatever the client draws, a hint bar, and a prompt that always has the keyboard. One
 * poll() loop; nothing here waits but there.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>

#include "client.h"
#include "style.h"

struct screen_options {
	enum color_wish color;
	enum theme theme;
	bool mouse;
	bool hints;		/* show the hint bar where there is room */
	const char *history;	/* file, or NULL */
};

/*
 * Run until client->over(). NULL, or a sentence why the terminal cannot be used; then nothing has
 * happened and lineui_run() is the way. SHOOTDOWN_TEST=1 in the environment makes the terminal
 * answer sync sequences (see terminal_sync()).
 */
const char *screen_run(const struct client *client, const struct screen_options *options);

/* For commands that change the screen while it runs; without effect otherwise. */
bool screen_mouse(bool on);
void screen_hints(bool on);
void screen_colors(enum theme theme, enum color_wish wish);
void screen_help(void);

#endif
