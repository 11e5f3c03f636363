/*
 * setup_memory.c - mm, file, vma, touch, warm: address spaces and what is mapped and cached.
 */
#include <string.h>

#include "asid.h"
#include "huge.h"
#include "kernel.h"
#include "setup_words.h"

enum status line_mm(struct machine *m, const char **rest, struct complaint *c)
{
	unsigned i = 0, pgd;
	enum status s = setup_name(m, rest, NAME_MM, MAX_MMS, "MAX_MMS", &i, c);
	struct word w = { 0 };
	struct mm *mm;

	if (s != OK)
		return s;
	mm = write_mm(m, i);
	mm->used = 1;
	mm->tlb_gen = 1;
	if (word_next(rest, "", &w)) {
		if (word_is(w, "unborn"))
			return OK;
		if (!word_is(w, "kernel"))
			return WRONG(w, "nothing, `unborn` for the child of a fork, or `kernel` for that of the kernel's own threads");
		if (init_mm(m) != NONE)
			return complain(c, BAD_STATE, "kernel: there is one such mm already");
		write_profile(m, 0)->init_mm = (uint8_t)(i + 1);
	}
	pgd = table_alloc(m, i, LEVEL_PGD);
	if (pgd == NO_FRAME)
		return setup_limit(c, "MAX_FRAMES", MAX_FRAMES);
	mm = write_mm(m, i);
	mm->pgd = (uint16_t)pgd;
	mm->state = MM_LIVE;
	return OK;
}

/* asid MM moving|global: as mm_assign_global_asid has left it, or once every CPU has moved. */
enum status line_asid(struct machine *m, const char **rest, struct complaint *c)
{
	unsigned mm = 0, asid;
	struct asids *s;
	struct word w;
	enum status status = setup_mm(m, rest, &mm, c);

	if (status != OK)
		return status;
	w = setup_take(rest, "");
	if (!arch_is(m, ARCH_X86_INVLPGB))
		return complain(c, BAD_STATE, "global ASIDs are those of `machine arch=x86-invlpgb`");
	if (!word_is(w, "moving") && !word_is(w, "global"))
		return WRONG(w, "moving or global");
	if (read_asid(m, mm)->global)
		return complain(c, BAD_STATE, "this mm has a global ASID already");
	asid = DYN_ASIDS + (read_asids(m, 0)->used ? read_asids(m, 0)->last + 1u : 0);
	if (asid >= DYN_ASIDS + read_profile(m, 0)->asids)
		return setup_limit(c, "asids", read_profile(m, 0)->asids);
	s = write_asids(m, 0);
	s->used |= (uint8_t)ASID_BIT(asid);
	s->last = (uint8_t)(asid - DYN_ASIDS);
	*write_asid(m, mm) = (struct asid){ .global = (uint8_t)asid, .transition = word_is(w, "moving") };
	return OK;
}

/* NAME Np: a new file of that kind. */
static enum status file_new(struct machine *m, const char **rest, enum file_kind kind, unsigned *i, unsigned *pages,
	struct complaint *c)
{
	enum status s = setup_name(m, rest, NAME_FILE, MAX_FILES, "MAX_FILES", i, c);

	if (s == OK)
		s = setup_pages(rest, FILE_PAGES, pages, c);
	if (s != OK)
		return s;
	write_file(m, *i)->used = (uint8_t)kind;
	write_file(m, *i)->size = (uint32_t)(*pages * PAGE_SIZE);
	return OK;
}

enum status line_file(struct machine *m, const char **rest, struct complaint *c)
{
	unsigned i = 0, n = 0;
	struct word w;
	enum status s = file_new(m, rest, FILE_NAMED, &i, &n, c);

	if (s != OK)
		return s;
	if (!word_next(rest, "", &w))
		return OK;
	if (word_is(w, "disk")) {
		write_file(m, i)->used = FILE_DISK;
		return OK;
	}
	if (!word_is(w, "cached"))
		return WRONG(w, "nothing, `disk` for a file that a disk keeps, or `cached` for one that was written: its pages are in "
			"the page cache, and dirty");
	for (unsigned p = 0; p < n; p++) {
		unsigned page = file_page_get(m, i, p);

		if (page == NO_FRAME)
			return setup_limit(c, "MAX_FRAMES", MAX_FRAMES);
		write_frame(m, page)->flags |= FRAME_DIRTY;
	}
	return OK;
}

enum status line_driver(struct machine *m, const char **rest, struct complaint *c)
{
	unsigned i = 0, n = 0;
	enum status s = file_new(m, rest, FILE_DRIVER, &i, &n, c);

	if (s != OK)
		return s;
	for (unsigned p = 0; p < n; p++)
		if (file_page_get(m, i, p) == NO_FRAME)
			return setup_limit(c, "MAX_FRAMES", MAX_FRAMES);
	return OK;
}

