/*
 * The language of conformance programs: one line, one operation.
 */
#include <string.h>

#include "conform.h"
#include "task.h"

struct reader {
	const char *rest;
	struct conform_line *out;
	struct complaint *c;
};

static enum status wrong(struct reader *r, struct word w, const char *right)
{
	if (!w.len)
		w = (struct word){ "the end of the line", 19 };
	return complain(r->c, BAD_VALUE, "'%.*s' should be %s", (int)(w.len < 60 ? w.len : 60), w.at, right);
}

static struct word take(struct reader *r)
{
	struct word w = { "", 0 };

	word_next(&r->rest, "", &w);
	return w;
}

/* PAGES or PAGES+BYTES. */
static bool position(struct word w, uint64_t *bytes)
{
	struct word more, pages = word_split(w, '+', &more);
	uint64_t n, beyond = 0;

	if (!word_number(pages, &n) || n > UINT32_MAX || (more.at && (!word_number(more, &beyond) || beyond > UINT32_MAX)))
		return false;
	*bytes = n * PAGE_SIZE + beyond;
	return true;
}

/* A request that the recorder of the answers refused to make. */
static void refuse(struct reader *r, const char *answer)
{
	r->out->kind = CONFORM_BAD;
	r->out->bad = answer;
}

/* POS and, with `len`, LEN: both in the arena. */
static enum status range(struct reader *r, bool len)
{
	struct op *op = &r->out->op;
	struct word w = take(r);
	uint64_t at, n = 0;

	if (!position(w, &at))
		return wrong(r, w, "a position: PAGES or PAGES+BYTES, such as 3 or 3+17");
	if (len && (w = take(r), !position(w, &n)))
		return wrong(r, w, "a length: PAGES or PAGES+BYTES, such as 2 or 0+100");
	if (len ? at + n > ARENA_PAGES * PAGE_SIZE : at >= ARENA_PAGES * PAGE_SIZE)
		refuse(r, "bad-range");
	op->va = ARENA + at;
	op->len = (uint32_t)n;
	return OK;
}

static enum status value(struct reader *r)
{
	struct word w = take(r);
	uint64_t n;

	if (!word_number(w, &n))
		return wrong(r, w, "a value from 0 to 255");
	r->out->op.value = n & 255;
	return OK;
}

static enum status rights(struct reader *r)
{
	struct word w = take(r);

	for (size_t i = 0; i < w.len && !word_is(w, "-"); i++) {
		const char *at = strchr("rwx", w.at[i]);

		if (!at)
			return wrong(r, w, "rights: some of r, w and x, or -");
		r->out->op.prot |= (uint8_t)(1u << (at - "rwx"));
	}
	return w.len ? OK : wrong(r, w, "rights: some of r, w and x, or -");
}

static enum status file(struct reader *r, struct word w, size_t len)
{
	if (w.len < 2 || w.at[0] != 'f' || (w.at[1] != '0' && w.at[1] != '1') || (len && w.len != len))
		return wrong(r, w, "a file: f0 or f1");
	r->out->op.object = (uint8_t)(w.at[1] - '0');
	return OK;
}

/* ap as an bp, or fN[r]p@OFF fN[r]s@OFF. */
static enum status source(struct reader *r)
{
	static const char right[] = "what is mapped: ap, as, an, bp, or a file as in f0p@0, f0s@2, f0rp@0";
	struct op *op = &r->out->op;
	struct word w = take(r), offset, name = word_split(w, '@', &offset);
	size_t type = 2;

	if (word_is(w, "ap"))
		return OK;
	if (word_is(w, "as"))
		op->prot |= VMA_SHARED;
	else if (word_is(w, "an"))
		op->flags |= OPT_UNTYPED;
	else if (word_is(w, "bp"))
		op->flags |= OPT_NOFILE;
	else {
		if (!offset.at || name.len < 3 || file(r, name, 0) != OK || !position(offset, &op->to))
			return wrong(r, w, right);
		if (name.at[2] == 'r') {
			op->flags |= OPT_RDONLY;
			type = 3;
		}
		if (name.len != type + 1 || (name.at[type] != 'p' && name.at[type] != 's'))
			return wrong(r, w, right);
		if (name.at[type] == 's')
			op->prot |= VMA_SHARED;
	}
	return OK;
}

