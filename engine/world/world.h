/*
 * world.h - the machine as a value, and the one door to it.
 *
 * Engine code reads an object with read_X(m, i) and writes it with write_X(m, i); no other way is
 * open inside a step.  The doors note the object in the step's footprint, and the write door saves
 * the object's old bytes the first time it opens in a step.  Undo, the incremental digest, "what
 * changed" in every pane and the search's dependence relation all follow from that.
 *
 * Views and pure questions use peek_X(m, i), which counts as no access of the step; what a step looked
 * at by any door is noted all the same, for the search remembers steps by it.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check.h"
#include "event.h"
#include "facet.h"
#include "names.h"
#include "objects.h"
#include "profile.h"

/* Every kind of object: kind, how many.  Objects are numbered through in this order. */
#define KINDS(K) \
	K(profile, 1) \
	K(cpu, MAX_CPUS) \
	K(call, MAX_CPUS) \
	K(csd, MAX_CPUS * MAX_CPUS) \
	K(nmi, MAX_CPUS) \
	K(probe, MAX_CPUS) \
	K(single, MAX_CPUS) \
	K(taken, MAX_CPUS) \
	K(mach, MAX_CPUS) \
	K(pmap, MAX_MMS) \
	K(latr, MAX_CPUS) \
	K(tlb, MAX_MMUS) \
	K(psc, MAX_MMUS) \
	K(walker, MAX_WALKERS) \
	K(free_list, 1) \
	K(frame, MAX_FRAMES) \
	K(table, MAX_TABLES) \
	K(mm, MAX_MMS) \
	K(unflushed, MAX_MMS) \
	K(news, MAX_NEWS) \
	K(tree, MAX_MMS) \
	K(vma, MAX_VMAS) \
	K(file, MAX_FILES) \
	K(task, MAX_TASKS) \
	K(program, MAX_TASKS + MAX_DEVS) \
	K(ctx, MAX_CTX) \
	K(act, MAX_ACTS) \
	K(lock, MAX_LOCKS) \
	K(gather, MAX_TASKS) \
	K(rcu, 1) \
	K(gup, MAX_CPUS) \
	K(srcu, 1) \
	K(sub, MAX_SUBS) \
	K(iommu, 1) \
	K(dev, MAX_DEVS) \
	K(regs, MAX_TASKS) \
	K(anon_vmas, 1) \
	K(pin, MAX_MMS) \
	K(lru_batch, MAX_CPUS) \
	K(content, MAX_FRAMES) \
	K(batched, MAX_MMS) \
	K(ubc, MAX_TASKS) \
	K(block, MAX_BLOCKS) \
	K(invals, MAX_CPUS) \
	K(parked, MAX_CPUS) \
	K(asid, MAX_MMS) \
	K(asids, 1)

/*
 * Locks by number.  Sleeping ones first: iommu_sva_lock, mmap_lock per mm, i_mmap per file (one for all beyond FILE_LOCKS),
 * anon_vma per mm (forks share none here); then those that spin: page_table_lock per mm, ptl per table page, mmu_lock per
 * subscriber, the queue lock of the IOMMU, global_asid_lock.
 */
#define LOCK_SVA		0u
#define LOCK_MMAP(mm)		(LOCK_SVA + 1 + (unsigned)(mm))
#define LOCK_I_MMAP(file)	(LOCK_MMAP(MAX_MMS) + ((unsigned)(file) < FILE_LOCKS - 1 ? (unsigned)(file) : FILE_LOCKS - 1))
#define LOCK_ANON_VMA(mm)	(LOCK_MMAP(MAX_MMS) + FILE_LOCKS + (unsigned)(mm))
#define LOCK_PAGE_TABLE(mm)	(LOCK_ANON_VMA(MAX_MMS) + (unsigned)(mm))
#define LOCK_PTL(table)		(LOCK_PAGE_TABLE(MAX_MMS) + (unsigned)(table))
#define LOCK_SUB(sub)		(LOCK_PTL(MAX_TABLES) + (unsigned)(sub))
#define LOCK_QI			LOCK_SUB(MAX_SUBS)
#define LOCK_ASID		(LOCK_QI + 1)
#define MAX_LOCKS		(LOCK_ASID + 1)

/* The frame of the table page whose lock it is, 0 = it is another lock. */
static inline unsigned lock_table(unsigned lock)
{
	return lock >= LOCK_PTL(0) && lock < LOCK_PTL(MAX_TABLES) ? lock - LOCK_PTL(0) : 0;
}

enum kind {
#define KIND_ID(k, n) KIND_##k,
	KINDS(KIND_ID)
#undef KIND_ID
	KIND_COUNT
};

struct world {
#define KIND_FIELD(k, n) struct k k[n];
	KINDS(KIND_FIELD)
#undef KIND_FIELD
};

