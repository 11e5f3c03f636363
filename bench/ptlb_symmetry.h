/*
 * ptlb_symmetry.h - the model's objects under another numbering of CPUs and pages.
 */
#ifndef PTLB_SYMMETRY_H
#define PTLB_SYMMETRY_H

#include "ptlb_state.h"

/* Every order of the CPUs with every order of the pages, but the first. */
#define PTLB_PERMUTATIONS (24 * 6 - 1)

/* See explore_model.permute. */
unsigned ptlb_permute(const struct machine *start, unsigned p, unsigned object, const void *bytes, void *out);

#endif
