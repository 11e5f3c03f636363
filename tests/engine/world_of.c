/*
 * world_of.c - machines by hand, and what must add up at the end.
 */
#include <stdio.h>
#include <string.h>

#include "world_of.h"

void kit_open(struct kit *k)
{
	struct machine *m = &k->m;
	unsigned pgd;

	world_init(m);
	step_begin(m, &k->fx);
	write_cpu(m, 0)->online = 1;
	pgd = table_alloc(m, 0, LEVEL_PGD);
	*write_mm(m, 0) =
		(struct mm){ .tlb_gen = 1, .pgd = (uint16_t)pgd, .used = 1, .state = MM_LIVE };
}

unsigned kit_vma(struct kit *k, uint64_t start, unsigned pages, unsigned flags, unsigned file)
{
	unsigned v = vma_insert(&k->m, (struct vma){
					       .start = start,
					       .end = start + pages * PAGE_SIZE,
					       .mm = 0,
					       .flags = flags,
					       .file = (uint8_t)file,
				       });

	CHECK(v != NONE);
	return v;
}

unsigned kit_page(struct kit *k, uint64_t va, uint32_t value)
{
	struct machine *m = &k->m;
	unsigned table = table_make(m, 0, va, LEVEL_PTE), pfn = frame_alloc(m, FRAME_ANON, 0);
	const struct vma *v = read_vma(m, vma_find(m, 0, va));
	bool prepared = anon_vma_prepare(m, vma_find(m, 0, va));

	CHECK(table != NO_FRAME && pfn != NO_FRAME && prepared);
	write_frame(m, pfn)->flags |= FRAME_EXCLUSIVE;
	write_frame(m, pfn)->value = value;
	entry_set(m, 0, table, va, entry_make(v, pfn, true, true));
	page_mapped(m, pfn);
	return pfn;
}

void kit_unborn(struct kit *k, unsigned mm)
{
	struct mm *w = write_mm(&k->m, mm);

	w->used = 1;
	w->tlb_gen = 1;
}

void kit_start(struct kit *k, struct op op)
{
	struct machine *m = &k->m;
	struct cpu *c = write_cpu(m, 0);
	struct mm *mm = write_mm(m, 0);

	write_program(m, 0)->op[0] = op;
	write_program(m, 0)->count = 1;
	*write_task(m, 0) = (struct task){ .used = 1 };
	for (unsigned i = 0; i < MAX_CPUS; i++)
		write_ctx(m, MAX_TASKS + i)->cpu = (uint8_t)i;
	mm->users = 1;
	mm->cpumask = 1;
	c->current = 0;
	c->cr3 = mm->pgd;
	c->loaded_mm = c->ctx_mm = 0;
	c->tlb_gen = mm->tlb_gen;
	task_begin(m, 0);
	step_end(m);
}

unsigned kit_run(struct kit *k, unsigned *steps)
{
	unsigned n = 0;

	while (ctx_ready(&k->m, 0)) {
		step_begin(&k->m, &k->fx);
		cpu_step(&k->m, 0);
		step_end(&k->m);
		CHECK(!rules_broken(k->fx.rules) && ++n < 2000);
	}
	if (steps)
		*steps = n;
	CHECK(peek_task(&k->m, 0)->state == TASK_DONE);
	return peek_task(&k->m, 0)->result;
}

unsigned kit_again(struct kit *k, struct op op)
{
	step_begin(&k->m, &k->fx);
	kit_start(k, op);
	return kit_run(k, NULL);
}

uint64_t kit_pte(struct kit *k, unsigned mm, uint64_t va)
{
	unsigned level;

	return table_walk(&k->m, peek_mm(&k->m, mm)->pgd, va, &level);
}

/* ---- the balance ---- */

struct tally {
	unsigned maps[MAX_FRAMES]; /* leaf entries that name the frame */
	unsigned refs[MAX_FRAMES];
};

/* Nobody counts who maps a driver's memory. */
static bool is_drivers(const struct machine *m, unsigned pfn)
{
	const struct frame *f = peek_frame(m, pfn);

	return f->owner == FRAME_FILE && peek_file(m, f->owner_id)->used == FILE_DRIVER;
}

static void count_table(const struct machine *m, unsigned table, unsigned level, struct tally *t)
{
	uint64_t entry;
	unsigned index;

	t->refs[table]++;
	for (unsigned i = 0; i < peek_table(m, table)->deposits; i++)
		t->refs[peek_table(m, table)->deposit[i]]++;
	for (unsigned n = 0; table_slot(m, table, n, &index, &entry); n++) {
		if (is_drivers(m, pte_pfn(entry)))
			continue;
		if (pte_leaf(entry, level)) {
			t->maps[pte_pfn(entry)]++;
			t->refs[pte_pfn(entry)]++;
		} else {
			count_table(m, pte_pfn(entry), level - 1, t);
		}
	}
}

