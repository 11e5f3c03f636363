/*
 * action.c - which actions are possible, and taking one.
 */
#include "broadcast.h"
#include "cpu.h"
#include "iommu.h"
#include "machine.h"
#include "memory.h"
#include "mmu.h"
#include "rcu.h"
#include "routine.h"
#include "task.h"

static bool cpu_can_step(const struct machine *m, unsigned cpu)
{
	unsigned ctx = cpu_context(m, cpu);

	if (!peek_cpu_part(m, cpu, CPU_SETUP)->online || ctx == NONE)
		return false;
	if (ctx < MAX_TASKS && !mm_runs(m, peek_task(m, ctx)->mm))
		return false;
	return ctx_ready(m, ctx);
}

static bool cpu_can_take_ipi(const struct machine *m, unsigned cpu)
{
	const struct cpu *c = peek_cpu_part(m, cpu, CPU_SETUP | CPU_QUEUE | CPU_IRQS | CPU_RUN);

	return c->online && c->pending && !c->irq_off && !c->in_irq && !c->in_nmi;
}

bool task_may_run_on(const struct machine *m, unsigned task, unsigned cpu)
{
	const struct task *t = peek_task(m, task);

	return t->used && cpu < MAX_CPUS && (t->cpu == cpu || (t->cpus & (1u << cpu)));
}

static bool tlb_holds(const struct machine *m, unsigned mmu, uint64_t va)
{
	const struct tlb *t = peek_tlb(m, mmu);

	for (unsigned i = 0; i < t->count; i++)
		if (t->leaf[i].va == va)
			return true;
	return false;
}

/* Has the agent a leaf entry of that address, or the CPU else a cached table on the way to it? */
static bool mmu_holds(const struct machine *m, unsigned mmu, uint64_t va)
{
	return tlb_holds(m, mmu, va) || (mmu < MMU_DEV(0) && cache_serves(m, mmu, peek_cpu_part(m, mmu, CPU_CR3)->pcid, va));
}

/* An entry leaves a cache.  Without saturation, leaf entries of one address go together, whatever their PCIDs. */
static void evict(struct machine *m, unsigned mmu, uint64_t va)
{
	if (saturated(m) && mmu < MMU_DEV(0))
		cache_evict(m, mmu, read_cpu_part(m, mmu, CPU_CR3)->pcid, va);
	else if (!tlb_drop(m, mmu, ANY_PCID, va, va + PAGE_SIZE) && mmu < MMU_DEV(0))
		cache_evict(m, mmu, read_cpu_part(m, mmu, CPU_CR3)->pcid, va);
	event_add(m, (struct event){ .kind = EV_EVICT, .va = va });
}

const char *action_blocked(const struct machine *m, const struct action *a)
{
	switch ((enum action_kind)a->kind) {
	case ACT_STEP:
		if (a->agent >= MAX_CPUS || !peek_cpu_part(m, a->agent, CPU_SETUP)->online)
			return "this machine has no such CPU";
		if (cpu_context(m, a->agent) == NONE || !ctx_top(m, cpu_context(m, a->agent)))
			return "nothing runs there";
		return cpu_can_step(m, a->agent) ? NULL : "it waits";
	case ACT_IPI:
		if (a->agent >= MAX_CPUS || !peek_cpu_part(m, a->agent, CPU_QUEUE)->pending)
			return "no interrupt is pending";
		return cpu_can_take_ipi(m, a->agent) ? NULL : "interrupts are off there";
	case ACT_NMI:
		return a->agent < MAX_CPUS && nmi_can_come(m, a->agent) ? NULL : "no NMI can come: a `nmi` line gives them to a CPU";
	case ACT_SWITCH:
		if (a->task >= MAX_TASKS || !peek_task(m, a->task)->used)
			return "no such task";
		if (a->agent == peek_task(m, a->task)->cpu && !task_runnable(m, a->task))
			return "the task is done, waits, or runs already";
		if (a->agent >= MAX_CPUS || !task_may_run_on(m, a->task, a->agent))
			return "the task stays on its CPU";
		return task_can_run_on(m, a->task, a->agent) ? NULL : "the CPU cannot be preempted now";
	case ACT_DMA:
		if (a->agent >= MAX_DEVS || !dev_can_step(m, a->agent))
			return "the device has nothing to do or is not bound";
		return NULL;
	case ACT_TAKE:
		return peek_iommu(m, 0)->queued ? NULL : "the invalidation queue is empty";
	case ACT_DRAIN:
		return a->agent < MAX_CPUS && peek_cpu_part(m, a->agent, CPU_LOADED)->buffer ? NULL : "the store buffer is empty";
	case ACT_INVAL:
		return a->agent < MAX_CPUS && inval_find(m, a->agent, a->task, a->va) < INVALS ? NULL :
			"no such broadcast invalidation is pending there";
	case ACT_WALK:
		if (a->agent >= MAX_CPUS || !peek_walker(m, WALKER_SPEC(a->agent))->active)
			return "no speculative walk is under way";
		return NULL;
	case ACT_FILL:
		if (a->agent >= MAX_CPUS || !peek_cpu_part(m, a->agent, CPU_SETUP)->online)
			return "this machine has no such CPU";
		if (saturated(m) && !cpu_can_fill(m, a->agent, a->va))
			return "with spec=saturate the caches hold all that may be in them";
		return cpu_can_fill(m, a->agent, a->va) ? NULL : "the entry is there, or a walk is under way";
	case ACT_EVICT:
		if (a->agent >= MMU_SUB(0))
			return "no such translation cache";
		return mmu_holds(m, a->agent, a->va) ? NULL : "no such entry";
	case ACTION_KINDS:
		break;
	}
	return "no such action";
}

