/*
 * setup.c - the set-up lines.
 */
#include <string.h>

#include "iommu.h"
#include "kernel.h"
#include "setup.h"
#include "task.h"

static struct word take(const char **rest, const char *alone)
{
	struct word w = { "the end of the line", 0 };

	if (word_next(rest, alone, &w))
		return w;
	return (struct word){ "the end of the line", 19 };
}

#define WRONG(w, ...) wrong(c, BAD_VALUE, (w), __VA_ARGS__)

static enum status wrong(struct complaint *c, enum status status, struct word w, const char *want)
{
	return complain(c, status, "'%.*s' should be %s", (int)w.len, w.at, want);
}

static enum status limit(struct complaint *c, const char *name, unsigned value)
{
	return complain(c, BAD_LIMIT, "the machine is too small: %s is %u", name, value);
}

static enum status mm_read(struct machine *m, const char **rest, unsigned *mm, struct complaint *c)
{
	struct word w = take(rest, "");

	*mm = name_find(&m->names, NAME_MM, w);
	return *mm == NONE ? wrong(c, BAD_NAME, w, "the name of an mm that an `mm` line made") : OK;
}

static enum status address(struct machine *m, const char **rest, uint64_t *va, struct complaint *c)
{
	struct word w = take(rest, "=");

	if (!address_read(&m->names, w, va) || (*va & (PAGE_SIZE - 1)) || *va >= 1ull << 47 || !*va)
		return WRONG(w, "the address of a page, such as 0x7f0000001000 or REGION+PAGE");
	return OK;
}

static enum status pages(const char **rest, unsigned max, unsigned *n, struct complaint *c)
{
	struct word w = take(rest, "");
	uint64_t v;

	if (w.len < 2 || w.at[w.len - 1] != 'p' || !word_number((struct word){ w.at, w.len - 1 }, &v) || !v || v > max)
		return complain(c, BAD_VALUE, "'%.*s' should be a number of pages from 1p to %up", (int)w.len, w.at, max);
	*n = (unsigned)v;
	return OK;
}

/* A new name of its kind, in the first free place below max. */
static enum status new_name(struct machine *m, const char **rest, enum name_kind kind, unsigned max, const char *what,
	unsigned *index, struct complaint *c)
{
	struct word w = take(rest, "");
	char buf[MAX_NAME];

	if (!word_copy(w, buf, sizeof(buf)) || strpbrk(buf, "=;:.+,\"'") || (buf[0] >= '0' && buf[0] <= '9'))
		return complain(c, BAD_VALUE, "'%.*s' should be a name of 1 to %u characters that begins with a letter",
			(int)w.len, w.at, MAX_NAME - 1);
	for (unsigned k = 0; k < NAME_KINDS; k++)
		if (name_find(&m->names, (enum name_kind)k, w) != NONE)
			return complain(c, BAD_NAME, "the name '%s' is taken", buf);
	for (unsigned i = 0; i < max; i++)
		if (!m->names.name[kind][i][0]) {
			memcpy(m->names.name[kind][i], buf, sizeof(buf));
			*index = i;
			return OK;
		}
	return limit(c, what, max);
}

static enum status line_machine(struct machine *m, const char **rest, struct complaint *c)
{
	struct word w, key, value;

	while (word_next(rest, "", &w)) {
		uint64_t n;

		key = word_split(w, '=', &value);
		if (word_is(key, "cpus")) {
			if (!word_number(value, &n) || n < 1 || n > MAX_CPUS)
				return complain(c, BAD_VALUE, "'%.*s' should be cpus=1 to cpus=%u", (int)w.len, w.at, MAX_CPUS);
			for (unsigned i = 0; i < n; i++)
				write_cpu(m, i)->online = 1;
		} else if (word_is(key, "arch")) {
			if (!word_is(value, "x86"))
				return WRONG(w, "arch=x86");
		} else if (word_is(key, "spec")) {
			static const char *const specs[] = { "off", "fill", "full" };
			unsigned s = 0;

			while (s < 3 && !word_is(value, specs[s]))
				s++;
			if (s == 3)
				return WRONG(w, "spec=off, spec=fill or spec=full");
			write_profile(m, 0)->spec = (uint8_t)s;
		} else {
			return WRONG(w, "arch=x86, cpus=N or spec=off|fill|full");
		}
	}
	return OK;
}

