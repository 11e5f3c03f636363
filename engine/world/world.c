/*
 * world.c - the object directory, old bytes, digests.
 */
#include <string.h>

#include "hash.h"
#include "world.h"

const char *const kind_names[KIND_COUNT] = {
#define KIND_NAME(k, n) #k,
	KINDS(KIND_NAME)
#undef KIND_NAME
};

static const struct {
	uint32_t offset;
	uint16_t size, count;
} kinds[KIND_COUNT] = {
#define KIND_ROW(k, n) { offsetof(struct world, k), sizeof(struct k), n },
	KINDS(KIND_ROW)
#undef KIND_ROW
};

/* An object is hashed and compared as bytes: none may have padding. */
#define NO_HOLES(k, bytes) _Static_assert(sizeof(struct k) == (bytes), #k " has a hole")
#define WHOLE_WORDS(k, n) _Static_assert(sizeof(struct k) % 8 == 0, #k " is not whole words");
KINDS(WHOLE_WORDS)
#undef WHOLE_WORDS
NO_HOLES(frame, 16);
NO_HOLES(leaf, 16);
NO_HOLES(psc_entry, 16);
NO_HOLES(walker, 24);
NO_HOLES(cpu, 40);
NO_HOLES(call, 32);
NO_HOLES(csd, 32);
NO_HOLES(probe, 16);
NO_HOLES(single, 16);
NO_HOLES(mach, 24);
NO_HOLES(latr, 32 + LATR_STATES * LATR_PAGES * 2 + 16);
NO_HOLES(nmi, 40);
NO_HOLES(mm, 24);
NO_HOLES(content, 64);
NO_HOLES(tree, MM_VMAS + 1);
NO_HOLES(vma, 40);
NO_HOLES(file, 80);
NO_HOLES(pin, 56);
NO_HOLES(lru_batch, 64);
NO_HOLES(task, 16);
NO_HOLES(op, 32);
NO_HOLES(ctx, 8);
NO_HOLES(act, 56);
NO_HOLES(lock, 8);
NO_HOLES(gather, 56 + 2 * (GATHER_PAGES - 4));
NO_HOLES(batched, 8);
NO_HOLES(ubc, 40);
NO_HOLES(block, 72);
NO_HOLES(sub, 40);
NO_HOLES(iommu, 32 + 24 * QI_ENTRIES + 8);
NO_HOLES(dev, 16);
NO_HOLES(inval, 24);
NO_HOLES(parked, 8);

static struct object_info directory[OBJECTS];
const struct object_info *const objects = directory;

static uint64_t faceted[FOOTPRINT_WORDS];
const uint64_t *const footprint_faceted = faceted;

/* The directory says the same whenever it is built, so building it twice is harmless. */
static void directory_build(void)
{
	unsigned o = 0;

	CHECK(offsetof(struct world, profile) % 8 == 0);
	for (unsigned k = 0; k < KIND_COUNT; k++)
		for (unsigned i = 0; i < kinds[k].count; i++) {
			if (facet_at(k, i))
				faceted[o / 64] |= 1ull << o % 64;
			directory[o++] = (struct object_info){
				.offset = kinds[k].offset + i * kinds[k].size,
				.size = kinds[k].size,
				.kind = (uint8_t)k,
				.index = (uint8_t)i,
			};
		}
	CHECK(o == OBJECTS);
}

static uint64_t *object_at(struct machine *m, unsigned object)
{
	return (uint64_t *)(void *)((unsigned char *)&m->world + directory[object].offset);
}

uint64_t world_object_digest(unsigned object, const void *bytes)
{
	return hash_words(bytes, directory[object].size / 8u, object + 1);
}

static uint64_t object_hash(const struct machine *m, unsigned object)
{
	return world_object_digest(object, (const unsigned char *)&m->world + directory[object].offset);
}

/* Objects are a few words: a loop beats a call. */
static void words_copy(uint64_t *to, const uint64_t *from, unsigned bytes)
{
	for (unsigned i = 0; i < bytes / 8; i++)
		to[i] = from[i];
}

uint64_t world_digest(const struct machine *m)
{
	uint64_t sum = 0;

	for (unsigned o = 0; o < OBJECTS; o++)
		sum += object_hash(m, o);
	return sum;
}

/* All frames of a zone are free, in order; frame 0 stays out of use, for a zero entry must not name a page. */
static uint16_t frames_free(struct machine *m, unsigned from, unsigned to)
{
	for (unsigned pfn = from; pfn + 1 < to; pfn++)
		m->world.frame[pfn].next = (uint16_t)(pfn + 1);
	return (uint16_t)from;
}

