/*
 * The one table of commands, grouped by family: what is typed, completed, hinted, explained and run
 * all come from it. To add a command: a row in the table of its family and its handler above it.
 *
 * A handler reads the words behind the command's name. When it answers other than OK, nothing has
 * changed and the sentence says which word was wrong and what would be right.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "session.h"

enum command_flags {
	CMD_MACHINE = 1,    /* needs a machine: the default scenario is loaded when there is none */
	CMD_CHANGE = 2,	    /* moves or sets something: `undo` takes it back */
	CMD_UNRECORDED = 4, /* about the screen or the archive: never recorded */
	CMD_VIEW = 16,	    /* about the screen: what the last command said stays there */
	CMD_KEEP = 8,	    /* worth beginning a session even when nothing moved */
};

struct command {
	const char *name;
	const char *aliases; /* separated by blanks; "" for none */
	const char *syntax;
	const char *help;  /* one line */
	const char *about; /* one paragraph more */
	const char *example;
	unsigned flags;
	enum status (*run)(struct session *s, const char *rest, struct complaint *c);
	const char *completes; /* kinds of words that may follow, see completion.c; "" for none */
};

struct command_group {
	const char *name;
	const char *title;
	const struct command *command;
	unsigned count;
};

extern const struct command_group group_moving, group_choosing, group_stopping, group_seeing,
	group_exploring, group_conforming, group_scenario, group_recording, group_settings;

/* The command of a name, an alias, or a prefix that fits one name only. The sentence lists what the
 * word could mean. */
enum status command_find(struct word w, const struct command **out, struct complaint *c);
/* Exact names and aliases only; NULL when it is none. */
const struct command *command_named(struct word w);

/* Calls back for every command, in the order of help. */
void command_each(void (*visit)(const struct command_group *g, const struct command *cmd,
				void *self),
		  void *self);

/* ---- reading words ---- */

/* The next word; "..." holds blanks together. False at the end of the line. */
bool arg_next(const char **rest, struct word *w);
/* Into storage, cut to it. */
void arg_copy(struct word w, char *buf, size_t size);
/* BAD_SYNTAX when a word is left. */
enum status arg_end(const char *rest, struct complaint *c);
/* What comes after --spec, as the set-up line that gives a machine this speculation. */
#define SPEC_LINE 40
enum status arg_spec(const char **rest, char line[SPEC_LINE], struct complaint *c);
/* A number of at least 1 and at most `most`, or `absent` when there is no word; nothing may follow.
 */
enum status arg_count(const char *rest, uint64_t absent, uint64_t most, uint64_t *n,
		      struct complaint *c);
/* on off yes no true false 1 0. */
enum status arg_bool(struct word w, bool *on, struct complaint *c);

/* The command as it is recorded; without a call it is its name and its words. */
void canonical(struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
