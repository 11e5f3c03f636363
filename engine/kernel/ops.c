/*
 * ops.c - operations as text: one table for printing and reading.
 */
#include <stdio.h>
#include <string.h>

#include "pte.h"
#include "task.h"

const struct op_info op_table[OP_KINDS] = {
	[OP_AFTER]		= { "after", "n", "after 3", false },
	[OP_LOAD]		= { "load", "v", "load heap+0", false },
	[OP_STORE]		= { "store", "v=", "store heap+0 = 9", false },
	[OP_MMAP]		= { "mmap", "vprfo", "mmap 0x7f0000400000 2p rw anon private", false },
	[OP_MUNMAP]		= { "munmap", "vp", "munmap heap+0 2p", false },
	[OP_MADVISE]		= { "madvise", "vpa", "madvise heap+0 1p dontneed", false },
	[OP_MPROTECT]		= { "mprotect", "vpr", "mprotect heap+0 1p r", false },
	[OP_MREMAP]		= { "mremap", "vpt", "mremap heap+0 1p to 0x7f0000201000", false },
	[OP_MLOCK]		= { "mlock", "vp", "mlock heap+0 2p", false },
	[OP_MUNLOCK]		= { "munlock", "vp", "munlock heap+0 2p", false },
	[OP_MSYNC]		= { "msync", "vpy", "msync heap+0 1p sync", false },
	[OP_MINCORE]		= { "mincore", "vp", "mincore heap+0 2p", false },
	[OP_PREAD]		= { "pread", "fx", "pread data 1p", false },
	[OP_PWRITE]		= { "pwrite", "fx=", "pwrite data 1p+5 = 9", false },
	[OP_PIN]		= { "pin", "vp", "pin heap+0 1p", false },
	[OP_UNPIN]		= { "unpin", "", "unpin", false },
	[OP_PIN_STORE]		= { "pin-store", "v=", "pin-store heap+0 = 9", false },
	[OP_GUP]		= { "gup-fast", "v", "gup-fast heap+0", false },
	[OP_COLLAPSE]		= { "collapse", "v", "collapse heap+0", false },
	[OP_FORK]		= { "fork", "m", "fork B", false },
	[OP_EXIT]		= { "exit", "", "exit", false },
	[OP_TRUNCATE]		= { "truncate", "fp", "truncate data 0p", false },
	[OP_RECLAIM]		= { "reclaim", "vp", "reclaim heap+0 2p", false },
	[OP_WRITEBACK]		= { "writeback", "f", "writeback data", false },
	[OP_REVOKE]		= { "revoke", "f", "revoke gpu", false },
	[OP_NUMA]		= { "numa", "vp", "numa heap+0 1p", false },
	[OP_REGISTER]		= { "register", "s", "register kvm", false },
	[OP_UNREGISTER]		= { "unregister", "s", "unregister kvm", false },
	[OP_BIND]		= { "bind", "s", "bind sva0", false },
	[OP_UNBIND]		= { "unbind", "s", "unbind sva0", false },
	[OP_VCPU_LOAD]		= { "guest-load", "vs", "guest-load heap+0 kvm", false },
	[OP_VCPU_STORE]		= { "guest-store", "v=s", "guest-store heap+0 = 9 kvm", false },
	[OP_CALL]		= { "call", "cv", "call cpu1 heap+0", false },
	[OP_IRQS_OFF_LOAD]	= { "load-irqs-off", "v", "load-irqs-off heap+0", false },
	[OP_SET_UNCACHED]	= { "set-uncached", "", "set-uncached", false },
	[OP_LD]			= { "ld", "RA", "ld r1 heap", false },
	[OP_ST]			= { "st", "AV", "st heap 9", false },
	[OP_PTE]		= { "pte", "AFP", "pte heap p ro", false },
	[OP_INV]		= { "inv", "*", "inv heap", false },
	[OP_SHOOT]		= { "shoot", "*", "shoot heap", false },
	[OP_LDPTE]		= { "ldpte", "RA", "ldpte r1 heap", false },
	[OP_NOP]		= { "nop", "", "nop", false },
	[OP_PREFETCH]		= { "prefetch", "v", "prefetch heap+0", false },
	[OP_IDLE]		= { "idle", "", "idle", false },
	[OP_POLL]		= { "poll", "", "poll", false },
	[OP_RETRACT]		= { "retract", "v", "retract heap+0", false },
	[OP_DMA_READ]		= { "dma-read", "v", "dma-read heap+0", true },
	[OP_DMA_WRITE]		= { "dma-write", "v=", "dma-write heap+0 = 9", true },
};

