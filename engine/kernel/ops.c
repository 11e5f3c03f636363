/*
 * ops.c - operations as text: one table for printing and reading.
 */
#include <stdio.h>
#include <string.h>

#include "pte.h"
#include "task.h"

const struct op_info op_table[OP_KINDS] = {
	[OP_LOAD]		= { "load", "v", "load heap+0", false },
	[OP_STORE]		= { "store", "v=", "store heap+0 = 9", false },
	[OP_MMAP]		= { "mmap", "vprfo", "mmap 0x7f0000400000 2p rw anon private", false },
	[OP_MUNMAP]		= { "munmap", "vp", "munmap heap+0 2p", false },
	[OP_MADVISE_DONTNEED]	= { "madvise", "vpd", "madvise heap+0 1p dontneed", false },
	[OP_MPROTECT]		= { "mprotect", "vpr", "mprotect heap+0 1p r", false },
	[OP_MREMAP]		= { "mremap", "vpt", "mremap heap+0 1p to 0x7f0000201000", false },
	[OP_FORK]		= { "fork", "m", "fork B", false },
	[OP_EXIT]		= { "exit", "", "exit", false },
	[OP_TRUNCATE]		= { "truncate", "fp", "truncate data 0p", false },
	[OP_REGISTER]		= { "register", "s", "register kvm", false },
	[OP_UNREGISTER]		= { "unregister", "s", "unregister kvm", false },
	[OP_BIND]		= { "bind", "s", "bind sva0", false },
	[OP_UNBIND]		= { "unbind", "s", "unbind sva0", false },
	[OP_VCPU_LOAD]		= { "guest-load", "vs", "guest-load heap+0 kvm", false },
	[OP_VCPU_STORE]		= { "guest-store", "v=s", "guest-store heap+0 = 9 kvm", false },
	[OP_LD]			= { "ld", "RA", "ld r1 heap", false },
	[OP_ST]			= { "st", "AV", "st heap 9", false },
	[OP_PTE]		= { "pte", "AFP", "pte heap p ro", false },
	[OP_INV]		= { "inv", "*", "inv heap", false },
	[OP_SHOOT]		= { "shoot", "*", "shoot heap", false },
	[OP_LDPTE]		= { "ldpte", "RA", "ldpte r1 heap", false },
	[OP_DMA_READ]		= { "dma-read", "v", "dma-read heap+0", true },
	[OP_DMA_WRITE]		= { "dma-write", "v=", "dma-write heap+0 = 9", true },
};

static void prot_text(struct text *t, unsigned prot)
{
	text_add(t, " %s%s%s%s", prot & VMA_READ ? "r" : "", prot & VMA_WRITE ? "w" : "",
		prot & VMA_EXEC ? "x" : "", prot & (VMA_READ | VMA_WRITE | VMA_EXEC) ? "" : "none");
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
			address_brief(t, n, op->va);
			break;
		case 'p': text_add(t, " %up", op->pages); break;
		case '=': text_add(t, " = %u", op->value); break;
		case 't':
			text_add(t, " to ");
			address_brief(t, n, op->to);
			break;
		case 'r': prot_text(t, op->prot); break;
		case 'd': text_add(t, " dontneed"); break;
		case 'f':
			text_add(t, " ");
			if (op->object == NONE)
				text_add(t, "anon");
			else
				name_text(t, n, NAME_FILE, op->object);
			break;
		case 'o':
			if (op->value)
				text_add(t, " @%u", op->value);
			text_add(t, op->prot & VMA_SHARED ? " shared" : " private");
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

/* Reads the words that one letter of the shape stands for; the sentence says what was wanted. */
static bool argument_read(const struct names *n, const char **rest, char letter, struct op *op, const char **want)
{
	struct word w = { "", 0 };
	uint64_t v, most;

	if (!word_next(rest, ";=", &w) || word_is(w, ";")) {
		*want = "more words";
		w = (struct word){ "", 0 };
	}
	switch (letter) {
	case 'v':
		*want = "an address, such as 0x7f0000001000 or REGION+PAGE";
		return address_read(n, w, &op->va) && va_page(op->va) == op->va && op->va < 1ull << 47;
	case 'p':
		most = op->kind == OP_TRUNCATE ? FILE_PAGES : 1024;
		*want = op->kind == OP_TRUNCATE ? "the pages that the file keeps, such as 0p" : "a number of pages, such as 2p";
		if (w.len < 2 || w.at[w.len - 1] != 'p' || !word_number((struct word){ w.at, w.len - 1 }, &v) || v > most ||
		    (!v && op->kind != OP_TRUNCATE))
			return false;
		op->pages = (uint16_t)v;
		return true;
	case '=':
		*want = "`= VALUE`";
		if (!word_is(w, "=") || !word_next(rest, ";", &w) || !word_number(w, &v) || v > UINT32_MAX)
			return false;
		op->value = (uint32_t)v;
		return true;
	case 't':
		*want = "`to ADDRESS`";
		return word_is(w, "to") && word_next(rest, ";", &w) && address_read(n, w, &op->to) &&
			va_page(op->to) == op->to && op->to < 1ull << 47;
	case 'r':
		*want = "rights: some of rwx, or none";
		return prot_read(w, &op->prot);
	case 'd':
		*want = "dontneed";
		return word_is(w, "dontneed");
	case 'f':
		*want = op->kind == OP_MMAP ? "the name of a file, or anon" : "the name of a file";
		op->object = (uint8_t)name_find(n, NAME_FILE, w);
		return op->object != NONE || (op->kind == OP_MMAP && word_is(w, "anon"));
	case 'o':
		*want = "private or shared, after @PAGE where the file does not start at 0";
		if (w.len > 1 && w.at[0] == '@') {
			if (!word_number((struct word){ w.at + 1, w.len - 1 }, &v) || v >= FILE_PAGES ||
			    !word_next(rest, ";", &w))
				return false;
			op->value = (uint32_t)v;
		}
		if (op->object == NONE) {
			*want = "private: shared memory is a file here";
			return word_is(w, "private") && !op->value;
		}
		if (word_is(w, "shared"))
			op->prot |= VMA_SHARED;
		return word_is(w, "shared") || word_is(w, "private");
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
		device ? "dma-read or dma-write" : "load, store, mmap, munmap, madvise, mprotect, mremap, fork, exit, truncate, "
		"bind, unbind, register, unregister, guest-load, guest-store; `help operations` has more");
	return false;
}