/* First object number of each kind. */
enum object_base {
#define KIND_BASE(k, n) BASE_##k, LAST_##k = BASE_##k + (n) - 1,
	KINDS(KIND_BASE)
#undef KIND_BASE
	OBJECTS
};

/* The size of the biggest object. */
union any_object {
#define KIND_ANY(k, n) struct k k;
	KINDS(KIND_ANY)
#undef KIND_ANY
};
#define OBJECT_MOST sizeof(union any_object)

/* A footprint has a bit for each object, and behind those the facets of the objects that have some, a byte each. */
#define OBJECT_WORDS ((OBJECTS + 63) / 64)
enum facet_base {
	FACETS_BEFORE = OBJECT_WORDS * 64 - 1,
#define FACET_BASE(k, n) FACET_##k, FACET_LAST_##k = FACET_##k + (n) * (int)FACETS_EACH - 1,
	FACETED(FACET_BASE)
#undef FACET_BASE
	FOOTPRINT_BITS
};
#define FOOTPRINT_WORDS ((FOOTPRINT_BITS + 63) / 64)

/* The bit of an object's first facet; 0 = objects of this kind have none. */
static inline unsigned facet_at(enum kind kind, unsigned i)
{
#define FACET_AT(k, n) \
	if (kind == KIND_##k) \
		return FACET_##k + i * FACETS_EACH;
	FACETED(FACET_AT)
#undef FACET_AT
	return 0;
}

/* One object's place in the world. */
struct object_info {
	uint32_t offset;
	uint16_t size;
	uint8_t kind;
	uint8_t index;
};

extern const struct object_info *const objects;	/* OBJECTS rows, see world_init */
extern const char *const kind_names[KIND_COUNT];

/* What broke: the first rule a step broke, with what the access was about. */
struct finding {
	uint8_t rule;		/* enum rule_id, 0 = none */
	uint8_t lane;		/* who did it, see event.h */
	uint8_t mm;
	uint8_t write;
	uint16_t pfn;
	uint16_t object;	/* rule-specific: table, lock, subscriber */
	uint64_t va;
	uint64_t detail;	/* rule-specific */
};

/* Everything one step did. */
struct effects {
	uint64_t reads[FOOTPRINT_WORDS];
	uint64_t writes[FOOTPRINT_WORDS];
	/* Every object that was looked at, through whatever door, and the same in order: a step depends on nothing else. */
	uint64_t seen[FOOTPRINT_WORDS];
	uint16_t look[OBJECTS];
	uint32_t looks;
	uint32_t undo_len;
	uint32_t events;
	uint32_t rules;		/* bit per enum rule_id broken in this step */
	struct finding finding;	/* of the first rule that is no lint; rule = 0 when there is none */
	struct event event[MAX_EVENTS];
	_Alignas(8) unsigned char undo[UNDO_BYTES];
};

struct routine;

struct machine {
	struct world world;
	uint64_t digest;	/* sum of the objects' digests */
	uint64_t object_digest[OBJECTS];
	struct effects *fx;	/* of the step in progress, NULL between steps */
	struct names names;	/* what people call the objects; not part of the state */
	uint64_t universe[16];	/* pages that the programs touch: what speculation may fetch; fixed by set-up */
	unsigned pages;		/* of them */
	const struct routine *const *routines;	/* what frames run; NULL = the kernel's, see routine.h */
	bool quiet;		/* the caller does not want events (the search) */
	uint8_t lane;		/* who acts in this step */
};

/* An empty world: everything free, nothing loaded. */
void world_init(struct machine *m);

/* The objects that have facets, which stand for them where two footprints are compared. */
extern const uint64_t *const footprint_faceted;

/* Opens a step: effects become empty and the doors open. */
static inline void step_begin(struct machine *m, struct effects *fx)
{
	CHECK(!m->fx);
	for (unsigned i = 0; i < FOOTPRINT_WORDS; i++)
		fx->reads[i] = fx->writes[i] = fx->seen[i] = 0;
	fx->looks = 0;
	fx->undo_len = 0;
	fx->events = 0;
	fx->rules = 0;
	fx->finding.rule = 0;
	m->fx = fx;
}

/* Closes the step: brings the digest up to date. */
void step_end(struct machine *m);
/* Puts the old bytes back.  Only for the newest step that has not been undone. */
void step_undo(struct machine *m, const struct effects *fx);
/* The same from saved old bytes (undo_len bytes of effects.undo). */
void step_undo_bytes(struct machine *m, const unsigned char *undo, uint32_t len);

/* The digest computed anew from all objects. */
uint64_t world_digest(const struct machine *m);

/* The digest of an object with this content. */
uint64_t world_object_digest(unsigned object, const void *bytes);

/* Calls back with each object that a step's old bytes name, and those bytes. */
void undo_each(const unsigned char *undo, uint32_t len,
	void (*seen)(void *self, unsigned object, const void *old), void *self);

void world_save(struct machine *m, unsigned object);

static inline void footprint_look(const struct machine *m, unsigned object)
{
	struct effects *fx = m->fx;

	if (fx && !(fx->seen[object / 64] & (1ull << (object % 64)))) {
		fx->seen[object / 64] |= 1ull << (object % 64);
		fx->look[fx->looks++] = (uint16_t)object;
	}
}

static inline void footprint_read(struct machine *m, unsigned object)
{
	footprint_look(m, object);
	if (m->fx)
		m->fx->reads[object / 64] |= 1ull << (object % 64);
}

/* The same of facets; `at` is the bit of the object's first. */
static inline void facets_look(const struct machine *m, unsigned at, unsigned facets)
{
	if (m->fx)
		m->fx->seen[at / 64] |= (uint64_t)facets << at % 64;
}

static inline void facets_read(struct machine *m, unsigned at, unsigned facets)
{
	facets_look(m, at, facets);
	if (m->fx)
		m->fx->reads[at / 64] |= (uint64_t)facets << at % 64;
}

/* What may be written; when the step ends, what was. */
static inline void facets_write(struct machine *m, unsigned at, unsigned facets)
{
	facets_look(m, at, facets);
	m->fx->writes[at / 64] |= (uint64_t)facets << at % 64;
}

static inline void footprint_write(struct machine *m, unsigned object)
{
	CHECK(m->fx);
	footprint_look(m, object);
	if (!(m->fx->writes[object / 64] & (1ull << (object % 64))))
		world_save(m, object);
}

#define KIND_DOORS(k, n) \
	static inline const struct k *peek_##k(const struct machine *m, unsigned i) \
	{ \
		CHECK(i < (n)); \
		footprint_look(m, BASE_##k + i); \
		if (facet_at(KIND_##k, i)) \
			facets_look(m, facet_at(KIND_##k, i), FACETS_ALL); \
		return &m->world.k[i]; \
	} \
	static inline const struct k *read_##k(struct machine *m, unsigned i) \
	{ \
		CHECK(i < (n)); \
		footprint_read(m, BASE_##k + i); \
		if (facet_at(KIND_##k, i)) \
			facets_read(m, facet_at(KIND_##k, i), FACETS_ALL); \
		return &m->world.k[i]; \
	} \
	static inline struct k *write_##k(struct machine *m, unsigned i) \
	{ \
		CHECK(i < (n)); \
		footprint_write(m, BASE_##k + i); \
		if (facet_at(KIND_##k, i)) \
			facets_write(m, facet_at(KIND_##k, i), FACETS_ALL); \
		return &m->world.k[i]; \
	}
/* The doors of objects with facets lead to all of them, or to some. */
#define FACET_DOORS(k, n) \
	static inline const struct k *peek_##k##_part(const struct machine *m, unsigned i, unsigned facets) \
	{ \
		CHECK(i < (n)); \
		footprint_look(m, BASE_##k + i); \
		facets_look(m, FACET_##k + i * FACETS_EACH, facets); \
		return &m->world.k[i]; \
	} \
	static inline const struct k *read_##k##_part(struct machine *m, unsigned i, unsigned facets) \
	{ \
		CHECK(i < (n)); \
		footprint_read(m, BASE_##k + i); \
		facets_read(m, FACET_##k + i * FACETS_EACH, facets); \
		return &m->world.k[i]; \
	} \
	static inline struct k *write_##k##_part(struct machine *m, unsigned i, unsigned facets) \
	{ \
		CHECK(i < (n)); \
		footprint_write(m, BASE_##k + i); \
		facets_write(m, FACET_##k + i * FACETS_EACH, facets); \
		return &m->world.k[i]; \
	}
KINDS(KIND_DOORS)
#undef KIND_DOORS
FACETED(FACET_DOORS)
#undef FACET_DOORS

/* Is the kernel's switch at this value?  (The profile never changes while steps run.) */
static inline bool profile_is(const struct machine *m, enum profile_switch s, unsigned value)
{
	return m->world.profile[0].value[s] == value;
}

/* Do the CPUs' translation caches hold everything that may be in them (spec=saturate)?  Fixed as the profile is. */
static inline bool saturated(const struct machine *m)
{
	return m->world.profile[0].spec == SPEC_SATURATE;
}

static inline bool arch_is(const struct machine *m, enum arch arch)
{
	return m->world.profile[0].arch == arch;
}

/* The mm of the kernel's own threads, NONE when the machine has none; fixed by set-up like the profile. */
static inline unsigned init_mm(const struct machine *m)
{
	return m->world.profile[0].init_mm ? m->world.profile[0].init_mm - 1u : NONE;
}

/* Reports something that happened in this step. */
static inline void event_add(struct machine *m, struct event e)
{
	CHECK(m->fx);
	if (m->quiet || m->fx->events == MAX_EVENTS)
		return;
	e.lane = m->lane;
	m->fx->event[m->fx->events++] = e;
}

#endif
