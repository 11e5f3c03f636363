/*
 * pane_fixture.h - machines for the tests of panes: a scenario's file, driven to fixed places.
 */
#ifndef PANE_FIXTURE_H
#define PANE_FIXTURE_H

#include "change.h"

struct fixture {
	struct machine m;
	struct effects fx;
	struct scenario s;
	struct timeline t;
	struct change change;
	struct scene scene;
	struct action next;
	void *storage;
};

/* Reads a scenario of the library and builds its first variant; aborts with a sentence when it
 * cannot. */
struct fixture *fixture_open(const char *path, const char *name);
void fixture_close(struct fixture *f);

/* Takes actions until done() says so or none of the labels is possible: each time the first of
 * `prefer` (labels, separated by ';') that is. */
void fixture_run(struct fixture *f, const char *prefer, bool (*done)(const struct fixture *f));
/* Takes one action by its label. */
void fixture_do(struct fixture *f, const char *label);
/* Takes up to `steps` actions by a seeded choice among those that are possible. */
void fixture_random(struct fixture *f, uint64_t seed, unsigned steps);
/* The scene of the present state: changes since `since`, the next action. */
const struct scene *fixture_scene(struct fixture *f, uint32_t since);

/* The late flush of a moved page, in the order that breaks a rule: to where the page is found at
 * its new address only and no lock is held; to where it has been freed; to the access through the
 * stale entry. */
enum late_flush {
	LATE_MOVED,
	LATE_FREED,
	LATE_USED
};
void fixture_late_flush(struct fixture *f, enum late_flush to);

#endif