static enum status one_switch(struct machine *m, struct word w, struct complaint *c)
{
	struct word value, key = word_split(w, '=', &value);

	for (unsigned s = 0; s < SWITCH_COUNT; s++) {
		const struct switch_info *info = &switch_table[s];

		if (!word_is(key, info->name))
			continue;
		for (unsigned v = 0; v < 3 && info->value[v]; v++)
			if (word_is(value, info->value[v])) {
				write_profile(m, 0)->value[s] = (uint8_t)v;
				return OK;
			}
		return complain(c, BAD_VALUE, "'%.*s' should be %s=%s%s%s%s%s", (int)w.len, w.at, info->name, info->value[0],
			" or ", info->value[1], info->value[2] ? " or " : "", info->value[2] ? info->value[2] : "");
	}
	return complain(c, BAD_NAME, "'%.*s' is no switch: `help switches` lists them", (int)key.len, key.at);
}

static enum status line_switch(struct machine *m, const char **rest, struct complaint *c)
{
	struct word w;

	while (word_next(rest, "", &w)) {
		enum status s = one_switch(m, w, c);

		if (s != OK)
			return s;
	}
	return OK;
}

static enum status line_kernel(struct machine *m, const char **rest, struct complaint *c)
{
	struct word w = take(rest, "");

	for (unsigned k = 0; k < KERNELS; k++)
		if (word_is(w, kernel_table[k].name)) {
			memset(write_profile(m, 0)->value, 0, sizeof(((struct profile *)0)->value));
			for (unsigned i = 0; i < kernel_table[k].count; i++)
				write_profile(m, 0)->value[kernel_table[k].set[i].id] = kernel_table[k].set[i].value;
			return OK;
		}
	return wrong(c, BAD_NAME, w, "a kernel: latest, 6.6, 6.1, 5.15, 5.0 or 4.14");
}

static enum status line_mm(struct machine *m, const char **rest, struct complaint *c)
{
	unsigned i = 0, pgd;
	enum status s = new_name(m, rest, NAME_MM, MAX_MMS, "MAX_MMS", &i, c);
	struct word w = { 0 };
	struct mm *mm;

	if (s != OK)
		return s;
	mm = write_mm(m, i);
	mm->used = 1;
	mm->tlb_gen = 1;
	if (word_next(rest, "", &w)) {
		if (!word_is(w, "unborn"))
			return WRONG(w, "nothing, or `unborn` for the child of a fork");
		return OK;
	}
	pgd = table_alloc(m, i, LEVEL_PGD);
	if (pgd == NO_FRAME)
		return limit(c, "MAX_FRAMES", MAX_FRAMES);
	mm = write_mm(m, i);
	mm->pgd = (uint16_t)pgd;
	mm->state = MM_LIVE;
	return OK;
}

static enum status line_file(struct machine *m, const char **rest, struct complaint *c)
{
	unsigned i = 0, n = 0;
	enum status s = new_name(m, rest, NAME_FILE, MAX_FILES, "MAX_FILES", &i, c);

	if (s == OK)
		s = pages(rest, FILE_PAGES, &n, c);
	if (s != OK)
		return s;
	write_file(m, i)->used = 1;
	write_file(m, i)->size = (uint8_t)n;
	return OK;
}

/* vma MM NAME ADDRESS Np RIGHTS anon|FILE[@PAGE] private|shared */
static enum status line_vma(struct machine *m, const char **rest, struct complaint *c)
{
	struct vma v = { .file = NONE };
	struct region *r = &m->names.region[m->names.regions];
	struct word w, offset;
	unsigned mm = 0, n = 0;
	enum status s = mm_read(m, rest, &mm, c);
	uint64_t page;

