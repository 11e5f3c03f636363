/*
 * One program on a fresh machine: each operation is given to its task, and the machine's actions are taken until the task has done
 * it. Other CPUs move only where it waits for them.
 */
#include "conform.h"

#include <stdio.h>
#include <string.h>

#include "cpu.h"
#include "routines.h"
#include "setup.h"
#include "task.h"

#define MOST_STEPS 20000u

enum status conform_lines(const char *kernel, bool thread, enum status (*line)(void *self, const char *words), void *self)
{
	static const char *const lines[] = {
		"mm A", "mm B unborn", "mm C unborn", "mm D unborn", "file f0 8p cached", "file f1 4p cached",
		"task procA on cpu0 in A:", "task procB on cpu0 in B:", "task procC on cpu0 in C:", "task procD on cpu0 in D:",
	};
	char words[80];
	enum status s;

	snprintf(words, sizeof(words), "machine arch=x86 cpus=%d gather=%u", thread ? 2 : 1, GATHER_PAGES);
	s = line(self, words);
	snprintf(words, sizeof(words), "kernel %s", kernel);
	if (s == OK)
		s = line(self, words);
	for (unsigned i = 0; s == OK && i < sizeof(lines) / sizeof(lines[0]); i++)
		s = line(self, lines[i]);
	if (s == OK && thread)
		s = line(self, "task threadT on cpu1 in A:");
	/* Whatever moves out of the arena comes to lie next to what a program has there. */
	snprintf(words, sizeof(words), "vma A libs 0x%llx 1p rx anon private", MMAP_BASE - PAGE_SIZE);
	return s == OK ? line(self, words) : s;
}

struct builder {
	struct conform_machine *cm;
	struct complaint *c;
};

static enum status build_line(void *self, const char *words)
{
	struct builder *b = self;

	return setup_apply(&b->cm->m, words, &b->cm->fx, b->c);
}

enum status conform_open(struct conform_machine *cm, const char *kernel, bool thread, struct complaint *c)
{
	struct builder b = { cm, c };
	enum status s;

	world_init(&cm->m);
	s = conform_lines(kernel, thread, build_line, &b);
	if (s == OK)
		setup_finish(&cm->m, &cm->fx);
	cm->m.quiet = !thread;
	cm->thread = thread;
	cm->flushes[0] = '\0';
	cm->rules = 0;
	return s;
}

/* What the tracepoint of a flush would say, for flushes of the operation's own CPU. */
struct listing {
	struct text local, send;
	unsigned cpu;
};

static void list_add(struct text *t, const struct call *f, unsigned shift)
{
	if (t->len)
		text_add(t, ",");
	if (f->end == FLUSH_ALL)
		text_add(t, "all");
	else
		text_add(t, "%llu", (unsigned long long)((f->end - f->start) >> shift));
}

static void list_step(struct listing *l, const struct machine *m, const struct effects *fx)
{
	const struct call *f = peek_call(m, l->cpu);
	bool local = false;

	for (unsigned i = 0; i < fx->events; i++) {
		const struct event *e = &fx->event[i];

		if (e->lane != LANE_CPU(l->cpu))
			continue;
		if (e->kind == EV_IPI_SEND)
			list_add(&l->send, f, PAGE_SHIFT);
		if (!local && (e->kind == EV_INVLPG || e->kind == EV_FLUSH_CPU)) {
			list_add(&l->local, f, f->stride_shift);
			local = true;
		}
	}
}

/* Takes the action that brings `task` on: its own where it can, else what it waits for. */
static bool advance(struct conform_machine *cm, unsigned task)
{
	struct action a = { .kind = ACT_STEP, .agent = peek_task(&cm->m, task)->cpu, .task = (uint8_t)task };

	if (peek_cpu(&cm->m, a.agent)->current != task)
		a.kind = ACT_SWITCH;
	for (unsigned i = 0; action_blocked(&cm->m, &a); i++) {
		if (i == 2 * MAX_CPUS)
			return false;
		a = (struct action){ .kind = i % 2 ? ACT_STEP : ACT_IPI, .agent = (uint8_t)(i / 2) };
	}
	machine_apply(&cm->m, &a, &cm->fx);
	cm->rules |= rules_broken(cm->fx.rules);
	cm->steps++;
	return true;
}

/* Gives the operation to the task and runs it to its end; false when it never ends, which is our own bug. */
static bool perform(struct conform_machine *cm, unsigned task, const struct op *op, struct listing *l)
{
	struct machine *m = &cm->m;

	step_begin(m, &cm->fx);
	write_program(m, task)->op[0] = *op;
	write_program(m, task)->count = 1;
	write_task(m, task)->op = 0;
	write_task(m, task)->state = TASK_READY;
	task_begin(m, task);
	step_end(m);
	for (unsigned n = 0; peek_task(m, task)->state != TASK_DONE; n++) {
		if (n == MOST_STEPS || !advance(cm, task))
			return false;
		list_step(l, m, &cm->fx);
	}
	return true;
}

