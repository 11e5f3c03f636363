/*
 * panes.c - the table of panes, in the order of the screen and of `help show`.
 */
#include "pane.h"

#include <string.h>

extern const struct pane pane_cpus, pane_pagetable, pane_tlb, pane_frames, pane_vmas, pane_code,
	pane_gather, pane_flush, pane_tasks, pane_iommu, pane_findings, pane_actions, pane_log, pane_lanes;

const struct pane *const pane_table[PANES] = {
	&pane_cpus, &pane_pagetable, &pane_tlb, &pane_frames, &pane_vmas, &pane_gather, &pane_flush, &pane_code,
	&pane_tasks, &pane_iommu, &pane_findings, &pane_actions, &pane_log, &pane_lanes,
};

const struct pane *pane_find(struct word name)
{
	const struct pane *found = NULL;

	for (unsigned i = 0; i < PANES; i++) {
		if (word_is(name, pane_table[i]->name))
			return pane_table[i];
		if (name.len && strncmp(pane_table[i]->name, name.at, name.len) == 0) {
			if (found)
				return NULL;
			found = pane_table[i];
		}
	}
	return found;
}
