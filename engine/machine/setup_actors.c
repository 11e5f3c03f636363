/*
 * setup_actors.c - task, nmi, device, sva, shadow: who acts, and who is told.
 */
#include <string.h>

#include "iommu.h"
#include "kernel.h"
#include "setup_words.h"
#include "task.h"

/* What an operation's text alone cannot tell: is there such a CPU, is its subscriber of the kind that the operation is about? */
static bool op_fits(const struct machine *m, unsigned mm, const struct op *op, struct complaint *c)
{
	bool kernel = mm != NONE && mm == init_mm(m);
	bool sva = op->kind == OP_BIND || op->kind == OP_UNBIND;

	if (kernel && op->kind != OP_NOP && op->kind != OP_PREFETCH && op->kind != OP_IDLE &&
	    op->kind != OP_POLL && op->kind != OP_AFTER) {
		complain(c, BAD_VALUE, "%s: a kernel thread can nop, prefetch, idle, poll and wait (`after`), for it has no process",
			op_table[op->kind].word);
		return false;
	}
	if (!kernel && (op->kind == OP_IDLE || op->kind == OP_POLL)) {
		complain(c, BAD_VALUE, "%s: that is for a kernel thread, a task in an mm that says `kernel`", op_table[op->kind].word);
		return false;
	}
	if (op->kind == OP_REVOKE || op->kind == OP_TRUNCATE || op->kind == OP_PREAD || op->kind == OP_PWRITE) {
		if ((peek_file(m, op->object)->used == FILE_DRIVER) == (op->kind == OP_REVOKE))
			return true;
		complain(c, BAD_NAME, "%s: the file should be one that a `%s` line made", op_table[op->kind].word,
			op->kind == OP_REVOKE ? "driver" : "file");
		return false;
	}
	if (op->kind == OP_CALL && !peek_cpu(m, op->object)->online) {
		complain(c, BAD_NAME, "call: 'cpu%u' should be a CPU of this machine", op->object);
		return false;
	}
	if (!strchr(op_table[op->kind].shape, 's') || peek_sub(m, op->object)->kind == (sva ? SUB_SVA : SUB_SHADOW))
		return true;
	complain(c, BAD_NAME, "%s: the subscriber should be one that %s line made", op_table[op->kind].word,
		sva ? "an `sva`" : "a `shadow`");
	return false;
}

/* Of a 2 MiB page a split keeps the first pages: nobody may name the others. */
static bool page_kept(struct machine *m, unsigned task, const struct op *op, struct complaint *c)
{
	unsigned mm = read_task(m, task)->mm;

	if (read_mm(m, mm)->pgd == NO_FRAME || (op->va & (PMD_SIZE - 1)) < HUGE_PAGES * PAGE_SIZE ||
	    !huge_inside(m, mm, op->va, op->va + 1))
		return true;
	complain(c, BAD_VALUE, "%s: 0x%llx should be one of the first %u pages of its 2 MiB page: the others are not told apart",
		op_table[op->kind].word, (unsigned long long)op->va, HUGE_PAGES);
	return false;
}

static enum status program_read(struct machine *m, const char **rest, unsigned program, bool device, struct complaint *c)
{
	struct program *p = write_program(m, program);
	struct word w;

	for (;;) {
		const char *ahead = *rest;
		char why[200];

		if (!word_next(&ahead, ";", &w))
			return device ? OK : raw_alone(m, c);
		if (p->count == MAX_OPS)
			return setup_limit(c, "MAX_OPS", MAX_OPS);
		if (!op_read(&m->names, rest, device, &p->op[p->count], why, sizeof(why)))
			return complain(c, BAD_VALUE, "%s", why);
		if (!op_fits(m, device ? NONE : read_task(m, program)->mm, &p->op[p->count], c) ||
		    (!device && !page_kept(m, program, &p->op[p->count], c)))
			return c->status;
		if (p->count && p->op[p->count - 1].kind == OP_EXIT)
			return complain(c, BAD_VALUE, "nothing can follow `exit` in a program");
		p->count++;
		if (word_next(rest, ";", &w) && !word_is(w, ";"))
			return complain(c, BAD_SYNTAX, "'%.*s' should be ';' or the end of the line", (int)w.len, w.at);
	}
}

