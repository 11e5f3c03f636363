/*
 * why.c - causal chains, read off the events of the path.
 *
 * The chain of a stale access: who cached the entry, which store made it stale, who freed the frame and
 * who has it now, where the flush is that should have come first, and the access itself.
 */
#include <string.h>

#include "inflight.h"
#include "pte.h"
#include "routine.h"
#include "routines.h"
#include "why_path.h"

static bool is_fill(const struct event *e, const struct event *like)
{
	return (e->kind == EV_FILL || e->kind == EV_IOTLB_FILL) && e->va == like->va && e->lane == like->lane;
}

static bool is_entry_change(const struct event *e, const struct event *like)
{
	return e->kind == EV_PTE && e->b == LEVEL_PTE && e->va == like->va;
}

static bool is_unhook(const struct event *e, const struct event *like)
{
	return e->kind == EV_PTE && e->b > LEVEL_PTE && e->x == 0 && like->va >= e->va &&
		like->va < e->va + level_size(e->b);
}

/* A PMD entry that names a table now, or a 2 MiB page. */
static bool is_pmd_set(const struct event *e, const struct event *like)
{
	return e->kind == EV_PTE && e->b == LEVEL_PMD && pte_present(e->x) && like->va >= e->va && like->va < e->va + PMD_SIZE;
}

static bool is_free(const struct event *e, const struct event *like)
{
	return e->kind == EV_FREE && e->c == like->c;
}

static bool is_alloc(const struct event *e, const struct event *like)
{
	return e->kind == EV_ALLOC && e->c == like->c;
}

static bool is_flush(const struct event *e, const struct event *like)
{
	return e->kind == EV_FLUSH && e->va <= like->va && e->x > like->va;
}

static bool is_skip(const struct event *e, const struct event *like)
{
	return e->kind == EV_IPI_SKIP && e->a == like->a;
}

static bool is_ack(const struct event *e, const struct event *like)
{
	return e->kind == EV_IPI_ACK && e->lane == like->lane;
}

static bool is_secondary(const struct event *e, const struct event *like)
{
	return e->kind == EV_SECONDARY && e->va <= like->va && e->x > like->va;
}

static bool is_range_start(const struct event *e, const struct event *like)
{
	return e->kind == EV_RANGE_START && e->va <= like->va && e->x > like->va;
}

static bool is_range_end(const struct event *e, const struct event *like)
{
	return e->kind == EV_RANGE_END && e->va <= like->va && e->x > like->va;
}

/* What the IOMMU has not taken yet. */
static void queue_text(const struct machine *m, struct why *w, uint32_t now)
{
	const struct iommu *io = peek_iommu(m, 0);
	struct text text = why_say(w, now, LANE_IOMMU);

	text_add(&text, "the invalidation queue still holds:");
	for (unsigned i = 0; i < io->queued; i++) {
		text_add(&text, i ? ", " : " ");
		if (io->queue[i].kind == QI_WAIT)
			text_add(&text, "wait");
		else
			range_text(&text, &m->names, io->queue[i].start, io->queue[i].end);
	}
}

/* Is the task in an operation that changes entries, so that it owes a flush? */
static bool may_owe(const struct machine *m, unsigned task)
{
	const struct program *p = peek_program(m, task);
	unsigned at = peek_task(m, task)->op;

	if (at >= p->count)
		return false;
	switch ((enum op_kind)p->op[at].kind) {
	case OP_STORE:
	case OP_MUNMAP:
	case OP_MADVISE:
	case OP_MPROTECT:
	case OP_MREMAP:
	case OP_FORK:
	case OP_EXIT:
	case OP_TRUNCATE:
	case OP_RECLAIM:
	case OP_WRITEBACK:
	case OP_REVOKE:
	case OP_NUMA:
	case OP_PWRITE:
	case OP_PIN_STORE:
	case OP_COLLAPSE:
	case OP_VCPU_STORE:
	case OP_ST:
	case OP_PTE:
	case OP_RETRACT:
		return true;
	case OP_NONE:
	case OP_AFTER:
	case OP_LOAD:
	case OP_MMAP:
	case OP_MLOCK:
	case OP_MUNLOCK:
	case OP_MSYNC:
	case OP_MINCORE:
	case OP_PREAD:
	case OP_PIN:
	case OP_UNPIN:
	case OP_GUP:
	case OP_REGISTER:
	case OP_UNREGISTER:
	case OP_BIND:
	case OP_UNBIND:
	case OP_VCPU_LOAD:
	case OP_CALL: case OP_IRQS_OFF_LOAD: case OP_SET_UNCACHED:
	case OP_DMA_READ:
	case OP_DMA_WRITE:
	case OP_LD:
	case OP_INV:
	case OP_SHOOT:
	case OP_LDPTE:
	case OP_NOP:
	case OP_PREFETCH:
	case OP_IDLE: case OP_POLL:
	case OP_KINDS:
		break;
	}
	return false;
}