const char *const advice_names[ADVICES] = {
	[ADV_DONTNEED] = "dontneed", [ADV_NORMAL] = "normal", [ADV_RANDOM] = "random", [ADV_SEQUENTIAL] = "sequential",
	[ADV_WILLNEED] = "willneed", [ADV_FREE] = "free", [ADV_REMOVE] = "remove", [ADV_DONTFORK] = "dontfork",
	[ADV_DOFORK] = "dofork", [ADV_HUGEPAGE] = "hugepage", [ADV_NOHUGEPAGE] = "nohugepage", [ADV_DONTDUMP] = "dontdump",
	[ADV_DODUMP] = "dodump", [ADV_WIPEONFORK] = "wipeonfork", [ADV_KEEPONFORK] = "keeponfork",
	[ADV_POPULATE_READ] = "popread", [ADV_POPULATE_WRITE] = "popwrite", [ADV_BAD] = "bad",
};

/* Words that are a bit each, ended by one without a word. */
struct flag_word { const char *word; uint16_t bit; };

static const struct flag_word mmap_words[] = {
	{ "fixed", OPT_FIXED }, { "populate", OPT_POPULATE }, { "locked", OPT_LOCKED }, { "noreserve", OPT_NORESERVE },
	{ "rdonly", OPT_RDONLY }, { "nofile", OPT_NOFILE }, { NULL, 0 },
};
static const struct flag_word mremap_words[] = {
	{ "maymove", MOVE_MAYMOVE }, { "fixed", MOVE_FIXED }, { "dontunmap", MOVE_DONTUNMAP }, { "bad", MOVE_BAD },
	{ NULL, 0 },
};
static const struct flag_word msync_words[] = {
	{ "async", SYNC_ASYNC }, { "inval", SYNC_INVALIDATE }, { "sync", SYNC_SYNC }, { "bad", SYNC_BAD }, { "none", 0 }, { NULL, 0 },
};

static void flags_text(struct text *t, const struct flag_word *words, unsigned flags)
{
	for (; words->word; words++)
		if (flags & words->bit)
			text_add(t, " %s", words->word);
}

static bool flag_read(const struct flag_word *words, struct word w, uint16_t *flags)
{
	for (; words->word; words++)
		if (word_is(w, words->word)) {
			*flags |= words->bit;
			return true;
		}
	return false;
}

static void prot_text(struct text *t, unsigned prot)
{
	text_add(t, " %s%s%s%s", prot & VMA_READ ? "r" : "", prot & VMA_WRITE ? "w" : "",
		prot & VMA_EXEC ? "x" : "", prot & VMA_ACCESS ? "" : "none");
}

/* "2p", "2p+17": pages, and bytes beyond them. */
static void length_text(struct text *t, uint64_t bytes)
{
	text_add(t, "%llup", (unsigned long long)(bytes / PAGE_SIZE));
	if (bytes % PAGE_SIZE)
		text_add(t, "+%u", (unsigned)(bytes % PAGE_SIZE));
}

static bool length_read(struct word w, uint64_t *bytes)
{
	struct word more, pages = word_split(w, '+', &more);
	uint64_t n, beyond = 0;

	if (pages.len < 2 || pages.at[pages.len - 1] != 'p' ||
	    !word_number((struct word){ pages.at, pages.len - 1 }, &n) || n > 1024 ||
	    (more.at && (!word_number(more, &beyond) || beyond >= PAGE_SIZE)))
		return false;
	*bytes = n * PAGE_SIZE + beyond;
	return true;
}

static void mremap_text(struct text *t, const struct names *n, const struct op *op)
{
	if (op->flags != (MOVE_MAYMOVE | MOVE_FIXED) || op->value != op->len) {
		text_add(t, " size ");
		length_text(t, op->value);
		flags_text(t, mremap_words, op->flags);
	}
	if (op->to) {
		text_add(t, " to ");
		address_brief(t, n, op->to);
	}
}

