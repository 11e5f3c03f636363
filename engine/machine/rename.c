/*
 * rename.c - walking the names in an object, and writing it down under others.
 */
#include <string.h>

#include "mmu.h"
#include "pte.h"
#include "rename_fields.h"

/* ---- walking ---- */

static uint64_t value_get(const unsigned char *at, unsigned wide)
{
	uint16_t two;
	uint32_t four;
	uint64_t eight;

	switch (wide) {
	case 1:
		return *at;
	case 2:
		memcpy(&two, at, wide);
		return two;
	case 4:
		memcpy(&four, at, wide);
		return four;
	}
	memcpy(&eight, at, sizeof(eight));
	return eight;
}

static void value_put(unsigned char *at, unsigned wide, uint64_t value)
{
	const uint8_t one = (uint8_t)value;
	const uint16_t two = (uint16_t)value;
	const uint32_t four = (uint32_t)value;

	memcpy(at, wide == 1 ? (const void *)&one : wide == 2 ? (const void *)&two : wide == 4 ? (const void *)&four : (const void *)&value, wide);
}

/* Whose counter it is. */
static unsigned counted(const struct name_field *f, const unsigned char *bytes, unsigned self, unsigned i, unsigned step)
{
	if (f->with == WITH_NONE || f->with == WITH_POSITION)
		return i;
	if (f->with == WITH_SELF)
		return self;
	return (unsigned)value_get(bytes + f->with + i * step, f->type == COUNT_OF_MM ? 1 : 2);
}

static void fields_each(const struct name_field *f, const unsigned char *bytes, unsigned char *copy, unsigned index,
	name_seen seen, void *self)
{
	for (; f && f->size; f++) {
		unsigned step = f->stride ? f->stride : f->wide, n = f->size / step;
		uint64_t words[(MAX_FRAMES + 63) / 64];

		if (f->upto && bytes[f->upto] < n)
			n = bytes[f->upto];
		if (f->type == NAME_OF_FRAMES) {
			CHECK(f->size == sizeof(words));
			memcpy(words, bytes + f->at, sizeof(words));
			seen(self, NAME_OF_FRAMES, words, 0);
			memcpy(copy + f->at, words, sizeof(words));
			continue;
		}
		for (unsigned i = 0; i < n; i++) {
			uint64_t value = value_get(bytes + f->at + i * step, f->wide);

			seen(self, f->type, &value, counted(f, bytes, index, i, step));
			value_put(copy + f->at + i * step, f->wide, value);
		}
	}
}

/* Frames that raw instructions put into entries, and CPUs that are called. */
static void program_each(const struct program *p, struct program *copy, name_seen seen, void *self)
{
	for (unsigned i = 0; i < p->count; i++) {
		uint64_t value = p->op[i].object;

		if (p->op[i].kind != OP_PTE && p->op[i].kind != OP_CALL)
			continue;
		seen(self, p->op[i].kind == OP_PTE ? NAME_OF_FRAME : NAME_OF_CPU, &value, 0);
		copy->op[i].object = (uint8_t)value;
	}
}

void names_each(unsigned object, const void *bytes, void *copy, name_seen seen, void *self)
{
	unsigned kind = objects[object].kind, index = objects[object].index;
	const struct act *a = bytes;
	unsigned char *out = copy;

	/* The zeroes of a task that is not there are no names. */
	if (kind == KIND_task && !((const struct task *)bytes)->used)
		return;
	if (kind == KIND_program)
		program_each(bytes, copy, seen, self);
	if (kind != KIND_act) {
		fields_each(fields_of_kind(kind), bytes, copy, index, seen, self);
		return;
	}
	fields_each(fields_of_wait(a), bytes, out, index, seen, self);
	fields_each(fields_of_locals(a), (const unsigned char *)a->local, out + offsetof(struct act, local), index, seen, self);
}

/* ---- other names ---- */

void renaming_none(struct renaming *r)
{
	memset(r, 0, sizeof(*r));
	for (unsigned i = 0; i < MAX_CPUS; i++)
		r->cpu[i] = (uint8_t)i;
	for (unsigned i = 0; i < MAX_TASKS; i++)
		r->task[i] = (uint8_t)i;
	for (unsigned i = 0; i < MAX_FRAMES; i++)
		r->frame[i] = (uint16_t)i;
}

static uint64_t mask_rename(const uint8_t *name, unsigned count, uint64_t mask)
{
	uint64_t out = mask >> count << count;

	for (unsigned i = 0; i < count; i++)
		out |= (mask >> i & 1) << name[i];
	return out;
}