static bool lock_idle(const struct machine *m, unsigned lock)
{
	return peek_lock(m, lock)->owner == NONE && !peek_lock(m, lock)->readers;
}

static const char *frames_balance(const struct machine *m, char *wrong, size_t size)
{
	struct tally t = { { 0 }, { 0 } };

	for (unsigned i = 0; i < MAX_MMS; i++)
		if (peek_mm(m, i)->used && peek_mm(m, i)->pgd != NO_FRAME)
			count_table(m, peek_mm(m, i)->pgd, LEVEL_PGD, &t);
	for (unsigned i = 0; i < MAX_FILES; i++)
		for (unsigned p = 0; p < FILE_PAGES; p++)
			if (peek_file(m, i)->page[p] != NO_FRAME)
				t.refs[peek_file(m, i)->page[p]]++;
	for (unsigned i = 0; i < MAX_CPUS; i++)
		for (unsigned p = 0; p < peek_lru_batch(m, i)->count; p++)
			t.refs[peek_lru_batch(m, i)->page[p]]++;
	for (unsigned i = 0; i < MAX_CPUS; i++)
		for (unsigned k = 0; k < LATR_STATES; k++)
			for (unsigned p = 0; p < peek_latr(m, i)->pages[k]; p++)
				t.refs[peek_latr(m, i)->page[k][p]]++;
	for (unsigned i = 0; i < MAX_MMS; i++)
		for (unsigned p = 0; p < peek_pin(m, i)->pages; p++)
			t.refs[peek_pin(m, i)->page[p]]++;
	for (unsigned pfn = 0; pfn < MAX_FRAMES; pfn++) {
		const struct frame *f = peek_frame(m, pfn);

		/* Who named it holds it, and raw entries do not count. */
		if (m->names.name[NAME_FRAME][pfn][0])
			t.refs[pfn] = 1;
		if (pfn == ZERO_PFN)
			continue;
		/* A driver keeps what it has made uncached. */
		if (f->flags & FRAME_UNCACHED)
			t.refs[pfn]++;
		if (f->refcount == t.refs[pfn] && f->mapcount == t.maps[pfn] &&
		    (f->owner == FRAME_FREE) == !t.refs[pfn])
			continue;
		snprintf(wrong, size,
			 "pfn %u: refcount %u, held %u times; mapcount %u, mapped %u times", pfn,
			 f->refcount, t.refs[pfn], f->mapcount, t.maps[pfn]);
		return wrong;
	}
	if (peek_frame(m, ZERO_PFN)->refcount != 1 || peek_frame(m, ZERO_PFN)->mapcount)
		return "the zero page's counts moved";
	return NULL;
}

const char *balance(const struct machine *m, char *wrong, size_t size)
{
	static const struct gather no_gather;

	for (unsigned l = 0; l < MAX_LOCKS; l++)
		if (!lock_idle(m, l)) {
			snprintf(wrong, size, "lock %u is held", l);
			return wrong;
		}
	for (unsigned c = 0; c < MAX_CTX; c++) {
		const struct ctx *x = peek_ctx(m, c);

		if (x->depth || x->atomic || x->ranks) {
			snprintf(wrong, size, "context %u: depth %u, preempt count %u, ranks %u", c,
				 x->depth, x->atomic, x->ranks);
			return wrong;
		}
	}
	for (unsigned t = 0; t < MAX_TASKS; t++)
		if (memcmp(peek_gather(m, t), &no_gather, sizeof(no_gather)) != 0)
			return "a gather is left over";
	for (unsigned i = 0; i < MAX_MMS; i++)
		if (peek_mm(m, i)->flush_pending || peek_mm(m, i)->active_ranges || peek_mm(m, i)->held)
			return "tlb_flush_pending or a bracket is left over";
	/* Off the list, a subscriber is not told that a bracket has ended. */
	for (unsigned s = 0; s < MAX_SUBS; s++)
		if (peek_sub(m, s)->in_progress && peek_sub(m, s)->mm != NONE &&
		    (peek_mm(m, peek_sub(m, s)->mm)->subs & 1u << s))
			return "mmu_invalidate_in_progress is left over";
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (peek_cpu(m, c)->irq_off || peek_cpu(m, c)->in_irq || peek_cpu(m, c)->queued ||
		    peek_call(m, c)->locked || peek_single(m, c)->locked || peek_cpu(m, c)->async)
			return "a CPU has interrupts off or a call in flight";
	if (peek_srcu(m, 0)->readers)
		return "an SRCU reader is left over";
	if (peek_rcu(m, 0)->count)
		return "a page-table page still waits for RCU";
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (peek_gup(m, c)->active)
			return "a walk without a lock is left over";
	return frames_balance(m, wrong, size);
}
