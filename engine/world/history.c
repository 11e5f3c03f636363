/*
 * history.c - the rows of the history as data, and the switches of a release.
 */
#include "history.h"

const char *const release_names[RELEASE_COUNT] = {
#define RELEASE_NAME(id, name) name,
	RELEASES(RELEASE_NAME)
#undef RELEASE_NAME
};

const struct history_row history[] = {
#define HISTORY_ROW(release, id, before, commit) { RELEASE_##release, SW_##id, before, commit },
	HISTORY(HISTORY_ROW)
#undef HISTORY_ROW
};

const unsigned history_rows = sizeof(history) / sizeof(history[0]);

void history_values(unsigned release, uint8_t value[SWITCH_COUNT])
{
	for (unsigned s = 0; s < SWITCH_COUNT; s++)
		value[s] = 0;
	/* Newest first: the oldest change after the release has the last word. */
	for (unsigned i = 0; i < history_rows; i++)
		if (history[i].release > release)
			value[history[i].id] = history[i].before;
}
