/*
 * Cache against tables, and one step against another.
 */
#include "compare.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "describe.h"
#include "memory.h"
#include "mmu.h"
#include "pte.h"

/* ---- walk ---- */

struct translation {
	bool found;
	unsigned pfn;
	bool write;
};

static void say_cached(struct session *s, unsigned mmu, uint64_t va, struct translation *out)
{
	const struct tlb *tlb = peek_tlb(s->m, mmu);
	const struct psc *psc = peek_psc(s->m, mmu);
	bool deepest = true;

	for (unsigned i = 0; i < tlb->count; i++) {
		const struct leaf *l = &tlb->leaf[i];
		uint64_t size = l->flags & LEAF_HUGE ? PMD_SIZE : PAGE_SIZE;

		if (va < l->va || va >= l->va + size)
			continue;
		*out = (struct translation){ true, l->pfn, l->flags & LEAF_WRITE };
		out_line(&s->out, "cached:  pfn %u %s%s, made when its frame had generation %u%s",
			 l->pfn, out->write ? "RW" : "RO", l->flags & LEAF_DIRTY ? " D" : "",
			 l->generation,
			 l->generation != peek_frame(s->m, l->pfn)->generation ?
				 " (it was freed since: stale)" :
				 "");
	}
	if (!out->found)
		out_line(&s->out, "cached:  no entry, so an access would walk");
	for (unsigned i = 0; i < psc->count; i++) {
		const struct psc_entry *e = &psc->entry[i];

		if ((va & ~(level_size(e->level + 1u) - 1)) != e->va)
			continue;
		/* The lowest level sorts first, and a walk takes the lowest it has. */
		out_line(&s->out, "         %s the %s table in pfn %u%s",
			 deepest ? "from the walk cache, a walk would start at" : "the walk cache has also",
			 level_name(e->level), e->table,
			 e->generation != peek_frame(s->m, e->table)->generation ? " (stale)" : "");
		deepest = false;
	}
}

static void say_tables(struct session *s, unsigned root, uint64_t va, struct translation *out)
{
	unsigned table = root, index;
	char buf[80];

	for (unsigned level = LEVEL_PGD; level >= LEVEL_PTE; level--) {
		struct text t = text_over(buf, sizeof(buf));
		uint64_t entry = 0, at;

		for (unsigned n = 0; table_slot(s->m, table, n, &index, &at); n++)
			if (index == va_index(va, level))
				entry = at;
		pte_text(&t, entry, level);
		out_line(&s->out, "tables:  %s %3u in pfn %-2u  %s", level_name(level),
			 va_index(va, level), table, buf);
		if (!pte_present(entry))
			return;
		if (pte_leaf(entry, level)) {
			*out = (struct translation){ true, pte_pfn(entry), entry & PTE_WRITE };
			return;
		}
		table = pte_pfn(entry);
	}
}

/* Whose caches and whose tables the actor uses; false when it uses none now. */
static bool agent_of(const struct session *s, struct word w, unsigned *mmu, unsigned *root,
		     struct complaint *c)
{
	unsigned sub = name_find(&s->m->names, NAME_SUB, w), lane = LANES;

	*root = NO_FRAME;
	if (sub != NONE) {
		const struct sub *it = peek_sub(s->m, sub);

		*mmu = it->kind == SUB_SVA ? MMU_DEV(it->dev) : MMU_SUB(sub);
		*root = it->mm == NONE ? NO_FRAME : peek_mm(s->m, it->mm)->pgd;
	} else if (actor_read(s, w, &lane, c) != OK) {
		return false;
	} else if (lane < MAX_CPUS) {
		*mmu = MMU_CPU(lane);
		*root = peek_cpu(s->m, lane)->cr3;
	} else if (lane < LANE_IOMMU) {
		unsigned pasid = peek_dev(s->m, lane - MAX_CPUS)->pasid;

		*mmu = lane;
		if (pasid != NONE)
			*root = peek_iommu(s->m, 0)->pasid[pasid].pgd;
	}
	if (lane == LANE_IOMMU || *root >= MAX_TABLES) {
		complain(c, BAD_STATE, "%.*s has no tables to walk now", (int)w.len, w.at);
		return false;
	}
	return true;
}