static const char *answer(unsigned result)
{
	switch ((enum op_result)result) {
	case RES_SIGSEGV:
		return "SEGV_MAPERR";
	case RES_ACCERR:
		return "SEGV_ACCERR";
	case RES_SIGBUS:
		return "BUS_ADRERR";
	case RES_EOF:
		return "eof";
	case RES_OK: case RES_ENOMEM: case RES_EINVAL: case RES_EFAULT: case RES_ABORT: case RES_EEXIST: case RES_EACCES:
	case RES_EBADF: case RES_EBUSY: case RES_ENXIO: case RES_EAGAIN: case RES_KINDS:
		break;
	}
	return result_name(result);
}

/* What an access did to the page's private frame. */
static const char *label(const struct machine *m, unsigned mm, uint64_t va, enum page_class was, unsigned old)
{
	unsigned pfn;
	enum page_class is = page_class(m, mm, va, &pfn);

	if (is == PAGE_ZERO && was != PAGE_ZERO)
		return " zero";
	if (is != PAGE_ANON)
		return "";
	if (was == PAGE_ZERO)
		return " new";
	if (was == PAGE_OTHER)
		return peek_vma(m, vma_at(m, mm, va))->file == NONE ? " new" : " copy";
	return pfn != old ? " copy" : "";
}

/* Did the mapping leave the arena?  Then it goes at once. */
static bool moved_away(struct conform_machine *cm, unsigned task, struct listing *l)
{
	uint64_t top = MMAP_BASE - PAGE_SIZE;
	unsigned mm = peek_task(&cm->m, task)->mm;
	uint64_t at = top;

	while (vma_at(&cm->m, mm, at - PAGE_SIZE) != NONE)
		at -= PAGE_SIZE;
	if (at == top)
		return false;
	perform(cm, task, &(struct op){ .kind = OP_MUNMAP, .va = at, .len = (uint32_t)(top - at), .object = NONE }, l);
	return true;
}

static void run_op(struct conform_machine *cm, const struct conform_line *line, struct text *t, struct listing *l)
{
	const struct op *op = &line->op;
	unsigned task = line->process, mm = peek_task(&cm->m, task)->mm, old = 0;
	bool access = op->kind == OP_LOAD || op->kind == OP_STORE;
	enum page_class was = access ? page_class(&cm->m, mm, op->va, &old) : PAGE_OTHER;
	const struct task *state = peek_task(&cm->m, task);

	/* T is asked by A, which waits for it on its own CPU. */
	if ((task == THREAD && peek_cpu(&cm->m, 0)->current &&
	     !perform(cm, 0, &(struct op){ .kind = OP_AFTER, .object = NONE }, l)) || !perform(cm, task, op, l)) {
		text_add(t, "stuck");
		return;
	}
	if (state->result != RES_OK)
		text_add(t, "%s", answer(state->result));
	else if (op->kind == OP_LOAD || op->kind == OP_PREAD)
		text_add(t, "%u", state->value);
	else if (op->kind == OP_MREMAP && moved_away(cm, task, l))
		text_add(t, "moved");
	else if (op->kind == OP_MINCORE && op->len)
		for (unsigned i = 0; i < (op->len + PAGE_SIZE - 1) / PAGE_SIZE; i++)
			text_add(t, "%u", state->value >> i & 1u);
	else
		text_add(t, "ok");
	if (access && state->result == RES_OK)
		text_add(t, "%s", label(&cm->m, mm, op->va, was, old));
}

/* Can this be asked of the machine as it is? */
static const char *refusal(const struct conform_machine *cm, const struct conform_line *line)
{
	const struct machine *m = &cm->m;

	if (line->kind == CONFORM_FRAMES)
		return NULL;
	if (line->process == THREAD ? !cm->thread : peek_mm(m, line->process)->state != MM_LIVE)
		return "bad-proc";
	if (line->kind == CONFORM_BAD)
		return line->bad;
	if (line->op.kind == OP_FORK && peek_mm(m, line->op.object)->state == MM_LIVE)
		return "bad-proc";
	if (line->op.kind == OP_EXIT && line->process % THREAD == 0)
		return "bad-proc";
	return NULL;
}

void conform_run(struct conform_machine *cm, const struct conform_line *line, struct text *t)
{
	char local[120], send[120];
	struct listing l = {
		.local = text_over(local, sizeof(local)), .send = text_over(send, sizeof(send)),
		.cpu = line->process == THREAD,
	};
	unsigned mm = line->process == THREAD ? 0 : line->process;
	const char *bad = refusal(cm, line);

	if (bad) {
		text_add(t, "%s", bad);
	} else {
		switch (line->kind) {
		case CONFORM_OP: run_op(cm, line, t, &l); break;
		case CONFORM_VMAS: conform_vmas(&cm->m, mm, t); break;
		case CONFORM_PERMS: conform_perms(&cm->m, mm, t); break;
		case CONFORM_PAGES: conform_pages(&cm->m, mm, t); break;
		case CONFORM_FRAMES: conform_frames(&cm->m, t); break;
		case CONFORM_BAD: break;
		}
	}
	if (!cm->thread || (line->kind != CONFORM_OP && line->kind != CONFORM_BAD) ||
	    (line->process && line->process != THREAD))
		return;
	if (!l.local.len && !l.send.len)
		text_add(t, " ! none");
	else
		text_add(t, " ! local=%s send=%s", l.local.len ? local : "-", l.send.len ? send : "-");
}