static unsigned ctx_rename(const struct renaming *r, unsigned ctx)
{
	if (ctx < MAX_TASKS)
		return r->task[ctx];
	if (ctx < MAX_CTX)
		return ctx - (ctx - MAX_TASKS) % MAX_CPUS + r->cpu[(ctx - MAX_TASKS) % MAX_CPUS];
	return ctx;
}

static uint64_t ctxs_rename(const struct renaming *r, uint64_t mask)
{
	uint64_t out = 0;

	for (unsigned i = 0; i < MAX_CTX; i++)
		out |= (mask >> i & 1) << ctx_rename(r, i);
	return out;
}

static uint64_t frame_rename(const struct renaming *r, uint64_t pfn)
{
	return pfn < MAX_FRAMES ? r->frame[pfn] : pfn;
}

static uint64_t entry_rename(const struct renaming *r, uint64_t pte)
{
	return (pte & ~PTE_PFN_MASK) | frame_rename(r, pte_pfn(pte)) << PAGE_SHIFT;
}

static void frames_rename(const struct renaming *r, uint64_t *words)
{
	uint64_t out[(MAX_FRAMES + 63) / 64] = { 0 };

	for (unsigned i = 0; i < MAX_FRAMES; i++)
		out[r->frame[i] / 64] |= (words[i / 64] >> i % 64 & 1) << r->frame[i] % 64;
	memcpy(words, out, sizeof(out));
}

static unsigned lock_rename(const struct renaming *r, unsigned lock)
{
	return lock_table(lock) ? LOCK_PTL(r->frame[lock_table(lock)]) : lock;
}

static uint64_t detacher_rename(const struct renaming *r, uint64_t flags)
{
	if (!(flags & VMA_DETACHED))
		return flags;
	return flags % VMA_DETACHER + (uint64_t)ctx_rename(r, (unsigned)(flags / VMA_DETACHER)) * VMA_DETACHER;
}

static void rename_one(void *self, enum name_type type, uint64_t *value, unsigned with)
{
	const struct renaming *const r = *(const struct renaming *const *)self;
	uint64_t v = *value;

	switch (type) {
	case NAME_OF_CPU:
		*value = v < MAX_CPUS ? r->cpu[v] : v;
		return;
	case NAME_OF_CPU1:
		*value = v && v <= MAX_CPUS ? r->cpu[v - 1] + 1u : v;
		return;
	case NAME_OF_CPUS:
		*value = mask_rename(r->cpu, MAX_CPUS, v);
		return;
	case NAME_OF_CALLER:
		*value = r->cpu[v % MAX_CPUS] | (v & QUEUE_SINGLE);
		return;
	case NAME_OF_TASK:
		*value = v < MAX_TASKS ? r->task[v] : v;
		return;
	case NAME_OF_TASK1:
		*value = v && v <= MAX_TASKS ? r->task[v - 1] + 1u : v;
		return;
	case NAME_OF_TASKS:
		*value = mask_rename(r->task, MAX_TASKS, v);
		return;
	case NAME_OF_CTX:
		*value = ctx_rename(r, (unsigned)v);
		return;
	case NAME_OF_CTXS:
		*value = ctxs_rename(r, v);
		return;
	case NAME_OF_DETACHER:
		*value = detacher_rename(r, v);
		return;
	case NAME_OF_FRAME:
		*value = frame_rename(r, v);
		return;
	case NAME_OF_FRAMES:
		frames_rename(r, value);
		return;
	case NAME_OF_ENTRY:
		*value = entry_rename(r, v);
		return;
	case NAME_OF_REG:
		*value = v & REG_ENTRY ? entry_rename(r, v) : v;
		return;
	case NAME_OF_LOCK:
		*value = lock_rename(r, (unsigned)v);
		return;
	case COUNT_OF_MM:
		*value = with < MAX_MMS && v ? v - r->tlb_gen[with] : v;
		return;
	case COUNT_OF_FRAME:
		*value = with < MAX_FRAMES ? (uint16_t)(v - r->generation[with]) : v;
		return;
	}
}

