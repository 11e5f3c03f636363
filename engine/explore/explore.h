/*
 * explore.h - searching every order: a client of machine_apply and undo, as the prompt is.
 *
 * The search steps and undoes in place; the visited set holds 64-bit fingerprints; a frontier state is
 * kept as the versions of the objects in which it differs from the start.  It runs in slices, so that
 * the caller can draw, count time and stop; memory is the caller's block, and when it is used up the
 * verdict is "bound".
 *
 * Clean means: no manifest and no latent rule is broken in any order of the actions that
 * machine_actions offers, within the bounds of the programs.  Lints are collected and never stop it.
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include "machine.h"
#include "outcomes.h"
#include "routines.h"

enum verdict {
	VERDICT_RUNNING,
	VERDICT_VIOLATION,
	VERDICT_CLEAN,
	VERDICT_BOUND,		/* a bound was hit before an answer; what was found so far stands */
};

/*
 * What is searched.  The machine's own actions are the default; a benchmark or a test may put another
 * transition system in their place, as long as it lives in the world and goes through its door.
 */
struct actor_place;

struct explore_model {
	/* The possible actions come in parts, each of which few objects decide; all parts in order are the list. */
	unsigned parts;
	unsigned (*offer)(const struct machine *m, unsigned part, struct action out[MAX_ACTIONS]);
	void (*apply)(struct machine *m, const struct action *a, struct effects *fx);
	/* Would a state that offers only actions for which this is false be the end? */
	bool (*moves)(const struct action *a);
	bool (*finished)(const struct machine *m);
	/* Who takes the action: a number below MAX_ACTORS. */
	uint8_t (*actor)(const struct machine *m, const struct action *a);
	/*
	 * For reductions.  How many actors there are; where one stands; whose all actions of a part are (NONE = of
	 * several; depends on who has the CPU); does the part offer whims alone?
	 */
	unsigned actors;
	void (*place)(const struct machine *m, unsigned actor, struct actor_place *out);
	unsigned (*part_actor)(const struct machine *start, unsigned part);
	bool (*whimsical)(unsigned part);
	/* Permutations that steps may not tell apart, and what one makes of an object: the number of the object that takes
	 * its place (OBJECTS = there is no such permutation), and its content.  Those that change the start are passed over. */
	unsigned permutations;
	unsigned (*permute)(const struct machine *start, unsigned p, unsigned object, const void *bytes, void *out);
	/*
	 * The machine's own: names and counters mean what rename.h says, permutation p is its renaming p + 1, and whether
	 * steps tell apart who changes places is tried with each (mirror.h).  Other models know that theirs do not.
	 */
	bool renames;
};

/* What an actor's future depends on, beside what others may touch: its stack and its progress; for him who only answers
 * others, what he has been asked. */
struct actor_place {
	uint64_t key;		/* of its private state */
	bool waits;		/* for a lock: */
	uint16_t lock;		/* object */
	bool exclusive;
};

#define MAX_ACTORS 40u

/* Ways to look at fewer states for the same verdict and the same rules; see reduce.h. */
enum reduction {
	REDUCE_WHIMS = 1,	/* whims of the hardware as late as they matter */
	REDUCE_AMPLE = 2,	/* a step that commutes with all others may do first: that step alone */
	REDUCE_FUSE = 4,	/* such steps in one go; needs REDUCE_AMPLE */
	REDUCE_SYMMETRY = 8,	/* states that differ in who is who are one: CPUs, tasks, frames */
	REDUCE_SLEEP = 16,	/* of two steps that commute one order: fewer transitions, not fewer states */
	REDUCE_COUNTERS = 32,	/* states that differ by how far counters have moved are one */
	REDUCE_STATES = 47,	/* those that save states, and so time */
	REDUCE_ALL = 63
};

/* An action's number by kind and by who acts (of a switch: by task), addresses left aside; the machine's own only. */
#define ACTION_BITS (7 * MAX_CPUS + MAX_TASKS + MAX_DEVS + 1u + MAX_MMUS)
unsigned explore_action_bit(const struct action *a);
/* The kinds of such a set, a bit per enum action_kind. */
uint32_t explore_kinds(uint64_t taken);

/* The whole list of a model's actions. */
unsigned explore_actions(const struct explore_model *model, const struct machine *m, struct action out[MAX_ACTIONS]);

extern const struct explore_model machine_model;
/* For machines of raw instructions: the same outcomes from fewer whims of the hardware, see raw_model.c. */
extern const struct explore_model raw_model;

enum explore_order {
	ORDER_BREADTH,		/* the first violation found has the fewest steps */
	ORDER_PREEMPTION,	/* ... has the fewest preemptions: bounds 0, 1, 2 ... */
	ORDER_DEPTH,		/* one run after the other, without a frontier */
	ORDER_RANDOM,		/* `walks` runs, each action drawn; never says clean */
	EXPLORE_ORDERS
};

#define DEFAULT_WALKS 1000u

