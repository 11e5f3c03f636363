/*
 * memory.c - frames and tables.
 */
#include <string.h>

#include "memory.h"
#include "mmu.h"
#include "rules.h"

#define SLOT_SHIFT	52
#define SLOT_MASK	(511ull << SLOT_SHIFT)

/* Takes the frame that was freed last from the first of these zones that has one; NO_FRAME when none has. */
static unsigned frame_take(struct machine *m, const enum free_zone *zone, unsigned zones)
{
	for (unsigned i = 0; i < zones; i++) {
		unsigned pfn = read_free_list(m, 0)->head[zone[i]];

		if (!pfn)
			continue;
		write_free_list(m, 0)->head[zone[i]] = read_frame(m, pfn)->next;
		return pfn;
	}
	return NO_FRAME;
}

unsigned frame_alloc(struct machine *m, enum frame_owner owner, unsigned owner_id)
{
	static const enum free_zone for_tables[] = { FREE_LOW, FREE_TABLES }, for_pages[] = { FREE_LOW, FREE_PAGES, FREE_TABLES };
	unsigned pfn = owner == FRAME_TABLE ? frame_take(m, for_tables, 2) : frame_take(m, for_pages, 3);
	struct frame *f;

	if (pfn == NO_FRAME)
		return NO_FRAME;
	f = write_frame(m, pfn);
	f->owner = (uint8_t)owner;
	f->owner_id = (uint8_t)owner_id;
	f->refcount = 1;
	f->value = 0;
	f->next = 0;
	page_zero_from(m, pfn, 1);
	event_add(m, (struct event){ .kind = EV_ALLOC, .c = (uint16_t)pfn });
	return pfn;
}

uint32_t page_read(struct machine *m, unsigned pfn, unsigned at)
{
	const struct content *b;

	if (!at)
		return read_frame(m, pfn)->value;
	b = read_content(m, pfn);
	for (unsigned i = 0; i < b->count; i++)
		if (b->at[i] == at)
			return b->value[i];
	return 0;
}

static void byte_remove(struct content *b, unsigned i)
{
	b->count--;
	memmove(&b->at[i], &b->at[i + 1], (b->count - i) * sizeof(b->at[0]));
	memmove(&b->value[i], &b->value[i + 1], b->count - i);
	b->at[b->count] = b->value[b->count] = 0;
}

bool page_write(struct machine *m, unsigned pfn, unsigned at, uint32_t value)
{
	struct content *b;
	unsigned i = 0;

	CHECK(at < PAGE_SIZE);
	if (!at) {
		write_frame(m, pfn)->value = value;
		write_frame(m, pfn)->flags &= (uint16_t)~FRAME_TELLS;
		return true;
	}
	b = write_content(m, pfn);
	while (i < b->count && b->at[i] < at)
		i++;
	if (i < b->count && b->at[i] == at) {
		if (value)
			b->value[i] = (uint8_t)value;
		else
			byte_remove(b, i);
		return true;
	}
	if (!value)
		return true;
	if (b->count == PAGE_BYTES)
		return false;
	memmove(&b->at[i + 1], &b->at[i], (b->count - i) * sizeof(b->at[0]));
	memmove(&b->value[i + 1], &b->value[i], b->count - i);
	b->at[i] = (uint16_t)at;
	b->value[i] = (uint8_t)value;
	b->count++;
	return true;
}

void page_copy(struct machine *m, unsigned to, unsigned from)
{
	write_frame(m, to)->value = read_frame(m, from)->value;
	if (read_content(m, from)->count || read_content(m, to)->count)
		*write_content(m, to) = *read_content(m, from);
}

void page_zero_from(struct machine *m, unsigned pfn, unsigned at)
{
	if (!at)
		write_frame(m, pfn)->value = 0;
	while (read_content(m, pfn)->count && read_content(m, pfn)->at[read_content(m, pfn)->count - 1] >= at)
		byte_remove(write_content(m, pfn), read_content(m, pfn)->count - 1u);
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
	bool table = f->owner == FRAME_TABLE;
	uint16_t generation;

	CHECK(f->owner != FRAME_FREE && f->refcount > 0);
	if (--f->refcount)
		return false;
	CHECK(f->mapcount == 0);
	if (table)
		rule_table_freed(m, pfn);
	if (table && (read_table(m, pfn)->count || read_table(m, pfn)->deposits))
		memset(write_table(m, pfn), 0, sizeof(struct table));
	generation = (uint16_t)(f->generation + 1);
	/* What the page contained stays where it is: that is what a stale reader sees. */
	*f = (struct frame){
		.generation = generation, .value = f->value, .next = read_free_list(m, 0)->head[free_zone_of(pfn)],
	};
	write_free_list(m, 0)->head[free_zone_of(pfn)] = (uint16_t)pfn;
	event_add(m, (struct event){ .kind = EV_FREE, .c = (uint16_t)pfn, .x = generation });
	if (table)
		saturate_freed(m, pfn);
	return true;
}

void frames_put(struct machine *m, uint16_t *page, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		frame_put(m, page[i]);
		page[i] = 0;
	}
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

static bool slot_write(struct machine *m, unsigned table, unsigned index, uint64_t entry)
{
	struct table *t;
	unsigned i = 0;

	CHECK(index < 512 && !(entry & SLOT_MASK));
	if (saturated(m))
		saturate_entry(m, table, index, entry);
	t = write_table(m, table);
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

bool table_write(struct machine *m, unsigned table, unsigned index, uint64_t entry)
{
	bool fits = slot_write(m, table, index, entry);

	rule_table_written(m);
	return fits;
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

uint64_t entry_now(const struct machine *m, unsigned table, unsigned index)
{
	uint64_t entry;
	unsigned at;

	for (unsigned n = 0; table_slot(m, table, n, &at, &entry); n++)
		if (at == index)
			return entry;
	return 0;
}

uint64_t walk_now(const struct machine *m, unsigned root, uint64_t va, unsigned *level)
{
	unsigned table = root;

	for (*level = LEVEL_PGD;; --*level) {
		uint64_t entry = entry_now(m, table, va_index(va, *level));

		if (!pte_present(entry))
			return 0;
		if (pte_leaf(entry, *level))
			return entry;
		table = pte_pfn(entry);
	}
}
