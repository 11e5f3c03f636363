/*
 * locks.c - locks as objects with an owner and readers; who waits is read off the parked frames.
 *
 * Models: exclusive and shared modes, spinning and sleeping locks, downgrade.  Omits: fairness
 * (a waiting writer does not keep readers out) and per-VMA locks.
 */
#include "routine.h"
#include "rules.h"

bool lock_spins(unsigned lock)
{
	return lock >= LOCK_PAGE_TABLE(0);
}

bool lock_free_for(const struct machine *m, unsigned lock, enum lock_mode mode)
{
	const struct lock *k = peek_lock(m, lock);

	return k->owner == NONE && (mode == LOCK_SHARED || !k->readers);
}

void lock_take(struct run *r, unsigned lock, enum lock_mode mode)
{
	struct lock *k = write_lock(r->m, lock);
	struct ctx *c;

	CHECK(lock_free_for(r->m, lock, mode));
	rule_lock_order(r->m, r->ctx, lock);
	if (!lock_spins(lock))
		rule_atomic_sleep(r->m, r->ctx, lock);
	if (mode == LOCK_EXCLUSIVE)
		k->owner = (uint8_t)r->ctx;
	else
		k->readers |= (uint16_t)(1u << r->ctx);
	c = write_ctx_part(r->m, r->ctx, lock_spins(lock) ? CTX_REST | CTX_ATOMIC : CTX_REST);
	c->ranks |= (uint16_t)(1u << lock_rank_held(c->ranks, lock));
	if (lock_spins(lock))
		c->atomic++;
	event_add(r->m, (struct event){ .kind = EV_LOCK, .c = (uint16_t)lock });
}

void lock_drop(struct run *r, unsigned lock)
{
	struct lock *k = write_lock(r->m, lock);
	struct ctx *c = write_ctx_part(r->m, r->ctx, lock_spins(lock) ? CTX_REST | CTX_ATOMIC : CTX_REST);

	if (k->owner == r->ctx) {
		k->owner = NONE;
	} else {
		CHECK(k->readers & (1u << r->ctx));
		k->readers &= (uint16_t)~(1u << r->ctx);
	}
	c->ranks = (uint16_t)lock_ranks_without(c->ranks, lock);
	if (lock_spins(lock)) {
		CHECK(c->atomic > 0);
		c->atomic--;
	}
	event_add(r->m, (struct event){ .kind = EV_UNLOCK, .c = (uint16_t)lock });
}

void lock_downgrade(struct run *r, unsigned lock)
{
	struct lock *k = write_lock(r->m, lock);

	CHECK(k->owner == r->ctx);
	k->owner = NONE;
	k->readers |= (uint16_t)(1u << r->ctx);
}
