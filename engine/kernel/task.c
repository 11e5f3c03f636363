/*
 * task.c - tasks on CPUs: operations begin and end here, the scheduler chooses, interrupts enter.
 *
 * An operation's return is a promise (rule_promise): from here on nobody may use what it outlawed.
 */
#include "asid.h"
#include "broadcast.h"
#include "kernel.h"
#include "task.h"

#define PUSH(name, ...) \
	ctx_push(m, task, R_##name, &(struct name##_l){ __VA_ARGS__ }, sizeof(struct name##_l))

static const struct op *task_op(struct machine *m, unsigned task)
{
	const struct program *p = read_program(m, task);
	unsigned at = read_task(m, task)->op;

	return at < p->count ? &p->op[at] : NULL;
}

/* Puts the operation's routine on the task's empty stack. */
static void op_push(struct machine *m, unsigned task, const struct op *op)
{
	uint8_t mm = read_task(m, task)->mm;

	switch ((enum op_kind)op->kind) {
	case OP_AFTER:
		PUSH(wait_turn, .turn = (uint16_t)op->value);
		break;
	case OP_LOAD:
	case OP_STORE:
		PUSH(user_access, .va = op->va, .value = op->value, .write = op->kind == OP_STORE);
		break;
	case OP_MMAP:
		PUSH(do_mmap, .start = op->va, .off = op->to, .len = op->len, .flags = op->flags, .mm = mm, .prot = op->prot,
			.file = op->object);
		break;
	case OP_MUNMAP:
		PUSH(do_munmap, .start = op->va, .len = op->len, .mm = mm);
		break;
	case OP_MADVISE:
		PUSH(do_madvise, .at = op->va, .len = op->len, .mm = mm, .advice = (uint8_t)op->flags);
		break;
	case OP_MPROTECT:
		PUSH(do_mprotect, .start = op->va, .len = op->len, .mm = mm, .prot = op->prot);
		break;
	case OP_MREMAP:
		PUSH(do_mremap, .from = op->va, .to = op->to, .old_len = op->len, .new_len = op->value, .flags = op->flags,
			.mm = mm);
		break;
	case OP_MLOCK:
	case OP_MUNLOCK:
		PUSH(do_mlock, .start = op->va, .len = op->len, .mm = mm, .lock = op->kind == OP_MLOCK);
		break;
	case OP_MSYNC:
		PUSH(do_msync, .start = op->va, .len = op->len, .flags = op->flags, .mm = mm);
		break;
	case OP_MINCORE:
		PUSH(do_mincore, .start = op->va, .len = op->len, .mm = mm);
		break;
	case OP_PREAD:
		PUSH(vfs_read, .at = op->to, .file = op->object);
		break;
	case OP_PWRITE:
		PUSH(vfs_write, .at = op->to, .value = op->value, .file = op->object);
		break;
	case OP_PIN:
		PUSH(pin_user_pages, .start = op->va, .len = op->len, .mm = mm);
		break;
	case OP_UNPIN:
		PUSH(unpin_user_pages, .mm = mm);
		break;
	case OP_PIN_STORE:
		PUSH(pin_store, .va = op->va, .value = op->value, .mm = mm);
		break;
	case OP_GUP:
		PUSH(gup_fast, .va = op->va, .mm = mm);
		break;
	case OP_COLLAPSE:
		PUSH(collapse_huge_page, .va = op->va, .mm = mm);
		break;
	case OP_FORK:
		PUSH(dup_mmap, .mm = mm, .child = op->object);
		break;
	case OP_EXIT:
		PUSH(exit_mmap, .mm = mm);
		break;
	case OP_TRUNCATE:
		PUSH(do_truncate, .file = op->object, .size = op->len);
		break;
	case OP_RECLAIM:
		PUSH(shrink_folio_list, .at = op->va, .len = op->len, .mm = mm);
		break;
	case OP_WRITEBACK:
		PUSH(write_cache_pages, .of.file = op->object, .of.mm = mm, .last = FILE_PAGES - 1);
		break;
	case OP_REVOKE:
		PUSH(driver_revoke, .file = op->object);
		break;
	case OP_NUMA:
		PUSH(task_numa_work, .at = op->va, .end = op->va + op->len, .mm = mm);
		break;
	case OP_REGISTER:
		PUSH(mmu_notifier_register, .mm = mm, .sub = op->object);
		break;
	case OP_UNREGISTER:
		PUSH(mmu_notifier_unregister, .mm = mm, .sub = op->object);
		break;
	case OP_BIND:
		PUSH(sva_bind, .mm = mm, .sub = op->object);
		break;
	case OP_UNBIND:
		PUSH(sva_unbind, .mm = mm, .sub = op->object);
		break;
	case OP_VCPU_LOAD:
	case OP_VCPU_STORE:
		PUSH(shadow_fault, .va = op->va, .value = op->value, .sub = op->object, .write = op->kind == OP_VCPU_STORE);
		break;
	case OP_CALL:
		PUSH(smp_call_function_single, .va = op->va, .target = op->object);
		break;
	case OP_IRQS_OFF_LOAD:
		PUSH(load_irqs_off, .va = op->va);
		break;
	case OP_SET_UNCACHED:
		PUSH(set_memory_uc, .page = NO_FRAME);
		break;
	case OP_LD:
	case OP_ST:
		PUSH(raw_access, .va = op->va, .value = op->value, .write = op->kind == OP_ST, .reg = op->reg);
		break;
	case OP_PTE:
	case OP_LDPTE:
		PUSH(raw_entry, .va = op->va, .write = op->kind == OP_PTE, .frame = op->object, .prot = op->prot, .reg = op->reg);
		break;
	case OP_INV:
	case OP_SHOOT:
		PUSH(raw_invalidate, .va = op->va, .everywhere = op->kind == OP_SHOOT);
		break;
	case OP_NOP:
		PUSH(nop, .unused = 0);
		break;
	case OP_PREFETCH:
		PUSH(prefetch, .va = op->va);
		break;
	case OP_POLL:
		PUSH(do_idle, .unused = 0);
		break;
	case OP_IDLE:
		PUSH(leave_mm, .unused = 0);
		break;
	case OP_RETRACT:
		PUSH(retract_page_tables, .va = op->va, .mm = mm);
		break;
	case OP_NONE:
	case OP_DMA_READ:
	case OP_DMA_WRITE:
	case OP_KINDS:
		CHECK_NEVER("not an operation of a task");
	}
}

/* Runs the operation that `op` of the task names up to its first step. */
static void op_begin(struct machine *m, unsigned task)
{
	const struct op *op = task_op(m, task);

	if (!op) {
		write_task(m, task)->state = TASK_DONE;
		return;
	}
	event_add(m, (struct event){ .kind = EV_OP, .a = (uint8_t)task, .c = read_task(m, task)->op });
	op_push(m, task, op);
	ctx_enter(m, task);
}

void task_begin(struct machine *m, unsigned task)
{
	op_begin(m, task);
}

/* A fork that failed leaves tasks that will never be born: they end before they begin. */
static void fork_failed(struct machine *m, unsigned child)
{
	if (read_mm_part(m, child, MM_STATE)->state == MM_LIVE || read_mm_part(m, child, MM_STATE)->state == MM_EXITING)
		return;
	for (unsigned t = 0; t < MAX_TASKS; t++)
		if (read_task(m, t)->used && read_task(m, t)->mm == child && read_task(m, t)->state != TASK_DONE) {
			write_task(m, t)->state = TASK_DONE;
			ctx_clear(m, t);
		}
}

static void op_end(struct machine *m, unsigned task, unsigned result)
{
	struct task *t = write_task(m, task);

	t->result = (uint8_t)result;
	event_add(m, (struct event){
		.kind = EV_RETURN, .a = (uint8_t)task, .b = t->result, .c = t->op,
	});
	rule_promise(m, task, result == RES_OK);
	if (result != RES_OK && task_op(m, task)->kind == OP_FORK)
		fork_failed(m, task_op(m, task)->object);
	/* Nobody stands behind a raw access to handle its fault. */
	if (result != RES_OK && (task_op(m, task)->kind == OP_LD || task_op(m, task)->kind == OP_ST)) {
		t->state = TASK_DONE;
		return;
	}
	t->op++;
	op_begin(m, task);
}

unsigned cpu_context(const struct machine *m, unsigned cpu)
{
	const struct cpu *c = peek_cpu_part(m, cpu, CPU_TURN);

	if (c->in_nmi)
		return CTX_NMI(cpu);
	return c->in_irq ? CTX_IRQ(cpu) : c->current;
}

void cpu_step(struct machine *m, unsigned cpu)
{
	unsigned ctx = cpu_context(m, cpu);
	unsigned result;

	CHECK(ctx != NONE && ctx_ready(m, ctx));
	if (ctx_run(m, ctx, &result) && ctx < MAX_TASKS)
		op_end(m, ctx, result);
}

bool cpu_preemptible(const struct machine *m, unsigned cpu)
{
	const struct cpu *c = peek_cpu_part(m, cpu, CPU_RUN | CPU_IRQS);

	if (c->in_nmi || c->in_irq || c->irq_off)
		return false;
	return c->current == NONE || peek_ctx_part(m, c->current, CTX_ATOMIC)->atomic == 0;
}

bool mm_runs(const struct machine *m, unsigned mm)
{
	unsigned state = peek_mm_part(m, mm, MM_STATE)->state;

	return state == MM_LIVE || state == MM_EXITING;
}

static bool task_alive(const struct machine *m, unsigned task)
{
	const struct task *t = peek_task(m, task);

	return t->used && t->state != TASK_DONE && mm_runs(m, t->mm);
}

/* It stands before an instruction that waits for what its CPU has issued: that of another CPU may not have to. */
static bool task_before_dsb(const struct machine *m, unsigned task)
{
	const struct act *top = ctx_top(m, task);

	return top && top->wait == WAIT_INVAL_DONE;
}

bool task_runnable(const struct machine *m, unsigned task)
{
	return task_alive(m, task) && ctx_ready(m, task) && peek_cpu_part(m, peek_task(m, task)->cpu, CPU_RUN)->current != task;
}

/* arm64's __switch_to waits by DSB, so that what a task has issued here is done before it may go on elsewhere. */
static bool switch_waits(const struct machine *m, unsigned cpu)
{
	return arch_is(m, ARCH_ARM64) && profile_is(m, SW_SWITCH_DSB, SW_YES) && !inval_done(m, cpu);
}

bool task_can_run_on(const struct machine *m, unsigned task, unsigned cpu)
{
	const struct task *t = peek_task(m, task);

	if (!cpu_preemptible(m, cpu) || switch_waits(m, cpu))
		return false;
	if (t->cpu == cpu)
		return task_runnable(m, task);
	if (!(t->cpus & (1u << cpu)) || !task_alive(m, task) || (!ctx_ready(m, task) && !task_before_dsb(m, task)))
		return false;
	return peek_cpu_part(m, t->cpu, CPU_RUN)->current != task || (cpu_preemptible(m, t->cpu) && !switch_waits(m, t->cpu));
}

/* The CPU that the task leaves, if it ran there, is idle, its address space loaded. */
static void task_move(struct machine *m, unsigned task, unsigned cpu)
{
	unsigned from = read_task(m, task)->cpu;

	if (read_cpu_part(m, from, CPU_RUN)->current == task) {
		write_cpu_part(m, from, CPU_RUN)->current = NONE;
		walk_cancel(m, WALKER_CPU(from));
	}
	write_task(m, task)->cpu = (uint8_t)cpu;
	write_ctx_part(m, task, CTX_REST)->cpu = (uint8_t)cpu;
	event_add(m, (struct event){ .kind = EV_MOVE, .a = (uint8_t)task, .b = (uint8_t)from });
}

/* What the switch to a task has to do first is put on the task's stack; false when there is nothing to do. */
static bool switch_push(struct machine *m, unsigned task)
{
	const struct task *t = read_task(m, task);
	const struct cpu *c = read_cpu_part(m, t->cpu, CPU_LOADED | CPU_REST);
	unsigned prev_mm = NONE;

	if (arch_is(m, ARCH_ARM64)) {
		if (c->loaded_mm == t->mm)
			return false;
		PUSH(check_and_switch_context, .mm = t->mm);
		return true;
	}
	if (t->mm == init_mm(m)) {
		/* From kernel thread to kernel thread what is borrowed moves on. */
		if (c->active_mm != NONE)
			return false;
		lazy_borrow(m, t->cpu, c->loaded_mm);
		PUSH(enter_lazy_tlb, .unused = 0);
		return true;
	}
	if (c->active_mm != NONE) {
		prev_mm = lazy_return(m, t->cpu);
		if (prev_mm == NONE && !c->is_lazy && c->loaded_mm == t->mm)
			return false;
		PUSH(context_switch, .mm = t->mm, .prev_mm = (uint8_t)prev_mm);
		return true;
	}
	if (c->loaded_mm == t->mm && !cpu_needs_global_asid(m, t->cpu))
		return false;
	PUSH(switch_mm_irqs_off, .mm = t->mm);
	return true;
}

void task_switch(struct machine *m, unsigned task, unsigned cpu)
{
	unsigned was;

	if (read_task(m, task)->cpu != cpu)
		task_move(m, task, cpu);
	was = read_cpu_part(m, cpu, CPU_RUN)->current;
	write_cpu_part(m, cpu, CPU_RUN)->current = (uint8_t)task;
	/* The walk of the instruction that was interrupted starts again when its task comes back. */
	walk_cancel(m, WALKER_CPU(cpu));
	event_add(m, (struct event){ .kind = EV_SWITCH, .a = (uint8_t)task });
	if (switch_push(m, task)) {
		write_cpu_part(m, cpu, CPU_RUN)->leaving = (uint8_t)was;
		ctx_enter(m, task);
	}
}

void ipi_deliver(struct machine *m, unsigned cpu)
{
	unsigned ctx = CTX_IRQ(cpu);

	bool tick = !(read_cpu_part(m, cpu, CPU_QUEUE)->pending & PENDING_IPI);

	CHECK(read_cpu_part(m, cpu, CPU_QUEUE)->pending);
	write_cpu_part(m, cpu, CPU_QUEUE)->pending &= (uint8_t)~(tick ? PENDING_TICK : PENDING_IPI);
	cpu_irq_enter(m, cpu);
	if (tick) {
		ctx_push(m, ctx, R_scheduler_tick, &(struct scheduler_tick_l){ 0 }, sizeof(struct scheduler_tick_l));
		ctx_enter(m, ctx);
		return;
	}
	event_add(m, (struct event){ .kind = EV_IPI_TAKE });
	if (read_mach(m, cpu)->action && !read_cpu_part(m, cpu, CPU_QUEUE)->queued)
		ctx_push(m, ctx, R_pmap_respond, &(struct pmap_respond_l){ 0 }, sizeof(struct pmap_respond_l));
	else
		ctx_push(m, ctx, R_flush_smp_call_function_queue, &(struct flush_smp_call_function_queue_l){ 0 },
			sizeof(struct flush_smp_call_function_queue_l));
	ctx_enter(m, ctx);
}

unsigned cpu_current(const struct machine *m, unsigned cpu)
{
	const struct cpu *c = peek_cpu_part(m, cpu, CPU_RUN);

	return c->leaving != NONE ? c->leaving : c->current;
}

bool nmi_can_come(const struct machine *m, unsigned cpu)
{
	const struct nmi *n = peek_nmi(m, cpu);
	unsigned task;

	if (n->next >= n->count || peek_cpu_part(m, cpu, CPU_RUN)->in_nmi)
		return false;
	/* Without a process there is no user memory to look at. */
	task = cpu_current(m, cpu);
	return task != NONE && peek_task(m, task)->mm != init_mm(m) && peek_mm_part(m, peek_task(m, task)->mm, MM_STATE)->state == MM_LIVE;
}

void nmi_deliver(struct machine *m, unsigned cpu)
{
	unsigned ctx = CTX_NMI(cpu);
	struct nmi *n = write_nmi(m, cpu);

	cpu_nmi_enter(m, cpu);
	event_add(m, (struct event){ .kind = EV_NMI });
	ctx_push(m, ctx, R_copy_from_user_nmi, &(struct copy_from_user_nmi_l){ .va = n->va[n->next] },
		sizeof(struct copy_from_user_nmi_l));
	n->next++;
	ctx_enter(m, ctx);
}