/* Cuts the ':' off the end of a word; false when there is none. */
static bool colon(struct word *w)
{
	if (!w->len || w->at[w->len - 1] != ':')
		return false;
	w->len--;
	return true;
}

bool setup_cpu(struct machine *m, struct word w, uint64_t *cpu)
{
	return w.len > 3 && memcmp(w.at, "cpu", 3) == 0 && word_number((struct word){ w.at + 3, w.len - 3 }, cpu) &&
		*cpu < MAX_CPUS && read_cpu(m, (unsigned)*cpu)->online;
}

/* nmi cpuN: load ADDRESS; ... */
enum status line_nmi(struct machine *m, const char **rest, struct complaint *c)
{
	struct word w = setup_take(rest, "");
	struct nmi *n;
	uint64_t cpu;

	if (!colon(&w) || !setup_cpu(m, w, &cpu))
		return setup_wrong(c, BAD_SYNTAX, w, "a CPU of this machine and a colon, as in `nmi cpu1: load heap+0`");
	n = write_nmi(m, (unsigned)cpu);
	for (;;) {
		uint64_t va = 0;
		enum status s;

		w = setup_take(rest, ";");
		if (!word_is(w, "load"))
			return setup_wrong(c, BAD_SYNTAX, w, "`load ADDRESS`: what the handler of the NMI reads");
		if (n->count == MAX_NMIS)
			return setup_limit(c, "MAX_NMIS", MAX_NMIS);
		s = setup_address(m, rest, &va, c);
		if (s != OK)
			return s;
		n->va[n->count++] = va;
		if (!word_next(rest, ";", &w))
			return OK;
		if (!word_is(w, ";"))
			return setup_wrong(c, BAD_SYNTAX, w, "';' or the end of the line");
	}
}

/* probe cpuN: load ADDRESS */
enum status line_probe(struct machine *m, const char **rest, struct complaint *c)
{
	struct word w = setup_take(rest, "");
	uint64_t cpu, va = 0;
	enum status s;

	if (!colon(&w) || !setup_cpu(m, w, &cpu))
		return setup_wrong(c, BAD_SYNTAX, w, "a CPU of this machine and a colon, as in `probe cpu1: load heap+0`");
	w = setup_take(rest, "");
	if (!word_is(w, "load"))
		return setup_wrong(c, BAD_SYNTAX, w, "`load ADDRESS`: what the handler of the probe reads");
	s = setup_address(m, rest, &va, c);
	if (s == OK)
		*write_probe(m, (unsigned)cpu) = (struct probe){ .va = va, .armed = 1 };
	return s;
}

/* "cpu0,cpu2": the first is where the task begins; *cpus is a mask where there are more, else 0. */
static bool cpus_read(struct machine *m, struct word w, uint64_t *cpu, uint8_t *cpus)
{
	uint64_t more = 0;
	struct word rest;

	w = word_split(w, ',', &rest);
	if (!setup_cpu(m, w, cpu))
		return false;
	*cpus = 0;
	while (rest.at) {
		w = word_split(rest, ',', &rest);
		if (!setup_cpu(m, w, &more))
			return false;
		*cpus |= (uint8_t)(1u << more | 1u << *cpu);
	}
	return true;
}

/* task NAME on cpuN[,cpuN] in MM: OP; OP; ... */
enum status line_task(struct machine *m, const char **rest, struct complaint *c)
{
	unsigned i = 0, mm;
	struct word w;
	uint64_t cpu;
	uint8_t cpus;
	enum status s = setup_name(m, rest, NAME_TASK, MAX_TASKS, "MAX_TASKS", &i, c);

