/* The blocks, newest first; only the newest is taken from. */
#include "db_pending.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)64 << 10)

struct pending_block {
	struct pending_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) char bytes[];
};

static const size_t row_size[DB_KINDS] = {
	[DB_SESSION] = sizeof(struct db_session), [DB_COMMAND] = sizeof(struct db_command),
	[DB_MOVE] = sizeof(struct db_move),	  [DB_EVENT] = sizeof(struct db_event),
	[DB_FINDING] = sizeof(struct db_finding), [DB_MARK] = sizeof(struct db_mark),
	[DB_NOTE] = sizeof(struct db_note),	  [DB_BRANCH] = sizeof(struct db_branch),
};

void db_pending_init(struct pending *p)
{
	memset(p, 0, sizeof(*p));
	p->last = &p->first;
}

static void *pending_take(struct pending *p, size_t size)
{
	struct pending_block *block = p->blocks;
	size_t rounded =
		(size + alignof(struct pending_row) - 1) & ~(alignof(struct pending_row) - 1);

	if (!block || block->size - block->used < rounded) {
		size_t room = rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE;

		block = malloc(sizeof(*block) + room);
		if (!block)
			return NULL;
		block->next = p->blocks;
		block->used = 0;
		block->size = room;
		p->blocks = block;
	}
	block->used += rounded;
	p->bytes += rounded;
	return block->bytes + block->used - rounded;
}

union db_row *db_pending_add(struct pending *p, enum db_kind kind)
{
	struct pending_row *row =
		pending_take(p, offsetof(struct pending_row, row) + row_size[kind]);

	if (!row)
		return NULL;
	row->next = NULL;
	row->kind = kind;
	*p->last = row;
	p->last = &row->next;
	return &row->row;
}

const char *db_pending_text(struct pending *p, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = pending_take(p, size);

	return copy ? memcpy(copy, text, size) : NULL;
}

static void blocks_free(struct pending_block *block)
{
	while (block) {
		struct pending_block *next = block->next;

		free(block);
		block = next;
	}
}

void db_pending_clear(struct pending *p)
{
	struct pending_block *kept = p->blocks;

	if (kept) {
		blocks_free(kept->next);
		kept->next = NULL;
		kept->used = 0;
	}
	db_pending_init(p);
	p->blocks = kept;
}

void db_pending_free(struct pending *p)
{
	blocks_free(p->blocks);
	db_pending_init(p);
}