uint64_t machine_entry(const struct machine *m, unsigned cpu, uint64_t va)
{
	unsigned level;

	return walk_now(m, peek_cpu(m, cpu)->cr3, va, &level);
}

static void add(struct action *out, unsigned *n, struct action a)
{
	CHECK(*n < MAX_ACTIONS);
	out[(*n)++] = a;
}

/* Would a walk of va cache anything, or begin in a table that was freed? */
static bool walk_matters(const struct machine *m, unsigned cpu, uint64_t va)
{
	const struct cpu *c = peek_cpu_part(m, cpu, CPU_CR3);
	unsigned at = psc_deepest(m, MMU_CPU(cpu), c->pcid, va);
	const struct psc_entry *e;

	if (at == NONE)
		return pte_present(entry_now(m, c->cr3, va_index(va, LEVEL_PGD)));
	e = &peek_psc(m, MMU_CPU(cpu))->entry[at];
	return peek_frame(m, e->table)->generation != e->generation ||
		pte_present(entry_now(m, e->table, va_index(va, e->level)));
}

static void offer_fills(const struct machine *m, unsigned cpu, struct action *out, unsigned *n)
{
	if (peek_profile(m, 0)->spec == SPEC_OFF || !peek_cpu_part(m, cpu, CPU_SETUP)->online)
		return;
	for (unsigned i = 0; i < m->pages; i++)
		if (cpu_can_fill(m, cpu, m->universe[i]) && (saturated(m) || walk_matters(m, cpu, m->universe[i])))
			add(out, n, (struct action){ .kind = ACT_FILL, .agent = (uint8_t)cpu, .va = m->universe[i] });
}

static bool first_of_address(const struct machine *m, unsigned mmu, unsigned i)
{
	const struct tlb *t = peek_tlb(m, mmu);

	for (unsigned k = 0; k < i; k++)
		if (t->leaf[k].va == t->leaf[i].va)
			return false;
	return true;
}

/* Is the page the first of those that a walk would begin at the same cached table for? */
static bool first_of_table(const struct machine *m, unsigned cpu, unsigned page)
{
	unsigned pcid = peek_cpu_part(m, cpu, CPU_CR3)->pcid, at = psc_deepest(m, MMU_CPU(cpu), pcid, m->universe[page]);

	if (at == NONE || tlb_holds(m, MMU_CPU(cpu), m->universe[page]))
		return false;
	for (unsigned i = 0; i < page; i++)
		if (psc_deepest(m, MMU_CPU(cpu), pcid, m->universe[i]) == at && !tlb_holds(m, MMU_CPU(cpu), m->universe[i]))
			return false;
	return true;
}

/* What the CPU's next step may find in its caches, if that step is an access. */
static void offer_choice(const struct machine *m, unsigned cpu, struct action *out, unsigned *n)
{
	unsigned ctx = cpu_context(m, cpu);
	const struct act *top = ctx == NONE ? NULL : ctx_top(m, ctx);
	uint64_t va = top && top->wait == WAIT_ACCESS ? va_page(top->local[0]) : 0;

	if (va && cache_serves(m, MMU_CPU(cpu), peek_cpu_part(m, cpu, CPU_CR3)->pcid, va))
		add(out, n, (struct action){ .kind = ACT_EVICT, .agent = (uint8_t)MMU_CPU(cpu), .va = va });
}