/* By the rights that an entry grants. */
static const char *const raw_prot[] = { [0] = "none", [VMA_READ] = "ro", [VMA_READ | VMA_WRITE] = "rw" };

/* A raw instruction names the first page of a region by the region's name alone. */
static void place_text(struct text *t, const struct names *n, uint64_t va)
{
	text_add(t, " ");
	if (!va) {
		text_add(t, "*");
		return;
	}
	address_brief(t, n, va);
	if (t->len > 2 && strcmp(t->at + t->len - 2, "+0") == 0)
		t->at[t->len -= 2] = '\0';
}

void op_text(struct text *t, const struct names *n, const struct op *op)
{
	const struct op_info *info = &op_table[op->kind];

	text_add(t, "%s", info->word ? info->word : "nothing");
	for (const char *s = info->shape; s && *s; s++) {
		switch (*s) {
		case 'v':
			text_add(t, " ");
			if (op->va % PAGE_SIZE)
				text_add(t, "0x%llx", (unsigned long long)op->va);
			else
				address_brief(t, n, op->va);
			break;
		case 'p':
		case 'x':
			text_add(t, " ");
			length_text(t, *s == 'p' ? op->len : op->to);
			break;
		case 'n': text_add(t, " %u", op->value); break;
		case 'c': text_add(t, " cpu%u", op->object); break;
		case '=': text_add(t, " = %u", op->value); break;
		case 't': mremap_text(t, n, op); break;
		case 'r': prot_text(t, op->prot); break;
		case 'a': text_add(t, " %s", op->flags < ADVICES ? advice_names[op->flags] : "?"); break;
		case 'y':
			if (!op->flags)
				text_add(t, " none");
			flags_text(t, msync_words, op->flags);
			break;
		case 'f':
			text_add(t, " ");
			if (op->object == NONE)
				text_add(t, "anon");
			else
				name_text(t, n, NAME_FILE, op->object);
			break;
		case 'o':
			if (op->to) {
				text_add(t, " @");
				length_text(t, op->to);
			}
			text_add(t, op->flags & OPT_UNTYPED ? " untyped" : op->prot & VMA_SHARED ? " shared" : " private");
			flags_text(t, mmap_words, op->flags);
			break;
		case 'm':
			text_add(t, " ");
			name_text(t, n, NAME_MM, op->object);
			break;
		case 's':
			text_add(t, " ");
			name_text(t, n, NAME_SUB, op->object);
			break;
		case 'R': text_add(t, " r%u", op->reg); break;
		case 'V': text_add(t, op->reg == NONE ? " %u" : " r%u", op->reg == NONE ? op->value : op->reg); break;
		case '*':
		case 'A': place_text(t, n, op->va); break;
		case 'F':
			text_add(t, " ");
			name_text(t, n, NAME_FRAME, op->object);
			break;
		case 'P': text_add(t, " %s", raw_prot[op->prot]); break;
		}
	}
}

static bool prot_read(struct word w, uint8_t *prot)
{
	*prot = 0;
	if (word_is(w, "none"))
		return true;
	for (size_t i = 0; i < w.len; i++) {
		const char *at = strchr("rwx", w.at[i]);

		if (!at)
			return false;
		*prot |= (uint8_t)(1u << (at - "rwx"));
	}
	return w.len > 0;
}

void register_text(struct text *t, const struct names *n, uint64_t value)
{
	if (!(value & REG_ENTRY)) {
		text_add(t, "%llu", (unsigned long long)value);
		return;
	}
	name_text(t, n, NAME_FRAME, pte_pfn(value));
	text_add(t, ":%s", !pte_present(value) ? "none" : value & PTE_WRITE ? "rw" : "ro");
}

void registers_text(struct text *t, const struct names *n, const struct regs *regs)
{
	const char *between = "";

	for (unsigned i = 0; i < MAX_REGS; i++)
		if (regs->r[i]) {
			text_add(t, "%sr%u=", between, i);
			register_text(t, n, regs->r[i]);
			between = " ";
		}
}

bool raw_prot_read(struct word w, uint8_t *prot)
{
	for (unsigned i = 0; i < sizeof(raw_prot) / sizeof(raw_prot[0]); i++)
		if (raw_prot[i] && word_is(w, raw_prot[i])) {
			*prot = (uint8_t)i;
			return true;
		}
	return false;
}

