/*
 * waste.c - the lints: double-flush and useless-flush.
 *
 * Both compare with mm->changes, a ghost count of entries that were taken out or weakened.
 */
#include "rules.h"

void rule_useless_flush(struct machine *m, unsigned mm, uint64_t start)
{
	if (read_mm(m, mm)->changes == read_mm(m, mm)->flushed)
		rule_broken(m, (struct finding){
			.rule = RULE_USELESS_FLUSH, .mm = (uint8_t)mm, .pfn = NO_FRAME, .va = start,
		});
	else
		write_mm(m, mm)->flushed = read_mm(m, mm)->changes;
}

void rule_double_flush(struct machine *m, unsigned sub, uint64_t start, uint64_t end)
{
	const struct sub *s = read_sub(m, sub);
	unsigned changes = read_mm(m, s->mm)->changes;
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
