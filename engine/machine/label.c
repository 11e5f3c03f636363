/*
 * label.c - actions by name: stable labels, never list positions.
 */
#include "broadcast.h"
#include "machine.h"
#include "mmu.h"
#include "routine.h"
#include "routines.h"
#include "task.h"

static const char *const verbs[ACTION_KINDS] = {
	[ACT_STEP] = "step", [ACT_IPI] = "ipi", [ACT_NMI] = "nmi", [ACT_SWITCH] = "switch", [ACT_DMA] = "dma",
	[ACT_TAKE] = "take", [ACT_DRAIN] = "drain", [ACT_INVAL] = "inval",
	[ACT_WALK] = "walk", [ACT_FILL] = "fill", [ACT_EVICT] = "evict",
};

const char *action_kind_name(enum action_kind kind)
{
	CHECK(kind < ACTION_KINDS);
	return verbs[kind];
}

void label_text(struct text *t, const struct names *n, const struct action *a)
{
	lane_text(t, n, action_lane(a));
	text_add(t, ".%s", verbs[a->kind]);
	if (a->kind == ACT_SWITCH) {
		text_add(t, " ");
		name_text(t, n, NAME_TASK, a->task);
	} else if (a->kind == ACT_FILL || a->kind == ACT_EVICT) {
		text_add(t, " 0x%llx", (unsigned long long)a->va);
	} else if (a->kind == ACT_INVAL) {
		text_add(t, " cpu%u %u ", a->task, INVAL_KEY_TAG(a->va));
		if (INVAL_KEY_START(a->va))
			text_add(t, "0x%llx", (unsigned long long)INVAL_KEY_START(a->va));
		else
			text_add(t, "all");
	}
}

/* "cpu1", "iommu", or a device's name. */
static bool lane_read(const struct names *n, struct word w, unsigned *lane)
{
	uint64_t cpu;
	unsigned dev;

	if (w.len > 3 && word_is((struct word){ w.at, 3 }, "cpu") &&
	    word_number((struct word){ w.at + 3, w.len - 3 }, &cpu) && cpu < MAX_CPUS) {
		*lane = LANE_CPU(cpu);
		return true;
	}
	if (word_is(w, "iommu")) {
		*lane = LANE_IOMMU;
		return true;
	}
	dev = name_find(n, NAME_DEV, w);
	*lane = dev == NONE ? LANES : LANE_DEV(dev);
	return dev < MAX_DEVS;
}

/* "cpu0 3 0x7f0000001000" or "cpu0 3 all": who asked, under which tag, from where. */
static enum status inval_read(const struct names *n, const char **rest, struct action *a, struct complaint *c)
{
	static const char want[] = "should be the CPU that asked, the tag and where it begins, as in `cpu1.inval cpu0 3 0x7f0000001000` "
		"or `cpu1.inval cpu0 3 all`";
	struct word cpu = { "", 0 }, tag = { "", 0 }, at = { "", 0 };
	uint64_t pcid, va = 0;
	unsigned from;

	word_next(rest, "", &cpu);
	word_next(rest, "", &tag);
	word_next(rest, "", &at);
	if (!lane_read(n, cpu, &from) || from >= MAX_CPUS)
		return complain(c, BAD_NAME, "'%.*s' %s", (int)cpu.len, cpu.at, want);
	if (!word_number(tag, &pcid) || pcid > EVERY_PCID)
		return complain(c, BAD_VALUE, "'%.*s' %s", (int)tag.len, tag.at, want);
	if (!word_is(at, "all") && (!address_read(n, at, &va) || (va & (PAGE_SIZE - 1)) || va >= 1ull << 47))
		return complain(c, BAD_VALUE, "'%.*s' %s", (int)at.len, at.at, want);
	a->task = (uint8_t)from;
	a->va = va | pcid;
	return OK;
}

enum status label_read(const struct machine *m, const char *label, struct action *a, struct complaint *c)
{
	const char *rest = label;
	struct word w = { "", 0 }, verb, actor, arg = { "", 0 }, extra;
	unsigned lane, kind;

