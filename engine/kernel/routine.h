/*
 * routine.h - the coroutine language: a routine reads like the kernel function it stands for.
 *
 * A routine is straight C with markers.  The code between two markers is ONE step: the unit of
 * atomicity, of undo and of breakpoints.  A marker carries one line of our own words, which describes
 * the code that follows it.  Asked to list itself (routine_line), a routine gives these lines without
 * touching a world, so that the code pane, breakpoints and the manual share one text.
 *
 *	ROUTINE(name, "path of the function it models")
 *	{
 *		BEGIN(struct name_l)
 *		LOCK(LOCK_MMAP(mm), LOCK_EXCLUSIVE, "mmap_write_lock");
 *		STEP("take the mappings out of the tree");
 *		...
 *		CALL(tlb_finish_mmu, .mm = l->mm);
 *		END(RES_OK)
 *	}
 *
 * `l` are the routine's locals: they live in the world, plain C variables do not survive a marker.
 * `r` is the running step.  A call and a return are no steps: the code up to the callee's first
 * marker, and from its end to the caller's next one, belongs to the step that runs.
 */
#ifndef ROUTINE_H
#define ROUTINE_H

#include "world.h"

/* The step that runs; not part of the world. */
struct run {
	struct machine *m;
	unsigned ctx;		/* whose stack */
	unsigned cpu;		/* where it runs */
	struct act *a;		/* top frame, opened for writing; NULL while listing */
	unsigned pc;
	unsigned result;	/* of the last frame that returned */
	bool parked;
	const char *words;	/* listing: the line at pc, NULL past the end */
	bool call;		/* listing: the line is a call */
};

struct routine {
	const char *name;	/* the kernel function it models */
	const char *path;	/* its file in the kernel */
	void (*body)(struct run *r);
};

#define ROUTINE(name, path) \
	static void name##_body(struct run *r); \
	const struct routine routine_##name = { #name, path, name##_body }; \
	static void name##_body(struct run *r)

#define BEGIN(type) \
	enum { first_marker = __COUNTER__ }; \
	_Static_assert(sizeof(type) <= ACT_LOCALS, "locals do not fit a frame"); \
	type *const l = (type *)(void *)(r->a ? r->a->local : NULL); \
	(void)l; \
	switch (r->pc) { \
	case 0:

#define END(value) \
		act_return(r, (value)); \
		return; \
	default: \
		r->words = NULL; \
	}

#define RETURN(value) \
	do { \
		act_return(r, (value)); \
		return; \
	} while (0)

#define MARKER(line, kind, object, detail, n) \
	do { \
		act_park(r, (n), (kind), (unsigned)(object), (unsigned)(detail)); \
		return; \
	case (n): \
		if (!r->a) { \
			r->words = (line); \
			r->call = false; \
			return; \
		} \
	} while (0)

/* The code that follows is one step. */
#define STEP(line) MARKER(line, WAIT_NONE, 0, 0, __COUNTER__ - first_marker)
/* A step that looks l->va up in the CPU's caches. */
#define ACCESS(line) \
	do { \
		_Static_assert(offsetof(__typeof__(*l), va) == 0, "see WAIT_ACCESS"); \
		MARKER(line, WAIT_ACCESS, 0, 0, __COUNTER__ - first_marker); \
	} while (0)
/* The same, once what it waits for has come. */
#define AWAIT(kind, object, detail, line) \
	MARKER(line, kind, object, detail, __COUNTER__ - first_marker)
/* Waits for a lock; the step takes it. */
#define LOCK(lock, mode, line) \
	do { \
		MARKER(line, WAIT_LOCK, lock, mode, __COUNTER__ - first_marker); \
		lock_take(r, r->a->wait_object, (enum lock_mode)r->a->wait_detail); \
	} while (0)
/* A step that drops a lock. */
#define UNLOCK(lock, line) \
	do { \
		STEP(line); \
		lock_drop(r, (lock)); \
	} while (0)

/* Runs another routine to its end; its result is in r->a->result afterwards. */
#define CALL(name, ...) CALL_AT(name, __COUNTER__ - first_marker, __VA_ARGS__)
#define CALL_AT(name, n, ...) \
	do { \
		act_call(r, (n), R_##name, &(struct name##_l){ __VA_ARGS__ }, sizeof(struct name##_l)); \
		return; \
	case (n): \
		if (!r->a) { \
			r->words = #name; \
			r->call = true; \
			return; \
		} \
	} while (0)

/* Goes on as another routine, which returns to the caller: where an architecture has one of its own. */
#define BECOME(name, ...) \
	do { \
		act_become(r, R_##name, &(struct name##_l){ __VA_ARGS__ }, sizeof(struct name##_l)); \
		return; \
	} while (0)

void act_become(struct run *r, unsigned routine, const void *locals, size_t size);
void act_park(struct run *r, unsigned pc, enum wait_kind kind, unsigned object, unsigned detail);
void act_call(struct run *r, unsigned pc, unsigned routine, const void *locals, size_t size);
void act_return(struct run *r, unsigned result);

/* Puts a first frame on an empty stack, or one on top of a parked one (an interrupt, a switch). */
void ctx_push(struct machine *m, unsigned ctx, unsigned routine, const void *locals, size_t size);
/* Empties a stack. */
void ctx_clear(struct machine *m, unsigned ctx);
/* Runs a frame that was just pushed up to its first marker: part of the step that pushed it. */
void ctx_enter(struct machine *m, unsigned ctx);
/* Runs the stack's top frame to its next marker.  True when the stack became empty; *result is then
 * what its last frame returned. */
bool ctx_run(struct machine *m, unsigned ctx, unsigned *result);
/* Is the parked top frame's wait over?  False on an empty stack. */
bool ctx_ready(const struct machine *m, unsigned ctx);
/* The parked top frame, NULL on an empty stack. */
const struct act *ctx_top(const struct machine *m, unsigned ctx);

/* One line of a routine: words, and whether it is a call.  False past its end; lines count from 1. */
bool routine_line(unsigned routine, unsigned line, const char **words, bool *call);

/* ---- locks ---- */

bool lock_free_for(const struct machine *m, unsigned lock, enum lock_mode mode);
void lock_take(struct run *r, unsigned lock, enum lock_mode mode);
void lock_drop(struct run *r, unsigned lock);
/* mmap_write_downgrade: exclusive becomes shared. */
void lock_downgrade(struct run *r, unsigned lock);
/* Does the lock spin (and so forbid preemption), or does it sleep? */
bool lock_spins(unsigned lock);

static inline void preempt_disable(struct run *r)
{
	write_ctx_part(r->m, r->ctx, CTX_ATOMIC)->atomic++;
}

static inline void preempt_enable(struct run *r)
{
	CHECK(read_ctx_part(r->m, r->ctx, CTX_ATOMIC)->atomic > 0);
	write_ctx_part(r->m, r->ctx, CTX_ATOMIC)->atomic--;
}

#endif
