/*
 * What conformance programs report about a process: read off the world, as /proc reads it off a kernel.
 */
#include <string.h>

#include "conform.h"
#include "memory.h"

unsigned vma_at(const struct machine *m, unsigned mm, uint64_t va)
{
	const struct tree *t = peek_tree(m, mm);

	for (unsigned i = 0; i < t->count; i++)
		if (va >= peek_vma(m, t->vma[i])->start && va < peek_vma(m, t->vma[i])->end)
			return t->vma[i];
	return NONE;
}

/* The entry of va, 0 when there is none. */
static uint64_t entry_at(const struct machine *m, unsigned mm, uint64_t va)
{
	unsigned table = peek_mm(m, mm)->pgd;

	for (unsigned level = LEVEL_PGD;; level--) {
		unsigned index;
		uint64_t entry = 0;
		bool found = false;

		for (unsigned n = 0; !found && table_slot(m, table, n, &index, &entry); n++)
			found = index == va_index(va, level);
		if (!found || level == LEVEL_PTE)
			return found ? entry : 0;
		table = pte_pfn(entry);
	}
}

enum page_class page_class(const struct machine *m, unsigned mm, uint64_t va, unsigned *pfn)
{
	uint64_t entry = entry_at(m, mm, va);

	*pfn = pte_pfn(entry);
	if (!entry)
		return PAGE_OTHER;
	if (*pfn == ZERO_PFN)
		return PAGE_ZERO;
	return peek_frame(m, *pfn)->owner == FRAME_ANON ? PAGE_ANON : PAGE_OTHER;
}

/* Calls back for the mappings of the arena, in order. */
static const struct vma *arena_vma(const struct machine *m, unsigned mm, unsigned n)
{
	const struct tree *t = peek_tree(m, mm);
	const struct vma *v;

	for (unsigned i = 0; i < t->count; i++) {
		v = peek_vma(m, t->vma[i]);
		if (v->start < ARENA + ARENA_PAGES * PAGE_SIZE && v->end > ARENA && !n--)
			return v;
	}
	return NULL;
}

static void vma_flags_text(const struct vma *v, struct text *t)
{
	static const struct {
		uint32_t flag;
		const char *word;
	} names[] = {
		{ VMA_LOCKED, "lo" }, { VMA_ACCOUNT, "ac" }, { VMA_NORESERVE, "nr" }, { VMA_DONTCOPY, "dc" },
		{ VMA_WIPEONFORK, "wf" }, { VMA_SEQ_READ, "sr" }, { VMA_RAND_READ, "rr" }, { VMA_DONTDUMP, "dd" },
		{ VMA_HUGEPAGE, "hg" }, { VMA_NOHUGEPAGE, "nh" },
	};
	const char *before = " ";

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (v->flags & names[i].flag) {
			text_add(t, "%s%s", before, names[i].word);
			before = ",";
		}
}

void conform_vmas(const struct machine *m, unsigned mm, struct text *t)
{
	uint8_t shared[MAX_FILES];
	unsigned objects_seen = 0, k;
	const struct vma *v;

	for (unsigned n = 0; (v = arena_vma(m, mm, n)); n++) {
		text_add(t, "%s%d-%d %c%c%c%c ", n ? "; " : "", (int)((int64_t)(v->start - ARENA) / (int64_t)PAGE_SIZE),
			 (int)((v->end - ARENA) / PAGE_SIZE), v->flags & VMA_READ ? 'r' : '-',
			 v->flags & VMA_WRITE ? 'w' : '-', v->flags & VMA_EXEC ? 'x' : '-',
			 v->flags & VMA_SHARED ? 's' : 'p');
		if (v->file == NONE) {
			text_add(t, "-");
		} else if (peek_file(m, v->file)->used == FILE_NAMED) {
			text_add(t, "f%u+%llu", v->file, (unsigned long long)v->pgoff);
		} else {
			for (k = 0; k < objects_seen && shared[k] != v->file; k++)
				;
			if (k == objects_seen)
				shared[objects_seen++] = v->file;
			text_add(t, "s%u+%llu", k, (unsigned long long)v->pgoff);
		}
		vma_flags_text(v, t);
	}
	if (!arena_vma(m, mm, 0))
		text_add(t, "none");
}

void conform_perms(const struct machine *m, unsigned mm, struct text *t)
{
	for (unsigned i = 0; i < ARENA_PAGES; i++) {
		unsigned v = vma_at(m, mm, ARENA + i * PAGE_SIZE), flags = v == NONE ? 0 : peek_vma(m, v)->flags;

		text_add(t, "%c", v == NONE ? '_' : (flags & VMA_SHARED ? 'A' : '0') + (int)(flags & VMA_ACCESS));
	}
}

void conform_pages(const struct machine *m, unsigned mm, struct text *t)
{
	for (unsigned i = 0; i < ARENA_PAGES; i++) {
		uint64_t va = ARENA + i * PAGE_SIZE;
		char c = vma_at(m, mm, va) == NONE ? '_' : '.';
		unsigned pfn;

		switch (page_class(m, mm, va, &pfn)) {
		case PAGE_OTHER:
			break;
		case PAGE_ZERO:
			c = 'z';
			break;
		case PAGE_ANON:
			c = peek_frame(m, pfn)->mapcount == 1 ? 'a' : 'A';
			break;
		}
		text_add(t, "%c", c);
	}
}

void conform_frames(const struct machine *m, struct text *t)
{
	unsigned frame[PROCESSES * ARENA_PAGES];
	bool any = false;

	for (unsigned i = 0; i < PROCESSES * ARENA_PAGES; i++) {
		unsigned mm = i / ARENA_PAGES, pfn = NO_FRAME;

		if (peek_mm(m, mm)->state != MM_LIVE ||
		    page_class(m, mm, ARENA + i % ARENA_PAGES * PAGE_SIZE, &pfn) != PAGE_ANON)
			pfn = NO_FRAME;
		frame[i] = pfn;
	}
	for (unsigned i = 0; i < PROCESSES * ARENA_PAGES; i++) {
		bool shared = false;

		for (unsigned j = i + 1; frame[i] != NO_FRAME && j < PROCESSES * ARENA_PAGES; j++) {
			if (frame[j] != frame[i])
				continue;
			if (!shared)
				text_add(t, "%s%c%u", any ? " " : "", (int)('A' + i / ARENA_PAGES), i % ARENA_PAGES);
			text_add(t, "=%c%u", (int)('A' + j / ARENA_PAGES), j % ARENA_PAGES);
			any = shared = true;
			frame[j] = NO_FRAME;
		}
	}
	if (!any)
		text_add(t, "none");
}
