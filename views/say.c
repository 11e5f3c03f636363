/*
 * say.c - words that several panes say, and text that wraps.
 */
#include "say.h"

#include <stdio.h>
#include <string.h>

#include "mmu.h"
#include "routines.h"
#include "task.h"
#include "why.h"

#define SAY(w, t)              \
	struct say w = { "" }; \
	struct text t = text_over(w.is, sizeof(w.is))

struct say say_name(const struct scene *s, enum name_kind kind, unsigned index)
{
	SAY(w, t);

	name_text(&t, &s->m->names, kind, index);
	return w;
}

struct say say_address(const struct scene *s, uint64_t va)
{
	SAY(w, t);

	address_brief(&t, &s->m->names, va);
	return w;
}

struct say say_region(const struct scene *s, uint64_t va)
{
	struct say w = say_address(s, va);

	if (strcmp(w.is, say_hex(va).is) == 0)
		w.is[0] = '\0';
	return w;
}

struct say say_hex(uint64_t va)
{
	SAY(w, t);

	text_add(&t, "0x%llx", (unsigned long long)va);
	return w;
}

struct say say_range(const struct scene *s, uint64_t start, uint64_t end)
{
	SAY(w, t);

	range_text(&t, &s->m->names, start, end);
	return w;
}

struct say say_lane(const struct scene *s, unsigned lane)
{
	SAY(w, t);

	lane_text(&t, &s->m->names, lane);
	return w;
}

struct say say_lock(const struct scene *s, unsigned lock)
{
	SAY(w, t);

	lock_text(&t, &s->m->names, lock);
	return w;
}

struct say say_op(const struct scene *s, const struct op *op)
{
	SAY(w, t);

	op_text(&t, &s->m->names, op);
	return w;
}

struct say say_pfn(unsigned pfn)
{
	SAY(w, t);

	if (pfn == NO_FRAME)
		text_add(&t, "-");
	else
		text_add(&t, "pfn %u", pfn);
	return w;
}

struct say say_cpus(unsigned mask)
{
	const char *sep = "";
	SAY(w, t);

	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (mask & (1u << c)) {
			text_add(&t, "%s%u", sep, c);
			sep = ",";
		}
	if (!mask)
		text_add(&t, "-");
	return w;
}

struct say say_mmu(const struct scene *s, unsigned mmu)
{
	if (mmu < MMU_DEV(0))
		return say_lane(s, LANE_CPU(mmu));
	if (mmu < MMU_SUB(0))
		return say_name(s, NAME_DEV, mmu - MMU_DEV(0));
	return say_name(s, NAME_SUB, mmu - MMU_SUB(0));
}

struct say say_context(const struct scene *s, unsigned ctx)
{
	SAY(w, t);

	if (ctx < MAX_TASKS)
		return say_name(s, NAME_TASK, ctx);
	text_add(&t, "%s on cpu%u", context_word(ctx), context_cpu(ctx));
	return w;
}

struct say say_contexts(const struct scene *s, unsigned mask)
{
	const char *sep = "";
	SAY(w, t);

	for (unsigned i = 0; i < MAX_CTX; i++)
		if (mask & (1u << i)) {
			text_add(&t, "%s%s", sep, say_context(s, i).is);
			sep = ", ";
		}
	if (!mask)
		text_add(&t, "nobody");
	return w;
}

struct say say_frame(const struct scene *s, unsigned pfn)
{
	const struct frame *f = peek_frame(s->m, pfn);
	SAY(w, t);

	switch ((enum frame_owner)f->owner) {
	case FRAME_FREE:
		text_add(&t, "free");
		break;
	case FRAME_ANON:
		if (s->m->names.name[NAME_FRAME][pfn][0])
			text_add(&t, "frame %s", say_name(s, NAME_FRAME, pfn).is);
		else
			text_add(&t, "anon %s", say_name(s, NAME_MM, f->owner_id).is);
		break;
	case FRAME_FILE:
		text_add(&t, "file %s", say_name(s, NAME_FILE, f->owner_id).is);
		break;
	case FRAME_TABLE:
		text_add(&t, "%s table %s", level_name(f->level),
			 say_name(s, NAME_MM, f->owner_id).is);
		break;
	case FRAME_ZERO:
		text_add(&t, "zero page");
		break;
	case FRAME_OWNERS:
		break;
	}
	return w;
}

struct say say_stack(const struct scene *s, unsigned ctx, int width)
{
	unsigned depth = peek_ctx(s->m, ctx)->depth, from = depth;
	int len = 0;
	SAY(w, t);

	while (from > 0) {
		unsigned r = peek_act(s->m, ctx * MAX_DEPTH + from - 1)->routine;
		int more = (int)strlen(routine_table[r]->name) + (from < depth ? 3 : 0);

		if (from < depth && len + more > width - (from > 1 ? 2 : 0))
			break;
		len += more;
		from--;
	}
	if (from > 0)
		text_add(&t, "> ");
	for (unsigned i = from; i < depth; i++)
		text_add(&t, "%s%s", i > from ? " > " : "",
			 routine_table[peek_act(s->m, ctx * MAX_DEPTH + i)->routine]->name);
	return w;
}