/* vma MM NAME ADDRESS Np RIGHTS anon|FILE[@PAGE] private|shared */
enum status line_vma(struct machine *m, const char **rest, struct complaint *c)
{
	struct vma v = { .file = NONE };
	struct region *r = &m->names.region[m->names.regions];
	struct word w, offset;
	unsigned mm = 0, n = 0;
	enum status s = setup_mm(m, rest, &mm, c);
	uint64_t page;

	if (s != OK)
		return s;
	if (m->names.regions == MAX_REGIONS)
		return setup_limit(c, "MAX_REGIONS", MAX_REGIONS);
	w = setup_take(rest, "");
	if (!word_copy(w, r->name, sizeof(r->name)) || strpbrk(r->name, "=;:.+,\"'"))
		return complain(c, BAD_VALUE, "'%.*s' should be a name of 1 to %u characters", (int)w.len, w.at, MAX_NAME - 1);
	s = setup_address(m, rest, &v.start, c);
	if (s == OK)
		s = setup_pages(rest, 1024, &n, c);
	if (s != OK)
		return s;
	v.end = v.start + n * PAGE_SIZE;
	v.mm = (uint8_t)mm;
	w = setup_take(rest, "");
	for (size_t i = 0; i < w.len; i++) {
		const char *at = strchr("rwx", w.at[i]);

		if (!at)
			return WRONG(w, "rights: some of rwx");
		v.flags |= 1u << (at - "rwx");
	}
	w = word_split(setup_take(rest, ""), '@', &offset);
	if (!word_is(w, "anon")) {
		v.file = (uint8_t)name_find(&m->names, NAME_FILE, w);
		if (v.file == NONE)
			return setup_wrong(c, BAD_NAME, w, "anon, or the name of a file");
	}
	if (offset.at) {
		if (!word_number(offset, &page) || page >= FILE_PAGES)
			return WRONG(offset, "a page of the file");
		v.pgoff = page;
	}
	w = setup_take(rest, "");
	if (word_is(w, "shared"))
		v.flags |= VMA_SHARED;
	else if (!word_is(w, "private"))
		return WRONG(w, "private or shared");
	if (v.file == NONE && (v.flags & VMA_SHARED))
		return WRONG(w, "private for anonymous memory: shared memory is a file here");
	if (v.file != NONE && read_file(m, v.file)->used == FILE_DRIVER) {
		if (!(v.flags & VMA_SHARED))
			return WRONG(w, "shared: a driver's memory is never private here");
		v.flags |= VMA_PFNMAP;
	}
	if (v.file == NONE)
		v.pgoff = v.start / PAGE_SIZE;
	if ((v.flags & (VMA_WRITE | VMA_SHARED)) == VMA_WRITE)
		v.flags |= VMA_ACCOUNT;
	if (file_wants_notify(m, v.file, v.flags))
		v.flags |= VMA_NOTIFY;
	if (vma_first(m, mm, v.start, v.end) != NONE)
		return complain(c, BAD_VALUE, "'%s' overlaps a mapping that is there already", r->name);
	if (vma_insert(m, v) == NONE)
		return setup_limit(c, "MAX_VMAS", MAX_VMAS);
	r->start = v.start;
	r->pages = (uint16_t)n;
	r->mm = (uint8_t)mm;
	m->names.regions++;
	return OK;
}

/* touch MM ADDRESS [huge] [= VALUE]: the page is there and mapped, as after a store (or a load without VALUE). */
enum status line_touch(struct machine *m, const char **rest, struct complaint *c)
{
	uint64_t va = 0, value = 0;
	unsigned mm = 0, vma, table, pfn, index, level = LEVEL_PTE;
	const struct vma *v;
	struct word w = { 0 };
	const char *ahead;
	bool store, cached;
	enum status s = setup_mm(m, rest, &mm, c);