/* Who still has the flush to do: tasks of that CPU in the middle of an operation that changes entries. */
static void say_owed(const struct timeline *t, struct why *w, uint32_t now, unsigned lane)
{
	for (unsigned task = 0; task < MAX_TASKS; task++) {
		const struct act *top = ctx_top(t->m, task);
		const char *words = "";
		struct text text;
		bool call;

		if (!top || !peek_task(t->m, task)->used || peek_task(t->m, task)->cpu != lane || !may_owe(t->m, task))
			continue;
		routine_line(top->routine, top->pc, &words, &call);
		text = why_say(w, now, peek_task(t->m, task)->cpu);
		text_add(&text, "the flush has not come: ");
		name_text(&text, &t->m->names, NAME_TASK, task);
		text_add(&text, " stands in %s before \"%s\"", routine_table[top->routine]->name, words);
	}
}

#define NOT_TOLD ": no interrupt tells it to flush"

/* How far the CPU of the access has come with a flush of that address which began at `from`. */
static void say_stage(const struct timeline *t, struct why *w, uint32_t from, uint32_t here, unsigned cpu, uint64_t va)
{
	struct inflight f[MAX_INFLIGHT];
	unsigned n = inflight_list(t->m, f);
	struct event like = { .a = (uint8_t)cpu, .lane = (uint8_t)cpu };
	struct seen skip = first_event(t, from, here, is_skip, &like), ack = last_event(t, from, here, is_ack, &like);

	if (skip.e)
		say_event(t, w, skip, NOT_TOLD);
	for (unsigned i = 0; i < n; i++) {
		bool covers = f[i].info.func == CALL_FLUSH && (f[i].cpus >> cpu & 1) && va >= f[i].info.start && va < f[i].info.end;
		unsigned stage = covers ? f[i].stage[cpu] : INFLIGHT_DONE;
		struct text text;

		if (stage == INFLIGHT_UNLOCKED && ack.e)
			say_event(t, w, ack, " and has flushed nothing yet: who sent it may go on");
		if (stage < INFLIGHT_LOCKED || stage > INFLIGHT_HELD)
			continue;
		text = why_say(w, here, f[i].sender);
		text_add(&text, "cpu%u has not run it yet: %s%s", cpu, inflight_word((enum inflight_stage)stage),
			f[i].left ? "; nobody waits for it" : "");
	}
}

/*
 * The flush that should have come between the change and the access. What is read off the machine is
 * said of the cursor's step, which may lie behind the finding's: a flush that came since came too late.
 */
static void say_flush(const struct timeline *t, struct why *w, struct seen change, uint32_t now, unsigned lane,
	uint64_t va)
{
	struct event like = { .va = va };
	bool device = lane >= MAX_CPUS;
	uint32_t here = timeline_depth(t);
	struct seen f = first_event(t, change.depth, here, device ? is_secondary : is_flush, &like);

	if (!f.e) {
		say_owed(t, w, here, change.e->lane);
		return;
	}
	say_event(t, w, f, f.depth >= now ? ": too late" : "");
	if (f.depth >= now)
		return;
	if (device) {
		if (peek_iommu(t->m, 0)->queued)
			queue_text(t->m, w, here);
		else
			say_owed(t, w, here, change.e->lane);
		return;
	}
	say_stage(t, w, f.depth, here, lane, va);
	why_broadcast(t, w, change.depth, here, lane, va);
}

