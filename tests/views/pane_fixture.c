/*
 * pane_fixture.c - machines driven to fixed places.
 */
#include "pane_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mmu.h"
#include "pte.h"
#include "rng.h"

enum {
	NODES = 2000
};

static void give_up(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	abort();
}

static char *file_read(const char *path)
{
	static char text[MAX_SCENARIO];
	FILE *in = fopen(path, "r");
	size_t n = 0;

	if (!in)
		give_up(path, "cannot be opened");
	else
		n = fread(text, 1, sizeof(text) - 1, in);
	text[n] = 0;
	if (in)
		fclose(in);
	return text;
}

struct fixture *fixture_open(const char *path, const char *name)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct complaint c = { 0 };

	if (!f)
		abort();
	if (scenario_read(&f->s, name, file_read(path), &f->m, &f->fx, &c) != OK ||
	    scenario_build(&f->s, 0, &f->m, &f->fx, &c) != OK)
		give_up(path, c.text);
	f->storage = malloc(timeline_bytes(NODES));
	timeline_init(&f->t, &f->m, f->storage, NODES);
	f->scene = (struct scene){
		.m = &f->m,
		.t = &f->t,
		.s = &f->s,
		.va = 0x7f0000001000,
		.change = &f->change,
		.recording = "REC 12",
	};
	return f;
}

void fixture_close(struct fixture *f)
{
	free(f->storage);
	free(f);
}

static bool take(struct fixture *f, const char *label)
{
	struct complaint c;
	struct action a;

	if (label_read(&f->m, label, &a, &c) != OK)
		give_up(label, c.text);
	return !action_blocked(&f->m, &a) && timeline_do(&f->t, &a);
}

void fixture_do(struct fixture *f, const char *label)
{
	if (!take(f, label))
		give_up(label, "is not possible here");
}

void fixture_run(struct fixture *f, const char *prefer, bool (*done)(const struct fixture *f))
{
	while (!done(f)) {
		const char *at = prefer;
		bool moved = false;

		while (*at && !moved) {
			char label[MAX_LABEL];
			size_t len = strcspn(at, ";");

			snprintf(label, sizeof(label), "%.*s", (int)len, at);
			moved = take(f, label);
			at += len + (at[len] == ';');
		}
		if (!moved)
			return;
	}
}

void fixture_random(struct fixture *f, uint64_t seed, unsigned steps)
{
	struct rng r = { seed };
	struct action a[MAX_ACTIONS];

	for (unsigned i = 0; i < steps; i++) {
		unsigned n = machine_actions(&f->m, a);

		if (!n || !timeline_do(&f->t, &a[rng_below(&r, n)]))
			return;
	}
}

const struct scene *fixture_scene(struct fixture *f, uint32_t since)
{
	struct action a[MAX_ACTIONS];

	f->scene.next = NULL;
	if (machine_actions(&f->m, a)) {
		f->next = a[0];
		f->scene.next = &f->next;
	}
	change_find(&f->change, &f->t, since);
	return &f->scene;
}

/* Every page-table lock is free and the old entry is gone. */
static bool moved(const struct fixture *f)
{
	for (unsigned i = 0; i < MAX_TABLES; i++)
		if (peek_lock(&f->m, LOCK_PTL(i))->owner != NONE)
			return false;
	for (uint32_t d = 1; d <= timeline_depth(&f->t); d++) {
		const struct timeline_step *s = timeline_step(&f->t, d);

		for (unsigned i = 0; i < s->events; i++)
			if (f->t.event[s->event_at + i].kind == EV_PTE &&
			    f->t.event[s->event_at + i].x)
				return true;
	}
	return false;
}

static bool freed(const struct fixture *f)
{
	return peek_frame(&f->m, peek_tlb(&f->m, MMU_CPU(1))->leaf[0].pfn)->owner == FRAME_FREE;
}

static bool broken(const struct fixture *f)
{
	return f->t.node[f->t.cursor].finding.rule != 0;
}

void fixture_late_flush(struct fixture *f, enum late_flush to)
{
	fixture_run(f, "cpu0.step", moved);
	if (to == LATE_MOVED)
		return;
	fixture_do(f, "cpu0.switch cutter");
	fixture_run(f, "cpu0.step;cpu1.ipi;cpu1.step", freed);
	if (to == LATE_FREED)
		return;
	fixture_run(f, "cpu1.step", broken);
}