static void offer_evictions(const struct machine *m, unsigned mmu, struct action *out, unsigned *n)
{
	if (peek_profile(m, 0)->spec < SPEC_FULL)
		return;
	if (saturated(m) && mmu < MMU_DEV(0)) {
		offer_choice(m, mmu, out, n);
		return;
	}
	for (unsigned i = 0; mmu < MMU_DEV(0) && i < m->pages; i++)
		if (first_of_table(m, mmu, i))
			add(out, n, (struct action){ .kind = ACT_EVICT, .agent = (uint8_t)mmu, .va = m->universe[i] });
	for (unsigned i = 0; i < peek_tlb(m, mmu)->count; i++)
		/* Entries of one address go together, whatever their PCIDs. */
		if (first_of_address(m, mmu, i))
			add(out, n, (struct action){
				.kind = ACT_EVICT, .agent = (uint8_t)mmu, .va = peek_tlb(m, mmu)->leaf[i].va,
			});
}

static void offer_switches(const struct machine *m, unsigned task, struct action *out, unsigned *n)
{
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++)
		if (task_may_run_on(m, task, cpu) && task_can_run_on(m, task, cpu))
			add(out, n, (struct action){ .kind = ACT_SWITCH, .agent = (uint8_t)cpu, .task = (uint8_t)task });
}

static void offer_invals(const struct machine *m, unsigned cpu, struct action *out, unsigned *n)
{
	const struct invals *s = peek_invals(m, cpu);

	for (unsigned i = 0; i < s->count; i++)
		/* Those that one name fits are taken one after the other. */
		if (inval_find(m, cpu, s->op[i].from, inval_key(&s->op[i])) == i)
			add(out, n, (struct action){
				.kind = ACT_INVAL, .agent = (uint8_t)cpu, .task = s->op[i].from, .va = inval_key(&s->op[i]),
			});
}

static void offer(const struct machine *m, enum action_kind kind, unsigned i, struct action *out, unsigned *n)
{
	const struct action plain = { .kind = (uint8_t)kind, .agent = (uint8_t)i };

	switch (kind) {
	case ACT_STEP:
		if (cpu_can_step(m, i))
			add(out, n, plain);
		break;
	case ACT_IPI:
		if (cpu_can_take_ipi(m, i))
			add(out, n, plain);
		break;
	case ACT_NMI:
		if (nmi_can_come(m, i))
			add(out, n, plain);
		break;
	case ACT_SWITCH:
		offer_switches(m, i, out, n);
		break;
	case ACT_DMA:
		if (dev_can_step(m, i))
			add(out, n, plain);
		break;
	case ACT_TAKE:
		if (peek_iommu(m, 0)->queued)
			add(out, n, plain);
		break;
	case ACT_DRAIN:
		if (peek_cpu_part(m, i, CPU_LOADED)->buffer)
			add(out, n, plain);
		break;
	case ACT_INVAL:
		offer_invals(m, i, out, n);
		break;
	case ACT_WALK:
		if (peek_walker(m, WALKER_SPEC(i))->active)
			add(out, n, plain);
		break;
	case ACT_FILL:
		offer_fills(m, i, out, n);
		break;
	case ACT_EVICT:
		offer_evictions(m, i, out, n);
		break;
	case ACTION_KINDS:
		CHECK_NEVER("no such action");
	}
}

/* How many could each offer an action of a kind; the kinds are in the order of the list of actions. */
static const uint8_t offerers[ACTION_KINDS] = {
	[ACT_STEP] = MAX_CPUS, [ACT_IPI] = MAX_CPUS, [ACT_NMI] = MAX_CPUS, [ACT_SWITCH] = MAX_TASKS, [ACT_DMA] = MAX_DEVS,
	[ACT_TAKE] = 1, [ACT_DRAIN] = MAX_CPUS, [ACT_INVAL] = MAX_CPUS,
	[ACT_WALK] = MAX_CPUS, [ACT_FILL] = MAX_CPUS, [ACT_EVICT] = MMU_SUB(0),
};

_Static_assert(7 * MAX_CPUS + MAX_TASKS + MAX_DEVS + 1 + MMU_SUB(0) == MACHINE_PARTS, "a part for each offerer");

