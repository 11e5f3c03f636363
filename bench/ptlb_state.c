/*
 * ptlb_state.c - the model's state in the engine's world.
 *
 * What stands where, all of it behind the world's door:
 *
 *	fr[f]	owner and generation of frame f
 *	ipi[c]	locked of call c
 *	va[c]	start of call c; plus 1 where `may` is set
 *	pend	flush_pending of mm 0
 *	ptl	a page-table lock
 *	mml	the mmap_lock of mm 0
 *	left	op of task c, which counts up to K
 *	thread	the stack of context c; B is context NCPU
 *	pte[]	bytes in the SRCU object
 *	tlb[c]	bytes in the interrupt context of CPU c
 *
 * The setting lies in the operations of program 0, which nobody writes.
 * An entry is pfn << 1 | writable, pfn = frame + 1; in a TLB the frame's generation stands above.
 */
#include <string.h>

#include "ptlb_state.h"
#include "rules.h"

#define GENERATIONS 16u

_Static_assert(sizeof(struct ptlb) <= sizeof(struct op), "the setting fits an operation");

const struct ptlb *setting_of(const struct machine *m)
{
	return (const struct ptlb *)(const void *)&peek_program(m, 0)->op[0];
}

uint8_t entry_read(struct machine *m, unsigned page)
{
	return ((const struct bytes *)(const void *)read_srcu(m, 0))->at[page];
}

uint8_t entry_peek(const struct machine *m, unsigned page)
{
	return ((const struct bytes *)(const void *)peek_srcu(m, 0))->at[page];
}

/* ---- TLBs that say what they may hold ---- */

const struct may *may_peek(const struct machine *m, unsigned cpu)
{
	return (const struct may *)(const void *)peek_tlb(m, cpu);
}

static struct may *may_write(struct machine *m, unsigned cpu)
{
	return (struct may *)(void *)write_tlb(m, cpu);
}

void may_set(struct machine *m, unsigned cpu, unsigned page, uint8_t entry)
{
	struct may *y = may_write(m, cpu);

	memset(y->value[page], 0, sizeof(y->value[page]));
	y->value[page][0] = entry;
	y->count[page] = 1;
}

static void may_add(struct machine *m, unsigned cpu, unsigned page, uint8_t entry)
{
	const struct may *has = may_peek(m, cpu);
	unsigned n = has->count[page], i = 0;
	struct may *y;

	while (i < n && has->value[page][i] < entry)
		i++;
	if (i < n && has->value[page][i] == entry)
		return;
	CHECK(n < MAY_VALUES);
	y = may_write(m, cpu);
	memmove(&y->value[page][i + 1], &y->value[page][i], n - i);
	y->value[page][i] = entry;
	y->count[page]++;
}

/* What it holds, once that was chosen. */
static uint8_t may_known(struct machine *m, unsigned cpu, unsigned page)
{
	(void)read_tlb(m, cpu);
	CHECK(may_peek(m, cpu)->count[page] == 1);
	return may_peek(m, cpu)->value[page][0];
}

uint8_t cached_read(struct machine *m, unsigned cpu, unsigned page)
{
	if (setting_of(m)->may)
		return may_known(m, cpu, page);
	return ((const struct bytes *)(const void *)read_ctx(m, MAX_TASKS + cpu))->at[page];
}

uint8_t cached_peek(const struct machine *m, unsigned cpu, unsigned page)
{
	return ((const struct bytes *)(const void *)peek_ctx(m, MAX_TASKS + cpu))->at[page];
}

void cached_write(struct machine *m, unsigned cpu, unsigned page, unsigned entry)
{
	if (setting_of(m)->may)
		may_set(m, cpu, page, (uint8_t)entry);
	else
		((struct bytes *)(void *)write_ctx(m, MAX_TASKS + cpu))->at[page] = (uint8_t)entry;
}

/* What the walker makes of a page-table entry. */
uint8_t walked(struct machine *m, unsigned entry)
{
	return (uint8_t)(entry | (unsigned)read_frame(m, (entry >> 1) - 1)->generation << 4);
}

uint8_t walked_peek(const struct machine *m, unsigned entry)
{
	return (uint8_t)(entry | (unsigned)peek_frame(m, (entry >> 1) - 1)->generation << 4);
}

/* Every CPU may have fetched an entry before it goes. */
void entry_write(struct machine *m, unsigned page, unsigned entry)
{
	const struct ptlb *p = setting_of(m);
	unsigned old = entry_read(m, page);

	if (p->may && old)
		for (unsigned c = 0; c < p->cpus; c++)
			may_add(m, c, page, walked(m, old));
	((struct bytes *)(void *)write_srcu(m, 0))->at[page] = (uint8_t)entry;
}

bool frames_used_up(const struct machine *m)
{
	for (unsigned f = 0; f < setting_of(m)->frames; f++)
		if (peek_frame(m, f)->owner == FRAME_FREE)
			return false;
	return true;
}

/* The first free frame, as a pfn; 0 when there is none. */
uint8_t frame_take(struct machine *m)
{
	for (unsigned f = 0; f < setting_of(m)->frames; f++)
		if (read_frame(m, f)->owner == FRAME_FREE) {
			struct frame *frame = write_frame(m, f);

			frame->owner = FRAME_ANON;
			frame->generation = (uint16_t)((frame->generation + 1u) % GENERATIONS);
			return (uint8_t)(f + 1);
		}
	return 0;
}

void frame_free(struct machine *m, unsigned pfn)
{
	write_frame(m, pfn - 1)->owner = FRAME_FREE;
}

bool sufficient(unsigned entry, unsigned write)
{
	return entry && (!write || (entry & 1));
}

void freshness_check(struct machine *m, unsigned cached, unsigned page, unsigned write)
{
	unsigned pfn = cached >> 1 & 7;
	const struct frame *f = read_frame(m, pfn - 1);

	if (f->owner == FRAME_FREE || f->generation != cached >> 4)
		rule_broken(m, (struct finding){
				       .rule = RULE_STALE_LEAF,
				       .mm = 0,
				       .write = (uint8_t)write,
				       .pfn = (uint16_t)(pfn - 1),
				       .va = page,
				       .detail = cached >> 4,
			       });
}

