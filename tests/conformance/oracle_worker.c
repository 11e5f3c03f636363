/*
 * oracle_worker.c - the processes of a program and their second threads: they make the calls and take the faults.
 */
#include "oracle.h"

static _Thread_local sigjmp_buf jb;
static _Thread_local volatile sig_atomic_t armed;
static _Thread_local volatile int f_sig, f_code;
static struct slot *me;

static void on_fault(int s, siginfo_t *i, void *u)
{
    (void)u;
    if (!armed) _exit(99);
    f_sig = s; f_code = i->si_code;
    siglongjmp(jb, 1);
}

static void touch(struct slot *s, int wr)
{
    volatile unsigned char *p = (void *)(uintptr_t)s->addr;
    s->sig = 0; s->err = 0;
    if (sigsetjmp(jb, 1) == 0) {
        armed = 1;
        if (wr) *p = (unsigned char)s->val; else s->val = *p;
    } else {
        s->sig = f_sig; s->code = f_code;
    }
    armed = 0;
}

/* io_uring, by hand: one ring per process, made at the first pin */
static struct { int fd; char *sq, *cq; struct io_uring_sqe *sqes; struct io_uring_params p; uint64_t base, len; int on; } ring = { .fd = -1 };
static long ring_make(void)
{
    memset(&ring.p, 0, sizeof ring.p);
    ring.fd = (int)syscall(SYS_io_uring_setup, 4, &ring.p);
    if (ring.fd < 0) return -1;
    fcntl(ring.fd, F_SETFD, FD_CLOEXEC);
    ring.sq = mmap(NULL, ring.p.sq_off.array + ring.p.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_SQ_RING);
    ring.cq = mmap(NULL, ring.p.cq_off.cqes + ring.p.cq_entries * sizeof(struct io_uring_cqe), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_CQ_RING);
    ring.sqes = mmap(NULL, ring.p.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_SQES);
    return ring.sq == MAP_FAILED || ring.cq == MAP_FAILED || ring.sqes == MAP_FAILED ? -1 : 0;
}
static long do_pin(struct slot *s)
{
    if (ring.on) { errno = EBUSY; return -1; }
    if (ring.fd < 0 && ring_make() < 0) return -1;
    struct iovec v = { (void *)(uintptr_t)s->addr, s->len };
    long r = syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &v, 1);
    if (r == 0) { ring.on = 1; ring.base = s->addr; ring.len = s->len; }
    return r;
}
static long do_unpin(void)
{
    if (!ring.on) { errno = ENXIO; return -1; }
    long r = syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_BUFFERS, NULL, 0);
    if (r == 0) ring.on = 0;
    return r;
}
static long do_dma(struct slot *s)      /* write one byte through the pin */
{
    int p[2];
    if (!ring.on || s->addr < ring.base || s->addr >= ring.base + ring.len) { errno = ENXIO; return -1; }
    if (pipe(p)) return -1;
    unsigned char b = (unsigned char)s->val;
    if (write(p[1], &b, 1) != 1) return -1;
    _Atomic unsigned *tail = (void *)(ring.sq + ring.p.sq_off.tail);
    unsigned mask = *(unsigned *)(ring.sq + ring.p.sq_off.ring_mask), t = atomic_load(tail), *arr = (void *)(ring.sq + ring.p.sq_off.array);
    struct io_uring_sqe *e = &ring.sqes[t & mask];
    memset(e, 0, sizeof *e);
    e->opcode = IORING_OP_READ_FIXED; e->fd = p[0]; e->addr = s->addr; e->len = 1; e->off = (uint64_t)-1; e->buf_index = 0;
    arr[t & mask] = t & mask;
    atomic_store(tail, t + 1);
    long r = syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
    close(p[0]); close(p[1]);
    if (r < 0) return r;
    _Atomic unsigned *head = (void *)(ring.cq + ring.p.cq_off.head);
    unsigned h = atomic_load(head), cm = *(unsigned *)(ring.cq + ring.p.cq_off.ring_mask);
    struct io_uring_cqe *c = (void *)(ring.cq + ring.p.cq_off.cqes);
    int res = c[h & cm].res;
    atomic_store(head, h + 1);
    if (res < 0) { errno = -res; return -1; }
    return 0;
}