struct say say_wait(const struct scene *s, unsigned ctx)
{
	const struct machine *m = s->m;
	const struct act *a = ctx_top(m, ctx);
	const struct lock *k;
	SAY(w, t);

	if (!a || ctx_ready(m, ctx))
		return w;
	switch ((enum wait_kind)a->wait) {
	case WAIT_LOCK:
		k = peek_lock(m, a->wait_object);
		text_add(&t, "%s, held by %s", say_lock(s, a->wait_object).is,
			 k->owner != NONE ? say_context(s, k->owner).is :
					    say_contexts(s, k->readers).is);
		break;
	case WAIT_CSD:
		text_add(&t, "csd of cpu %s", say_cpus(peek_call(m, a->wait_object)->locked & a->wait_detail).is);
		break;
	case WAIT_PMAP:
		text_add(&t, "the lock of page tables");
		break;
	case WAIT_PARKED:
		text_add(&t, "cpu %s to park", say_cpus(a->wait_detail).is);
		break;
	case WAIT_SINGLE:
		text_add(&t, "csd of its last call");
		break;
	case WAIT_QI:
		text_add(&t, "the IOMMU's status word");
		break;
	case WAIT_SRCU:
		text_add(&t, "SRCU readers: %s",
			 say_contexts(s, peek_srcu(m, 0)->readers & a->wait_detail).is);
		break;
	case WAIT_BORN:
		text_add(&t, "the fork of %s", say_name(s, NAME_MM, a->wait_object).is);
		break;
	case WAIT_TURN:
		text_add(&t, "its turn, after %u operations", a->wait_detail);
		break;
	case WAIT_QI_ROOM:
		text_add(&t, "room in the invalidation queue");
		break;
	case WAIT_INVAL_ROOM:
	case WAIT_INVAL_DONE:
	case WAIT_LOADED:
		broadcast_wait_text(&t, m, ctx);
		break;
	case WAIT_FOLIO:
		text_add(&t, a->wait_detail & FRAME_LOCKED ? "the page lock of pfn %u" : "the disk, for pfn %u", a->wait_object);
		break;
	case WAIT_ACCESS:
	case WAIT_NONE:
	case WAIT_CALL:
	case WAIT_KINDS:
		break;
	}
	return w;
}

bool lane_exists(const struct machine *m, unsigned lane)
{
	if (lane < MAX_CPUS)
		return peek_cpu(m, lane)->online;
	if (lane < LANE_IOMMU)
		return peek_dev(m, lane - MAX_CPUS)->used;
	for (unsigned d = 0; d < MAX_DEVS; d++)
		if (peek_dev(m, d)->used)
			return true;
	return false;
}

bool mmu_exists(const struct machine *m, unsigned mmu)
{
	if (mmu < MMU_SUB(0))
		return lane_exists(m, mmu);
	return peek_sub(m, mmu - MMU_SUB(0))->kind == SUB_SHADOW;
}

void pen_wrap(struct pen *p, enum style style, int indent, const char *text)
{
	while (*text) {
		int room = p->on->cols - p->col;
		size_t len = 0, end = 0;
		char line[512];

		/* As many words as fit; one that is longer than a row stands alone and is cut. */
		while (text[end]) {
			end += strspn(text + end, " ");
			end += strcspn(text + end, " ");
			snprintf(line, sizeof(line), "%.*s", (int)end, text);
			if (text_width(line) > room && (len || p->col > indent))
				break;
			len = end;
		}
		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		pen_word(p, style, "%s", line);
		text += len;
		if (!*text)
			return;
		text += strspn(text, " ");
		p->row++;
		p->col = indent;
	}
}

void blocks_draw(struct canvas *c, const struct scene *s, const unsigned *index, int count,
		 int min_cols, bool apart,
		 void (*draw)(struct canvas *c, const struct scene *s, unsigned index))
{
	int beside = c->cols / min_cols > 1 ? c->cols / min_cols : 1;
	int top = 0;

	if (beside > count)
		beside = count;
	for (int first = 0; first < count; first += beside) {
		int cols = c->cols / beside, used = 0;

		for (int i = first; i < first + beside && i < count; i++) {
			/* The last column of a block stays blank: it keeps its neighbour away. */
			struct canvas *block = canvas_new_tall(beside > 1 ? cols - 2 : cols);
			struct canvas place;
			int rows;

			if (!block)
				return;
			draw(block, s, index[i]);
			rows = block->rows;
			/* Draw once so that a tall canvas has these rows. */
			canvas_fill(c, (struct rect){ top, (i - first) * cols, rows, cols },
				    STYLE_PLAIN, L' ');
			place = canvas_sub(
				c, (struct rect){ top, (i - first) * cols, rows, block->cols });
			canvas_blit(&place, block, 0, 0);
			canvas_free(block);
			used = rows > used ? rows : used;
		}
		top += used + apart;
	}
}