void world_init(struct machine *m)
{
	if (directory[OBJECTS - 1].size == 0)
		directory_build();
	memset(m, 0, sizeof(*m));
	for (unsigned i = 0; i < MAX_CPUS; i++) {
		m->world.cpu[i].cr3 = NO_FRAME;
		m->world.cpu[i].current = m->world.cpu[i].leaving = NONE;
		m->world.cpu[i].loaded_mm = m->world.cpu[i].active_mm = NONE;
		m->world.cpu[i].ctx_mm = m->world.cpu[i].other_mm = NONE;
	}
	for (unsigned i = 0; i < MAX_LOCKS; i++)
		m->world.lock[i].owner = NONE;
	for (unsigned i = 0; i < MAX_MMS; i++)
		m->world.mm[i].pgd = NO_FRAME;
	for (unsigned i = 0; i < MAX_SUBS; i++)
		m->world.sub[i].mm = m->world.sub[i].dev = NONE;
	for (unsigned i = 0; i < MAX_DEVS; i++)
		m->world.dev[i].pasid = NONE;
	for (unsigned i = 0; i < MAX_FILES; i++)
		for (unsigned p = 0; p < FILE_PAGES; p++)
			m->world.file[i].page[p] = NO_FRAME;
	m->world.profile[0].batch = GATHER_BATCH;
	m->world.profile[0].asid_cpus = 4;
	m->world.profile[0].asids = MAX_ASIDS;
	m->world.free_list[0] = (struct free_list){ {
		[FREE_LOW] = frames_free(m, 1, LOW_FRAMES),
		[FREE_TABLES] = frames_free(m, LOW_FRAMES, ZERO_PFN),
		[FREE_PAGES] = frames_free(m, MAX_TABLES, MAX_FRAMES),
	} };
	m->world.frame[ZERO_PFN] = (struct frame){ .owner = FRAME_ZERO, .refcount = 1 };
	for (unsigned o = 0; o < OBJECTS; o++)
		m->object_digest[o] = object_hash(m, o);
	m->digest = world_digest(m);
}

/* Old bytes are a sequence of records: a header of two words, then the object's words. */
struct undo_record {
	uint32_t object;
	uint32_t size;		/* of the record, header included */
	uint64_t digest;	/* of the object */
};

void world_save(struct machine *m, unsigned object)
{
	struct effects *fx = m->fx;
	uint32_t bytes = directory[object].size;
	struct undo_record *r = (struct undo_record *)(void *)(fx->undo + fx->undo_len);

	CHECK(fx->undo_len + sizeof(*r) + bytes <= UNDO_BYTES);
	*r = (struct undo_record){ object, (uint32_t)sizeof(*r) + bytes, m->object_digest[object] };
	words_copy((uint64_t *)(void *)(r + 1), object_at(m, object), bytes);
	fx->undo_len += r->size;
	fx->writes[object / 64] |= 1ull << (object % 64);
}

static const struct undo_record *record_at(const unsigned char *undo, uint32_t at)
{
	return (const struct undo_record *)(const void *)(undo + at);
}

/* In the sanitizer's build: is the digest still that of the whole world?  Asked in one state of 32, whichever way it was
 * come to, since the world is big. */
static void digest_check(const struct machine *m)
{
#ifdef DIGEST_CHECK
	if (m->digest % 32 == 0)
		CHECK(m->digest == world_digest(m));
#else
	(void)m;
#endif
}

/* Of the facets that could be written, leaves those that were. */
static void facets_end(struct machine *m, unsigned object, unsigned at, const void *old)
{
	uint64_t *writes = &m->fx->writes[at / 64];
	uint64_t changed = facets_differ(directory[object].kind, old, object_at(m, object));

	CHECK(!(changed << at % 64 & ~*writes));
	*writes &= ~((uint64_t)FACETS_ALL << at % 64) | changed << at % 64;
}

void step_end(struct machine *m)
{
	const struct effects *fx = m->fx;

	for (uint32_t at = 0; at < fx->undo_len; at += record_at(fx->undo, at)->size) {
		const struct undo_record *r = record_at(fx->undo, at);
		uint64_t now = object_hash(m, r->object);
		unsigned facets = facet_at(directory[r->object].kind, directory[r->object].index);

		if (facets)
			facets_end(m, r->object, facets, r + 1);

		m->digest += now - r->digest;
		m->object_digest[r->object] = now;
	}
	m->fx = NULL;
	digest_check(m);
}

void step_undo_bytes(struct machine *m, const unsigned char *undo, uint32_t len)
{
	CHECK(!m->fx);
	for (uint32_t at = 0; at < len; at += record_at(undo, at)->size) {
		const struct undo_record *r = record_at(undo, at);

		words_copy(object_at(m, r->object), (const uint64_t *)(const void *)(r + 1), directory[r->object].size);
		m->digest += r->digest - m->object_digest[r->object];
		m->object_digest[r->object] = r->digest;
	}
	digest_check(m);
}

void step_undo(struct machine *m, const struct effects *fx)
{
	step_undo_bytes(m, fx->undo, fx->undo_len);
}

void undo_each(const unsigned char *undo, uint32_t len,
	void (*seen)(void *self, unsigned object, const void *old), void *self)
{
	for (uint32_t at = 0; at < len; at += record_at(undo, at)->size)
		seen(self, record_at(undo, at)->object, record_at(undo, at) + 1);
}