static void say_frame(const struct timeline *t, struct why *w, uint32_t from, uint32_t to, unsigned pfn)
{
	struct event like = { .c = (uint16_t)pfn };
	struct seen gone = last_event(t, from, to, is_free, &like);
	struct seen taken;

	if (!gone.e)
		return;
	say_event(t, w, gone, "");
	taken = first_event(t, gone.depth - 1, to, is_alloc, &like);
	if (taken.e) {
		static const char *const owners[FRAME_OWNERS] = {
			"nobody", "an anonymous page", "a page of a file", "a page table", "the zero page",
		};
		char after[64];
		struct text text = text_over(after, sizeof(after));

		text_add(&text, " again: it is %s now", owners[peek_frame(t->m, pfn)->owner]);
		say_event(t, w, taken, after);
	}
}

static void why_stale(const struct timeline *t, struct why *w, uint32_t now, const struct finding *f)
{
	struct event like = { .va = va_page(f->va), .lane = f->lane };
	struct seen fill = last_event(t, 0, now, is_fill, &like);
	struct seen change;

	if (fill.e) {
		say_event(t, w, fill, "");
	} else {
		struct text text = why_say(w, 0, f->lane);

		address_text(&text, &t->m->names, f->va);
		text_add(&text, " -> pfn %u was cached before the first step", f->pfn);
	}
	change = first_event(t, fill.depth, now, is_entry_change, &like);
	if (!change.e)
		change = first_event(t, fill.depth, now, is_unhook, &like);
	if (change.e) {
		say_event(t, w, change, ": the cached entry is stale from here on");
		say_flush(t, w, change, now, f->lane, va_page(f->va));
	}
	say_frame(t, w, fill.depth, now, f->pfn);
}

static void why_stale_table(const struct timeline *t, struct why *w, uint32_t now, const struct finding *f)
{
	struct event like = { .va = va_page(f->va) };
	struct seen unhook = last_event(t, 0, now, is_unhook, &like);
	struct text text = why_say(w, 0, f->lane);

	lane_text(&text, &t->m->names, f->rule == RULE_TABLE_FREED ? f->object : f->lane);
	text_add(&text, " knows of the table in pfn %u: cached, or read in a walk", f->rule == RULE_WRONG_REF ? f->object : f->pfn);
	if (unhook.e) {
		say_event(t, w, unhook, ": the table is unhooked");
		say_flush(t, w, unhook, now, f->lane, va_page(f->va));
	}
	say_frame(t, w, 0, now, f->pfn);
}

/* Entries of both sizes: the PMD entry changed from one to the other, and a flush that should have come first has not. */
static void why_multi_hit(const struct timeline *t, struct why *w, uint32_t now, const struct finding *f)
{
	struct event like = { .va = va_page(f->va), .lane = f->lane };
	struct seen change = last_event(t, 0, now, is_pmd_set, &like);
	struct seen fill = last_event(t, change.depth, now, is_fill, &like);

	if (change.e) {
		say_event(t, w, change, ": what was cached before is of another size");
		say_flush(t, w, change, now, f->lane, va_page(f->va));
	}
	if (fill.e)
		say_event(t, w, fill, ": beside the entry from before");
}

static void why_secondary_range(const struct timeline *t, struct why *w, uint32_t now, const struct finding *f)
{
	struct event like = { .va = f->va };
	struct seen flush = last_event(t, 0, now, is_flush, &like);
	struct text text;

	if (flush.e)
		say_event(t, w, flush, ": what the CPUs were told");
	text = why_say(w, now, f->lane);
	name_text(&text, &t->m->names, NAME_SUB, f->object);
	text_add(&text, " was handed a range that begins at 0x%llx instead of ", (unsigned long long)f->detail);
	address_text(&text, &t->m->names, f->va);
}

static void why_secondary_fault(const struct timeline *t, struct why *w, uint32_t now, const struct finding *f)
{
	struct event like = { .va = va_page(f->va), .c = f->pfn };
	struct seen start = last_event(t, 0, now, is_range_start, &like);
	struct seen end = last_event(t, start.depth, now, is_range_end, &like);
	struct seen change = last_event(t, 0, now, is_entry_change, &like);
	struct text text;

	if (start.e)
		say_event(t, w, start, ": the subscriber dropped what it had");
	if (change.e)
		say_event(t, w, change, ": what the fault had read is stale from here on");
	if (end.e)
		say_event(t, w, end, peek_sub(t->m, f->object)->in_progress ? "" : ": nothing is in progress any more");
	say_frame(t, w, 0, now, f->pfn);
	text = why_say(w, now, f->lane);
	text_add(&text, "mmu_invalidate_seq is %u, as when the fault sampled it: the check saw nothing",
		peek_sub(t->m, f->object)->seq);
}

