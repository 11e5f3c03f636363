/*
 * The timeline's branches: lines of steps, each with a number and maybe a name.
 *
 * Branch 0 is `main`, the first line. A state's first new step goes on with the state's branch;
 * a further one, and the first after `fork`, begins a branch of its own. Branches without a name of
 * their own are called b1, b2 ...
 */
#ifndef BRANCHES_H
#define BRANCHES_H

#include "session.h"

/* A timeline begins: there is `main` and nothing else. */
void branches_begin(struct session *s);
/* The cursor's node is new: decides which branch it is on. */
void branches_grown(struct session *s);
/* A replay says which branch the cursor's node was on; `name` is a stranger's. */
void branches_restore(struct session *s, uint64_t id, const char *name);

/* The next new step from here begins a branch of this name ("" = its number). */
enum status branches_fork(struct session *s, const char *name, struct complaint *c);
/* The branch that a word means, and its last state. */
enum status branches_find(const struct session *s, struct word w, unsigned *id, uint32_t *tip,
			  struct complaint *c);
void branches_name(const struct session *s, unsigned id, struct text *t);

/* Says the tree of branches, each below the one that it leaves. */
enum status branches_say(struct session *s, struct complaint *c);

#endif
