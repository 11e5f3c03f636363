/*
 * coherence.c - coherence: an address is one place in memory, also when the kernel moves it to another page.
 *
 * Copy-on-write and migration copy a page and change the entry; the program did not ask for that and must not see it.
 * Three things would show it: a store to the old page once it was copied, a load of the old page by a thread that knows
 * of the new one, and a load of the old page once another process has it to itself.  (A store to a page that should have
 * been copied, for another process shares it, is stale-use's: fork had promised that there would be none.)
 *
 * Who knows?  A thread whose access went to the new page; a thread that waits for operations which have ended (`after`)
 * knows what the others know; a thread that loads from a page knows what the thread that stored there last knew.  These are
 * happens-before edges that every program may rely on.  Others that there may be, the kernel's locks for one, are left out: that
 * loses findings and makes none.  For the same reason a page tells by its first bytes alone, where programs store flags.
 *
 * All of it is ghost state, and it begins to exist where the address goes on while a CPU still caches the old page:
 * a kernel that flushes first never makes any.
 */
#include "memory.h"
#include "mmu.h"
#include "rules.h"

static bool is_old(const struct leaf *e, unsigned mm, uint64_t va, unsigned pfn)
{
	return e->mm == mm && e->va == va && e->pfn != pfn;
}

/* Marks what the CPUs have cached of the address, entries that allow no store left out on request; false if there is none. */
static bool supersede(struct machine *m, unsigned mm, uint64_t va, unsigned pfn, bool stores)
{
	bool any = false;

	for (unsigned u = 0; u < MAX_CPUS; u++)
		for (unsigned i = 0; i < read_tlb(m, MMU_CPU(u))->count; i++) {
			const struct leaf *e = &read_tlb(m, MMU_CPU(u))->leaf[i];

			if (!is_old(e, mm, va, pfn) || (stores && !(e->flags & LEAF_WRITE)))
				continue;
			write_tlb(m, MMU_CPU(u))->leaf[i].flags |= LEAF_SUPERSEDED;
			any = true;
		}
	return any;
}

static bool old_is_cached(struct machine *m, unsigned mm, uint64_t va, unsigned pfn)
{
	for (unsigned u = 0; u < MAX_CPUS; u++)
		for (unsigned i = 0; i < read_tlb(m, MMU_CPU(u))->count; i++)
			if (is_old(&read_tlb(m, MMU_CPU(u))->leaf[i], mm, va, pfn))
				return true;
	return false;
}

/* What is known of the address, MAX_NEWS when there is nothing. */
static unsigned news_of(struct machine *m, unsigned mm, uint64_t va)
{
	unsigned n = 0;

	while (n < MAX_NEWS && !(read_news(m, n)->used && read_news(m, n)->mm == mm && read_news(m, n)->va == va))
		n++;
	return n;
}

static unsigned news_free(struct machine *m)
{
	unsigned n = 0;

	while (n < MAX_NEWS && read_news(m, n)->used)
		n++;
	return n;
}

void rule_copied(struct machine *m, unsigned mm, uint64_t va)
{
	supersede(m, mm, va_page(va), NO_FRAME, true);
}

void rule_goes_on(struct machine *m, unsigned mm, uint64_t va, unsigned pfn)
{
	unsigned n;

	if (!supersede(m, mm, va_page(va), pfn, false))
		return;
	/* What was known of an earlier page of the address says nothing of this one. */
	n = news_of(m, mm, va_page(va));
	if (n == MAX_NEWS)
		n = news_free(m);
	if (n == MAX_NEWS)
		return;
	*write_news(m, n) = (struct news){ .va = va_page(va), .mm = (uint8_t)mm, .used = 1 };
	write_frame(m, pfn)->flags |= FRAME_NEWER;
}

