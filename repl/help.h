/*
 * Help, generated from the tables: commands, set-up lines, switches, rules, panes, operations.
 */
#ifndef HELP_H
#define HELP_H

#include "session.h"

/* "" = the list of commands. BAD_NAME when there is no such topic. */
enum status help_say(struct session *s, const char *topic, struct complaint *c);
enum status help_apropos(struct session *s, const char *word, struct complaint *c);

#endif