	if (s != OK)
		return s;
	if (m->names.regions == MAX_REGIONS)
		return limit(c, "MAX_REGIONS", MAX_REGIONS);
	w = take(rest, "");
	if (!word_copy(w, r->name, sizeof(r->name)) || strpbrk(r->name, "=;:.+,\"'"))
		return complain(c, BAD_VALUE, "'%.*s' should be a name of 1 to %u characters", (int)w.len, w.at, MAX_NAME - 1);
	s = address(m, rest, &v.start, c);
	if (s == OK)
		s = pages(rest, 1024, &n, c);
	if (s != OK)
		return s;
	v.end = v.start + n * PAGE_SIZE;
	v.mm = (uint8_t)mm;
	w = take(rest, "");
	for (size_t i = 0; i < w.len; i++) {
		const char *at = strchr("rwx", w.at[i]);

		if (!at)
			return WRONG(w, "rights: some of rwx");
		v.flags |= (uint8_t)(1u << (at - "rwx"));
	}
	w = word_split(take(rest, ""), '@', &offset);
	if (!word_is(w, "anon")) {
		v.file = (uint8_t)name_find(&m->names, NAME_FILE, w);
		if (v.file == NONE)
			return wrong(c, BAD_NAME, w, "anon, or the name of a file");
	}
	if (offset.at) {
		if (!word_number(offset, &page) || page >= FILE_PAGES)
			return WRONG(offset, "a page of the file");
		v.pgoff = (uint16_t)page;
	}
	w = take(rest, "");
	if (word_is(w, "shared"))
		v.flags |= VMA_SHARED;
	else if (!word_is(w, "private"))
		return WRONG(w, "private or shared");
	if (v.file == NONE && (v.flags & VMA_SHARED))
		return WRONG(w, "private for anonymous memory: shared memory is a file here");
	if (vma_first(m, mm, v.start, v.end) != NONE)
		return complain(c, BAD_VALUE, "'%s' overlaps a mapping that is there already", r->name);
	if (vma_insert(m, v) == NONE)
		return limit(c, "MAX_VMAS", MAX_VMAS);
	r->start = v.start;
	r->pages = (uint16_t)n;
	r->mm = (uint8_t)mm;
	m->names.regions++;
	return OK;
}

/* touch MM ADDRESS [huge] [= VALUE]: the page is there and mapped, as after a store (or a load without VALUE). */
static enum status line_touch(struct machine *m, const char **rest, struct complaint *c)
{
	uint64_t va = 0, value = 0;
	unsigned mm = 0, vma, table, pfn, index, level = LEVEL_PTE;
	const struct vma *v;
	struct word w = { 0 };
	const char *ahead;
	bool store, cached;
	enum status s = mm_read(m, rest, &mm, c);

	if (s == OK)
		s = address(m, rest, &va, c);
	if (s != OK)
		return s;
	ahead = *rest;
	if (word_next(&ahead, "=", &w) && word_is(w, "huge")) {
		level = LEVEL_PMD;
		*rest = ahead;
	}
	store = word_next(rest, "=", &w);
	if (store && (!word_is(w, "=") || !word_next(rest, "", &w) || !word_number(w, &value) || value > UINT32_MAX))
		return WRONG(w, "`= VALUE`");
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
		return limit(c, "MAX_FRAMES", MAX_FRAMES);
	if (table_read(m, table, va_index(va, level)))
		return complain(c, BAD_VALUE, "0x%llx has been touched already", (unsigned long long)va);
	cached = v->file != NONE && !(store && vma_is_cow(v));
	if (cached) {
		index = vma_file_page(v, va);
		if (index >= read_file(m, v->file)->size)
			return complain(c, BAD_VALUE, "0x%llx lies beyond the end of the file", (unsigned long long)va);
		pfn = read_file(m, v->file)->page[index];
		if (pfn == NO_FRAME) {
			pfn = frame_alloc(m, FRAME_FILE, v->file);
			if (pfn == NO_FRAME)
				return limit(c, "MAX_FRAMES", MAX_FRAMES);
			write_file(m, v->file)->page[index] = (uint16_t)pfn;
			write_frame(m, pfn)->value = 100u * (v->file + 1u) + index;
		}
		frame_get(m, pfn);
	} else {
		pfn = store ? frame_alloc(m, FRAME_ANON, mm) : ZERO_PFN;
		if (pfn == NO_FRAME)
			return limit(c, "MAX_FRAMES", MAX_FRAMES);
	}
	if (store)
		write_frame(m, pfn)->value = (uint32_t)value;
	if (!table_write(m, table, va_index(va, level),
			entry_make(v, pfn, store, store) | (level == LEVEL_PMD ? PTE_HUGE : 0)))
		return limit(c, "TABLE_SLOTS", TABLE_SLOTS);
	page_mapped(m, pfn);
	return OK;
}

