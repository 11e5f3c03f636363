/*
 * names.c - spelling of objects, addresses, lanes, locks and entries.
 */
#include "names.h"

#include "event.h"
#include "pte.h"
#include "world.h"

static const char *const made_names[NAME_KINDS] = {
	[NAME_MM] = "mm", [NAME_TASK] = "task", [NAME_FILE] = "file", [NAME_SUB] = "sub", [NAME_DEV] = "dev",
	[NAME_FRAME] = "frame",
};

void name_text(struct text *t, const struct names *n, enum name_kind kind, unsigned index)
{
	if (index < MAX_NAMED && n->name[kind][index][0])
		text_add(t, "%s", n->name[kind][index]);
	else if (index == NONE)
		text_add(t, "no %s", made_names[kind]);
	else
		text_add(t, "%s%u", made_names[kind], index);
}

unsigned name_find(const struct names *n, enum name_kind kind, struct word w)
{
	for (unsigned i = 0; i < MAX_NAMED; i++)
		if (n->name[kind][i][0] && word_is(w, n->name[kind][i]))
			return i;
	return NONE;
}

static const struct region *region_of(const struct names *n, uint64_t va)
{
	for (unsigned i = 0; i < n->regions; i++) {
		const struct region *r = &n->region[i];

		if (va >= r->start && va < r->start + r->pages * PAGE_SIZE)
			return r;
	}
	return NULL;
}

static void region_text(struct text *t, const struct region *r, uint64_t va)
{
	text_add(t, "%s+%u", r->name, (unsigned)((va - r->start) / PAGE_SIZE));
}

void address_text(struct text *t, const struct names *n, uint64_t va)
{
	const struct region *r = region_of(n, va);

	text_add(t, "0x%llx", (unsigned long long)va);
	if (r) {
		text_add(t, " (");
		region_text(t, r, va);
		text_add(t, ")");
	}
}

void address_brief(struct text *t, const struct names *n, uint64_t va)
{
	const struct region *r = region_of(n, va);

	if (r)
		region_text(t, r, va);
	else
		text_add(t, "0x%llx", (unsigned long long)va);
}

bool address_read(const struct names *n, struct word w, uint64_t *va)
{
	struct word plus, name;
	uint64_t pages = 0;

	if (w.len > 2 && w.at[0] == '0' && w.at[1] == 'x')
		return word_number(w, va);
	name = word_split(w, '+', &plus);
	if (plus.at && !word_number(plus, &pages))
		return false;
	for (unsigned i = 0; i < n->regions; i++)
		if (word_is(name, n->region[i].name)) {
			if (pages > 0xffff)
				return false;
			*va = n->region[i].start + pages * PAGE_SIZE;
			return true;
		}
	return false;
}

void range_text(struct text *t, const struct names *n, uint64_t start, uint64_t end)
{
	if (start == 0 && end == FLUSH_ALL) {
		text_add(t, "everything");
	} else if (start == end && start == FLUSH_ALL) {
		text_add(t, "[~0, ~0)");
	} else {
		uint64_t pages = (end - start) / PAGE_SIZE;

		address_brief(t, n, start);
		text_add(t, " %llup", (unsigned long long)pages);
	}
}

void lane_text(struct text *t, const struct names *n, unsigned lane)
{
	if (lane < MAX_CPUS)
		text_add(t, "cpu%u", lane);
	else if (lane < LANE_IOMMU)
		name_text(t, n, NAME_DEV, lane - MAX_CPUS);
	else
		text_add(t, "iommu");
}

const char *context_word(unsigned ctx)
{
	return ctx < CTX_NMI(0) ? "irq" : "nmi";
}

unsigned context_cpu(unsigned ctx)
{
	return (ctx - MAX_TASKS) % MAX_CPUS;
}

void lock_text(struct text *t, const struct names *n, unsigned lock)
{
	if (lock < LOCK_MMAP(0)) {
		text_add(t, "iommu_sva_lock");
	} else if (lock < LOCK_I_MMAP(0)) {
		text_add(t, "mmap_lock of ");
		name_text(t, n, NAME_MM, lock - LOCK_MMAP(0));
	} else if (lock < LOCK_ANON_VMA(0)) {
		text_add(t, "i_mmap of ");
		if (lock == LOCK_I_MMAP(MAX_FILES))
			text_add(t, "shared memory");
		else
			name_text(t, n, NAME_FILE, lock - LOCK_I_MMAP(0));
	} else if (lock < LOCK_PAGE_TABLE(0)) {
		text_add(t, "anon_vma of ");
		name_text(t, n, NAME_MM, lock - LOCK_ANON_VMA(0));
	} else if (lock < LOCK_PTL(0)) {
		text_add(t, "page_table_lock of ");
		name_text(t, n, NAME_MM, lock - LOCK_PAGE_TABLE(0));
	} else if (lock < LOCK_SUB(0)) {
		text_add(t, "ptl(pfn %u)", lock - LOCK_PTL(0));
	} else if (lock < LOCK_QI) {
		text_add(t, "mmu_lock of ");
		name_text(t, n, NAME_SUB, lock - LOCK_SUB(0));
	} else if (lock == LOCK_QI) {
		text_add(t, "qi lock");
	} else {
		text_add(t, "global_asid_lock");
	}
}

void pte_text(struct text *t, uint64_t pte, unsigned level)
{
	if (!pte) {
		text_add(t, "none");
		return;
	}
	text_add(t, "pfn %u ", pte_pfn(pte));
	if (!pte_leaf(pte, level)) {
		text_add(t, "table");
		return;
	}
	text_add(t, "%s%s%s%s", pte & PTE_WRITE ? "RW" : "RO", pte & PTE_ACCESSED ? " A" : "",
		pte & PTE_DIRTY ? " D" : "", pte & PTE_HUGE ? " 2M" : "");
	if (!pte_present(pte))
		text_add(t, pte & PTE_MIGRATION ? " migrating" : " not present");
}
