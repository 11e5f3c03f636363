/*
 * rcu.h - the grace period that page-table pages wait for before they are freed.
 */
#ifndef RCU_H
#define RCU_H

#include "world.h"

/* The table is freed once every CPU that is inside a read-side section now has been seen outside: at once when none is. */
void call_rcu_table(struct machine *m, unsigned table);
/* Called at the end of every step: CPUs that are outside now hold nothing up any more. */
void rcu_quiesce(struct machine *m);

#endif