bool register_read(struct word w, uint8_t *reg)
{
	uint64_t n;

	if (w.len < 2 || w.at[0] != 'r' || !word_number((struct word){ w.at + 1, w.len - 1 }, &n) || n >= MAX_REGS)
		return false;
	*reg = (uint8_t)n;
	return true;
}

_Static_assert(MAX_REGS == 16, "the sentences below say so");

/* The words of raw instructions. */
static bool raw_argument(const struct names *n, struct word w, char letter, struct op *op, const char **want)
{
	uint64_t v;

	switch (letter) {
	case '*':
	case 'A':
		*want = letter == 'A' ? "an address" : "an address, or * for all";
		if (letter == '*' && word_is(w, "*"))
			return true;
		return address_read(n, w, &op->va) && op->va && va_page(op->va) == op->va && op->va < 1ull << 47;
	case 'R':
		*want = "a register, r0 to r15";
		return register_read(w, &op->reg);
	case 'V':
		*want = "a value or a register, r0 to r15";
		op->reg = NONE;
		if (register_read(w, &op->reg))
			return true;
		if (!word_number(w, &v) || v > UINT32_MAX)
			return false;
		op->value = (uint32_t)v;
		return true;
	case 'F':
		*want = "a frame";
		op->object = (uint8_t)name_find(n, NAME_FRAME, w);
		return op->object != NONE;
	case 'P':
		*want = "rw, ro or none";
		return raw_prot_read(w, &op->prot);
	}
	return false;
}

/* The next word of this operation, without taking it: false at its end. */
static bool word_ahead(const char **rest, struct word *w, const char **after)
{
	*after = *rest;
	return word_next(after, ";=", w) && !word_is(*w, ";");
}

/* Words that are flags, as many as there are. */
static void flags_read(const char **rest, const struct flag_word *words, uint16_t *flags)
{
	const char *after;
	struct word w;

	while (word_ahead(rest, &w, &after) && flag_read(words, w, flags))
		*rest = after;
}

/* @POSITION private|shared|untyped FLAGS: w is the first word. */
static bool mmap_read(const char **rest, struct word w, struct op *op, const char **want)
{
	uint64_t v;

	*want = "private or shared, after @PAGE where the file does not start at 0";
	if (w.len > 1 && w.at[0] == '@') {
		w = (struct word){ w.at + 1, w.len - 1 };
		if (word_number(w, &v) ? v >= FILE_PAGES : !length_read(w, &op->to))
			return false;
		if (word_number(w, &v))
			op->to = v * PAGE_SIZE;
		if (!word_next(rest, ";", &w))
			return false;
	}
	if (word_is(w, "shared"))
		op->prot |= VMA_SHARED;
	else if (word_is(w, "untyped"))
		op->flags |= OPT_UNTYPED;
	else if (!word_is(w, "private"))
		return false;
	flags_read(rest, mmap_words, &op->flags);
	return true;
}

/* to ADDRESS, or size LENGTH FLAGS and perhaps to ADDRESS: w is the first word. */
static bool mremap_read(const struct names *n, const char **rest, struct word w, struct op *op, const char **want)
{
	const char *after;
	uint64_t v;

	*want = "`to ADDRESS`, or `size LENGTH` and some of maymove, fixed, dontunmap";
	op->value = op->len;
	if (word_is(w, "size")) {
		if (!word_next(rest, ";", &w) || !length_read(w, &v))
			return false;
		op->value = (uint32_t)v;
		flags_read(rest, mremap_words, &op->flags);
		if (!word_ahead(rest, &w, &after) || !word_is(w, "to"))
			return true;
		*rest = after;
	} else {
		op->flags = MOVE_MAYMOVE | MOVE_FIXED;
	}
	return word_is(w, "to") && word_next(rest, ";", &w) && address_read(n, w, &op->to) && op->to < 1ull << 47;
}