/* Cuts the next of a comma-separated list off. */
static bool listed(struct word *list, struct word *item)
{
	struct word tail;

	if (!list->at || !list->len)
		return false;
	*item = word_split(*list, ',', &tail);
	*list = tail;
	return true;
}

static enum status read_map(struct reader *r)
{
	struct op *op = &r->out->op;
	struct word list, w;
	enum status s = range(r, true);

	if (s == OK)
		s = rights(r);
	if (s == OK)
		s = source(r);
	op->flags |= OPT_FIXED;
	if (s != OK || !word_next(&r->rest, "", &list))
		return s;
	while (listed(&list, &w)) {
		if (word_is(w, "noreplace"))
			op->flags &= (uint16_t)~OPT_FIXED;
		else if (word_is(w, "populate"))
			op->flags |= OPT_POPULATE;
		else if (word_is(w, "locked"))
			op->flags |= OPT_LOCKED;
		else if (word_is(w, "noreserve"))
			op->flags |= OPT_NORESERVE;
		else
			return wrong(r, w, "one of noreplace, populate, locked, noreserve");
	}
	return OK;
}

static enum status read_range(struct reader *r)
{
	return range(r, true);
}

static enum status read_prot(struct reader *r)
{
	enum status s = range(r, true);

	return s == OK ? rights(r) : s;
}

static enum status read_remap(struct reader *r)
{
	static const char letters[] = "mfdb";
	static const uint16_t bits[] = { MOVE_MAYMOVE, MOVE_FIXED, MOVE_DONTUNMAP, MOVE_BAD };
	struct op *op = &r->out->op;
	enum status s = range(r, true);
	struct word w;
	uint64_t n;

	if (s != OK)
		return s;
	w = take(r);
	if (!position(w, &n))
		return wrong(r, w, "the new length: PAGES or PAGES+BYTES");
	if (op->va - ARENA + n > ARENA_PAGES * PAGE_SIZE)
		refuse(r, "bad-range");
	op->value = (uint32_t)n;
	w = take(r);
	for (size_t i = 0; i < w.len && !word_is(w, "-"); i++) {
		const char *at = strchr(letters, w.at[i]);

		if (!at)
			return wrong(r, w, "flags of mremap: some of m, f, d and b, or -");
		op->flags |= bits[at - letters];
	}
	if (!w.len)
		return wrong(r, w, "flags of mremap: some of m, f, d and b, or -");
	if (!word_next(&r->rest, "", &w))
		return OK;
	if (!position(w, &n))
		return wrong(r, w, "a position: PAGES or PAGES+BYTES, such as 3 or 3+17");
	if (n + op->value > ARENA_PAGES * PAGE_SIZE)
		refuse(r, "bad-range");
	op->to = ARENA + n;
	return OK;
}

static enum status read_adv(struct reader *r)
{
	enum status s = range(r, true);
	struct word w;

	if (s != OK)
		return s;
	w = take(r);
	for (unsigned a = 0; a < ADVICES; a++)
		if (word_is(w, advice_names[a])) {
			r->out->op.flags = (uint16_t)a;
			return OK;
		}
	return wrong(r, w, "advice: normal, dontneed, free, remove, dontfork, wipeonfork, popread ...");
}

static enum status read_sync(struct reader *r)
{
	enum status s = range(r, true);
	struct word list, w;

	if (s != OK)
		return s;
	list = take(r);
	if (!list.len)
		return wrong(r, list, "some of async, sync, inval and bad, or -");
	while (listed(&list, &w)) {
		if (word_is(w, "async"))
			r->out->op.flags |= SYNC_ASYNC;
		else if (word_is(w, "sync"))
			r->out->op.flags |= SYNC_SYNC;
		else if (word_is(w, "inval"))
			r->out->op.flags |= SYNC_INVALIDATE;
		else if (word_is(w, "bad"))
			r->out->op.flags |= SYNC_BAD;
		else if (!word_is(w, "-"))
			return wrong(r, w, "some of async, sync, inval and bad, or -");
	}
	return OK;
}

static enum status read_load(struct reader *r)
{
	return range(r, false);
}

static enum status read_store(struct reader *r)
{
	enum status s = range(r, false);

	return s == OK ? value(r) : s;
}

static enum status read_fork(struct reader *r)
{
	struct word w = take(r);

