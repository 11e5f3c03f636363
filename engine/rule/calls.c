/*
 * calls.c - ipi-deadlock, call-irqs-off, stale-mm, type-conflict: what calls to other CPUs may lead to.
 *
 * An mm_struct lives for as long as somebody runs in it, a CPU has it loaded (lazily, too), or a flush on its way
 * holds a reference.  A CPU may load speculatively through any entry that its PCID reaches, at any instant.
 */
#include "rules.h"

/* The CPUs whose answer a CPU waits for with interrupts off: meanwhile it answers nobody. */
static unsigned waits_for(struct machine *m, unsigned cpu)
{
	const struct cpu *c = read_cpu(m, cpu);
	unsigned ctx = c->in_irq ? CTX_IRQ(cpu) : c->current;
	const struct act *a;

	if (!c->irq_off || c->in_nmi || ctx == NONE || !read_ctx(m, ctx)->depth)
		return 0;
	a = read_act(m, ctx * MAX_DEPTH + read_ctx(m, ctx)->depth - 1u);
	return a->wait == WAIT_CSD ? read_call(m, a->wait_object)->locked & a->wait_detail : 0;
}

void rule_ipi_deadlock(struct machine *m, unsigned cpu, unsigned targets)
{
	unsigned reached = targets, before;

	do {
		before = reached;
		for (unsigned c = 0; c < MAX_CPUS; c++)
			if (before & (1u << c))
				reached |= waits_for(m, c);
	} while (reached != before);
	if (reached & (1u << cpu))
		rule_broken(m, (struct finding){
			.rule = RULE_IPI_DEADLOCK, .mm = NONE, .pfn = NO_FRAME, .object = (uint16_t)cpu, .detail = targets,
		});
}

void rule_call_irqs_off(struct machine *m, unsigned cpu)
{
	if (read_cpu(m, cpu)->irq_off)
		rule_broken(m, (struct finding){
			.rule = RULE_CALL_IRQS_OFF, .mm = NONE, .pfn = NO_FRAME, .object = (uint16_t)cpu,
		});
}

/* Has a CPU it loaded, or is it the one that a CPU is about to leave? */
static bool loaded_by(struct machine *m, unsigned cpu, unsigned mm)
{
	const struct cpu *c = read_cpu(m, cpu);

	return c->online && (c->loaded_mm == mm || c->active_mm == mm || (c->leaving != NONE && read_task(m, c->leaving)->mm == mm));
}

bool rule_mm_alive(struct machine *m, unsigned mm)
{
	if (read_mm(m, mm)->state != MM_DEAD || read_mm(m, mm)->held)
		return true;
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (loaded_by(m, c, mm))
			return true;
	rule_broken(m, (struct finding){ .rule = RULE_STALE_MM, .mm = (uint8_t)mm, .pfn = NO_FRAME });
	return false;
}

void rule_type_conflict(struct machine *m, unsigned pfn)
{
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
		const struct tlb *t = read_tlb(m, cpu);

		for (unsigned i = 0; i < t->count; i++)
			if (t->leaf[i].pfn == pfn && t->leaf[i].pcid == read_cpu(m, cpu)->pcid) {
				rule_broken(m, (struct finding){
					.rule = RULE_TYPE_CONFLICT, .mm = t->leaf[i].mm, .pfn = (uint16_t)pfn,
					.object = (uint16_t)cpu, .va = t->leaf[i].va, .detail = t->leaf[i].generation,
				});
				return;
			}
	}
}
