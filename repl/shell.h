/*
 * The full screen's side of the conductor: the board of panes, and what commands said, in a box
 * over them when it is more than the message rows hold.
 */
#ifndef SHELL_H
#define SHELL_H

#include "board.h"
#include "client.h"
#include "session.h"

/* From now on output goes to the screen. */
void shell_open(struct session *s);
/* From now on output goes to standard output again. */
void shell_close(struct session *s);

void shell_draw(struct session *s, struct canvas *body);
void shell_mouse(int row, int col, int lines);
/* How many bytes the prompt may spend on the default action, so that there is room to type. */
unsigned shell_words(void);
/* A command begins: what the last one said is put away. */
void shell_clear(const char *command);

/* "next", "prev" or a digit: focuses a pane and is true; anything else is false. Also true without
 * a screen, where there is nothing to focus. */
bool shell_focus(const char *word);
/* up, down, pageup, pagedown; false for anything else. */
bool shell_scroll(const char *word);
void shell_zoom(void);
/* A named choice of panes; false when there is none of that name. */
bool shell_layout(const char *name);
const char *shell_layout_name(void);
/* Shows or hides a pane; false when it is so already. */
bool shell_pane(const struct pane *pane, bool on);

#endif
