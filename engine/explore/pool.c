/*
 * pool.c - two threads, one order.
 */
#include <string.h>

#include "pool.h"
#include "search.h"

static bool can_cut(const struct pool *p)
{
	return p->next != p->end && p->state[p->taken % POOL_CHUNKS] == CHUNK_FREE;
}

/* Cuts the next chunk from the queue.  Called with the lock held; NULL when there is none to be had. */
static struct chunk *cut(struct pool *p)
{
	unsigned at = (unsigned)(p->taken % POOL_CHUNKS), n = 0;
	const struct entry *first = p->next;

	if (!can_cut(p))
		return NULL;
	for (; n < CHUNK_ENTRIES && p->next < p->end; n++)
		p->next = entry_after(p->next);
	chunk_begin(&p->chunk[at], first, n);
	p->state[at] = CHUNK_TAKEN;
	p->taken++;
	return &p->chunk[at];
}

/* Makes known what the queue holds by now.  Called with the lock held. */
static void publish(struct pool *p)
{
	p->end = (const struct entry *)(const void *)(p->queue->at + p->queue->used);
}

/*
 * Called with the lock held.  The worker is woken when there is room for half a ring of chunks: woken for each one it would
 * run on the core of the thread that woke it, in turn with it, and the other core would stay empty.
 */
static void wake_worker(struct pool *p)
{
	if (!p->idle || p->taken - p->merged > POOL_CHUNKS / 2 || !can_cut(p))
		return;
	p->idle = false;
	pthread_cond_signal(&p->work);
}

static void *work(void *self)
{
	struct worker *w = self;
	struct pool *p = w->seeker.x->pool;

	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		struct chunk *c = cut(p);

		if (!c) {
			p->idle = true;
			pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		pthread_mutex_unlock(&p->lock);
		chunk_fill(&w->seeker, c);
		pthread_mutex_lock(&p->lock);
		p->state[c - p->chunk] = CHUNK_READY;
		if (p->waits)
			pthread_cond_signal(&p->ready);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static bool sync_make(struct pool *p)
{
	if (pthread_mutex_init(&p->lock, NULL) != 0)
		return false;
	if (pthread_cond_init(&p->work, NULL) == 0) {
		if (pthread_cond_init(&p->ready, NULL) == 0)
			return true;
		pthread_cond_destroy(&p->work);
	}
	pthread_mutex_destroy(&p->lock);
	return false;
}

static void sync_drop(struct pool *p)
{
	pthread_cond_destroy(&p->ready);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
}

void pool_open(struct pool *p, bool two)
{
	struct worker *w = p->worker;

	p->threads = 1;
	if (!two || !sync_make(p))
		return;
	if (pthread_create(&w->thread, NULL, work, w) == 0)
		p->threads = 2;
	else
		sync_drop(p);
}

void pool_close(struct pool *p)
{
	if (p->threads < 2)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->worker->thread, NULL);
	sync_drop(p);
	p->threads = 1;
}

static void lock(struct pool *p)
{
	if (p->threads > 1)
		pthread_mutex_lock(&p->lock);
}

static void unlock(struct pool *p)
{
	if (p->threads > 1)
		pthread_mutex_unlock(&p->lock);
}

void pool_read(struct pool *p, const struct queue *q)
{
	lock(p);
	p->queue = q;
	p->next = (const struct entry *)(const void *)q->at;
	publish(p);
	unlock(p);
}

struct chunk *pool_next(struct pool *p, struct seeker *s)
{
	unsigned at = (unsigned)(p->merged % POOL_CHUNKS);

	lock(p);
	while (p->state[at] != CHUNK_READY) {
		struct chunk *c = cut(p);

		if (c) {
			wake_worker(p);
			unlock(p);
			chunk_fill(s, c);
			lock(p);
			p->state[c - p->chunk] = CHUNK_READY;
		} else if (p->state[at] == CHUNK_FREE) {
			unlock(p);
			return NULL;
		} else {
			p->waits = true;
			pthread_cond_wait(&p->ready, &p->lock);
			p->waits = false;
		}
	}
	wake_worker(p);
	unlock(p);
	return &p->chunk[at];
}

void pool_done(struct pool *p)
{
	lock(p);
	p->state[p->merged % POOL_CHUNKS] = CHUNK_FREE;
	p->merged++;
	publish(p);
	unlock(p);
}
