/*
 * program.h - what tasks and devices are given to do: operations, their arguments and results.
 *
 * Included by objects.h.  How they are written is engine/kernel/ops.c's, what a task does about each engine/kernel/task.c's.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdint.h>

#include "limits.h"

enum op_kind {
	OP_NONE, OP_AFTER, OP_LOAD, OP_STORE, OP_MMAP, OP_MUNMAP, OP_MADVISE, OP_MPROTECT, OP_MREMAP,
	OP_MLOCK, OP_MUNLOCK, OP_MSYNC, OP_MINCORE, OP_PREAD, OP_PWRITE, OP_PIN, OP_UNPIN, OP_PIN_STORE, OP_GUP, OP_COLLAPSE,
	OP_FORK, OP_EXIT, OP_TRUNCATE, OP_RECLAIM, OP_WRITEBACK, OP_REGISTER, OP_UNREGISTER,
	OP_BIND, OP_UNBIND, OP_VCPU_LOAD, OP_VCPU_STORE,
	OP_DMA_READ, OP_DMA_WRITE,
	OP_NOP, OP_PREFETCH, OP_IDLE, OP_POLL, OP_RETRACT,
	OP_REVOKE, OP_NUMA,
	OP_CALL, OP_IRQS_OFF_LOAD, OP_SET_UNCACHED,
	/* Raw instructions, LD to LDPTE: one step each, no kernel behind them. */
	OP_LD, OP_ST, OP_PTE, OP_INV, OP_SHOOT, OP_LDPTE,
	OP_KINDS
};

enum op_result {
	RES_OK, RES_SIGSEGV, RES_SIGBUS, RES_ENOMEM, RES_EINVAL, RES_EFAULT, RES_ABORT,
	RES_ACCERR,	/* SIGSEGV with SEGV_ACCERR; RES_SIGSEGV is SEGV_MAPERR */
	RES_EEXIST, RES_EACCES, RES_EBADF, RES_EBUSY, RES_ENXIO, RES_EAGAIN,
	RES_EOF,	/* nothing to read there */
	RES_KINDS
};

/* op.flags of mmap, mremap, msync. */
enum map_flags {
	OPT_FIXED = 1,		/* over what is there; without it the place must be free: EEXIST */
	OPT_POPULATE = 2, OPT_LOCKED = 4, OPT_NORESERVE = 8,
	OPT_RDONLY = 0x10,	/* through the descriptor that reads only */
	OPT_UNTYPED = 0x20,	/* neither private nor shared */
	OPT_NOFILE = 0x40,	/* a descriptor that is not open */
};
enum mremap_flags { MOVE_MAYMOVE = 1, MOVE_FIXED = 2, MOVE_DONTUNMAP = 4, MOVE_BAD = 8 };
enum msync_flags { SYNC_ASYNC = 1, SYNC_INVALIDATE = 2, SYNC_SYNC = 4, SYNC_BAD = 8 };
/* op.flags of madvise. */
enum advice {
	ADV_DONTNEED, ADV_NORMAL, ADV_RANDOM, ADV_SEQUENTIAL, ADV_WILLNEED, ADV_FREE, ADV_REMOVE, ADV_DONTFORK, ADV_DOFORK,
	ADV_HUGEPAGE, ADV_NOHUGEPAGE, ADV_DONTDUMP, ADV_DODUMP, ADV_WIPEONFORK, ADV_KEEPONFORK, ADV_POPULATE_READ,
	ADV_POPULATE_WRITE, ADV_BAD, ADVICES
};

/* Addresses, lengths and positions count bytes. */
struct op {
	uint64_t va;
	uint64_t to;		/* destination of mremap; position in a file */
	uint32_t value;		/* stored; new length of mremap */
	uint32_t len;
	uint16_t flags;		/* see above */
	uint8_t kind;		/* enum op_kind */
	uint8_t prot;		/* enum vma_flags: rights, VMA_SHARED */
	uint8_t object;		/* file, mm, subscriber, device or frame, NONE */
	uint8_t reg;		/* of a raw instruction, NONE = OP_ST stores the value */
	uint8_t unused[2];
};

/* Never written once it runs: the operations of a task, then those of a device. */
struct program {
	struct op op[MAX_OPS];
	uint8_t count;
	uint8_t unused[7];
};

/* What a value in a register is that was read from a page table: frame and rights of the entry. */
#define REG_ENTRY	(1ull << 62)

/* The registers that raw instructions name. */
struct regs {
	uint64_t r[MAX_REGS];
};

#endif