/* Reads the words that one letter of the shape stands for; the sentence says what was wanted. */
static bool argument_read(const struct names *n, const char **rest, char letter, struct op *op, const char **want)
{
	struct word w = { "", 0 };
	bool file = op->kind == OP_TRUNCATE;
	uint64_t v;

	if (!word_next(rest, ";=", &w) || word_is(w, ";")) {
		*want = "more words";
		w = (struct word){ "", 0 };
	}
	switch (letter) {
	case 'v':
		*want = "an address, such as 0x7f0000001000 or REGION+PAGE";
		return address_read(n, w, &op->va) && op->va < 1ull << 47;
	case 'p':
		*want = file ? "the pages that the file keeps, such as 0p" : "a number of pages, such as 2p";
		if (!length_read(w, &v) || (file && v > FILE_PAGES * PAGE_SIZE))
			return false;
		op->len = (uint32_t)v;
		return true;
	case 'x':
		*want = "a place in the file, such as 2p or 2p+17";
		return length_read(w, &op->to) && op->to < FILE_PAGES * PAGE_SIZE;
	case '=':
		*want = "`= VALUE`";
		if (!word_is(w, "=") || !word_next(rest, ";", &w) || !word_number(w, &v) || v > UINT32_MAX)
			return false;
		op->value = (uint32_t)v;
		return true;
	case 'n':
		*want = "a number of operations that have ended";
		if (!word_number(w, &v) || v > UINT16_MAX)
			return false;
		op->value = (uint32_t)v;
		return true;
	case 'c':
		*want = "a CPU, such as cpu1";
		if (w.len < 4 || memcmp(w.at, "cpu", 3) != 0 || !word_number((struct word){ w.at + 3, w.len - 3 }, &v) || v >= MAX_CPUS)
			return false;
		op->object = (uint8_t)v;
		return true;
	case 't':
		return mremap_read(n, rest, w, op, want);
	case 'r':
		*want = "rights: some of rwx, or none";
		return prot_read(w, &op->prot);
	case 'a':
		*want = "advice, such as dontneed, free or wipeonfork";
		while (op->flags < ADVICES && !word_is(w, advice_names[op->flags]))
			op->flags++;
		return op->flags < ADVICES;
	case 'y':
		*want = "some of async, sync and inval, or none";
		if (!flag_read(msync_words, w, &op->flags))
			return false;
		flags_read(rest, msync_words, &op->flags);
		return true;
	case 'f':
		*want = op->kind == OP_MMAP ? "the name of a file, or anon" : "the name of a file";
		op->object = (uint8_t)name_find(n, NAME_FILE, w);
		return op->object != NONE || (op->kind == OP_MMAP && word_is(w, "anon"));
	case 'o':
		return mmap_read(rest, w, op, want);
	case 'm':
		*want = "the name of an mm";
		op->object = (uint8_t)name_find(n, NAME_MM, w);
		return op->object != NONE;
	case 's':
		*want = "the name of a subscriber";
		op->object = (uint8_t)name_find(n, NAME_SUB, w);
		return op->object != NONE;
	}
	return raw_argument(n, w, letter, op, want);
}

bool op_read(const struct names *n, const char **rest, bool device, struct op *op, char *why, size_t why_size)
{
	struct word w = { "", 0 };

	*op = (struct op){ .object = NONE };
	word_next(rest, ";=", &w);
	for (unsigned k = OP_NONE + 1; k < OP_KINDS; k++) {
		const struct op_info *info = &op_table[k];

		if (!word_is(w, info->word) || info->device != device)
			continue;
		op->kind = (uint8_t)k;
		for (const char *s = info->shape; *s; s++) {
			const char *at = *rest, *want = "";

			if (argument_read(n, rest, *s, op, &want))
				continue;
			*rest = at;
			if (!word_next(rest, ";=", &w))
				w = (struct word){ "the end of the line", 19 };
			snprintf(why, why_size, "%.*s: '%.*s' should be %s, as in `%s`", (int)strlen(info->word),
				info->word, (int)w.len, w.at, want, info->example);
			return false;
		}
		return true;
	}
	snprintf(why, why_size, "'%.*s' is no operation of a %s: %s", (int)w.len, w.at, device ? "device" : "task",
		device ? "dma-read or dma-write" : "after, load, store, mmap, munmap, madvise, mprotect, mremap, mlock, munlock, msync, "
		"mincore, pread, pwrite, pin, unpin, pin-store, fork, exit, truncate, revoke, numa, bind, unbind, register, unregister, guest-load, "
		"guest-store; `help operations` has more");
	return false;
}