	if (s != OK)
		return s;
	w = setup_take(rest, "");
	if (!word_is(w, "on"))
		return setup_wrong(c, BAD_SYNTAX, w, "`on cpuN`, as in `task victim on cpu1 in A: load heap+0`");
	w = setup_take(rest, "");
	if (!cpus_read(m, w, &cpu, &cpus))
		return WRONG(w, "a CPU of this machine, such as cpu0, or several, as cpu0,cpu2 (the `machine` line comes first)");
	w = setup_take(rest, "");
	if (!word_is(w, "in"))
		return setup_wrong(c, BAD_SYNTAX, w, "`in MM:`, as in `task victim on cpu1 in A: load heap+0`");
	w = setup_take(rest, "");
	if (!colon(&w))
		return setup_wrong(c, BAD_SYNTAX, w, "`MM:`, with a colon before the operations");
	mm = name_find(&m->names, NAME_MM, w);
	if (mm == NONE)
		return setup_wrong(c, BAD_NAME, w, "the name of an mm that an `mm` line made");
	*write_task(m, i) = (struct task){ .used = 1, .cpu = (uint8_t)cpu, .mm = (uint8_t)mm, .cpus = cpus };
	*write_ctx(m, i) = (struct ctx){ .cpu = (uint8_t)cpu };
	write_mm(m, mm)->users++;
	return program_read(m, rest, i, false, c);
}

/* device NAME: OP; OP; ... */
enum status line_device(struct machine *m, const char **rest, struct complaint *c)
{
	unsigned i = 0;
	const char *ahead = *rest;
	struct word w = setup_take(&ahead, "");
	char buf[MAX_NAME + 1];
	enum status s;

	if (!colon(&w) || !word_copy(w, buf, MAX_NAME))
		return setup_wrong(c, BAD_SYNTAX, w, "`NAME:`, as in `device nic: dma-write heap+0 = 9`");
	const char *name = buf;

	s = setup_name(m, &name, NAME_DEV, MAX_DEVS, "MAX_DEVS", &i, c);
	if (s != OK)
		return s;
	*rest = ahead;
	write_dev(m, i)->used = 1;
	write_iommu(m, 0)->used = 1;
	return program_read(m, rest, MAX_TASKS + i, true, c);
}

/* sva NAME for DEVICE in MM [unbound]; shadow NAME in MM [unbound] */
static enum status subscriber(struct machine *m, const char **rest, enum sub_kind kind, struct complaint *c)
{
	unsigned i = 0, mm = 0, dev = NONE;
	enum status s = setup_name(m, rest, NAME_SUB, MAX_SUBS, "MAX_SUBS", &i, c);
	struct word w;

	if (s != OK)
		return s;
	if (kind == SUB_SVA) {
		w = setup_take(rest, "");
		if (!word_is(w, "for"))
			return setup_wrong(c, BAD_SYNTAX, w, "`for DEVICE`, as in `sva sva0 for nic in A`");
		w = setup_take(rest, "");
		dev = name_find(&m->names, NAME_DEV, w);
		if (dev == NONE)
			return setup_wrong(c, BAD_NAME, w, "the name of a device that a `device` line made");
	}
	w = setup_take(rest, "");
	if (!word_is(w, "in"))
		return setup_wrong(c, BAD_SYNTAX, w, "`in MM`");
	s = setup_mm(m, rest, &mm, c);
	if (s != OK)
		return s;
	*write_sub(m, i) = (struct sub){ .kind = (uint8_t)kind, .mm = NONE, .dev = (uint8_t)dev, .told = UINT16_MAX };
	if (word_next(rest, "", &w))
		return word_is(w, "unbound") ? OK : setup_wrong(c, BAD_SYNTAX, w, "`unbound` or nothing");
	write_sub(m, i)->mm = (uint8_t)mm;
	write_mm(m, mm)->subs |= (uint8_t)(1u << i);
	if (kind == SUB_SVA) {
		iommu_pasid_set(m, i, PASID_PRESENT, mm);
		write_dev(m, dev)->pasid = (uint8_t)i;
	}
	return OK;
}

enum status line_sva(struct machine *m, const char **rest, struct complaint *c)
{
	return subscriber(m, rest, SUB_SVA, c);
}

enum status line_shadow(struct machine *m, const char **rest, struct complaint *c)
{
	return subscriber(m, rest, SUB_SHADOW, c);
}
