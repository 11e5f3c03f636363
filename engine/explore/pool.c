/*
 * pool.c - two threads, one order.
 */
#include <string.h>

#include "pool.h"
#include "search.h"

/* Cuts the next chunk from the queue.  Called with the lock held; NULL when there is none to be had. */
static struct chunk *cut(struct pool *p)
{
	unsigned at = (unsigned)(p->taken % POOL_CHUNKS), n = 0;
	const struct entry *first = p->next;

	if (p->next == p->end || p->state[at] != CHUNK_FREE)
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
	if (p->threads > 1)
		pthread_cond_broadcast(&p->changed);
}

static void ready(struct pool *p, struct chunk *c)
{
	pthread_mutex_lock(&p->lock);
	p->state[c - p->chunk] = CHUNK_READY;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

static void *work(void *self)
{
	struct worker *w = self;
	struct pool *p = w->seeker.x->pool;

	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		struct chunk *c = cut(p);

		if (!c) {
			pthread_cond_wait(&p->changed, &p->lock);
			continue;
		}
		pthread_mutex_unlock(&p->lock);
		chunk_fill(&w->seeker, c);
		ready(p, c);
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

void pool_open(struct pool *p)
{
	struct worker *w = p->worker;

	p->threads = 1;
	if (!w || pthread_mutex_init(&p->lock, NULL) != 0)
		return;
	if (pthread_cond_init(&p->changed, NULL) != 0) {
		pthread_mutex_destroy(&p->lock);
		return;
	}
	if (pthread_create(&w->thread, NULL, work, w) == 0) {
		p->threads = 2;
	} else {
		pthread_cond_destroy(&p->changed);
		pthread_mutex_destroy(&p->lock);
	}
}

void pool_close(struct pool *p)
{
	if (p->threads < 2)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->worker->thread, NULL);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
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
			unlock(p);
			chunk_fill(s, c);
			lock(p);
			p->state[c - p->chunk] = CHUNK_READY;
		} else if (p->state[at] == CHUNK_FREE) {
			unlock(p);
			return NULL;
		} else {
			pthread_cond_wait(&p->changed, &p->lock);
		}
	}
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