	word_next(&rest, "", &w);
	actor = word_split(w, '.', &verb);
	if (!lane_read(&m->names, actor, &lane))
		return complain(c, BAD_NAME, "'%.*s' is no actor: use cpu0..cpu%u, iommu, or a device's name",
			(int)actor.len, actor.at, MAX_CPUS - 1);
	for (kind = 0; kind < ACTION_KINDS && !word_is(verb, verbs[kind]); kind++)
		;
	if (kind == ACTION_KINDS)
		return complain(c, BAD_NAME, "'%.*s' is no action: write ACTOR.step, .ipi, .nmi, .switch TASK, .dma, .take, .drain, "
			".inval CPU TAG ADDRESS, .fill ADDRESS, .walk or .evict ADDRESS", (int)w.len, w.at);
	*a = (struct action){ .kind = (uint8_t)kind, .agent = (uint8_t)lane };
	if (kind == ACT_DMA && lane >= MAX_CPUS && lane < LANE_IOMMU)
		a->agent = (uint8_t)(lane - MAX_CPUS);
	else if (kind == ACT_TAKE && lane == LANE_IOMMU)
		a->agent = 0;
	else if (kind != ACT_EVICT ? lane >= MAX_CPUS || kind == ACT_DMA || kind == ACT_TAKE : lane == LANE_IOMMU)
		return complain(c, BAD_NAME, "'%.*s' cannot %s: `actions` lists what is possible", (int)actor.len, actor.at,
			verbs[kind]);
	if (kind == ACT_INVAL) {
		if (inval_read(&m->names, &rest, a, c) != OK)
			return c->status;
		if (word_next(&rest, "", &extra))
			return complain(c, BAD_SYNTAX, "'%.*s' is one word too many", (int)extra.len, extra.at);
		return OK;
	}
	word_next(&rest, "", &arg);
	if (kind == ACT_SWITCH) {
		a->task = (uint8_t)name_find(&m->names, NAME_TASK, arg);
		if (a->task == NONE || !task_may_run_on(m, a->task, a->agent))
			return complain(c, BAD_NAME, "'%.*s' is no task of cpu%u", (int)arg.len, arg.at, a->agent);
	} else if (kind == ACT_FILL || kind == ACT_EVICT) {
		if (!address_read(&m->names, arg, &a->va) || (a->va & (PAGE_SIZE - 1)) || a->va >= 1ull << 47)
			return complain(c, BAD_VALUE, "'%.*s' should be the address of a page, such as 0x7f0000001000 or REGION+PAGE",
				(int)arg.len, arg.at);
	} else if (arg.len) {
		return complain(c, BAD_SYNTAX, "'%.*s' after the action '%s' is one word too many", (int)arg.len, arg.at,
			verbs[kind]);
	}
	if (word_next(&rest, "", &extra))
		return complain(c, BAD_SYNTAX, "'%.*s' is one word too many", (int)extra.len, extra.at);
	return OK;
}

void inval_text(struct text *t, const struct machine *m, const struct inval *op)
{
	range_text(t, &m->names, op->start, op->end);
	if (op->pcid == EVERY_PCID)
		text_add(t, " under every tag");
	else
		text_add(t, " under %s %u", arch_is(m, ARCH_ARM64) ? "ASID" : "PCID", op->pcid);
	text_add(t, "%s%s", op->final_only ? ", last level" : "", op->acked ? ", acknowledged" : "");
}

static void step_text(struct text *t, const struct machine *m, unsigned cpu)
{
	unsigned ctx = cpu_context(m, cpu);
	const struct act *top = ctx == NONE ? NULL : ctx_top(m, ctx);
	const char *words = "";
	bool call;

	if (!top)
		return;
	if (ctx < MAX_TASKS)
		name_text(t, &m->names, NAME_TASK, ctx);
	else
		text_add(t, "%s", context_word(ctx));
	text_add(t, " %s: ", routine_table[top->routine]->name);
	if (routine_line(top->routine, top->pc, &words, &call))
		text_add(t, "%s", words);
}

void action_text(struct text *t, const struct machine *m, const struct action *a)
{
	switch ((enum action_kind)a->kind) {
	case ACT_STEP:
		step_text(t, m, a->agent);
		break;
	case ACT_IPI:
		text_add(t, "%s", peek_cpu(m, a->agent)->pending & PENDING_IPI ? "take the pending IPI" : "take the tick");
		break;
	case ACT_NMI: {
		const struct nmi *n = peek_nmi(m, a->agent);

		text_add(t, "an NMI, whose handler loads ");
		if (n->next < n->count)
			address_brief(t, &m->names, n->va[n->next]);
		break;
	}
	case ACT_SWITCH:
		text_add(t, "the scheduler %s ", peek_task(m, a->task)->cpu == a->agent ? "runs" : "moves over");
		name_text(t, &m->names, NAME_TASK, a->task);
		break;
	case ACT_DMA: {
		const struct program *p = peek_program(m, MAX_TASKS + a->agent);
		const struct dev *d = peek_dev(m, a->agent);

		if (d->op < p->count)
			op_text(t, &m->names, &p->op[d->op]);
		text_add(t, d->phase == DEV_WALK ? ": the walk reads one level" : ": look the address up in the IOTLB");
		break;
	}
	case ACT_TAKE: {
		const struct iommu *io = peek_iommu(m, 0);

		if (!io->queued)
			break;
		if (io->queue[0].kind == QI_WAIT) {
			text_add(t, "take the wait descriptor: write the status word");
		} else {
			text_add(t, "take an invalidation: ");
			range_text(t, &m->names, io->queue[0].start, io->queue[0].end);
		}
		break;
	}
	case ACT_DRAIN:
		text_add(t, "its store to %s reaches the other CPUs",
			peek_cpu(m, a->agent)->buffer == BUFFER_LAZY ? "is_lazy" : "loaded_mm");
		break;
	case ACT_INVAL: {
		unsigned i = inval_find(m, a->agent, a->task, a->va);
		const struct inval *op = &peek_invals(m, a->agent)->op[i % INVALS];

		text_add(t, i < INVALS && !op->acked && profile_is(m, SW_TLBI_ACK, ACK_EARLY) ? "acknowledge" : "do");
		text_add(t, " what cpu%u asked for: drop ", a->task);
		if (i < INVALS)
			inval_text(t, m, op);
		break;
	}
	case ACT_WALK:
		text_add(t, "the speculative walk reads one level");
		break;
	case ACT_FILL:
		text_add(t, saturated(m) ? "speculation sets the A bit of " : peek_profile(m, 0)->spec == SPEC_WHOLE ? "speculation caches " :
			"speculation starts to walk ");
		address_brief(t, &m->names, a->va);
		break;
	case ACT_EVICT:
		text_add(t, "the entry of ");
		address_brief(t, &m->names, a->va);
		text_add(t, " leaves the cache");
		break;
	case ACTION_KINDS:
		break;
	}
}
