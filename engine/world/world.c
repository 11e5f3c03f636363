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
NO_HOLES(frame, 16);
NO_HOLES(leaf, 16);
NO_HOLES(psc_entry, 16);
NO_HOLES(walker, 24);
NO_HOLES(cpu, 24);
NO_HOLES(call, 24);
NO_HOLES(mm, 20);
NO_HOLES(vma, 24);
NO_HOLES(file, 24);
NO_HOLES(task, 12);
NO_HOLES(op, 32);
NO_HOLES(ctx, 4);
NO_HOLES(act, 56);
NO_HOLES(lock, 8);
NO_HOLES(gather, 48);
NO_HOLES(sub, 40);
NO_HOLES(iommu, 32 + 24 * QI_ENTRIES + 8);
NO_HOLES(dev, 12);

static struct object_info directory[OBJECTS];
const struct object_info *const objects = directory;

/* The directory says the same whenever it is built, so building it twice is harmless. */
static void directory_build(void)
{
	unsigned o = 0;

	for (unsigned k = 0; k < KIND_COUNT; k++)
		for (unsigned i = 0; i < kinds[k].count; i++)
			directory[o++] = (struct object_info){
				.offset = kinds[k].offset + i * kinds[k].size,
				.size = kinds[k].size,
				.kind = (uint8_t)k,
				.index = (uint8_t)i,
			};
	CHECK(o == OBJECTS);
}

static unsigned char *object_at(struct machine *m, unsigned object)
{
	return (unsigned char *)&m->world + directory[object].offset;
}

static uint64_t object_hash(const struct machine *m, unsigned object)
{
	const unsigned char *at = (const unsigned char *)&m->world + directory[object].offset;

	return hash_bytes(at, directory[object].size, object + 1);
}

uint64_t world_digest(const struct machine *m)
{
	uint64_t sum = 0;

	for (unsigned o = 0; o < OBJECTS; o++)
		sum += object_hash(m, o);
	return sum;
}

void world_init(struct machine *m)
{
	if (directory[OBJECTS - 1].size == 0)
		directory_build();
	memset(m, 0, sizeof(*m));
	for (unsigned i = 0; i < MAX_CPUS; i++) {
		m->world.cpu[i].cr3 = NO_FRAME;
		m->world.cpu[i].current = NONE;
		m->world.cpu[i].loaded_mm = NONE;
		m->world.cpu[i].ctx_mm = NONE;
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
	m->world.frame[ZERO_PFN] = (struct frame){ .owner = FRAME_ZERO, .refcount = 1 };
	for (unsigned o = 0; o < OBJECTS; o++)
		m->object_digest[o] = object_hash(m, o);
	m->digest = world_digest(m);
}

/*
 * Old bytes are a sequence of records: the object's number, its digest, its bytes, rounded up so
 * that the next record is aligned.
 */
struct undo_record {
	uint32_t object;
	uint32_t size;		/* of the record, header included */
	uint64_t digest;
};

void world_save(struct machine *m, unsigned object)
{
	struct effects *fx = m->fx;
	uint32_t bytes = directory[object].size;
	struct undo_record r = { object, (uint32_t)(sizeof(r) + ((bytes + 7u) & ~7u)), m->object_digest[object] };

	CHECK(fx->undo_len + r.size <= UNDO_BYTES);
	memcpy(fx->undo + fx->undo_len, &r, sizeof(r));
	memcpy(fx->undo + fx->undo_len + sizeof(r), object_at(m, object), bytes);
	fx->undo_len += r.size;
	fx->writes[object / 64] |= 1ull << (object % 64);
}

void step_end(struct machine *m)
{
	const struct effects *fx = m->fx;
	struct undo_record r;

	for (uint32_t at = 0; at < fx->undo_len; at += r.size) {
		uint64_t now;

		memcpy(&r, fx->undo + at, sizeof(r));
		now = object_hash(m, r.object);
		m->digest += now - r.digest;
		m->object_digest[r.object] = now;
	}
	m->fx = NULL;
#ifdef DIGEST_CHECK
	CHECK(m->digest == world_digest(m));
#endif
}

void step_undo_bytes(struct machine *m, const unsigned char *undo, uint32_t len)
{
	struct undo_record r;

	CHECK(!m->fx);
	for (uint32_t at = 0; at < len; at += r.size) {
		memcpy(&r, undo + at, sizeof(r));
		memcpy(object_at(m, r.object), undo + at + sizeof(r), directory[r.object].size);
		m->digest += r.digest - m->object_digest[r.object];
		m->object_digest[r.object] = r.digest;
	}
#ifdef DIGEST_CHECK
	CHECK(m->digest == world_digest(m));
#endif
}

void step_undo(struct machine *m, const struct effects *fx)
{
	step_undo_bytes(m, fx->undo, fx->undo_len);
}

void undo_each(const unsigned char *undo, uint32_t len,
	void (*seen)(void *self, unsigned object, const void *old), void *self)
{
	struct undo_record r;

	for (uint32_t at = 0; at < len; at += r.size) {
		memcpy(&r, undo + at, sizeof(r));
		seen(self, r.object, undo + at + sizeof(r));
	}
}
