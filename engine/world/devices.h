/*
 * devices.h - who else translates: subscribers of mmu_notifier, the IOMMU, devices.
 *
 * Included by objects.h.
 */
#ifndef DEVICES_H
#define DEVICES_H

#include <stdint.h>

#include "limits.h"

/* The SRCU domain of all notifier lists. */
struct srcu {
	uint16_t readers;	/* contexts, a bit each */
	uint8_t unused[6];
};

enum sub_kind { SUB_NONE, SUB_SVA, SUB_SHADOW };

struct sub {
	uint64_t start, end;	/* shadow: mmu_invalidate_range */
	uint8_t kind;		/* enum sub_kind */
	uint8_t mm;		/* NONE = not registered */
	uint8_t dev;		/* SVA: the device it serves */
	uint8_t seq;		/* shadow: mmu_invalidate_seq */
	uint8_t in_progress;	/* shadow: mmu_invalidate_in_progress */
	uint8_t released;	/* release() has run: no entry is made any more */
	uint16_t told;		/* ghost: mm->changes when it was last told of a range */
	uint64_t told_start, told_end;	/* ghost: that range */
};

enum pasid_state { PASID_ABSENT, PASID_QUIESCED, PASID_PRESENT };

struct pasid {
	uint16_t pgd;
	uint8_t state;		/* enum pasid_state */
	uint8_t mm;
	uint8_t unused[4];
};

enum qi_kind { QI_IOTLB, QI_IOTLB_ALL, QI_WAIT };

struct qi_entry {
	uint64_t start, end;	/* QI_IOTLB */
	uint8_t kind;		/* enum qi_kind */
	uint8_t pasid;
	uint8_t ctx;		/* who posted it; QI_WAIT: whose status word */
	uint8_t unused[5];
};

struct iommu {
	struct pasid pasid[MAX_PASIDS];
	struct qi_entry queue[QI_ENTRIES];	/* head first */
	uint16_t status;	/* status words written, a bit per context */
	uint8_t used;
	uint8_t queued;
	uint8_t unused[4];
};

enum dev_phase { DEV_IDLE, DEV_WALK };

struct dev {
	uint32_t value;		/* what its last read saw */
	uint8_t used;
	uint8_t pasid;		/* NONE = not bound */
	uint8_t op;		/* index of its program's next access */
	uint8_t phase;		/* enum dev_phase */
	uint8_t result;		/* enum op_result of its last access */
	uint8_t unused[7];
};

#include "protocols.h"

#endif