	if (w.len != 1 || w.at[0] < 'A' || w.at[0] >= 'A' + (int)PROCESSES)
		return wrong(r, w, "the letter of the child: B, C or D");
	r->out->op.object = (uint8_t)(w.at[0] - 'A');
	return OK;
}

/* fN POS: with `most` the last position that may be asked for. */
static enum status file_position(struct reader *r, uint64_t *at)
{
	struct word w = take(r);
	enum status s = file(r, w, 2);

	if (s != OK)
		return s;
	w = take(r);
	if (!position(w, at))
		return wrong(r, w, "a position in the file: PAGES or PAGES+BYTES");
	if (*at > 32 * PAGE_SIZE)
		refuse(r, "bad-range");
	return OK;
}

static enum status read_trunc(struct reader *r)
{
	uint64_t at = 0;
	enum status s = file_position(r, &at);

	r->out->op.len = (uint32_t)at;
	return s;
}

static enum status read_fr(struct reader *r)
{
	return file_position(r, &r->out->op.to);
}

static enum status read_fw(struct reader *r)
{
	enum status s = file_position(r, &r->out->op.to);

	return s == OK ? value(r) : s;
}

static enum status read_nothing(struct reader *r)
{
	(void)r;
	return OK;
}

static const struct {
	const char *word;
	enum conform_kind kind;
	enum op_kind op;
	enum status (*read)(struct reader *r);
} words[] = {
	{ "map", CONFORM_OP, OP_MMAP, read_map },
	{ "unmap", CONFORM_OP, OP_MUNMAP, read_range },
	{ "prot", CONFORM_OP, OP_MPROTECT, read_prot },
	{ "remap", CONFORM_OP, OP_MREMAP, read_remap },
	{ "adv", CONFORM_OP, OP_MADVISE, read_adv },
	{ "lock", CONFORM_OP, OP_MLOCK, read_range },
	{ "unlock", CONFORM_OP, OP_MUNLOCK, read_range },
	{ "sync", CONFORM_OP, OP_MSYNC, read_sync },
	{ "incore", CONFORM_OP, OP_MINCORE, read_range },
	{ "r", CONFORM_OP, OP_LOAD, read_load },
	{ "w", CONFORM_OP, OP_STORE, read_store },
	{ "fork", CONFORM_OP, OP_FORK, read_fork },
	{ "exit", CONFORM_OP, OP_EXIT, read_nothing },
	{ "trunc", CONFORM_OP, OP_TRUNCATE, read_trunc },
	{ "fr", CONFORM_OP, OP_PREAD, read_fr },
	{ "fw", CONFORM_OP, OP_PWRITE, read_fw },
	{ "pin", CONFORM_OP, OP_PIN, read_range },
	{ "dma", CONFORM_OP, OP_PIN_STORE, read_store },
	{ "unpin", CONFORM_OP, OP_UNPIN, read_nothing },
	{ "vmas", CONFORM_VMAS, OP_NONE, read_nothing },
	{ "perms", CONFORM_PERMS, OP_NONE, read_nothing },
	{ "pages", CONFORM_PAGES, OP_NONE, read_nothing },
};

enum status conform_read(const char *line, struct conform_line *out, struct complaint *c)
{
	struct reader r = { line, out, c };
	struct word w = take(&r);

	*out = (struct conform_line){ .op.object = NONE };
	if (word_is(w, "frames")) {
		out->kind = CONFORM_FRAMES;
	} else {
		unsigned i = 0;

		if (w.len != 1 || !strchr("ABCDT", w.at[0]))
			return wrong(&r, w, "a process, A to D, the thread T, or frames");
		out->process = w.at[0] == 'T' ? THREAD : (unsigned)(w.at[0] - 'A');
		w = take(&r);
		while (i < sizeof(words) / sizeof(words[0]) && !word_is(w, words[i].word))
			i++;
		if (i == sizeof(words) / sizeof(words[0]))
			return wrong(&r, w, "an operation, such as map, unmap, prot, remap, adv, r, w, fork, vmas");
		out->kind = words[i].kind;
		out->op.kind = (uint8_t)words[i].op;
		if (words[i].read(&r) != OK)
			return c->status;
	}
	if (word_next(&r.rest, "", &w))
		return wrong(&r, w, "the end of the line");
	return OK;
}
