/*
 * setup.c - the table of set-up lines, applying one, and the end of set-up.
 */
#include <string.h>

#include "asid.h"
#include "kernel.h"
#include "setup.h"
#include "setup_words.h"
#include "task.h"

const struct setup_info setup_table[] = {
	{ "machine", "machine [arch=x86|x86-invlpgb|arm64] cpus=N [spec=off|fill|explicit|whole|saturate] [pcid=on|off] [store-buffer=on|off] "
	  "[multi-hit=either|mce] [global-asid=N] [asids=N]",
	  "the CPUs, and which whims of the hardware are offered", line_machine },
	{ "kernel", "kernel RELEASE", "set every switch as that release had it", line_kernel },
	{ "switch", "switch NAME=VALUE ...", "set switches of the kernel, see `help switches`; kernel=RELEASE sets all", line_switch },
	{ "mm", "mm NAME [unborn|kernel]", "an address space; unborn = the child of a fork to come, kernel = init_mm: its tasks are \
kernel threads", line_mm },
	{ "asid", "asid MM moving|global",
	  "on x86-invlpgb: the mm has a global ASID; moving = its CPUs still run it on ASIDs of their own", line_asid },
	{ "file", "file NAME Np [cached|disk]", "a file of N pages, in memory or kept on a disk", line_file },
	{ "driver", "driver NAME Np", "a device file with N pages of the driver's own memory, which it can take back (`revoke`)",
	  line_driver },
	{ "vma", "vma MM NAME ADDRESS Np RIGHTS anon|FILE[@PAGE] private|shared",
	  "a mapping; NAME+K is its page K wherever an address may stand", line_vma },
	{ "touch", "touch MM ADDRESS [huge] [= VALUE]",
	  "the page (or 2 MiB page) is mapped, as after a store of VALUE (or a load)", line_touch },
	{ "frame", "frame NAME [= VALUE]", "a page frame by name, for raw instructions", line_frame },
	{ "entry", "entry MM ADDRESS FRAME rw|ro|none", "the page-table entry of the address, nothing else behind it", line_entry },
	{ "device", "device NAME: OP; OP ...", "a device behind the IOMMU and the accesses it makes", line_device },
	{ "sva", "sva NAME for DEVICE in MM [unbound]",
	  "a shared-table subscriber: the device walks the mm's own tables", line_sva },
	{ "shadow", "shadow NAME in MM [unbound]", "a subscriber with tables of its own, KVM-like", line_shadow },
	{ "lazy", "lazy cpuN MM", "the CPU's first task, a kernel thread, runs on the tables of this mm", line_lazy },
	{ "warm", "warm cpuN|DEVICE MM ADDRESS", "the agent has cached the translation of this page", line_warm },
	{ "nmi", "nmi cpuN: load ADDRESS; load ADDRESS ...",
	  "NMIs that this CPU may take at any time, and the user memory that each handler reads", line_nmi },
	{ "probe", "probe cpuN: load ADDRESS",
	  "a probe on flush_tlb_func, where this CPU runs it for another; its handler reads this user memory each time", line_probe },
	{ "task", "task NAME on cpuN[,cpuN] in MM: OP; OP ...",
	  "a thread and its operations; the CPU's first task runs first; with more CPUs, the scheduler may move it",
	  line_task },
	{ NULL, NULL, NULL, NULL },
};

const struct setup_info *setup_find(struct word w)
{
	for (const struct setup_info *i = setup_table; i->word; i++)
		if (word_is(w, i->word))
			return i;
	return NULL;
}

enum status setup_apply(struct machine *m, const char *line, struct effects *fx, struct complaint *c)
{
	const struct names names = m->names;
	const struct setup_info *info;
	struct word w = { "", 0 }, extra;
	enum status s;

	word_next(&line, "", &w);
	info = setup_find(w);
	if (!info)
		return complain(c, BAD_NAME, "'%.*s' is no set-up line: `help setup` lists them", (int)w.len, w.at);
	step_begin(m, fx);
	s = info->apply(m, &line, c);
	if (s == OK && word_next(&line, "", &extra))
		s = complain(c, BAD_SYNTAX, "'%.*s' is one word too many: %s", (int)extra.len, extra.at, info->syntax);
	step_end(m);
	if (s != OK) {
		step_undo(m, fx);
		m->names = names;
	}
	return s;
}

enum status setup_switches(struct machine *m, const char *words, struct effects *fx, struct complaint *c)
{
	enum status s;

	step_begin(m, fx);
	s = line_switch(m, &words, c);
	step_end(m);
	if (s != OK)
		step_undo(m, fx);
	return s;
}

/* The slot of the address space becomes the loaded one; it may have been warmed, as may another's. */
static void slots_finish(struct machine *m, unsigned cpu, unsigned mm)
{
	struct cpu *c = write_cpu(m, cpu);

	c->pcid = 1;
	if (c->ctx_mm != NONE && c->ctx_mm != mm) {
		const struct cpu was = *c;

		c->pcid = 2;
		c->ctx_mm = was.other_mm;
		c->other_mm = was.ctx_mm;
		c->other_gen = was.tlb_gen;
		if (c->ctx_mm != NONE && c->ctx_mm != mm)
			cpu_flush_all(m, cpu);
	}
	/* Up to 6.13 a CPU leaves the mask of a process when it switches away. */
	if (c->other_mm != NONE && profile_is(m, SW_CPUMASK_LEAVE, MASK_KEPT))
		write_mm(m, c->other_mm)->cpumask |= (uint8_t)(1u << cpu);
}

