/*
 * memory.c - frames and tables.
 */
#include <string.h>

#include "memory.h"

#define SLOT_SHIFT	52
#define SLOT_MASK	(511ull << SLOT_SHIFT)

unsigned frame_alloc(struct machine *m, enum frame_owner owner, unsigned owner_id)
{
	/* Frame 0 stays out of use: a zero entry must not name a page. */
	for (unsigned pfn = 1; pfn < MAX_FRAMES; pfn++) {
		struct frame *f;

		if (read_frame(m, pfn)->owner != FRAME_FREE)
			continue;
		f = write_frame(m, pfn);
		f->owner = (uint8_t)owner;
		f->owner_id = (uint8_t)owner_id;
		f->refcount = 1;
		f->value = 0;
		event_add(m, (struct event){ .kind = EV_ALLOC, .c = (uint16_t)pfn });
		return pfn;
	}
	return NO_FRAME;
}

void frame_get(struct machine *m, unsigned pfn)
{
	struct frame *f = write_frame(m, pfn);

	CHECK(f->owner != FRAME_FREE && f->refcount < UINT8_MAX);
	f->refcount++;
}

bool frame_put(struct machine *m, unsigned pfn)
{
	struct frame *f = write_frame(m, pfn);
	uint16_t generation;

	CHECK(f->owner != FRAME_FREE && f->refcount > 0);
	if (--f->refcount)
		return false;
	CHECK(f->mapcount == 0);
	if (f->owner == FRAME_TABLE && read_table(m, pfn)->count)
		memset(write_table(m, pfn), 0, sizeof(struct table));
	generation = (uint16_t)(f->generation + 1);
	/* What the page contained stays where it is: that is what a stale reader sees. */
	*f = (struct frame){ .generation = generation, .value = f->value };
	event_add(m, (struct event){ .kind = EV_FREE, .c = (uint16_t)pfn, .x = generation });
	return true;
}

unsigned table_alloc(struct machine *m, unsigned mm, unsigned level)
{
	unsigned pfn = frame_alloc(m, FRAME_TABLE, mm);

	if (pfn != NO_FRAME)
		write_frame(m, pfn)->level = (uint8_t)level;
	return pfn;
}

static unsigned slot_index(uint64_t slot)
{
	return (unsigned)((slot & SLOT_MASK) >> SLOT_SHIFT);
}

uint64_t table_read(struct machine *m, unsigned table, unsigned index)
{
	const struct table *t = read_table(m, table);

	for (unsigned i = 0; i < t->count; i++)
		if (slot_index(t->slot[i]) == index)
			return t->slot[i] & ~SLOT_MASK;
	return 0;
}

bool table_write(struct machine *m, unsigned table, unsigned index, uint64_t entry)
{
	struct table *t = write_table(m, table);
	unsigned i = 0;

	CHECK(index < 512 && !(entry & SLOT_MASK));
	while (i < t->count && slot_index(t->slot[i]) < index)
		i++;
	if (i < t->count && slot_index(t->slot[i]) == index) {
		if (entry) {
			t->slot[i] = entry | (uint64_t)index << SLOT_SHIFT;
			return true;
		}
		memmove(&t->slot[i], &t->slot[i + 1], (t->count - i - 1u) * sizeof(t->slot[0]));
		t->slot[--t->count] = 0;
		return true;
	}
	if (!entry)
		return true;
	if (t->count == TABLE_SLOTS)
		return false;
	memmove(&t->slot[i + 1], &t->slot[i], (t->count - i) * sizeof(t->slot[0]));
	t->slot[i] = entry | (uint64_t)index << SLOT_SHIFT;
	t->count++;
	return true;
}

bool table_has_room(struct machine *m, unsigned table, unsigned index)
{
	return read_table(m, table)->count < TABLE_SLOTS || table_read(m, table, index);
}

bool table_slot(const struct machine *m, unsigned table, unsigned n, unsigned *index, uint64_t *entry)
{
	const struct table *t = peek_table(m, table);

	if (n >= t->count)
		return false;
	*index = slot_index(t->slot[n]);
	*entry = t->slot[n] & ~SLOT_MASK;
	return true;
}

unsigned table_find(struct machine *m, unsigned pgd, uint64_t va, unsigned level)
{
	unsigned table = pgd;

	for (unsigned l = LEVEL_PGD; l > level; l--) {
		uint64_t e = table_read(m, table, va_index(va, l));

		if (!pte_present(e) || pte_leaf(e, l))
			return NO_FRAME;
		table = pte_pfn(e);
	}
	return table;
}

uint64_t table_walk(struct machine *m, unsigned pgd, uint64_t va, unsigned *level)
{
	unsigned table = pgd;

	for (*level = LEVEL_PGD;; --*level) {
		uint64_t e = table_read(m, table, va_index(va, *level));

		if (pte_leaf(e, *level))
			return e;
		if (!pte_present(e))
			return 0;
		table = pte_pfn(e);
	}
}