void rule_reused(struct machine *m, unsigned mm, unsigned pfn)
{
	for (unsigned u = 0; u < MAX_CPUS; u++)
		for (unsigned i = 0; i < read_tlb(m, MMU_CPU(u))->count; i++) {
			const struct leaf *e = &read_tlb(m, MMU_CPU(u))->leaf[i];

			if (e->pfn == pfn && e->mm != mm && e->generation == read_frame(m, pfn)->generation)
				write_tlb(m, MMU_CPU(u))->leaf[i].flags |= LEAF_SUPERSEDED;
		}
}

void rule_turn(struct machine *m, unsigned task)
{
	for (unsigned n = 0; n < MAX_NEWS; n++)
		if (read_news(m, n)->tasks)
			write_news(m, n)->tasks |= (uint8_t)(1u << task);
}

static void learn(struct machine *m, unsigned n, unsigned task)
{
	if (n < MAX_NEWS && !(read_news(m, n)->tasks & (1u << task)))
		write_news(m, n)->tasks |= (uint8_t)(1u << task);
}

/* An access to the new page: its thread knows, unless there is nothing to know any more. */
static void see_newer(struct machine *m, unsigned task, unsigned mm, uint64_t va, unsigned pfn)
{
	unsigned n = news_of(m, mm, va);

	if (old_is_cached(m, mm, va, pfn)) {
		learn(m, n, task);
		return;
	}
	write_frame(m, pfn)->flags &= (uint16_t)~FRAME_NEWER;
	if (n < MAX_NEWS)
		*write_news(m, n) = (struct news){ 0 };
}

/* The thread has stored to the page's first bytes: they tell what it knows. */
static void tell(struct machine *m, unsigned task, unsigned pfn)
{
	for (unsigned n = 0; n < MAX_NEWS; n++) {
		const uint64_t bit = 1ull << (pfn % 64);

		if (read_news(m, n)->tasks & (1u << task)) {
			write_news(m, n)->page[pfn / 64] |= bit;
			write_frame(m, pfn)->flags |= FRAME_TELLS;
		} else if (read_news(m, n)->page[pfn / 64] & bit) {
			write_news(m, n)->page[pfn / 64] &= ~bit;
		}
	}
}

static void hear(struct machine *m, unsigned task, unsigned pfn)
{
	for (unsigned n = 0; n < MAX_NEWS; n++)
		if (read_news(m, n)->page[pfn / 64] & (1ull << (pfn % 64)))
			learn(m, n, task);
}

static bool knows(struct machine *m, unsigned task, unsigned mm, uint64_t va)
{
	unsigned n = news_of(m, mm, va);

	return n < MAX_NEWS && (read_news(m, n)->tasks & (1u << task));
}

/* What an access through the entry does wrong, 0 if nothing. */
static unsigned wrong(struct machine *m, unsigned task, const struct leaf *e, const struct frame *f, bool write)
{
	if (!(e->flags & LEAF_SUPERSEDED))
		return 0;
	if (f->flags & FRAME_EXCLUSIVE)
		return INCOHERENT_GIVEN;
	if (write)
		return INCOHERENT_LOST;
	return knows(m, task, e->mm, e->va) ? INCOHERENT_KNOWN : 0;
}

void rule_coherence(struct machine *m, unsigned cpu, const struct leaf *leaf, uint64_t va, bool write)
{
	const struct leaf e = *leaf;
	const struct frame *f = read_frame(m, e.pfn);
	unsigned task = read_cpu(m, cpu)->current, what;

	/* A page that was freed since is stale-leaf's. */
	if (task == NONE || f->generation != e.generation)
		return;
	what = wrong(m, task, &e, f, write);
	if (what)
		rule_broken(m, (struct finding){
			.rule = RULE_COHERENCE, .mm = e.mm, .write = write, .pfn = e.pfn, .va = va, .detail = what,
		});
	if ((f->flags & FRAME_NEWER) && !(e.flags & LEAF_SUPERSEDED))
		see_newer(m, task, e.mm, e.va, e.pfn);
	if (va % PAGE_SIZE)
		return;
	if (write)
		tell(m, task, e.pfn);
	else if (f->flags & FRAME_TELLS)
		hear(m, task, e.pfn);
}