/* What is tagged alike on every CPU needs no slot, and is never behind. */
static void tag_finish(struct machine *m, unsigned cpu, unsigned mm)
{
	const struct cpu *c;

	if (arch_is(m, ARCH_ARM64)) {
		write_cpu(m, cpu)->pcid = (uint8_t)ARM64_ASID(mm);
		return;
	}
	c = read_cpu(m, cpu);
	write_cpu(m, cpu)->pcid = 1;
	for (unsigned i = 0; i < 2; i++) {
		unsigned slot = i ? c->other_mm : c->ctx_mm;

		if (slot != NONE)
			write_mm(m, slot)->cpumask |= (uint8_t)(1u << cpu);
	}
	cpu_load_global_asid(m, cpu, mm, mm_global_asid(m, mm), read_mm(m, mm)->tlb_gen);
}

static bool tagged_alike(struct machine *m, unsigned mm)
{
	return arch_is(m, ARCH_ARM64) || (mm_global_asid(m, mm) && !mm_in_asid_transition(m, mm));
}

static void cpu_load(struct machine *m, unsigned cpu, unsigned mm)
{
	struct cpu *c = write_cpu(m, cpu);

	c->cr3 = read_mm(m, mm)->pgd;
	c->loaded_mm = (uint8_t)mm;
	/* Without PCIDs what was warmed for another address space would have gone when CR3 was loaded. */
	if (tagged_alike(m, mm))
		tag_finish(m, cpu, mm);
	else if (read_profile(m, 0)->pcid)
		slots_finish(m, cpu, mm);
	else if (read_tlb(m, MMU_CPU(cpu))->count && read_tlb(m, MMU_CPU(cpu))->leaf[0].mm != mm)
		cpu_flush_all(m, cpu);
	c->ctx_mm = (uint8_t)mm;
	c->tlb_gen = read_mm(m, mm)->tlb_gen;
	if (!arch_is(m, ARCH_ARM64) && mm != init_mm(m) && !(c->is_lazy && profile_is(m, SW_LAZY_MASK, MASK_CLEARED)))
		write_mm(m, mm)->cpumask |= (uint8_t)(1u << cpu);
}

static void cpu_finish(struct machine *m, unsigned cpu)
{
	for (unsigned t = 0; t < MAX_TASKS; t++) {
		const struct task *task = read_task(m, t);
		struct cpu *c = write_cpu(m, cpu);

		if (!task->used || task->cpu != cpu || read_mm(m, task->mm)->state != MM_LIVE)
			continue;
		c->current = (uint8_t)t;
		if (task->mm == init_mm(m) && !c->is_lazy)
			c->active_mm = task->mm;
		cpu_load(m, cpu, c->is_lazy ? c->active_mm : task->mm);
		return;
	}
	/* An idle CPU begins with its first slot. */
	if (read_profile(m, 0)->pcid && !arch_is(m, ARCH_ARM64))
		write_cpu(m, cpu)->pcid = 1;
}

/* An address is 0 where an operation has none, or means all. */
static void universe_add(struct machine *m, uint64_t va)
{
	unsigned k = 0;

	while (k < m->pages && m->universe[k] != va)
		k++;
	if (va && k == m->pages && k < sizeof(m->universe) / sizeof(m->universe[0]))
		m->universe[m->pages++] = va;
}

/* The pages that programs and NMIs name: those that speculation may fetch. */
static void universe(struct machine *m)
{
	m->pages = 0;
	for (unsigned p = 0; p < MAX_TASKS + MAX_DEVS; p++)
		for (unsigned i = 0; i < peek_program(m, p)->count; i++)
			universe_add(m, peek_program(m, p)->op[i].va);
	for (unsigned c = 0; c < MAX_CPUS; c++)
		for (unsigned i = 0; i < peek_nmi(m, c)->count; i++)
			universe_add(m, peek_nmi(m, c)->va[i]);
	for (unsigned c = 0; c < MAX_CPUS; c++)
		universe_add(m, peek_probe(m, c)->va);
}

void setup_finish(struct machine *m, struct effects *fx)
{
	step_begin(m, fx);
	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (read_cpu(m, c)->online)
			cpu_finish(m, c);
	lazy_finish(m);
	for (unsigned c = 0; c < MAX_CPUS; c++) {
		write_ctx(m, CTX_IRQ(c))->cpu = (uint8_t)c;
		write_ctx(m, CTX_NMI(c))->cpu = (uint8_t)c;
	}
	for (unsigned t = 0; t < MAX_TASKS; t++)
		if (read_task(m, t)->used)
			task_begin(m, t);
		else
			write_ctx(m, t)->cpu = NONE;
	step_end(m);
	universe(m);
}