unsigned machine_part(unsigned part, enum action_kind *kind)
{
	for (*kind = 0; part >= offerers[*kind]; ++*kind)
		part -= offerers[*kind];
	return part;
}

unsigned machine_offer(const struct machine *m, unsigned part, struct action out[MAX_ACTIONS])
{
	enum action_kind kind;
	unsigned i = machine_part(part, &kind), n = 0;

	offer(m, kind, i, out, &n);
	return n;
}

unsigned machine_actions(const struct machine *m, struct action out[MAX_ACTIONS])
{
	unsigned n = 0;

	for (unsigned kind = 0; kind < ACTION_KINDS; kind++)
		for (unsigned i = 0; i < offerers[kind]; i++)
			offer(m, (enum action_kind)kind, i, out, &n);
	return n;
}

bool action_is_progress(const struct action *a)
{
	return a->kind == ACT_STEP || a->kind == ACT_IPI || a->kind == ACT_NMI || a->kind == ACT_DMA || a->kind == ACT_TAKE ||
		a->kind == ACT_INVAL;
}

unsigned action_lane(const struct action *a)
{
	switch ((enum action_kind)a->kind) {
	case ACT_STEP:
	case ACT_IPI:
	case ACT_NMI:
	case ACT_SWITCH:
	case ACT_DRAIN:
	case ACT_INVAL:
	case ACT_WALK:
	case ACT_FILL:
		return LANE_CPU(a->agent);
	case ACT_DMA:
		return LANE_DEV(a->agent);
	case ACT_EVICT:
		return a->agent;	/* translation agents are numbered as lanes are */
	case ACT_TAKE:
	case ACTION_KINDS:
		break;
	}
	return LANE_IOMMU;
}

bool action_same(const struct action *a, const struct action *b)
{
	return a->kind == b->kind && a->agent == b->agent && a->task == b->task && a->va == b->va;
}

void machine_apply(struct machine *m, const struct action *a, struct effects *fx)
{
	step_begin(m, fx);
	m->lane = (uint8_t)action_lane(a);
	switch ((enum action_kind)a->kind) {
	case ACT_STEP:
		cpu_step(m, a->agent);
		break;
	case ACT_IPI:
		ipi_deliver(m, a->agent);
		break;
	case ACT_NMI:
		nmi_deliver(m, a->agent);
		break;
	case ACT_SWITCH:
		task_switch(m, a->task, a->agent);
		break;
	case ACT_DMA:
		dev_step(m, a->agent);
		break;
	case ACT_TAKE:
		iommu_take(m);
		break;
	case ACT_DRAIN:
		cpu_drain(m, a->agent);
		break;
	case ACT_INVAL:
		inval_take(m, a->agent, inval_find(m, a->agent, a->task, a->va));
		break;
	case ACT_WALK:
		cpu_fill_step(m, a->agent);
		break;
	case ACT_FILL:
		if (saturated(m))
			saturate_access(m, a->agent, a->va);
		else if (read_profile(m, 0)->spec == SPEC_WHOLE)
			cpu_fill_whole(m, a->agent, a->va);
		else
			cpu_fill_start(m, a->agent, a->va);
		break;
	case ACT_EVICT:
		evict(m, a->agent, a->va);
		break;
	case ACTION_KINDS:
		CHECK_NEVER("no such action");
	}
	rcu_quiesce(m);
	step_end(m);
}

/* Is an interrupt, an NMI or a broadcast served, or about to be?  An asynchronous call outlives the operation that made it. */
static bool cpu_serves(const struct machine *m, unsigned cpu)
{
	const struct cpu *c = peek_cpu(m, cpu);

	return c->pending || c->in_irq || c->in_nmi || peek_invals(m, cpu)->count;
}

bool machine_finished(const struct machine *m)
{
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (cpu_serves(m, c))
			return false;
	for (unsigned t = 0; t < MAX_TASKS; t++)
		if (peek_task(m, t)->used && peek_task(m, t)->state != TASK_DONE)
			return false;
	return true;
}

bool machine_stuck(const struct machine *m)
{
	struct action a[MAX_ACTIONS];
	unsigned n;

	if (machine_finished(m))
		return false;
	n = machine_actions(m, a);
	for (unsigned i = 0; i < n; i++)
		if (action_is_progress(&a[i]) || a[i].kind == ACT_SWITCH)
			return false;
	return true;
}
