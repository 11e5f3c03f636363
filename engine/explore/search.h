/*
 * search.h - the state of a search, shared by its orders; private to this folder.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include "explore.h"
#include "frontier.h"
#include "pool.h"
#include "reduce.h"
#include "rng.h"

/* Where a rule was first broken: taking `action` in state `parent`, or in the state itself. */
struct witness {
	uint32_t parent;
	uint16_t action;	/* NO_ACTION = in the state itself */
	uint32_t steps;		/* with reductions `action` is a run, and these are its steps */
};

/* One step of the run that a depth-first search or a random walk is in. */
struct run_step {
	uint16_t action;	/* taken */
	uint16_t next;		/* depth first: the action to try next */
	uint32_t undo_at, undo_len;
};

struct explorer {
	const struct explore_model *model;
	struct machine *m;
	struct machine *start;		/* the machine as it was */
	struct explore_options options;
	struct explore_result result;
	struct visited visited;
	struct versions versions;	/* breadth, preemption: from here */
	struct seeker *seeker;
	struct pool *pool;
	struct reducer *reducer;	/* NULL = nothing is reduced */
	struct queue queue[2];		/* the level or bound that is read, and the next one */
	unsigned reading;
	uint32_t depth;			/* breadth: of the level; preemption: the bound */
	/*
	 * How each state was reached, in order of discovery.  Breadth first discovers states in the order of
	 * their parents, so parents are found by adding up children; otherwise they are written down.
	 */
	uint8_t *action;		/* position among the parent's actions */
	uint8_t *children;		/* how many states were first reached from it */
	uint32_t *parent;
	uint64_t log_cap;
	uint64_t level_start[MAX_TRACE + 2];	/* first state of each depth */
	struct witness witness[32];	/* by rule; 0 = the goal */
	struct remark later[33];	/* of the next bound: the first of each rule, the goal last */
	uint64_t later_set;		/* a bit for each that is there */
	/* Depth first and random: the run in progress, its old bytes, its generator. */
	struct run_step *run;
	uint32_t run_length;
	uint16_t found[MAX_TRACE];	/* the run that broke the first rule: positions of its actions */
	uint32_t found_length;
	unsigned char *undo;
	size_t undo_cap;
	struct rng rng;			/* of the walk */
	uint64_t walks;			/* that are over */
	bool ranked;			/* the walk ranks its actors: */
	uint32_t rank[MAX_ACTORS];	/* the highest moves */
	struct effects fx;
};

void search_bound(struct explorer *x, const char *why);
/* A step or a state broke rules.  True when the search is over because of it. */
bool search_broken(struct explorer *x, uint32_t rules, const struct finding *f, struct witness at);
/* A step led to the goal: the search is over.  True. */
bool search_goal(struct explorer *x, uint32_t parent, uint16_t action);
bool search_is_goal(const struct explorer *x);
/* A remark that belongs to the next bound: search_now reports it once that is reached. */
void search_later(struct explorer *x, const struct remark *r);
bool search_now(struct explorer *x);
/* Notes the line of the step that an action takes. */
void search_line(const struct machine *m, const struct action *a, uint64_t lines[ROUTINE_COUNT]);
/* Nothing moves in this state: an end, or a deadlock.  True when the search is over. */
bool search_final(struct explorer *x, uint32_t state, bool somebody);

/* One state more (breadth, preemption), one step more (depth, random). */
void search_frontier_step(struct explorer *x);
void search_depth_step(struct explorer *x);
void search_random_step(struct explorer *x);

#endif