unsigned object_renamed(const struct renaming *r, unsigned object)
{
	unsigned i = objects[object].index, base = object - i;

	switch ((enum kind)objects[object].kind) {
	case KIND_cpu:
	case KIND_call:
	case KIND_nmi:
	case KIND_probe:
	case KIND_single:
	case KIND_taken:
	case KIND_mach:
	case KIND_latr:
	case KIND_gup:
	case KIND_lru_batch:
	case KIND_invals:
	case KIND_parked:
		return base + r->cpu[i];
	case KIND_csd:
		return base + r->cpu[i / MAX_CPUS] * MAX_CPUS + r->cpu[i % MAX_CPUS];
	case KIND_tlb:
	case KIND_psc:
		return i < MAX_CPUS ? base + r->cpu[i] : object;
	case KIND_walker:
		return i < WALKER_DEV(0) ? base + i / MAX_CPUS * MAX_CPUS + r->cpu[i % MAX_CPUS] : object;
	case KIND_task:
	case KIND_gather:
	case KIND_regs:
	case KIND_ubc:
		return base + r->task[i];
	case KIND_program:
		return i < MAX_TASKS ? base + r->task[i] : object;
	case KIND_ctx:
		return base + ctx_rename(r, i);
	case KIND_act:
		return base + ctx_rename(r, i / MAX_DEPTH) * MAX_DEPTH + i % MAX_DEPTH;
	case KIND_frame:
	case KIND_table:
	case KIND_content:
		return base + r->frame[i];
	case KIND_lock:
		return base + lock_rename(r, i);
	case KIND_profile:
	case KIND_pmap:
	case KIND_free_list:
	case KIND_mm:
	case KIND_unflushed:
	case KIND_news:
	case KIND_tree:
	case KIND_vma:
	case KIND_file:
	case KIND_rcu:
	case KIND_srcu:
	case KIND_sub:
	case KIND_iommu:
	case KIND_dev:
	case KIND_anon_vmas:
	case KIND_pin:
	case KIND_batched:
	case KIND_block:
	case KIND_asid:
	case KIND_asids:
	case KIND_COUNT:
		break;
	}
	return object;
}

static void taken_rename(const struct renaming *r, struct taken *t)
{
	const struct taken was = *t;

	for (unsigned i = 0; i < 2 * MAX_CPUS; i++)
		t->info[i / MAX_CPUS * MAX_CPUS + r->cpu[i % MAX_CPUS]] = was.info[i];
}

/* In the order of broadcast.c: by their bytes. */
static void invals_sort(struct invals *s)
{
	for (unsigned i = 1; i < s->count; i++)
		for (unsigned k = i; k && memcmp(&s->op[k - 1], &s->op[k], sizeof(s->op[0])) > 0; k--) {
			const struct inval op = s->op[k];

			s->op[k] = s->op[k - 1];
			s->op[k - 1] = op;
		}
}

void object_rename(const struct renaming *r, unsigned object, const void *bytes, void *out)
{
	memcpy(out, bytes, objects[object].size);
	names_each(object, bytes, out, rename_one, &r);
	if (objects[object].kind == KIND_taken)
		taken_rename(r, out);
	else if (objects[object].kind == KIND_invals)
		invals_sort(out);
}

/* ---- without names ---- */

static void unname_one(void *self, enum name_type type, uint64_t *value, unsigned with)
{
	(void)self;
	(void)with;
	if (type == NAME_OF_FRAMES)
		memset(value, 0, (MAX_FRAMES + 63) / 64 * sizeof(*value));
	else if (type == NAME_OF_FRAME || type == COUNT_OF_MM || type == COUNT_OF_FRAME)
		*value = 0;
	else if (type == NAME_OF_ENTRY || (type == NAME_OF_REG && (*value & REG_ENTRY)))
		*value &= ~PTE_PFN_MASK;
	else if (type == NAME_OF_LOCK && lock_table((unsigned)*value))
		*value = LOCK_PTL(0);
}

bool object_unname(unsigned object, const void *bytes, void *out)
{
	if (object_frame(object))
		return false;
	memcpy(out, bytes, objects[object].size);
	names_each(object, bytes, out, unname_one, NULL);
	return true;
}

bool object_mentions(unsigned object)
{
	unsigned kind = objects[object].kind;

	if (kind == KIND_act || kind == KIND_program)
		return true;
	for (const struct name_field *f = fields_of_kind(kind); f && f->size; f++)
		if (f->type >= NAME_OF_FRAME)
			return true;
	return false;
}

unsigned object_frame(unsigned object)
{
	unsigned i = objects[object].index;

	switch (objects[object].kind) {
	case KIND_frame:
	case KIND_table:
	case KIND_content:
		return i;
	case KIND_lock:
		return lock_table(i);
	}
	return 0;
}

/* ---- actions ---- */

struct action action_rename(const struct renaming *r, const struct action *a)
{
	struct action out = *a;

	if (a->kind != ACT_DMA && a->kind != ACT_TAKE && a->agent < MAX_CPUS)
		out.agent = r->cpu[a->agent];
	if (a->kind == ACT_SWITCH)
		out.task = r->task[a->task];
	else if (a->kind == ACT_INVAL)
		out.task = r->cpu[a->task];
	return out;
}

unsigned part_renamed(const struct renaming *r, unsigned part)
{
	enum action_kind kind;
	unsigned i = machine_part(part, &kind);

	if (kind == ACT_SWITCH)
		return part - i + r->task[i];
	return kind != ACT_DMA && kind != ACT_TAKE && i < MAX_CPUS ? part - i + r->cpu[i] : part;
}
