/*
 * store.c - how many commands become durable in a second, and how many moves.
 */
#include <stdio.h>
#include <string.h>

#include "measure.h"
#include "recorder.h"

enum {
	COMMANDS = 200,
	MOVES = 20000,
	RUNS = 5
};

static const struct db_session row = {
	.title = "bench",
	.scenario = "bench",
	.scenario_text = "",
	.variant = "",
	.kernel = "",
	.switches = "",
	.version = "",
	.finding = "",
};

/* Seconds for a session of `commands` commands, each of `moves` moves; negative when it failed. */
static double session_run(const char *path, enum db_sync sync, unsigned commands, unsigned moves)
{
	struct db_options options = { .sync = sync, .busy_ms = 2000 };
	struct db_status st;
	struct recorder *r = recorder_open(path, &options, &st);
	double begin, took = -1;

	if (recorder_begin(r, &row, &st) == DB_OK) {
		begin = seconds_now();
		for (unsigned c = 0; c < commands && !recorder_reason(r); c++) {
			record_begin(r, "step 1", 0, c * moves);
			for (unsigned m = 0; m < moves; m++)
				record_move(r, 0, "cpu1.step", c * moves + m);
			record_commit(r, (c + 1) * moves, c, &st);
		}
		took = seconds_now() - begin;
	}
	if (recorder_reason(r)) {
		no_figure("store", recorder_reason(r));
		took = -1;
	}
	recorder_close(r);
	return took;
}

void bench_store(void)
{
	char dir[200], path[256];
	double full[RUNS], normal[RUNS], moves[RUNS];
	unsigned n = 0;

	directory_make(dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/sessions.db", dir);
	for (; n < RUNS; n++) {
		full[n] = session_run(path, DB_SYNC_FULL, COMMANDS, 1);
		normal[n] = session_run(path, DB_SYNC_NORMAL, COMMANDS, 1);
		moves[n] = session_run(path, DB_SYNC_NORMAL, 1, MOVES);
		if (full[n] < 0 || normal[n] < 0 || moves[n] < 0)
			break;
	}
	directory_remove(dir);
	if (n < RUNS)
		return;
	figure("store", "durable commands", COMMANDS / median(full, RUNS), "/s",
	       "one move each; they survive a power cut");
	figure("store", "durable commands", COMMANDS / median(normal, RUNS), "/s",
	       "the same; they survive the program's death");
	figure("store", "moves", MOVES / median(moves, RUNS), "/s", "in one command");
}
