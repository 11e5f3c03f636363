/*
 * why_cpu.c - what a CPU has loaded and claims, in words: findings whose cause is the CPU's own state.
 */
#include "rules.h"
#include "why.h"

void why_cpu(struct text *t, const struct machine *m, const struct finding *f)
{
	switch (f->rule) {
	case RULE_FLUSH_LOST:
		text_add(t, "loads ");
		name_text(t, &m->names, NAME_MM, f->mm);
		text_add(t, " as of tlb_gen %u; flushes up to %u have returned", (unsigned)f->detail, peek_mm(m, f->mm)->done_gen);
		break;
	case RULE_GEN_LIE:
		text_add(t, "cpu%u claims tlb_gen %u of ", f->object, (unsigned)f->detail);
		name_text(t, &m->names, NAME_MM, f->mm);
		text_add(t, " and keeps an entry that a flush up to it was for");
		break;
	case RULE_KERNEL_WARN:
		text_add(t, "cpu%u, ", f->object);
		name_text(t, &m->names, NAME_MM, f->mm);
		text_add(t, ": %s", warning_words[f->detail]);
		break;
	case RULE_ASID_STRAGGLER:
	case RULE_ASID_REUSED:
		why_asid(t, m, f);
		break;
	default:
		text_add(t, "CR3 holds the tables of ");
		name_text(t, &m->names, NAME_MM, f->object);
		text_add(t, ", the current task belongs to ");
		name_text(t, &m->names, NAME_MM, f->mm);
	}
}
