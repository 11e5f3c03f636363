/*
 * outcomes.c - counting final states by what they look like.
 */
#include "hash.h"
#include "outcomes.h"

void outcomes_init(struct outcomes *o, void *memory, size_t bytes)
{
	struct arena a = { memory, bytes };

	*o = (struct outcomes){ .cap = MAX_OUTCOMES };
	o->sight = arena_take(&a, MAX_OUTCOMES * sizeof(*o->sight));
	CHECK(o->sight && a.left > 4096);
	bytes = a.left - 64;
	visited_init(&o->finals, 1, arena_take(&a, bytes), bytes);
}

uint64_t outcome_seen(const struct machine *m)
{
	uint64_t seen = 0;

	for (unsigned i = 0; i < MAX_TASKS; i++) {
		const struct task *t = peek_task(m, i);
		const uint64_t word[] = { t->value, t->op, t->result, t->state };

		if (t->used) {
			seen = hash_words(word, 4, seen ^ i);
			seen = hash_words(peek_regs(m, i)->r, MAX_REGS, seen);
		}
	}
	for (unsigned i = 0; i < MAX_FRAMES; i++)
		if (m->names.name[NAME_FRAME][i][0])
			seen = hash_words(&(const uint64_t){ peek_frame(m, i)->value }, 1, seen ^ i);
	for (unsigned i = 0; i < MAX_DEVS; i++) {
		const struct dev *d = peek_dev(m, i);
		const uint64_t word[] = { d->value, d->op, d->result };

		if (d->used)
			seen = hash_words(word, 3, seen ^ i);
	}
	for (unsigned i = 0; i < MAX_FILES; i++) {
		const struct file *f = peek_file(m, i);
		uint64_t word[FILE_PAGES];

		/* A page that is not in the page cache reads as nothing. */
		for (unsigned k = 0; k < FILE_PAGES; k++)
			word[k] = k * PAGE_SIZE >= f->size ? UINT64_MAX :
				f->page[k] == NO_FRAME ? UINT64_MAX - 1 : peek_frame(m, f->page[k])->value;
		if (f->used)
			seen = hash_words(word, FILE_PAGES, seen ^ i);
	}
	/* What is on the disk, in whatever block. */
	for (unsigned i = 0; i < MAX_BLOCKS; i++) {
		const struct block *b = peek_block(m, i);
		const uint64_t word[] = { b->file, b->index, b->value };

		if (b->used)
			seen += hash_words(word, 3, 1);
	}
	return seen;
}

static struct sight *sight_of(struct outcomes *o, const struct ending *e)
{
	for (uint32_t i = 0; i < o->count; i++)
		if (o->sight[i].seen == e->seen)
			return &o->sight[i];
	if (o->count == o->cap)
		return NULL;
	o->sight[o->count] = (struct sight){ .seen = e->seen, .state = e->state };
	return &o->sight[o->count++];
}

void outcomes_note(struct outcomes *o, const struct ending *ending, unsigned endings)
{
	for (const struct ending *e = ending; e < ending + endings; e++) {
		struct sight *out = sight_of(o, e);
		enum visit visit;

		if (!out) {
			o->full = true;
			continue;
		}
		/* The same state may be reached behind a broken rule and otherwise. */
		visit = visited_add(&o->finals, e->digest, 0);
		o->full |= visit == VISIT_FULL;
		out->finals += visit != VISIT_OLD;
		out->whole |= !e->broken;
		out->broken |= e->broken;
	}
}
