/*
 * ptlb_symmetry.h - what the model's objects hold, and what they are under another numbering of CPUs and pages.
 */
#ifndef PTLB_SYMMETRY_H
#define PTLB_SYMMETRY_H

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

/* Every order of the CPUs with every order of the pages, but the first. */
#define PTLB_PERMUTATIONS (24 * 6 - 1)

/* See explore_model.permute. */
unsigned ptlb_permute(const struct machine *start, unsigned p, unsigned object, const void *bytes, void *out);

#endif
