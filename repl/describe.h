/*
 * Objects in a few words, to tell two states of them apart.
 */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "world.h"

/* What the object is called: "tlb of cpu1", "pfn 7", "lock mmap_lock of A". */
void object_name(const struct machine *m, unsigned object, struct text *t);
/* Its state; "" where a name says all there is. */
void object_words(const struct machine *m, unsigned object, struct text *t);

#endif
