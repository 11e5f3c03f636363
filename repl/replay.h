/*
 * Feeding a recorded session back: the scenario it carries, then its moves one by one, the digest
 * compared after each. What is fed is what was done, not what was typed, so nothing is searched
 * again.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "archive.h"
#include "session.h"

struct replayed {
	uint64_t id;
	uint64_t commands, moves; /* that agreed */
	char scenario[48], version[40];
	char trouble[500]; /* "" = all agreed; else where and how it diverged */
};

/*
 * Replays the session into s, which then stands where the session ended. True when every digest
 * agreed. Else r->trouble is a sentence; s stands at the last state that agreed, or is untouched
 * when not even the start could be built.
 */
bool replay_into(struct session *s, struct archive *a, uint64_t id, struct replayed *r);

/* Opens the database of s and finds the session that a word means; NULL with a sentence. */
struct archive *replay_open(const struct session *s, const char *word, uint64_t *id,
			    struct complaint *c);

#endif
