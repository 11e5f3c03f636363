/*
 * pool.h - chunks filled by one thread or by two, taken into account in order.
 *
 * The thread that calls explore_slice is always one of them: it merges the next chunk when that is
 * ready, and fills one itself when it is not.  Merging is half of the work and belongs to it, so the
 * worker fills most chunks: what is remembered stays in the cache of one core, what was visited in that
 * of the other.
 */
#ifndef POOL_H
#define POOL_H

#include <pthread.h>

#include "frontier.h"

#define MAX_THREADS	2
#define POOL_CHUNKS	8u

enum chunk_state { CHUNK_FREE, CHUNK_TAKEN, CHUNK_READY };

struct worker {
	struct seeker seeker;
	struct machine machine;
	pthread_t thread;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work, ready;	/* the worker, the calling thread waits for it */
	bool idle, waits;		/* the worker, the calling thread is waiting */
	unsigned threads;
	struct worker *worker;		/* of the second thread */
	/* A ring in the order of the queue; guarded by `lock`. */
	enum chunk_state state[POOL_CHUNKS];
	uint64_t taken, merged;		/* chunks so far */
	const struct queue *queue;	/* what is read */
	const struct entry *next, *end;	/* of it: what is to be cut, as far as it has been made known */
	bool stop;
	struct chunk chunk[POOL_CHUNKS];
};

/* Starts the second thread when two are wanted; goes on with one when it cannot be had. */
void pool_open(struct pool *p, bool two);
void pool_close(struct pool *p);
/* From here on chunks are cut from this queue, from its beginning. */
void pool_read(struct pool *p, const struct queue *q);
/* The next chunk in order, filled; NULL when the queue is used up. */
struct chunk *pool_next(struct pool *p, struct seeker *s);
/* The chunk that pool_next gave was taken into account. */
void pool_done(struct pool *p);

#endif
