/*
 * mention.c - the frames and counters that an object's content mentions, listed once for each version.
 */
#include <string.h>

#include "hash.h"
#include "mention.h"
#include "pte.h"
#include "rename.h"

static void list_add(struct listing *l, enum name_type type, unsigned with, uint64_t value)
{
	CHECK(l->count < sizeof(l->mention) / sizeof(l->mention[0]));
	l->mention[l->count++] = (struct mention){ .type = (uint8_t)type, .with = (uint16_t)with, .value = (uint32_t)value };
}

static void list_frame(struct listing *l, uint64_t pfn)
{
	if (pfn && pfn < MAX_FRAMES)
		list_add(l, NAME_OF_FRAME, (unsigned)pfn, 0);
}

static void list_one(void *self, enum name_type type, uint64_t *value, unsigned with)
{
	struct listing *l = self;

	switch (type) {
	case NAME_OF_FRAME:
		list_frame(l, *value);
		return;
	case NAME_OF_ENTRY:
		list_frame(l, pte_pfn(*value));
		return;
	case NAME_OF_REG:
		if (*value & REG_ENTRY)
			list_frame(l, pte_pfn(*value));
		return;
	case NAME_OF_LOCK:
		list_frame(l, lock_table((unsigned)*value));
		return;
	case NAME_OF_FRAMES:
		/* Its order is that of numbers, so no name is given by it. */
		for (unsigned w = 0; w < (MAX_FRAMES + 63) / 64; w++)
			l->sets[w] |= value[w];
		return;
	case COUNT_OF_MM:
		if (with < MAX_MMS && *value)
			list_add(l, COUNT_OF_MM, with, *value);
		return;
	case COUNT_OF_FRAME:
		if (with && with < MAX_FRAMES)
			list_add(l, COUNT_OF_FRAME, with, *value);
		return;
	case NAME_OF_CPU:
	case NAME_OF_CPU1:
	case NAME_OF_CPUS:
	case NAME_OF_CALLER:
	case NAME_OF_TASK:
	case NAME_OF_TASK1:
	case NAME_OF_TASKS:
	case NAME_OF_CTX:
	case NAME_OF_CTXS:
	case NAME_OF_DETACHER:
		return;
	}
}

void mentions_list(struct listing *l, unsigned object, const void *bytes)
{
	_Alignas(8) unsigned char copy[OBJECT_MOST];

	l->count = 0;
	memset(l->sets, 0, sizeof(l->sets));
	names_each(object, bytes, copy, list_one, l);
}

const struct mentions *mentions_of(struct mentioned *n, unsigned column, unsigned version)
{
	struct mentions ***block = &n->block[column][version / VERSION_BLOCK], **at;
	const struct versions *v = n->versions;

	if (!*block)
		*block = arena_take(&n->arena, VERSION_BLOCK * sizeof(**block));
	if (!*block)
		return NULL;
	at = &(*block)[version % VERSION_BLOCK];
	if (!*at) {
		struct listing l;

		mentions_list(&l, v->column[column].object, version_at(v, column, version)->bytes);
		*at = arena_take(&n->arena, sizeof(**at) + l.count * sizeof(l.mention[0]));
		if (!*at)
			return NULL;
		(*at)->count = l.count;
		memcpy((*at)->mention, l.mention, l.count * sizeof(l.mention[0]));
		(*at)->all = hash_words((const uint64_t *)(const void *)(*at)->mention, l.count, column + 1);
	}
	return *at;
}