static enum status program_read(struct machine *m, const char **rest, unsigned program, bool device, struct complaint *c)
{
	struct program *p = write_program(m, program);
	struct word w;

	for (;;) {
		const char *ahead = *rest;
		char why[160];

		if (!word_next(&ahead, ";", &w))
			return OK;
		if (p->count == MAX_OPS)
			return limit(c, "MAX_OPS", MAX_OPS);
		if (!op_read(&m->names, rest, device, &p->op[p->count], why, sizeof(why)))
			return complain(c, BAD_VALUE, "%s", why);
		if (p->count && p->op[p->count - 1].kind == OP_EXIT)
			return complain(c, BAD_VALUE, "nothing can follow `exit` in a program");
		p->count++;
		if (word_next(rest, ";", &w) && !word_is(w, ";"))
			return complain(c, BAD_SYNTAX, "'%.*s' should be ';' or the end of the line", (int)w.len, w.at);
	}
}

/* Cuts the ':' off the end of a word; false when there is none. */
static bool colon(struct word *w)
{
	if (!w->len || w->at[w->len - 1] != ':')
		return false;
	w->len--;
	return true;
}

/* task NAME on cpuN in MM: OP; OP; ... */
static enum status line_task(struct machine *m, const char **rest, struct complaint *c)
{
	unsigned i = 0, mm;
	struct word w;
	uint64_t cpu;
	enum status s = new_name(m, rest, NAME_TASK, MAX_TASKS, "MAX_TASKS", &i, c);

	if (s != OK)
		return s;
	w = take(rest, "");
	if (!word_is(w, "on"))
		return wrong(c, BAD_SYNTAX, w, "`on cpuN`, as in `task victim on cpu1 in A: load heap+0`");
	w = take(rest, "");
	if (w.len < 4 || memcmp(w.at, "cpu", 3) != 0 || !word_number((struct word){ w.at + 3, w.len - 3 }, &cpu) ||
	    cpu >= MAX_CPUS || !read_cpu(m, (unsigned)cpu)->online)
		return WRONG(w, "a CPU of this machine, such as cpu0 (the `machine` line comes first)");
	w = take(rest, "");
	if (!word_is(w, "in"))
		return wrong(c, BAD_SYNTAX, w, "`in MM:`, as in `task victim on cpu1 in A: load heap+0`");
	w = take(rest, "");
	if (!colon(&w))
		return wrong(c, BAD_SYNTAX, w, "`MM:`, with a colon before the operations");
	mm = name_find(&m->names, NAME_MM, w);
	if (mm == NONE)
		return wrong(c, BAD_NAME, w, "the name of an mm that an `mm` line made");
	*write_task(m, i) = (struct task){ .used = 1, .cpu = (uint8_t)cpu, .mm = (uint8_t)mm };
	*write_ctx(m, i) = (struct ctx){ .cpu = (uint8_t)cpu };
	write_mm(m, mm)->users++;
	return program_read(m, rest, i, false, c);
}

/* device NAME: OP; OP; ... */
static enum status line_device(struct machine *m, const char **rest, struct complaint *c)
{
	unsigned i = 0;
	const char *ahead = *rest;
	struct word w = take(&ahead, "");
	char buf[MAX_NAME + 1];
	enum status s;

	if (!colon(&w) || !word_copy(w, buf, MAX_NAME))
		return wrong(c, BAD_SYNTAX, w, "`NAME:`, as in `device nic: dma-write heap+0 = 9`");
	const char *name = buf;

	s = new_name(m, &name, NAME_DEV, MAX_DEVS, "MAX_DEVS", &i, c);
	if (s != OK)
		return s;
	*rest = ahead;
	write_dev(m, i)->used = 1;
	write_iommu(m, 0)->used = 1;
	return program_read(m, rest, MAX_TASKS + i, true, c);
}

