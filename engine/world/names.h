/*
 * names.h - what people call the objects, and how numbers, addresses and actors are spelled.
 *
 * The one place where names are printed and read.  Names come from set-up and never change what the
 * machine does.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "limits.h"
#include "text.h"

enum name_kind { NAME_MM, NAME_TASK, NAME_FILE, NAME_SUB, NAME_DEV, NAME_FRAME, NAME_KINDS };

#define MAX_NAMED MAX_FRAMES	/* of one kind; frames are the most */

struct region {
	char name[MAX_NAME];	/* of the mapping as set-up made it */
	uint64_t start;
	uint16_t pages;
	uint8_t mm;
};

struct names {
	char name[NAME_KINDS][MAX_NAMED][MAX_NAME];
	struct region region[MAX_REGIONS];
	unsigned regions;
	/* Answers for %r, %o, %g of event.h; set by the floors that know.  May be NULL. */
	void (*routine_words)(struct text *t, unsigned routine, unsigned pc);
	void (*op_words)(struct text *t, const struct names *names, unsigned task, unsigned op);
	const char *(*rule_words)(unsigned rule);
	const void *op_source;	/* for op_words: the machine */
};

/* The name, or a made one ("task3") where none was given. */
void name_text(struct text *t, const struct names *n, enum name_kind kind, unsigned index);
/* Index of the object with this name, NONE when there is none. */
unsigned name_find(const struct names *n, enum name_kind kind, struct word w);

/* "0x7f0000001000", with "heap+1" behind it when a region holds it: "0x7f0000002000 (heap+1)". */
void address_text(struct text *t, const struct names *n, uint64_t va);
/* The region's form alone, "heap+1", or hexadecimal when no region holds it. */
void address_brief(struct text *t, const struct names *n, uint64_t va);
/* Reads hexadecimal, or REGION, or REGION+PAGES.  False when it is neither. */
bool address_read(const struct names *n, struct word w, uint64_t *va);

/* "[heap+0, 2p)", "all" for everything, "[~0, ~0)" for the sentinel. */
void range_text(struct text *t, const struct names *n, uint64_t start, uint64_t end);

/* "cpu0", "dev0", "iommu". */
void lane_text(struct text *t, const struct names *n, unsigned lane);
/* "irq" or "nmi", of a context that is no task's; and the CPU it belongs to. */
const char *context_word(unsigned ctx);
unsigned context_cpu(unsigned ctx);
/* "mmap_lock of A", "ptl of table 7", ... */
void lock_text(struct text *t, const struct names *n, unsigned lock);
/* "P W U A D pfn 7" or "none". */
void pte_text(struct text *t, uint64_t pte, unsigned level);

#endif
