/*
 * asid.c - asid-straggler and asid-reused: what a tag that is the same on every CPU takes for granted.
 */
#include "rules.h"

/* Does a CPU that is not switching run the mm under another tag? */
static bool straggles(struct machine *m, unsigned cpu, unsigned mm)
{
	const struct cpu *c = read_cpu_part(m, cpu, CPU_LOADED | CPU_CR3 | CPU_SETUP);

	return c->online && c->loaded_mm == mm && c->pcid != ASID_PCID(read_asid(m, mm)->global);
}

static void straggler(struct machine *m, unsigned cpu, unsigned mm)
{
	rule_broken(m, (struct finding){
		.rule = RULE_ASID_STRAGGLER, .mm = (uint8_t)mm, .pfn = NO_FRAME, .object = (uint16_t)cpu,
		.detail = read_cpu_part(m, cpu, CPU_CR3)->pcid,
	});
}

void rule_asid_straggler(struct machine *m, unsigned mm)
{
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (straggles(m, c, mm)) {
			straggler(m, c, mm);
			return;
		}
}

void rule_asid_loaded(struct machine *m, unsigned cpu)
{
	unsigned mm = read_cpu_part(m, cpu, CPU_LOADED)->loaded_mm;

	if (read_asid(m, mm)->global && !read_asid(m, mm)->transition && straggles(m, cpu, mm))
		straggler(m, cpu, mm);
}

void rule_asid_reused(struct machine *m, unsigned pcid)
{
	for (unsigned c = 0; c < MAX_CPUS; c++)
		for (unsigned i = 0; i < read_tlb(m, c)->count; i++) {
			const struct leaf *e = &read_tlb(m, c)->leaf[i];

			if (e->pcid != pcid)
				continue;
			rule_broken(m, (struct finding){
				.rule = RULE_ASID_REUSED, .mm = e->mm, .pfn = e->pfn, .va = e->va, .object = (uint16_t)c,
				.detail = pcid,
			});
			return;
		}
}
