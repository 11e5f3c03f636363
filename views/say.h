/*
 * say.h - words that several panes say: names, waits, frames, stacks.
 *
 * Each function returns its words by value, so that they can be handed to a pen at once:
 * pen_say(&p, "%s", say_lock(s, lock).is).  Too long words are cut.
 */
#ifndef SAY_H
#define SAY_H

#include "canvas.h"
#include "change.h"
#include "pte.h"

struct say {
	char is[120];
};

struct say say_name(const struct scene *s, enum name_kind kind, unsigned index);
struct say say_address(const struct scene *s, uint64_t va); /* "heap+0", or hexadecimal */
struct say say_region(const struct scene *s, uint64_t va); /* "heap+0", or nothing */
struct say say_hex(uint64_t va);
struct say say_range(const struct scene *s, uint64_t start, uint64_t end);
struct say say_lane(const struct scene *s, unsigned lane);
struct say say_lock(const struct scene *s, unsigned lock);
struct say say_op(const struct scene *s, const struct op *op);
struct say say_pfn(unsigned pfn);			 /* "pfn 9", "-" for NO_FRAME */
struct say say_cpus(unsigned mask);			 /* "0,1", "-" for nobody */
struct say say_mmu(const struct scene *s, unsigned mmu); /* "cpu0", "nic", "kvm" */
/* A task's name, or "irq on cpu1", "nmi on cpu1". */
struct say say_context(const struct scene *s, unsigned ctx);
/* The contexts of a mask, "a, b"; "nobody". */
struct say say_contexts(const struct scene *s, unsigned mask);
/* What lies in the frame: "anon A", "file data", "PTE table A", "free". */
struct say say_frame(const struct scene *s, unsigned pfn);
/* Routines on the stack, outermost first, the innermost always in sight; at most `width` columns.
 */
struct say say_stack(const struct scene *s, unsigned ctx, int width);
/* What the context waits for and who would end it; empty when it can go on. */
struct say say_wait(const struct scene *s, unsigned ctx);

/* Is this CPU, device, task, ... part of the machine? */
bool lane_exists(const struct machine *m, unsigned lane);
bool mmu_exists(const struct machine *m, unsigned mmu);

/* STYLE_CHANGED when it changed, else what it is. */
static inline enum style mark_if(bool changed, enum style style)
{
	return changed ? STYLE_CHANGED : style;
}

/* Writes text over as many rows as it takes, broken between words; further rows start at column
 * `indent`.  The pen is left at the end of the text. */
void pen_wrap(struct pen *p, enum style style, int indent, const char *text);

/* Draws `count` blocks, each at least min_cols wide, beside each other where there is room and
 * below each other where there is not; one blank row between rows of blocks when `apart`. */
void blocks_draw(struct canvas *c, const struct scene *s, const unsigned *index, int count,
		 int min_cols, bool apart,
		 void (*draw)(struct canvas *c, const struct scene *s, unsigned index));

#endif
