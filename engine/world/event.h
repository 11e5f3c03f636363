/*
 * event.h - what a step reports: data, formatted only when somebody looks.
 *
 * One row per kind of event: its name, the sentence a person reads (in the program's own words;
 * {fields} are filled by event_text), and a short form for the race diagram, which stays empty where
 * the event is not worth a row there.  Fields: a b small numbers, c d frames or wide numbers, va and
 * x addresses and values.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdint.h>

#include "limits.h"
#include "text.h"

/*
 * Lanes: the columns of every timeline.  CPUs first, then devices, then the IOMMU.
 */
#define LANE_CPU(c)	((unsigned)(c))
#define LANE_DEV(d)	(MAX_CPUS + (unsigned)(d))
#define LANE_IOMMU	(MAX_CPUS + MAX_DEVS)
#define LANES		(LANE_IOMMU + 1)

/*
 * Codes in the sentences: %a %b numbers; %c %d "pfn N"; %v address; %x hex value; %u number x;
 * %m mm a; %k lock c; %t task a; %s subscriber a; %r routine a step b; %o operation; %e result b;
 * %p page-table entry x; %C cpu list from mask a; %L level b; %R right-end range va..x; %g rule a.
 */
#define EVENTS(E) \
	E(STEP,		"step",		"%r",					"") \
	E(OP,		"op",		"%t: %o",				"%o") \
	E(RETURN,	"return",	"%t: %o returned %e",			"%o: %e") \
	E(READ,		"read",		"load %v = %u, %c",			"load %v = %u") \
	E(WRITE,	"write",	"store %v = %u, %c",			"store %v = %u") \
	E(HIT,		"hit",		"TLB hit %v -> %c (generation %d)",	"[ TLB hit %v -> %c ]") \
	E(MISS,		"miss",		"TLB miss %v",				"") \
	E(WALK,		"walk",		"walker reads the %L entry of table %c: %p", "") \
	E(WALK_PSC,	"walk-psc",	"walk of %v starts at %L table %c from the paging-structure cache", "") \
	E(FILL,		"fill",		"TLB fill %v -> %c",			"fill TLB %v -> %c") \
	E(EVICT,	"evict",	"%v leaves the TLB",			"evict %v") \
	E(FAULT,	"fault",	"page fault at %v",			"page fault %v") \
	E(SIGNAL,	"signal",	"%t gets %e at %v",			"%e") \
	E(SET_AD,	"set-ad",	"locked update of the entry of %v: %p",	"") \
	E(PTE,		"pte",		"entry of %v in table %c: %p",		"pte(%v) = %p") \
	E(ALLOC,	"alloc",	"%c allocated",				"alloc %c") \
	E(FREE,		"free",		"%c freed, its generation is now %u",	"free %c") \
	E(INVLPG,	"invlpg",	"INVLPG %v",				"invlpg %v") \
	E(FLUSH_CPU,	"flush-cpu",	"this CPU drops every entry of %m",	"flush TLB") \
	E(CR3,		"cr3",		"CR3 = tables of %m",			"load cr3 %m") \
	E(TLB_GEN,	"tlb-gen",	"tlb_gen of %m is now %u",		"") \
	E(IPI_SEND,	"ipi-send",	"IPI to %C",				"IPI -> %C") \
	E(IPI_TAKE,	"ipi-take",	"takes the IPI",			"takes the IPI") \
	E(IPI_ACK,	"ipi-ack",	"unlocks the csd of cpu%a",		"ack to cpu%a") \
	E(LATR,		"latr",		"leaves a state for %C: %R",		"state for %C") \
	E(IPI_POLL,	"ipi-poll",	"NEED_RESCHED for cpu%a, which polls: no interrupt", "NEED_RESCHED -> cpu%a") \
	E(IPI_SKIP,	"ipi-skip",	"cpu%a is skipped",			"") \
	E(NMI,		"nmi",		"takes an NMI",				"takes an NMI") \
	E(NMI_END,	"nmi-end",	"the NMI's load of %v: %e",		"") \
	E(DRAIN,	"drain",	"the store in its buffer reaches the others", "store drains") \
	E(LAZY,		"lazy",		"is lazy in %m",			"lazy in %m") \
	E(LOCK,		"lock",		"takes %k",				"lock %k") \
	E(UNLOCK,	"unlock",	"drops %k",				"unlock %k") \
	E(GATHER,	"gather",	"gathers %c",				"") \
	E(FLUSH,	"flush",	"flush of %R in %m",			"flush %R") \
	E(RANGE_START,	"range-start",	"invalidate_range_start %R",		"range_start") \
	E(RANGE_END,	"range-end",	"invalidate_range_end %R",		"range_end") \
	E(SECONDARY,	"secondary",	"%s is told to drop %R",		"invalidate %R -> %s") \
	E(RELEASE,	"release",	"%s is released",			"release %s") \
	E(SPTE,		"spte",		"%s maps %v -> %c",			"spte %v -> %c") \
	E(SPTE_ZAP,	"spte-zap",	"%s drops %v",				"zap spte %v") \
	E(QI_POST,	"qi-post",	"posts to the invalidation queue: %R",	"post inv %R") \
	E(QI_POST_WAIT,	"qi-post-wait",	"posts a wait descriptor",		"") \
	E(QI_INV,	"qi-inv",	"IOMMU drops PASID %a %R",		"drop %R") \
	E(QI_DONE,	"qi-done",	"IOMMU writes the status word",		"status done") \
	E(IOTLB_HIT,	"iotlb-hit",	"IOTLB hit %v -> %c",			"[ IOTLB hit %v -> %c ]") \
	E(IOTLB_FILL,	"iotlb-fill",	"IOTLB fill %v -> %c",			"fill IOTLB %v -> %c") \
	E(DMA_READ,	"dma-read",	"DMA read %v = %u, %c",			"DMA read %v = %u") \
	E(DMA_WRITE,	"dma-write",	"DMA write %v = %u, %c",		"DMA write %v = %u") \
	E(DMA_ABORT,	"dma-abort",	"DMA to %v is aborted",			"DMA %v aborted") \
	E(PASID,	"pasid",	"PASID %a: %b",				"pasid %a") \
	E(SWITCH,	"switch",	"%t runs",				"run %t") \
	E(PENDING,	"pending",	"tlb_flush_pending of %m is %b",	"") \
	E(RCU,		"rcu",		"call_rcu for table %c: readers are %C",	"") \
	E(BATCH,	"batch",	"tlb_flush_batched of %m: %b pending, %u flushed", "") \
	E(CLEAN,	"clean",	"%c is clean from here on: the disk is to have it", "clean %c") \
	E(DISK,		"disk",		"the disk reads %c: %u",		"disk <- %c = %u") \
	E(SRCU,		"srcu",		"SRCU grace period over",		"") \
	E(INVAL_SEND,	"inval-send",	"asks every CPU to drop %R under tag %a", "broadcast %R") \
	E(INVAL,	"inval",	"drops %R under tag %a, as cpu%b asked", "drop %R (cpu%b)") \
	E(INVAL_ACK,	"inval-ack",	"acknowledges to cpu%b: drop %R under tag %a; it is not done", "ack to cpu%b") \
	E(INVAL_DONE,	"inval-done",	"every CPU has done what this one asked for", "all done") \
	E(ASID,		"asid",		"%m has the global ASID %b",		"%m: ASID %b") \
	E(MOVE,		"move",		"%t moves here from cpu%b",		"%t moves here") \
	E(FINDING,	"finding",	"%g: %v",				"!! %g")

enum event_kind {
#define EVENT_ID(id, name, words, brief) EV_##id,
	EVENTS(EVENT_ID)
#undef EVENT_ID
	EVENT_KINDS
};

struct event {
	uint8_t kind;		/* enum event_kind */
	uint8_t lane;		/* filled by event_add */
	uint8_t a, b;
	uint16_t c, d;
	uint64_t va;
	uint64_t x;
};

struct names;

const char *event_name(enum event_kind kind);
/* "ok", "SIGSEGV", ... of an enum op_result. */
const char *result_name(unsigned result);
/* The sentence.  `routine` gives a routine's name and step words, see routine_words(). */
void event_text(struct text *t, const struct names *names, const struct event *e);
/* The short form; adds nothing when the event has none. */
void event_brief(struct text *t, const struct names *names, const struct event *e);

#endif
