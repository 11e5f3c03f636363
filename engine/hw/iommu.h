/*
 * iommu.h - one IOMMU: PASID table, invalidation queue, and the devices behind it.
 *
 * Models: a PASID entry that points at a process's own tables; per device an IOTLB and a page-walk
 * cache with walks of one level per step; a queue where posting a descriptor, the IOMMU's taking of
 * it and the wait for its status word are three different things.
 * Omits: the PASID-entry cache, ATS and device TLBs, page requests: a request that does not
 * translate is aborted.
 */
#ifndef IOMMU_H
#define IOMMU_H

#include "world.h"

void iommu_pasid_set(struct machine *m, unsigned pasid, enum pasid_state state, unsigned mm);

/* Room for n more descriptors? */
bool iommu_has_room(const struct machine *m, unsigned n);
/* Writes a descriptor at the tail; there must be room. */
void iommu_post(struct machine *m, struct qi_entry e);
/* The IOMMU takes the descriptor at the head and does what it says. */
void iommu_take(struct machine *m);

/* One step of a device's program: a lookup and its access, or one level of a walk. */
void dev_step(struct machine *m, unsigned dev);
/* Has the device anything left to do? */
bool dev_can_step(const struct machine *m, unsigned dev);

#endif