/* sva NAME for DEVICE in MM [unbound]; shadow NAME in MM [unbound] */
static enum status subscriber(struct machine *m, const char **rest, enum sub_kind kind, struct complaint *c)
{
	unsigned i = 0, mm = 0, dev = NONE;
	enum status s = new_name(m, rest, NAME_SUB, MAX_SUBS, "MAX_SUBS", &i, c);
	struct word w;

	if (s != OK)
		return s;
	if (kind == SUB_SVA) {
		w = take(rest, "");
		if (!word_is(w, "for"))
			return wrong(c, BAD_SYNTAX, w, "`for DEVICE`, as in `sva sva0 for nic in A`");
		w = take(rest, "");
		dev = name_find(&m->names, NAME_DEV, w);
		if (dev == NONE)
			return wrong(c, BAD_NAME, w, "the name of a device that a `device` line made");
	}
	w = take(rest, "");
	if (!word_is(w, "in"))
		return wrong(c, BAD_SYNTAX, w, "`in MM`");
	s = mm_read(m, rest, &mm, c);
	if (s != OK)
		return s;
	*write_sub(m, i) = (struct sub){ .kind = (uint8_t)kind, .mm = NONE, .dev = (uint8_t)dev, .told = UINT16_MAX };
	if (word_next(rest, "", &w))
		return word_is(w, "unbound") ? OK : wrong(c, BAD_SYNTAX, w, "`unbound` or nothing");
	write_sub(m, i)->mm = (uint8_t)mm;
	write_mm(m, mm)->subs |= (uint8_t)(1u << i);
	if (kind == SUB_SVA) {
		iommu_pasid_set(m, i, PASID_PRESENT, mm);
		write_dev(m, dev)->pasid = (uint8_t)i;
	}
	return OK;
}

static enum status line_sva(struct machine *m, const char **rest, struct complaint *c)
{
	return subscriber(m, rest, SUB_SVA, c);
}

static enum status line_shadow(struct machine *m, const char **rest, struct complaint *c)
{
	return subscriber(m, rest, SUB_SHADOW, c);
}

/* warm AGENT MM ADDRESS: the agent has walked to the page and holds its entries. */
static enum status line_warm(struct machine *m, const char **rest, struct complaint *c)
{
	struct word w = take(rest, "");
	unsigned mm = 0, dev, walker, mmu, pcid = 0;
	enum walk_result result;
	uint64_t va = 0, cpu;
	enum status s = mm_read(m, rest, &mm, c);

	if (s == OK)
		s = address(m, rest, &va, c);
	if (s != OK)
		return s;
	dev = name_find(&m->names, NAME_DEV, w);
	if (dev != NONE) {
		if (read_dev(m, dev)->pasid == NONE)
			return wrong(c, BAD_STATE, w, "a device that an `sva` line has bound");
		walker = WALKER_DEV(dev);
		mmu = MMU_DEV(dev);
		pcid = read_dev(m, dev)->pasid;
	} else if (w.len > 3 && memcmp(w.at, "cpu", 3) == 0 &&
		   word_number((struct word){ w.at + 3, w.len - 3 }, &cpu) && cpu < MAX_CPUS &&
		   read_cpu(m, (unsigned)cpu)->online) {
		walker = WALKER_SPEC(cpu);
		mmu = MMU_CPU(cpu);
	} else {
		return wrong(c, BAD_NAME, w, "a CPU or a device of this machine");
	}
	walk_start(m, walker, mmu, read_mm(m, mm)->pgd, pcid, mm, va, false);
	do
		result = walk_step(m, walker, mmu);
	while (result == WALK_MORE);
	if (result == WALK_FAULT)
		return complain(c, BAD_STATE, "0x%llx has no page yet: a `touch` line comes first", (unsigned long long)va);
	return OK;
}