struct explore_options {
	enum explore_order order;
	uint64_t seed;		/* ORDER_RANDOM, and shards */
	uint64_t walks;		/* ORDER_RANDOM, of all shards together; 0 = DEFAULT_WALKS */
	/*
	 * Shard `shard` (from 1) of `shards`; 0 = the whole.  ORDER_RANDOM: the walks are numbered from 0 and
	 * walk k belongs to shard k % shards + 1, so the shards share out the walks of the whole; there must be a
	 * walk for each.  ORDER_DEPTH: every shard searches everything, trying the actions of a state in an order
	 * of its own.  Other orders have no shards.
	 */
	uint32_t shard, shards;
	const struct explore_model *model;	/* NULL = machine_model */
	unsigned threads;	/* breadth and preemption: 1 (or 0) or 2; the answer is the same */
	/* Breadth without goal and depth, on one thread: enum reduction; 0 = every state.  The trace is a way, not the shortest. */
	unsigned reduce;
	bool wide;		/* breadth and preemption: fingerprints of 128 bits */
	uint64_t max_states;	/* 0 = as many as the memory holds */
	uint32_t max_depth;	/* 0 = no bound */
	/* A state where this is true ends the search as a violation does; NULL = only rules do. */
	bool (*goal)(const struct machine *m, void *self);
	void *goal_self;
	/*
	 * Questions about each state in which the search ends, a bit each: what was answered yes, and no, somewhere is in the
	 * result.  Breadth first without reductions; goes with `all`.  NULL = nobody asks.
	 */
	uint32_t (*ask)(const struct machine *m, void *self);
	void *ask_self;
	bool all;		/* go on behind violations and collect one trace per rule */
	struct outcomes *outcomes;	/* breadth first: collects the final states; goes with `all`; NULL = nobody asks */
};

struct explore_result {
	enum verdict verdict;
	const char *bound;	/* which bound was hit: "states", "depth", "memory", "walks", "interrupted", the caller's; NULL otherwise */
	bool goal;		/* the goal was reached: the trace leads there, rule is 0 */
	unsigned rule;		/* enum rule_id of the first violation */
	struct finding finding;
	uint64_t states;	/* distinct states reached */
	uint64_t transitions;	/* actions taken */
	uint32_t depth;		/* of the violation, else the deepest level reached */
	uint32_t preemptions;	/* of the trace, see trace_preemptions */
	uint32_t rules;		/* every rule broken anywhere, a bit per enum rule_id, lints too */
	uint64_t bytes;		/* of visited set and parent log */
	uint64_t frontier_bytes;	/* peak of everything else */
	uint32_t rounds;	/* with reductions: how often it was done, see place.h */
	/* Ways to exchange CPUs and tasks that leave the start as it is; of these, those that no step told apart; those that no
	 * step did from some point on. */
	uint32_t exchanges, symmetries, late_symmetries;
	uint64_t finals;	/* states in which nothing more can happen */
	uint32_t yes, no;	/* answers to options.ask that one of these gave, a bit per question */
	/* Steps that were taken anywhere, a bit per line of each routine; the machine's own model only. */
	uint64_t lines[ROUTINE_COUNT];
	/* Actions that were possible somewhere, and that were taken, a bit each, see explore_action_bit. */
	uint64_t offered, taken;
	uint32_t trace_length;
	struct action trace[MAX_TRACE];
	/* Steps to where each rule was first broken, 0 = never; filled by explore_end. */
	uint32_t rule_depth[32];
};

struct explorer;

/*
 * Begins a search at the machine's present state.  The machine belongs to the search until
 * explore_end, which puts it back.  `memory` is `bytes` long (at least EXPLORE_MIN), zeroed.
 */
#define EXPLORE_MIN (64u << 20)
struct explorer *explore_begin(struct machine *m, const struct explore_options *o, void *memory, size_t bytes);
/* Works on about `states` more states; RUNNING when there is more to do. */
enum verdict explore_slice(struct explorer *x, uint64_t states);
/* What is known so far; after the end, the whole answer. */
const struct explore_result *explore_result(const struct explorer *x);
/* The caller's own bound was hit: a search that is still running is over, and says so by this word. */
void explore_bound(struct explorer *x, const char *why);
/* Stops: a search that is still running becomes a bound ("interrupted").  The machine is as it was before. */
void explore_end(struct explorer *x);

/* After explore_end: the trace to where `rule` was first broken instead.  Only orders with a frontier keep
 * one for each rule; otherwise the trace stays.  The machine must be where explore_end left it. */
void explore_trace_to(struct explorer *x, unsigned rule);

/* The same for the way to a state of a number, of a search that was given `outcomes`. */
void explore_trace_state(struct explorer *x, uint32_t state);

/*
 * For the report of a bug in the middle of a search: the way to the step that the calling thread is
 * taking, as positions among the actions of each state, from 0.  Returns how many.
 */
uint32_t explore_path(const struct explorer *x, uint16_t index[MAX_TRACE]);

const char *verdict_name(enum verdict v);
/* "breadth", "preemption", "depth", "random". */
const char *order_name(enum explore_order order);

/* Switches away from an actor that could have gone on, whims of the hardware not counted. */
uint32_t trace_preemptions(struct machine *m, const struct action *trace, uint32_t length, struct effects *fx);
/* Chance that a state was missed because of two equal fingerprints, as parts in 10^12. */
uint64_t missed_odds(uint64_t states);

#endif