/* Lines by step; those of one step stay as they were said. */
static void in_order(struct why *w)
{
	for (unsigned i = 1; i < w->lines; i++)
		for (unsigned k = i; k && w->line[k - 1].depth > w->line[k].depth; k--) {
			struct why_line other = w->line[k];

			w->line[k] = w->line[k - 1];
			w->line[k - 1] = other;
		}
}

static const char *const incoherence[] = {
	[INCOHERENT_LOST] = "this page was copied before: nobody will find the store",
	[INCOHERENT_KNOWN] = "this thread has seen the page that is there now, or has heard of it from one that had",
	[INCOHERENT_GIVEN] = "another process has this page to itself and writes it in place",
};

bool why_finding(const struct timeline *t, struct why *w)
{
	uint32_t now = timeline_depth(t);
	const struct timeline_node *n;
	const struct finding *f;
	struct text text;
	struct seen skip;

	w->lines = 0;
	while (now && !t->node[timeline_at(t, now)].finding.rule)
		now--;
	if (!now)
		return machine_stuck(t->m) && why_blocked(t->m, w);
	n = &t->node[timeline_at(t, now)];
	f = &n->finding;
	switch ((enum rule_id)f->rule) {
	case RULE_STALE_LEAF:
	case RULE_STALE_USE:
		why_stale(t, w, now, f);
		break;
	case RULE_COHERENCE:
		why_stale(t, w, now, f);
		text = why_say(w, now, f->lane);
		text_add(&text, "%s", incoherence[f->detail]);
		break;
	case RULE_LOST_DIRTY:
		why_stale(t, w, now, f);
		why_saved(t, w, now, f);
		break;
	case RULE_STALE_TABLE:
	case RULE_TABLE_FREED:
	case RULE_WRONG_REF:
		why_stale_table(t, w, now, f);
		break;
	case RULE_MULTI_HIT:
		why_multi_hit(t, w, now, f);
		break;
	case RULE_SECONDARY_RANGE:
		why_secondary_range(t, w, now, f);
		break;
	case RULE_SECONDARY_FAULT:
		why_secondary_fault(t, w, now, f);
		break;
	case RULE_COMPLETION:
		if (peek_iommu(t->m, 0)->queued)
			queue_text(t->m, w, timeline_depth(t));
		break;
	case RULE_LOCK_ORDER:
	case RULE_ATOMIC_SLEEP:
		text = why_say(w, now, f->lane);
		text_add(&text, "takes ");
		lock_text(&text, &t->m->names, f->object);
		break;
	case RULE_FLUSH_LOST:
		skip = last_event(t, 0, now, is_skip, &(struct event){ .a = (uint8_t)f->lane });
		if (skip.e)
			say_event(t, w, skip, NOT_TOLD);
		text = why_say(w, now, f->lane);
		why_cpu(&text, t->m, f);
		break;
	case RULE_GEN_LIE:
	case RULE_KERNEL_WARN:
	case RULE_WRONG_MM:
	case RULE_ASID_STRAGGLER:
	case RULE_ASID_REUSED:
		text = why_say(w, now, f->lane);
		why_cpu(&text, t->m, f);
		break;
	case RULE_DEADLOCK:
	case RULE_IPI_DEADLOCK:
		why_blocked(t->m, w);
		break;
	case RULE_NONE:
	case RULE_NOTIFIER_COMPLETE:
	case RULE_RELEASE_FIRST:
	case RULE_PAIRING:
	case RULE_STALE_MM: case RULE_TYPE_CONFLICT: case RULE_CALL_IRQS_OFF:
	case RULE_CACHE_FULL:
	case RULE_DOUBLE_FLUSH:
	case RULE_USELESS_FLUSH:
	case RULE_COUNT:
		break;
	}
	text = why_say(w, now, f->lane);
	text_add(&text, "%s", rule_table[f->rule].name);
	if (f->va) {
		text_add(&text, f->write ? ", a store to " : " at ");
		address_text(&text, &t->m->names, f->va);
	}
	if (f->pfn != NO_FRAME)
		text_add(&text, ", pfn %u", f->pfn);
	in_order(w);
	return true;
}
