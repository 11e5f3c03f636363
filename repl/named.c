/*
 * Finding objects by name and entries by address.
 */
#include "named.h"

#include <string.h>

#include "cached.h"
#include "mmu.h"

bool lock_named(const struct machine *m, struct word w, unsigned *lock)
{
	char buf[64];

	for (*lock = 0; *lock < MAX_LOCKS; ++*lock) {
		struct text t = text_over(buf, sizeof(buf));

		lock_text(&t, &m->names, *lock);
		for (char *p = buf; *p; p++)
			if (*p == ' ')
				*p = '_';
		if (word_is(w, buf))
			return true;
	}
	return false;
}

bool cpu_named(const struct machine *m, struct word w, unsigned *cpu)
{
	uint64_t n;

	if (w.len > 3 && !memcmp(w.at, "cpu", 3))
		w = (struct word){ w.at + 3, w.len - 3 };
	if (!word_number(w, &n) || n >= MAX_CPUS || !peek_cpu(m, (unsigned)n)->online)
		return false;
	*cpu = (unsigned)n;
	return true;
}

bool agent_named(const struct machine *m, struct word w, unsigned *mmu)
{
	unsigned i;

	if (cpu_named(m, w, &i)) {
		*mmu = MMU_CPU(i);
		return true;
	}
	i = name_find(&m->names, NAME_DEV, w);
	if (i < MAX_DEVS) {
		*mmu = MMU_DEV(i);
		return true;
	}
	i = name_find(&m->names, NAME_SUB, w);
	if (i >= MAX_SUBS)
		return false;
	*mmu = peek_sub(m, i)->kind == SUB_SVA ? MMU_DEV(peek_sub(m, i)->dev) : MMU_SUB(i);
	return *mmu < MAX_MMUS;
}

const struct leaf *leaf_at(const struct machine *m, unsigned mmu, uint64_t va)
{
	const struct tlb *t = peek_tlb(m, mmu);

	for (unsigned i = 0; i < t->count; i++) {
		uint64_t size = t->leaf[i].flags & LEAF_HUGE ? PMD_SIZE : PAGE_SIZE;

		if (va >= t->leaf[i].va && va - t->leaf[i].va < size)
			return &t->leaf[i];
	}
	return NULL;
}

bool leaf_is_stale(const struct machine *m, const struct leaf *leaf)
{
	const struct scene scene = { .m = m };

	return leaf_state(&scene, leaf) != LEAF_TRUE;
}

uint64_t entry_at(const struct machine *m, unsigned mm, uint64_t va, unsigned *table)
{
	const struct scene scene = { .m = m };
	struct walk_level at[LEVEL_PGD + 1];
	unsigned level = walk_look(&scene, false, peek_mm(m, mm)->pgd, va, at);

	*table = at[level].table;
	return at[level].entry;
}
