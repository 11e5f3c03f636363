/*
 * replay.c - how many recorded commands are fed back in a second: the machine is rebuilt from the
 * text in the record, each move is taken and its digest compared, the chain of the record is
 * checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "recorder.h"
#include "replay.h"
#include "rng.h"

enum {
	COMMANDS = 20000,
	RUNS = 7
};

/* Records a random schedule, one move in a command; at the end of the programs it goes back to the
 * start. */
static bool record(const char *path)
{
	static struct built b;
	static const struct db_options options = { .sync = DB_SYNC_NORMAL, .busy_ms = 2000 };
	struct db_session row = {
		.title = "bench",
		.scenario = "mremap-late-flush",
		.kernel = "",
		.switches = "",
		.version = PROGRAM_VERSION,
		.finding = "",
	};
	struct rng random = { 1 };
	struct db_status st = { 0 };
	struct recorder *r;
	struct machine start;
	uint64_t depth = 0;
	bool fine;

	if (!built_open(&b, "mremap-late-flush", 1))
		return false;
	start = b.m;
	row.scenario_text = b.s.text;
	row.variant = b.s.variant[1].name;
	r = recorder_open(path, &options, &st);
	recorder_begin(r, &row, &st);
	for (unsigned i = 0; i < COMMANDS && !recorder_reason(r); i++) {
		struct action a[MAX_ACTIONS];
		unsigned n = machine_actions(&b.m, a);
		char label[MAX_LABEL];
		struct text t = text_over(label, sizeof(label));

		record_begin(r, "step", 0, depth);
		if (n) {
			const struct action *chosen = &a[rng_below(&random, n)];

			label_text(&t, &b.m.names, chosen);
			machine_apply(&b.m, chosen, &b.fx);
			depth++;
		} else {
			text_add(&t, "0");
			b.m = start;
			depth = 0;
		}
		record_move(r, n ? MOVE_DO : MOVE_GOTO, label, b.m.digest);
		record_commit(r, depth, b.m.digest, &st);
	}
	recorder_end(r, b.m.digest, "", &st);
	fine = !recorder_reason(r);
	if (!fine)
		no_figure("replay", recorder_reason(r));
	recorder_close(r);
	return fine;
}

static double replay_run(const char *path)
{
	struct session *s = calloc(1, sizeof(*s));
	struct db_status st;
	struct replayed done;
	struct archive *a = archive_open(path, 2000, &st);
	double begin = seconds_now(), took = -1;

	if (!a) {
		no_figure("replay", st.message);
	} else if (s && session_open(s)) {
		if (replay_into(s, a, 1, &done))
			took = seconds_now() - begin;
		else
			no_figure("replay", done.trouble);
		session_close(s);
	}
	archive_close(a);
	free(s);
	return took;
}

void bench_replay(void)
{
	char dir[200], path[256];
	double took[RUNS];
	unsigned n = 0;

	directory_make(dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/sessions.db", dir);
	if (record(path))
		while (n < RUNS && (took[n] = replay_run(path)) > 0)
			n++;
	directory_remove(dir);
	if (n == RUNS)
		figure("replay", "commands", COMMANDS / median(took, RUNS), "/s",
		       "one move each, %d commands; aim 200 k/s", COMMANDS);
}