	if (s == OK)
		s = setup_address(m, rest, &va, c);
	if (s != OK)
		return s;
	ahead = *rest;
	if (word_next(&ahead, "=", &w) && word_is(w, "huge")) {
		level = LEVEL_PMD;
		*rest = ahead;
	}
	s = setup_value(rest, &store, &value, c);
	if (s != OK)
		return s;
	vma = vma_find(m, mm, va);
	if (vma == NONE)
		return complain(c, BAD_VALUE, "no mapping holds 0x%llx: a `vma` line comes first", (unsigned long long)va);
	v = read_vma(m, vma);
	if (store && !(v->flags & VMA_WRITE))
		return complain(c, BAD_VALUE, "0x%llx is not writable, so it cannot hold a value of its own", (unsigned long long)va);
	if (level == LEVEL_PMD && (v->file != NONE || !store || (va & (PMD_SIZE - 1)) || v->end < va + PMD_SIZE))
		return complain(c, BAD_VALUE, "a huge page needs 2 MiB of anonymous memory, aligned to 2 MiB, and `= VALUE`");
	table = table_make(m, mm, va, level);
	if (table == NO_FRAME)
		return setup_limit(c, "MAX_FRAMES", MAX_FRAMES);
	if (table_read(m, table, va_index(va, level)))
		return complain(c, BAD_VALUE, "0x%llx has been touched already", (unsigned long long)va);
	cached = v->file != NONE && !(store && vma_is_cow(v));
	if (cached) {
		index = vma_file_page(v, va);
		if (index >= file_pages(read_file(m, v->file)))
			return complain(c, BAD_VALUE, "0x%llx lies beyond the end of the file", (unsigned long long)va);
		pfn = file_page_get(m, v->file, index);
		if (pfn == NO_FRAME)
			return setup_limit(c, "MAX_FRAMES", MAX_FRAMES);
		if (!(v->flags & VMA_PFNMAP))
			frame_get(m, pfn);
	} else {
		if (store && !anon_vma_prepare(m, vma))
			return setup_limit(c, "MAX_ANON_VMAS", MAX_ANON_VMAS);
		pfn = store ? frame_alloc(m, FRAME_ANON, mm) : ZERO_PFN;
		if (pfn == NO_FRAME)
			return setup_limit(c, "MAX_FRAMES", MAX_FRAMES);
		if (store)
			write_frame(m, pfn)->flags |= FRAME_EXCLUSIVE;
	}
	if (level == LEVEL_PMD) {
		/* As at the fault that brings such a page: a page-table page in reserve comes with it. */
		unsigned reserve = deposit_fits(m, table) ? table_alloc(m, mm, LEVEL_PTE) : NO_FRAME;

		if (reserve == NO_FRAME)
			return setup_limit(c, "TABLE_DEPOSITS", TABLE_DEPOSITS);
		table_deposit(m, table, reserve);
	}
	if (store)
		write_frame(m, pfn)->value = (uint32_t)value;
	if (store && (read_frame(m, pfn)->flags & FRAME_DISK))
		write_frame(m, pfn)->flags |= FRAME_DIRTY | FRAME_UNSAVED;
	if (!table_write(m, table, va_index(va, level),
			entry_make(v, pfn, store || vma_maps_writable(v), store) | (level == LEVEL_PMD ? PTE_HUGE : 0)))
		return setup_limit(c, "TABLE_SLOTS", TABLE_SLOTS);
	if (!(v->flags & VMA_PFNMAP))
		page_mapped(m, pfn);
	return OK;
}

/* warm AGENT MM ADDRESS: the agent has walked to the page and holds its entries. */
/* Under which PCID a CPU keeps what is warmed for an mm; NONE when its two slots are taken. */
static unsigned warm_slot(struct machine *m, unsigned cpu, unsigned mm)
{
	struct cpu *c = write_cpu(m, cpu);

	if (arch_is(m, ARCH_ARM64))
		return ARM64_ASID(mm);
	if (!read_profile(m, 0)->pcid)
		return 0;
	if (mm_global_asid(m, mm) && !mm_in_asid_transition(m, mm))
		return ASID_PCID(mm_global_asid(m, mm));
	if (c->ctx_mm == NONE) {
		c->ctx_mm = (uint8_t)mm;
		c->tlb_gen = read_mm(m, mm)->tlb_gen;
	}
	if (c->ctx_mm == mm)
		return 1;
	if (c->other_mm == NONE) {
		c->other_mm = (uint8_t)mm;
		c->other_gen = read_mm(m, mm)->tlb_gen;
	}
	return c->other_mm == mm ? 2 : NONE;
}

enum status line_warm(struct machine *m, const char **rest, struct complaint *c)
{
	struct word w = setup_take(rest, "");
	unsigned mm = 0, dev, walker, mmu, pcid = 0;
	enum walk_result result;
	uint64_t va = 0, cpu;
	enum status s = setup_mm(m, rest, &mm, c);

	if (s == OK)
		s = setup_address(m, rest, &va, c);
	if (s != OK)
		return s;
	dev = name_find(&m->names, NAME_DEV, w);
	if (dev != NONE) {
		if (read_dev(m, dev)->pasid == NONE)
			return setup_wrong(c, BAD_STATE, w, "a device that an `sva` line has bound");
		walker = WALKER_DEV(dev);
		mmu = MMU_DEV(dev);
		pcid = read_dev(m, dev)->pasid;
	} else if (w.len > 3 && memcmp(w.at, "cpu", 3) == 0 &&
		   word_number((struct word){ w.at + 3, w.len - 3 }, &cpu) && cpu < MAX_CPUS &&
		   read_cpu(m, (unsigned)cpu)->online) {
		walker = WALKER_SPEC(cpu);
		mmu = MMU_CPU(cpu);
		pcid = warm_slot(m, (unsigned)cpu, mm);
		if (pcid == NONE)
			return setup_wrong(c, BAD_STATE, w, "a CPU that keeps the translations of two address spaces at most");
	} else {
		return setup_wrong(c, BAD_NAME, w, "a CPU or a device of this machine");
	}
	walk_start(m, walker, mmu, read_mm(m, mm)->pgd, pcid, mm, va, false);
	do
		result = walk_step(m, walker, mmu);
	while (result == WALK_MORE);
	if (result == WALK_FAULT)
		return complain(c, BAD_STATE, "0x%llx has no page yet: a `touch` line comes first", (unsigned long long)va);
	return OK;
}
