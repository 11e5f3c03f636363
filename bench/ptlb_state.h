/*
 * ptlb_state.h - what the model's objects hold, and the ways to them.
 */
#ifndef PTLB_STATE_H
#define PTLB_STATE_H

#include "ptlb.h"

enum {
	MAP_SIZE = 8
};

/* Eight bytes laid over an object that the model has no other use for. */
struct bytes {
	uint8_t at[MAP_SIZE];
};

_Static_assert(sizeof(struct bytes) == sizeof(struct srcu), "the page table fills its object");
_Static_assert(sizeof(struct bytes) == sizeof(struct ctx), "a TLB fills its object");

/* What a TLB may hold for each page (the setting `may`): sorted values, 0 = no entry. */
#define MAY_VALUES 15u

struct may {
	uint8_t value[3][MAY_VALUES];
	uint8_t count[3];
};

_Static_assert(sizeof(struct may) <= sizeof(struct tlb), "it fits a TLB");

#define LOCALS __attribute__((packed))

struct LOCALS ptlb_access_l {
	uint8_t page, write, frame;
};
struct LOCALS ptlb_zap_l {
	uint8_t page, frame, todo;
};
struct LOCALS ptlb_mremap_l {
	uint8_t page, to, entry, todo;
};
struct LOCALS ptlb_other_l {
	uint8_t frame;
};

enum {
	R_ptlb_access,
	R_ptlb_zap,
	R_ptlb_mremap,
	R_ptlb_other
};

extern const struct routine *const ptlb_routines[];

const struct ptlb *setting_of(const struct machine *m);

/* The page table: pfn << 1 | writable, 0 = none. */
uint8_t entry_read(struct machine *m, unsigned page);
uint8_t entry_peek(const struct machine *m, unsigned page);
void entry_write(struct machine *m, unsigned page, unsigned entry);

/* TLBs: the same with the frame's generation above; where they say what they may hold, what is chosen or known. */
uint8_t cached_read(struct machine *m, unsigned cpu, unsigned page);
uint8_t cached_peek(const struct machine *m, unsigned cpu, unsigned page);
void cached_write(struct machine *m, unsigned cpu, unsigned page, unsigned entry);
const struct may *may_peek(const struct machine *m, unsigned cpu);
void may_set(struct machine *m, unsigned cpu, unsigned page, uint8_t entry);

/* What the walker makes of a page-table entry. */
uint8_t walked(struct machine *m, unsigned entry);
uint8_t walked_peek(const struct machine *m, unsigned entry);
/* Does an entry do for the access? */
bool sufficient(unsigned entry, unsigned write);

bool frames_used_up(const struct machine *m);
/* The first free frame, as a pfn; 0 when there is none. */
uint8_t frame_take(struct machine *m);
void frame_free(struct machine *m, unsigned pfn);
/* An access goes through a cached entry: the frame must be what it was. */
void freshness_check(struct machine *m, unsigned cached, unsigned page, unsigned write);

#endif
