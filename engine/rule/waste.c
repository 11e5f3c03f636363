/*
 * waste.c - the lints: double-flush, useless-flush, cache-full.
 *
 * The first two need to know what changed: a ghost count of changes per mm, and the ranges that no CPU flush has
 * covered since.
 */
#include <string.h>

#include "rules.h"

static void range_remove(struct unflushed *u, unsigned i)
{
	u->count--;
	memmove(&u->start[i], &u->start[i + 1], (u->count - i) * sizeof(u->start[0]));
	memmove(&u->end[i], &u->end[i + 1], (u->count - i) * sizeof(u->end[0]));
	u->start[u->count] = u->end[u->count] = 0;
}

void rule_changed(struct machine *m, unsigned mm, uint64_t start, uint64_t end)
{
	struct unflushed *u = write_unflushed(m, mm);
	unsigned i = 0;

	write_mm_part(m, mm, MM_CHANGES)->changes++;
	/* Swallow every range that touches the new one. */
	while (i < u->count)
		if (u->start[i] <= end && start <= u->end[i]) {
			start = u->start[i] < start ? u->start[i] : start;
			end = u->end[i] > end ? u->end[i] : end;
			range_remove(u, i);
		} else {
			i++;
		}
	if (u->count == UNFLUSHED_RANGES) {
		u->overflow = 1;
		return;
	}
	for (i = u->count; i > 0 && u->start[i - 1] > start; i--) {
		u->start[i] = u->start[i - 1];
		u->end[i] = u->end[i - 1];
	}
	u->start[i] = start;
	u->end[i] = end;
	u->count++;
}

/* Takes [start, end) out of range i, which it overlaps; the range may fall in two. */
static void range_cut(struct unflushed *u, unsigned i, uint64_t start, uint64_t end)
{
	uint64_t old_end = u->end[i];

	if (u->start[i] >= start && old_end <= end) {
		range_remove(u, i);
	} else if (u->start[i] >= start) {
		u->start[i] = end;
	} else {
		u->end[i] = start;
		if (old_end > end) {
			if (u->count == UNFLUSHED_RANGES) {
				u->overflow = 1;
				return;
			}
			memmove(&u->start[i + 2], &u->start[i + 1], (u->count - i - 1u) * sizeof(u->start[0]));
			memmove(&u->end[i + 2], &u->end[i + 1], (u->count - i - 1u) * sizeof(u->end[0]));
			u->start[i + 1] = end;
			u->end[i + 1] = old_end;
			u->count++;
		}
	}
}

void rule_useless_flush(struct machine *m, unsigned mm, uint64_t start, uint64_t end)
{
	bool useful = read_unflushed(m, mm)->overflow;

	for (unsigned i = 0; i < read_unflushed(m, mm)->count;) {
		const struct unflushed *u = read_unflushed(m, mm);
		uint64_t at = u->start[i];

		if (u->start[i] >= end || u->end[i] <= start) {
			i++;
			continue;
		}
		useful = true;
		range_cut(write_unflushed(m, mm), i, start, end);
		i += i < u->count && u->start[i] == at;
	}
	if (!useful)
		rule_broken(m, (struct finding){
			.rule = RULE_USELESS_FLUSH, .mm = (uint8_t)mm, .pfn = NO_FRAME, .va = start,
		});
}

void rule_cache_full(struct machine *m, unsigned cpu)
{
	rule_broken(m, (struct finding){ .rule = RULE_CACHE_FULL, .mm = NONE, .pfn = NO_FRAME, .object = (uint16_t)cpu });
}

void rule_double_flush(struct machine *m, unsigned sub, uint64_t start, uint64_t end)
{
	const struct sub *s = read_sub(m, sub);
	unsigned changes = read_mm_part(m, s->mm, MM_CHANGES)->changes;
	struct sub *w;

	if (s->told == changes && s->told_end && start >= s->told_start && end <= s->told_end) {
		rule_broken(m, (struct finding){
			.rule = RULE_DOUBLE_FLUSH, .mm = s->mm, .object = (uint16_t)sub, .pfn = NO_FRAME, .va = start,
		});
		return;
	}
	w = write_sub(m, sub);
	w->told = (uint16_t)changes;
	w->told_start = start;
	w->told_end = end;
}