static void *helper(void *u)            /* -t: spins on CPU 1, touches on demand */
{
    struct slot *s = u;
    cpu_set_t c; CPU_ZERO(&c); CPU_SET(1, &c);
    sched_setaffinity(0, sizeof c, &c);
    prctl(PR_SET_NAME, "helper");
    s->ttid = (pid_t)syscall(SYS_gettid);
    atomic_store(&s->tdone, 1);
    for (;;) {
        int k = atomic_load(&s->tcmd);
        if (!k) continue;
        touch(s, k == K_TWRITE);
        atomic_store(&s->tcmd, 0);
        atomic_store(&s->tdone, 1);
    }
    return NULL;
}

/* -t only: after a fork every private page of this process outside the arena is
 * write-protected too; break those now, so that later flushes are the arena's. */
static char alt[NPROC][16384];
static void warm(struct slot *s)
{
    static struct slot *w;
    if (!w) w = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t a = s->addr; int v = s->val;
    for (unsigned i = 0; i < sizeof alt; i += PG) ((volatile char *)alt)[i] = ((volatile char *)alt)[i];
    s->addr = (uintptr_t)w; touch(s, 1);
    s->addr = 4096; touch(s, 0);                /* a fault, signal frame and all */
    atomic_store(&s->tdone, 0); atomic_store(&s->tcmd, K_TWRITE);
    while (!atomic_load(&s->tdone)) sched_yield();
    s->addr = a; s->val = v; s->sig = 0;
}

void worker(int idx)
{
    stack_t st = { .ss_sp = alt[idx], .ss_size = sizeof alt[idx] };
    struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
again:
    me = &slots[idx];
    st.ss_sp = alt[idx];
    sigaltstack(&st, NULL);
    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (tmode && idx == 0 && !me->ttid) {
        pthread_t t;
        pthread_create(&t, NULL, helper, me);
        while (!atomic_load(&me->tdone)) sched_yield();
    }
    for (;;) {
        while (sem_wait(&me->go)) {}
        struct slot *s = me;
        void *a = (void *)(uintptr_t)s->addr;
        s->sig = 0; errno = 0; s->ret = 0;
        switch (s->op) {
        case K_MMAP:     s->ret = (long)mmap(a, s->len, s->prot, s->flags, s->fd, (off_t)s->off); break;
        case K_MUNMAP:   s->ret = munmap(a, s->len); break;
        case K_MPROTECT: s->ret = mprotect(a, s->len, s->prot); break;
        case K_MREMAP:   s->ret = (long)syscall(SYS_mremap, a, s->len, s->nlen, s->flags, s->dst); break;
        case K_MADVISE:  s->ret = madvise(a, s->len, s->adv); break;
        case K_MSYNC:    s->ret = msync(a, s->len, s->flags); break;
        case K_MINCORE:  s->ret = mincore(a, s->len, s->vec); break;
        case K_MLOCK:    s->ret = mlock(a, s->len); break;
        case K_MUNLOCK:  s->ret = munlock(a, s->len); break;
        case K_READ:     touch(s, 0); break;
        case K_WRITE:    touch(s, 1); break;
        case K_TREAD: case K_TWRITE:
            atomic_store(&s->tdone, 0);
            atomic_store(&s->tcmd, s->op);
            while (!atomic_load(&s->tdone)) sched_yield();
            break;
        case K_TRUNC:    s->ret = ftruncate(s->fd, (off_t)s->len); break;
        case K_PREAD: { unsigned char b = 0; s->ret = pread(s->fd, &b, 1, (off_t)s->off); s->val = b; break; }
        case K_PWRITE: { unsigned char b = (unsigned char)s->val; s->ret = pwrite(s->fd, &b, 1, (off_t)s->off); break; }
        case K_PIN:      s->ret = do_pin(s); break;
        case K_UNPIN:    s->ret = do_unpin(); break;
        case K_DMA:      s->ret = do_dma(s); break;
        case K_FORK: {
            int k = s->val;
            long r = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
            if (r == 0) { idx = k; ring.fd = -1; ring.on = 0; goto again; }
            s->ret = r;
            slots[k].pid = (pid_t)r;
            if (tmode && idx == 0) warm(s);
            break;
        }
        case K_EXIT: _exit(0);
        }
        s->err = errno;
        sem_post(&s->done);
    }
}
