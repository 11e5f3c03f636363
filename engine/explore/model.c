/*
 * model.c - the machine as something to be searched: its list of actions in parts, who its actors are and where they
 * stand.
 *
 * The actors are the contexts, then devices, the IOMMU, the schedulers, the store buffers, the CPUs' whims and the devices',
 * and the CPUs as those that do what broadcast invalidations ask for.  A context's place
 * is its task's progress and its stack, locals included; that of an interrupt begins with the IPI that is pending, that
 * of an NMI with those to come.  A device's is where it is in its program, the IOMMU's is whether there is anything in
 * its queue, a store buffer's whether there is anything in it, a CPU's whether any broadcast is pending there.  The others
 * have no state of their own.
 */
#include "explore.h"
#include "hash.h"
#include "mmu.h"
#include "rename.h"
#include "task.h"

enum {
	ACTOR_DEV = MAX_CTX,
	ACTOR_IOMMU = ACTOR_DEV + MAX_DEVS,
	ACTOR_SWITCH,
	ACTOR_DRAIN = ACTOR_SWITCH + MAX_CPUS,
	ACTOR_SPEC = ACTOR_DRAIN + MAX_CPUS,
	ACTOR_EVICT = ACTOR_SPEC + MAX_CPUS,
	ACTOR_INVAL = ACTOR_EVICT + MMU_SUB(0) - MMU_DEV(0),
	ACTORS = ACTOR_INVAL + MAX_CPUS
};

_Static_assert(ACTORS <= MAX_ACTORS, "actors are numbered below MAX_ACTORS");

static bool moves(const struct action *a)
{
	return action_is_progress(a) || a->kind == ACT_SWITCH;
}

static uint8_t actor(const struct machine *m, const struct action *a)
{
	switch ((enum action_kind)a->kind) {
	case ACT_STEP:
		return (uint8_t)cpu_context(m, a->agent);
	case ACT_IPI:
		return (uint8_t)CTX_IRQ(a->agent);
	case ACT_NMI:
		return (uint8_t)CTX_NMI(a->agent);
	case ACT_SWITCH:
		return (uint8_t)(ACTOR_SWITCH + a->agent);
	case ACT_DMA:
		return (uint8_t)(ACTOR_DEV + a->agent);
	case ACT_DRAIN:
		return (uint8_t)(ACTOR_DRAIN + a->agent);
	case ACT_WALK:
	case ACT_FILL:
		return (uint8_t)(ACTOR_SPEC + a->agent);
	case ACT_EVICT:
		/* A CPU drops an entry and walks anew: the two together are one agent's whims. */
		return (uint8_t)((a->agent < MMU_DEV(0) ? ACTOR_SPEC : ACTOR_EVICT - MAX_CPUS) + a->agent);
	case ACT_INVAL:
		return (uint8_t)(ACTOR_INVAL + a->agent);
	case ACT_TAKE:
	case ACTION_KINDS:
		break;
	}
	return ACTOR_IOMMU;
}

static uint64_t key_add(uint64_t key, const void *bytes, size_t size)
{
	return hash_words(bytes, (unsigned)(size / 8), key);
}

static void place_of_context(const struct machine *m, unsigned ctx, struct actor_place *out)
{
	const struct ctx *c = peek_ctx(m, ctx);

	if (ctx < MAX_TASKS)
		out->key = key_add(1, peek_task(m, ctx), sizeof(struct task));
	else if (ctx < CTX_NMI(0))
		out->key = 2u + (peek_cpu_part(m, ctx - CTX_IRQ(0), CPU_QUEUE)->pending != 0);
	else
		out->key = key_add(3, peek_nmi(m, ctx - CTX_NMI(0)), sizeof(struct nmi));
	out->key = key_add(out->key, c, sizeof(*c));
	for (unsigned d = 0; d < c->depth; d++)
		out->key = key_add(out->key, peek_act(m, ctx * MAX_DEPTH + d), sizeof(struct act));
	if (c->depth) {
		const struct act *top = peek_act(m, ctx * MAX_DEPTH + c->depth - 1u);

		out->waits = top->wait == WAIT_LOCK;
		out->lock = (uint16_t)(BASE_lock + top->wait_object);
		out->exclusive = top->wait_detail == LOCK_EXCLUSIVE;
	}
}

static void place(const struct machine *m, unsigned actor, struct actor_place *out)
{
	*out = (struct actor_place){ .key = actor };
	if (actor < MAX_CTX)
		place_of_context(m, actor, out);
	else if (actor < ACTOR_IOMMU)
		out->key = key_add(2, peek_dev(m, actor - ACTOR_DEV), sizeof(struct dev));
	else if (actor == ACTOR_IOMMU)
		out->key = 2u + (peek_iommu(m, 0)->queued != 0);
	else if (actor >= ACTOR_DRAIN && actor < ACTOR_SPEC)
		out->key = 4u + (peek_cpu_part(m, actor - ACTOR_DRAIN, CPU_LOADED)->buffer != 0);
	else if (actor >= ACTOR_INVAL)
		out->key = 2u + (peek_invals(m, actor - ACTOR_INVAL)->count != 0);
}

static unsigned part_actor(const struct machine *start, unsigned part)
{
	enum action_kind kind;
	unsigned i = machine_part(part, &kind);
	struct action a = { .kind = (uint8_t)kind, .agent = (uint8_t)i };

	if (kind == ACT_STEP)
		return NONE;
	if (kind == ACT_SWITCH)
		a.agent = peek_task(start, i)->cpu % MAX_CPUS;
	return actor(start, &a);
}

static bool whimsical(unsigned part)
{
	enum action_kind kind;

	machine_part(part, &kind);
	return kind == ACT_WALK || kind == ACT_FILL || kind == ACT_EVICT;
}

static unsigned permute(const struct machine *start, unsigned p, unsigned object, const void *bytes, void *out)
{
	struct renaming r;

	if (!renaming_nth(&r, start, p + 1))
		return OBJECTS;
	object_rename(&r, object, bytes, out);
	return object_renamed(&r, object);
}

const struct explore_model machine_model = {
	.parts = MACHINE_PARTS, .offer = machine_offer, .apply = machine_apply, .moves = moves,
	.finished = machine_finished, .actor = actor, .actors = ACTORS, .place = place, .part_actor = part_actor,
	.whimsical = whimsical, .permutations = RENAMINGS - 1, .permute = permute, .renames = true,
};

unsigned explore_actions(const struct explore_model *model, const struct machine *m, struct action out[MAX_ACTIONS])
{
	unsigned n = 0;

	for (unsigned part = 0; part < model->parts; part++) {
		struct action action[MAX_ACTIONS];
		unsigned more = model->offer(m, part, action);

		CHECK(n + more <= MAX_ACTIONS);
		for (unsigned i = 0; i < more; i++)
			out[n++] = action[i];
	}
	return n;
}