const struct setup_info setup_table[] = {
	{ "machine", "machine [arch=x86] cpus=N [spec=off|fill|full]",
	  "the CPUs, and which whims of the hardware are offered", line_machine },
	{ "kernel", "kernel RELEASE", "set every switch as that release had it", line_kernel },
	{ "switch", "switch NAME=VALUE ...", "set switches of the kernel, see `help switches`", line_switch },
	{ "mm", "mm NAME [unborn]", "an address space; unborn = the child of a fork to come", line_mm },
	{ "file", "file NAME Np", "a file of N pages", line_file },
	{ "vma", "vma MM NAME ADDRESS Np RIGHTS anon|FILE[@PAGE] private|shared",
	  "a mapping; NAME+K is its page K wherever an address may stand", line_vma },
	{ "touch", "touch MM ADDRESS [huge] [= VALUE]",
	  "the page (or 2 MiB page) is mapped, as after a store of VALUE (or a load)", line_touch },
	{ "device", "device NAME: OP; OP ...", "a device behind the IOMMU and the accesses it makes", line_device },
	{ "sva", "sva NAME for DEVICE in MM [unbound]",
	  "a shared-table subscriber: the device walks the mm's own tables", line_sva },
	{ "shadow", "shadow NAME in MM [unbound]", "a subscriber with tables of its own, KVM-like", line_shadow },
	{ "warm", "warm cpuN|DEVICE MM ADDRESS", "the agent has cached the translation of this page", line_warm },
	{ "task", "task NAME on cpuN in MM: OP; OP ...", "a thread and its operations; the CPU's first task runs first",
	  line_task },
	{ NULL, NULL, NULL, NULL },
};

const struct setup_info *setup_find(struct word w)
{
	for (const struct setup_info *i = setup_table; i->word; i++)
		if (word_is(w, i->word))
			return i;
	return NULL;
}

enum status setup_apply(struct machine *m, const char *line, struct effects *fx, struct complaint *c)
{
	const struct names names = m->names;
	const struct setup_info *info;
	struct word w = { "", 0 }, extra;
	enum status s;

	word_next(&line, "", &w);
	info = setup_find(w);
	if (!info)
		return complain(c, BAD_NAME, "'%.*s' is no set-up line: `help setup` lists them", (int)w.len, w.at);
	step_begin(m, fx);
	s = info->apply(m, &line, c);
	if (s == OK && word_next(&line, "", &extra))
		s = complain(c, BAD_SYNTAX, "'%.*s' is one word too many: %s", (int)extra.len, extra.at, info->syntax);
	step_end(m);
	if (s != OK) {
		step_undo(m, fx);
		m->names = names;
	}
	return s;
}

enum status setup_switches(struct machine *m, const char *words, struct effects *fx, struct complaint *c)
{
	enum status s;

	step_begin(m, fx);
	s = line_switch(m, &words, c);
	step_end(m);
	if (s != OK)
		step_undo(m, fx);
	return s;
}

static void cpu_finish(struct machine *m, unsigned cpu)
{
	for (unsigned t = 0; t < MAX_TASKS; t++) {
		const struct task *task = read_task(m, t);
		struct cpu *c;

		if (!task->used || task->cpu != cpu || read_mm(m, task->mm)->state != MM_LIVE)
			continue;
		c = write_cpu(m, cpu);
		c->current = (uint8_t)t;
		c->cr3 = read_mm(m, task->mm)->pgd;
		c->loaded_mm = c->ctx_mm = task->mm;
		c->tlb_gen = read_mm(m, task->mm)->tlb_gen;
		write_mm(m, task->mm)->cpumask |= (uint8_t)(1u << cpu);
		return;
	}
}

/* The pages that programs name: those that speculation may fetch. */
static void universe(struct machine *m)
{
	m->pages = 0;
	for (unsigned p = 0; p < MAX_TASKS + MAX_DEVS; p++)
		for (unsigned i = 0; i < peek_program(m, p)->count; i++) {
			uint64_t va = peek_program(m, p)->op[i].va;
			unsigned k = 0;

			while (k < m->pages && m->universe[k] != va)
				k++;
			if (va && k == m->pages && k < sizeof(m->universe) / sizeof(m->universe[0]))
				m->universe[m->pages++] = va;
		}
}

void setup_finish(struct machine *m, struct effects *fx)
{
	step_begin(m, fx);
	for (unsigned c = 0; c < MAX_CPUS; c++) {
		if (read_cpu(m, c)->online)
			cpu_finish(m, c);
		write_ctx(m, MAX_TASKS + c)->cpu = (uint8_t)c;
	}
	for (unsigned t = 0; t < MAX_TASKS; t++)
		if (read_task(m, t)->used)
			task_begin(m, t);
	step_end(m);
	universe(m);
}