enum status cmd_walk(struct session *s, const char *rest, struct complaint *c)
{
	struct word who = { "", 0 }, where = { "", 0 };
	struct translation cached = { 0 }, tables = { 0 };
	unsigned mmu = 0, root = 0;
	uint64_t va = 0;
	char buf[80];
	struct text t = text_over(buf, sizeof(buf));

	arg_next(&rest, &who);
	arg_next(&rest, &where);
	if (!agent_of(s, who, &mmu, &root, c))
		return c->status;
	if (!address_read(&s->m->names, where, &va) || va >= 1ull << 47)
		return complain(
			c, BAD_VALUE,
			"'%.*s' should be an address, such as 0x7f0000001000 or REGION+PAGE",
			(int)where.len, where.at);
	if (arg_end(rest, c) != OK)
		return c->status;
	address_text(&t, &s->m->names, va);
	out_line(&s->out, "%.*s translates %s:", (int)who.len, who.at, buf);
	say_cached(s, mmu, va, &cached);
	say_tables(s, root, va, &tables);
	if (!cached.found)
		return OK;
	if (!tables.found)
		out_line(&s->out, "they differ: the tables map nothing there any more");
	else if (cached.pfn != tables.pfn)
		out_line(&s->out, "they differ: the cache says pfn %u, the tables say pfn %u",
			 cached.pfn, tables.pfn);
	else if (cached.write && !tables.write)
		out_line(&s->out, "they differ: the cache still allows stores");
	else
		out_line(&s->out, "they agree");
	return OK;
}

/* ---- diff ---- */

struct before {
	uint64_t digest[OBJECTS];
	char words[OBJECTS][100];
};

static void describe_all(const struct machine *m, struct before *b)
{
	for (unsigned o = 0; o < OBJECTS; o++) {
		struct text t = text_over(b->words[o], sizeof(b->words[o]));

		b->digest[o] = m->object_digest[o];
		object_words(m, o, &t);
	}
}

static void say_difference(struct session *s, const struct before *b)
{
	char name[64], words[100];
	unsigned count = 0;

	for (unsigned o = 0; o < OBJECTS; o++) {
		struct text nt = text_over(name, sizeof(name)),
			    wt = text_over(words, sizeof(words));

		if (b->digest[o] == s->m->object_digest[o])
			continue;
		count++;
		object_name(s->m, o, &nt);
		object_words(s->m, o, &wt);
		if (s->out.json)
			out_object(&s->out, "change",
				   json_pack("{s:s, s:s, s:s}", "object", name, "from", b->words[o],
					     "to", words));
		else if (strcmp(words, b->words[o]))
			out_line(&s->out, "%-24s %s  =>  %s", name, b->words[o], words);
		else
			out_line(&s->out, "%-24s changed", name);
	}
	if (!count)
		out_line(&s->out, "nothing differs");
}

enum status cmd_diff(struct session *s, const char *rest, struct complaint *c)
{
	uint32_t last = timeline_last(&s->t), here = s->t.cursor;
	uint64_t step[2] = { timeline_depth(&s->t), timeline_depth(&s->t) };
	struct before *b;
	struct word w;
	unsigned given = 0;

	while (arg_next(&rest, &w)) {
		if (given == 2)
			return complain(c, BAD_SYNTAX, "'%.*s' is one word too many", (int)w.len,
					w.at);
		if (!word_number(w, &step[given]) || step[given] > last)
			return complain(c, BAD_VALUE, "'%.*s' should be a step from 0 to %u",
					(int)w.len, w.at, last);
		given++;
	}
	if (!given) {
		if (!step[0])
			return complain(c, BAD_STATE, "this is the start: there is no last step");
		step[0]--;
	} else if (given == 1) {
		step[1] = timeline_depth(&s->t);
	}
	b = malloc(sizeof(*b));
	if (!b)
		return complain(c, BAD_LIMIT, "there is no memory for two states");
	timeline_goto(&s->t, timeline_at(&s->t, (uint32_t)step[0]));
	describe_all(s->m, b);
	timeline_goto(&s->t, timeline_at(&s->t, (uint32_t)step[1]));
	if (!s->out.json)
		out_line(&s->out, "from step %u to step %u:", (unsigned)step[0], (unsigned)step[1]);
	say_difference(s, b);
	timeline_goto(&s->t, here);
	free(b);
	return OK;
}
