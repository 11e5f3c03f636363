/*
 * broadcast.h - invalidations that hardware carries to every CPU: AMD's INVLPGB and TLBSYNC, Arm's TLBI and DSB.
 *
 * Models: an operation is issued in one step and each CPU, the issuer too, does it at a time of its own, in whatever order,
 * be its interrupts on or off; waiting is for what this CPU has issued and for nothing else; without FINAL_ONLY (VAE1IS)
 * what is cached of tables goes too, and walks under way start over; early acknowledgements, as errata have them: a CPU that
 * has acknowledged goes on through the entry for a while, and acknowledges nothing more meanwhile.
 * Omits: ranges cut by what one instruction can hold, global entries, guests.
 */
#ifndef HW_BROADCAST_H
#define HW_BROADCAST_H

#include "world.h"

/* Has every CPU room for one more? */
bool inval_room(const struct machine *m);
/* Asks every CPU; there must be room. */
void inval_issue(struct machine *m, struct inval op);
/* Has every CPU done, or acknowledged, all that this one has issued? */
bool inval_done(const struct machine *m, unsigned from);

/* Can the CPU take its operation of this place now?  It names what came from one CPU for one tag and start. */
bool inval_possible(const struct machine *m, unsigned cpu, unsigned i);
/* An operation as an action names it: tag and start in one number. */
uint64_t inval_key(const struct inval *op);
#define INVAL_KEY_TAG(key)	((unsigned)((key) % PAGE_SIZE))
#define INVAL_KEY_START(key)	((key) & ~(uint64_t)(PAGE_SIZE - 1))
/* The place of the first that can be taken, INVALS when there is none. */
unsigned inval_find(const struct machine *m, unsigned cpu, unsigned from, uint64_t key);
/* The CPU takes it: done, or with early acknowledgements, the first time, only acknowledged. */
void inval_take(struct machine *m, unsigned cpu, unsigned i);

#endif
