/*
 * The conductor's state: the machine, the scenario it was built from, the timeline, the settings,
 * what is recorded, what is said, and the long work that is going on.
 *
 * Rule: commands change the machine through the functions here, because these also tape what is
 * done, so that every session replays.
 */
#ifndef SESSION_H
#define SESSION_H

#include "expr.h"
#include "output.h"
#include "recording.h"
#include "scenario.h"
#include "scene.h"
#include "step_tree.h"

#define DEFAULT_SCENARIO "mremap-late-flush"
#define TIMELINE_NODES	 32768u
#define MAX_STOPS	 16
#define MAX_DISPLAYS	 8
#define MAX_UNDO	 64

enum policy {
	POLICY_STAY,   /* the actor that moved last goes on while it can */
	POLICY_ROUND,  /* the actors take turns */
	POLICY_RANDOM, /* drawn from the seed and the state */
	POLICIES
};

extern const char *const policy_names[POLICIES];

enum stop_kind {
	STOP_EVENT,   /* which = enum event_kind: after a step that reports it */
	STOP_ROUTINE, /* which = enum routine_id: before its first step */
	STOP_ACTOR,   /* which = lane: before it moves and somebody else did */
	STOP_OBJECT,  /* which = object number: after a step that changes it */
	STOP_PTE,     /* which = mm, va: after a step that changes the leaf entry */
	STOP_VALUE,   /* text: after a step that changes the expression's value */
};

/* What a step must do to the object of a watch. */
enum stop_access {
	STOP_CHANGE,
	STOP_READ,
	STOP_ACCESS, /* read or write */
};

struct stop {
	enum stop_kind kind;
	enum stop_access access;
	unsigned number; /* as the user names it */
	unsigned which;
	uint64_t va;
	bool once;		   /* goes when it is hit */
	bool off;		   /* disabled */
	char text[EXPR_TEXT];	   /* as it was asked for */
	char condition[EXPR_TEXT]; /* "" = always */
};

/* An expression that is said after each step. */
struct display {
	unsigned number; /* as the user names it */
	char text[EXPR_TEXT];
};

/* Steps that follow another one of themselves, see eager.h. */
enum eager {
	EAGER_WALKS,
	EAGER_LOCKS,
	EAGER_UNLOCKS,
	EAGER_RETURNS,
	EAGER_SINGLE,
	EAGERS
};

struct settings {
	enum policy policy;
	uint64_t seed;
	bool verbose;
	unsigned focus; /* lane; LANES = everybody */
	unsigned eager; /* a bit per enum eager */
	struct stop stop[MAX_STOPS];
	unsigned stops, stop_next;
	struct display display[MAX_DISPLAYS];
	unsigned displays, display_next;
};

/* Where the last command began, for undo and redo. */
struct snapshot {
	struct settings set;
	uint32_t cursor;
	char command[64];
};

/* A command that was carried out, and the state it left; NO_NODE when that timeline is gone. */
struct happened {
	char *text;
	uint32_t node;
};

/* A branch that was given a name, or begun with `fork`. */
struct named_branch {
	char name[MAX_NAME];
	uint16_t id;   /* as in session.branch */
	uint32_t from; /* the state where it begins */
};

/* A schedule that says what comes next, see follow.h. */
struct follow {
	struct action *action; /* NULL = none */
	char (*words)[96];     /* what each action did when it was recorded; NULL = nobody knows */
	uint32_t actions;
	uint32_t from; /* the state where the first comes next */
	uint32_t told; /* how far differences have been said */
};

/* Long work: does a part of it when asked; true when it is done. */
struct session;
struct job {
	bool (*slice)(struct session *s, int ms);
	void (*stop)(struct session *s); /* ^C */
	const char *(*progress)(struct session *s);
};

struct session {
	struct machine *m;
	struct machine *probe; /* scratch: reading scenarios, searching */
	struct effects fx;     /* scratch */
	struct scenario *sc;
	struct scenario *spare;
	bool loaded;
	unsigned variant;
	struct timeline t;
	void *storage;
	uint16_t *branch;	     /* of each node */
	unsigned branches;	     /* beside the first */
	struct named_branch named[MAX_MARKS];
	unsigned names;
	unsigned forked; /* the branch that the next new step begins, see branches.h; 0 = none */
	struct follow follow;
	char sought[80]; /* what `find` looked for last */
	const struct action *taking; /* for the report of a failed CHECK */

	struct settings set;
	unsigned mm; /* what the page-table pane shows */
	uint64_t va;
	char bad_file[200]; /* where a complaint's line is, "" for what was typed */
	unsigned beat;	    /* the next line of the narration */
	bool playing;

	struct output out;
	struct recording rec;
	struct snapshot undo[MAX_UNDO];
	unsigned undos, redos; /* undo[0 .. undos) can be undone, the next `redos` redone */
	bool json_once;	       /* only this command answers in JSON */
	bool quiet;	       /* steps are taped but not said: the way to a violation */
	char canon[600];       /* the command that runs, in full */
	struct happened *history;
	size_t happened, history_cap;
	size_t shown;	  /* of the history, by `play` in a replay */
	size_t replayed;  /* how much of the history a replay brought */
	unsigned builds;  /* counts timelines */
	struct job job;	  /* slice = NULL: nothing goes on */
	bool found;	  /* a rule was broken, or a search says so */
	bool bound;	  /* a search hit a bound */
	bool mistake;	  /* a command was refused */
	bool failure;	  /* our own: output or memory */
	bool interactive; /* a person types: Enter alone is the default */
	bool over;
};

/* Everything zero but what is set up here; false when memory is out. */
bool session_open(struct session *s);
void session_close(struct session *s);

/* Loads a scenario by name or path; variant "" = its first. Nothing has changed when it is refused;
 * then c->line is the line of bad_file that was wrong, 0 when it was none. */
enum status session_load(struct session *s, const char *word, const char *variant,
			 struct complaint *c);
/* The same from text, which a replay brings along. */
enum status session_load_text(struct session *s, const char *name, const char *text,
			      const char *variant, struct complaint *c);
/* From text that is a scenario of its own: what was recorded before ends here. */
enum status session_begin(struct session *s, const char *name, const char *text, const char *variant,
			  struct complaint *c);
/* Builds a variant's machine anew, with an empty timeline. */
enum status session_restart(struct session *s, unsigned variant, struct complaint *c);
/* Appends a set-up line to the scenario and builds the machine anew. */
enum status session_setup(struct session *s, const char *line, struct complaint *c);
/* A scenario is loaded afterwards: the default one when none was. */
enum status session_need(struct session *s, struct complaint *c);

/* Goes to a node of the tree. */
void session_goto(struct session *s, uint32_t node);
/* Gives the present state a name. */
enum status session_mark(struct session *s, struct word name, const char *text,
			 struct complaint *c);

/* Keeps a command in the history, or forgets them all. */
void session_remember(struct session *s, const char *text);
void session_forget(struct session *s);

struct scene session_scene(struct session *s);
/* The rule of the newest finding on the path to the cursor, RULE_DEADLOCK when nobody can go on
 * here, RULE_NONE when there is neither. */
unsigned session_finding(const struct session *s);
/* The actor (a lane) that a word means: cpu1, iommu, a device, or a task (then its CPU). */
enum status actor_read(const struct session *s, struct word w, unsigned *lane, struct complaint *c);
/* Is this lane part of the machine? */
bool actor_exists(const struct session *s, unsigned lane);

#endif
